//! The page of set-up and settings for a browser, at an origin that only it has.
//!
//! The app's own pages are at another origin, so nothing that runs in them can answer in the user's
//! place. The page gets a token in its address's fragment, which browsers send to nobody. The token
//! works once: an address that stays in a history, in an argument list or in a terminal opens
//! nothing any more. For the token the page gets a key, which it keeps to itself.

use std::collections::VecDeque;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use http::{HeaderValue, Request, Response, header};
use http_body_util::Full;
use subtle::ConstantTimeEq;

use super::response::ControlResponse;
use super::token::random;

/// The page, made of one file.
const PAGE: &str = include_str!("../../../../pages/dist/setup.html");
/// The page's own policy, which names its script and style by their hashes; see `build.rs`.
const POLICY: &str = concat!(env!("SETUP_POLICY"), "; frame-ancestors 'none'");
/// How many addresses may be open at once; older ones stop working.
const OPEN_ADDRESSES: usize = 32;
/// How many pages may have a key at once; older ones have to be opened anew.
const MOST_KEYS: usize = 32;

/// Who may use the page. Clones stand for the same one.
#[derive(Clone)]
pub(crate) struct PageAccess {
    control: SocketAddr,
    known: Arc<Mutex<Known>>,
}

#[derive(Default)]
struct Known {
    /// Tokens that nobody has used yet.
    tokens: VecDeque<String>,
    keys: VecDeque<String>,
}

impl PageAccess {
    pub(crate) fn new(control: SocketAddr) -> Self {
        Self { control, known: Arc::default() }
    }

    /// Makes an address of the page, which works once; `back` is where it leads in the end.
    pub(crate) fn address(&self, back: &str) -> io::Result<String> {
        let token = random()?;
        let back: String = url::form_urlencoded::byte_serialize(back.as_bytes()).collect();
        let address = format!("http://{}/setup/#token={token}&back={back}", self.control);
        add(&mut self.lock().tokens, token, OPEN_ADDRESSES);
        Ok(address)
    }

    /// Uses a token up; returns the key for it.
    pub(super) fn redeem(&self, token: &str) -> Option<String> {
        let key = random().ok()?;
        let mut known = self.lock();
        let before = known.tokens.len();
        known.tokens.retain(|one| !is_same(one, token));
        if known.tokens.len() == before {
            return None;
        }
        add(&mut known.keys, key.clone(), MOST_KEYS);
        Some(key)
    }

    pub(super) fn is_key(&self, key: &str) -> bool {
        self.lock().keys.iter().fold(false, |found, one| found | is_same(one, key))
    }

    fn lock(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn add(queue: &mut VecDeque<String>, text: String, most: usize) {
    queue.push_back(text);
    if queue.len() > most {
        queue.pop_front();
    }
}

fn is_same(known: &str, sent: &str) -> bool {
    known.as_bytes().ct_eq(sent.as_bytes()).into()
}

/// Returns whether a request is one of the page, or for it.
pub(super) fn is_for_page<B>(request: &Request<B>) -> bool {
    request.uri().path().starts_with("/setup/")
}

/// Returns the page itself.
pub(super) fn document() -> ControlResponse {
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

#[cfg(test)]
mod tests {
    use super::*;

    fn access() -> PageAccess {
        PageAccess::new(([127, 0, 0, 1], 4000).into())
    }

    fn token_of(address: &str) -> String {
        let token = address.strip_prefix("http://127.0.0.1:4000/setup/#token=").unwrap();
        token.split('&').next().unwrap().to_owned()
    }

    #[test]
    fn a_token_works_once_and_its_key_from_then_on() {
        let access = access();
        let token = token_of(&access.address("http://127.0.0.1:1/?a=b").unwrap());
        assert!(!access.is_key(&token));
        let key = access.redeem(&token).unwrap();
        assert!(access.is_key(&key) && access.redeem(&token).is_none());
        for wrong in ["", &token, &key[1..]] {
            assert!(!access.is_key(wrong));
            assert!(access.redeem(wrong).is_none());
        }
    }

    #[test]
    fn the_oldest_of_many_addresses_stops_working() {
        let access = access();
        let first = token_of(&access.address("").unwrap());
        let others: Vec<String> =
            (0..OPEN_ADDRESSES).map(|_| token_of(&access.address("").unwrap())).collect();
        assert!(access.redeem(&first).is_none());
        assert!(others.iter().all(|token| access.redeem(token).is_some()));
    }
}
