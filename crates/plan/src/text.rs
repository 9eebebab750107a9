//! Text with placeholders for what is known only at the start.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr};

use serde::{Serialize, Serializer};

/// Text, parts of which are known only when a job starts.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Text(pub Vec<Part>);

/// A part of a [`Text`].
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Part {
    /// Known now.
    Known(String),
    /// A secret; never shown.
    Secret(String),
    /// The path of a private file that holds a secret.
    SecretFile(String),
    /// What the user has answered; never shown.
    Answer(String),
    /// The path of a private file that holds what the user has answered.
    AnswerFile(String),
    /// The TCP port of a job.
    Port(String),
    /// The loopback address at which a job listens, as a URL has it: `127.0.0.1` or `[::1]`.
    Host(String),
    /// The origin of the pages.
    Origin,
    /// The address of the control port.
    ControlUrl,
    /// The back end's token for the control port; never shown.
    ControlToken,
}

/// Looks up what the parts stand for, at the start of a job.
pub trait Lookup {
    /// Returns the value of a secret.
    fn secret(&self, name: &str) -> Option<String>;
    /// Returns the path of a private file that holds a secret.
    fn secret_file(&self, _name: &str) -> Option<String> {
        None
    }
    /// Returns what the user has answered; empty if there is no answer.
    fn answer(&self, _name: &str) -> Option<String> {
        None
    }
    /// The path of a private file that holds what the user has answered.
    fn answer_file(&self, _name: &str) -> Option<String> {
        None
    }
    /// The TCP port of a job.
    fn port(&self, job: &str) -> Option<u16>;
    /// The loopback address of a job; `None` as long as nothing else is known than `127.0.0.1`.
    fn host(&self, _job: &str) -> Option<IpAddr> {
        None
    }
    /// The origin of the pages.
    fn origin(&self) -> Option<String>;
    /// The address of the control port, such as `http://127.0.0.1:4312`.
    fn control_url(&self) -> Option<String>;
    /// The back end's token for the control port.
    fn control_token(&self) -> Option<String>;
}

impl Text {
    /// Returns text that is known now.
    pub fn known(text: impl Into<String>) -> Self {
        Self(vec![Part::Known(text.into())])
    }

    /// Fills in what the parts stand for; the error names the part that has no value.
    ///
    /// # Errors
    /// When the lookup has no value for a part.
    pub fn resolve(&self, lookup: &dyn Lookup) -> Result<String, String> {
        let mut resolved = String::new();
        for part in &self.0 {
            let value = match part {
                Part::Known(text) => Some(text.clone()),
                Part::Secret(name) => lookup.secret(name),
                Part::SecretFile(name) => lookup.secret_file(name),
                Part::Answer(name) => lookup.answer(name),
                Part::AnswerFile(name) => lookup.answer_file(name),
                Part::Port(job) => lookup.port(job).map(|port| port.to_string()),
                Part::Host(job) => Some(host(lookup.host(job))),
                Part::Origin => lookup.origin(),
                Part::ControlUrl => lookup.control_url(),
                Part::ControlToken => lookup.control_token(),
            };
            match value {
                Some(value) => resolved.push_str(&value),
                None => return Err(format!("the value of {part} is not known")),
            }
        }
        Ok(resolved)
    }

    /// Returns the secrets in it.
    pub fn secrets(&self) -> impl Iterator<Item = &str> {
        self.0.iter().filter_map(|part| match part {
            Part::Secret(name) | Part::SecretFile(name) => Some(name.as_str()),
            _ => None,
        })
    }

    /// Returns the answers in it, by the names of their fields.
    pub fn answers(&self) -> impl Iterator<Item = &str> {
        self.0.iter().filter_map(|part| match part {
            Part::Answer(name) | Part::AnswerFile(name) => Some(name.as_str()),
            _ => None,
        })
    }

    /// Returns the name of the field, if the text is exactly one answer.
    pub fn only_answer(&self) -> Option<&str> {
        match self.0.as_slice() {
            [Part::Answer(name)] => Some(name),
            _ => None,
        }
    }
}

/// Most servers listen at the address of IPv4; some that are told `localhost` only at the other.
fn host(ip: Option<IpAddr>) -> String {
    match ip {
        Some(IpAddr::V6(ip)) => format!("[{ip}]"),
        Some(IpAddr::V4(ip)) => ip.to_string(),
        None => Ipv4Addr::LOCALHOST.to_string(),
    }
}

impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|part| part.fmt(f))
    }
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Known(text) => f.write_str(text),
            Self::Secret(name) => write!(f, "<secret {name}>"),
            Self::SecretFile(name) => write!(f, "<file of secret {name}>"),
            Self::Answer(name) => write!(f, "<answer {name}>"),
            Self::AnswerFile(name) => write!(f, "<file of answer {name}>"),
            Self::Port(job) => write!(f, "<port of {job}>"),
            Self::Host(job) => write!(f, "<host of {job}>"),
            Self::Origin => f.write_str("<origin>"),
            Self::ControlUrl => f.write_str("<control url>"),
            Self::ControlToken => f.write_str("<control token>"),
        }
    }
}

impl Serialize for Text {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
