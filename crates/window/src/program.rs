//! What is heard from the app's program, and told to it.

use std::sync::{Mutex, OnceLock, PoisonError};

use ensconce_link::{Ends, FromWindow, Receiver, Sender, ToWindow};

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
