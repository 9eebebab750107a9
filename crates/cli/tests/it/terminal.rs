//! A program at a terminal: what it shows, and whether what is typed is shown.

use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::process::{Child, Command, ExitStatus};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};

use ensconce_testkit::holds_within;
use pty_process::blocking::{Command as PtyCommand, Pts, Pty, open};
use rustix::process::{Pid, Signal, kill_process};
use rustix::termios::{Action, LocalModes, Termios, tcflow, tcgetattr};

use crate::world::{DEADLINE, World};

/// A pseudo-terminal, and a program whose controlling terminal it is.
pub(crate) struct Terminal {
    keyboard: File,
    child: Child,
    screen: Arc<Mutex<Vec<u8>>>,
    reader: JoinHandle<()>,
    /// How much of the screen has been waited for.
    seen: usize,
    before: Termios,
}

/// The program's side of a terminal, with its output held back.
pub(crate) struct HeldOutput(OwnedFd);

impl HeldOutput {
    /// Lets the program write again.
    pub(crate) fn release(self) {
        tcflow(&self.0, Action::OOn).unwrap();
    }
}

impl World {
    /// Starts a command at a terminal.
    pub(crate) fn at_a_terminal(&self, line: &str) -> Terminal {
        Terminal::start(self.command(line))
    }
}

impl Terminal {
    pub(crate) fn start(command: Command) -> Self {
        let (pty, program_side) = open().unwrap();
        Self::start_at(pty, program_side, command)
    }

    /// Starts a command whose writes wait until the output is released, as after Ctrl-S.
    pub(crate) fn start_held(command: Command) -> (Self, HeldOutput) {
        let (pty, program_side) = open().unwrap();
        let held = HeldOutput(program_side.as_fd().try_clone_to_owned().unwrap());
        tcflow(&held.0, Action::OOff).unwrap();
        (Self::start_at(pty, program_side, command), held)
    }

    fn start_at(pty: Pty, program_side: Pts, command: Command) -> Self {
        let before = tcgetattr(&pty).unwrap();
        let child = PtyCommand::from(command).spawn(program_side).unwrap();
        let keyboard = File::from(OwnedFd::from(pty));
        let output = keyboard.try_clone().unwrap();
        let screen = Arc::new(Mutex::new(Vec::new()));
        let reader = thread::spawn({
            let screen = Arc::clone(&screen);
            move || read_all(output, &screen)
        });
        Self { keyboard, child, screen, reader, seen: 0, before }
    }

    /// Waits for a text behind the one that was waited for last.
    #[track_caller]
    pub(crate) fn expects(&mut self, text: &str) {
        let mut found = None;
        let came = holds_within(DEADLINE, || {
            found = self.screen()[self.seen..].find(text);
            found.is_some()
        });
        assert!(came, "`{text}` never came:\n{}", self.screen());
        self.seen += found.unwrap() + text.len();
    }

    /// Types, without Enter at the end.
    pub(crate) fn types(&self, text: &str) {
        (&self.keyboard).write_all(text.as_bytes()).unwrap();
    }

    /// Answers a question, which must not come before the terminal shows what is typed.
    #[track_caller]
    pub(crate) fn answers(&mut self, question: &str, answer: &str) {
        self.expects(question);
        assert!(!self.is_hidden(), "what answers `{question}` is not shown");
        self.types(&format!("{answer}\n"));
    }

    /// Answers a question, which must not come before the terminal hides what is typed.
    #[track_caller]
    pub(crate) fn answers_hidden(&mut self, question: &str, answer: &str) {
        self.expects(question);
        assert!(self.is_hidden(), "what answers `{question}` is shown");
        self.types(&format!("{answer}\n"));
    }

    /// Reports whether the terminal does not show what is typed.
    pub(crate) fn is_hidden(&self) -> bool {
        !self.settings().local_modes.contains(LocalModes::ECHO)
    }

    /// Waits until the terminal is as the program has found it.
    #[track_caller]
    pub(crate) fn assert_given_back(&self) {
        let same = |now: &Termios| {
            now.local_modes == self.before.local_modes
                && now.input_modes == self.before.input_modes
                && now.output_modes == self.before.output_modes
        };
        let now = self.settings();
        assert!(same(&now), "{:?} was {:?}", now.local_modes, self.before.local_modes);
    }

    fn settings(&self) -> Termios {
        tcgetattr(&self.keyboard).unwrap()
    }

    pub(crate) fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).unwrap();
    }

    pub(crate) fn screen(&self) -> String {
        String::from_utf8_lossy(&self.screen.lock().unwrap()).replace('\r', "")
    }

    /// Waits until the program has ended; returns how it ended, and all that was shown.
    #[track_caller]
    pub(crate) fn end(mut self) -> (ExitStatus, String) {
        let mut status = None;
        let ended = holds_within(DEADLINE, || {
            status = self.child.try_wait().unwrap();
            // Reading ends when nobody has the program's side open any more.
            status.is_some() && self.reader.is_finished()
        });
        assert!(ended, "It did not end:\n{}", self.screen());
        self.assert_given_back();
        (status.unwrap(), self.screen())
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn read_all(mut output: File, screen: &Mutex<Vec<u8>>) {
    let mut part = [0; 4096];
    // On Linux the end is an error.
    while let Ok(count @ 1..) = output.read(&mut part) {
        screen.lock().unwrap().extend_from_slice(&part[..count]);
    }
}
