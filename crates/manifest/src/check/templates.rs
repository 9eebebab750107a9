//! Checks the templates: that they can be parsed, and that what they name exists where they are
//! used.

use std::collections::HashMap;
use std::ops::Range;

use super::context::{Context, Named};
use super::listening::listen_name;
use super::place::Place;
use super::setup::fields;
use super::variants::{Layers, VARIANTS, Variant, in_each};
use crate::diagnostics::Finding;
use crate::model::{Check, Env, Listen, Mode, Scalar};
use crate::template::{Piece, Template, Variable};
use crate::words::quote;

pub(super) fn check(context: &Context<'_>) -> Vec<Finding> {
    let mut findings = in_each(&VARIANTS, |variant| Checker::new(context, variant).check());
    let in_dev: Vec<Variant> =
        VARIANTS.into_iter().filter(|(_, mode)| *mode == Mode::Dev).collect();
    findings.extend(in_each(&in_dev, |variant| Checker::new(context, variant).check_development()));
    findings
}

/// Whose strings are looked at.
#[derive(Clone, Copy)]
enum Owner<'a> {
    Service(&'a str, Option<Listen>),
    Task,
    Development,
    Everyone,
}

/// A string that may contain templates, and its place.
struct Text<'a> {
    text: String,
    place: Place<'a>,
    /// Whether it becomes an argument of a program, which other programs can read.
    is_argument: bool,
}

struct Checker<'c, 'a> {
    context: &'c Context<'a>,
    variant: Variant,
    listening: HashMap<&'a str, Listen>,
}

impl<'c, 'a> Checker<'c, 'a> {
    fn new(context: &'c Context<'a>, variant: Variant) -> Self {
        let names = context.manifest.services.keys().map(String::as_str);
        let listening =
            names.filter_map(|name| Some((name, context.listening(name, variant)?))).collect();
        Self { context, variant, listening }
    }

    fn check(&self) -> Vec<Finding> {
        let mut findings = self.texts(Owner::Everyone, self.everyone());
        findings.extend(self.texts(Owner::Task, self.checks()));
        findings.extend(self.services());
        findings.extend(self.tasks());
        findings
    }

    fn check_development(&self) -> Vec<Finding> {
        if self.context.faults.in_section("ui") {
            return Vec::new();
        }
        self.texts(Owner::Development, self.development())
    }

