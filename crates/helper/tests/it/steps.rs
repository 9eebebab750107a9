//! A swap that is killed, or fails, at any of its steps leaves the old data or the new.

use ensconce_protocol::HelperWork;
use serde_json::{Value, json};

use crate::case::{Case, Moment, state};
use crate::faults::{CHANGES, Ended, available, run};

impl Case {
    /// Recovers, which is interrupted as well at some step if `number` says so, and checks.
    #[track_caller]
    fn recovers(&self, number: usize, what: &str) -> bool {
        let call = ["rename", "fsync", "unlink"][number % 3];
        if number.is_multiple_of(2) {
            let inject = format!("{call}:signal=KILL:when={}", 1 + number / 2 % 7);
            run(&self.home, self.home.recover(), &inject);
        }
        let said = self.home.run(self.home.recover());
        said.is("ok");
        self.is_new(&said.answer()["recovered"], what)
    }

    /// Does work with a kill before each of its steps.
    fn killed(&self, work: &HelperWork, mut check: impl FnMut(usize, &str)) {
        let moment = Moment::of(&self.home.path(""));
        let mut number = 0;
        for call in CHANGES {
            for when in 1.. {
                moment.restore();
                let inject = format!("{call}:signal=KILL:when={when}");
                match run(&self.home, work.clone(), &inject).into() {
                    Ended::Answered(said) => {
                        said.is("ok");
                        break;
                    }
                    Ended::Killed => check(number, &inject),
                }
                number += 1;
            }
        }
        println!("{number} steps");
        assert!(number > 10, "only {number} steps");
    }

    /// Does work in which each of its steps fails, alone or with all that come after.
    fn failing(&self, work: &HelperWork, mut check: impl FnMut(usize, Value, &str)) {
        let moment = Moment::of(&self.home.path(""));
        let mut number = 0;
        for call in CHANGES {
            let mut misses = 0;
            for when in 1.. {
                let mut was_hit = false;
                for (error, more) in [("EIO", ""), ("ENOSPC", "+")] {
                    moment.restore();
                    let inject = format!("{call}:error={error}:when={when}{more}");
                    let Ended::Answered(said) = run(&self.home, work.clone(), &inject).into()
                    else {
                        panic!("{inject} kills")
                    };
                    // Without a line that says so, the answer itself could not be written.
                    let last = said.stdout.lines().last().unwrap_or_default();
                    let answer: Value = serde_json::from_str(last).unwrap_or_default();
                    was_hit |= answer["ok"] != json!(true);
                    check(number, answer, &inject);
                    number += 1;
                }
                // SQLite removes files of its own, and does not mind if that fails.
                misses = if was_hit { 0 } else { misses + 1 };
                if misses > 2 {
                    break;
                }
            }
        }
        println!("{number} steps");
        assert!(number > 10, "only {number} steps");
    }
}

/// What is staged is no part of the data, and goes.
fn staging_is_killed(case: &Case) {
    if !available() {
        return;
    }
    case.killed(&case.stage, |number, what| {
        assert!(state(&case.home) == case.old, "{what}: {}", case.differences());
        assert!(!case.recovers(number, what), "{what}");
        case.home.assert_at_rest();
    });
}

fn swap_is_killed(case: &Case) {
    if !available() {
        return;
    }
    case.home.run(case.stage.clone()).is("ok");
    let mut both = [0, 0];
    case.killed(&case.swap, |number, what| {
        let is_new = case.recovers(number, what);
        case.ends(is_new, number / 2, what);
        both[usize::from(is_new)] += 1;
    });
    assert!(both[0] > 0 && both[1] > 0, "{both:?}");
}

fn undoing_is_killed(case: &Case) {
    if !available() {
        return;
    }
    case.home.run(case.stage.clone()).is("ok");
    case.home.run(case.swap.clone()).is("ok");
    let mut both = [0, 0];
    case.killed(&case.home.undo(), |number, what| {
        let is_new = case.recovers(number, what);
        case.ends(is_new, number / 2, what);
        both[usize::from(is_new)] += 1;
    });
    assert!(both[0] > 0 && both[1] > 0, "{both:?}");
}

