//! The app's latest state, for Ensconce's own page.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use ensconce_link::Status;

/// The latest state, shared by all clones.
#[derive(Debug, Clone)]
pub(crate) struct LatestStatus(Arc<Mutex<Status>>);

impl LatestStatus {
    pub(crate) fn new(first: Status) -> Self {
        Self(Arc::new(Mutex::new(first)))
    }

    /// Returns a copy.
    pub(crate) fn get(&self) -> Status {
        self.lock().clone()
    }

    /// Replaces it by another, and returns that with the app's face, which only the first one has.
    pub(crate) fn replace(&self, status: Status) -> Status {
        let mut latest = self.lock();
        let app = latest.app.clone();
        *latest = Status { app, ..status };
        latest.clone()
    }

    fn lock(&self) -> MutexGuard<'_, Status> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
