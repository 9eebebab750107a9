//! Which user a connection from this machine belongs to, where the system tells.
//!
//! Linux tells by its socket diagnostics, for one connection in a few microseconds however many
//! there are; looking it up in `/proc/net/tcp` would take longer the more connections an attacker
//! has. Where it is not to be had (other systems, some sandboxes), nobody is known to be another
//! user.

#[cfg(target_os = "linux")]
pub(super) use linux::ClientUsers;

/// Knows nothing about users.
#[cfg(not(target_os = "linux"))]
#[derive(Debug)]
pub(super) struct ClientUsers;

#[cfg(not(target_os = "linux"))]
impl ClientUsers {
    pub(super) fn new() -> Self {
        Self
    }

    pub(super) fn is_another(&self, _: std::net::SocketAddr, _: std::net::SocketAddr) -> bool {
        false
    }
}

#[cfg(target_os = "linux")]
mod linux {
    use std::net::SocketAddr;

    use netlink_packet_core::{NLM_F_REQUEST, NetlinkHeader, NetlinkMessage, NetlinkPayload};
    use netlink_packet_sock_diag::SockDiagMessage;
    use netlink_packet_sock_diag::constants::{AF_INET, AF_INET6, IPPROTO_TCP};
    use netlink_packet_sock_diag::inet::{ExtensionFlags, InetRequest, SocketId, StateFlags};
    use netlink_sys::Socket;
    use netlink_sys::protocols::NETLINK_SOCK_DIAG;

    /// Longer than any answer about one socket.
    const LONGEST_ANSWER: usize = 4096;

    /// Any socket; the kernel compares the cookie only if it has a value.
    const NO_COOKIE: [u8; 8] = [0xff; 8];

    /// Asks the kernel who owns the other end of a connection.
    #[derive(Debug)]
    pub(in super::super) struct ClientUsers {
        kernel: Option<Socket>,
        own: u32,
    }

    impl ClientUsers {
        pub(in super::super) fn new() -> Self {
            let kernel = connect().inspect_err(|error| {
                tracing::debug!("Nobody can say which user a connection belongs to: {error}");
            });
            Self { kernel: kernel.ok(), own: rustix::process::geteuid().as_raw() }
        }

        /// Reports whether a client is known to be another user, and not root, who can do anything
        /// in any case.
        pub(in super::super) fn is_another(&self, client: SocketAddr, server: SocketAddr) -> bool {
            let user = self.kernel.as_ref().and_then(|kernel| user(kernel, client, server));
            user.is_some_and(|user| user != self.own && user != 0)
        }
    }

    fn connect() -> std::io::Result<Socket> {
        let mut socket = Socket::new(NETLINK_SOCK_DIAG)?;
        socket.bind_auto()?;
        // The kernel itself has the number 0. It answers before `send` returns, so nothing waits.
        socket.connect(&netlink_sys::SocketAddr::new(0, 0))?;
        socket.set_non_blocking(true)?;
        Ok(socket)
    }

    fn user(kernel: &Socket, client: SocketAddr, server: SocketAddr) -> Option<u32> {
        let request = request(client, server);
        let mut bytes = vec![0; request.buffer_len()];
        request.serialize(&mut bytes);
        kernel.send(&bytes, 0).ok()?;
        let mut answer = vec![0; LONGEST_ANSWER];
        let length = kernel.recv(&mut &mut answer[..], 0).ok()?;
        let answer = NetlinkMessage::<SockDiagMessage>::deserialize(answer.get(..length)?).ok()?;
        match answer.payload {
            NetlinkPayload::InnerMessage(SockDiagMessage::InetResponse(found))
                if found.header.socket_id.source_port == client.port() =>
            {
                Some(found.header.uid)
            }
            // The client has gone again.
            _ => None,
        }
    }

    /// Names the client's own socket, whose source is the client.
    fn request(client: SocketAddr, server: SocketAddr) -> NetlinkMessage<SockDiagMessage> {
        let socket_id = SocketId {
            source_port: client.port(),
            destination_port: server.port(),
            source_address: client.ip(),
            destination_address: server.ip(),
            interface_id: 0,
            cookie: NO_COOKIE,
        };
        let request = InetRequest {
            family: if client.is_ipv4() { AF_INET } else { AF_INET6 },
            protocol: IPPROTO_TCP,
            extensions: ExtensionFlags::empty(),
            states: StateFlags::all(),
            socket_id,
        };
        let mut header = NetlinkHeader::default();
        header.flags = NLM_F_REQUEST;
        let mut message = NetlinkMessage::new(header, SockDiagMessage::InetRequest(request).into());
        message.finalize();
        message
    }

    #[cfg(test)]
    mod tests {
        use std::net::{TcpListener, TcpStream};

        use super::*;

        #[test]
        fn the_owner_of_a_connection_is_known_and_no_other_user() {
            for address in ["127.0.0.1:0", "[::1]:0"] {
                let listener = TcpListener::bind(address).unwrap();
                let server = listener.local_addr().unwrap();
                let client = TcpStream::connect(server).unwrap();
                let users = ClientUsers::new();
                let kernel = users.kernel.as_ref().unwrap();
                let client_address = client.local_addr().unwrap();
                let own = rustix::process::geteuid().as_raw();
                assert_eq!(user(kernel, client_address, server), Some(own));
                assert!(!users.is_another(client_address, server));
                let nobody = SocketAddr::new(client_address.ip(), client_address.port() ^ 1);
                assert_eq!(user(kernel, nobody, server), None);
            }
        }
    }
}
