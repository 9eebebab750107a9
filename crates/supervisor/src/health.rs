//! Finds a service that hangs: its processes live, and do nothing.

use std::future::pending;
use std::time::{Duration, Instant, SystemTime};

use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::time::{sleep, timeout};

use crate::failure::seconds;
#[cfg(unix)]
use crate::ready::notify::Notifications;
use crate::ready::{accepts, http};
use crate::{Address, Crash, Liveness, Pace, Unhealthy};

/// What comes later than planned by more than this says nothing about the service: the machine
/// slept, or this process was stopped or had no turn.
const HELD_UP: Duration = Duration::from_secs(1);

/// Looks after one run of a service that has been ready.
pub(crate) struct HealthWatch {
    pub(crate) liveness: Option<Liveness>,
    /// Where its own processes are known to listen, if it listens at all; nothing as long as none
    /// is seen to.
    pub(crate) address: Option<watch::Receiver<Option<Address>>>,
    #[cfg(unix)]
    pub(crate) notifications: Option<watch::Receiver<Notifications>>,
}

impl HealthWatch {
    /// Waits until the service hangs; forever if it does not, or if nobody wants to know.
    pub(crate) async fn failure(self) -> Crash {
        match (self.liveness, &self.address) {
            (Some(Liveness::Http { path, statuses, pace }), Some(address)) => {
                until_unhealthy(pace, || ask(address, &path, &statuses)).await
            }
            (Some(Liveness::Connect(pace)), Some(address)) => {
                until_unhealthy(pace, || connect(address)).await
            }
            #[cfg(unix)]
            (Some(Liveness::Watchdog { limit, .. }), _) => match self.notifications {
                Some(notifications) => until_silent(notifications, limit).await,
                None => pending().await,
            },
            _ => pending().await,
        }
    }
}

/// Checks again and again, until it has failed often enough.
async fn until_unhealthy<Check>(pace: Pace, check: impl Fn() -> Check) -> Crash
where
    Check: Future<Output = Result<(), Unhealthy>>,
{
    let mut failures = 0;
    let mut spent = Duration::ZERO;
    loop {
        let pause = pace.period.saturating_sub(spent);
        let pausing = Stopwatch::start();
        sleep(pause).await;
        let was_late = pausing.is_beyond(pause);
        let asking = Stopwatch::start();
        let answer = timeout(pace.timeout, check()).await;
        spent = asking.begun.elapsed();
        let last = match answer {
            Ok(Ok(())) => None,
            Ok(Err(last)) => Some(last),
            Err(_) => Some(Unhealthy::Silent(format!("no answer in {}", seconds(&pace.timeout)))),
        };
        let Some(last) = last.filter(|_| !was_late && !asking.is_beyond(pace.timeout)) else {
            failures = 0;
            continue;
        };
        failures += 1;
        if failures >= pace.failures {
            return Crash::Unhealthy { checks: failures, last };
        }
    }
}

/// Waits until no heartbeat came for too long.
#[cfg(unix)]
async fn until_silent(mut notifications: watch::Receiver<Notifications>, limit: Duration) -> Crash {
    loop {
        let before = notifications.borrow_and_update().heartbeats;
        let waiting = Stopwatch::start();
        let beat = async { notifications.wait_for(|now| now.heartbeats != before).await.is_ok() };
        match timeout(limit, beat).await {
            Ok(true) => {}
            // Nobody reads the socket any more, so the service is at its end anyway.
            Ok(false) => pending().await,
            Err(_) if waiting.is_beyond(limit) => {}
            Err(_) => return Crash::NoWatchdog(limit),
        }
    }
}

async fn ask(
    address: &watch::Receiver<Option<Address>>,
    path: &str,
    statuses: &[u16],
) -> Result<(), Unhealthy> {
    match http::get(&proven(address)?, path).await {
        Ok(status) if accepts(statuses, status) => Ok(()),
        Ok(status) => Err(Unhealthy::Status(status)),
        Err(error) => Err(Unhealthy::Silent(error.to_string())),
    }
}

async fn connect(address: &watch::Receiver<Option<Address>>) -> Result<(), Unhealthy> {
    let connected = match proven(address)? {
        Address::Tcp(address) => TcpStream::connect(address).await.map(drop),
        #[cfg(unix)]
        Address::Unix(path) => tokio::net::UnixStream::connect(path).await.map(drop),
        #[cfg(not(unix))]
        Address::Unix(_) => Ok(()),
    };
    connected.map_err(|error| Unhealthy::Silent(error.to_string()))
}

