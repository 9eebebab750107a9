//! `ensconce status`, `restart`, `stop`, and the port that they and the app's back end ask.

use std::io::{Read, Write};
use std::net::TcpStream;

use insta::assert_snapshot;
use rustix::process::Signal;
use serde_json::Value;

use crate::world::{DEADLINE, PAGES, WEB, World, eventually};

/// A service that tells what it was given to ask the app with.
const CURIOUS: &str = r#"
[service.curious]
command = ["sh", "-c", "echo $URL $TOKEN > {data}/given; exec sleep 1000"]
env = { URL = "{control.url}", TOKEN = "{control.token}" }
"#;

#[test]
fn the_parts_of_a_running_app_are_shown() {
    let task = "needs = [\"before\"]\n[task.before]\ncommand = [\"true\"]\n";
    let world = World::new(&format!("{WEB}{task}"));
    assert_snapshot!(world.run("status"), @"
    exit code: 3
    ----- stdout -----
    Notes is not running

    ----- stderr -----
    ");
    let app = world.start("run --headless --json");
    app.event_of("ready");
    assert_snapshot!(world.run("status"), @"
    exit code: 0
    ----- stdout -----
    Notes 1.0.0 is running (process [PID])
      before  task     done, for [TIME]
      web     service  ready, for [TIME], process [PID]

    ----- stderr -----
    ");
    let status: Value = serde_json::from_str(&stdout(&world, "status --json")).unwrap();
    assert_eq!(status["running"], true);
    assert_eq!(status["phase"], "ready");
    assert_eq!(status["pid"], app.id());
    assert_eq!(status["jobs"][1]["name"], "web");
    assert!(status["jobs"][1]["pid"].is_u64());
    assert_eq!(app.stop().code, Some(0));
    assert_snapshot!(stdout(&world, "status --json"), @r#"
    {
      "running": false,
      "name": "Notes"
    }
    "#);
}

#[test]
fn one_part_is_restarted_and_the_rest_goes_on() {
    let world = World::new(&format!("{WEB}{CURIOUS}"));
    let app = world.start("run --headless --json");
    app.event_of("ready");
    let before = pids(&world);
    assert_snapshot!(world.run("restart web"), @"
    exit code: 0
    ----- stdout -----

    ----- stderr -----
    Notes restarts web
    ");
    eventually("there is another server", || {
        let now = pids(&world);
        now[0].is_some() && now[0] != before[0] && now[1] == before[1]
    });
    assert_snapshot!(world.run("restart wep"), @"
    exit code: 2
    ----- stdout -----

    ----- stderr -----
    error: Notes: The app has no task or service `wep`
    hint: It has web, curious
    ");
    assert_eq!(app.stop().code, Some(0));
    assert_snapshot!(world.run("restart web"), @"
    exit code: 1
    ----- stdout -----

    ----- stderr -----
    error: Notes is not running
    hint: Start it: ensconce run
    ");
}

#[test]
fn a_stop_is_over_when_nothing_is_left() {
    let world = World::new(&format!("{WEB}{CURIOUS}"));
    let app = world.start("run --headless");
    app.line();
    assert_snapshot!(world.run("stop"), @"
    exit code: 0
    ----- stdout -----

    ----- stderr -----
    Notes has stopped
    ");
    world.assert_clean();
    assert_eq!(app.end().code, Some(0));
    assert_snapshot!(world.run("stop"), @"
    exit code: 0
    ----- stdout -----

    ----- stderr -----
    Notes is not running
    ");
}

#[test]
fn a_stop_that_takes_too_long_says_so() {
    let deaf = "[service.deaf]\ncommand = [\"sh\", \"-c\", \"trap : TERM; while :; do sleep 1; done\"]\n\
                stop = { timeout = \"60s\" }\n";
    let world = World::new(&format!("{PAGES}{deaf}"));
    let app = world.start("run --headless");
    app.line();
    assert_snapshot!(world.run("stop --wait 0"), @"
    exit code: 1
    ----- stdout -----

    ----- stderr -----
    error: Notes is still running (process [PID])
    hint: See what it waits for: ensconce status
    ");
    app.hears("Waiting for deaf to end");
    app.signal(Signal::TERM);
    assert_eq!(app.end().code, Some(1));
    eventually("nothing is left", || world.processes().is_empty());
}

#[test]
fn what_a_killed_app_has_left_does_not_count() {
    let world = World::new(PAGES);
    let app = world.start("run --headless");
    app.line();
    app.signal(Signal::KILL);
    app.end();
    assert!(world.data(".ensconce/running.json").exists());
    assert!(world.run("status").contains("Notes is not running"));
    assert!(world.run("stop").contains("Notes is not running"));
}

#[test]
fn a_back_end_may_look_and_restart_but_not_stop() {
    let world = World::new(&format!("{PAGES}{CURIOUS}"));
    let app = world.start("run --headless");
    app.line();
    let (address, token) = given(&world);
    let bearer = format!("Authorization: Bearer {token}\r\n");
    let (status, body) = ask(&address, "GET /status", &bearer);
    assert_eq!(status, 200);
    let body: Value = serde_json::from_str(&body).unwrap();
    assert_eq!(body["jobs"][0]["name"], "curious");
    assert_eq!(ask(&address, "POST /stop", &bearer).0, 403);
    assert_eq!(ask(&address, "POST /focus", &bearer).0, 403);
    assert_eq!(ask(&address, "POST /services/none/restart", &bearer).0, 404);
    assert_eq!(ask(&address, "GET /services/curious/restart", &bearer).0, 404);
    let before = pids(&world);
    assert_eq!(ask(&address, "POST /services/curious/restart", &bearer).0, 202);
    eventually("it is another process", || {
        pids(&world)[0].is_some_and(|pid| Some(pid) != before[0])
    });
    assert_eq!(app.stop().code, Some(0));
}

/// 32 of them once blocked the port until they were given up.
#[test]
fn silent_clients_keep_nobody_from_asking() {
    let world = World::new(&format!("{PAGES}{CURIOUS}"));
    let app = world.start("run --headless");
    app.line();
    let (address, token) = given(&world);
    let half = format!("GET /status HTTP/1.1\r\nHost: {address}\r\n");
    let silent: Vec<TcpStream> = (0..300)
        .map(|number| {
            let mut stream = TcpStream::connect(&address).unwrap();
            stream.write_all(if number % 2 == 0 { b"" } else { half.as_bytes() }).unwrap();
            stream
        })
        .collect();
    assert!(world.run("status").contains("Notes 1.0.0 is running"));
    let bearer = format!("Authorization: Bearer {token}\r\n");
    assert_eq!(ask(&address, "GET /status", &bearer).0, 200);
    drop(silent);
    assert_eq!(app.stop().code, Some(0));
}

#[test]
fn strangers_and_web_pages_are_kept_out() {
    let world = World::new(&format!("{PAGES}{CURIOUS}"));
    let app = world.start("run --headless");
    app.line();
    let (address, token) = given(&world);
    let good = format!("Authorization: Bearer {token}\r\n");
    assert_eq!(ask(&address, "GET /status", "").0, 401);
    assert_eq!(ask(&address, "GET /status", "Authorization: Bearer 0\r\n").0, 401);
    assert_eq!(ask(&address, "GET /status", "Authorization: Basic eDp5\r\n").0, 401);
    let from_page = ["Origin: http://evil.example", "Sec-Fetch-Site: none", "Referer: http://x/"];
    for header in from_page {
        assert_eq!(ask(&address, "GET /status", &format!("{good}{header}\r\n")).0, 403);
    }
    let rebound =
        raw(&address, &format!("GET /status HTTP/1.1\r\nHost: evil.example\r\n{good}\r\n"));
    assert!(rebound.starts_with("HTTP/1.1 403"), "{rebound}");
    assert_eq!(app.stop().code, Some(0));
}

#[test]
fn the_token_is_neither_in_the_plan_nor_in_the_log() {
    let talkative = CURIOUS.replace("exec sleep", "echo my token is $TOKEN; exec sleep");
    let world = World::new(&format!("{PAGES}{talkative}"));
    assert!(world.run("plan").contains("TOKEN=<control token>"));
    let app = world.start("run --headless");
    app.line();
    let (_, token) = given(&world);
    eventually("it is logged", || world.log("curious").contains("my token is"));
    assert!(!world.log("curious").contains(&token));
    assert_eq!(app.stop().code, Some(0));
}

fn stdout(world: &World, line: &str) -> String {
    String::from_utf8(world.command(line).output().unwrap().stdout).unwrap()
}

fn pids(world: &World) -> Vec<Option<u64>> {
    let status: Value = serde_json::from_str(&stdout(world, "status --json")).unwrap();
    status["jobs"].as_array().unwrap().iter().map(|job| job["pid"].as_u64()).collect()
}

/// What the curious service was given.
fn given(world: &World) -> (String, String) {
    let mut text = String::new();
    eventually("the service has written it", || {
        text = std::fs::read_to_string(world.data("given")).unwrap_or_default();
        text.ends_with('\n')
    });
    let (url, token) = text.trim().split_once(' ').unwrap();
    (url.strip_prefix("http://").unwrap().to_owned(), token.to_owned())
}

fn ask(address: &str, what: &str, headers: &str) -> (u16, String) {
    let answer = raw(address, &format!("{what} HTTP/1.1\r\nHost: {address}\r\n{headers}\r\n"));
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    (head.split(' ').nth(1).unwrap().parse().unwrap(), body.to_owned())
}

fn raw(address: &str, request: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(DEADLINE)).unwrap();
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}
