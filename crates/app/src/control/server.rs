//! Answers on the control port.

use std::convert::Infallible;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use ensconce_gateway::{Admission, AdmissionLimits, AdmissionTicket};
use ensconce_link::Status;
use ensconce_supervisor::Handle;
use http::{HeaderMap, Request, StatusCode, header};
use http_body_util::{BodyExt, Limited};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, oneshot, watch};

use super::answer::{Answer, Refusal, accepted, data, refused};
use super::page::{is_for_page, page_address};
use super::token::{Rights, Tokens};
use crate::Setup;

/// How many clients there may be. Anybody on this machine can connect; a token is what counts.
const LIMITS: AdmissionLimits =
    AdmissionLimits { pending: 64, time: Duration::from_secs(5), admitted: 32 };
/// A body longer than this is none of ours.
const LONGEST_BODY: usize = 1024 * 1024;

/// What a client wants of the front end.
#[derive(Debug)]
pub enum Wish {
    /// Bring the window to the front; answered by one that has a window.
    ComeToFront(oneshot::Sender<()>),
    /// Show what the desktop opens with the app.
    Open(Vec<String>),
    /// Show the settings.
    Settings,
    /// Stop everything.
    Stop,
}

/// Binds the port, which must be known before anything starts.
pub(crate) fn bind() -> io::Result<TcpListener> {
    let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    listener.set_nonblocking(true)?;
    TcpListener::from_std(listener)
}

/// Makes an address of the app's first page, which works once; nothing where a window shows it.
pub(crate) type EntryMaker = Arc<dyn Fn() -> Option<String> + Send + Sync>;

/// The control port of an app.
#[derive(Clone)]
pub(crate) struct Control {
    pub(crate) address: SocketAddr,
    pub(crate) tokens: Tokens,
    pub(crate) status: watch::Receiver<Status>,
    pub(crate) supervisor: Handle,
    pub(crate) wishes: mpsc::UnboundedSender<Wish>,
    pub(crate) setup: Setup,
    pub(crate) entry: EntryMaker,
}

impl Control {
    /// Answers requests until the app ends.
    pub(crate) async fn serve(self, listener: TcpListener) {
        let control = Arc::new(self);
        let attend = |stream, _, ticket| {
            tokio::spawn(Arc::clone(&control).attend(stream, ticket));
        };
        Admission::new(LIMITS).accept_all(&listener, attend).await;
    }

    async fn attend(self: Arc<Self>, stream: TcpStream, ticket: AdmissionTicket) {
        let service = service_fn(|request| {
            let (control, ticket) = (Arc::clone(&self), ticket.clone());
            async move { Ok::<_, Infallible>(control.answer(request, &ticket).await) }
        });
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(LIMITS.time)
            // One that waits for its client's next wish would keep a place.
            .keep_alive(false)
            .serve_connection(TokioIo::new(stream), service);
        tokio::select! {
            ended = connection => if let Err(error) = ended {
                tracing::debug!("A client of the control port left: {error}");
            },
            () = ticket.expired() => tracing::debug!("A client of the control port has no token"),
        }
    }

    async fn answer(&self, request: Request<Incoming>, ticket: &AdmissionTicket) -> Answer {
        if is_for_page(&request) {
            return self.answer_page(request, ticket).await;
        }
        let result = match self.rights(request.headers()) {
            Ok(rights) => match admit(ticket).await {
                Ok(()) => self.route(request, rights).await,
                Err(refusal) => Err(refusal),
            },
            Err(refusal) => Err(refusal),
        };
        result.unwrap_or_else(|refusal| refused(&refusal))
    }

    /// Tells what a client may do, if anything.
    fn rights(&self, headers: &HeaderMap) -> Result<Rights, Refusal> {
        let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
        let from_page = ["origin", "sec-fetch-site", "referer"];
        if from_page.iter().any(|name| headers.contains_key(*name))
            || text("host") != Some(self.address.to_string().as_str())
        {
            return Err(Refusal::new(StatusCode::FORBIDDEN, "This is not for web pages"));
        }
        let token = text(header::AUTHORIZATION.as_str()).and_then(|value| value.split_once(' '));
        token
            .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
            .and_then(|(_, token)| self.tokens.rights(token.trim()))
            .ok_or_else(|| {
                Refusal::new(StatusCode::UNAUTHORIZED, "The token is missing, or is not this app's")
                    .hint(
                        "Send `Authorization: Bearer TOKEN`, with `{control.token}` of this start",
                    )
            })
    }

