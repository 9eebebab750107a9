//! Templates in strings: `sqlite:///{data}/notes.db`.
//!
//! It knows which names exist and how they are written; the plan knows what they stand for.

use std::fmt;
use std::ops::Range;

use crate::near::nearest;
use crate::words::quote;

/// A string in which names in braces stand for something known only later.
///
/// `{{` and `}}` are literal braces. `Display` writes the template as it is parsed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Template {
    /// Text and variables, in order; no two texts stand side by side.
    pub pieces: Vec<Piece>,
}

/// A part of a [`Template`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    /// Literal text, its braces already single.
    Text(String),
    /// A name that stands for something.
    Variable(Variable),
}

/// What a name in braces stands for.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Variable {
    /// `{data}`: the folder of the user's data.
    Data,
    /// `{config}`: the folder of settings.
    Config,
    /// `{cache}`: the folder for what can be recreated.
    Cache,
    /// `{logs}`: the folder of logs.
    Logs,
    /// `{run}`: a private folder for this run, for sockets and the like.
    Run,
    /// `{resources}`: the folder of the app's own files, where the manifest is.
    Resources,
    /// `{python}`: the Python interpreter.
    Python,
    /// `{port}`: the TCP port of the service itself.
    Port,
    /// `{socket}`: the Unix socket of the service itself.
    Socket,
    /// `{handshake}`: the file to which the service itself writes its port.
    Handshake,
    /// `{origin}`: the origin of the pages.
    Origin,
    /// `{app.id}`: the app's id.
    AppId,
    /// `{app.name}`: the app's name.
    AppName,
    /// `{app.version}`: the app's version.
    AppVersion,
    /// `{control.url}`: where the app's own back end can ask for its state, or for a restart.
    ControlUrl,
    /// `{control.token}`: the token for such requests.
    ControlToken,
    /// `{service.NAME.port}`: the TCP port of a service.
    ServicePort(String),
    /// `{service.NAME.url}`: the address of a service, such as `http://127.0.0.1:4312`.
    ServiceUrl(String),
    /// `{service.NAME.socket}`: the Unix socket of a service.
    ServiceSocket(String),
    /// `{secret.NAME}`: a secret.
    Secret(String),
    /// `{secret.NAME.file}`: a private file that holds a secret.
    SecretFile(String),
    /// `{setup.NAME}`: what the user has answered.
    Setup(String),
    /// `{setup.NAME.file}`: a private file that holds what the user has answered.
    SetupFile(String),
    /// `{env.NAME}`: an environment variable of the machine.
    Env(String),
}

/// A template that cannot be parsed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct TemplateError {
    /// Where, in bytes of the text.
    pub range: Range<usize>,
    /// What is wrong.
    pub message: String,
    /// What to write instead.
    pub hint: Option<String>,
}

/// The names that have no variable part.
const PLAIN: [(&str, Variable); 16] = [
    ("data", Variable::Data),
    ("config", Variable::Config),
    ("cache", Variable::Cache),
    ("logs", Variable::Logs),
    ("run", Variable::Run),
    ("resources", Variable::Resources),
    ("python", Variable::Python),
    ("port", Variable::Port),
    ("socket", Variable::Socket),
    ("handshake", Variable::Handshake),
    ("origin", Variable::Origin),
    ("app.id", Variable::AppId),
    ("app.name", Variable::AppName),
    ("app.version", Variable::AppVersion),
    ("control.url", Variable::ControlUrl),
    ("control.token", Variable::ControlToken),
];

/// What a template can refer to in a service.
const SERVICE_FIELDS: [&str; 3] = ["port", "url", "socket"];

const LITERAL_BRACES: &str = "Write `{{` and `}}` for literal braces";

impl Template {
    /// Parses a template, up to its first mistake.
    pub fn parse(text: &str) -> Result<Self, TemplateError> {
        let mut template = Self::default();
        let mut at = 0;
        while let Some(brace) = text[at..].find(['{', '}']).map(|offset| at + offset) {
            template.push_text(&text[at..brace]);
            at = template.push_brace(text, brace)?;
        }
        template.push_text(&text[at..]);
        Ok(template)
    }

    /// Makes a template of literal text, braces included.
    pub fn literal(text: impl Into<String>) -> Self {
        let mut template = Self::default();
        template.push_text(&text.into());
        template
    }

    /// Returns the variables, in order.
    pub fn variables(&self) -> impl Iterator<Item = &Variable> {
        self.pieces.iter().filter_map(|piece| match piece {
            Piece::Variable(variable) => Some(variable),
            Piece::Text(_) => None,
        })
    }

    /// Parses what begins with a brace, and returns where it ends.
    fn push_brace(&mut self, text: &str, brace: usize) -> Result<usize, TemplateError> {
        let rest = &text[brace..];
        if rest.starts_with("{{") || rest.starts_with("}}") {
            self.push_text(&rest[..1]);
            return Ok(brace + 2);
        }
        let end = match rest[1..].find(['{', '}']) {
            Some(length) if rest.starts_with('{') && rest[1 + length..].starts_with('}') => {
                brace + 1 + length
            }
            _ => return Err(lone_brace(brace, &rest[..1])),
        };
        let variable =
            parse_variable(&text[brace + 1..end]).map_err(|unknown| unknown.at(brace..end + 1))?;
        self.pieces.push(Piece::Variable(variable));
        Ok(end + 1)
    }

