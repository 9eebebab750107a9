//! Tries an HTTP call and reports in plain words how it went.
//!
//! Neither the values of headers nor the body are ever part of an answer, nor the address beyond
//! its host: keys are in all of them.

use std::error::Error as _;
use std::io;
use std::time::{Duration, Instant};

use ensconce_protocol::{AddressCheck, HelperAnswer};
use serde_json::Value;
use ureq::http::{self, Method, Uri};
use ureq::tls::{RootCerts, TlsConfig, TlsProvider};
use ureq::{Agent, Error};

use crate::answer::Answering;
use crate::redact::Secrets;
use crate::{limit, tls};

mod redirect;
mod reply;

use reply::HttpReply;

/// How often a server may send the check elsewhere.
const MOST_REDIRECTS: usize = 3;

/// Why a call cannot even be made.
struct UnusableCall {
    reason: &'static str,
    message: &'static str,
    /// The header that it is about.
    header: Option<String>,
}

impl UnusableCall {
    fn new(reason: &'static str, message: &'static str) -> Self {
        Self { reason, message, header: None }
    }
}

impl From<UnusableCall> for HelperAnswer {
    fn from(unusable: UnusableCall) -> Self {
        let answer = Self::bad(unusable.reason, unusable.message);
        match unusable.header {
            Some(header) => answer.with("header", header),
            None => answer,
        }
    }
}

/// Why there was no answer to judge.
enum CallFailure {
    /// The call itself; with the host that it went to last.
    Call(Error, String),
    /// The answer is one; but it may not, or cannot, be followed.
    Redirect { reason: &'static str, message: String },
}

impl From<CallFailure> for HelperAnswer {
    fn from(failure: CallFailure) -> Self {
        match failure {
            CallFailure::Call(error, host) => call_failed(&error, &host).with("host", host),
            CallFailure::Redirect { reason, message } => Self::bad(reason, message),
        }
    }
}

/// Tries the call within its time.
pub(crate) fn check(request: AddressCheck) -> HelperAnswer {
    let time = Duration::from_millis(request.timeout_ms);
    let prepared = match PreparedCall::new(&request) {
        Ok(prepared) => prepared,
        Err(unusable) => return unusable.into(),
    };
    let host = prepared.host();
    let begun = Instant::now();
    let answer = limit::within(time, move || prepared.run(time))
        .unwrap_or_else(|| timed_out(&host, time).with("host", host));
    answer.with("elapsed_ms", u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX))
}

/// A request whose parts are readable.
struct PreparedCall {
    method: Method,
    uri: Uri,
    headers: Vec<(http::HeaderName, http::HeaderValue)>,
    body: Option<String>,
    statuses: Vec<u16>,
    secrets: Secrets,
}

impl PreparedCall {
    fn new(request: &AddressCheck) -> Result<Self, UnusableCall> {
        let method = Method::from_bytes(request.method.as_bytes())
            .map_err(|_| UnusableCall::new("bad_request", "The check's HTTP method is not one."))?;
        let uri = address(&request.url)?;
        let mut headers = Vec::new();
        let mut secrets = Secrets::default();
        for (name, value) in &request.headers {
            secrets.add_header(value);
            headers.push(header(name, value)?);
        }
        secrets.add_url(&request.url);
        if let Some(body) = &request.body {
            secrets.add_body(body);
        }
        Ok(Self {
            method,
            uri,
            headers,
            body: request.body.as_ref().map(Value::to_string),
            statuses: request.statuses.clone(),
            secrets,
        })
    }

    fn host(&self) -> String {
        host_of(&self.uri)
    }

    fn run(mut self, time: Duration) -> HelperAnswer {
        let agent = agent(time);
        match self.follow(&agent) {
            Ok(reply) => self.judge(&reply).with("host", self.host()),
            Err(failure) => failure.into(),
        }
    }

    /// Calls, and goes where the server sends it, as long as that is safe.
    fn follow(&mut self, agent: &Agent) -> Result<HttpReply, CallFailure> {
        for _ in 0..=MOST_REDIRECTS {
            let reply = self.call(agent).map_err(|error| CallFailure::Call(error, self.host()))?;
            match &reply.location {
                Some(location) if reply.redirects() && !self.wanted(reply.status) => {
                    let location = location.clone();
                    self.redirect(reply.status, &location)?;
                }
                _ => return Ok(reply),
            }
        }
        Err(CallFailure::Redirect {
            reason: "redirects",
            message: format!("`{}` redirects the request again and again.", self.host()),
        })
    }

    fn call(&self, agent: &Agent) -> Result<HttpReply, Error> {
        let mut request = http::Request::builder().method(&self.method).uri(&self.uri);
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        let response = match &self.body {
            Some(body) => {
                if !self.headers.iter().any(|(name, _)| name == http::header::CONTENT_TYPE) {
                    request = request.header(http::header::CONTENT_TYPE, "application/json");
                }
                agent.run(request.body(body.as_str())?)?
            }
            None => agent.run(request.body(())?)?,
        };
        HttpReply::read(response)
    }

