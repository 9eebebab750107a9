//! Protects the memory of a process that holds secrets.

use std::io;

/// Closes this process's memory to other processes of the same user, and keeps it out of core
/// dumps. Does nothing on systems without such a switch.
///
/// Programs that this process starts are not affected. Not for a process with a window: the
/// desktop's portals refuse a process that they cannot inspect, and file dialogs need them.
///
/// # Errors
/// When the system refuses.
pub fn close_memory() -> io::Result<()> {
    #[cfg(target_os = "linux")]
    rustix::process::set_dumpable_behavior(rustix::process::DumpableBehavior::NotDumpable)?;
    Ok(())
}

/// Turns core dumps off for this process, and for those that it starts unless they turn them on
/// again. Does nothing on Windows.
///
/// # Errors
/// When the system refuses.
pub fn forgo_core_dumps() -> io::Result<()> {
    #[cfg(unix)]
    {
        use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
        let maximum = getrlimit(Resource::Core).maximum;
        setrlimit(Resource::Core, Rlimit { current: Some(0), maximum })?;
    }
    Ok(())
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use rustix::process::{DumpableBehavior, Resource, dumpable_behavior, getrlimit};

    use super::*;

    #[test]
    fn memory_is_closed() {
        close_memory().unwrap();
        assert_eq!(dumpable_behavior().unwrap(), DumpableBehavior::NotDumpable);
    }

    #[test]
    fn there_are_no_core_dumps_unless_a_child_wants_them() {
        let before = getrlimit(Resource::Core).maximum;
        forgo_core_dumps().unwrap();
        let now = getrlimit(Resource::Core);
        assert_eq!((now.current, now.maximum), (Some(0), before));
    }
}
