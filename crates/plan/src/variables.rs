//! Resolves template variables to their values, in the context of one job.

use std::path::Path;

use ensconce_manifest::{Manifest, Piece, Template, Variable};

use crate::{Facts, ListenPlan, Part, PlanError, PythonChoice, Text};

/// Looks up where a service listens.
pub(crate) type ListenOf<'a> = Box<dyn Fn(&str) -> Option<ListenPlan> + 'a>;

/// What a job's variables can refer to.
pub(crate) struct VariableContext<'a> {
    pub(crate) manifest: &'a Manifest,
    pub(crate) facts: &'a Facts,
    pub(crate) job: &'a str,
    pub(crate) listen: &'a ListenPlan,
    pub(crate) python: Option<&'a PythonChoice>,
    /// Where another service listens.
    pub(crate) listen_of: ListenOf<'a>,
}

impl VariableContext<'_> {
    /// Parses a template and fills in what is known. The manifest's check has parsed it before, so
    /// one that cannot be parsed stands for itself.
    pub(crate) fn text(&self, template: &str) -> Result<Text, PlanError> {
        let Ok(template) = Template::parse(template) else { return Ok(Text::known(template)) };
        let mut parts = Vec::new();
        for piece in template.pieces {
            let part = match piece {
                Piece::Text(text) => Part::Known(text),
                Piece::Variable(variable) => {
                    if let Variable::ServiceUrl(service) = &variable {
                        push(&mut parts, Part::Known("http://".to_owned()));
                        push(&mut parts, Part::Host(service.clone()));
                        push(&mut parts, Part::Known(":".to_owned()));
                    }
                    self.value(&variable)?
                }
            };
            push(&mut parts, part);
        }
        Ok(Text(parts))
    }

    /// Does the same for a path, which must be known before the start.
    pub(crate) fn known(&self, template: &str) -> Result<String, PlanError> {
        match self.text(template)?.0.as_slice() {
            [] => Ok(String::new()),
            [Part::Known(path)] => Ok(path.clone()),
            _ => Err(PlanError::NoSuchValue {
                job: self.job.to_owned(),
                variable: template.to_owned(),
                why: "a path must be known before the start".to_owned(),
            }),
        }
    }

    fn value(&self, variable: &Variable) -> Result<Part, PlanError> {
        let folders = &self.facts.folders;
        Ok(match variable {
            Variable::Data => path(&folders.data),
            Variable::Config => path(&folders.config),
            Variable::Cache => path(&folders.cache),
            Variable::Logs => path(&folders.logs),
            Variable::Run => path(&folders.run),
            Variable::Resources => path(&self.facts.resources),
            Variable::Python => match self.python {
                Some(python) => path(&python.interpreter),
                None => return self.none(variable, "no interpreter was chosen"),
            },
            Variable::Port => self.port_of(variable, self.job, self.listen)?,
            Variable::Socket => self.socket_of(variable, self.listen)?,
            Variable::Handshake => match self.listen {
                ListenPlan::Handshake(file) => path(file),
                _ => return self.none(variable, "it does not report its port"),
            },
            Variable::Origin => Part::Origin,
            Variable::ControlUrl => Part::ControlUrl,
            Variable::ControlToken => Part::ControlToken,
            Variable::AppId => Part::Known(self.manifest.app.id.clone()),
            Variable::AppName => Part::Known(self.manifest.app.name.clone()),
            Variable::AppVersion => Part::Known(self.manifest.app.version.clone()),
            Variable::ServicePort(name) | Variable::ServiceUrl(name) => {
                self.port_of(variable, name, &self.listen(name))?
            }
            Variable::ServiceSocket(name) => self.socket_of(variable, &self.listen(name))?,
            Variable::Secret(name) => Part::Secret(name.clone()),
            Variable::SecretFile(name) => Part::SecretFile(name.clone()),
            Variable::Setup(name) => Part::Answer(name.clone()),
            Variable::SetupFile(name) => Part::AnswerFile(name.clone()),
            Variable::Env(name) => match self.facts.env.get(name) {
                Some(value) => Part::Known(value.clone()),
                None => {
                    let (job, name) = (self.job.to_owned(), name.clone());
                    return Err(PlanError::MissingVariable { job, name });
                }
            },
        })
    }

    fn listen(&self, service: &str) -> ListenPlan {
        (self.listen_of)(service).unwrap_or(ListenPlan::Nowhere)
    }

    fn port_of(
        &self,
        variable: &Variable,
        job: &str,
        listen: &ListenPlan,
    ) -> Result<Part, PlanError> {
        match listen {
            ListenPlan::Tcp(Some(port)) => Ok(Part::Known(port.to_string())),
            ListenPlan::Tcp(None) => Ok(Part::Port(job.to_owned())),
            ListenPlan::Handshake(_) if job != self.job => Ok(Part::Port(job.to_owned())),
            _ => self.none(variable, "there is no TCP port"),
        }
    }

    fn socket_of(&self, variable: &Variable, listen: &ListenPlan) -> Result<Part, PlanError> {
        match listen {
            ListenPlan::Unix(socket) | ListenPlan::Fd(socket) => Ok(path(socket)),
            _ => self.none(variable, "there is no Unix socket"),
        }
    }

    fn none<T>(&self, variable: &Variable, why: &str) -> Result<T, PlanError> {
        Err(PlanError::NoSuchValue {
            job: self.job.to_owned(),
            variable: variable.to_string(),
            why: why.to_owned(),
        })
    }
}

fn path(path: &Path) -> Part {
    Part::Known(path.display().to_string())
}

fn push(parts: &mut Vec<Part>, part: Part) {
    match (parts.last_mut(), part) {
        (Some(Part::Known(before)), Part::Known(text)) => before.push_str(&text),
        (_, part) => parts.push(part),
    }
}
