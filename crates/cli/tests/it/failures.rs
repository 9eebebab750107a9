//! Apps that fail: what is said, and that nothing is left.

use std::net::TcpListener;

use insta::assert_snapshot;
use regex::Regex;
use rustix::process::{Pid, Signal, kill_process};

use crate::world::{PAGES, World};

fn service(rest: &str) -> World {
    World::new(&format!("{PAGES}[service.api]\n{rest}"))
}

fn fails(world: &World) -> String {
    let screen = world.run("run --headless");
    world.assert_clean();
    screen
}

#[test]
fn it_ends_at_once() {
    let world = service(
        "command = [\"sh\", \"-c\", \"echo one >&2; echo no database >&2; exit 3\"]\n\
         ready = { log = \"up\" }\n",
    );
    assert_snapshot!(fails(&world), @"
    exit code: 1
    ----- stdout -----

    ----- stderr -----
    api        * failed
    error: Notes: `api` ended with exit code 3 before it was ready
    after [TIME]
    log: [ROOT]/home/.local/state/com.example.notes/logs/api.log
    report: [ROOT]/home/.local/state/com.example.notes/logs/reports/[DATE]-api.txt

    Last output:
    one
    no database
    ");
    assert!(world.log("api").contains("no database"));
}

#[test]
fn it_ends_at_once_as_events() {
    let world = service(
        "command = [\"sh\", \"-c\", \"echo no database; exit 3\"]\nready = { log = \"up\" }\n",
    );
    let screen = world.run("run --headless --json");
    let lines: Vec<&str> = screen.lines().filter(|line| !line.contains("\"service\",")).collect();
    assert_snapshot!(lines.join("\n"), @r#"
    exit code: 1
    ----- stdout -----
    {"event":"failed","service":"api","title":"Notes could not start","message":"A part of the app (api) stopped while it was starting.","details":"Notes: `api` ended with exit code 3 before it was ready\nafter [TIME]\nlog: [ROOT]/home/.local/state/com.example.notes/logs/api.log\nreport: [ROOT]/home/.local/state/com.example.notes/logs/reports/[DATE]-api.txt\n\nLast output:\nno database\n","output":["no database"],"log":"[ROOT]/home/.local/state/com.example.notes/logs/api.log"}
    {"event":"stopped"}

    ----- stderr -----
    error: Notes: `api` ended with exit code 3 before it was ready
    after [TIME]
    log: [ROOT]/home/.local/state/com.example.notes/logs/api.log
    report: [ROOT]/home/.local/state/com.example.notes/logs/reports/[DATE]-api.txt

    Last output:
    no database
    "#);
}

#[test]
fn it_is_never_ready() {
    let world = service(
        "command = [\"sh\", \"-c\", \"echo warming up; exec sleep 60\", \"{port}\"]\n\
         start = { timeout = \"2s\" }\n",
    );
    assert_snapshot!(fails(&world), @r#"
    exit code: 1
    ----- stdout -----

    ----- stderr -----
    api        * failed
    error: Notes: `api` was not ready in 2 s: nothing listens on port [PORT]
    after [TIME]
    hint: See its output above; a slow service can have more time: start = { timeout = "120s" }
    log: [ROOT]/home/.local/state/com.example.notes/logs/api.log
    report: [ROOT]/home/.local/state/com.example.notes/logs/reports/[DATE]-api.txt

    Last output:
    warming up
    "#);
}

#[test]
fn it_answers_500() {
    let world = service(
        "command = [\"{python}\", \"server.py\", \"{port}\"]\nready = { http = \"/health\" }\n\
         env = { BROKEN = \"/health\" }\nstart = { timeout = \"4s\" }\n",
    );
    assert_snapshot!(fails(&world), @r#"
    exit code: 1
    ----- stdout -----

    ----- stderr -----
    api        * failed
    error: Notes: `api` was not ready in 4 s: /health answered with status 500
    after [TIME]
    hint: See its output above; a slow service can have more time: start = { timeout = "120s" }
    log: [ROOT]/home/.local/state/com.example.notes/logs/api.log
    report: [ROOT]/home/.local/state/com.example.notes/logs/reports/[DATE]-api.txt

    Last output:
    server runs
    "#);
}

#[test]
fn its_port_is_taken() {
    let other = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = other.local_addr().unwrap().port();
    let world = service(&format!("command = [\"sleep\", \"60\"]\nport = {port}\n"));
    assert_snapshot!(fails(&world), @"
    exit code: 1
    ----- stdout -----

    ----- stderr -----
    api        * failed
    error: Notes: `api` cannot use port [PORT]: it is taken by `[PROGRAM]` (process [PID])
    after [TIME]
    hint: End that program, or let Ensconce choose: write `{port}` in the command
    log: [ROOT]/home/.local/state/com.example.notes/logs/api.log
    report: [ROOT]/home/.local/state/com.example.notes/logs/reports/[DATE]-api.txt
    ");
}

#[test]
fn a_task_fails() {
    let world = World::new(&format!(
        "{PAGES}[task.migrate]\ncommand = [\"sh\", \"-c\", \"echo no such table; exit 1\"]\n"
    ));
    assert_snapshot!(fails(&world), @"
    exit code: 1
    ----- stdout -----

    ----- stderr -----
    migrate    * failed
    error: Notes: `migrate` ended with exit code 1
    after [TIME]
    log: [ROOT]/home/.local/state/com.example.notes/logs/migrate.log
    report: [ROOT]/home/.local/state/com.example.notes/logs/reports/[DATE]-migrate.txt

    Last output:
    no such table
    ");
}

#[test]
fn it_keeps_ending() {
    let world = service(
        "command = [\"sh\", \"-c\", \"echo up $$; exec sleep 60\"]\nready = { log = \"up\" }\n",
    );
    let app = world.start("run --headless --json --verbose");
    for _ in 0..6 {
        while app.event()["state"] != "ready" {}
        let line = app.hears("up ");
        let process = line.rsplit_once(' ').unwrap().1.parse().unwrap();
        kill_process(Pid::from_raw(process).unwrap(), Signal::KILL).unwrap();
    }
    let ended = app.end();
    assert_eq!(ended.code, Some(1));
    let last = ended.stderr.split_once("error:").unwrap().1;
    let last = Regex::new(r"up \d+").unwrap().replace_all(last, "up [PID]");
    assert_snapshot!(world.filter(&last), @"
     Notes: `api` was ended by signal 9 for the 6th time in 60 s
    after [TIME]
    log: [ROOT]/home/.local/state/com.example.notes/logs/api.log
    report: [ROOT]/home/.local/state/com.example.notes/logs/reports/[DATE]-api.txt

    Last output:
    up [PID]
    ");
    world.assert_clean();
}

#[test]
fn an_optional_one_fails() {
    let world = service("command = [\"no-such-program\"]\noptional = true\n");
    let app = world.start("run --headless");
    app.line();
    app.hears(
        "failed; the app goes on without it: cannot be started: the program `no-such-program`",
    );
    assert_eq!(app.stop().code, Some(0));
    world.assert_clean();
}

#[test]
fn a_second_start() {
    let world = World::new(PAGES);
    let first = world.start("run --headless");
    first.line();
    assert_snapshot!(world.run("run --headless"), @"
    exit code: 1
    ----- stdout -----

    ----- stderr -----
    error: Notes is running already (process [PID])
    hint: Close it first, or choose another folder with --data-dir
    ");
    let elsewhere = world.start("run --headless --data-dir elsewhere");
    elsewhere.line();
    assert_eq!(elsewhere.stop().code, Some(0));
    assert_eq!(first.stop().code, Some(0));
    world.assert_clean();
}

#[test]
fn two_starts_at_the_same_moment() {
    let world = World::new(PAGES);
    let both = [world.start("run --headless --json"), world.start("run --headless --json")];
    let events = both.each_ref().map(|one| one.event());
    let winner = events.iter().position(|event| event["event"] == "ready").unwrap();
    let id = both[winner].id();
    let [one, other] = both;
    let (winner, loser) = if winner == 0 { (one, other) } else { (other, one) };
    let lost = loser.end();
    assert_eq!(lost.code, Some(1));
    assert!(lost.stderr.contains(&format!("Notes is running already (process {id})")));
    assert_eq!(winner.stop().code, Some(0));
    world.assert_clean();
}
