//! The connection with the app's program.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};

use ensconce_link::{MessageReceiver, MessageSender, PipeEnds};
use ensconce_protocol::{AppRequest, FromWindow, ToWindow};
use serde_json::Value;
use tokio::sync::oneshot;

/// The way to the program; a process has one window library, and it is run once.
static PROGRAM: OnceLock<Mutex<Option<MessageSender<FromWindow>>>> = OnceLock::new();

/// Takes up the connection; returns what the program says.
pub(crate) fn connect(ends: PipeEnds) -> MessageReceiver<ToWindow> {
    let (receiver, sender) = ends.split();
    let _ = PROGRAM.set(Mutex::new(Some(sender)));
    receiver
}

/// Sends the program a message.
pub(crate) fn send(message: &FromWindow) {
    if let Some(program) = PROGRAM.get()
        && let Some(sender) = program.lock().unwrap_or_else(PoisonError::into_inner).as_mut()
    {
        // A program that does not listen any more is about to end.
        let _ = sender.send(message);
    }
}

/// The requests that wait for their responses, by number.
static ASKED: Mutex<BTreeMap<u64, oneshot::Sender<Value>>> = Mutex::new(BTreeMap::new());
static NEXT: AtomicU64 = AtomicU64::new(1);

/// Asks the program something; there is no response when the app is ending.
pub(crate) async fn ask(request: AppRequest) -> Option<Value> {
    let id = NEXT.fetch_add(1, Ordering::Relaxed);
    let (sender, response) = oneshot::channel();
    ASKED.lock().unwrap_or_else(PoisonError::into_inner).insert(id, sender);
    send(&FromWindow::Request { id, request });
    response.await.ok()
}

/// Delivers a response to whoever waits for it.
pub(crate) fn deliver(id: u64, response: Value) {
    let waiting = ASKED.lock().unwrap_or_else(PoisonError::into_inner).remove(&id);
    if let Some(waiting) = waiting {
        let _ = waiting.send(response);
    }
}

/// Reports what went wrong, for the terminal.
pub(crate) fn warn(text: impl Into<String>) {
    send(&FromWindow::Trouble(text.into()));
}

/// Closes the connection, so that the program sees that nothing more comes.
pub(crate) fn disconnect() {
    if let Some(program) = PROGRAM.get() {
        program.lock().unwrap_or_else(PoisonError::into_inner).take();
    }
}
