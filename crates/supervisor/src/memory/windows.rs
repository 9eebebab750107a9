//! Windows: what is in the tree's job object.

#![allow(unsafe_code, reason = "there is no other way to ask Windows for a process' memory")]

use std::os::windows::io::{AsRawHandle, FromRawHandle, OwnedHandle};

use windows::Win32::Foundation::HANDLE;
use windows::Win32::System::ProcessStatus::{GetProcessMemoryInfo, PROCESS_MEMORY_COUNTERS};
use windows::Win32::System::Threading::{OpenProcess, PROCESS_QUERY_INFORMATION, PROCESS_VM_READ};

use crate::tree::TreeMembers;

/// Returns whether the processes of a tree use more than `limit` bytes together.
pub(super) fn is_over(tree: &TreeMembers, limit: u64) -> bool {
    let opened = tree.processes().into_iter().filter_map(open);
    // An id may have got a new owner since it was listed; a handle has one for good.
    let ours = opened.filter(|process| tree.holds(process.as_raw_handle()));
    ours.map(|process| private(&process)).sum::<u64>() > limit
}

fn open(id: u32) -> Option<OwnedHandle> {
    // SAFETY: no pointers are passed, and the handle is new.
    unsafe {
        let process = OpenProcess(PROCESS_QUERY_INFORMATION | PROCESS_VM_READ, false, id).ok()?;
        Some(OwnedHandle::from_raw_handle(process.0))
    }
}

/// The bytes of memory that a process has for itself alone, in RAM or swapped out: the *private
/// bytes*. None when it has ended.
fn private(process: &OwnedHandle) -> u64 {
    let mut found = PROCESS_MEMORY_COUNTERS::default();
    #[expect(clippy::cast_possible_truncation, reason = "it has ten numbers")]
    let size = size_of::<PROCESS_MEMORY_COUNTERS>() as u32;
    let process = HANDLE(process.as_raw_handle());
    // SAFETY: the handle is open, and the pointer and the size are those of `found`.
    match unsafe { GetProcessMemoryInfo(process, &mut found, size) } {
        // The same number as `PrivateUsage` of the longer structure, which Wine leaves at 0.
        Ok(()) => found.PagefileUsage as u64,
        Err(_) => 0,
    }
}
