//! Which interpreter `{python}` is, and why.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use ensconce_manifest::{Platform, parse};
use ensconce_plan::{Facts, python_candidates};
use expect_test::{Expect, expect};

use crate::check::{check, facts, plan_jobs};

const NAMED: &str = "[python]\nvenv = \"env\"\n";
const API: &str = "[service.api]\ncommand = [\"{python}\", \"x\"]\ncwd = \"server\"\n";

fn having(existing: &[&str]) -> Facts {
    let existing: BTreeSet<PathBuf> = existing.iter().map(PathBuf::from).collect();
    Facts { existing, virtual_env: Some("/venv".into()), ..facts() }
}

fn check_choice(manifest: &str, facts: &Facts, expected: Expect) {
    let plan = plan_jobs(manifest, facts).unwrap_or_else(|errors| panic!("{errors}"));
    let python = plan.jobs[0].python.clone().unwrap();
    assert_eq!(plan.jobs[0].command[0].to_string(), python.interpreter.display().to_string());
    expected.assert_eq(&format!("{} ({})", python.interpreter.display(), python.why));
}

const ALL: [&str; 4] = [
    "/venv/bin/python",
    "/app/env/bin/python",
    "/app/.venv/bin/python",
    "/app/server/.venv/bin/python",
];

#[test]
fn the_one_that_the_manifest_names_comes_first() {
    check_choice(
        &format!("{NAMED}{API}"),
        &having(&ALL),
        expect!["/app/env/bin/python (named by [python])"],
    );
    let interpreter = format!("[python]\ninterpreter = \"/usr/bin/python3.12\"\n{API}");
    check_choice(
        &interpreter,
        &having(&["/usr/bin/python3.12"]),
        expect!["/usr/bin/python3.12 (named by [python])"],
    );
}

#[test]
fn then_the_active_environment_also_in_the_place_of_a_named_one_that_is_missing() {
    for manifest in [API.to_owned(), format!("{NAMED}{API}")] {
        check_choice(
            &manifest,
            &having(&["/venv/bin/python", "/app/.venv/bin/python"]),
            expect!["/venv/bin/python (the active virtual environment)"],
        );
    }
}

#[test]
fn one_that_is_named_must_exist() {
    check(
        &format!("{NAMED}{API}"),
        &having(&ALL[2..]),
        expect![[r#"
        `[python]` names /app/env/bin/python, which does not exist
          hint: Make it: python3 -m venv /app/env
    "#]],
    );
}

#[test]
fn then_the_one_beside_the_manifest_or_in_the_working_folder() {
    check_choice(
        API,
        &having(&ALL[2..]),
        expect!["/app/.venv/bin/python (`.venv` beside the manifest)"],
    );
    check_choice(
        API,
        &having(&ALL[3..]),
        expect!["/app/server/.venv/bin/python (`.venv` in the working folder)"],
    );
}

#[test]
fn at_last_the_one_on_path() {
    check_choice(
        API,
        &having(&[]),
        expect!["python3 (on PATH, because there is no virtual environment)"],
    );
    let windows = Facts { platform: Platform::Windows, ..having(&[]) };
    check_choice(
        API,
        &windows,
        expect!["python (on PATH, because there is no virtual environment)"],
    );
}

#[test]
fn environments_on_windows_look_different() {
    let existing = BTreeSet::from([Path::new("/app/.venv").join("Scripts").join("python.exe")]);
    let windows = Facts { platform: Platform::Windows, existing, ..facts() };
    check_choice(
        API,
        &windows,
        expect!["/app/.venv/Scripts/python.exe (`.venv` beside the manifest)"],
    );
}

#[test]
fn lines_of_python_come_at_once_unless_told_otherwise() {
    let written = format!("{API}env = {{ PYTHONUNBUFFERED = \"\" }}\n");
    for (manifest, value) in [(API, "1"), (written.as_str(), "")] {
        let plan = plan_jobs(manifest, &facts()).unwrap();
        let env: Vec<String> =
            plan.jobs[0].env.iter().map(|(name, value)| format!("{name}={value}")).collect();
        assert_eq!(env, [format!("PYTHONUNBUFFERED={value}")]);
    }
}

#[test]
fn who_needs_no_python_is_not_held_up_by_a_missing_one() {
    let plan = plan_jobs(&format!("{NAMED}[service.api]\ncommand = [\"x\"]\n"), &facts());
    assert_eq!(plan.unwrap().jobs[0].python, None);
}

#[test]
fn every_choice_is_among_the_candidates() {
    let manifest = parse(
        "ensconce.toml",
        &format!(
            "app = {{ id = \"com.example.notes\", name = \"N\", version = \"1.0.0\" }}\n\
             ui = {{ url = \"http://example.com\" }}\n{NAMED}{API}"
        ),
    );
    let (platform, venv) = (Platform::Linux, Path::new("/venv"));
    let found = python_candidates(&manifest.unwrap(), platform, Path::new("/app"), Some(venv));
    let missing: Vec<&str> =
        ALL.into_iter().filter(|path| !found.contains(&PathBuf::from(path))).collect();
    assert_eq!(missing, Vec::<&str>::new());
}
