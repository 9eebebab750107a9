//! Terminals of Unix.
//!
//! A terminal has one state, which outlives the program. So what has to be restored is kept in one
//! place, where the thread that waits for signals finds it too: that thread restores the terminal
//! and only then lets the signal take effect. After a stop (Ctrl-Z) it takes the terminal again and
//! repeats the question.
//!
//! Secrets are read key by key, not line by line: the system cuts lines at 4096 bytes on Linux and
//! 1024 on macOS, less than some tokens have. Keys that mean a signal stay signals. All reading
//! goes through the one buffer of [`stdin`], so that what was typed ahead answers the questions in
//! their order.

use std::fs::File;
use std::io::{self, ErrorKind, Read, Write, stderr, stdin};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use std::thread;

use rpassword::{ConfigBuilder, read_password_with_config};
use rustix::process::{getpgrp, getsid};
use rustix::termios::{
    LocalModes, OptionalActions, SpecialCodeIndex, Termios, tcgetattr, tcsetattr,
};
use signal_hook::consts::{SIGCONT, SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGTSTP};
use signal_hook::iterator::Signals;
use signal_hook::low_level::emulate_default_handler;

use super::{ended, read_line};

static TERMINAL: Mutex<Option<Held>> = Mutex::new(None);

/// The state of the terminal while questions are asked.
struct Held {
    before: Termios,
    mode: Mode,
    question: String,
}

/// How the terminal treats what is typed.
#[derive(Clone, Copy)]
enum Mode {
    /// Keeps lines for later, and shows nothing.
    Hidden,
    /// Shows and edits a line, as it did before.
    Line,
    /// Delivers each key at once, and shows nothing.
    Keys,
}

/// The time in which questions are asked.
pub(super) struct Session(());

impl Session {
    /// Hides what is typed until the session is dropped.
    pub(super) fn open() -> io::Result<Self> {
        // First, so that no signal finds the terminal taken and nobody to restore it.
        watch_signals()?;
        let before = tcgetattr(stdin())?;
        *held() = Some(Held { before, mode: Mode::Hidden, question: String::new() });
        let session = Self(());
        enter(Mode::Hidden, "")?;
        Ok(session)
    }

    pub(super) fn line(&self, question: &str) -> io::Result<String> {
        ask(Mode::Line, question, read_line)
    }

    pub(super) fn secret(&self, question: &str) -> io::Result<String> {
        let typed = ask(Mode::Keys, question, read_secret);
        // Enter was not shown either.
        show("\n");
        typed
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        if let Some(held) = held().take() {
            held.give_back();
        }
    }
}

impl Held {
    fn take(&self) -> io::Result<()> {
        let mut settings = self.before.clone();
        let shown = LocalModes::ECHO | LocalModes::ECHONL;
        match self.mode {
            Mode::Line => {}
            Mode::Hidden => settings.local_modes.remove(shown),
            Mode::Keys => {
                settings.local_modes.remove(shown | LocalModes::ICANON);
                settings.special_codes[SpecialCodeIndex::VMIN] = 1;
                settings.special_codes[SpecialCodeIndex::VTIME] = 0;
            }
        }
        // At once: waiting for output would wait for ever after Ctrl-S, and what was typed ahead
        // stays, because it may have been pasted.
        Ok(tcsetattr(stdin(), OptionalActions::Now, &settings)?)
    }

    fn give_back(&self) {
        // If the terminal is gone, there is nobody to report to.
        let _ = tcsetattr(stdin(), OptionalActions::Now, &self.before);
    }
}

fn held() -> MutexGuard<'static, Option<Held>> {
    TERMINAL.lock().unwrap_or_else(PoisonError::into_inner)
}

fn ask(
    mode: Mode,
    question: &str,
    read: impl FnOnce() -> io::Result<String>,
) -> io::Result<String> {
    enter(mode, question)?;
    let typed = read();
    enter(Mode::Hidden, "")?;
    typed
}

/// Changes how input is treated, and only then writes the question.
fn enter(mode: Mode, question: &str) -> io::Result<()> {
    if let Some(held) = &mut *held() {
        (held.mode, held.question) = (mode, question.to_owned());
        held.take()?;
    }
    // The lock is released by now: writing can block for ever, and signals must not wait for it.
    show(question);
    Ok(())
}

/// Writes to the terminal, wherever stdout and stderr go.
fn show(text: &str) {
    let _ = match File::options().write(true).open("/dev/tty") {
        Ok(mut terminal) => terminal.write_all(text.as_bytes()),
        Err(_) => stderr().write_all(text.as_bytes()),
    };
}

/// Reads keys until Enter. The library does the editing but not the terminal's settings, because it
/// would change them only after the question and not restore them after a signal.
fn read_secret() -> io::Result<String> {
    let config = ConfigBuilder::new().input_reader(Keys).output_discard().build();
    read_password_with_config(config).map_err(|error| match error.kind() {
        ErrorKind::UnexpectedEof | ErrorKind::BrokenPipe => ended(),
        _ => error,
    })
}

/// The input, with its end as an error, which the library would otherwise take for Enter.
struct Keys;

impl Read for Keys {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        loop {
            match stdin().read(into) {
                Ok(0) => return Err(ErrorKind::BrokenPipe.into()),
                // A signal that did not end the program.
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                read => return read,
            }
        }
    }
}

/// Starts the thread that restores the terminal before a signal ends or stops the program.
fn watch_signals() -> io::Result<()> {
    static WATCH: OnceLock<()> = OnceLock::new();
    if WATCH.get().is_some() {
        return Ok(());
    }
    let mut signals = Signals::new([SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP, SIGCONT])?;
    // It stays for good, because a signal handler cannot be removed again.
    thread::Builder::new()
        .name("terminal".to_owned())
        .spawn(move || signals.forever().for_each(on_signal))?;
    let _ = WATCH.set(());
    Ok(())
}

fn on_signal(signal: i32) {
    match signal {
        SIGCONT => go_on(),
        SIGTSTP if !has_job_control() => {}
        _ => give_in(signal),
    }
}

/// Takes the terminal again after a stop.
fn go_on() {
    let question =
        held().as_ref().and_then(|held| held.take().ok().map(|()| held.question.clone()));
    question.iter().for_each(|question| show(question));
}

/// Reports whether a shell can continue the program after a stop: such a shell puts what it starts
/// into separate process groups. Otherwise the kernel would not stop the program, but once the
/// signal has a handler, the kernel no longer decides.
fn has_job_control() -> bool {
    getsid(None).is_ok_and(|session| session != getpgrp())
}

fn give_in(signal: i32) {
    let held = held();
    held.iter().for_each(Held::give_back);
    // With the lock held, so that nobody takes the terminal again before the end.
    if let Err(error) = emulate_default_handler(signal) {
        tracing::warn!("The signal {signal} could not be carried out: {error}");
    }
}
