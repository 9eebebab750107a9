//! Decides which connections to a loopback port may stay open.
//!
//! Everybody on this machine can connect to such a port, other users too, and a connection that
//! says nothing looks like one whose client is about to speak. So whoever has not shown a
//! credential holds no place that others need:
//!
//! - A new connection is *pending*. It is accepted at once and is one of a bounded set; when one
//!   more comes, the oldest of the set is closed. It also has a limit in time.
//! - With its first valid credential it is *admitted*: it leaves the set and takes one of the
//!   places that only admitted connections take. It keeps that place until its last byte, and
//!   nobody without credentials can have it closed. When all places are taken, it waits for one.
//!
//! Thousands of silent connections therefore cost a bounded number of descriptors, and those that
//! show credentials are answered as if the others were not there. The same set makes room when the
//! process, or the system, has no descriptors left.

use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore, watch};
use tokio::time::{Instant, timeout, timeout_at};

/// How long to wait for descriptors that only others than this port's connections can give back.
const SHORTAGE_PAUSE: Duration = Duration::from_millis(10);

/// How often it is said that there are none.
const SHORTAGE_TOLD_AGAIN: Duration = Duration::from_secs(60);

/// How many connections may wait to be accepted. The system may allow fewer; when there is no room
/// left, a client tries again only after a second.
const QUEUE: i32 = 4096;

/// How many connections may have been told to close and not have done it yet.
const MOST_CLOSING: usize = 32;

/// How many connections a port has, and how long they may go without a credential.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AdmissionLimits {
    /// How many connections that have not shown a credential may be open.
    pub pending: usize,
    /// How long a connection may go without a credential, counted anew from each request.
    pub time: Duration,
    /// How many connections that have shown a credential may be open. As many others may wait for
    /// one of these to end.
    pub admitted: usize,
}

/// One port's rule for who may stay connected. Clones stand for the same one.
#[derive(Debug, Clone)]
pub struct Admission {
    state: Arc<AdmissionState>,
}

#[derive(Debug)]
struct AdmissionState {
    limits: AdmissionLimits,
    pending: Mutex<PendingSet>,
    /// Told of every connection that was closed, or left the set.
    left: Notify,
    places: Arc<Semaphore>,
    /// How many admitted connections wait for a place.
    waiting: AtomicUsize,
}

#[derive(Debug, Default)]
struct PendingSet {
    /// The number of the next connection; a lower one is older.
    next: u64,
    /// How many there are, those included that were told to close and are about to.
    open: usize,
    /// Those that can still be told to close.
    closable: BTreeMap<u64, Arc<watch::Sender<Standing>>>,
}

/// What a connection is allowed at the moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Standing {
    /// To show a credential until then.
    Pending { until: Instant },
    /// Nothing more: others came, or there are no descriptors left.
    Dropped,
    /// To stay until its own limits end it.
    Admitted,
}

/// So many connections with credentials wait for a place already that this one is turned away.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("Too many connections are open")]
pub struct TooManyConnections;

impl Admission {
    /// Makes the rule for one port.
    pub fn new(limits: AdmissionLimits) -> Self {
        let state = AdmissionState {
            limits,
            pending: Mutex::default(),
            left: Notify::new(),
            places: Arc::new(Semaphore::new(limits.admitted)),
            waiting: AtomicUsize::new(0),
        };
        Self { state: Arc::new(state) }
    }

