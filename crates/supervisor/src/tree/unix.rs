//! Unix: a guard process answers for the tree (see the `ensconce-guard` program).

use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use command_fds::CommandFdExt;
use command_fds::FdMapping;
use rustix::process::Signal;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::net::UnixStream;
use tokio::net::unix::pipe;
use tokio::net::unix::{OwnedReadHalf, OwnedWriteHalf};
use tokio::process::{Child, Command};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;

use super::{MARK, SpawnError, SpawnRequest, Spawned, TreeEvent};
use crate::{Exit, Input, Program, StopSignal, open_files};

/// The number of the first socket that is passed, as systemd has it.
const FIRST_SOCKET: i32 = 3;
/// Where the guard finds the program's standard input. Its own is the connection to us.
const INPUT: i32 = 4;

/// What a service manager may have told us, and no program that we start.
const INHERITED: [&str; 6] = [
    "NOTIFY_SOCKET",
    "LISTEN_FDS",
    "LISTEN_PID",
    "LISTEN_FDNAMES",
    "WATCHDOG_USEC",
    "WATCHDOG_PID",
];

/// How long a guard may take to start its program; a disk that is gone can hold it up.
const FIRST_REPORT_LIMIT: Duration = Duration::from_secs(30);

/// Where the processes of a tree are found.
#[derive(Debug, Clone)]
pub(crate) struct TreeMembers {
    /// The guard, which all others descend from as long as the system lets it adopt orphans.
    pub(crate) guard: u32,
    /// What all of them, and the guard, carry in their environment.
    #[cfg(not(target_os = "linux"))]
    pub(crate) mark: String,
}

/// A tree, by its guard.
pub(crate) struct Tree {
    members: TreeMembers,
    program: u32,
    commands: OwnedWriteHalf,
    guard_stuck: CancellationToken,
    /// Goes on until the program has read its input, or the tree is gone.
    _feeding: Option<AbortOnDropHandle<()>>,
}

impl Tree {
    /// Returns the id of the program's process.
    pub(crate) fn pid(&self) -> u32 {
        self.program
    }

    /// Returns the id of the process that all others of the tree descend from.
    pub(crate) fn root(&self) -> u32 {
        self.members.guard
    }

    /// Returns where its processes are found.
    pub(crate) fn members(&self) -> TreeMembers {
        self.members.clone()
    }

    /// Asks the program to end, or what it has left behind.
    pub(crate) async fn signal(&mut self, signal: StopSignal) {
        let number = number_of(signal).as_raw();
        let _ = self.commands.write_all(format!("signal {number}\n").as_bytes()).await;
    }

    /// Kills everything.
    pub(crate) async fn kill(&mut self) {
        let _ = self.commands.write_all(b"kill\n").await;
    }

    /// Kills a guard that does not do its work, because it was stopped for instance, and then
    /// what it leaves behind.
    pub(crate) fn kill_without_guard(&mut self) {
        self.guard_stuck.cancel();
    }
}

/// Starts a tree.
pub(crate) async fn spawn(request: SpawnRequest<'_>) -> Result<Spawned, SpawnError> {
    let (ours, theirs) = std::os::unix::net::UnixStream::pair()?;
    ours.set_nonblocking(true)?;
    let (input, feed) = input_pipe(request.program.input.as_ref())?;
    let mut guard = command(&request, OwnedFd::from(theirs), input)?.spawn().map_err(no_guard)?;
    let feeding = feed.map(|feed| AbortOnDropHandle::new(tokio::spawn(feed)));
    let (stdout, stderr) = match (guard.stdout.take(), guard.stderr.take()) {
        (Some(stdout), Some(stderr)) => (stdout, stderr),
        _ => return Err(SpawnError::Other(io::ErrorKind::BrokenPipe.into())),
    };
    let guard_id = guard.id().unwrap_or_default();
    let (reports, commands) = UnixStream::from_std(ours)?.into_split();
    let mut reports = BufReader::new(reports).lines();
    let first = tokio::time::timeout(FIRST_REPORT_LIMIT, first_report(&mut reports)).await;
    let first = first.unwrap_or_else(|_| Err(SpawnError::Other(io::ErrorKind::TimedOut.into())));
    let program = match first {
        Ok(program) => program,
        Err(error) => {
            let _ = guard.start_kill();
            let _ = guard.wait().await;
            return Err(error);
        }
    };
    let (sender, events) = mpsc::channel(4);
    let guard_stuck = CancellationToken::new();
    let relay = Relay {
        guard,
        reports,
        events: sender,
        mark: request.mark.to_owned(),
        guard_stuck: guard_stuck.clone(),
    };
    tokio::spawn(relay.run());
    let members = TreeMembers {
        guard: guard_id,
        #[cfg(not(target_os = "linux"))]
        mark: request.mark.to_owned(),
    };
    let tree = Tree { members, program, commands, guard_stuck, _feeding: feeding };
    Ok(Spawned { tree, events, stdout, stderr })
}

