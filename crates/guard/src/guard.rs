//! The guard's loop: wait for the supervisor, the program and its orphans, all at once.
//!
//! It has one thread and no runtime, because a death signal comes when the *thread* ends that has
//! started the program, and because there is one of it for each job. Nothing here may block but
//! the one `poll`: a guard that hangs is killed, and its tree is then only found by its mark.

use std::collections::HashSet;
use std::ffi::OsString;
use std::io::{self, Read, Write};
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Pid, Signal, WaitOptions, WaitStatus, kill_process};
use signal_hook::consts::{SIGCHLD, SIGHUP, SIGINT, SIGTERM};

use crate::{launch, platform};

/// How long to wait for killed processes before looking for new ones among their children.
const KILL_AGAIN_AFTER: Duration = Duration::from_millis(5);
/// The same for processes that were asked to end, or whose end is not reported.
const LOOK_AGAIN_AFTER: Duration = Duration::from_millis(50);

/// Runs `command` until its whole tree is gone; the descriptor `input` is its standard input.
pub(crate) fn run(command: &[OsString], input: Option<i32>) -> ExitCode {
    match Guard::start(command, input) {
        Ok(guard) => guard.watch(),
        Err(_) => ExitCode::FAILURE,
    }
}

struct Guard {
    /// The supervisor's end is closed when it ends, in whatever way.
    supervisor: UnixStream,
    /// Readable when a child has ended.
    children: UnixStream,
    /// The program, until it has ended.
    program: Option<Pid>,
    /// Bytes of a command that has not arrived whole.
    pending: Vec<u8>,
    /// What the program has left behind is being asked to end.
    stop_request: Option<StopRequest>,
    /// Whether everything is to be killed.
    killing: bool,
}

/// A request to end, which reaches each process once: many take a second one for impatience.
struct StopRequest {
    signal: Signal,
    asked: HashSet<Pid>,
}

impl StopRequest {
    /// Asks those that have not been, because they were just being started for instance.
    fn ask(&mut self) {
        for stray in platform::strays() {
            if self.asked.insert(stray.pid()) {
                stray.signal(self.signal);
                // A stopped process takes no signal but SIGKILL until it goes on.
                stray.signal(Signal::CONT);
            }
        }
    }
}

impl Guard {
    fn start(command: &[OsString], input: Option<i32>) -> io::Result<Self> {
        let mut supervisor = UnixStream::from(io::stdin().as_fd().try_clone_to_owned()?);
        supervisor.set_nonblocking(true)?;
        let children = prepare()?;
        let nowhere = std::fs::OpenOptions::new().read(true).write(true).open("/dev/null")?;
        // What can fail comes before: a program that runs must not lose its guard.
        let program = match launch::spawn(command, input) {
            Ok(child) => child,
            Err(error) => {
                let number = error.raw_os_error().unwrap_or_default();
                let _ = writeln!(supervisor, "failed {number}");
                return Err(error);
            }
        };
        let program = Pid::from_child(&program);
        let _ = writeln!(supervisor, "started {program}");
        let_go_of_output(&nowhere)?;
        Ok(Self {
            supervisor,
            children,
            program: Some(program),
            pending: Vec::new(),
            stop_request: None,
            killing: false,
        })
    }

    fn watch(mut self) -> ExitCode {
        loop {
            if self.reap() {
                let _ = writeln!(self.supervisor, "gone");
                return ExitCode::SUCCESS;
            }
            if self.killing {
                platform::strays().iter().for_each(|stray| stray.signal(Signal::KILL));
            } else if let Some(request) = &mut self.stop_request {
                request.ask();
            }
            self.wait();
        }
    }

    /// Takes leave of ended children; returns whether nothing of the tree is left.
    fn reap(&mut self) -> bool {
        loop {
            match rustix::process::wait(WaitOptions::NOHANG) {
                Ok(Some((pid, status))) if Some(pid) == self.program => self.on_exit(status),
                Ok(Some(_)) => {}
                Ok(None) => return false,
                Err(rustix::io::Errno::INTR) => {}
                // Where every orphan comes to this process, one without children has nothing below.
                Err(_) => return !platform::ORPHANS_END_UNSEEN || platform::strays().is_empty(),
            }
        }
    }