    /// Accepts connections for as long as it is polled, as pending ones, and hands each to `serve`.
    ///
    /// `serve` must hold the ticket until the connection is closed, and close it when
    /// [`AdmissionTicket::expired`] is over.
    pub async fn accept_all(
        &self,
        listener: &TcpListener,
        mut serve: impl FnMut(TcpStream, SocketAddr, AdmissionTicket),
    ) {
        lengthen_queue(listener);
        let mut told: Option<Instant> = None;
        loop {
            match listener.accept().await {
                Ok((stream, client)) => {
                    // It only makes small packets leave at once; the connection works without.
                    let _ = stream.set_nodelay(true);
                    serve(stream, client, self.add_pending().await);
                }
                // The client has left before it was accepted.
                Err(error) if is_of_one_client(&error) => {}
                Err(error) => {
                    // Said now and then, and not a thousand times a second.
                    if told.is_none_or(|told| told.elapsed() > SHORTAGE_TOLD_AGAIN) {
                        told = Some(Instant::now());
                        tracing::warn!("A connection could not be accepted: {error}");
                    }
                    self.relieve().await;
                }
            }
        }
    }

    /// Closes every pending connection.
    pub fn drop_pending(&self) {
        let all = std::mem::take(&mut self.state.pending().closable);
        for standing in all.values() {
            change_pending(standing, Standing::Dropped);
        }
    }

    async fn add_pending(&self) -> AdmissionTicket {
        loop {
            match self.try_add_pending() {
                Some(ticket) => return ticket,
                // Each is closed by its own task. Waiting for them bounds the number of
                // descriptors, however fast connections come.
                None => self.state.left.notified().await,
            }
        }
    }

    fn try_add_pending(&self) -> Option<AdmissionTicket> {
        let mut pending = self.state.pending();
        while pending.closable.len() >= self.state.limits.pending.max(1) {
            pending.drop_oldest();
        }
        if pending.open > pending.closable.len() + MOST_CLOSING {
            return None;
        }
        let number = pending.next;
        let standing = Arc::new(watch::Sender::new(self.state.starts_now()));
        pending.next += 1;
        pending.open += 1;
        pending.closable.insert(number, Arc::clone(&standing));
        drop(pending);
        let place = PendingPlace { state: Arc::clone(&self.state), number };
        Some(AdmissionTicket {
            connection: Arc::new(Connection {
                standing,
                pending: Mutex::new(Some(place)),
                place: OnceLock::new(),
                state: Arc::clone(&self.state),
            }),
        })
    }

    /// Waits until the system may be able to give a descriptor again. No pause is longer than
    /// needed: whatever closes, the next connection is accepted at once.
    async fn relieve(&self) {
        if self.state.pending().make_room() {
            return self.state.left.notified().await;
        }
        let _ = timeout(SHORTAGE_PAUSE, self.state.left.notified()).await;
    }
}

impl PendingSet {
    /// Tells the oldest connection to close; false when there is none.
    fn drop_oldest(&mut self) -> bool {
        let Some((_, oldest)) = self.closable.pop_first() else { return false };
        // It may be admitted at this very moment, and then leaves the set all the same.
        change_pending(&oldest, Standing::Dropped);
        true
    }

    /// Makes sure that one connection is about to close; false when there is none.
    fn make_room(&mut self) -> bool {
        self.open > self.closable.len() || self.drop_oldest()
    }
}

impl AdmissionState {
    /// Nothing that is done under this lock can fail halfway, so a poisoned one is whole.
    fn pending(&self) -> MutexGuard<'_, PendingSet> {
        self.pending.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn starts_now(&self) -> Standing {
        Standing::Pending { until: Instant::now() + self.limits.time }
    }
}

/// A pending connection's place in the set, which is free when this is dropped.
#[derive(Debug)]
struct PendingPlace {
    state: Arc<AdmissionState>,
    number: u64,
}

impl Drop for PendingPlace {
    fn drop(&mut self) {
        let mut pending = self.state.pending();
        pending.closable.remove(&self.number);
        pending.open -= 1;
        drop(pending);
        self.state.left.notify_one();
    }
}

/// One connection's right to be open. Clones stand for the same connection; its place is free
/// again when the last of them is gone, so one has to be held until the connection is closed.
#[derive(Debug, Clone)]
pub struct AdmissionTicket {
    connection: Arc<Connection>,
}

