//! The one table from what went wrong to the answer's status, kind and words.

use std::time::Duration;

use http::StatusCode;

/// How soon a notice page looks again while a service starts.
const RETRY: Duration = Duration::from_millis(1000);

/// Why a request gets a notice in place of an answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Failure {
    /// The request itself makes no sense here.
    #[error("{why}")]
    BadRequest { why: &'static str },
    /// The proxy door without its credentials.
    #[error("The proxy's credentials are missing or wrong")]
    NoCredentials,
    /// The browser door without its cookie.
    #[error("This page needs the link that the app printed when it started")]
    NoSession,
    /// An row link that was used before, or never made.
    #[error("This link was used before, or belongs to another launch")]
    LinkUsed,
    /// A request from somewhere else than the app's own pages.
    #[error("{why}")]
    Forbidden { why: &'static str },
    /// A host that the app may not reach.
    #[error("The app may not reach `{target}`")]
    Blocked { target: String },
    /// No file, and no route.
    #[error("There is nothing at this address")]
    NotFound,
    /// A file can only be read.
    #[error("A file can only be read")]
    MethodNotAllowed,
    /// More connections with credentials than there are places, and places to wait for one.
    #[error("Too many connections are open")]
    TooManyConnections,
    /// A service that has not been ready yet.
    #[error("`{service}` is still starting")]
    Starting { service: String },
    /// A service that was ready before, or was told to stop.
    #[error("`{service}` is not available right now")]
    Unavailable { service: String },
    /// A service that gave up.
    #[error("`{service}` failed: {why}")]
    Failed { service: String, why: String },
    /// A service or a host that cannot be reached, or hung up before it answered.
    #[error("`{upstream}` gave no answer: {why}")]
    BadGateway { upstream: UpstreamName, why: String },
    /// A service or a host that took too long to answer.
    #[error("`{upstream}` gave no answer within the limit `answer`, {limit:?}")]
    NoAnswer { upstream: UpstreamName, limit: Duration },
}

/// Who a request was passed on to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum UpstreamName {
    Service(String),
    Remote(String),
}

impl std::fmt::Display for UpstreamName {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Service(name) | Self::Remote(name) => formatter.write_str(name),
        }
    }
}

/// One line of the table.
pub(crate) struct FailureRow {
    pub(crate) status: StatusCode,
    /// The word that pages and scripts read; the notice page has a text for each.
    pub(crate) kind: &'static str,
    /// When to look again.
    pub(crate) retry: Option<Duration>,
}

impl Failure {
    /// Returns the failure's row of the table.
    pub(crate) fn row(&self) -> FailureRow {
        let (status, kind) = match self {
            Self::BadRequest { .. } => (StatusCode::BAD_REQUEST, "forbidden"),
            Self::NoCredentials => (StatusCode::PROXY_AUTHENTICATION_REQUIRED, "no_session"),
            Self::NoSession => (StatusCode::UNAUTHORIZED, "no_session"),
            Self::LinkUsed => (StatusCode::UNAUTHORIZED, "link_used"),
            Self::Forbidden { .. } => (StatusCode::FORBIDDEN, "forbidden"),
            Self::Blocked { .. } => (StatusCode::FORBIDDEN, "blocked"),
            Self::NotFound => (StatusCode::NOT_FOUND, "not_found"),
            Self::MethodNotAllowed => (StatusCode::METHOD_NOT_ALLOWED, "forbidden"),
            Self::Starting { .. } => (StatusCode::SERVICE_UNAVAILABLE, "starting"),
            Self::Unavailable { .. } | Self::TooManyConnections => {
                (StatusCode::SERVICE_UNAVAILABLE, "unavailable")
            }
            Self::Failed { .. } => (StatusCode::SERVICE_UNAVAILABLE, "failed"),
            Self::BadGateway { .. } => (StatusCode::BAD_GATEWAY, "bad_gateway"),
            Self::NoAnswer { .. } => (StatusCode::GATEWAY_TIMEOUT, "bad_gateway"),
        };
        let waits = matches!(
            self,
            Self::Starting { .. } | Self::Unavailable { .. } | Self::TooManyConnections
        );
        FailureRow { status, kind, retry: waits.then_some(RETRY) }
    }

    /// Checks whether the request was a good one, and the service or host that was to answer it did
    /// not.
    pub(crate) fn is_upstream_failure(&self) -> bool {
        matches!(
            self,
            Self::Starting { .. }
                | Self::Unavailable { .. }
                | Self::Failed { .. }
                | Self::BadGateway { .. }
                | Self::NoAnswer { .. }
        )
    }

    /// Returns the service that failed, if it was one.
    pub(crate) fn service(&self) -> Option<&str> {
        match self {
            Self::Starting { service }
            | Self::Unavailable { service }
            | Self::Failed { service, .. }
            | Self::BadGateway { upstream: UpstreamName::Service(service), .. }
            | Self::NoAnswer { upstream: UpstreamName::Service(service), .. } => Some(service),
            _ => None,
        }
    }

    /// Returns the remote host that was asked for, if it was one.
    pub(crate) fn target(&self) -> Option<&str> {
        match self {
            Self::Blocked { target }
            | Self::BadGateway { upstream: UpstreamName::Remote(target), .. }
            | Self::NoAnswer { upstream: UpstreamName::Remote(target), .. } => Some(target),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DOCUMENT: &str = include_str!("../../../docs/gateway.md");

    #[test]
    fn the_table_is_the_documented_one() {
        let name = || "x".to_owned();
        let upstream = UpstreamName::Service(name());
        for failure in [
            Failure::BadRequest { why: "x" },
            Failure::NoSession,
            Failure::LinkUsed,
            Failure::Forbidden { why: "x" },
            Failure::Blocked { target: name() },
            Failure::NotFound,
            Failure::MethodNotAllowed,
            Failure::TooManyConnections,
            Failure::Starting { service: name() },
            Failure::Unavailable { service: name() },
            Failure::Failed { service: name(), why: name() },
            Failure::BadGateway { upstream: upstream.clone(), why: name() },
            Failure::NoAnswer { upstream, limit: RETRY },
        ] {
            let row = failure.row();
            let start = format!("| {} | `{}` | ", row.status.as_u16(), row.kind);
            let line = DOCUMENT.lines().find(|line| line.starts_with(&start));
            let line = line.unwrap_or_else(|| panic!("docs/gateway.md has no row `{start}`"));
            let retry = row.retry.map_or(" | |".to_owned(), |r| format!(" | {} |", r.as_secs()));
            assert!(line.ends_with(&retry), "{line}");
        }
    }
}
