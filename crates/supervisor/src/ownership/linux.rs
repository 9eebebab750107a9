//! Linux: listening sockets and their users by `/proc/net`, who holds them by `/proc/PID/fd`.

use std::collections::{HashMap, HashSet};
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use procfs::net::{TcpNetEntries, TcpNetEntry};
use procfs::process::{FDTarget, Process, all_processes};
use procfs::{FromBufReadSI, ProcError, ProcResult, current_system_info};

use super::{Owner, SOMEBODY};

/// A listening socket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Listener {
    local: SocketAddr,
    /// What `/proc/PID/fd` calls it.
    inode: u64,
    /// Who it was made by: the user that its process ran as.
    user: u32,
}

pub(super) fn owner(address: SocketAddr, root: u32) -> Owner {
    let receivers = receivers(address, &listeners_on(address.port()));
    if receivers.is_empty() {
        return Owner::Nobody;
    }
    let tree = Tree::below(root);
    let (held, mut open): (Vec<_>, Vec<_>) =
        receivers.into_iter().partition(|listener| tree.sockets.contains(&listener.inode));
    if !open.is_empty() {
        // A worker may have ended while the tree was read, and its socket with it.
        let now = listeners_on(address.port());
        open.retain(|listener| now.contains(listener));
    }
    if open.is_empty() {
        return if held.is_empty() { Owner::Nobody } else { Owner::Ours };
    }
    let inodes = open.iter().map(|listener| listener.inode).collect();
    if let Some(stranger) = name_of_holder(&inodes, &tree.processes) {
        return Owner::Stranger(stranger);
    }
    if open.iter().all(|listener| tree.hidden_users.contains(&listener.user)) {
        Owner::Ours
    } else {
        Owner::Stranger(SOMEBODY.to_owned())
    }
}

/// Returns a name for who listens on a port, at whichever address.
pub(super) fn name_on(port: u16) -> Option<String> {
    let inodes = listeners_on(port).iter().map(|listener| listener.inode).collect();
    name_of_holder(&inodes, &HashSet::new())
}

fn listeners_on(port: u16) -> Vec<Listener> {
    ["/proc/net/tcp", "/proc/net/tcp6"]
        .into_iter()
        .filter_map(|table| listening_in(table).ok())
        .flatten()
        .filter(|entry| entry.local_address.port() == port)
        .map(|entry| Listener { local: entry.local_address, inode: entry.inode, user: entry.uid })
        .collect()
}

/// Reads the listening sockets of a table. The kernel lists them before all others, of which there
/// may be tens of thousands: a browser leaves one for each request behind it.
fn listening_in(table: &str) -> ProcResult<Vec<TcpNetEntry>> {
    const LISTEN: &str = "0A";
    let mut lines = BufReader::new(File::open(table)?).lines().map_while(Result::ok);
    let title = lines.next();
    let is_listening = |line: &String| line.split_whitespace().nth(3) == Some(LISTEN);
    let listening = lines.take_while(is_listening);
    let text: String =
        title.into_iter().chain(listening).flat_map(|line| [line, "\n".into()]).collect();
    Ok(TcpNetEntries::from_buf_read(text.as_bytes(), current_system_info())?.0)
}

/// Returns the sockets that can get a connection to `address`: those of the first rank that has any.
fn receivers(address: SocketAddr, listeners: &[Listener]) -> Vec<Listener> {
    let rank = |listener: &Listener| rank(listener.local.ip(), address.ip());
    let first = listeners.iter().filter_map(rank).min();
    let is_first = |listener: &&Listener| first.is_some() && rank(listener) == first;
    listeners.iter().filter(is_first).copied().collect()
}

/// Returns how early the kernel looks at a socket bound to `local` for a connection to `target`, if
/// at all: exact addresses come before sockets for all addresses, and for IPv4, sockets of IPv4
/// before those of IPv6 that take both.
fn rank(local: IpAddr, target: IpAddr) -> Option<u8> {
    match (target, local) {
        (IpAddr::V4(target), IpAddr::V4(local)) if local == target => Some(0),
        (IpAddr::V4(target), IpAddr::V6(local)) if local.to_ipv4_mapped() == Some(target) => {
            Some(1)
        }
        (IpAddr::V4(_), IpAddr::V4(local)) if local.is_unspecified() => Some(2),
        (IpAddr::V4(_), IpAddr::V6(local))
            if local.is_unspecified() || local.to_ipv4_mapped() == Some(Ipv4Addr::UNSPECIFIED) =>
        {
            Some(3)
        }
        (IpAddr::V6(target), IpAddr::V6(local)) if local == target => Some(0),
        (IpAddr::V6(_), IpAddr::V6(local)) if local.is_unspecified() => Some(3),
        _ => None,
    }
}

/// What can be known of a process tree.
#[derive(Default)]
struct Tree {
    processes: HashSet<i32>,
    /// The sockets that its processes hold, and this one does not.
    sockets: HashSet<u64>,
    /// The users that those of its processes run as of which the kernel does not say what they hold.
    hidden_users: HashSet<u32>,
}

impl Tree {
    /// Looks at a process and all that descend from it.
    fn below(root: u32) -> Self {
        let mut tree = Self { processes: descendants(root), ..Self::default() };
        for process in tree.processes.iter().filter_map(|pid| Process::new(*pid).ok()) {
            match sockets_of(&process) {
                Ok(sockets) => tree.sockets.extend(sockets),
                // The owner of its files in `/proc` is the administrator then; its status is right.
                Err(ProcError::PermissionDenied(_)) => {
                    tree.hidden_users.extend(process.status().ok().map(|status| status.euid));
                }
                // It has ended since.
                Err(_) => {}
            }
        }
        let inherited = Process::myself().and_then(|process| sockets_of(&process));
        for socket in inherited.into_iter().flatten() {
            tree.sockets.remove(&socket);
        }
        tree
    }
}

