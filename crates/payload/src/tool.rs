//! Runs the tools that a build needs, and passes on what they write.

use std::collections::VecDeque;
use std::io::{self, BufRead, BufReader, PipeReader, Read};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::Duration;

use crate::Progress;

/// How many of the last lines an error shows.
const TAIL: usize = 20;

/// How many of the last lines are kept, for callers that know where in them the reason is.
const KEPT: usize = 200;

/// What a tool may leave running in the background can keep its output open; it is not waited for.
const PATIENCE: Duration = Duration::from_secs(1);

/// How a tool ended.
pub(crate) struct Ended {
    pub(crate) status: ExitStatus,
    /// Its last lines, more than an error should show.
    pub(crate) lines: Vec<String>,
}

impl Ended {
    /// Returns the last lines, as an error shows them.
    pub(crate) fn tail(&self) -> Vec<String> {
        tail(self.lines.iter().map(String::as_str))
    }

    /// Returns how it ended, such as `exit code 1`.
    pub(crate) fn status(&self) -> String {
        match self.status.code() {
            Some(code) => format!("exit code {code}"),
            None => self.status.to_string(),
        }
    }
}

/// Returns the last of some lines, as an error shows them.
pub(crate) fn tail<'a>(lines: impl Iterator<Item = &'a str>) -> Vec<String> {
    let mut all: Vec<&str> = lines.collect();
    all.drain(..all.len().saturating_sub(TAIL));
    all.into_iter().map(str::to_owned).collect()
}

enum Event {
    Line(String),
    Ended(io::Result<ExitStatus>),
}

/// Runs a command to its end; each line of its output goes to `progress`.
pub(crate) fn run(mut command: Command, progress: &dyn Progress) -> io::Result<Ended> {
    let (reader, writer) = io::pipe()?;
    command.stdout(writer.try_clone()?).stderr(writer);
    finish(command, reader, progress)
}

/// Does the same as [`run`], but returns what it writes to stdout, and reports only the rest.
pub(crate) fn ask(mut command: Command, progress: &dyn Progress) -> io::Result<(Ended, String)> {
    let (reader, writer) = io::pipe()?;
    let (mut answer, into) = io::pipe()?;
    command.stdout(into).stderr(writer);
    let answer = std::thread::spawn(move || {
        let mut bytes = Vec::new();
        answer.read_to_end(&mut bytes).map(|_| bytes)
    });
    let ended = finish(command, reader, progress)?;
    let bytes = answer.join().map_err(|_| io::Error::other("Its answer was not read"))??;
    Ok((ended, String::from_utf8_lossy(&bytes).into_owned()))
}

fn finish(mut command: Command, reader: PipeReader, progress: &dyn Progress) -> io::Result<Ended> {
    tracing::debug!(?command, "run");
    let child = command.stdin(Stdio::null()).spawn()?;
    // It holds the writing end, without whose end the output would not end.
    drop(command);
    let (events, happened) = channel();
    let lines = events.clone();
    std::thread::spawn(move || read_lines(reader, &lines));
    std::thread::spawn(move || wait(child, &events));
    follow(&happened, progress)
}

fn follow(happened: &Receiver<Event>, progress: &dyn Progress) -> io::Result<Ended> {
    let mut lines = VecDeque::with_capacity(KEPT);
    let mut status = None;
    loop {
        let event = match status {
            None => happened.recv().map_err(|_| RecvTimeoutError::Disconnected),
            Some(_) => happened.recv_timeout(PATIENCE),
        };
        match event {
            Ok(Event::Line(line)) => {
                progress.line(&line);
                if lines.len() == KEPT {
                    lines.pop_front();
                }
                lines.push_back(line);
            }
            Ok(Event::Ended(ended)) => status = Some(ended?),
            Err(_) => break,
        }
    }
    let status = status.ok_or_else(|| io::Error::other("Its end was not reported"))?;
    Ok(Ended { status, lines: lines.into() })
}

fn read_lines(reader: PipeReader, lines: &Sender<Event>) {
    let mut reader = BufReader::new(reader);
    let mut bytes = Vec::new();
    while reader.read_until(b'\n', &mut bytes).is_ok_and(|count| count > 0) {
        let text = String::from_utf8_lossy(&bytes);
        // What a progress bar has overwritten is gone.
        let line = text.trim_end().rsplit('\r').next().unwrap_or_default().to_owned();
        if lines.send(Event::Line(line)).is_err() {
            return;
        }
        bytes.clear();
    }
}

fn wait(mut child: Child, events: &Sender<Event>) {
    // Nobody listens any more when the build itself is over.
    let _ = events.send(Event::Ended(child.wait()));
}
