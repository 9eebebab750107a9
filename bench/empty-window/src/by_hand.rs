//! Migrates, starts the server, polls, opens the window: one after the other.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command};
use std::thread;
use std::time::Duration;

use tauri::{AppHandle, WebviewUrl};

use crate::{events, open};

const POLL: Duration = Duration::from_millis(100);
const HEALTH: &str = "/api/v1/utils/health-check/";

/// Does it in a thread of its own, so that the window system comes up meanwhile.
pub(crate) fn begin(handle: AppHandle) {
    thread::spawn(move || {
        let port = wanted("BENCH_PORT");
        let _server = start(&port);
        while !is_healthy(&port) {
            thread::sleep(POLL);
        }
        events::note("polled");
        let url = format!("http://127.0.0.1:{port}/").parse().expect("an address");
        open(&handle, WebviewUrl::External(url)).expect("the window opens");
    });
}

fn start(port: &str) -> Child {
    let migrated = python(&["-m", "app.migrate"]).status().expect("Python runs");
    assert!(migrated.success(), "the migration failed");
    let server = ["-m", "uvicorn", "timed_app:app", "--host", "127.0.0.1", "--port", port];
    python(&server).spawn().expect("Python runs")
}

fn python(arguments: &[&str]) -> Command {
    let mut command = Command::new(wanted("BENCH_PYTHON"));
    command.args(arguments).current_dir(wanted("BENCH_SERVER"));
    command
}

fn is_healthy(port: &str) -> bool {
    let ask = || -> std::io::Result<String> {
        let mut stream = TcpStream::connect(format!("127.0.0.1:{port}"))?;
        let request = format!("GET {HEALTH} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes())?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        Ok(answer)
    };
    ask().is_ok_and(|answer| answer.starts_with("HTTP/1.1 200"))
}

fn wanted(name: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| panic!("{name} is not set"))
}
