//! When tasks run, and what they wait for.

use std::collections::BTreeMap;

use ensconce_plan::Facts;

use crate::check::{facts, job, plan_jobs};

/// Why a task is skipped that was last done in a version, in version 1.2.0.
fn skipped(when: &str, done_in: Option<&str>) -> Option<String> {
    let done = done_in.map(|version| ("t".to_owned(), version.to_owned()));
    let facts = Facts { done_tasks: done.into_iter().collect::<BTreeMap<_, _>>(), ..facts() };
    let manifest = format!("[task.t]\ncommand = [\"x\"]\n{when}\n");
    job(&manifest, &facts, "t").skip
}

#[test]
fn a_task_runs_at_each_start_unless_told_otherwise() {
    assert_eq!(skipped("", Some("1.2.0")), None);
    assert_eq!(skipped("when = \"always\"", Some("1.2.0")), None);
}

#[test]
fn a_task_of_the_first_run_is_skipped_later() {
    let when = "when = \"first-run\"";
    assert_eq!(skipped(when, None), None);
    assert_eq!(skipped(when, Some("1.0.0")).unwrap(), "it has run before");
}

#[test]
fn a_task_of_updates_runs_once_in_each_version() {
    let when = "when = \"update\"";
    assert_eq!(skipped(when, None), None);
    assert_eq!(skipped(when, Some("1.1.0")), None);
    assert_eq!(skipped(when, Some("1.3.0")), None);
    assert_eq!(skipped(when, Some("1.2.0")).unwrap(), "it has run in version 1.2.0");
}

#[test]
fn jobs_come_after_what_they_need_and_else_as_written() {
    let manifest = r#"
        [task.z]
        command = ["x"]
        needs = ["m"]
        [task.y]
        command = ["x"]
        [service.a]
        command = ["x", "{service.told.port}"]
        needs = ["z"]
        [service.told]
        command = ["x"]
        listen = "handshake"
        [service.m]
        command = ["x"]
    "#;
    let plan = plan_jobs(manifest, &facts()).unwrap();
    let names: Vec<&str> = plan.jobs.iter().map(|job| job.name.as_str()).collect();
    assert_eq!(names, ["y", "told", "m", "z", "a"]);
}
