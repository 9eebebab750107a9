//! Runs services, given on the command line and parted by `--`, each after the one before it.
//!
//! ```text
//! supervise GUARD LAUNCH-ID PROGRAM ARGUMENTS... [-- PROGRAM ARGUMENTS...]...
//! ```
//!
//! Prints a line `up` when all run, and stops them in order at the end of its standard input.

#![expect(clippy::print_stdout, reason = "an example that talks to its user")]

use std::ffi::OsString;
use std::sync::Arc;
use std::time::Duration;

use ensconce_supervisor::{
    Job, Kind, Launch, Listen, LogLine, OnDependencyExit, Program, Ready, RestartRule, Settings,
    ShowAll, StopRule, StopSignal, Supervisor,
};
use tokio::io::AsyncReadExt;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args_os().skip(1);
    let (Some(guard), Some(launch_id)) = (arguments.next(), arguments.next()) else {
        return Err("usage: supervise GUARD LAUNCH-ID PROGRAM ARGUMENTS...".into());
    };
    let arguments: Vec<OsString> = arguments.collect();
    let commands = arguments.split(|argument| argument == "--");
    let jobs = commands.enumerate().map(|(index, command)| job(index, command)).collect();
    let settings = Settings {
        guard: guard.into(),
        launch_id: launch_id.to_string_lossy().into_owned(),
        redact: Arc::new(|| Box::new(ShowAll)),
        log: Arc::new(|line: LogLine<'_>| println!("{} | {}", line.job, line.text)),
    };
    let supervisor = Supervisor::start(jobs, settings)?;
    supervisor.snapshots().wait_for(|snapshot| snapshot.is_up()).await?;
    println!("up");
    tokio::io::stdin().read_to_end(&mut Vec::new()).await?;
    supervisor.stop().await;
    Ok(())
}

fn job(index: usize, command: &[OsString]) -> Job {
    let command = command.to_vec();
    let program = Program { command, env: Vec::new(), cwd: ".".into(), input: None };
    Job {
        name: format!("job{index}"),
        kind: Kind::Service,
        needs: index.checked_sub(1).map(|before| format!("job{before}")).into_iter().collect(),
        optional: false,
        listen: Listen::Nowhere,
        ready: Ready::Started,
        start_timeout: Duration::from_secs(10),
        stop: StopRule { signal: StopSignal::Term, timeout: Duration::from_secs(5) },
        restart: RestartRule::default(),
        on_dependency_exit: OnDependencyExit::default(),
        liveness: None,
        memory_limit: None,
        render: Arc::new(move |_| {
            let launch = Launch::Run(program.clone());
            Box::pin(async { Ok(launch) })
        }),
    }
}
