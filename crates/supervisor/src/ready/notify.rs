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

/// What a service has sent so far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Notifications {
    /// Whether there was a `READY=1`.
    pub(crate) ready: bool,
    /// How many `WATCHDOG=1` there were.
    pub(crate) heartbeats: u64,
}

impl NotifySocket {
    /// Makes the socket, whose folder must be private; returns with it what is sent there.
    pub(crate) fn bind(path: &Path) -> io::Result<(Self, watch::Receiver<Notifications>)> {
        match std::fs::remove_file(path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let socket = UnixDatagram::bind(path)?;
        let (sender, notifications) = watch::channel(Notifications::default());
        let reader = AbortOnDropHandle::new(tokio::spawn(read(socket, sender)));
        Ok((Self { path: path.to_owned(), _reader: reader }, notifications))
    }
}

impl Drop for NotifySocket {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.path);
    }
}

async fn read(socket: UnixDatagram, notifications: watch::Sender<Notifications>) {
    let mut buffer = vec![0; 4096];
    while let Ok(count) = socket.recv(&mut buffer).await {
        notifications.send_if_modified(|before| before.take_in(&buffer[..count]));
    }
}

impl Notifications {
    /// Takes a message in; returns whether it said anything that matters.
    fn take_in(&mut self, message: &[u8]) -> bool {
        let before = *self;
        for line in message.split(|byte| *byte == b'\n') {
            match line {
                b"READY=1" => self.ready = true,
                b"WATCHDOG=1" => self.heartbeats = self.heartbeats.wrapping_add(1),
                _ => {}
            }
        }
        *self != before
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(messages: &[&[u8]]) -> Notifications {
        let mut notifications = Notifications::default();
        for message in messages {
            notifications.take_in(message);
        }
        notifications
    }

    #[test]
    fn what_matters_is_a_line_of_its_own() {
        assert!(sent(&[b"READY=1"]).ready && sent(&[b"STATUS=up\nREADY=1\n"]).ready);
        let said = sent(&[b"READY=0", b"STATUS=READY=1", b"", b"WATCHDOG=trigger"]);
        assert_eq!(said, Notifications::default());
    }

    #[test]
    fn heartbeats_are_counted() {
        let said = sent(&[b"WATCHDOG=1", b"STATUS=up", b"READY=1\nWATCHDOG=1"]);
        assert_eq!(said, Notifications { ready: true, heartbeats: 2 });
        assert!(!Notifications::default().take_in(b"STATUS=up"), "it says nothing");
    }
}
