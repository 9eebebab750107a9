//! Bodies on their way through: nothing is collected, and a stalled sender is given up on.

use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use http_body::{Frame, SizeHint};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Empty, Full};
use hyper::body::Incoming;
use tokio::time::Sleep;
use tokio_util::sync::{CancellationToken, DropGuard, WaitForCancellationFutureOwned};

/// Any error of a body.
pub(crate) type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// Any body, of a request or an answer.
pub(crate) type Body = UnsyncBoxBody<Bytes, BoxError>;

/// A body without a byte.
pub(crate) fn empty() -> Body {
    Empty::new().map_err(|never| match never {}).boxed_unsync()
}

/// A body that is all there.
pub(crate) fn full(bytes: impl Into<Bytes>) -> Body {
    Full::new(bytes.into()).map_err(|never| match never {}).boxed_unsync()
}

/// Why a body was cut short.
#[derive(Debug, thiserror::Error)]
enum BodyCutOff {
    #[error("No byte of the request's body within the limit `body_idle`, {0:?}")]
    Idle(Duration),
    #[error("The gateway is stopping")]
    Stopping,
}

/// A request's body, which fails when its sender pauses for too long, and tells when it is over.
pub(crate) struct UploadBody {
    inner: Incoming,
    limit: Duration,
    timer: Option<Pin<Box<Sleep>>>,
    _over: DropGuard,
}

impl UploadBody {
    /// Wraps a body. The token is cancelled when the last of it was read, or it was dropped.
    pub(crate) fn wrap(inner: Incoming, limit: Duration) -> (Body, CancellationToken) {
        let over = CancellationToken::new();
        let body = Self { inner, limit, timer: None, _over: over.clone().drop_guard() };
        (body.boxed_unsync(), over)
    }

    /// Runs only while the gateway itself waits for a byte, so a slow service costs nobody.
    fn poll_idle(&mut self, context: &mut Context<'_>) -> Poll<BodyCutOff> {
        let limit = self.limit;
        let timer = self.timer.get_or_insert_with(|| Box::pin(tokio::time::sleep(limit)));
        timer.as_mut().poll(context).map(|()| BodyCutOff::Idle(limit))
    }
}

impl http_body::Body for UploadBody {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        if let Poll::Ready(frame) = Pin::new(&mut self.inner).poll_frame(context) {
            self.timer = None;
            return Poll::Ready(frame.map(|result| result.map_err(Into::into)));
        }
        let cut = ready!(self.poll_idle(context));
        Poll::Ready(Some(Err(cut.into())))
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}

/// An answer without an end of its own, such as an event stream, which ends with the gateway.
pub(crate) struct EndlessBody {
    inner: Incoming,
    stop: Pin<Box<WaitForCancellationFutureOwned>>,
}

impl EndlessBody {
    /// Wraps a body, so that it is cut off when the token is cancelled.
    pub(crate) fn wrap(inner: Incoming, stop: &CancellationToken) -> Body {
        Self { inner, stop: Box::pin(stop.clone().cancelled_owned()) }.boxed_unsync()
    }
}

impl http_body::Body for EndlessBody {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        if self.stop.as_mut().poll(context).is_ready() {
            return Poll::Ready(Some(Err(BodyCutOff::Stopping.into())));
        }
        let frame = ready!(Pin::new(&mut self.inner).poll_frame(context));
        Poll::Ready(frame.map(|result| result.map_err(Into::into)))
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}
