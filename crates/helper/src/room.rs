//! Room on a disk: what is needed, and whether it is there.

use std::path::Path;

use crate::error::WorkError;
use crate::files;

/// What a disk should have left, for whoever else writes to it.
const SPARE: u64 = 16 << 20;

/// Checks that there is room for some bytes in a folder.
///
/// That others fill the disk afterwards is noticed when a write fails; this only spares the wait
/// for it.
pub(crate) fn check(folder: &Path, bytes: u64) -> Result<(), WorkError> {
    let free = fs4::available_space(folder).map_err(WorkError::file(folder))?;
    enough(free, bytes).map_err(|needed| WorkError::NoRoom {
        folder: folder.to_owned(),
        needed,
        free,
    })
}

/// Returns whether there is hardly any room left beside a file.
pub(crate) fn is_gone(file: &Path) -> bool {
    /// What the smallest of files needs.
    const LEAST: u64 = 64 << 10;
    fs4::available_space(files::folder_of(file)).is_ok_and(|free| free < LEAST)
}

/// Returns what is needed, if that is more than there is.
fn enough(free: u64, bytes: u64) -> Result<(), u64> {
    let needed = bytes.saturating_add(SPARE);
    if free >= needed { Ok(()) } else { Err(needed) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_disk_is_noticed_before() {
        assert_eq!(enough(100 << 20, 50 << 20), Ok(()));
        assert_eq!(enough(60 << 20, 50 << 20), Err(66 << 20));
        assert_eq!(enough(u64::MAX, u64::MAX), Ok(()));
    }
}