/// Makes the pipe of a program's standard input: the end that it reads, and what feeds the other.
fn input_pipe(
    input: Option<&Input>,
) -> io::Result<(Option<OwnedFd>, Option<impl Future<Output = ()> + use<>>)> {
    let Some(input) = input.cloned() else { return Ok((None, None)) };
    let (reader, writer) = io::pipe()?;
    let mut writer = pipe::Sender::from_owned_fd(writer.into())?;
    let feed = async move {
        // A program may end, or close its input, before it has read all of it.
        let _ = writer.write_all(input.bytes()).await;
    };
    Ok((Some(reader.into()), Some(feed)))
}

fn command(
    request: &SpawnRequest<'_>,
    control: OwnedFd,
    input: Option<OwnedFd>,
) -> Result<Command, SpawnError> {
    let program = request.program;
    let mut passed = Vec::new();
    let mut command = Command::new(request.guard);
    command
        .arg("run")
        .stdin(Stdio::from(control))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .current_dir(&program.cwd)
        .envs(program.env.iter().map(|(name, value)| (name, value)))
        .env(MARK, request.mark);
    for inherited in INHERITED {
        if !program.env.iter().any(|(name, _)| name == inherited) {
            command.env_remove(inherited);
        }
    }
    if let Some(parent_fd) = input {
        passed.push(FdMapping { parent_fd, child_fd: INPUT });
        command.arg("--input").arg(INPUT.to_string());
    }
    command.arg("--");
    if request.is_activated() {
        command.arg(request.guard).arg("activate").arg("--");
    }
    if let Some(limit) = open_files::limit_of_programs() {
        command.env(open_files::OPEN_FILES, limit.to_string());
    }
    if let Some(limit) = request.watchdog {
        command.env("WATCHDOG_USEC", limit.as_micros().to_string());
    }
    if let Some(socket) = request.socket {
        let parent_fd = socket.as_fd().try_clone_to_owned()?;
        passed.push(FdMapping { parent_fd, child_fd: FIRST_SOCKET });
        command.env("LISTEN_FDS", "1");
    }
    command.args(&program.command);
    // Without any, the system has a faster way to start a process.
    if !passed.is_empty() {
        command.fd_mappings(passed).map_err(|error| SpawnError::Other(io::Error::other(error)))?;
    }
    Ok(command)
}

fn no_guard(error: io::Error) -> SpawnError {
    let message = format!("the helper program `ensconce-guard` cannot be run: {error}");
    SpawnError::Other(io::Error::other(message))
}

async fn first_report(reports: &mut Lines<BufReader<OwnedReadHalf>>) -> Result<u32, SpawnError> {
    let line = reports.next_line().await?.unwrap_or_default();
    match line.split_once(' ') {
        Some(("started", pid)) => Ok(pid.parse().unwrap_or_default()),
        Some(("failed", number)) => {
            let number = number.parse().unwrap_or_default();
            Err(io::Error::from_raw_os_error(number).into())
        }
        _ => Err(SpawnError::Other(io::ErrorKind::BrokenPipe.into())),
    }
}

/// Passes on what a guard reports, and takes its place when it has been killed.
struct Relay {
    guard: Child,
    reports: Lines<BufReader<OwnedReadHalf>>,
    events: mpsc::Sender<TreeEvent>,
    mark: String,
    guard_stuck: CancellationToken,
}

