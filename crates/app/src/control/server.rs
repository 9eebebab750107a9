//! Answers on the control port.

use std::convert::Infallible;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use ensconce_gateway::{Admission, AdmissionLimits, AdmissionTicket};
use ensconce_protocol::{Answers, AppStatus, Challenge, Proof, SetupAddress, SetupKey};
use http::{HeaderMap, Method, Request, StatusCode, header};
use http_body_util::{BodyExt, Limited};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, mpsc, oneshot, watch};

use super::page::{self, PageAccess, is_for_page};
use super::proof;
use super::response::{ControlResponse, Refused, accepted, data};
use super::token::{Rights, Tokens};
use crate::error::AppError;
use crate::requests::Requests;

/// How many clients there may be. Anybody on this machine can connect; a token is what counts.
const LIMITS: AdmissionLimits =
    AdmissionLimits { pending: 256, time: Duration::from_secs(5), admitted: 32 };
/// How many clients may wait for the answers while the keychain asks the user to unlock it. The
/// others keep their places, for `stop` as well.
const MOST_WAITING_FOR_ANSWERS: usize = 8;
/// A body longer than this is none of ours.
const LONGEST_BODY: usize = 1024 * 1024;
/// A nonce longer than this proves nothing more.
const LONGEST_NONCE: usize = 256;

/// What a client asks of the front end.
#[derive(Debug)]
pub enum FrontEndRequest {
    /// Bring the window to the front; answered by one that has a window.
    ComeToFront(oneshot::Sender<()>),
    /// Show what the desktop opens with the app.
    Open(Vec<String>),
    /// Show the settings.
    ShowSettings,
    /// Stop everything.
    Stop,
}

/// What the page sends for its key.
#[derive(Deserialize)]
struct Redemption {
    token: String,
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
pub(crate) struct Control {
    pub(crate) address: SocketAddr,
    pub(crate) tokens: Tokens,
    pub(crate) page: PageAccess,
    pub(crate) status: watch::Receiver<AppStatus>,
    pub(crate) requests: Requests,
    pub(crate) front_end: mpsc::UnboundedSender<FrontEndRequest>,
    pub(crate) entry: EntryMaker,
    pub(crate) waiting: AnswersQueue,
}

/// Who may wait for the answers.
pub(crate) struct AnswersQueue(Semaphore);

impl Default for AnswersQueue {
    fn default() -> Self {
        Self(Semaphore::new(MOST_WAITING_FOR_ANSWERS))
    }
}

impl Control {
    /// Answers requests until the app ends.
    pub(crate) async fn serve(self, listener: TcpListener) {
        let control = Arc::new(self);
        let admission = Admission::new(LIMITS);
        let attend = |stream, _, ticket| {
            tokio::spawn(Arc::clone(&control).attend(stream, ticket));
        };
        admission.accept_all(&listener, attend).await;
    }

    async fn attend(self: Arc<Self>, stream: TcpStream, ticket: AdmissionTicket) {
        let service = service_fn(|request| {
            let (control, ticket) = (Arc::clone(&self), ticket.clone());
            async move { Ok::<_, Infallible>(control.answer(request, &ticket).await) }
        });
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(LIMITS.time)
            // One that waits for its client's next request would keep a place.
            .keep_alive(false)
            .serve_connection(TokioIo::new(stream), service);
        tokio::select! {
            ended = connection => if let Err(error) = ended {
                tracing::debug!("A client of the control port left: {error}");
            },
            () = ticket.expired() => tracing::debug!("A client of the control port has no token"),
        }
    }

    async fn answer(
        &self,
        request: Request<Incoming>,
        ticket: &AdmissionTicket,
    ) -> ControlResponse {
        let response = match is_for_page(&request) {
            true => self.answer_page(request, ticket).await,
            false => self.answer_program(request, ticket).await,
        };
        response.unwrap_or_else(Refused::into_response)
    }

    /// Answers a program: one that shows a token, or wants to know whether this is the app.
    async fn answer_program(
        &self,
        request: Request<Incoming>,
        ticket: &AdmissionTicket,
    ) -> Result<ControlResponse, Refused> {
        self.refuse_pages(request.headers())?;
        if request.method() == Method::POST && request.uri().path() == "/prove" {
            return self.prove(request.into_body()).await;
        }
        let rights = self.rights(request.headers())?;
        admit(ticket).await?;
        self.route(request, rights).await
    }

