//! An installed app prefers the programs that it brings along.

use std::collections::BTreeMap;
use std::path::Path;

use ensconce_manifest::Platform;
use ensconce_plan::{Facts, Programs};

use crate::check::{facts, job};

fn installed(programs: &[(&str, &str)]) -> Facts {
    let programs = programs.iter().map(|(name, file)| ((*name).to_owned(), (*file).to_owned()));
    let programs = Programs { programs: programs.collect() };
    let programs = programs.in_folder(Path::new("/opt/notes/runtime"));
    let env = BTreeMap::from([("PATH".to_owned(), "/usr/bin".to_owned())]);
    Facts { programs, env, virtual_env: Some("/home/ada/venv".into()), ..facts() }
}

fn env_of(manifest: &str, facts: &Facts) -> BTreeMap<String, String> {
    let env = job(manifest, facts, "api").env;
    env.into_iter().map(|(name, value)| (name, value.to_string())).collect()
}

const OWN: [(&str, &str); 2] = [("python", "python/bin/python3"), ("cache", "cache/valkey-server")];

#[test]
fn python_is_its_own_whatever_the_user_has_active() {
    let manifest =
        "[python]\nvenv = 'server/.venv'\n[service.api]\ncommand = ['{python}', '-m', 'api']";
    let job = job(manifest, &installed(&OWN), "api");
    assert_eq!(job.command[0].to_string(), "/opt/notes/runtime/python/bin/python3");
    assert_eq!(job.python.unwrap().why, "the app's own");
}

#[test]
fn a_program_is_found_by_its_name() {
    let job = job("[service.api]\ncommand = ['cache', '--port', '1']", &installed(&OWN), "api");
    assert_eq!(job.command[0].to_string(), "/opt/notes/runtime/cache/valkey-server");
}

#[test]
fn programs_of_others_are_left_alone() {
    let command = |command: &str| {
        let manifest = format!("[service.api]\ncommand = ['{command}']");
        job(&manifest, &installed(&OWN), "api").command[0].to_string()
    };
    assert_eq!(command("sh"), "sh");
    assert_eq!(command("bin/cache"), "/app/bin/cache");
}

#[test]
fn what_a_job_starts_itself_finds_them_first() {
    let env = env_of("[service.api]\ncommand = ['sh']", &installed(&OWN));
    assert_eq!(env["PATH"], "/opt/notes/runtime/cache:/opt/notes/runtime/python/bin:/usr/bin");
}

#[test]
fn a_path_of_the_manifest_comes_after_them() {
    let manifest = "[service.api]\ncommand = ['sh']\nenv = { PATH = '{resources}/tools' }";
    let env = env_of(manifest, &installed(&[("node", "node/bin/node")]));
    assert_eq!(env["PATH"], "/opt/notes/runtime/node/bin:/app/tools");
}

#[test]
fn windows_has_one_path_however_it_is_written() {
    let facts = Facts {
        platform: Platform::Windows,
        env: BTreeMap::from([("Path".to_owned(), "C:\\Windows".to_owned())]),
        ..installed(&[("node", "node/node.exe")])
    };
    let env = env_of("[service.api]\ncommand = ['sh']", &facts);
    assert!(env["PATH"].ends_with("node;C:\\Windows"), "{}", env["PATH"]);
}

#[test]
fn the_users_own_python_settings_stay_out() {
    let env = env_of("[service.api]\ncommand = ['sh']", &installed(&OWN));
    assert_eq!(env["PYTHONPATH"], "");
    assert_eq!(env["PYTHONHOME"], "");
    assert_eq!(env["PYTHONNOUSERSITE"], "1");
}

#[test]
fn the_manifest_may_set_pythons_path() {
    let manifest = "[service.api]\ncommand = ['sh']\nenv = { PYTHONPATH = '{resources}/lib' }";
    assert_eq!(env_of(manifest, &installed(&OWN))["PYTHONPATH"], "/app/lib");
}

#[test]
fn a_developers_app_brings_none() {
    let env = env_of("[service.api]\ncommand = ['sh']", &installed(&[]));
    assert!(env.is_empty(), "{env:?}");
}