    fn everyone(&self) -> Vec<Text<'a>> {
        let place = self.context.root.get("env");
        environment(&self.context.manifest.env, |name| place.get(name))
    }

    /// Checks of the user's answers, and the files of databases.
    fn checks(&self) -> Vec<Text<'a>> {
        let list = self.context.root.get("setup").get("page");
        let pages = self.context.manifest.setup.pages.iter().enumerate();
        let of_pages = pages
            .filter(|_| !self.context.faults.in_section("setup"))
            .flat_map(|(index, page)| Some((page.check.as_ref()?, list.item(index).get("check"))));
        let of_fields = fields(self.context)
            .into_iter()
            .filter(|_| !self.context.faults.in_section("setup"))
            .filter_map(|(field, place)| Some((field.check.as_ref()?, place.get("check"))));
        let mut texts: Vec<Text<'a>> =
            of_pages.chain(of_fields).flat_map(|(check, place)| trial(check, &place)).collect();
        let databases = self.context.manifest.databases.iter();
        let place = self.context.root.get("database");
        texts.extend(databases.filter_map(|(name, database)| {
            one(Some(database.file.clone()), place.get(name).get("file"))
        }));
        texts
    }

    fn services(&self) -> Vec<Finding> {
        let (platform, mode) = self.variant;
        let services = self.context.manifest.services.iter();
        services
            .flat_map(|(name, service)| {
                let settings = service.resolve(platform, mode);
                let listen = self.listening.get(name.as_str()).copied();
                let layers = Layers::new(&self.context.service(name), self.variant);
                let mut texts = job(&settings.command, &settings.cwd, &settings.env, &layers);
                texts.extend(one(settings.handshake, layers.get("handshake")));
                self.texts(Owner::Service(name, listen), texts)
            })
            .collect()
    }

    fn tasks(&self) -> Vec<Finding> {
        let (platform, mode) = self.variant;
        let tasks = self.context.manifest.tasks.iter();
        tasks
            .flat_map(|(name, task)| {
                let settings = task.resolve(platform, mode);
                let layers = Layers::new(&self.context.task(name), self.variant);
                let mut texts = job(&settings.command, &settings.cwd, &settings.env, &layers);
                texts.extend(one(settings.unless, layers.get("unless")));
                self.texts(Owner::Task, texts)
            })
            .collect()
    }

    fn development(&self) -> Vec<Text<'a>> {
        let Some(dev) = &self.context.manifest.ui.dev else { return Vec::new() };
        let place = self.context.root.get("ui").get("dev");
        let mut texts = arguments(&dev.command, &place.get("command"));
        texts.extend(one(dev.cwd.clone(), place.get("cwd")));
        texts.extend(environment(&dev.env, |name| place.get("env").get(name)));
        texts
    }

    fn texts(&self, owner: Owner<'_>, texts: Vec<Text<'a>>) -> Vec<Finding> {
        texts.iter().flat_map(|text| self.text(owner, text)).collect()
    }

    fn text(&self, owner: Owner<'_>, text: &Text<'a>) -> Vec<Finding> {
        let place = |part: &Range<usize>| text.place.part(self.context.source, &text.text, part);
        let template = match Template::parse(&text.text) {
            Ok(template) => template,
            Err(error) => {
                let finding = Finding::new(place(&error.range), error.message);
                return vec![finding.maybe_hint(error.hint)];
            }
        };
        let variables = located(&template, &text.text);
        let wrong = |(variable, part): (&Variable, Range<usize>)| {
            let wrong = self.variable(owner, variable, place(&part));
            wrong.or_else(|| exposed(variable, place(&part)).filter(|_| text.is_argument))
        };
        variables.into_iter().filter_map(wrong).collect()
    }

    fn variable(
        &self,
        owner: Owner<'_>,
        variable: &Variable,
        range: Range<usize>,
    ) -> Option<Finding> {
        match variable {
            Variable::Port | Variable::Socket | Variable::Handshake => own(owner, variable, range),
            Variable::ServicePort(name)
            | Variable::ServiceUrl(name)
            | Variable::ServiceSocket(name) => self.of_service(owner, name, variable, range),
            Variable::Secret(name) | Variable::SecretFile(name) => self.secret(name, range),
            Variable::Setup(name) | Variable::SetupFile(name) => self.answer(name, range),
            _ => None,
        }
    }

    fn of_service(
        &self,
        owner: Owner<'_>,
        name: &str,
        variable: &Variable,
        range: Range<usize>,
    ) -> Option<Finding> {
        if self.context.named(name) != Named::Service {
            return self.context.no_service(name, range);
        }
        if matches!(owner, Owner::Service(own, _) if own == name) {
            return of_itself(variable, range);
        }
        let listen = *self.listening.get(name)?;
        let fits = match variable {
            Variable::ServiceSocket(_) => matches!(listen, Listen::Unix | Listen::Fd),
            _ => matches!(listen, Listen::Tcp | Listen::Handshake),
        };
        (!fits).then(|| unfit_service(name, listen, variable, range))
    }

    fn answer(&self, name: &str, range: Range<usize>) -> Option<Finding> {
        let known = fields(self.context).iter().any(|(field, _)| field.name == name);
        if known || self.context.faults.in_section("setup") {
            return None;
        }
        let unknown = Finding::new(range, format!("Unknown field {}", quote(name)));
        Some(unknown.hint(self.context.instead_of("setup", name)))
    }

    fn secret(&self, name: &str, range: Range<usize>) -> Option<Finding> {
        let secrets = &self.context.manifest.secrets;
        if secrets.contains_key(name) || self.context.is_faulty("secret", name) {
            return None;
        }
        let unknown = Finding::new(range, format!("Unknown secret {}", quote(name)));
        Some(unknown.hint(self.context.instead_of("secret", name)))
    }
}

/// Finds what must not be in an argument.
fn exposed(variable: &Variable, range: Range<usize>) -> Option<Finding> {
    let (Variable::Secret(name) | Variable::Setup(name)) = variable else { return None };
    let kind = if matches!(variable, Variable::Secret(_)) { "secret" } else { "setup" };
    let message = format!("`{variable}` in a command: other programs can read arguments");
    let hint =
        format!("Put it in `env`, or pass a file: {}", quote(&format!("{{{kind}.{name}.file}}")));
    Some(Finding::new(range, message).hint(hint))
}

/// Returns the texts of a check of the user's answers.
fn trial<'a>(check: &Check, place: &Place<'a>) -> Vec<Text<'a>> {
    match check {
        Check::Http(http) => {
            let headers = place.get("headers");
            let mut texts: Vec<Text<'a>> =
                one(Some(http.http.clone()), place.get("http")).into_iter().collect();
            texts.extend(
                http.headers
                    .iter()
                    .filter_map(|(name, value)| one(Some(value.clone()), headers.get(name))),
            );
            texts
        }
        Check::Postgres(database) => {
            one(Some(database.postgres.clone()), place.get("postgres")).into_iter().collect()
        }
        Check::Command(command) => {
            let mut texts = arguments(&command.command, &place.get("command"));
            texts.extend(one(command.cwd.clone(), place.get("cwd")));
            texts.extend(environment(&command.env, |name| place.get("env").get(name)));
            texts
        }
    }
}

