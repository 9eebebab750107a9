//! What the app asks its user, and the databases that are backed up.

use std::path::PathBuf;
use std::time::Duration;

use ensconce_manifest::{
    Check, CheckHttp, Field, Manifest, SetupPage as WrittenPage, Template, Variable,
};
use serde::Serialize;

use crate::job::{as_map, as_milliseconds, as_optional_milliseconds};
use crate::rules::statuses;
use crate::variables::Context;
use crate::{PlanError, PlanErrors, RoutePlan, Text, UiRoot};

/// How long a check of answers may take by default.
const CHECK_TIMEOUT: Duration = Duration::from_secs(10);

/// What the app asks its user.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct SetupPlan {
    /// The text of the first page.
    pub welcome: Option<String>,
    /// The text of the last page.
    pub done: Option<String>,
    /// Files from an earlier way to run the app, whose values can be taken over.
    pub imports: Vec<String>,
    /// Its pages.
    pub pages: Vec<SetupPage>,
}

/// A page of set-up.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SetupPage {
    /// Its heading.
    pub title: String,
    /// What people should know about it.
    pub text: Option<String>,
    /// What is asked.
    pub fields: Vec<FieldPlan>,
    /// How the page's answers are tried.
    pub check: Option<CheckPlan>,
}

/// Something that is asked.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FieldPlan {
    /// As the manifest has it.
    #[serde(flatten)]
    pub field: Field,
    /// How the answer is tried.
    #[serde(rename = "trial")]
    pub check: Option<CheckPlan>,
}

/// How answers are tried.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CheckPlan {
    /// The means.
    #[serde(flatten)]
    pub means: CheckMeans,
    /// How long it may take.
    #[serde(rename = "timeout_ms", serialize_with = "as_milliseconds")]
    pub timeout: Duration,
}

/// The means by which answers are tried.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum CheckMeans {
    /// The app's own back end is sent the answers.
    BackEnd {
        /// The service.
        service: String,
        /// What it is asked for.
        path: String,
        /// The method.
        method: String,
        /// The statuses of success; 200 to 299 when empty.
        statuses: Vec<u16>,
    },
    /// An address is asked.
    Http {
        /// The address.
        url: Text,
        /// The method.
        method: String,
        /// Headers to send.
        headers: Vec<(String, Text)>,
        /// The statuses of success; 200 to 299 when empty.
        statuses: Vec<u16>,
    },
    /// A PostgreSQL database is connected to.
    Postgres {
        /// Its address.
        url: Text,
        /// A query for the version of its schema.
        schema: Option<String>,
    },
    /// A command is run.
    Command {
        /// Program and arguments.
        command: Vec<Text>,
        /// Variables that are set in addition to the inherited ones.
        #[serde(serialize_with = "as_map")]
        env: Vec<(String, Text)>,
        /// Working folder.
        cwd: PathBuf,
    },
}

/// A SQLite database that is backed up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DatabasePlan {
    /// Its name.
    pub name: String,
    /// Its file.
    pub file: PathBuf,
    /// The task that changes its schema.
    pub migrate: Option<String>,
    /// How often a backup is made.
    #[serde(rename = "backup_ms", serialize_with = "as_optional_milliseconds")]
    pub backup: Option<Duration>,
    /// How many backups are kept.
    pub keep: u32,
}

impl SetupPlan {
    /// Returns all fields, in order.
    pub fn fields(&self) -> impl Iterator<Item = &Field> {
        self.pages.iter().flat_map(|page| &page.fields).map(|field| &field.field)
    }

    /// Returns the services that checks ask, and that must therefore run before there are answers.
    pub fn asked_services(&self) -> impl Iterator<Item = &str> {
        let of_fields = self.pages.iter().flat_map(|page| &page.fields);
        let checks = of_fields.filter_map(|field| field.check.as_ref());
        let checks = checks.chain(self.pages.iter().filter_map(|page| page.check.as_ref()));
        checks.filter_map(|check| match &check.means {
            CheckMeans::BackEnd { service, .. } => Some(service.as_str()),
            _ => None,
        })
    }
}

/// What answers the pages, for checks that ask the app's own back end.
pub(crate) struct Site<'a> {
    pub(crate) root: &'a UiRoot,
    pub(crate) routes: &'a [RoutePlan],
}

