//! Sends a request to its upstream until the head of an answer comes.
//!
//! A service may die at any moment. What that looks like depends on the moment: the connection is
//! refused, is closed before or after the request was written, or is accepted by a process that is
//! just ending. The state that the supervisor publishes comes a little later. So:
//!
//! - A request of which nothing was written waits for the service, whatever its method.
//! - A request that may have been read is repeated only if it is safe and has no body. It is sent
//!   at once on a new connection, for most often just a kept connection was closed. If that fails
//!   too, it waits until the service has been restarted.
//! - It is never sent more than [`MOST_SENDS`] times: a request that itself makes the service crash
//!   must not do so for ever.

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use http::Request;
use hyper::Response;
use hyper::body::Incoming;
use tokio::sync::watch;
use tokio::time::{Instant, sleep, timeout, timeout_at};
use tokio_util::sync::CancellationToken;

use crate::admission;
use crate::backend::{Address, Backend, BackendState};
use crate::body::{self, Body};
use crate::connect::ConnectError;
use crate::failure::{Failure, UpstreamName};
use crate::host_port::HostPort;
use crate::origin::{AllowedBy, Scheme};
use crate::pool::{UpstreamAddress, UpstreamConnection};
use crate::state::GatewayState;

/// How often a request is sent at most: to a connection that was just closed, to a process that is
/// just ending, and to the one that takes its place.
const MOST_SENDS: u32 = 3;

/// The pauses between two tries to connect to a service that refuses.
const FIRST_PAUSE: Duration = Duration::from_millis(5);
const LONGEST_PAUSE: Duration = Duration::from_millis(200);

/// Who is to answer a request.
#[derive(Debug, Clone)]
pub(crate) enum Upstream {
    /// A service, by its name.
    Service(String),
    /// A remote host, and what it is allowed by.
    Remote(HostPort, AllowedBy),
}

impl Upstream {
    fn name(&self) -> UpstreamName {
        match self {
            Self::Service(name) => UpstreamName::Service(name.clone()),
            Self::Remote(target, _) => UpstreamName::Remote(target.to_string()),
        }
    }

    /// Makes the failure of an upstream that is there and does not answer as it should.
    pub(crate) fn bad_gateway(&self, why: String) -> Failure {
        Failure::BadGateway { upstream: self.name(), why }
    }

    fn no_answer(&self, error: &dyn Error) -> Failure {
        let cause = error.source().map(|source| format!(": {source}")).unwrap_or_default();
        self.bad_gateway(format!("{error}{cause}"))
    }
}

/// Sends a request until its head is answered. `uploaded` is cancelled when the request's body is
/// over.
pub(crate) async fn send(
    gateway: &Arc<GatewayState>,
    upstream: &Upstream,
    mut request: Request<Body>,
    repeatable: bool,
    uploaded: &CancellationToken,
) -> Result<Response<Incoming>, Failure> {
    let mut delivery = Delivery::new(gateway, upstream, repeatable)?;
    let spare = repeatable.then(|| copy_head(&request, ()));
    loop {
        let (mut connection, address) = delivery.connect().await?;
        let sent = connection.try_send_request(request);
        let mut error = match delivery.in_time(sent, uploaded).await? {
            Ok(response) => {
                gateway.pool.keep(address, connection);
                return Ok(response);
            }
            Err(error) => error,
        };
        let failure = upstream.no_answer(error.error());
        request = match (error.take_message(), &spare) {
            (Some(unsent), _) => {
                delivery.after_refusal(failure).await?;
                unsent
            }
            (None, Some(spare)) => {
                delivery.after_hang_up(failure).await?;
                copy_head(spare, body::empty())
            }
            (None, None) => return Err(failure),
        };
    }
}

/// What has been tried for one request.
struct Delivery<'a> {
    gateway: &'a Arc<GatewayState>,
    upstream: &'a Upstream,
    /// The service's state, where a service is to answer.
    service: Option<watch::Receiver<BackendState>>,
    repeatable: bool,
    /// When to give up waiting for the service.
    deadline: Instant,
    /// In which run of the service the last connection was tried.
    run: u64,
    /// Since when that run has refused connections, and for how long to wait next.
    refused: Option<(Instant, Duration)>,
    /// Whether the last connection was made anew, so that its failure says something.
    is_new: bool,
    /// How often the request may have been read.
    sends: u32,
}

impl<'a> Delivery<'a> {
    fn new(
        gateway: &'a Arc<GatewayState>,
        upstream: &'a Upstream,
        repeatable: bool,
    ) -> Result<Self, Failure> {
        let service = match upstream {
            Upstream::Service(name) => {
                let unknown = || Failure::Unavailable { service: name.clone() };
                Some(gateway.backends.watch(name).ok_or_else(unknown)?)
            }
            Upstream::Remote(..) => None,
        };
        let deadline = Instant::now() + gateway.limits().wait_for_service;
        let (run, refused, is_new, sends) = (0, None, true, 0);
        Ok(Self { gateway, upstream, service, repeatable, deadline, run, refused, is_new, sends })
    }

