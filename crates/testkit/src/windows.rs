//! Finds the processes of one test on Windows, where nobody may read another's environment.

#![allow(unsafe_code, reason = "there is no other way to ask Windows which processes there are")]

use std::os::windows::io::{AsRawHandle, FromRawHandle, OwnedHandle};
use std::path::{Path, PathBuf};
use std::sync::Once;

use windows::Win32::Foundation::HANDLE;
use windows::Win32::System::Console::{
    AllocConsole, CTRL_BREAK_EVENT, GenerateConsoleCtrlEvent, GetConsoleCP,
};
use windows::Win32::System::Diagnostics::ToolHelp::{
    CreateToolhelp32Snapshot, PROCESSENTRY32W, Process32FirstW, Process32NextW, TH32CS_SNAPPROCESS,
};

use crate::Mark;

/// A copy of a program under a name that no other test has, by which its processes are known.
#[derive(Debug)]
pub struct Image {
    path: PathBuf,
    name: String,
}

impl Image {
    /// Copies a program into a folder.
    ///
    /// # Panics
    /// When it cannot be copied.
    pub fn copy(program: &Path, folder: &Path) -> Self {
        let name = format!("fake-{}.exe", Mark::new());
        let path = folder.join(&name);
        std::fs::copy(program, &path).expect("the program can be copied");
        Self { path, name }
    }

    /// Where it lies.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The ids of its processes that are alive, whoever has started them.
    ///
    /// # Panics
    /// When Windows does not list its processes.
    pub fn processes(&self) -> Vec<u32> {
        // SAFETY: no pointers are passed.
        let list = unsafe { CreateToolhelp32Snapshot(TH32CS_SNAPPROCESS, 0) };
        let list = list.expect("Windows lists its processes");
        // SAFETY: the handle is new, and nobody else has it.
        let owned = unsafe { OwnedHandle::from_raw_handle(list.0) };
        let list = HANDLE(owned.as_raw_handle());
        let size = u32::try_from(size_of::<PROCESSENTRY32W>()).expect("it is small");
        let mut entry = PROCESSENTRY32W { dwSize: size, ..PROCESSENTRY32W::default() };
        let mut found = Vec::new();
        // SAFETY: the entry knows its size.
        let mut more = unsafe { Process32FirstW(list, &mut entry) };
        while more.is_ok() {
            let length = entry.szExeFile.iter().position(|unit| *unit == 0).unwrap_or_default();
            if String::from_utf16_lossy(&entry.szExeFile[..length]) == self.name {
                found.push(entry.th32ProcessID);
            }
            // SAFETY: the entry knows its size.
            more = unsafe { Process32NextW(list, &mut entry) };
        }
        found
    }
}

/// Sees that this process has a console, which programs that it starts from now on share.
pub fn open_console() {
    static ONCE: Once = Once::new();
    // SAFETY: no pointers are passed.
    ONCE.call_once(|| unsafe {
        if GetConsoleCP() == 0 {
            let _ = AllocConsole();
        }
    });
}

/// Sends Ctrl-Break to a program on this process' console that leads a group of its own.
///
/// # Panics
/// When there is no such program.
pub fn send_break(program: u32) {
    // SAFETY: no pointers are passed.
    let sent = unsafe { GenerateConsoleCtrlEvent(CTRL_BREAK_EVENT, program) };
    sent.expect("the program is on this console");
}
