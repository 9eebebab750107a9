//! What is started when a job's turn has come.

use std::collections::HashMap;
use std::ffi::OsString;
use std::fmt;
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::Arc;

use zeroize::Zeroizing;

use crate::Address;

/// Makes what to run from the addresses of all jobs, right before each start. It may take its time,
/// for a keychain may have to ask its user; a stop does not wait for it.
pub type Render =
    Arc<dyn Fn(Addresses) -> BoxFuture<'static, Result<Launch, RenderError>> + Send + Sync>;

/// A future of any type, to be awaited on any thread.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Where jobs listen, by name, as far as it is known yet.
pub type Addresses = HashMap<String, Address>;

/// What to do when a job's turn has come.
#[derive(Debug, Clone)]
pub enum Launch {
    /// Run this.
    Run(Program),
    /// Nothing, for this reason; counts as done.
    Skip(String),
}

/// Why it cannot be said what to run: a sentence for people.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct RenderError(String);

impl RenderError {
    /// Makes an error of a sentence.
    pub fn new(sentence: impl Into<String>) -> Self {
        Self(sentence.into())
    }
}

impl From<String> for RenderError {
    fn from(sentence: String) -> Self {
        Self(sentence)
    }
}

/// A program to start.
#[derive(Clone)]
pub struct Program {
    /// The program and its arguments.
    pub command: Vec<OsString>,
    /// Variables that are set in addition to the inherited ones.
    pub env: Vec<(OsString, OsString)>,
    /// The working folder.
    pub cwd: PathBuf,
    /// What it finds on its standard input, before the end of file; nothing if there is none.
    pub input: Option<Input>,
}

/// Arguments and the values of variables may be secrets, so only names are shown.
impl fmt::Debug for Program {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Program")
            .field("program", &self.command.first())
            .field("env", &self.env.iter().map(|(name, _)| name).collect::<Vec<_>>())
            .field("cwd", &self.cwd)
            .finish_non_exhaustive()
    }
}

/// What a program finds on its standard input.
///
/// It may hold secrets: it is never shown, and overwritten in memory when the last clone is dropped.
#[derive(Clone)]
pub struct Input(Arc<Zeroizing<Vec<u8>>>);

impl Input {
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.0
    }
}

impl From<Vec<u8>> for Input {
    fn from(bytes: Vec<u8>) -> Self {
        Self(Arc::new(Zeroizing::new(bytes)))
    }
}

impl From<String> for Input {
    fn from(text: String) -> Self {
        text.into_bytes().into()
    }
}

impl fmt::Debug for Input {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Input(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_of_a_program_are_not_shown() {
        let input = Input::from("hunter2".to_owned());
        assert_eq!(format!("{input:?}"), "Input(…)");
        let program = Program {
            command: vec!["api".into(), "hunter2".into()],
            env: vec![("KEY".into(), "hunter2".into())],
            cwd: "/".into(),
            input: Some(input),
        };
        let shown = format!("{:?}", Launch::Run(program));
        assert_eq!(shown, r#"Run(Program { program: Some("api"), env: ["KEY"], cwd: "/", .. })"#);
    }
}