    /// Connects as soon as the upstream is ready. A service that is said to be ready and refuses
    /// has just died, or is just being born; nothing was sent to it, so every request may wait.
    async fn connect(&mut self) -> Result<(UpstreamConnection, UpstreamAddress), Failure> {
        loop {
            let address = self.address().await?;
            let kept = self.kept(&address);
            self.is_new = kept.is_none();
            if let Some(kept) = kept {
                return Ok((kept, address));
            }
            let error = match self.gateway.pool.open(&address).await {
                Ok(connection) => return Ok((connection, address)),
                Err(error) => error,
            };
            let failure = connect_failure(self.gateway, Scheme::Http, self.upstream, &error);
            if self.service.is_none() {
                return Err(failure);
            }
            self.after_refusal(failure).await?;
        }
    }

    /// A connection that was kept, for a request on which nobody has hung up yet: when one was
    /// closed, the others of that time are most likely closed too.
    fn kept(&self, address: &UpstreamAddress) -> Option<UpstreamConnection> {
        if self.sends > 0 {
            return None;
        }
        self.gateway.pool.take(address, self.repeatable)
    }

    async fn address(&mut self) -> Result<UpstreamAddress, Failure> {
        let (address, run) = match (self.upstream, &mut self.service) {
            (Upstream::Service(name), Some(service)) => {
                ready(self.gateway, service, name, self.deadline).await?
            }
            (Upstream::Remote(target, allowed_by), _) => {
                return Ok(UpstreamAddress::Remote(target.clone(), *allowed_by));
            }
            (Upstream::Service(name), None) => {
                return Err(Failure::Unavailable { service: name.clone() });
            }
        };
        if self.run != run {
            // What an earlier run has refused says nothing about this one.
            (self.run, self.refused) = (run, None);
        }
        Ok(UpstreamAddress::Service { address, run })
    }

    /// Pauses after a connection that took nothing; fails when that has gone on for too long.
    async fn after_refusal(&mut self, failure: Failure) -> Result<(), Failure> {
        if !self.is_new {
            // A kept connection was closed, as services do.
            return Ok(());
        }
        let now = Instant::now();
        let (since, pause) = self.refused.unwrap_or((now, FIRST_PAUSE));
        if now - since >= self.gateway.limits().refused || now >= self.deadline {
            return Err(failure);
        }
        match &mut self.service {
            // A change of state ends the pause early.
            Some(service) => drop(timeout(pause, service.changed()).await),
            None => sleep(pause).await,
        }
        self.refused = Some((since, (pause * 2).min(LONGEST_PAUSE)));
        Ok(())
    }

    /// Waits, after nobody answered a request that may have been read, until it is worth while to
    /// send it again; fails when it was sent often enough.
    async fn after_hang_up(&mut self, failure: Failure) -> Result<(), Failure> {
        self.sends += 1;
        let most = if self.service.is_some() { MOST_SENDS } else { MOST_SENDS - 1 };
        if self.sends >= most {
            return Err(failure);
        }
        tracing::debug!(sends = self.sends, "A request is repeated: {failure}");
        if let (Some(service), true) = (&mut self.service, self.sends > 1) {
            // A crash is known within the time for which a dead service may refuse connections.
            let run = self.run;
            let ended = |state: &BackendState| {
                state.run != run || !matches!(state.backend, Backend::Ready(_))
            };
            let _ = timeout(self.gateway.limits().refused, service.wait_for(ended)).await;
        }
        Ok(())
    }

    /// Waits for an answer's head; the limit counts from the end of the request's body.
    async fn in_time<Answer>(
        &self,
        answer: impl Future<Output = Answer>,
        uploaded: &CancellationToken,
    ) -> Result<Answer, Failure> {
        let limit = self.gateway.limits().answer;
        let too_late = async {
            uploaded.cancelled().await;
            sleep(limit).await;
        };
        tokio::select! {
            answer = answer => Ok(answer),
            () = too_late => Err(Failure::NoAnswer { upstream: self.upstream.name(), limit }),
        }
    }
}

/// Makes the failure of a connection that could not be made.
pub(crate) fn connect_failure(
    gateway: &GatewayState,
    scheme: Scheme,
    upstream: &Upstream,
    error: &ConnectError,
) -> Failure {
    match (error, upstream) {
        (ConnectError::ThisMachine, Upstream::Remote(target, _)) => {
            return gateway.blocked(scheme, target, error.to_string());
        }
        (ConnectError::Io(io), _) if admission::is_shortage(io) => gateway.make_room(),
        _ => {}
    }
    upstream.no_answer(error)
}

/// Waits until a service is ready, and not a moment longer.
async fn ready(
    gateway: &GatewayState,
    service: &mut watch::Receiver<BackendState>,
    name: &str,
    deadline: Instant,
) -> Result<(Address, u64), Failure> {
    let name = || name.to_owned();
    loop {
        let state = service.borrow_and_update().clone();
        let too_late = match state.backend {
            Backend::Ready(address) => return Ok((address, state.run)),
            Backend::Failed(why) => return Err(Failure::Failed { service: name(), why }),
            Backend::Stopped => return Err(Failure::Unavailable { service: name() }),
            Backend::Starting => Failure::Starting { service: name() },
            Backend::Restarting => Failure::Unavailable { service: name() },
        };
        let changed = gateway.stop.run_until_cancelled(timeout_at(deadline, service.changed()));
        if !matches!(changed.await, Some(Ok(Ok(())))) {
            return Err(too_late);
        }
    }
}

fn copy_head<From, To>(request: &Request<From>, body: To) -> Request<To> {
    let mut copy = Request::new(body);
    *copy.method_mut() = request.method().clone();
    *copy.uri_mut() = request.uri().clone();
    *copy.version_mut() = request.version();
    *copy.headers_mut() = request.headers().clone();
    copy
}
