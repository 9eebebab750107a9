//! How a second start reaches the copy that runs: a local socket that only its user can open.

use std::io;
use std::time::Duration;

use interprocess::local_socket::tokio::{Listener, Stream, prelude::*};
use interprocess::local_socket::{GenericFilePath, ListenerOptions, Name, ToFsName};
use serde::{Deserialize, Serialize};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::sync::mpsc;

use crate::RunningApp;

/// How long to wait when the system has no more connections to give.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);
/// A request is one short line; more is no request.
const LONGEST_REQUEST: u64 = 4096;

#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "command", rename_all = "lowercase")]
enum Request {
    /// Bring the window to the front.
    Focus,
}

#[derive(Debug, Serialize, Deserialize)]
struct Reply {
    ok: bool,
}

/// Gives the address of a control socket: a path in the private folder, or a pipe's name.
pub(crate) fn address(run: &std::path::Path, launch: &str) -> String {
    if cfg!(windows) {
        format!(r"\\.\pipe\ensconce-{launch}")
    } else {
        run.join("control.sock").display().to_string()
    }
}

/// Answers requests until the app ends; each wish to be brought to the front is passed on.
pub(crate) fn serve(address: &str, focus: mpsc::UnboundedSender<()>) -> io::Result<()> {
    let listener = ListenerOptions::new().name(name(address)?).create_tokio()?;
    tokio::spawn(accept(listener, focus));
    Ok(())
}

async fn accept(listener: Listener, focus: mpsc::UnboundedSender<()>) {
    loop {
        let Ok(stream) = listener.accept().await else {
            tokio::time::sleep(ACCEPT_PAUSE).await;
            continue;
        };
        let focus = focus.clone();
        tokio::spawn(async move {
            let _ = answer(stream, focus).await;
        });
    }
}

async fn answer(stream: Stream, focus: mpsc::UnboundedSender<()>) -> io::Result<()> {
    let mut line = String::new();
    BufReader::new((&stream).take(LONGEST_REQUEST)).read_line(&mut line).await?;
    let ok = match serde_json::from_str(&line) {
        Ok(Request::Focus) => focus.send(()).is_ok(),
        Err(_) => false,
    };
    let mut reply = serde_json::to_vec(&Reply { ok })?;
    reply.push(b'\n');
    (&stream).write_all(&reply).await
}

/// Asks a running copy to come to the front.
///
/// # Errors
/// When it cannot be reached, or has no window.
pub async fn ask_to_focus(running: &RunningApp) -> io::Result<()> {
    let stream = Stream::connect(name(&running.control)?).await?;
    let mut request = serde_json::to_vec(&Request::Focus)?;
    request.push(b'\n');
    (&stream).write_all(&request).await?;
    let mut line = String::new();
    BufReader::new((&stream).take(LONGEST_REQUEST)).read_line(&mut line).await?;
    let reply: Reply = serde_json::from_str(&line)?;
    if reply.ok { Ok(()) } else { Err(io::ErrorKind::Unsupported.into()) }
}

fn name(address: &str) -> io::Result<Name<'_>> {
    address.to_fs_name::<GenericFilePath>()
}