    fn wanted(&self, status: u16) -> bool {
        match self.statuses.as_slice() {
            statuses @ [_, ..] => statuses.contains(&status),
            [] => (200..300).contains(&status),
        }
    }

    fn judge(&self, reply: &HttpReply) -> HelperAnswer {
        let host = self.host();
        let said = reply.said.as_deref().map(|text| self.secrets.taken_out_of(text));
        let (reason, words) = if self.wanted(reply.status) {
            ("ok", format!("`{host}` answers as it should."))
        } else {
            by_status(reply.status, &host)
        };
        let message = match &said {
            Some(said) => format!("{words} It says: “{said}”"),
            None => words,
        };
        let mut answer = if reason == "ok" {
            HelperAnswer::good(message)
        } else {
            HelperAnswer::bad(reason, message)
        };
        if let Some(said) = said {
            answer = answer.with("said", said);
        }
        answer.with("status", reply.status)
    }
}

fn address(url: &str) -> Result<Uri, UnusableCall> {
    let bad = |what: &'static str| Err(UnusableCall::new("bad_address", what));
    let Ok(uri) = url.trim().parse::<Uri>() else {
        return bad("This is not a web address. One looks like `https://api.example.com/v1`.");
    };
    match (uri.scheme_str(), uri.host()) {
        (Some("http" | "https"), Some(host)) if !host.is_empty() => Ok(uri),
        (Some("http" | "https"), _) => bad("The address names no server after `https://`."),
        _ => bad("A web address begins with `https://` or `http://`."),
    }
}

fn header(name: &str, value: &str) -> Result<(http::HeaderName, http::HeaderValue), UnusableCall> {
    let readable =
        name.parse::<http::HeaderName>().ok().zip(value.parse::<http::HeaderValue>().ok());
    let Some((name, mut value)) = readable else {
        return Err(UnusableCall {
            reason: "bad_value",
            message: "What is to be sent along, a key for instance, contains line breaks or other \
                      characters that cannot be sent. Copy it once more, without spaces around it.",
            header: Some(name.to_owned()),
        });
    };
    value.set_sensitive(true);
    Ok((name, value))
}

fn agent(time: Duration) -> Agent {
    let tls = TlsConfig::builder()
        .provider(TlsProvider::Rustls)
        .root_certs(RootCerts::PlatformVerifier)
        .unversioned_rustls_crypto_provider(tls::provider())
        .build();
    Agent::config_builder()
        .tls_config(tls)
        .http_status_as_error(false)
        .max_redirects(0)
        .max_redirects_will_error(false)
        .allow_non_standard_methods(true)
        .timeout_global(Some(time))
        .user_agent(concat!("Ensconce/", env!("CARGO_PKG_VERSION")))
        .build()
        .into()
}

fn host_of(uri: &Uri) -> String {
    let host = uri.host().unwrap_or_default();
    match uri.port_u16() {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    }
}

fn timed_out(host: &str, time: Duration) -> HelperAnswer {
    let time = limit::seconds(time);
    HelperAnswer::bad(
        "timeout",
        format!(
            "`{host}` did not answer within {time}. It may be down, or out of reach from here."
        ),
    )
}

fn by_status(status: u16, host: &str) -> (&'static str, String) {
    let (reason, words) = match status {
        401 | 403 => ("refused_key", "does not accept this key, or it may not do this"),
        404 | 410 => ("not_found", "is there, but has nothing at this address (404)"),
        405 => ("status", "does not allow this kind of request at this address (405)"),
        407 => ("proxy", "is behind a proxy that asks for a password (407)"),
        429 => ("busy", "is asked too often, or its quota is used up (429). Try again later"),
        400..=499 => ("status", "does not accept the request"),
        500..=599 => ("server_error", "has a problem of its own. Try again later"),
        _ => ("status", "answers, but not as it should"),
    };
    match status {
        404 | 405 | 407 | 429 => (reason, format!("`{host}` {words}.")),
        401 | 403 => (reason, format!("`{host}` {words} ({status}).")),
        _ => (reason, format!("`{host}` {words} (status {status}).")),
    }
}

