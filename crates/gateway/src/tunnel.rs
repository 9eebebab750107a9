//! Bytes both ways: WebSockets and other upgrades, and tunnels to remote hosts.

use std::io;
use std::time::Duration;

use hyper::upgrade::OnUpgrade;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt, ReadHalf, WriteHalf};
use tokio_util::sync::CancellationToken;

/// Carries two upgraded connections' bytes until one ends, or the gateway stops.
///
/// Both become tunnels only after the answer (101) has gone out, so this waits for both first.
pub(crate) async fn join_upgraded(
    client: OnUpgrade,
    service: OnUpgrade,
    half_closed: Duration,
    stop: CancellationToken,
) {
    let carry = async {
        match tokio::try_join!(client, service) {
            Ok((client, service)) => {
                join(TokioIo::new(client), TokioIo::new(service), half_closed).await;
            }
            Err(error) => tracing::debug!("Upgrade failed: {error}"),
        }
    };
    stop.run_until_cancelled(carry).await;
}

/// Carries bytes both ways. When one side has ended its half, the other gets `half_closed`: some
/// protocols end their request that way and still read the answer, but a client that has gone
/// looks the same.
pub(crate) async fn join<First, Second>(first: First, second: Second, half_closed: Duration)
where
    First: AsyncRead + AsyncWrite,
    Second: AsyncRead + AsyncWrite,
{
    let (mut first_read, mut first_write) = tokio::io::split(first);
    let (mut second_read, mut second_write) = tokio::io::split(second);
    let mut there = std::pin::pin!(carry(&mut first_read, &mut second_write));
    let mut back = std::pin::pin!(carry(&mut second_read, &mut first_write));
    // An error on one side ends both: there is nobody left to carry for.
    tokio::select! {
        ended = &mut there => if ended.is_ok() { finish(back, half_closed).await },
        ended = &mut back => if ended.is_ok() { finish(there, half_closed).await },
    }
}

async fn finish(rest: impl Future<Output = io::Result<()>>, half_closed: Duration) {
    if tokio::time::timeout(half_closed, rest).await.is_err() {
        tracing::debug!(?half_closed, "Half of a tunnel outlived the limit `half_closed`");
    }
}

async fn carry<From, To>(from: &mut ReadHalf<From>, to: &mut WriteHalf<To>) -> io::Result<()>
where
    From: AsyncRead,
    To: AsyncWrite,
{
    tokio::io::copy(from, to).await?;
    to.shutdown().await
}