#[derive(Debug)]
struct Connection {
    standing: Arc<watch::Sender<Standing>>,
    pending: Mutex<Option<PendingPlace>>,
    place: OnceLock<OwnedSemaphorePermit>,
    state: Arc<AdmissionState>,
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.state.left.notify_one();
    }
}

impl AdmissionTicket {
    /// Starts the time of a pending connection anew, because a request has come.
    pub fn on_request(&self) {
        change_pending(&self.connection.standing, self.connection.state.starts_now());
    }

    /// Admits a connection that has shown a valid credential, once; waits for a place if need be.
    ///
    /// # Errors
    /// When too many wait already.
    pub async fn admit(&self) -> Result<(), TooManyConnections> {
        let connection = &*self.connection;
        if connection.place.get().is_some() {
            return Ok(());
        }
        let place = match Arc::clone(&connection.state.places).try_acquire_owned() {
            Ok(place) => {
                self.leave_pending();
                place
            }
            Err(_) => {
                let _in_line = self.stand_in_line()?;
                self.leave_pending();
                let place = Arc::clone(&connection.state.places).acquire_owned().await;
                // The places are never closed, which is the one other error there is.
                place.map_err(|_| TooManyConnections)?
            }
        };
        let _ = connection.place.set(place);
        Ok(())
    }

    /// Waits until the connection is to be closed, because it shows no credential. An admitted one
    /// never is.
    pub async fn expired(&self) {
        let mut standing = self.connection.standing.subscribe();
        loop {
            let now = *standing.borrow_and_update();
            match now {
                Standing::Pending { until } => {
                    if timeout_at(until, standing.changed()).await.is_err() {
                        return;
                    }
                }
                Standing::Dropped => return,
                Standing::Admitted => return std::future::pending().await,
            }
        }
    }

    /// From here on, nobody without credentials can have the connection closed. One that was told
    /// to close and has not done so yet stays: that it had credentials is known now.
    fn leave_pending(&self) {
        self.connection.standing.send_replace(Standing::Admitted);
        let place = self.connection.pending.lock().unwrap_or_else(PoisonError::into_inner).take();
        drop(place);
    }

    fn stand_in_line(&self) -> Result<InLine<'_>, TooManyConnections> {
        let state = &self.connection.state;
        let before = state.waiting.fetch_add(1, Ordering::AcqRel);
        let in_line = InLine { waiting: &state.waiting };
        if before < state.limits.admitted { Ok(in_line) } else { Err(TooManyConnections) }
    }
}

/// Changes what a connection is allowed if it is pending; false if it is not.
fn change_pending(standing: &watch::Sender<Standing>, new: Standing) -> bool {
    standing.send_if_modified(|standing| {
        let pending = matches!(standing, Standing::Pending { .. });
        if pending {
            *standing = new;
        }
        pending
    })
}

/// One that waits for a place, counted.
struct InLine<'a> {
    waiting: &'a AtomicUsize,
}

impl Drop for InLine<'_> {
    fn drop(&mut self) {
        self.waiting.fetch_sub(1, Ordering::AcqRel);
    }
}

/// Makes the system's queue longer than the usual 128, which a burst of connections fills before
/// the first of them can be accepted.
fn lengthen_queue(listener: &TcpListener) {
    if let Err(error) = socket2::SockRef::from(listener).listen(QUEUE) {
        tracing::debug!("The queue of new connections stays as it is: {error}");
    }
}

/// Whether accepting failed because of one client, and the next one may do better.
fn is_of_one_client(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
}

/// What the system says when the process, or all processes together, have too many files open.
#[cfg(unix)]
const SHORTAGE: [i32; 2] = [23, 24];
#[cfg(not(unix))]
const SHORTAGE: [i32; 2] = [4, 10024];

/// Checks whether an operation failed only because no descriptor was free.
pub(crate) fn is_shortage(error: &io::Error) -> bool {
    error.raw_os_error().is_some_and(|code| SHORTAGE.contains(&code))
}
