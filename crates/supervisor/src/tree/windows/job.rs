//! Job objects.

#![allow(unsafe_code, reason = "there is no other way to ask Windows for them")]

use std::io;
use std::os::windows::io::{AsRawHandle, FromRawHandle, OwnedHandle, RawHandle};

use windows::Win32::Foundation::HANDLE;
use windows::Win32::System::Diagnostics::ToolHelp::{
    CreateToolhelp32Snapshot, TH32CS_SNAPTHREAD, THREADENTRY32, Thread32First, Thread32Next,
};
use windows::Win32::System::JobObjects::{
    AssignProcessToJobObject, CreateJobObjectW, IsProcessInJob, JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE,
    JOBOBJECT_BASIC_ACCOUNTING_INFORMATION, JOBOBJECT_EXTENDED_LIMIT_INFORMATION,
    JOBOBJECTINFOCLASS, JobObjectBasicAccountingInformation, JobObjectBasicProcessIdList,
    JobObjectExtendedLimitInformation, QueryInformationJobObject, SetInformationJobObject,
    TerminateJobObject,
};
use windows::Win32::System::Threading::{self, OpenThread, ResumeThread, THREAD_SUSPEND_RESUME};
use windows::core::BOOL;

/// Makes a process whose first thread waits for [`resume`].
pub(super) const CREATE_SUSPENDED: u32 = Threading::CREATE_SUSPENDED.0;

/// What the killed exit with, as by the Task Manager.
const KILLED: u32 = 1;

/// How many processes of a job are listed, which is more than a service has; if there are more,
/// they are in it all the same.
const LISTED: usize = 4096;

/// A program and everything that it has started. Its processes end when this is dropped, and when
/// the process that holds it ends.
pub(crate) struct JobObject(OwnedHandle);

/// What Windows fills in when asked for a job's processes: `JOBOBJECT_BASIC_PROCESS_ID_LIST`, with
/// room for some.
#[repr(C)]
struct ProcessList {
    _assigned: u32,
    listed: u32,
    ids: [usize; LISTED],
}

impl JobObject {
    /// Makes one without processes.
    pub(super) fn new() -> io::Result<Self> {
        // SAFETY: no pointers are passed.
        let handle = unsafe { CreateJobObjectW(None, None) }?;
        // SAFETY: the handle is new, and nobody else has it.
        let job = Self(unsafe { OwnedHandle::from_raw_handle(handle.0) });
        let mut limits = JOBOBJECT_EXTENDED_LIMIT_INFORMATION::default();
        // Without this, the tree would outlive a supervisor that is killed.
        limits.BasicLimitInformation.LimitFlags = JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE;
        // SAFETY: the pointer and the size are those of `limits`.
        unsafe {
            SetInformationJobObject(
                job.handle(),
                JobObjectExtendedLimitInformation,
                (&raw const limits).cast(),
                size_of_u32::<JOBOBJECT_EXTENDED_LIMIT_INFORMATION>(),
            )
        }?;
        Ok(job)
    }

    /// Puts a process into the job; what it starts from now on is in it as well.
    pub(super) fn take_in(&self, process: RawHandle) -> io::Result<()> {
        // SAFETY: both handles are open.
        unsafe { AssignProcessToJobObject(self.handle(), HANDLE(process)) }?;
        Ok(())
    }

    /// Ends all its processes at once.
    pub(super) fn kill(&self) {
        // SAFETY: the handle is open. An error says that there is nothing to end.
        let _ = unsafe { TerminateJobObject(self.handle(), KILLED) };
    }

    /// Returns whether none of its processes is alive.
    pub(super) fn is_empty(&self) -> bool {
        let mut found = JOBOBJECT_BASIC_ACCOUNTING_INFORMATION::default();
        self.query(JobObjectBasicAccountingInformation, &mut found) && found.ActiveProcesses == 0
    }

    /// The ids of its processes, as far as they are listed.
    pub(crate) fn processes(&self) -> Vec<u32> {
        let mut list = Box::new(ProcessList { _assigned: 0, listed: 0, ids: [0; LISTED] });
        // When there are more, it is an error, and the first are listed all the same.
        self.query(JobObjectBasicProcessIdList, &mut *list);
        let ids = list.ids.iter().take(list.listed as usize);
        ids.filter_map(|id| u32::try_from(*id).ok()).collect()
    }

    /// Returns whether a process is one of its own.
    pub(crate) fn holds(&self, process: RawHandle) -> bool {
        let mut found = BOOL::default();
        // SAFETY: both handles are open, and the pointer is to `found`.
        let told = unsafe { IsProcessInJob(HANDLE(process), Some(self.handle()), &mut found) };
        told.is_ok() && found.as_bool()
    }

    /// Fills in what Windows knows of the job; false when it is more than there is room for.
    fn query<T>(&self, class: JOBOBJECTINFOCLASS, into: &mut T) -> bool {
        let room = (&raw mut *into).cast();
        // SAFETY: the pointer and the size are those of `into`, a plain structure of numbers.
        unsafe {
            QueryInformationJobObject(Some(self.handle()), class, room, size_of_u32::<T>(), None)
        }
        .is_ok()
    }

    fn handle(&self) -> HANDLE {
        HANDLE(self.0.as_raw_handle())
    }
}

/// Lets a process begin that was made with [`CREATE_SUSPENDED`]: Rust keeps its thread to itself.
pub(super) fn resume(process: u32) -> io::Result<()> {
    // SAFETY: no pointers are passed, and the handle is new.
    let threads =
        unsafe { OwnedHandle::from_raw_handle(CreateToolhelp32Snapshot(TH32CS_SNAPTHREAD, 0)?.0) };
    let list = HANDLE(threads.as_raw_handle());
    let mut entry =
        THREADENTRY32 { dwSize: size_of_u32::<THREADENTRY32>(), ..THREADENTRY32::default() };
    let mut resumed = false;
    // SAFETY: the entry knows its size.
    let mut found = unsafe { Thread32First(list, &mut entry) };
    while found.is_ok() {
        if entry.th32OwnerProcessID == process {
            resume_thread(entry.th32ThreadID)?;
            resumed = true;
        }
        // SAFETY: the entry knows its size.
        found = unsafe { Thread32Next(list, &mut entry) };
    }
    if resumed { Ok(()) } else { Err(io::Error::other("the new process has no thread")) }
}

fn resume_thread(id: u32) -> io::Result<()> {
    // SAFETY: no pointers are passed, and the handle is new.
    let thread =
        unsafe { OwnedHandle::from_raw_handle(OpenThread(THREAD_SUSPEND_RESUME, false, id)?.0) };
    // SAFETY: the handle is open.
    match unsafe { ResumeThread(HANDLE(thread.as_raw_handle())) } {
        u32::MAX => Err(io::Error::last_os_error()),
        _ => Ok(()),
    }
}

/// The size of a structure, as Windows wants to be told it.
const fn size_of_u32<T>() -> u32 {
    #[expect(clippy::cast_possible_truncation, reason = "no structure here is that large")]
    {
        size_of::<T>() as u32
    }
}