    fn push_text(&mut self, text: &str) {
        match self.pieces.last_mut() {
            _ if text.is_empty() => {}
            Some(Piece::Text(last)) => last.push_str(text),
            _ => self.pieces.push(Piece::Text(text.to_owned())),
        }
    }
}

impl fmt::Display for Template {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.pieces.iter().try_for_each(|piece| match piece {
            Piece::Text(text) => f.write_str(&text.replace('{', "{{").replace('}', "}}")),
            Piece::Variable(variable) => variable.fmt(f),
        })
    }
}

impl std::str::FromStr for Template {
    type Err = TemplateError;

    fn from_str(text: &str) -> Result<Self, TemplateError> {
        Self::parse(text)
    }
}

impl fmt::Display for Variable {
    /// Writes it as in a template, braces included.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ServicePort(name) => write!(f, "{{service.{name}.port}}"),
            Self::ServiceUrl(name) => write!(f, "{{service.{name}.url}}"),
            Self::ServiceSocket(name) => write!(f, "{{service.{name}.socket}}"),
            Self::Secret(name) => write!(f, "{{secret.{name}}}"),
            Self::SecretFile(name) => write!(f, "{{secret.{name}.file}}"),
            Self::Setup(name) => write!(f, "{{setup.{name}}}"),
            Self::SetupFile(name) => write!(f, "{{setup.{name}.file}}"),
            Self::Env(name) => write!(f, "{{env.{name}}}"),
            plain => {
                let name = PLAIN.iter().find(|(_, variable)| variable == plain);
                write!(f, "{{{}}}", name.map_or("", |(name, _)| *name))
            }
        }
    }
}

/// A name that refers to nothing.
struct Unknown {
    message: String,
    hint: String,
}

impl Unknown {
    fn at(self, range: Range<usize>) -> TemplateError {
        TemplateError { range, message: self.message, hint: Some(self.hint) }
    }
}

fn parse_variable(name: &str) -> Result<Variable, Unknown> {
    if let Some((_, variable)) = PLAIN.iter().find(|(plain, _)| *plain == name) {
        return Ok(variable.clone());
    }
    match name.split_once('.') {
        Some(("service", rest)) => parse_service(name, rest),
        Some(("secret", rest)) if !rest.is_empty() => {
            Ok(of_value(rest, Variable::Secret, Variable::SecretFile))
        }
        Some(("setup", rest)) if !rest.is_empty() => {
            Ok(of_value(rest, Variable::Setup, Variable::SetupFile))
        }
        Some(("env", variable)) if !variable.is_empty() => Ok(Variable::Env(variable.to_owned())),
        _ => Err(unknown(name)),
    }
}

/// Distinguishes a value from the file that holds it.
fn of_value(rest: &str, value: fn(String) -> Variable, file: fn(String) -> Variable) -> Variable {
    match rest.strip_suffix(".file") {
        Some(name) if !name.is_empty() => file(name.to_owned()),
        _ => value(rest.to_owned()),
    }
}

fn parse_service(name: &str, rest: &str) -> Result<Variable, Unknown> {
    let (service, field) = rest.rsplit_once('.').unwrap_or((rest, ""));
    let of = |variable: fn(String) -> Variable| Ok(variable(service.to_owned()));
    match field {
        _ if service.is_empty() => Err(incomplete_service(name, "NAME", "port")),
        "port" => of(Variable::ServicePort),
        "url" => of(Variable::ServiceUrl),
        "socket" => of(Variable::ServiceSocket),
        _ => {
            let meant = nearest(field, SERVICE_FIELDS).unwrap_or("port");
            Err(incomplete_service(name, service, meant))
        }
    }
}

fn incomplete_service(name: &str, service: &str, field: &str) -> Unknown {
    let meant = quote(&format!("{{service.{service}.{field}}}"));
    Unknown {
        message: format!("Unknown template {}", quote(&format!("{{{name}}}"))),
        hint: format!("A service has a `port`, a `url` and a `socket`: {meant}"),
    }
}

fn unknown(name: &str) -> Unknown {
    Unknown {
        message: format!("Unknown template {}", quote(&format!("{{{name}}}"))),
        hint: meant_by(name),
    }
}

fn meant_by(name: &str) -> String {
    let trimmed = name.trim();
    if trimmed != name && parse_variable(trimmed).is_ok() {
        return format!("Write {}, without spaces", quote(&format!("{{{trimmed}}}")));
    }
    if let Some(known) = nearest(trimmed, PLAIN.iter().map(|(known, _)| *known)) {
        return format!("Did you mean `{{{known}}}`?");
    }
    if is_environment_name(trimmed) {
        return format!("For an environment variable, write `{{env.{trimmed}}}`");
    }
    match trimmed.split_once('.') {
        Some((head, rest)) if !rest.is_empty() => meant_by_head(head, rest),
        _ => LITERAL_BRACES.to_owned(),
    }
}

fn meant_by_head(head: &str, rest: &str) -> String {
    match nearest(head, ["service", "secret", "setup", "env", "app"]) {
        Some(known) if known != head => {
            format!("Did you mean {}?", quote(&format!("{{{known}.{rest}}}")))
        }
        _ => LITERAL_BRACES.to_owned(),
    }
}

fn is_environment_name(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_uppercase())
        && name.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_')
}

fn lone_brace(at: usize, brace: &str) -> TemplateError {
    TemplateError {
        range: at..at + 1,
        message: format!("Unmatched `{brace}`"),
        hint: Some(format!("Write `{brace}{brace}` for a literal brace")),
    }
}