/// Returns the address; a stranger that listens where the service should is not asked.
fn proven(address: &watch::Receiver<Option<Address>>) -> Result<Address, Unhealthy> {
    let address = address.borrow().clone();
    address.ok_or_else(|| Unhealthy::Silent("it listens nowhere yet".to_owned()))
}

/// Measures a wait by two clocks: one goes on while this process is stopped, the other also
/// while the machine sleeps.
struct Stopwatch {
    begun: Instant,
    begun_at: SystemTime,
}

impl Stopwatch {
    fn start() -> Self {
        Self { begun: Instant::now(), begun_at: SystemTime::now() }
    }

    /// Returns whether a wait took much longer than planned.
    fn is_beyond(&self, planned: Duration) -> bool {
        // A clock that was set back says nothing.
        let by_calendar = self.begun_at.elapsed().unwrap_or_default();
        self.begun.elapsed().max(by_calendar) > planned + HELD_UP
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    const PACE: Pace =
        Pace { period: Duration::from_millis(2), timeout: Duration::from_secs(60), failures: 3 };

    /// Answers so one time after another, and then fails; returns how often it was asked.
    async fn asked(answers: &[Result<(), Unhealthy>]) -> (usize, Crash) {
        let asked = Cell::new(0);
        let crash = until_unhealthy(PACE, || {
            let answer = answers.get(asked.get()).cloned();
            asked.set(asked.get() + 1);
            async { answer.unwrap_or(Err(Unhealthy::Status(503))) }
        });
        let crash = crash.await;
        (asked.get(), crash)
    }

    #[tokio::test]
    async fn only_failures_in_a_row_count() {
        let failed = || Err(Unhealthy::Silent("x".to_owned()));
        let (times, crash) = asked(&[failed(), failed(), Ok(()), failed(), Ok(())]).await;
        assert_eq!(times, 8);
        assert_eq!(crash, Crash::Unhealthy { checks: 3, last: Unhealthy::Status(503) });
    }

    #[tokio::test]
    async fn a_check_that_was_held_up_starts_the_count_anew() {
        let asked = Cell::new(0);
        let pace = Pace { timeout: Duration::from_millis(20), ..PACE };
        let crash = until_unhealthy(pace, || {
            asked.set(asked.get() + 1);
            if asked.get() == 3 {
                // As when this process is stopped in the middle of the third check.
                std::thread::sleep(HELD_UP + Duration::from_millis(50));
            }
            async { Err(Unhealthy::Status(503)) }
        });
        let crash = crash.await;
        assert_eq!(asked.get(), 6);
        assert!(matches!(crash, Crash::Unhealthy { checks: 3, .. }));
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn silence_that_was_not_listened_to_does_not_count() {
        // Much longer than this test may be kept from going on when the machine is busy.
        let limit = Duration::from_millis(300);
        let (sender, notifications) = watch::channel(Notifications::default());
        let silent = tokio::spawn(until_silent(notifications, limit));
        tokio::task::yield_now().await;
        // As when this process is stopped: everything in it stands still.
        std::thread::sleep(limit + HELD_UP + Duration::from_millis(100));
        sleep(Duration::from_millis(1)).await;
        assert!(!silent.is_finished());
        sender.send_modify(|sent| sent.heartbeats += 1);
        tokio::task::yield_now().await;
        assert!(!silent.is_finished());
        assert_eq!(silent.await.unwrap(), Crash::NoWatchdog(limit));
    }

    #[test]
    fn a_wait_is_too_long_by_either_clock() {
        let long_ago = Duration::from_secs(3600);
        let now = Stopwatch::start();
        assert!(!now.is_beyond(Duration::ZERO));
        let slept = Stopwatch { begun_at: SystemTime::now() - long_ago, ..Stopwatch::start() };
        assert!(slept.is_beyond(Duration::from_secs(10)));
        assert!(!slept.is_beyond(long_ago));
        let set_back = Stopwatch { begun_at: SystemTime::now() + long_ago, ..Stopwatch::start() };
        assert!(!set_back.is_beyond(Duration::ZERO));
    }
}
