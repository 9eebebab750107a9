//! What is known of the connection that a request came by.

use std::future::Future;
use std::net::SocketAddr;

use crate::admission::AdmissionTicket;
use crate::failure::Failure;
use crate::host_port::HostPort;
use crate::state::GatewayState;

/// One client's connection. Clones stand for the same one.
#[derive(Debug, Clone)]
pub(crate) struct ConnectionContext {
    /// The client's address.
    pub(crate) client: SocketAddr,
    /// For a tunnel that leads back into the gateway: where it was to lead to.
    pub(crate) tunnel_target: Option<HostPort>,
    /// Its right to be open.
    pub(crate) ticket: AdmissionTicket,
}

impl ConnectionContext {
    /// Admits the connection, whose client has just shown valid credentials.
    pub(crate) async fn admit(&self) -> Result<(), Failure> {
        self.ticket.admit().await.map_err(|_| Failure::TooManyConnections)
    }

    /// Runs a task that belongs to the connection: it holds the connection's place, and ends with
    /// the gateway.
    pub(crate) fn spawn(
        &self,
        gateway: &GatewayState,
        task: impl Future<Output = ()> + Send + 'static,
    ) {
        let ticket = self.ticket.clone();
        let abort = gateway.abort.clone();
        gateway.tasks.spawn(async move {
            abort.run_until_cancelled(task).await;
            // Only now that the connection is closed, which the task owned, is its place free.
            drop(ticket);
        });
    }
}
