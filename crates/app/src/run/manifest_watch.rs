//! Reports when the manifest has been edited.

use std::path::Path;
use std::sync::mpsc::Receiver;
use std::time::Duration;

use notify::{Event, RecommendedWatcher, RecursiveMode, Watcher};
use tokio::sync::mpsc;

/// An editor writes a file in several steps; they count as one when they come this close.
const SETTLE: Duration = Duration::from_millis(150);

/// Watches a manifest until it is dropped.
pub struct ManifestWatch {
    changes: mpsc::UnboundedReceiver<()>,
    _watcher: RecommendedWatcher,
}

impl ManifestWatch {
    /// Waits for the next change. Nothing is lost when the wait is given up and begun again.
    pub async fn changed(&mut self) {
        if self.changes.recv().await.is_none() {
            std::future::pending::<()>().await;
        }
    }
}

/// Watches a manifest; its folder, because editors replace files instead of writing them.
///
/// # Errors
/// When the operating system cannot watch the folder.
pub fn watch_manifest(manifest: &Path) -> notify::Result<ManifestWatch> {
    let manifest = std::path::absolute(manifest).map_err(notify::Error::io)?;
    let manifest = if manifest.is_dir() { manifest.join("ensconce.toml") } else { manifest };
    let folder = manifest.parent().map(Path::to_owned).unwrap_or_default();
    let (events, raw) = std::sync::mpsc::channel();
    let (settled, changes) = mpsc::unbounded_channel();
    let mut watcher = notify::recommended_watcher(move |event: notify::Result<Event>| {
        if event.is_ok_and(|event| is_change(&event, &manifest)) {
            let _ = events.send(());
        }
    })?;
    watcher.watch(&folder, RecursiveMode::NonRecursive)?;
    std::thread::spawn(move || settle(&raw, &settled));
    Ok(ManifestWatch { changes, _watcher: watcher })
}

/// Makes one change of those that come close together, until the watcher is dropped.
fn settle(raw: &Receiver<()>, settled: &mpsc::UnboundedSender<()>) {
    while raw.recv().is_ok() {
        while raw.recv_timeout(SETTLE).is_ok() {}
        if settled.send(()).is_err() {
            return;
        }
    }
}

fn is_change(event: &Event, manifest: &Path) -> bool {
    !event.kind.is_access() && event.paths.iter().any(|path| path == manifest)
}