fn call_failed(error: &Error, host: &str) -> HelperAnswer {
    let problem = match error {
        Error::Io(error) => tls::find(error),
        Error::Rustls(error) => Some(error),
        _ => None,
    };
    if let Some(problem) = problem {
        let (reason, message) = tls::describe(problem, host);
        return HelperAnswer::bad(reason, message);
    }
    let (reason, words) = match error {
        Error::HostNotFound => no_host(host),
        Error::Io(error) => by_io(error, host),
        Error::ConnectionFailed => ("refused", format!("No connection to `{host}` could be made.")),
        Error::Timeout(_) => (
            "timeout",
            format!("`{host}` did not answer in time. It may be down, or out of reach."),
        ),
        Error::BadUri(_) => ("bad_address", "This is not a complete web address.".to_owned()),
        Error::Tls(_) | Error::TlsRequired => {
            ("tls", format!("No encrypted connection (TLS) to `{host}` could be made."))
        }
        Error::ConnectProxyFailed(_) | Error::InvalidProxyUrl => {
            ("proxy", "The proxy that this computer is set to use did not connect.".to_owned())
        }
        _ => (
            "not_http",
            format!("Something answers at `{host}`, but it is not a web server (HTTP)."),
        ),
    };
    HelperAnswer::bad(reason, words)
}

fn no_host(host: &str) -> (&'static str, String) {
    (
        "no_host",
        format!(
            "No server called `{host}` was found. Check the spelling, and whether this \
             computer is online."
        ),
    )
}

fn by_io(error: &io::Error, host: &str) -> (&'static str, String) {
    use io::ErrorKind as Kind;
    match error.kind() {
        Kind::ConnectionRefused => (
            "refused",
            format!(
                "`{host}` refuses the connection: nothing is running there, or it uses another port."
            ),
        ),
        Kind::TimedOut | Kind::WouldBlock => (
            "timeout",
            format!("`{host}` did not answer in time. It may be down, or out of reach."),
        ),
        Kind::HostUnreachable | Kind::NetworkUnreachable | Kind::AddrNotAvailable => (
            "unreachable",
            format!("`{host}` cannot be reached from here. Is this computer online?"),
        ),
        Kind::UnexpectedEof
        | Kind::ConnectionReset
        | Kind::ConnectionAborted
        | Kind::BrokenPipe => {
            ("broken_off", format!("`{host}` closed the connection before it had answered."))
        }
        Kind::InvalidData | Kind::InvalidInput => (
            "not_http",
            format!("Something answers at `{host}`, but it is not a web server (HTTP)."),
        ),
        _ if is_lookup(error) => no_host(host),
        _ => ("connection", format!("No connection to `{host}` could be made.")),
    }
}

/// Returns whether a name could not be turned into an address; std has no kind of error for it.
pub(crate) fn is_lookup(error: &io::Error) -> bool {
    let text = error.to_string();
    let inner = error.source().map(ToString::to_string).unwrap_or_default();
    // Windows: WSAHOST_NOT_FOUND, WSATRY_AGAIN, WSANO_DATA.
    text.contains("lookup address")
        || inner.contains("lookup address")
        || matches!(error.raw_os_error(), Some(11001 | 11002 | 11004))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn prepared(url: &str) -> PreparedCall {
        PreparedCall::new(&AddressCheck {
            method: "GET".to_owned(),
            url: url.to_owned(),
            headers: [("x-api-key".to_owned(), "sk-1234".to_owned())].into(),
            body: None,
            statuses: Vec::new(),
            timeout_ms: 1000,
        })
        .map_err(|unusable| unusable.message)
        .unwrap()
    }

    fn said(status: u16, said: &str) -> HelperAnswer {
        let reply = HttpReply { status, location: None, said: Some(said.to_owned()) };
        prepared("https://api.example.com/v1?key=secretkey").judge(&reply)
    }

    #[test]
    fn what_a_server_says_is_shown_without_the_key() {
        let answer = said(401, "Incorrect API key provided: sk-1234 or secretkey");
        assert_eq!(
            answer.message,
            "`api.example.com` does not accept this key, or it may not do this (401). It says: \
             “Incorrect API key provided: ••• or •••”"
        );
        assert!(!answer.ok);
    }

    #[test]
    fn each_status_has_a_message() {
        for (status, reason) in [
            (400, "status"),
            (401, "refused_key"),
            (403, "refused_key"),
            (404, "not_found"),
            (410, "not_found"),
            (429, "busy"),
            (500, "server_error"),
            (503, "server_error"),
            (302, "status"),
            (101, "status"),
        ] {
            assert_eq!(by_status(status, "h").0, reason, "{status}");
        }
    }

    #[test]
    fn what_is_not_an_address_is_refused() {
        for url in ["", "example.com", "ftp://example.com", "https://", "https:///x", "http://a b"]
        {
            assert!(address(url).is_err(), "{url}");
        }
        assert!(address(" https://example.com \n").is_ok());
    }

    #[test]
    fn a_key_with_a_line_break_is_refused_and_not_shown() {
        let answer = HelperAnswer::from(header("x-api-key", "abc\ndef").unwrap_err());
        assert!(answer.message.contains("line breaks"), "{}", answer.message);
        assert!(!serde_json::to_string(&answer).unwrap().contains("def"));
    }
}
