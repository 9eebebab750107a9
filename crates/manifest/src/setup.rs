//! The types of `[setup]`, `[[setup.page]]` and `[database.NAME]`.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::duration::Duration;
use crate::model::{Scalar, environment_names, names};
use crate::service::Statuses;

/// What the app asks its user on the first run, and what its settings are afterwards.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Setup {
    /// The text of the first page.
    pub welcome: Option<String>,
    /// The text of the last page.
    pub done: Option<String>,
    /// Files with `NAME=value` lines from an earlier way to run the app, whose values can be taken
    /// over; `~/` is the user's home folder.
    pub import: Vec<String>,
    /// The pages between the first and the last.
    #[serde(rename = "page")]
    pub pages: Vec<SetupPage>,
}

impl Setup {
    /// Returns the fields of all pages, in the order of the file.
    pub fn fields(&self) -> impl Iterator<Item = &Field> {
        self.pages.iter().flat_map(|page| &page.fields)
    }

    /// Returns all checks: those of fields, then those of pages.
    pub fn checks(&self) -> impl Iterator<Item = &Check> {
        let of_fields = self.fields().filter_map(|field| field.check.as_ref());
        of_fields.chain(self.pages.iter().filter_map(|page| page.check.as_ref()))
    }
}

/// A page of set-up, and a section of the app's settings.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SetupPage {
    /// Its heading.
    #[schemars(length(min = 1, max = 100))]
    pub title: String,
    /// What people should know about it.
    #[serde(default)]
    pub text: Option<String>,
    /// What is asked.
    #[schemars(length(min = 1))]
    pub fields: Vec<Field>,
    /// How the answers of this page are tried before they are kept.
    #[serde(default)]
    pub check: Option<Check>,
}

/// Something that the app asks its user.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Field {
    /// Its name in templates: `{setup.NAME}`.
    #[schemars(extend("pattern" = r"^[a-z0-9][a-z0-9_-]{0,39}$"))]
    #[schemars(extend("patternErrorMessage" = "Expected a name of 1 to 40 lower-case letters, digits, `-` and `_`"))]
    pub name: String,
    /// What kind of answer it takes; `text` when absent.
    #[serde(default, rename = "type")]
    pub kind: FieldKind,
    /// What it is called on the page.
    #[schemars(length(min = 1, max = 100))]
    pub label: String,
    /// A help text.
    #[serde(default)]
    pub help: Option<String>,
    /// An example, shown while it is empty.
    #[serde(default)]
    pub placeholder: Option<String>,
    /// Whether the app needs an answer; `true` when absent.
    #[serde(default = "yes")]
    pub required: bool,
    /// The initial answer.
    #[serde(default)]
    pub default: Option<Scalar>,
    /// A regular expression for the whole answer.
    #[serde(default)]
    pub pattern: Option<String>,
    /// What an answer should look like, shown when `pattern` does not match.
    #[serde(default)]
    pub pattern_help: Option<String>,
    /// The smallest number.
    #[serde(default)]
    pub min: Option<f64>,
    /// The largest number.
    #[serde(default)]
    pub max: Option<f64>,
    /// The answers to choose from.
    #[serde(default)]
    pub choices: Vec<Choice>,
    /// Extensions of the files to choose from, without the dot.
    #[serde(default)]
    pub extensions: Vec<String>,
    /// Other fields, and the answers for which this one is shown.
    #[serde(default)]
    #[schemars(extend("propertyNames" = names()))]
    pub show_if: IndexMap<String, OneOf>,
    /// The environment variable in which every service and task gets the answer.
    #[serde(default)]
    #[schemars(extend("pattern" = environment_names()["pattern"].clone()))]
    #[schemars(extend("patternErrorMessage" = environment_names()["patternErrorMessage"].clone()))]
    pub env: Option<String>,
    /// How the answer is tried before it is kept.
    #[serde(default)]
    pub check: Option<Check>,
}