/// Checks a variable for the service's own address: whether it may be used here, and whether there
/// is one.
fn own(owner: Owner<'_>, variable: &Variable, range: Range<usize>) -> Option<Finding> {
    let expected = match variable {
        Variable::Port => Listen::Tcp,
        Variable::Socket => Listen::Unix,
        _ => Listen::Handshake,
    };
    let finding = |why: String| Finding::new(range, format!("`{variable}` {why}"));
    match owner {
        Owner::Service(name, Some(listen)) if listen != expected => {
            let finding = finding(format!("in {}, which {}", quote(name), listens(listen)));
            Some(finding.hint(format!("Set `listen = \"{}\"`", listen_name(expected))))
        }
        Owner::Service(..) => None,
        Owner::Development if *variable == Variable::Port => None,
        Owner::Development => Some(
            finding("in `ui.dev`, which listens on a TCP port".to_owned()).hint("Use `{port}`"),
        ),
        Owner::Task => Some(
            finding("in a task: a task does not listen".to_owned())
                .hint(format!("For the address of a service, write {}", of_some_service(variable))),
        ),
        Owner::Everyone => Some(
            finding("in `env`: it differs from service to service".to_owned())
                .hint("Write it in the `env` of the service"),
        ),
    }
}

fn of_some_service(variable: &Variable) -> &'static str {
    match variable {
        Variable::Socket => "`{service.NAME.socket}`",
        _ => "`{service.NAME.port}`",
    }
}

fn of_itself(variable: &Variable, range: Range<usize>) -> Option<Finding> {
    let own = match variable {
        Variable::ServicePort(_) => "Write `{port}`",
        Variable::ServiceSocket(_) => "Write `{socket}`",
        _ => "Write `http://127.0.0.1:{port}`",
    };
    Some(Finding::new(range, format!("`{variable}` in the service itself")).hint(own))
}

fn unfit_service(name: &str, listen: Listen, variable: &Variable, range: Range<usize>) -> Finding {
    let message =
        format!("{} of {}, which {}", quote(&variable.to_string()), quote(name), listens(listen));
    let hint = match listen {
        Listen::None => "Use `{port}` in its command, or set its `listen` or `port`".to_owned(),
        Listen::Unix | Listen::Fd => {
            format!("Write {}", quote(&format!("{{service.{name}.socket}}")))
        }
        Listen::Tcp | Listen::Handshake => {
            format!("Write {}", quote(&format!("{{service.{name}.port}}")))
        }
    };
    Finding::new(range, message).hint(hint)
}

fn listens(listen: Listen) -> &'static str {
    match listen {
        Listen::Tcp => "listens on a TCP port",
        Listen::Unix => "listens on a Unix socket",
        Listen::Fd => "gets an open socket",
        Listen::Handshake => "picks its own port",
        Listen::None => "does not listen",
    }
}

/// Returns the variables of a template with their places in its text.
fn located<'t>(template: &'t Template, text: &str) -> Vec<(&'t Variable, Range<usize>)> {
    let mut at = 0;
    let mut located = Vec::new();
    for piece in &template.pieces {
        match piece {
            Piece::Text(literal) => at += spelled_length(literal),
            Piece::Variable(variable) => {
                let end = text[at..].find('}').map_or(text.len(), |length| at + length + 1);
                located.push((variable, at..end));
                at = end;
            }
        }
    }
    located
}

/// Braces are written twice.
fn spelled_length(literal: &str) -> usize {
    literal.len() + literal.matches(['{', '}']).count()
}

fn job<'a>(
    command: &Option<Vec<String>>,
    cwd: &Option<String>,
    env: &Env,
    layers: &Layers<'a>,
) -> Vec<Text<'a>> {
    let mut texts = arguments(command.as_deref().unwrap_or_default(), &layers.get("command"));
    texts.extend(one(cwd.clone(), layers.get("cwd")));
    texts.extend(environment(env, |name| layers.env(name)));
    texts
}

fn arguments<'a>(command: &[String], place: &Place<'a>) -> Vec<Text<'a>> {
    let arguments = command.iter().cloned().enumerate();
    arguments
        .map(|(index, text)| Text { text, place: place.item(index), is_argument: true })
        .collect()
}

fn one(text: Option<String>, place: Place<'_>) -> Option<Text<'_>> {
    text.map(|text| Text { text, place, is_argument: false })
}

fn environment<'a>(env: &Env, place: impl Fn(&str) -> Place<'a>) -> Vec<Text<'a>> {
    let texts = env.iter().filter_map(|(name, value)| match value {
        Scalar::String(text) => {
            Some(Text { text: text.clone(), place: place(name), is_argument: false })
        }
        _ => None,
    });
    texts.collect()
}
