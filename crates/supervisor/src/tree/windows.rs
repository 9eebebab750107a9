//! Windows: a job object holds the tree, and ends it when this process does.

use std::process::Stdio;
use std::time::Duration;

use process_wrap::tokio::{ChildWrapper, CommandWrap, CreationFlags, JobObject};
use tokio::sync::mpsc;
use windows::Win32::System::Console::{CTRL_BREAK_EVENT, GenerateConsoleCtrlEvent};
use windows::Win32::System::Threading::{
    CREATE_NEW_PROCESS_GROUP, CREATE_NO_WINDOW, PROCESS_CREATION_FLAGS,
};

use super::{MARK, News, SpawnError, SpawnRequest, Spawned};
use crate::{Exit, StopSignal};

/// How often to look whether members of the job other than the program have ended.
const LOOK_AGAIN_AFTER: Duration = Duration::from_millis(20);

/// A tree, by its job object.
pub(crate) struct Tree {
    program: u32,
    commands: mpsc::Sender<Command>,
}

enum Command {
    Signal(StopSignal),
    Kill,
}

impl Tree {
    /// The id of the program itself.
    pub(crate) fn pid(&self) -> u32 {
        self.program
    }

    /// The id of the process that all others of the tree descend from.
    pub(crate) fn root(&self) -> u32 {
        self.program
    }

    /// Asks the program to end.
    pub(crate) async fn signal(&mut self, signal: StopSignal) {
        let _ = self.commands.send(Command::Signal(signal)).await;
    }

    /// Kills everything.
    pub(crate) async fn kill(&mut self) {
        let _ = self.commands.send(Command::Kill).await;
    }

    /// There is no guard here that could be stuck.
    pub(crate) fn kill_without_guard(&mut self) {}
}

/// Starts a tree.
pub(crate) async fn spawn(request: SpawnRequest<'_>) -> Result<Spawned, SpawnError> {
    let program = request.program;
    let (first, arguments) = program.command.split_first().ok_or(SpawnError::NotFound)?;
    let mut command = CommandWrap::with_new(first, |command| {
        command
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .current_dir(&program.cwd)
            .envs(program.env.iter().map(|(name, value)| (name, value)))
            .env(MARK, request.mark)
            .kill_on_drop(true);
    });
    command.wrap(CreationFlags(FLAGS)).wrap(JobObject);
    let mut child = command.spawn()?;
    let (Some(stdout), Some(stderr)) = (child.stdout().take(), child.stderr().take()) else {
        return Err(SpawnError::Other(std::io::ErrorKind::BrokenPipe.into()));
    };
    let program = child.id().unwrap_or_default();
    let (commands, orders) = mpsc::channel(4);
    let (sender, news) = mpsc::channel(4);
    tokio::spawn(own(child, program, orders, sender));
    Ok(Spawned { tree: Tree { program, commands }, news, stdout, stderr })
}

/// A group of its own, so that Ctrl-Break reaches it and not us; no console window.
const FLAGS: PROCESS_CREATION_FLAGS =
    PROCESS_CREATION_FLAGS(CREATE_NEW_PROCESS_GROUP.0 | CREATE_NO_WINDOW.0);

/// Owns the job object until it is empty.
async fn own(
    mut child: Box<dyn ChildWrapper>,
    program: u32,
    mut orders: mpsc::Receiver<Command>,
    news: mpsc::Sender<News>,
) {
    let mut exited = false;
    loop {
        tokio::select! {
            order = orders.recv() => match order {
                Some(Command::Signal(signal)) if signal != StopSignal::Kill => ask_to_end(program),
                // The handle is gone or wants it so: end the tree.
                _ => { let _ = child.start_kill(); break; }
            },
            () = tokio::time::sleep(LOOK_AGAIN_AFTER) => {}
        }
        if let Ok(Some(status)) = child.inner_mut().try_wait()
            && !exited
        {
            exited = true;
            let exit = status.code().map_or(Exit::Unseen, Exit::Code);
            let _ = news.send(News::Exited(exit)).await;
        }
        if matches!(child.try_wait(), Ok(Some(_))) {
            break;
        }
    }
    let status = child.wait().await;
    if !exited {
        let exit = status.ok().and_then(|status| status.code()).map_or(Exit::Unseen, Exit::Code);
        let _ = news.send(News::Exited(exit)).await;
    }
    let _ = news.send(News::Gone).await;
}

/// Nothing is left here: the job object ended with its supervisor.
pub(super) fn kill_marked(_wanted: &dyn Fn(&str) -> bool) {}

fn ask_to_end(program: u32) {
    // SAFETY: takes two numbers and touches no memory of ours.
    #[allow(unsafe_code)]
    let _ = unsafe { GenerateConsoleCtrlEvent(CTRL_BREAK_EVENT, program) };
}
