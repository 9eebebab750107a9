//! The two ways in, and what each one asks for.

mod credentials;
mod session;

pub use credentials::Credentials;
pub use session::Session;

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
    use base64::Engine;
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes)?;
    Ok(base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(bytes))
}