impl Site<'_> {
    /// Finds the service for a path, and the path as it sees it.
    fn find(&self, path: &str) -> Option<(String, String)> {
        let takes = |route: &&RoutePlan| {
            let prefix = route.path.trim_end_matches('/');
            let rest = path.strip_prefix(prefix);
            route.host.is_none()
                && rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '?']))
        };
        let longest = self.routes.iter().filter(takes).max_by_key(|route| route.path.len());
        match (longest, self.root) {
            (Some(route), _) => {
                let rest = path.strip_prefix(route.path.trim_end_matches('/')).unwrap_or(path);
                let stripped =
                    if rest.starts_with('/') { rest.to_owned() } else { format!("/{rest}") };
                let seen = if route.strip { stripped } else { path.to_owned() };
                Some((route.service.clone(), seen))
            }
            (None, UiRoot::Service(service)) => Some((service.clone(), path.to_owned())),
            (None, _) => None,
        }
    }
}

/// The context in which a page of set-up is planned.
pub(crate) struct Planning<'a> {
    pub(crate) context: Context<'a>,
    pub(crate) site: Site<'a>,
}

impl Planning<'_> {
    pub(crate) fn pages(&self, written: &[WrittenPage]) -> Result<Vec<SetupPage>, PlanErrors> {
        let mut errors = Vec::new();
        let mut pages = Vec::new();
        for page in written {
            let mut planned = |check: &Option<Check>| {
                let planned = check.as_ref().map(|check| self.check(check)).transpose();
                planned.unwrap_or_else(|error| {
                    errors.push(error);
                    None
                })
            };
            let fields = page.fields.iter();
            let fields = fields
                .map(|field| FieldPlan { field: field.clone(), check: planned(&field.check) })
                .collect();
            pages.push(SetupPage {
                title: page.title.clone(),
                text: page.text.clone(),
                fields,
                check: planned(&page.check),
            });
        }
        if errors.is_empty() { Ok(pages) } else { Err(PlanErrors(errors)) }
    }

    fn check(&self, check: &Check) -> Result<CheckPlan, PlanError> {
        let (means, timeout) = match check {
            Check::Http(http) => (self.http(http)?, http.timeout),
            Check::Postgres(postgres) => {
                let url = self.context.text(&postgres.postgres)?;
                (CheckMeans::Postgres { url, schema: postgres.schema.clone() }, postgres.timeout)
            }
            Check::Command(command) => {
                let resources = &self.context.facts.resources;
                let cwd = match &command.cwd {
                    Some(cwd) => resources.join(self.context.known(cwd)?),
                    None => resources.clone(),
                };
                let argument = |argument: &String| self.context.text(argument);
                let mut planned =
                    command.command.iter().map(argument).collect::<Result<Vec<_>, _>>()?;
                crate::planner::anchor(planned.first_mut(), &cwd);
                let variable = |(name, value): (&String, &ensconce_manifest::Scalar)| {
                    Ok((name.clone(), self.context.text(&value.to_string())?))
                };
                let mut env = command.env.iter().map(variable).collect::<Result<_, PlanError>>()?;
                crate::programs::prefer_own(self.context.facts, &mut planned, &mut env);
                (CheckMeans::Command { command: planned, env, cwd }, command.timeout)
            }
        };
        Ok(CheckPlan { means, timeout: timeout.map_or(CHECK_TIMEOUT, |timeout| timeout.0) })
    }

    fn http(&self, http: &CheckHttp) -> Result<CheckMeans, PlanError> {
        let statuses = statuses(http.status.as_ref());
        let own = http.http.starts_with('/').then(|| self.site.find(&http.http)).flatten();
        let method = |usual: &str| http.method.clone().unwrap_or_else(|| usual.to_owned());
        Ok(match own {
            Some((service, path)) => {
                CheckMeans::BackEnd { service, path, method: method("POST"), statuses }
            }
            None => CheckMeans::Http {
                url: self.context.text(&http.http)?,
                method: method("GET"),
                headers: http
                    .headers
                    .iter()
                    .map(|(name, value)| Ok((name.clone(), self.context.text(value)?)))
                    .collect::<Result<_, PlanError>>()?,
                statuses,
            },
        })
    }
}

/// Returns whether a check's command uses `{python}`.
pub(crate) fn uses_python(manifest: &Manifest) -> bool {
    manifest.setup.checks().any(|check| match check {
        Check::Command(command) => command.command.iter().any(|argument| {
            let template = Template::parse(argument).unwrap_or_default();
            template.variables().any(|variable| *variable == Variable::Python)
        }),
        _ => false,
    })
}
