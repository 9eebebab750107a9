//! macOS and Windows: only who made a listening socket is known, and not who holds it.

use std::net::SocketAddr;

use listeners::{Process, Protocol};

use super::Owner;

/// Returns what is known: that it is the program itself, or not.
pub(super) fn owner(address: SocketAddr, root: u32) -> Owner {
    match listener_on(address.port()) {
        Some(process) if process.pid == root => Owner::Ours,
        _ => Owner::Unknown,
    }
}

/// Returns a name for who listens on a port, at whichever address.
pub(super) fn name_on(port: u16) -> Option<String> {
    let process = listener_on(port)?;
    Some(format!("`{}` (process {})", process.name, process.pid))
}

fn listener_on(port: u16) -> Option<Process> {
    listeners::get_process_by_port(port, Protocol::TCP).ok()
}
