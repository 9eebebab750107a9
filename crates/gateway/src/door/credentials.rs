//! User and password of the proxy door.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::HeaderValue;
use subtle::ConstantTimeEq;

use super::random_text;

/// A user and a password that only the window holds, made anew for each launch.
#[derive(Clone, PartialEq, Eq)]
pub struct Credentials {
    /// The user, which is no secret.
    pub user: String,
    /// The password.
    pub password: String,
}

impl Credentials {
    /// Makes new ones from the system's random numbers.
    ///
    /// # Errors
    /// When the system gives no random numbers.
    pub fn generate() -> std::io::Result<Self> {
        Ok(Self { user: "ensconce".to_owned(), password: random_text()? })
    }

    /// Returns the value of the `Proxy-Authorization` header that lets its sender in.
    pub(crate) fn header(&self) -> String {
        format!("Basic {}", STANDARD.encode(format!("{}:{}", self.user, self.password)))
    }

    /// Compares a header with the expected one, in constant time: how long it takes must not show
    /// how much of a guess was right.
    pub(crate) fn accept(&self, header: Option<&HeaderValue>) -> bool {
        let Some((scheme, sent)) = header.and_then(|value| split_scheme(value.as_bytes())) else {
            return false;
        };
        let expected = self.header();
        scheme.eq_ignore_ascii_case(b"basic")
            && bool::from(sent.ct_eq(&expected.as_bytes()["Basic ".len()..]))
    }
}

fn split_scheme(value: &[u8]) -> Option<(&[u8], &[u8])> {
    let space = value.iter().position(|byte| *byte == b' ')?;
    Some((&value[..space], value[space..].trim_ascii()))
}

impl fmt::Debug for Credentials {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Credentials").field("user", &self.user).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn accepts(header: &str) -> bool {
        let credentials = Credentials { user: "u".to_owned(), password: "p:w".to_owned() };
        credentials.accept(Some(&HeaderValue::from_str(header).unwrap()))
    }

    #[test]
    fn only_the_right_header_is_accepted() {
        assert!(accepts("Basic dTpwOnc="));
        assert!(accepts("basic  dTpwOnc="));
        for header in [
            "",
            "Basic",
            "Basic ",
            "Basic dTpwOnc",
            "Bearer dTpwOnc=",
            "dTpwOnc=",
            "Basic dTpwOnc=x",
        ] {
            assert!(!accepts(header), "{header}");
        }
        assert!(!Credentials::generate().unwrap().accept(None));
    }

    #[test]
    fn the_password_is_not_in_the_debug_output() {
        let credentials = Credentials::generate().unwrap();
        assert!(!format!("{credentials:?}").contains(&credentials.password));
        assert_ne!(credentials.password, Credentials::generate().unwrap().password);
    }
}
