//! The page of set-up and settings for a browser, at an origin that only it has.
//!
//! The app's own pages are at another origin, so nothing that runs in them can answer in the
//! user's place. The page gets its token in the address's fragment, which browsers send to nobody.

use std::net::SocketAddr;

use bytes::Bytes;
use ensconce_gateway::AdmissionTicket;
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode, header};
use http_body_util::Full;
use hyper::body::Incoming;

use super::answer::{Answer, Refusal, refused};
use super::server::{Control, admit};

/// The page, made of one file.
const PAGE: &str = include_str!("../../../../pages/dist/setup.html");
/// The page's own policy, which names its script and style by their hashes; see `build.rs`.
const POLICY: &str = concat!(env!("SETUP_POLICY"), "; frame-ancestors 'none'");

/// Where the page is; `back` is where it leads when all is answered.
pub(crate) fn page_address(control: SocketAddr, token: &str, back: &str) -> String {
    let back: String = url::form_urlencoded::byte_serialize(back.as_bytes()).collect();
    format!("http://{control}/setup/#token={token}&back={back}")
}

/// Tells whether a request is one of the page, or for it.
pub(super) fn is_for_page<B>(request: &Request<B>) -> bool {
    request.uri().path().starts_with("/setup/")
}

impl Control {
    pub(super) async fn answer_page(
        &self,
        request: Request<Incoming>,
        ticket: &AdmissionTicket,
    ) -> Answer {
        let result = match (request.method(), request.uri().path()) {
            (&Method::GET, "/setup/") if self.is_here(request.headers()) => Ok(page()),
            (&Method::POST, "/setup/setup") if self.is_from_page(request.headers()) => {
                match admit(ticket).await {
                    Ok(()) => self.set_up(request.into_body()).await,
                    Err(refusal) => Err(refusal),
                }
            }
            (&Method::POST, "/setup/setup") => {
                Err(Refusal::new(StatusCode::UNAUTHORIZED, "The token is not this start's"))
            }
            _ => Err(Refusal::new(StatusCode::FORBIDDEN, "There is nothing else here")),
        };
        result.unwrap_or_else(|refusal| refused(&refusal))
    }

    /// Another name for this address may be a page of somebody else.
    fn is_here(&self, headers: &HeaderMap) -> bool {
        text(headers, header::HOST) == Some(self.address.to_string().as_str())
    }

    fn is_from_page(&self, headers: &HeaderMap) -> bool {
        let origin = format!("http://{}", self.address);
        let token = text(headers, header::AUTHORIZATION).and_then(|value| value.split_once(' '));
        self.is_here(headers)
            && text(headers, header::ORIGIN).is_none_or(|sent| sent == origin)
            && token.is_some_and(|(_, token)| self.tokens.is_page(token.trim()))
    }
}

fn text(headers: &HeaderMap, name: header::HeaderName) -> Option<&str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

fn page() -> Answer {
    let mut response = Response::new(Full::new(Bytes::from_static(PAGE.as_bytes())));
    let headers = response.headers_mut();
    for (name, value) in [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::CACHE_CONTROL, "no-store"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}
