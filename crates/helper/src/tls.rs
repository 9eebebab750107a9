//! What can be wrong with an encrypted connection, in words.

use std::error::Error;
use std::io;
use std::sync::Arc;

use rustls::crypto::CryptoProvider;
use rustls::{CertificateError, Error as TlsError};

/// Returns the cryptography that all connections use.
pub(crate) fn provider() -> Arc<CryptoProvider> {
    Arc::new(rustls::crypto::ring::default_provider())
}

/// Finds the error of TLS in another error, or in what caused it.
pub(crate) fn find<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a TlsError> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(found) = error.downcast_ref::<TlsError>() {
            return Some(found);
        }
        if let Some(inner) = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref)
            && let Some(found) = find(inner)
        {
            return Some(found);
        }
        next = error.source();
    }
    None
}

/// Describes what is wrong: a word for programs, and a sentence for people.
pub(crate) fn describe(error: &TlsError, host: &str) -> (&'static str, String) {
    match error {
        TlsError::InvalidCertificate(problem) => certificate(problem, host),
        TlsError::InvalidMessage(_) => {
            ("not_tls", format!("`{host}` answers, but not with an encrypted connection (TLS)."))
        }
        _ => ("tls", format!("No encrypted connection (TLS) to `{host}` could be agreed on.")),
    }
}

fn certificate(problem: &CertificateError, host: &str) -> (&'static str, String) {
    use CertificateError as Problem;
    let text = format!("{problem:?}");
    match problem {
        Problem::Expired | Problem::ExpiredContext { .. } => (
            "certificate_expired",
            format!(
                "The certificate of `{host}` has expired, or the clock of this computer is wrong."
            ),
        ),
        Problem::NotValidYet | Problem::NotValidYetContext { .. } => (
            "certificate_not_yet",
            format!(
                "The certificate of `{host}` is not valid yet, or the clock of this computer is \
                 wrong."
            ),
        ),
        Problem::NotValidForName | Problem::NotValidForNameContext { .. } => (
            "certificate_name",
            format!("The certificate that `{host}` shows was made for another name."),
        ),
        Problem::Revoked => {
            ("certificate_revoked", format!("The certificate of `{host}` was withdrawn."))
        }
        // An authority of the same name with another key looks like a bad signature.
        Problem::UnknownIssuer | Problem::BadSignature => unknown(host),
        // A certificate that signs itself and says that it may sign others.
        _ if text.contains("CaUsedAsEndEntity") => unknown(host),
        _ => ("certificate", format!("The certificate of `{host}` is not valid.")),
    }
}

fn unknown(host: &str) -> (&'static str, String) {
    (
        "certificate_unknown",
        format!(
            "This computer does not trust the certificate of `{host}`: it is self-signed, or from \
             an authority that is not known here."
        ),
    )
}
