//! Tells this machine's own addresses from those of all others.
//!
//! A pattern with a star in `allow` is about other machines. Services that listen for this machine
//! only, or for its network, often trust whoever can connect to them from here, and a page may ask
//! for a name that was made to lead to them (DNS rebinding). So the addresses of all interfaces
//! count as this machine, not only the loopback ones.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};

use crate::admission::is_shortage;

/// Where a cloud tells a virtual machine about itself, its credentials included. It answers to
/// this machine only, and takes whoever asks for this machine.
const INSTANCE_METADATA: [IpAddr; 4] = [
    // AWS, Azure, Google, Oracle, DigitalOcean and others.
    IpAddr::V4(Ipv4Addr::new(169, 254, 169, 254)),
    IpAddr::V6(Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254)),
    IpAddr::V6(Ipv6Addr::new(0xfd20, 0xce, 0, 0, 0, 0, 0, 0x254)),
    // Alibaba.
    IpAddr::V4(Ipv4Addr::new(100, 100, 100, 200)),
];

/// Addresses that are for documents only, so no machine has them.
const NOBODYS: [IpAddr; 2] = [
    IpAddr::V4(Ipv4Addr::new(203, 0, 113, 113)),
    IpAddr::V6(Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0x113)),
];

/// Checks whether an address leads to this machine, or to what speaks for it.
pub(crate) fn is_of_this_machine(address: SocketAddr) -> bool {
    let ip = address.ip().to_canonical();
    is_always_here(ip)
        || INSTANCE_METADATA.contains(&ip)
        || is_of_an_interface(ip)
        || is_routed_here(address)
}

/// Loopback, and what systems take for it.
fn is_always_here(ip: IpAddr) -> bool {
    let zero = matches!(ip, IpAddr::V4(address) if address.octets()[0] == 0);
    ip.is_loopback() || ip.is_unspecified() || zero
}

fn is_of_an_interface(ip: IpAddr) -> bool {
    match if_addrs::get_if_addrs() {
        Ok(interfaces) => interfaces.iter().any(|interface| interface.ip().to_canonical() == ip),
        // What cannot be told apart is not let through.
        Err(error) => {
            tracing::warn!("The addresses of this machine cannot be read: {error}");
            true
        }
    }
}

/// Whole networks can lead to this machine without being an interface's (`ip route add local`).
/// A socket can be bound to such an address, and to no other; unless the system lets programs bind
/// to any (`ip_nonlocal_bind`), which tells nothing.
fn is_routed_here(address: SocketAddr) -> bool {
    let mut here = address;
    if let IpAddr::V4(ip) = address.ip().to_canonical() {
        here = SocketAddr::from((ip, 0));
    }
    here.set_port(0);
    let nobodys = NOBODYS[usize::from(here.is_ipv6())];
    match UdpSocket::bind(here) {
        Ok(_) => UdpSocket::bind((nobodys, 0)).is_err(),
        // Nothing was learnt; see above.
        Err(error) => is_shortage(&error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_own(ip: &str) -> bool {
        is_of_this_machine(SocketAddr::new(ip.parse().unwrap(), 80))
    }

    #[test]
    fn this_machine_has_many_addresses() {
        for ip in [
            "127.0.0.1",
            "127.9.9.9",
            "0.0.0.0",
            "0.1.2.3",
            "::1",
            "::",
            "::ffff:127.0.0.1",
            "169.254.169.254",
            "::ffff:169.254.169.254",
            "fd00:ec2::254",
        ] {
            assert!(is_own(ip), "{ip}");
        }
    }

    #[test]
    fn every_interfaces_address_is_this_machine() {
        let interfaces = if_addrs::get_if_addrs().unwrap();
        assert!(!interfaces.is_empty());
        for interface in interfaces {
            let ip = interface.ip();
            assert!(is_own(&ip.to_string()), "{ip}");
            if let IpAddr::V4(ip) = ip {
                assert!(is_own(&ip.to_ipv6_mapped().to_string()), "{ip}");
            }
        }
    }

    #[test]
    fn other_machines_are_others() {
        for ip in ["8.8.8.8", "::ffff:8.8.8.8", "2606:4700::1111"] {
            assert!(!is_own(ip), "{ip}");
        }
    }
}
