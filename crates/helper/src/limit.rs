//! Ends what takes too long, wherever it hangs: in a name server, a handshake, an answer.

use std::sync::mpsc::sync_channel;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

/// How far something has come, for the message when its time is over.
#[derive(Clone)]
pub(crate) struct Stage<S>(Arc<Mutex<S>>);

impl<S: Copy> Stage<S> {
    /// Starts at a stage.
    pub(crate) fn at(stage: S) -> Self {
        Self(Arc::new(Mutex::new(stage)))
    }

    /// Sets the stage that is reached now.
    pub(crate) fn reached(&self, stage: S) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = stage;
    }

    /// Returns the stage that was reached last.
    pub(crate) fn get(&self) -> S {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Does `work` on a thread and waits for it; returns `None` if the time was over first.
///
/// The thread is left behind then: the process is about to end.
pub(crate) fn within<T: Send + 'static>(
    limit: Duration,
    work: impl FnOnce() -> T + Send + 'static,
) -> Option<T> {
    let (sender, receiver) = sync_channel(1);
    thread::spawn(move || sender.send(work()));
    receiver.recv_timeout(limit).ok()
}

/// Writes a duration as people do.
pub(crate) fn seconds(limit: Duration) -> String {
    let seconds = limit.as_secs_f64();
    match seconds {
        1.0 => "1 second".to_owned(),
        _ if seconds.fract() == 0.0 => format!("{seconds:.0} seconds"),
        _ => format!("{seconds:.1} seconds"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_hangs_is_left() {
        assert_eq!(within(Duration::from_millis(20), thread::park), None);
        assert_eq!(within(Duration::from_secs(20), || 7), Some(7));
    }

    #[test]
    fn durations_are_written_as_people_do() {
        assert_eq!(seconds(Duration::from_secs(1)), "1 second");
        assert_eq!(seconds(Duration::from_secs(10)), "10 seconds");
        assert_eq!(seconds(Duration::from_millis(1500)), "1.5 seconds");
    }
}
