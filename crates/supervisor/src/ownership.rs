//! Proves that a listening socket belongs to a job's own process tree.
//!
//! A server that answers where a service should may be a stranger: an orphan of an older version,
//! another app, or a program of another user that waits for requests which are not meant for it.
//! So nobody is sent to an address before the socket there is shown to be the tree's own.
//!
//! # The rule on Linux
//!
//! 1. All sockets that can get a connection to the address must be the tree's own: one, or those of
//!    several workers that share a port.
//! 2. A socket is the tree's own when a process of the tree holds it, and Ensconce itself does not:
//!    what Ensconce has inherited, all that it starts has inherited as well.
//! 3. The kernel does not say what some processes hold: those that are not dumpable, that have
//!    capabilities, or that run as another user. A socket that no visible process holds is believed
//!    when its user is the one that such a process *of the tree* runs as. That the port was free
//!    right before the start, which is looked at each time, leaves no other moment for a stranger.
//! 4. Every other socket is a stranger's. One of another user is never believed, unless it is held
//!    by a process of the tree, or by rule 3 may be.
//!
//! Elsewhere the tree cannot be asked: what accepts connections on a port that was free before the
//! start is believed.

#[cfg(target_os = "linux")]
#[path = "ownership/linux.rs"]
mod imp;
#[cfg(not(target_os = "linux"))]
#[path = "ownership/others.rs"]
mod imp;

use std::net::SocketAddr;

/// Whose socket it is.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(not(target_os = "linux"), allow(dead_code, reason = "only Linux can tell them all"))]
pub(crate) enum Owner {
    /// The process tree's own.
    Ours,
    /// Somebody else's, as far as a name can be given.
    Stranger(String),
    /// No process has it any more, or none of this system ever had.
    Nobody,
    /// It cannot be known, which only happens on systems other than Linux.
    Unknown,
}

/// Returns who listens at `address`: the process tree below `root`, or somebody else.
///
/// It reads much of `/proc`, so it must not run on a thread that others wait for.
pub(crate) fn owner(address: SocketAddr, root: u32) -> Owner {
    imp::owner(address, root)
}

/// Returns a name for who listens on a port of loopback, for a message.
pub(crate) fn name_of_owner(port: u16) -> String {
    imp::name_on(port).unwrap_or_else(|| SOMEBODY.to_owned())
}

/// Who has a socket that only the administrator may look into.
const SOMEBODY: &str = "another program";