impl Relay {
    async fn run(mut self) {
        let mut exited = false;
        let mut gone = false;
        while let Some(line) = self.next_report().await {
            if let Some(exit) = exit_of(&line) {
                exited = true;
                let _ = self.events.send(TreeEvent::Exited(exit)).await;
            }
            gone |= line == "gone";
        }
        let _ = self.guard.wait().await;
        if !gone {
            let mark = self.mark;
            let sweep = move || kill_marked(&|other| other == mark);
            let _ = tokio::task::spawn_blocking(sweep).await;
        }
        if !exited {
            let _ = self.events.send(TreeEvent::Exited(Exit::Unseen)).await;
        }
        let _ = self.events.send(TreeEvent::Gone).await;
    }

    async fn next_report(&mut self) -> Option<String> {
        tokio::select! {
            line = self.reports.next_line() => return line.ok().flatten(),
            () = self.guard_stuck.cancelled() => {}
        }
        let _ = self.guard.start_kill();
        self.reports.next_line().await.ok().flatten()
    }
}

fn exit_of(line: &str) -> Option<Exit> {
    let (what, number) = line.split_once(' ')?;
    let number = number.parse().ok()?;
    match what {
        "exited" => Some(Exit::Code(number)),
        "signalled" => Some(Exit::Signal(number)),
        _ => None,
    }
}

/// Kills all processes whose mark is `wanted`, until none is left that may be killed.
#[cfg(target_os = "linux")]
pub(super) fn kill_marked(wanted: &dyn Fn(&str) -> bool) {
    let begun = std::time::Instant::now();
    let mut clean_looks = 0;
    // A process that hangs in the kernel takes the signal and stays.
    while clean_looks < CLEAN_LOOKS && begun.elapsed() < SWEEP_LIMIT {
        if kill_those_marked(wanted) == 0 {
            clean_looks += 1;
        } else {
            clean_looks = 0;
            std::thread::sleep(LOOK_AGAIN_AFTER);
        }
    }
}

/// So many, because a process may be forked behind the place that a look has come to, and one that
/// forks and ends without a pause is missed by every second look.
#[cfg(target_os = "linux")]
const CLEAN_LOOKS: u32 = 12;
/// How long to go on when something does not end.
#[cfg(target_os = "linux")]
const SWEEP_LIMIT: Duration = Duration::from_secs(5);
/// How long killed processes are given to end.
#[cfg(target_os = "linux")]
const LOOK_AGAIN_AFTER: Duration = Duration::from_millis(2);

#[cfg(target_os = "linux")]
fn kill_those_marked(wanted: &dyn Fn(&str) -> bool) -> usize {
    use rustix::process::{Pid, PidfdFlags, pidfd_open, pidfd_send_signal};
    let carries = |process: &procfs::process::Process| {
        let environ = process.environ().unwrap_or_default();
        environ.get(std::ffi::OsStr::new(MARK)).and_then(|mark| mark.to_str()).is_some_and(wanted)
    };
    procfs::process::all_processes()
        .into_iter()
        .flatten()
        .flatten()
        .filter(carries)
        .filter_map(|process| Some((Pid::from_raw(process.pid())?, process)))
        .filter_map(|(pid, process)| Some((pidfd_open(pid, PidfdFlags::empty()).ok()?, process)))
        // Looked at again, now that the handle is fixed: the id may have a new owner.
        .filter(|(_, process)| carries(process))
        .filter(|(handle, _)| pidfd_send_signal(handle, Signal::KILL).is_ok())
        .count()
}

#[cfg(not(target_os = "linux"))]
pub(super) fn kill_marked(_wanted: &dyn Fn(&str) -> bool) {}

/// Returns whether there is such a program, by its path or on `PATH`.
pub(crate) fn is_found(program: &Program) -> bool {
    let Some(name) = program.command.first().map(Path::new) else { return false };
    if name.components().count() > 1 {
        return program.cwd.join(name).exists();
    }
    let own = program.env.iter().find(|(variable, _)| variable == "PATH");
    let path = own.map(|(_, path)| path.clone()).or_else(|| std::env::var_os("PATH"));
    std::env::split_paths(&path.unwrap_or_default()).any(|folder| folder.join(name).exists())
}

fn number_of(signal: StopSignal) -> Signal {
    match signal {
        StopSignal::Term => Signal::TERM,
        StopSignal::Int => Signal::INT,
        StopSignal::Quit => Signal::QUIT,
        StopSignal::Hup => Signal::HUP,
        StopSignal::Usr1 => Signal::USR1,
        StopSignal::Usr2 => Signal::USR2,
        StopSignal::Kill => Signal::KILL,
    }
}
