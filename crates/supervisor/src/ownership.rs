//! Proves that a listening socket belongs to a job's own tree.

use std::net::SocketAddr;

/// Whose socket it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Owner {
    /// A process of the tree.
    Ours,
    /// Somebody else, as far as a name can be given.
    Stranger(String),
    /// It cannot be told, on this system or at this moment.
    Unknown,
}

/// Tells who listens at `address`: a process of the tree below `root`, or somebody else.
pub(crate) fn owner(address: SocketAddr, root: u32) -> Owner {
    imp::owner(address, root)
}

/// Names who listens on a port of loopback, for a message.
pub(crate) fn name_of_owner(port: u16) -> String {
    match imp::owner((std::net::Ipv4Addr::LOCALHOST, port).into(), 0) {
        Owner::Stranger(name) => name,
        _ => "another program".to_owned(),
    }
}

#[cfg(target_os = "linux")]
mod imp {
    use std::collections::{HashMap, HashSet};
    use std::net::SocketAddr;

    use procfs::net::{TcpNetEntry, TcpState};
    use procfs::process::{FDTarget, Process, all_processes};

    use super::Owner;

    pub(super) fn owner(address: SocketAddr, root: u32) -> Owner {
        let sockets = listening(address);
        if sockets.is_empty() {
            return Owner::Unknown;
        }
        let ours: HashSet<u64> = tree(root).iter().flat_map(sockets_of).collect();
        if sockets.iter().all(|socket| ours.contains(socket)) {
            return Owner::Ours;
        }
        Owner::Stranger(name(&sockets))
    }

    /// The sockets that get a connection to `address`: the exact ones, else those for any address.
    fn listening(address: SocketAddr) -> HashSet<u64> {
        let entries = [procfs::net::tcp(), procfs::net::tcp6()];
        let on_port: Vec<TcpNetEntry> = entries
            .into_iter()
            .flatten()
            .flatten()
            .filter(|entry| entry.state == TcpState::Listen)
            .filter(|entry| entry.local_address.port() == address.port())
            .collect();
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

    fn name(sockets: &HashSet<u64>) -> String {
        let holder = all_processes()
            .into_iter()
            .flatten()
            .flatten()
            .find(|process| sockets_of(&process.pid()).iter().any(|one| sockets.contains(one)))
            .and_then(|process| process.stat().ok());
        match holder {
            Some(stat) => format!("`{}` (process {})", stat.comm, stat.pid),
            None => "another program".to_owned(),
        }
    }
}

#[cfg(not(target_os = "linux"))]
mod imp {
    use std::net::SocketAddr;

    use super::Owner;

    /// Without a list of the tree only a complete stranger can be told: one that is older.
    pub(super) fn owner(address: SocketAddr, root: u32) -> Owner {
        let Ok(processes) = listeners::get_processes_by_port(address.port()) else {
            return Owner::Unknown;
        };
        let mut processes = processes.into_iter();
        match processes.next() {
            None => Owner::Unknown,
            Some(process) if process.pid == root => Owner::Ours,
            Some(process) if root == 0 => {
                Owner::Stranger(format!("`{}` (process {})", process.name, process.pid))
            }
            Some(_) => Owner::Unknown,
        }
    }
}
