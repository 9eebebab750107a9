//! Consoles of Windows.
//!
//! A console shows input only while a program reads lines from it. So nothing that is typed ahead
//! is shown, and the library, which turns that off before it reads, does all that is needed.
//! Command interpreters reset the console after each program, however it has ended.

use std::io::{self, Write, stderr};

use super::read_line;

/// The time in which questions are asked.
pub(super) struct Session(());

impl Session {
    pub(super) fn open() -> io::Result<Self> {
        Ok(Self(()))
    }

    pub(super) fn line(&self, question: &str) -> io::Result<String> {
        let mut screen = stderr().lock();
        let _ = screen.write_all(question.as_bytes()).and_then(|()| screen.flush());
        read_line()
    }

    pub(super) fn secret(&self, question: &str) -> io::Result<String> {
        rpassword::prompt_password(question)
    }
}
