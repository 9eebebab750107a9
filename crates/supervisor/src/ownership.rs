//! Proves that a listening socket belongs to a job's own tree.

use std::net::SocketAddr;

/// Whose socket it is.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(not(target_os = "linux"), allow(dead_code, reason = "only Linux can tell them all"))]
pub(crate) enum Owner {
    /// A process of the tree.
    Ours,
    /// Somebody else, as far as a name can be given.
    Stranger(String),
    /// No process has it any more, or none of this system ever had.
    Nobody,
    /// It cannot be told, which only happens on systems other than Linux.
    Unknown,
}

/// Tells who listens at `address`: a process of the tree below `root`, or somebody else.
pub(crate) fn owner(address: SocketAddr, root: u32) -> Owner {
    imp::owner(address, root)
}

/// Names who listens on a port of loopback, for a message.
pub(crate) fn name_of_owner(port: u16) -> String {
    imp::name_on(port).unwrap_or_else(|| SOMEBODY.to_owned())
}

/// Who has a socket that only the administrator may look into.
const SOMEBODY: &str = "another program";

#[cfg(target_os = "linux")]
mod imp {
    use std::collections::{HashMap, HashSet};
    use std::net::SocketAddr;

    use procfs::net::{TcpNetEntry, TcpState};
    use procfs::process::{FDTarget, Process, all_processes};

    use super::{Owner, SOMEBODY};

    pub(super) fn owner(address: SocketAddr, root: u32) -> Owner {
        let sockets = listening(address);
        if sockets.is_empty() {
            return Owner::Nobody;
        }
        let ours: HashSet<u64> = tree(root).iter().flat_map(sockets_of).collect();
        if sockets.iter().all(|socket| ours.contains(socket)) {
            return Owner::Ours;
        }
        Owner::Stranger(name(&sockets).unwrap_or_else(|| SOMEBODY.to_owned()))
    }

    /// Names who listens on a port, on whichever address.
    pub(super) fn name_on(port: u16) -> Option<String> {
        name(&on_port(port).iter().map(|entry| entry.inode).collect())
    }

    /// The sockets that get a connection to `address`: the exact ones, else those for any address.
    fn listening(address: SocketAddr) -> HashSet<u64> {
        let on_port = on_port(address.port());
        let exact: HashSet<u64> = on_port
            .iter()
            .filter(|entry| entry.local_address.ip() == address.ip())
            .map(|entry| entry.inode)
            .collect();
        if !exact.is_empty() {
            return exact;
        }
        let takes = |entry: &&TcpNetEntry| {
            let local = entry.local_address;
            local.ip().is_unspecified() && (local.is_ipv6() || address.is_ipv4())
        };
        on_port.iter().filter(takes).map(|entry| entry.inode).collect()
    }

    fn on_port(port: u16) -> Vec<TcpNetEntry> {
        let entries = [procfs::net::tcp(), procfs::net::tcp6()];
        entries
            .into_iter()
            .flatten()
            .flatten()
            .filter(|entry| entry.state == TcpState::Listen)
            .filter(|entry| entry.local_address.port() == port)
            .collect()
    }

    fn sockets_of(pid: &i32) -> Vec<u64> {
        let descriptors = Process::new(*pid).and_then(|process| process.fd());
        descriptors
            .into_iter()
            .flatten()
            .flatten()
            .filter_map(|descriptor| match descriptor.target {
                FDTarget::Socket(inode) => Some(inode),
                _ => None,
            })
            .collect()
    }

    fn tree(root: u32) -> Vec<i32> {
        let mut children: HashMap<i32, Vec<i32>> = HashMap::new();
        for stat in all_processes().into_iter().flatten().flatten().flat_map(|p| p.stat()) {
            children.entry(stat.ppid).or_default().push(stat.pid);
        }
        let mut found = vec![i32::try_from(root).unwrap_or_default()];
        let mut next = 0;
        while let Some(pid) = found.get(next).copied() {
            found.extend(children.get(&pid).into_iter().flatten());
            next += 1;
        }
        found.retain(|pid| *pid > 0);
        found
    }

    fn name(sockets: &HashSet<u64>) -> Option<String> {
        let stat = all_processes()
            .into_iter()
            .flatten()
            .flatten()
            .find(|process| sockets_of(&process.pid()).iter().any(|one| sockets.contains(one)))
            .and_then(|process| process.stat().ok())?;
        Some(format!("`{}` (process {})", stat.comm, stat.pid))
    }
}

#[cfg(not(target_os = "linux"))]
mod imp {
    use std::net::SocketAddr;

    use listeners::{Process, Protocol};

    use super::Owner;

    /// The tree is not known here, so only the program itself can be told from others.
    pub(super) fn owner(address: SocketAddr, root: u32) -> Owner {
        match listener_on(address.port()) {
            Some(process) if process.pid == root => Owner::Ours,
            _ => Owner::Unknown,
        }
    }

    /// Names who listens on a port, on whichever address.
    pub(super) fn name_on(port: u16) -> Option<String> {
        let process = listener_on(port)?;
        Some(format!("`{}` (process {})", process.name, process.pid))
    }

    fn listener_on(port: u16) -> Option<Process> {
        listeners::get_process_by_port(port, Protocol::TCP).ok()
    }
}
