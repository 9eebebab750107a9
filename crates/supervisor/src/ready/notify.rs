//! The receiving end of systemd's `sd_notify`.

use std::io;
use std::path::Path;

use tokio::net::UnixDatagram;

/// A socket that a service sends its state to.
pub(crate) struct NotifySocket(UnixDatagram);

impl NotifySocket {
    /// Makes the socket; its folder must be private.
    pub(crate) fn bind(path: &Path) -> io::Result<Self> {
        match std::fs::remove_file(path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(Self(UnixDatagram::bind(path)?)),
        }
    }

    /// Waits for `READY=1`. Waits forever if it does not come.
    pub(crate) async fn wait_until_ready(&self) {
        let mut buffer = vec![0; 4096];
        loop {
            match self.0.recv(&mut buffer).await {
                Ok(count) if says_ready(&buffer[..count]) => return,
                Ok(_) => {}
                Err(_) => std::future::pending().await,
            }
        }
    }
}

fn says_ready(message: &[u8]) -> bool {
    message.split(|byte| *byte == b'\n').any(|line| line == b"READY=1")
}