    /// Answers the page of set-up and settings, in a browser.
    async fn answer_page(
        &self,
        request: Request<Incoming>,
        ticket: &AdmissionTicket,
    ) -> Result<ControlResponse, Refused> {
        if !self.is_here(request.headers()) {
            return Err(Refused::new(StatusCode::FORBIDDEN, "There is nothing else here"));
        }
        match (request.method(), request.uri().path()) {
            (&Method::GET, "/setup/") => Ok(page::document()),
            (&Method::POST, "/setup/session") => self.open_page(request, ticket).await,
            (&Method::POST, "/setup/request") => {
                self.check_page_key(request.headers())?;
                admit(ticket).await?;
                self.request(request.into_body()).await
            }
            _ => Err(Refused::new(StatusCode::FORBIDDEN, "There is nothing else here")),
        }
    }

    /// Gives the page a key for its token.
    async fn open_page(
        &self,
        request: Request<Incoming>,
        ticket: &AdmissionTicket,
    ) -> Result<ControlResponse, Refused> {
        self.check_page_origin(request.headers())?;
        let Redemption { token } = read_json(request.into_body()).await?;
        let key = self.page.redeem(&token);
        let used = "This address was used before, or belongs to another start of the app";
        let key = key.ok_or_else(|| Refused::new(StatusCode::UNAUTHORIZED, used))?;
        // The token is used up, so the response must not get lost among other connections.
        admit(ticket).await?;
        Ok(data(StatusCode::OK, &SetupKey { key }))
    }

    /// Another name for this address may be a page of somebody else.
    fn is_here(&self, headers: &HeaderMap) -> bool {
        text(headers, &header::HOST) == Some(self.address.to_string().as_str())
    }

    fn check_page_origin(&self, headers: &HeaderMap) -> Result<(), Refused> {
        let own = format!("http://{}", self.address);
        let site = headers.get("sec-fetch-site");
        let is_own_site = site.is_none_or(|site| site == "same-origin" || site == "none");
        match is_own_site && text(headers, &header::ORIGIN).is_none_or(|sent| sent == own) {
            true => Ok(()),
            false => Err(Refused::new(StatusCode::FORBIDDEN, "This is another page's request")),
        }
    }

    fn check_page_key(&self, headers: &HeaderMap) -> Result<(), Refused> {
        self.check_page_origin(headers)?;
        let sent = text(headers, &header::AUTHORIZATION).and_then(|value| value.split_once(' '));
        match sent.is_some_and(|(_, key)| self.page.is_key(key.trim())) {
            true => Ok(()),
            false => {
                Err(Refused::new(StatusCode::UNAUTHORIZED, "The key is not one of this start"))
            }
        }
    }

    /// Refuses what a browser has sent for a page.
    fn refuse_pages(&self, headers: &HeaderMap) -> Result<(), Refused> {
        let from_page = ["origin", "sec-fetch-site", "referer"];
        if from_page.iter().any(|name| headers.contains_key(*name)) || !self.is_here(headers) {
            return Err(Refused::new(StatusCode::FORBIDDEN, "This is not for web pages"));
        }
        Ok(())
    }

    /// Returns what a client may do, if anything.
    fn rights(&self, headers: &HeaderMap) -> Result<Rights, Refused> {
        let token = text(headers, &header::AUTHORIZATION).and_then(|value| value.split_once(' '));
        token
            .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
            .and_then(|(_, token)| self.tokens.rights(token.trim()))
            .ok_or_else(|| {
                Refused::new(StatusCode::UNAUTHORIZED, "The token is missing, or is not this app's")
                    .hint(
                        "Send `Authorization: Bearer TOKEN`, with `{control.token}` of this start",
                    )
            })
    }

    /// Proves to a client that this is the app whose token it has read.
    async fn prove(&self, body: Incoming) -> Result<ControlResponse, Refused> {
        let Challenge { nonce } = read_json(body).await?;
        if nonce.is_empty() || nonce.len() > LONGEST_NONCE {
            return Err(Refused::new(StatusCode::BAD_REQUEST, "The nonce is none"));
        }
        let proof = proof::of(&self.tokens.owner, &nonce);
        Ok(data(StatusCode::OK, &Proof { proof }))
    }

    async fn route(
        &self,
        request: Request<Incoming>,
        rights: Rights,
    ) -> Result<ControlResponse, Refused> {
        let (head, body) = request.into_parts();
        let (method, path) = (head.method, head.uri.path());
        let parts: Vec<&str> = path.trim_matches('/').split('/').collect();
        match (method.as_str(), parts.as_slice()) {
            ("GET", ["status"]) => Ok(self.status()),
            ("GET", ["answers"]) => self.answers().await,
            ("POST", ["services", name, "restart"]) => self.restart(name).await,
            ("POST", ["focus" | "open" | "settings" | "stop" | "request"])
            | ("GET", ["setup-page"])
                if rights < Rights::Owner =>
            {
                Err(Refused::new(StatusCode::FORBIDDEN, "This token does not allow that"))
            }
            ("POST", ["focus"]) => self.focus().await,
            ("POST", ["open"]) => self.open(body).await,
            ("POST", ["settings"]) => self.show_settings().await,
            ("POST", ["stop"]) => self.stop(),
            ("GET", ["setup-page"]) => self.setup_page(),
            ("POST", ["request"]) => self.request(body).await,
            _ => Err(Refused::new(StatusCode::NOT_FOUND, format!("There is no {method} {path}"))
                .hint("There are GET /status, GET /answers and POST /services/NAME/restart")),
        }
    }

