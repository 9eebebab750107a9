//! Asks questions at a terminal: for lines, which are shown while they are typed, and for secrets,
//! which are not.
//!
//! What is typed or pasted can arrive before the program reads it, and the terminal shows it as it
//! arrives. So the terminal is set to hide all input before the first question is written, and
//! until the [`Prompter`] is dropped it shows only what arrives while [`Prompter::line`] waits for
//! an answer. Of several lines that are pasted then, that is all of them. Whatever ends the program
//! meanwhile, the terminal is restored.

#[cfg(unix)]
#[path = "prompt/unix.rs"]
mod platform;
#[cfg(windows)]
#[path = "prompt/windows.rs"]
mod platform;

use std::cell::OnceCell;
use std::io::{self, ErrorKind, IsTerminal, stdin};

use platform::Session;

/// A terminal at which questions can be asked.
pub(crate) struct Prompter {
    /// Begins with the first question: a command that asks nothing leaves the terminal alone, and
    /// so can run in the background of a shell.
    session: OnceCell<Session>,
}

impl Prompter {
    /// Returns a prompter if stdin is a terminal.
    pub(crate) fn at_terminal() -> Option<Self> {
        stdin().is_terminal().then(|| Self { session: OnceCell::new() })
    }

    /// Hides from now on what is typed before its question.
    pub(crate) fn hide_input(&self) -> io::Result<()> {
        self.session().map(drop)
    }

    /// Asks for a line, and returns it without surrounding white space.
    ///
    /// # Errors
    /// Of the kind `UnexpectedEof` if the input ends, by Ctrl-D or because the terminal is gone.
    pub(crate) fn line(&self, question: &str) -> io::Result<String> {
        Ok(self.session()?.line(question)?.trim().to_owned())
    }

    /// Asks for what must not be seen, and returns it as it was typed.
    ///
    /// # Errors
    /// As for [`Prompter::line`].
    pub(crate) fn secret(&self, question: &str) -> io::Result<String> {
        self.session()?.secret(question)
    }

    /// Asks a yes-or-no question; Enter alone means yes.
    ///
    /// # Errors
    /// As for [`Prompter::line`].
    pub(crate) fn confirm(&self, question: &str) -> io::Result<bool> {
        let answer = self.line(&format!("{question} [Y/n] "))?;
        Ok(!answer.to_lowercase().starts_with('n'))
    }

    fn session(&self) -> io::Result<&Session> {
        if self.session.get().is_none() {
            let _ = self.session.set(Session::open()?);
        }
        Ok(self.session.get().expect("it has just been set"))
    }
}

/// Reads a line with the terminal's own editing.
fn read_line() -> io::Result<String> {
    let mut typed = String::new();
    match stdin().read_line(&mut typed)? {
        0 => Err(ended()),
        _ => Ok(typed),
    }
}

fn ended() -> io::Error {
    io::Error::new(ErrorKind::UnexpectedEof, "The input ended before there was an answer")
}