    async fn route(&self, request: Request<Incoming>, rights: Rights) -> Result<Answer, Refusal> {
        let (head, body) = request.into_parts();
        let (method, path) = (head.method, head.uri.path());
        let parts: Vec<&str> = path.trim_matches('/').split('/').collect();
        match (method.as_str(), parts.as_slice()) {
            ("GET", ["status"]) => Ok(self.status()),
            ("GET", ["answers"]) => Ok(data(StatusCode::OK, &self.setup.answers().await)),
            ("POST", ["services", name, "restart"]) => self.restart(name),
            ("POST", ["focus" | "open" | "settings" | "stop" | "setup"])
            | ("GET", ["setup-page"])
                if rights < Rights::Owner =>
            {
                Err(Refusal::new(StatusCode::FORBIDDEN, "This token does not allow that"))
            }
            ("POST", ["focus"]) => self.focus().await,
            ("POST", ["open"]) => self.open(body).await,
            ("POST", ["settings"]) => self.settings().await,
            ("POST", ["stop"]) => self.stop(),
            ("GET", ["setup-page"]) => self.setup_page(),
            ("POST", ["setup"]) => self.set_up(body).await,
            _ => Err(Refusal::new(StatusCode::NOT_FOUND, format!("There is no {method} {path}"))
                .hint("There are GET /status, GET /answers and POST /services/NAME/restart")),
        }
    }

    /// The picture is left out: it is large, and its clients have it.
    fn status(&self) -> Answer {
        let mut status = self.status.borrow().clone();
        status.app.icon = None;
        data(StatusCode::OK, &status)
    }

    /// Does what a page of the wizard or of the settings wants.
    pub(super) async fn set_up(&self, body: Incoming) -> Result<Answer, Refusal> {
        let bad = |_| Refusal::new(StatusCode::BAD_REQUEST, "The body is no request");
        let body = Limited::new(body, LONGEST_BODY).collect().await;
        let body = body.map_err(|_| bad(()))?.to_bytes();
        let request: Value = serde_json::from_slice(&body).map_err(|_| bad(()))?;
        if request["op"] == "status" {
            return Ok(data(StatusCode::OK, &*self.status.borrow()));
        }
        Ok(data(StatusCode::OK, &self.setup.handle(&request).await))
    }

    /// Tells where a browser finds the page of set-up and settings.
    fn setup_page(&self) -> Result<Answer, Refusal> {
        if !self.setup.exists() {
            return Err(no_settings());
        }
        let back = (self.entry)().unwrap_or_default();
        let url = page_address(self.address, &self.tokens.page, &back);
        Ok(data(StatusCode::OK, &json!({ "url": url })))
    }

    fn restart(&self, name: &str) -> Result<Answer, Refusal> {
        let names: Vec<String> =
            self.status.borrow().steps.iter().map(|step| step.name.clone()).collect();
        if names.iter().any(|known| known == name) {
            self.supervisor.restart(name);
            return Ok(accepted());
        }
        let unknown = Refusal::new(StatusCode::NOT_FOUND, format!("The app has no part `{name}`"));
        Err(unknown.hint(format!("It has {}", names.join(", "))))
    }

    async fn focus(&self) -> Result<Answer, Refusal> {
        let (done, wait) = oneshot::channel();
        let sent = self.wishes.send(Wish::ComeToFront(done)).is_ok();
        if sent && wait.await.is_ok() {
            return Ok(accepted());
        }
        Err(Refusal::new(StatusCode::CONFLICT, "The app runs without a window"))
    }

    async fn open(&self, body: Incoming) -> Result<Answer, Refusal> {
        let bad = |_| Refusal::new(StatusCode::BAD_REQUEST, "The body is no list of texts");
        let body = Limited::new(body, LONGEST_BODY).collect().await;
        let body = body.map_err(|_| bad(()))?.to_bytes();
        let opened: Vec<String> = serde_json::from_slice(&body).map_err(|_| bad(()))?;
        let _ = self.wishes.send(Wish::Open(opened));
        self.focus().await
    }

    async fn settings(&self) -> Result<Answer, Refusal> {
        if !self.setup.exists() {
            return Err(no_settings());
        }
        let _ = self.wishes.send(Wish::Settings);
        self.focus().await
    }

    fn stop(&self) -> Result<Answer, Refusal> {
        let sent = self.wishes.send(Wish::Stop).is_ok();
        let gone = || Refusal::new(StatusCode::CONFLICT, "The app is ending already");
        if sent { Ok(accepted()) } else { Err(gone()) }
    }
}

/// Lets a client that has shown its token keep its connection, however many others come.
pub(super) async fn admit(ticket: &AdmissionTicket) -> Result<(), Refusal> {
    let busy = |_| Refusal::new(StatusCode::SERVICE_UNAVAILABLE, "Too many others ask already");
    ticket.admit().await.map_err(busy)
}

fn no_settings() -> Refusal {
    Refusal::new(StatusCode::CONFLICT, "The app has no settings")
}
