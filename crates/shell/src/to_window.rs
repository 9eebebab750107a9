//! The queue to the window, which may be slow: a pipe is full while a page is busy.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver, Sender};

use ensconce_protocol::ToWindow;

/// Takes messages for the window, and never waits for it.
#[derive(Debug, Clone)]
pub(crate) struct WindowQueue {
    messages: Sender<ToWindow>,
    unanswered: Arc<AtomicBool>,
}

/// The other end, which one thread empties as fast as the window takes messages.
#[derive(Debug)]
pub(crate) struct QueuedMessages {
    messages: Receiver<ToWindow>,
    unanswered: Arc<AtomicBool>,
}

/// Creates a queue.
pub(crate) fn queue() -> (WindowQueue, QueuedMessages) {
    let (sender, receiver) = mpsc::channel();
    let unanswered = Arc::new(AtomicBool::new(false));
    let queue = WindowQueue { messages: sender, unanswered: Arc::clone(&unanswered) };
    (queue, QueuedMessages { messages: receiver, unanswered })
}

impl WindowQueue {
    /// Adds a message. That a window is gone shows when its own messages end.
    pub(crate) fn send(&self, message: ToWindow) {
        // A page can cause any number of these, and a second one adds nothing.
        let is_repeated =
            matches!(message, ToWindow::Unanswered) && self.unanswered.swap(true, Ordering::AcqRel);
        if !is_repeated {
            let _ = self.messages.send(message);
        }
    }
}

impl Iterator for QueuedMessages {
    type Item = ToWindow;

    fn next(&mut self) -> Option<ToWindow> {
        let message = self.messages.recv().ok()?;
        if matches!(message, ToWindow::Unanswered) {
            self.unanswered.store(false, Ordering::Release);
        }
        Some(message)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_page_repeats_waits_once() {
        let (queue, mut messages) = queue();
        (0..1000).for_each(|_| queue.send(ToWindow::Unanswered));
        queue.send(ToWindow::Settings);
        assert!(matches!(messages.next(), Some(ToWindow::Unanswered)));
        queue.send(ToWindow::Unanswered);
        drop(queue);
        let rest: Vec<ToWindow> = messages.collect();
        assert!(matches!(rest[..], [ToWindow::Settings, ToWindow::Unanswered]), "{rest:?}");
    }
}
