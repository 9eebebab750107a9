//! Asks somebody at a terminal: lines that are shown while they are typed, and secrets that are
//! not.
//!
//! What is typed or pasted can arrive before the program is ready to read it, and the terminal
//! shows it as it arrives. So the terminal is made to hide everything before the first question is
//! written, and until the [`Prompter`] is dropped it shows nothing but the answers that
//! [`Prompter::line`] waits for. Whatever ends the program meanwhile, it leaves the terminal as it
//! was.

#[cfg(unix)]
#[path = "prompt/unix.rs"]
mod platform;
#[cfg(windows)]
#[path = "prompt/windows.rs"]
mod platform;

use std::cell::OnceCell;
use std::io::{self, ErrorKind, IsTerminal, stdin};

use platform::Session;

/// Somebody at a terminal, who can be asked.
pub(crate) struct Prompter {
    /// Begins with the first question: a command that asks nothing leaves the terminal alone, and
    /// so can run in the background of a shell.
    session: OnceCell<Session>,
}

impl Prompter {
    /// Returns a prompter when stdin is a terminal.
    pub(crate) fn at_terminal() -> Option<Self> {
        stdin().is_terminal().then(|| Self { session: OnceCell::new() })
    }

    /// Hides from now on what is typed before it is asked for.
    pub(crate) fn hide_input(&self) -> io::Result<()> {
        self.session().map(drop)
    }

    /// Asks for a line, and returns it without what surrounds it.
    ///
    /// # Errors
    /// Of the kind `UnexpectedEof` when the input ends, by Ctrl-D or because nobody is there.
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

    /// Asks whether something is to be done; Enter alone means yes.
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

/// Reads a line, as the terminal edits it.
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