    /// The icon is left out: it is large, and these clients have it.
    fn status(&self) -> ControlResponse {
        let mut status = self.status.borrow().clone();
        status.app.icon = None;
        data(StatusCode::OK, &status)
    }

    /// Answers what the user has answered; waits for the keychain, if secrets are among it.
    async fn answers(&self) -> Result<ControlResponse, Refused> {
        let Ok(_waiting) = self.waiting.0.try_acquire() else {
            let busy = "Too many clients already wait for the answers";
            return Err(Refused::new(StatusCode::SERVICE_UNAVAILABLE, busy)
                .hint("The keychain has not answered yet; ask again later, once at a time"));
        };
        let setup = &self.requests.setup;
        let plan = setup.roster.plan();
        let closing = setup.roster.closing();
        let answers = closing.run_until_cancelled(setup.values.all_answers(&plan.setup)).await;
        let answers = answers.ok_or(AppError::Stopping)?;
        Ok(data(StatusCode::OK, &Answers { answers }))
    }

    /// Does what one of Ensconce's own pages, or the terminal, asks for.
    async fn request(&self, body: Incoming) -> Result<ControlResponse, Refused> {
        let request = read_json(body).await?;
        Ok(data(StatusCode::OK, &self.requests.handle(request).await))
    }

    /// Says where a browser finds the page of set-up and settings.
    fn setup_page(&self) -> Result<ControlResponse, Refused> {
        self.has_settings()?;
        let back = (self.entry)().unwrap_or_default();
        let failed = |_| Refused::new(StatusCode::INTERNAL_SERVER_ERROR, "No token can be made");
        let url = self.page.address(&back).map_err(failed)?;
        Ok(data(StatusCode::OK, &SetupAddress { url }))
    }

    async fn restart(&self, name: &str) -> Result<ControlResponse, Refused> {
        self.requests.setup.roster.restart(name).await?;
        Ok(accepted())
    }

    async fn focus(&self) -> Result<ControlResponse, Refused> {
        let (done, wait) = oneshot::channel();
        let sent = self.front_end.send(FrontEndRequest::ComeToFront(done)).is_ok();
        if sent && wait.await.is_ok() {
            return Ok(accepted());
        }
        Err(Refused::new(StatusCode::CONFLICT, "The app runs without a window"))
    }

    async fn open(&self, body: Incoming) -> Result<ControlResponse, Refused> {
        let opened = read_json(body).await?;
        let _ = self.front_end.send(FrontEndRequest::Open(opened));
        self.focus().await
    }

    async fn show_settings(&self) -> Result<ControlResponse, Refused> {
        self.has_settings()?;
        let _ = self.front_end.send(FrontEndRequest::ShowSettings);
        self.focus().await
    }

    fn stop(&self) -> Result<ControlResponse, Refused> {
        let sent = self.front_end.send(FrontEndRequest::Stop);
        sent.map_err(|_| AppError::Stopping)?;
        Ok(accepted())
    }

    fn has_settings(&self) -> Result<(), Refused> {
        match self.requests.has_settings() {
            true => Ok(()),
            false => Err(Refused::new(StatusCode::CONFLICT, "The app has no settings")),
        }
    }
}

fn text<'h>(headers: &'h HeaderMap, name: &header::HeaderName) -> Option<&'h str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

/// Reads a body of JSON. What is wrong with it is not said: it may hold secrets.
async fn read_json<T: DeserializeOwned>(body: Incoming) -> Result<T, Refused> {
    let bad = || Refused::new(StatusCode::BAD_REQUEST, "The body is not a request");
    let body = Limited::new(body, LONGEST_BODY).collect().await.map_err(|_| bad())?.to_bytes();
    serde_json::from_slice(&body).map_err(|_| bad())
}

/// Lets a client that has shown its token keep its connection, however many others come.
async fn admit(ticket: &AdmissionTicket) -> Result<(), Refused> {
    let busy = |_| Refused::new(StatusCode::SERVICE_UNAVAILABLE, "Too many others ask already");
    ticket.admit().await.map_err(busy)
}