fn descendants(root: u32) -> HashSet<i32> {
    let mut children: HashMap<i32, Vec<i32>> = HashMap::new();
    for stat in all_processes().into_iter().flatten().flatten().flat_map(|process| process.stat()) {
        children.entry(stat.ppid).or_default().push(stat.pid);
    }
    let mut parents: Vec<i32> = i32::try_from(root).into_iter().collect();
    let mut found = HashSet::new();
    while let Some(pid) = parents.pop() {
        if found.insert(pid) {
            parents.extend(children.get(&pid).into_iter().flatten());
        }
    }
    found
}

/// Returns the inodes of the sockets that a process holds.
///
/// # Errors
/// When the process has ended, or may not be looked into.
fn sockets_of(process: &Process) -> ProcResult<Vec<u64>> {
    let mut sockets = Vec::new();
    for descriptor in process.fd()? {
        match descriptor.map(|descriptor| descriptor.target) {
            Ok(FDTarget::Socket(inode)) => sockets.push(inode),
            Err(error @ ProcError::PermissionDenied(_)) => return Err(error),
            // It is something else, or was closed since the list was read.
            _ => {}
        }
    }
    Ok(sockets)
}

/// Returns a name for a visible process outside `tree` that holds one of these sockets.
fn name_of_holder(inodes: &HashSet<u64>, tree: &HashSet<i32>) -> Option<String> {
    let holds = |process: &Process| {
        let sockets = sockets_of(process).unwrap_or_default();
        sockets.iter().any(|socket| inodes.contains(socket))
    };
    let stat = all_processes()
        .into_iter()
        .flatten()
        .flatten()
        .find(|process| !tree.contains(&process.pid()) && holds(process))
        .and_then(|process| process.stat().ok())?;
    Some(format!("`{}` (process {})", stat.comm, stat.pid))
}

#[cfg(test)]
mod tests {
    use std::net::{TcpListener, TcpStream};
    use std::os::fd::OwnedFd;
    use std::process::{Child, Command, Stdio};

    use super::*;

    /// Returns which of these listeners get a connection to a loopback address.
    fn check(target: &str, locals: &[&str], expected: &[&str]) {
        let listener = |local: &&str| Listener {
            local: SocketAddr::new(local.parse().unwrap(), 80),
            inode: 0,
            user: 0,
        };
        let locals: Vec<Listener> = locals.iter().map(listener).collect();
        let expected: Vec<Listener> = expected.iter().map(listener).collect();
        assert_eq!(receivers(SocketAddr::new(target.parse().unwrap(), 80), &locals), expected);
    }

    /// Starts a process that alone has this open.
    fn sleeping(input: Stdio) -> Child {
        let mut command = Command::new("sleep");
        command.arg("60").stdin(input).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
    }

    #[test]
    fn what_the_root_of_a_tree_holds_is_the_trees_own() {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let address = listener.local_addr().unwrap();
        let mut guard = sleeping(Stdio::from(OwnedFd::from(listener)));
        let mut other = sleeping(Stdio::null());
        assert_eq!(owner(address, guard.id()), Owner::Ours);
        let name = format!("`sleep` (process {})", guard.id());
        assert_eq!(owner(address, other.id()), Owner::Stranger(name));
        for child in [&mut guard, &mut other] {
            child.kill().unwrap();
            child.wait().unwrap();
        }
        assert_eq!(owner(address, guard.id()), Owner::Nobody);
    }

    #[test]
    fn listening_sockets_are_found_among_others() {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let address = listener.local_addr().unwrap();
        let connections = [(); 3].map(|()| TcpStream::connect(address).unwrap());
        let accepted = [(); 3].map(|()| listener.accept().unwrap());
        let found = listeners_on(address.port());
        assert_eq!(found.iter().map(|one| one.local).collect::<Vec<_>>(), [address]);
        drop((connections, accepted, listener));
        assert_eq!(listeners_on(address.port()), []);
    }

    #[test]
    fn an_exact_address_comes_first() {
        check("127.0.0.1", &["0.0.0.0", "127.0.0.1", "::"], &["127.0.0.1"]);
        check("::1", &["::", "::1"], &["::1"]);
        check("127.0.0.1", &["::", "::ffff:127.0.0.1"], &["::ffff:127.0.0.1"]);
    }

    #[test]
    fn a_socket_of_the_same_family_comes_first() {
        check("127.0.0.1", &["::", "0.0.0.0"], &["0.0.0.0"]);
        check("127.0.0.1", &["::ffff:0.0.0.0", "::"], &["::ffff:0.0.0.0", "::"]);
    }

    #[test]
    fn all_workers_that_share_an_address_can_get_it() {
        check("127.0.0.1", &["127.0.0.1", "127.0.0.1"], &["127.0.0.1", "127.0.0.1"]);
    }

    #[test]
    fn sockets_elsewhere_get_nothing() {
        check("127.0.0.1", &["127.0.0.2", "::1", "192.0.2.1"], &[]);
        check("::1", &["127.0.0.1", "0.0.0.0", "::ffff:127.0.0.1", "::ffff:0.0.0.0"], &[]);
    }
}
