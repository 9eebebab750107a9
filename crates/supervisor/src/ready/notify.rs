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
pub(crate) struct Heard {
    /// Whether there was a `READY=1`.
    pub(crate) ready: bool,
    /// How many `WATCHDOG=1` there were.
    pub(crate) beats: u64,
}

impl NotifySocket {
    /// Makes the socket, whose folder must be private; gives what is heard there.
    pub(crate) fn bind(path: &Path) -> io::Result<(Self, watch::Receiver<Heard>)> {
        match std::fs::remove_file(path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let socket = UnixDatagram::bind(path)?;
        let (heard, notified) = watch::channel(Heard::default());
        let reader = AbortOnDropHandle::new(tokio::spawn(read(socket, heard)));
        Ok((Self { path: path.to_owned(), _reader: reader }, notified))
    }
}

impl Drop for NotifySocket {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.path);
    }
}

async fn read(socket: UnixDatagram, heard: watch::Sender<Heard>) {
    let mut buffer = vec![0; 4096];
    while let Ok(count) = socket.recv(&mut buffer).await {
        heard.send_if_modified(|heard| heard.hear(&buffer[..count]));
    }
}

impl Heard {
    /// Takes a message in; tells whether it said anything that matters.
    fn hear(&mut self, message: &[u8]) -> bool {
        let before = *self;
        for line in message.split(|byte| *byte == b'\n') {
            match line {
                b"READY=1" => self.ready = true,
                b"WATCHDOG=1" => self.beats = self.beats.wrapping_add(1),
                _ => {}
            }
        }
        *self != before
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn heard(messages: &[&[u8]]) -> Heard {
        let mut heard = Heard::default();
        messages.iter().for_each(|message| {
            heard.hear(message);
        });
        heard
    }

    #[test]
    fn what_matters_is_a_line_of_its_own() {
        assert!(heard(&[b"READY=1"]).ready && heard(&[b"STATUS=up\nREADY=1\n"]).ready);
        let said = heard(&[b"READY=0", b"STATUS=READY=1", b"", b"WATCHDOG=trigger"]);
        assert_eq!(said, Heard::default());
    }

    #[test]
    fn signs_of_life_are_counted() {
        let said = heard(&[b"WATCHDOG=1", b"STATUS=up", b"READY=1\nWATCHDOG=1"]);
        assert_eq!(said, Heard { ready: true, beats: 2 });
        assert!(!Heard::default().hear(b"STATUS=up"), "it says nothing");
    }
}
