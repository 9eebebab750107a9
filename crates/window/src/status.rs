//! The app's latest state, for Ensconce's own page.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use ensconce_protocol::AppStatus;

/// The latest state, shared by all clones.
#[derive(Debug, Clone)]
pub(crate) struct LatestStatus(Arc<Mutex<AppStatus>>);

impl LatestStatus {
    pub(crate) fn new(first: AppStatus) -> Self {
        Self(Arc::new(Mutex::new(first)))
    }

    /// Returns a copy.
    pub(crate) fn get(&self) -> AppStatus {
        self.lock().clone()
    }

    /// Replaces it by another, and returns that with the app's identity, which only the first one has.
    pub(crate) fn replace(&self, status: AppStatus) -> AppStatus {
        let mut latest = self.lock();
        let app = latest.app.clone();
        *latest = AppStatus { app, ..status };
        latest.clone()
    }

    fn lock(&self) -> MutexGuard<'_, AppStatus> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