fn forgetting_is_killed(case: &Case) {
    if !available() {
        return;
    }
    case.home.run(case.stage.clone()).is("ok");
    case.home.run(case.swap.clone()).is("ok");
    let mut told = [0, 0];
    case.killed(&case.home.forget(), |number, what| {
        let said = case.home.run(case.home.recover());
        let recovered = said.is("ok").answer()["recovered"].clone();
        assert!(state(&case.home) == case.new, "{what}: {}", case.differences());
        told[usize::from(!recovered.is_null())] += 1;
        case.home.run(case.home.forget()).is("ok");
        case.home.assert_at_rest();
        let _ = number;
    });
    assert!(told[0] > 0 && told[1] > 0, "{told:?}");
}

/// Whatever fails, the answer is right: it is the new data, or the old, or unfinished.
fn swap_fails(case: &Case) {
    if !available() {
        return;
    }
    case.home.run(case.stage.clone()).is("ok");
    let mut unfinished = 0;
    case.failing(&case.swap, |number, answer, what| {
        match (answer["ok"].as_bool(), answer["reason"].as_str()) {
            (Some(true), _) => assert!(case.is_new(&answer["recovered"], what), "{what}"),
            (Some(false), Some("unfinished")) => unfinished += 1,
            (Some(false), _) => assert!(!case.is_new(&Value::Null, what), "{what}: {answer}"),
            (None, _) => {}
        }
        let is_new = case.recovers(2 * number + 1, what);
        case.ends(is_new, number, what);
    });
    assert!(unfinished > 3, "taking back has failed {unfinished} times");
}

fn undoing_fails(case: &Case) {
    if !available() {
        return;
    }
    case.home.run(case.stage.clone()).is("ok");
    case.home.run(case.swap.clone()).is("ok");
    let mut failed = 0;
    case.failing(&case.home.undo(), |number, answer, what| {
        match answer["ok"].as_bool() {
            Some(true) => assert!(!case.is_new(&Value::Null, what), "{what}"),
            Some(false) => {
                assert_eq!(answer["reason"], "unfinished", "{what}");
                failed += 1;
            }
            None => {}
        }
        let is_new = case.recovers(2 * number + 1, what);
        case.ends(is_new, number, what);
    });
    assert!(failed > 3, "it has failed {failed} times");
}

/// A request to end comes before each step: it is not heeded any more.
fn swap_is_told_to_end(case: &Case) {
    if !available() {
        return;
    }
    case.home.run(case.stage.clone()).is("ok");
    let staged = Moment::of(&case.home.path(""));
    for (number, signal) in ["TERM", "INT", "HUP"].iter().cycle().enumerate().take(9) {
        staged.restore();
        let inject = format!("rename:signal={signal}:when={}", number + 1);
        let Ended::Answered(said) = run(&case.home, case.swap.clone(), &inject).into() else {
            panic!("{inject}: it has ended")
        };
        assert!(case.is_new(&said.is("ok").answer()["recovered"], &inject));
        for work in [case.home.recover(), case.home.undo()] {
            let Ended::Answered(said) = run(&case.home, work, &inject).into() else {
                panic!("{inject}: it has ended")
            };
            said.is("ok");
        }
        assert!(!case.is_new(&Value::Null, &inject));
    }
}

macro_rules! steps {
    ($module:ident, $case:expr) => {
        mod $module {
            use super::Case;

            #[test]
            fn staging_is_killed() {
                super::staging_is_killed(&$case);
            }
            #[test]
            fn the_swap_is_killed() {
                super::swap_is_killed(&$case);
            }
            #[test]
            fn undoing_is_killed() {
                super::undoing_is_killed(&$case);
            }
            #[test]
            fn forgetting_is_killed() {
                super::forgetting_is_killed(&$case);
            }
            #[test]
            fn the_swap_fails() {
                super::swap_fails(&$case);
            }
            #[test]
            fn undoing_fails() {
                super::undoing_fails(&$case);
            }
            #[test]
            fn the_swap_is_told_to_end() {
                super::swap_is_told_to_end(&$case);
            }
        }
    };
}

steps!(restore, Case::restore("wal"));
steps!(import, Case::import());
