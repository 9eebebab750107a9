//! The browser door's session: one-time entry tokens that turn into a cookie.

use std::collections::VecDeque;
use std::fmt;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};

use http::HeaderValue;
use subtle::{Choice, ConstantTimeEq};

use super::random_text;
use crate::cookies;

/// The query parameter that carries an entry token.
pub(crate) const TOKEN_PARAMETER: &str = "ensconce_token";

/// How many entry links may be open at once; older ones stop working.
const OPEN_LINKS: usize = 32;

/// One launch's session. Cheap to clone; all clones are one.
#[derive(Clone)]
pub struct Session {
    state: Arc<SessionState>,
}

struct SessionState {
    cookie_name: String,
    cookie_value: String,
    tokens: Mutex<VecDeque<String>>,
}

impl Session {
    /// Makes a session whose cookie is named after the app, so that two apps do not mix.
    ///
    /// # Errors
    /// When the system gives no random numbers.
    pub fn new(app_id: &str) -> std::io::Result<Self> {
        let state = SessionState {
            cookie_name: cookie_name(app_id),
            cookie_value: random_text()?,
            tokens: Mutex::new(VecDeque::new()),
        };
        Ok(Self { state: Arc::new(state) })
    }

    /// Makes a link that lets one browser in, once.
    ///
    /// # Errors
    /// When the system gives no random numbers.
    pub fn entry_url(&self, gateway: SocketAddr) -> std::io::Result<String> {
        let token = random_text()?;
        let url = format!("http://{gateway}/?{TOKEN_PARAMETER}={token}");
        let mut tokens = self.state.tokens.lock().unwrap_or_else(PoisonError::into_inner);
        tokens.push_back(token);
        if tokens.len() > OPEN_LINKS {
            tokens.pop_front();
        }
        Ok(url)
    }

    /// Uses a token up. Every open one is compared, in constant time.
    pub(crate) fn redeem(&self, sent: &str) -> bool {
        let mut tokens = self.state.tokens.lock().unwrap_or_else(PoisonError::into_inner);
        let before = tokens.len();
        tokens.retain(|token| !bool::from(token.as_bytes().ct_eq(sent.as_bytes())));
        tokens.len() < before
    }

    /// Checks whether one of the cookies is this session's. All of them are compared, in constant
    /// time: another server on the same host name may have set one of the same name.
    pub(crate) fn accept<'header>(
        &self,
        headers: impl IntoIterator<Item = &'header HeaderValue>,
    ) -> bool {
        let expected = self.state.cookie_value.as_bytes();
        let found = headers
            .into_iter()
            .flat_map(|header| cookies::values(header.as_bytes(), self.cookie_name()))
            .fold(Choice::from(0), |found, value| found | value.ct_eq(expected));
        found.into()
    }

    /// Returns the cookie's name.
    pub(crate) fn cookie_name(&self) -> &str {
        &self.state.cookie_name
    }

    /// Returns the `Set-Cookie` header that opens the session in a browser.
    pub(crate) fn set_cookie(&self) -> String {
        let SessionState { cookie_name, cookie_value, .. } = &*self.state;
        format!("{cookie_name}={cookie_value}; Path=/; HttpOnly; SameSite=Strict")
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Session")
            .field("cookie_name", &self.cookie_name())
            .finish_non_exhaustive()
    }
}

/// Cookies know no ports, so the name has to tell this app's from any other's on this machine.
fn cookie_name(app_id: &str) -> String {
    let plain = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '.' | '-');
    let id: String =
        app_id.chars().map(|letter| if plain(letter) { letter } else { '_' }).collect();
    format!("ensconce_{id}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn session_with_link() -> (Session, String) {
        let session = Session::new("com.example.notes").unwrap();
        let url = session.entry_url(([127, 0, 0, 1], 4000).into()).unwrap();
        let token = url.strip_prefix("http://127.0.0.1:4000/?ensconce_token=").unwrap().to_owned();
        (session, token)
    }

    #[test]
    fn a_token_works_once() {
        let (session, token) = session_with_link();
        assert!(!session.redeem(""));
        assert!(!session.redeem(&token[1..]));
        assert!(session.redeem(&token));
        assert!(!session.redeem(&token));
    }

    #[test]
    fn old_links_stop_working() {
        let (session, token) = session_with_link();
        for _ in 0..OPEN_LINKS {
            session.entry_url(([127, 0, 0, 1], 4000).into()).unwrap();
        }
        assert!(!session.redeem(&token));
    }

    #[test]
    fn only_this_launch_has_the_cookie() {
        let (session, _) = session_with_link();
        let cookie = session.set_cookie();
        let pair = HeaderValue::from_str(cookie.split(';').next().unwrap()).unwrap();
        assert!(session.accept([&pair]));
        assert!(!session_with_link().0.accept([&pair]));
        assert!(!session.accept([&HeaderValue::from_static("ensconce_com.example.notes=")]));
        assert!(!format!("{session:?}").contains(&session.state.cookie_value));
    }
}
