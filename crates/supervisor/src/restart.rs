//! Whether, and when, a service that has ended is started again.

use std::time::{Duration, Instant};

use crate::{Crash, Exit, Reason, RestartPolicy, RestartRule};

/// Ends that are no longer counted make pauses longer for this long still, so that a service
/// without a limit is not started ten times a second for ever.
const REMEMBERED: Duration = Duration::from_secs(60);

/// The ends of a service, as systemd counts them.
#[derive(Debug, Default)]
pub(crate) struct CrashHistory(Vec<Instant>);

/// What becomes of a service that has ended.
#[derive(Debug)]
pub(crate) enum RestartVerdict {
    /// Its work is done.
    Ended,
    /// It has failed.
    Failed(Reason),
    /// It is started again after this pause.
    Again(Duration),
}

impl CrashHistory {
    /// Judges the end of a service that had been ready.
    pub(crate) fn judge(
        &mut self,
        rule: &RestartRule,
        crash: Crash,
        now: Instant,
    ) -> RestartVerdict {
        match rule.policy {
            RestartPolicy::OnFailure | RestartPolicy::Never if crash.is_success() => {
                RestartVerdict::Ended
            }
            _ => self.judge_early(rule, crash, now),
        }
    }

    /// Judges the end of a service that was not ready, with which nothing is done.
    pub(crate) fn judge_early(
        &mut self,
        rule: &RestartRule,
        crash: Crash,
        now: Instant,
    ) -> RestartVerdict {
        if let Crash::Exit(Exit::Code(code)) = crash
            && rule.never_after.contains(&code)
        {
            return RestartVerdict::Failed(Reason::Permanent { code });
        }
        if rule.policy == RestartPolicy::Never {
            return RestartVerdict::Failed(Reason::NotRestarted(crash));
        }
        let kept = rule.window.max(REMEMBERED);
        self.0.retain(|crash| now.duration_since(*crash) < kept);
        self.0.push(now);
        let times = self.within(rule.window, now);
        if !rule.window.is_zero() && times > usize::try_from(rule.limit).unwrap_or(usize::MAX) {
            return RestartVerdict::Failed(Reason::KeepsEnding {
                crash,
                times,
                window: rule.window,
            });
        }
        RestartVerdict::Again(pause(rule, self.0.len()))
    }

    /// Returns whether there was any lately.
    pub(crate) fn lately(&self, rule: &RestartRule, now: Instant) -> bool {
        self.within(rule.window.max(REMEMBERED), now) > 0
    }

    pub(crate) fn forget(&mut self) {
        self.0.clear();
    }

    fn within(&self, window: Duration, now: Instant) -> usize {
        self.0.iter().filter(|crash| now.duration_since(**crash) < window).count()
    }
}

/// The pause after so many ends.
fn pause(rule: &RestartRule, ends: usize) -> Duration {
    let doublings = u32::try_from(ends.saturating_sub(1)).unwrap_or(u32::MAX);
    let factor = 2u32.checked_pow(doublings).unwrap_or(u32::MAX);
    rule.delay.saturating_mul(factor).min(rule.max_delay.max(rule.delay))
}

