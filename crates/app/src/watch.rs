//! Tells when the manifest has been edited.

use std::path::Path;
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
    /// Waits for the next change.
    pub async fn changed(&mut self) {
        if self.changes.recv().await.is_none() {
            std::future::pending::<()>().await;
        }
        while let Ok(Some(())) = tokio::time::timeout(SETTLE, self.changes.recv()).await {}
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
    let (sender, changes) = mpsc::unbounded_channel();
    let mut watcher = notify::recommended_watcher(move |event: notify::Result<Event>| {
        if event.is_ok_and(|event| is_change(&event, &manifest)) {
            let _ = sender.send(());
        }
    })?;
    watcher.watch(&folder, RecursiveMode::NonRecursive)?;
    Ok(ManifestWatch { changes, _watcher: watcher })
}

fn is_change(event: &Event, manifest: &Path) -> bool {
    !event.kind.is_access() && event.paths.iter().any(|path| path == manifest)
}
