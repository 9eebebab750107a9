//! The receiving end of systemd's `sd_notify`.

use std::io;
use std::path::{Path, PathBuf};

use tokio::net::UnixDatagram;
use tokio::sync::watch;
use tokio_util::task::AbortOnDropHandle;

/// A socket that a service sends its state to. It is read as long as the service runs, because
/// one that nobody reads makes the sender wait.
pub(crate) struct NotifySocket {
    path: PathBuf,
    _reader: AbortOnDropHandle<()>,
}

impl NotifySocket {
    /// Makes the socket, whose folder must be private; gives what turns true at `READY=1`.
    pub(crate) fn bind(path: &Path) -> io::Result<(Self, watch::Receiver<bool>)> {
        match std::fs::remove_file(path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let socket = UnixDatagram::bind(path)?;
        let (ready, notified) = watch::channel(false);
        let reader = AbortOnDropHandle::new(tokio::spawn(read(socket, ready)));
        Ok((Self { path: path.to_owned(), _reader: reader }, notified))
    }
}

impl Drop for NotifySocket {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.path);
    }
}

async fn read(socket: UnixDatagram, ready: watch::Sender<bool>) {
    let mut buffer = vec![0; 4096];
    while let Ok(count) = socket.recv(&mut buffer).await {
        if says_ready(&buffer[..count]) {
            ready.send_replace(true);
        }
    }
}

fn says_ready(message: &[u8]) -> bool {
    message.split(|byte| *byte == b'\n').any(|line| line == b"READY=1")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ready_is_a_line_of_its_own() {
        assert!(says_ready(b"READY=1") && says_ready(b"STATUS=up\nREADY=1\n"));
        assert!(!says_ready(b"READY=0") && !says_ready(b"STATUS=READY=1") && !says_ready(b""));
    }
}