/// Returns a pause up to a tenth longer, so that what fell together does not get up together.
///
/// The first one is left as it is: nothing has shown yet that it does not do.
pub(crate) fn with_jitter(pause: Duration, rule: &RestartRule) -> Duration {
    let mut random = [0; 1];
    if pause <= rule.delay || getrandom::fill(&mut random).is_err() {
        return pause;
    }
    pause + pause / 10 * u32::from(random[0]) / u32::from(u8::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exit(code: i32) -> Crash {
        Crash::Exit(Exit::Code(code))
    }

    /// Judges ends at these seconds, and gives the pauses in milliseconds.
    fn pauses(rule: &RestartRule, at: &[u64]) -> Vec<Option<u128>> {
        let mut crashes = CrashHistory::default();
        let begun = Instant::now();
        let verdict =
            |second: &u64| crashes.judge(rule, exit(1), begun + Duration::from_secs(*second));
        at.iter()
            .map(verdict)
            .map(|verdict| match verdict {
                RestartVerdict::Again(pause) => Some(pause.as_millis()),
                RestartVerdict::Ended | RestartVerdict::Failed(_) => None,
            })
            .collect()
    }

    #[test]
    fn pauses_double_until_it_was_once_too_often() {
        let rule = RestartRule::default();
        let expected = [Some(100), Some(200), Some(400), Some(800), Some(1600), None];
        assert_eq!(pauses(&rule, &[0; 6]), expected);
    }

    #[test]
    fn no_pause_is_longer_than_the_longest() {
        let rule = RestartRule { max_delay: Duration::from_millis(300), ..Default::default() };
        assert_eq!(pauses(&rule, &[0; 4]), [Some(100), Some(200), Some(300), Some(300)]);
        let rule = RestartRule { delay: Duration::from_secs(90), ..Default::default() };
        assert_eq!(pauses(&rule, &[0; 2]), [Some(90_000), Some(90_000)]);
    }

    #[test]
    fn ends_of_long_ago_do_not_count() {
        let rule = RestartRule { limit: 1, ..Default::default() };
        assert_eq!(pauses(&rule, &[0, 60, 120]), [Some(100); 3]);
        assert_eq!(pauses(&rule, &[0, 59]), [Some(100), None]);
    }

    #[test]
    fn without_a_window_there_is_no_limit_and_pauses_still_grow() {
        let window = Duration::ZERO;
        let rule = RestartRule { window, max_delay: Duration::from_secs(1), ..Default::default() };
        let pauses = pauses(&rule, &[1; 100]);
        assert!(pauses.iter().all(Option::is_some));
        assert_eq!(pauses.last(), Some(&Some(1000)));
    }

    #[test]
    fn no_delay_is_no_pause_however_often() {
        let rule = RestartRule { delay: Duration::ZERO, limit: 50, ..Default::default() };
        assert_eq!(pauses(&rule, &[0; 50]), [Some(0); 50]);
    }

    #[test]
    fn jitter_is_small_and_spares_the_first_pause() {
        let rule = RestartRule::default();
        assert_eq!(with_jitter(rule.delay, &rule), rule.delay);
        let pause = Duration::from_secs(1);
        let all: Vec<Duration> = (0..200).map(|_| with_jitter(pause, &rule)).collect();
        assert!(all.iter().all(|one| (pause..=pause * 11 / 10).contains(one)));
        assert!(all.iter().any(|one| *one != all[0]), "it is the same each time");
    }

    #[test]
    fn a_policy_decides_after_which_ends() {
        use RestartPolicy::{Always, Never, OnFailure};
        let killed = Crash::Exit(Exit::Signal(9));
        let hung = Crash::NoWatchdog(Duration::from_secs(1));
        for (policy, crash, expected) in [
            (Always, exit(0), "again"),
            (Always, exit(1), "again"),
            (Always, exit(125), "permanent"),
            (OnFailure, exit(0), "ended"),
            (OnFailure, exit(1), "again"),
            (OnFailure, killed.clone(), "again"),
            (OnFailure, hung, "again"),
            (OnFailure, exit(125), "permanent"),
            (Never, exit(0), "ended"),
            (Never, exit(1), "failed"),
            (Never, killed, "failed"),
            (Never, exit(125), "permanent"),
        ] {
            let rule = RestartRule { policy, ..Default::default() };
            let verdict = CrashHistory::default().judge(&rule, crash.clone(), Instant::now());
            let found = match verdict {
                RestartVerdict::Ended => "ended",
                RestartVerdict::Again(_) => "again",
                RestartVerdict::Failed(Reason::Permanent { .. }) => "permanent",
                RestartVerdict::Failed(_) => "failed",
            };
            assert_eq!(found, expected, "{policy:?} {crash:?}");
        }
    }

    #[test]
    fn nothing_is_done_by_an_early_end() {
        let rule = RestartRule { policy: RestartPolicy::OnFailure, ..Default::default() };
        let verdict = CrashHistory::default().judge_early(&rule, exit(0), Instant::now());
        assert!(matches!(verdict, RestartVerdict::Again(_)), "{verdict:?}");
    }
}
