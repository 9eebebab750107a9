//! A program that runs, line by line.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use crate::world::{DEADLINE, World};

pub(crate) struct Running {
    child: Child,
    stdout: Lines,
    stderr: Lines,
}

/// How it ended.
pub(crate) struct Ended {
    pub(crate) code: Option<i32>,
    /// What has not been waited for before.
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Running {
    pub(crate) fn start(mut command: Command) -> Self {
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        Self::of(command.spawn().unwrap())
    }

    /// Takes over a child; what is not piped has no lines.
    pub(crate) fn of(mut child: Child) -> Self {
        let stdout = child.stdout.take().map_or_else(Lines::none, Lines::of);
        let stderr = child.stderr.take().map_or_else(Lines::none, Lines::of);
        Self { child, stdout, stderr }
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    pub(crate) fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).unwrap();
    }

    /// The next line of stdout.
    #[track_caller]
    pub(crate) fn line(&self) -> String {
        match self.stdout.0.recv_timeout(DEADLINE) {
            Ok(line) => line,
            Err(error) => panic!("No line ({error}); stderr:\n{}", self.stderr.rest()),
        }
    }

    /// The next event, with `--json`.
    #[track_caller]
    pub(crate) fn event(&self) -> Value {
        serde_json::from_str(&self.line()).unwrap()
    }

    /// Reads events until one is of this kind.
    #[track_caller]
    pub(crate) fn event_of(&self, kind: &str) -> Value {
        loop {
            let event = self.event();
            if event["event"] == kind {
                return event;
            }
            assert_ne!(event["event"], "failed", "{event}");
        }
    }

    /// Reads stderr until a line holds `text`, and returns the line.
    #[track_caller]
    pub(crate) fn hears(&self, text: &str) -> String {
        let mut before = String::new();
        loop {
            match self.stderr.0.recv_timeout(DEADLINE) {
                Ok(line) if line.contains(text) => return line,
                Ok(line) => before.push_str(&format!("{line}\n")),
                Err(error) => panic!("Nothing said `{text}` ({error}), but:\n{before}"),
            }
        }
    }

    /// Asks it to end, and waits.
    #[track_caller]
    pub(crate) fn stop(self) -> Ended {
        self.signal(Signal::TERM);
        self.end()
    }

    /// Waits until it ends by itself.
    #[track_caller]
    pub(crate) fn end(mut self) -> Ended {
        let (stdout, stderr) = (self.stdout.rest(), self.stderr.rest());
        let code = self.child.wait().unwrap().code();
        Ended { code, stdout, stderr }
    }

    /// Waits until it ends by itself, and returns all that is left to see.
    #[track_caller]
    pub(crate) fn screen(self, world: &World) -> String {
        let Ended { code, stdout, stderr } = self.end();
        world.screen(code, &stdout, &stderr)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Lines that a thread reads, so that every wait can have an end.
struct Lines(Receiver<String>);

impl Lines {
    fn of(pipe: impl Read + Send + 'static) -> Self {
        let (sender, lines) = channel();
        thread::spawn(move || {
            let lines = BufReader::new(pipe).lines().map_while(Result::ok);
            lines.map(|line| sender.send(line)).take_while(Result::is_ok).for_each(drop);
        });
        Self(lines)
    }

    fn none() -> Self {
        Self(channel().1)
    }

    /// Everything up to the end, which must come.
    #[track_caller]
    fn rest(&self) -> String {
        let mut text = String::new();
        loop {
            match self.0.recv_timeout(DEADLINE) {
                Ok(line) => text.push_str(&format!("{line}\n")),
                Err(RecvTimeoutError::Disconnected) => return text,
                Err(RecvTimeoutError::Timeout) => panic!("It did not end, and said:\n{text}"),
            }
        }
    }
}