/// What kind of answer a field takes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum FieldKind {
    /// One line of text.
    #[default]
    Text,
    /// A password or key, kept among the secrets.
    Secret,
    /// An `http` or `https` address.
    Url,
    /// An e-mail address.
    Email,
    /// A number.
    Number,
    /// One of `choices`.
    Choice,
    /// Yes or no.
    Switch,
    /// A file that exists.
    File,
    /// A folder that exists.
    Folder,
    /// The address of a PostgreSQL database, kept among the secrets for its password.
    Database,
}

impl FieldKind {
    /// Returns whether answers of this kind are kept among the secrets.
    pub fn is_secret(self) -> bool {
        matches!(self, Self::Secret | Self::Database)
    }
}

/// An answer to choose.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Choice {
    /// An answer that is its own label.
    Plain(String),
    /// An answer with a label.
    Labelled(LabelledChoice),
}

/// An answer to choose, with a label.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LabelledChoice {
    /// The answer.
    pub value: String,
    /// What it is called on the page.
    pub label: String,
    /// A help text.
    #[serde(default)]
    pub help: Option<String>,
}

impl Choice {
    /// The answer.
    pub fn value(&self) -> &str {
        match self {
            Self::Plain(value) => value,
            Self::Labelled(choice) => &choice.value,
        }
    }
}

/// An answer, or several.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum OneOf {
    /// This one.
    One(Scalar),
    /// Any of these.
    Many(#[schemars(length(min = 1))] Vec<Scalar>),
}

impl OneOf {
    /// The answers.
    pub fn values(&self) -> &[Scalar] {
        match self {
            Self::One(value) => std::slice::from_ref(value),
            Self::Many(values) => values,
        }
    }
}

/// How answers are tried.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Check {
    /// With an HTTP request.
    Http(CheckHttp),
    /// By connecting to a PostgreSQL database.
    Postgres(CheckPostgres),
    /// With a command.
    Command(CheckCommand),
}

/// Tries answers with an HTTP request.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CheckHttp {
    /// An address, or a path of the app's own back end, which is sent the answers.
    pub http: String,
    /// The method; `GET`, and `POST` to the app's own back end, when absent.
    #[serde(default)]
    #[schemars(regex(pattern = r"^[A-Z]+$"))]
    #[schemars(extend("patternErrorMessage" = "Expected a method such as `GET`"))]
    pub method: Option<String>,
    /// Headers to send.
    #[serde(default)]
    pub headers: IndexMap<String, String>,
    /// The status, or statuses, of success; 200 to 299 when absent.
    #[serde(default)]
    pub status: Option<Statuses>,
    /// How long it may take; 10 seconds when absent.
    #[serde(default)]
    pub timeout: Option<Duration>,
}

/// Tries answers by connecting to a PostgreSQL database.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CheckPostgres {
    /// The address, such as `{setup.database_url}`.
    pub postgres: String,
    /// A query for the version of its schema.
    #[serde(default)]
    pub schema: Option<String>,
    /// How long it may take; 10 seconds when absent.
    #[serde(default)]
    pub timeout: Option<Duration>,
}

/// Tries answers with a command that exits with 0.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CheckCommand {
    /// Program and arguments; it gets the answers as the services do.
    #[schemars(length(min = 1))]
    pub command: Vec<String>,
    /// Working folder, relative to the manifest.
    #[serde(default)]
    pub cwd: Option<String>,
    /// Environment variables.
    #[serde(default)]
    #[schemars(extend("propertyNames" = environment_names()))]
    pub env: crate::model::Env,
    /// How long it may take; 10 seconds when absent.
    #[serde(default)]
    pub timeout: Option<Duration>,
}

/// A SQLite database that Ensconce backs up.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Database {
    /// Its file, such as `{data}/notes.db`.
    pub file: String,
    /// The task that changes its schema: a backup is made before, and put back if the task fails.
    #[serde(default)]
    pub migrate: Option<String>,
    /// How often a backup is made while the app runs, such as `24h`; never when absent.
    #[serde(default)]
    pub backup: Option<Duration>,
    /// How many backups are kept; 5 when absent.
    #[serde(default)]
    #[schemars(range(min = 1, max = 1000))]
    pub keep: Option<u32>,
}

fn yes() -> bool {
    true
}
