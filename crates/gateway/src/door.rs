//! The two ways in, and what each one asks for.

pub(crate) mod browser;
mod credentials;
pub(crate) mod proxy;
mod session;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::HeaderMap;
use http::header::HeaderName;

pub use credentials::Credentials;
pub use session::Session;
pub(crate) use session::TOKEN_PARAMETER;

/// How requests come in.
#[derive(Debug, Clone)]
pub enum Door {
    /// As their HTTP proxy, for a window that holds the credentials.
    Proxy(Credentials),
    /// As an ordinary loopback origin, for a browser that holds the session.
    Browser(Session),
}

/// 256 random bits as text that needs no escaping anywhere.
fn random_text() -> std::io::Result<String> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes)?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}

/// A header's value, when it is there exactly once.
fn only_value<'headers>(headers: &'headers HeaderMap, name: &HeaderName) -> Option<&'headers str> {
    let mut values = headers.get_all(name).iter();
    let value = values.next()?.to_str().ok()?;
    values.next().is_none().then_some(value)
}
