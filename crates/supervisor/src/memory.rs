//! How much memory a tree uses.

#[cfg(target_os = "linux")]
#[path = "memory/linux.rs"]
mod imp;
#[cfg(target_os = "macos")]
#[path = "memory/macos.rs"]
mod imp;
#[cfg(windows)]
#[path = "memory/windows.rs"]
mod imp;

use std::time::Duration;

use crate::tree::TreeMembers;

/// How often to look.
const PERIOD: Duration = Duration::from_secs(2);

/// Waits until a tree uses more than `limit` bytes; forever without a limit.
pub(crate) async fn until_over(tree: TreeMembers, limit: Option<u64>) -> u64 {
    let Some(limit) = limit else { return std::future::pending().await };
    loop {
        tokio::time::sleep(PERIOD).await;
        let tree = tree.clone();
        let looking = tokio::task::spawn_blocking(move || imp::is_over(&tree, limit));
        if looking.await.unwrap_or(false) {
            return limit;
        }
    }
}
