//! A machine to plan for, and ways to say what is expected.

use std::collections::BTreeMap;
use std::path::PathBuf;

use ensconce_manifest::{Mode, Platform, parse};
use ensconce_plan::{Facts, Folders, JobPlan, Plan, PlanErrors, plan};
use expect_test::Expect;

/// The head that every manifest of these tests has.
const HEAD: &str = "\
[app]
id = \"com.example.notes\"
name = \"Notes\"
version = \"1.2.0\"
[ui]
url = \"http://example.com\"
";

/// A Linux machine on which nothing is set up.
pub(crate) fn facts() -> Facts {
    let home = |folder: &str| PathBuf::from(format!("/home/ada/{folder}"));
    Facts {
        platform: Platform::Linux,
        mode: Mode::Run,
        resources: "/app".into(),
        folders: Folders {
            data: home("data"),
            config: home("config"),
            cache: home("cache"),
            logs: home("logs"),
            run: "/run/notes".into(),
        },
        virtual_env: None,
        existing: Default::default(),
        programs: BTreeMap::new(),
        env: BTreeMap::new(),
        done_tasks: BTreeMap::new(),
    }
}

/// Plans the whole text of a manifest.
pub(crate) fn plan_whole(manifest: &str, facts: &Facts) -> Result<Plan, PlanErrors> {
    let manifest = parse("ensconce.toml", manifest).unwrap_or_else(|wrong| panic!("{wrong}"));
    plan(&manifest, facts)
}

/// Plans a manifest of which only tasks and services are given.
pub(crate) fn plan_jobs(manifest: &str, facts: &Facts) -> Result<Plan, PlanErrors> {
    plan_whole(&format!("{HEAD}{manifest}"), facts)
}

/// Compares the jobs of a plan, or what keeps it from being one, as people see it.
pub(crate) fn check(manifest: &str, facts: &Facts, expected: Expect) {
    match plan_jobs(manifest, facts) {
        Ok(plan) => {
            let shown = plan.to_string();
            let jobs = shown.split_once("\n\n").map_or("", |(_, jobs)| jobs);
            expected.assert_eq(jobs);
        }
        Err(errors) => {
            let lines = errors.0.iter().map(|error| format!("{error}\n  hint: {}\n", error.hint()));
            expected.assert_eq(&lines.collect::<String>());
        }
    }
}

/// Returns one job of a plan.
pub(crate) fn job(manifest: &str, facts: &Facts, name: &str) -> JobPlan {
    let plan = plan_jobs(manifest, facts).unwrap_or_else(|errors| panic!("{errors}"));
    plan.jobs.into_iter().find(|job| job.name == name).unwrap()
}
