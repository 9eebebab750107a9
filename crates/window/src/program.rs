//! What is heard from the app's program, and told to it.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};

use ensconce_link::{Ends, FromWindow, Receiver, Sender, ToWindow};
use serde_json::Value;
use tokio::sync::oneshot;

/// The way to the program; a process has one window library, and it is run once.
static PROGRAM: OnceLock<Mutex<Option<Sender<FromWindow>>>> = OnceLock::new();

/// Takes up the connection; gives what the program tells.
pub(crate) fn connect(ends: Ends) -> Receiver<ToWindow> {
    let (receiver, sender) = ends.split();
    let _ = PROGRAM.set(Mutex::new(Some(sender)));
    receiver
}

/// Tells the program something.
pub(crate) fn tell(message: &FromWindow) {
    if let Some(program) = PROGRAM.get()
        && let Some(sender) = program.lock().unwrap_or_else(PoisonError::into_inner).as_mut()
    {
        // A program that does not listen any more is about to end.
        let _ = sender.send(message);
    }
}

/// The requests that wait for their answers, by number.
static ASKED: Mutex<BTreeMap<u64, oneshot::Sender<Value>>> = Mutex::new(BTreeMap::new());
static NEXT: AtomicU64 = AtomicU64::new(1);

/// Asks the program something; there is no answer when the app is ending.
pub(crate) async fn ask(request: Value) -> Option<Value> {
    let id = NEXT.fetch_add(1, Ordering::Relaxed);
    let (sender, answer) = oneshot::channel();
    ASKED.lock().unwrap_or_else(PoisonError::into_inner).insert(id, sender);
    tell(&FromWindow::SetupRequest { id, request });
    answer.await.ok()
}

/// Passes an answer on to who waits for it.
pub(crate) fn answered(id: u64, answer: Value) {
    let waiting = ASKED.lock().unwrap_or_else(PoisonError::into_inner).remove(&id);
    if let Some(waiting) = waiting {
        let _ = waiting.send(answer);
    }
}

/// Tells the program what went wrong, for the terminal.
pub(crate) fn warn(text: impl Into<String>) {
    tell(&FromWindow::Trouble(text.into()));
}

/// Lets go of the connection, so that the program sees that nothing more comes.
pub(crate) fn disconnect() {
    if let Some(program) = PROGRAM.get() {
        program.lock().unwrap_or_else(PoisonError::into_inner).take();
    }
}