    fn on_exit(&mut self, status: WaitStatus) {
        self.program = None;
        let _ = match (status.exit_status(), status.terminating_signal()) {
            (Some(code), _) => self.supervisor.write_all(format!("exited {code}\n").as_bytes()),
            (_, Some(signal)) => {
                self.supervisor.write_all(format!("signalled {signal}\n").as_bytes())
            }
            _ => Ok(()),
        };
    }

    /// Waits until there is something to do, and takes in what the supervisor says.
    fn wait(&mut self) {
        let limit = self
            .next_look()
            .map(|pause| Timespec { tv_sec: 0, tv_nsec: pause.subsec_nanos().into() });
        let mut sources = [
            PollFd::new(&self.supervisor, PollFlags::IN),
            PollFd::new(&self.children, PollFlags::IN),
        ];
        // A supervisor that is gone would make every poll return at once.
        let watched = if self.killing { &mut sources[1..] } else { &mut sources[..] };
        let _ = poll(watched, limit.as_ref());
        drain(&self.children);
        if !self.killing {
            self.listen();
        }
    }

    /// Returns when to look for what is left of the tree, even if nothing happens.
    fn next_look(&self) -> Option<Duration> {
        let unseen = platform::ORPHANS_END_UNSEEN && self.program.is_none();
        if self.killing {
            Some(KILL_AGAIN_AFTER)
        } else {
            (self.stop_request.is_some() || unseen).then_some(LOOK_AGAIN_AFTER)
        }
    }

    fn listen(&mut self) {
        let mut buffer = [0; 256];
        loop {
            match self.supervisor.read(&mut buffer) {
                Ok(0) => return self.killing = true,
                Ok(count) => self.pending.extend_from_slice(&buffer[..count]),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(_) => return self.killing = true,
            }
        }
        while let Some(end) = self.pending.iter().position(|byte| *byte == b'\n') {
            let line: Vec<u8> = self.pending.drain(..=end).collect();
            self.obey(String::from_utf8_lossy(&line).trim());
        }
    }

    fn obey(&mut self, command: &str) {
        match command.split_once(' ') {
            Some(("signal", number)) => self.signal(number),
            _ if command == "kill" => self.killing = true,
            _ => {}
        }
    }

    /// Asks the program to end, or what it has left behind.
    fn signal(&mut self, number: &str) {
        let Some(signal) = number.parse().ok().and_then(Signal::from_named_raw) else { return };
        match self.program {
            Some(program) => {
                let _ = kill_process(program, signal);
                // A stopped process takes no signal but SIGKILL until it goes on.
                let _ = kill_process(program, Signal::CONT);
            }
            None if self.stop_request.as_ref().is_some_and(|before| before.signal == signal) => {}
            None => self.stop_request = Some(StopRequest { signal, asked: HashSet::new() }),
        }
    }
}

/// Becomes the one that every orphan of the program comes to.
fn prepare() -> io::Result<UnixStream> {
    // Not the terminal's session: Ctrl-C is for the supervisor, which then stops things in order.
    let _ = rustix::process::setsid();
    platform::adopt_orphans()?;
    let (read, write) = UnixStream::pair()?;
    read.set_nonblocking(true)?;
    signal_hook::low_level::pipe::register(SIGCHLD, write)?;
    // The end of the desktop session reaches everyone; the guard must be the last to go. A
    // handler, not SIG_IGN, because that would be inherited by the program.
    for signal in [SIGTERM, SIGINT, SIGHUP] {
        signal_hook::flag::register(signal, Arc::<AtomicBool>::default())?;
    }
    Ok(read)
}

/// Lets the output pipes end when the program's tree does.
fn let_go_of_output(nowhere: &std::fs::File) -> io::Result<()> {
    rustix::stdio::dup2_stdout(nowhere)?;
    rustix::stdio::dup2_stderr(nowhere)?;
    Ok(rustix::stdio::dup2_stdin(nowhere)?)
}

fn drain(mut pipe: &UnixStream) {
    let mut buffer = [0; 64];
    while matches!(pipe.read(&mut buffer), Ok(count) if count > 0) {}
}
