//! `ensconce run --headless`, when all goes well.

use std::process::{Command, Stdio};

use insta::assert_snapshot;
use rustix::process::Signal;
use serde_json::Value;

use crate::http::{enter, get, page, parts};
use crate::running::Running;
use crate::world::{DEADLINE, PAGES, WEB, World, eventually};

#[test]
fn stdout_is_one_line_the_address() {
    let world = World::new(WEB);
    let app = world.start("run --headless");
    let url = app.line();
    assert_snapshot!(world.filter(&url), @"http://127.0.0.1:[PORT]/?ensconce_token=[TOKEN]");
    assert_eq!(page(&url, "/hello").body, "/hello from server");
    app.signal(Signal::TERM);
    assert_snapshot!(app.screen(&world), @"
    exit code: 0
    ----- stdout -----

    ----- stderr -----
    web        * ready
    web        * stopped
    ");
    world.assert_clean();
}

#[test]
fn requests_wait_until_a_service_that_is_only_started_listens() {
    let world = World::new(
        r#"[ui]
service = "web"

[service.web]
command = ["sh", "-c", "while [ ! -e go ]; do sleep 0.01; done; exec {python} server.py {port}"]
ready = "started"
"#,
    );
    let app = world.start("run --headless");
    let url = app.line();
    let cookie = enter(&url);
    let hello = format!("http://{}/hello", parts(&url).0);
    let asked = std::thread::spawn(move || get(&hello, Some(&cookie)));
    world.write("go", "");
    assert_eq!(asked.join().unwrap().body, "/hello from server");
    assert_eq!(app.stop().code, Some(0));
    world.assert_clean();
}

#[test]
fn static_pages_want_the_cookie() {
    let world = World::new(PAGES);
    let app = world.start("run --headless");
    let url = app.line();
    let root = format!("http://{}/", parts(&url).0);
    assert_eq!(get(&root, None).status, 401);
    let cookie = enter(&url);
    assert_eq!(get(&root, Some(&cookie)).body, "<h1>Notes</h1>");
    assert_eq!(get(&url, None).status, 401, "the address works once");
    assert_eq!(app.stop().code, Some(0));
    world.assert_clean();
}

#[test]
fn events_in_order() {
    let world = World::new(&format!(
        "{WEB}needs = [\"before\"]\n[task.before]\ncommand = [\"sh\", \"-c\", \"exit 0\"]\n"
    ));
    let app = world.start("run --headless --json");
    app.event_of("ready");
    // Short states may be left out while starting, so each is waited for in its order.
    let ended = app.stop();
    assert_eq!(ended.code, Some(0));
    assert_eq!(ended.stderr, "");
    let last: Vec<&str> = ended.stdout.lines().rev().take(2).collect();
    assert_snapshot!(last.join("\n"), @r#"
    {"event":"stopped"}
    {"event":"service","name":"web","state":"stopped","optional":false}
    "#);
    world.assert_clean();
}

#[test]
fn ready_comes_after_its_services() {
    let world = World::new(WEB);
    let app = world.start("run --headless --json");
    let lasting = std::iter::repeat_with(|| app.event()).filter(|one| one["state"] != "starting");
    let events: Vec<String> = lasting.take(2).map(|event| event.to_string()).collect();
    assert_snapshot!(world.filter(&events.join("\n")), @r#"
    {"event":"service","name":"web","state":"ready","optional":false}
    {"event":"ready","url":"http://127.0.0.1:[PORT]/?ensconce_token=[TOKEN]"}
    "#);
    app.stop();
}

/// The app carries many connections; its services may be of those that cannot have many files.
#[test]
fn the_limit_of_open_files_is_raised_for_the_app_only() {
    let world = World::new(&format!("{PAGES}[service.one]\ncommand = [\"sleep\", \"1000\"]\n"));
    let ensconce = world.command("run --headless --json");
    let mut shell = Command::new("sh");
    shell.args(["-c", "ulimit -Sn 300; exec \"$0\" \"$@\""]).arg(ensconce.get_program());
    shell.args(ensconce.get_args()).current_dir(world.app()).stdin(Stdio::null()).env_clear();
    shell.envs(ensconce.get_envs().filter_map(|(name, value)| Some((name, value?))));
    let app = Running::start(shell);
    app.event_of("ready");
    let status: Value =
        serde_json::from_slice(&world.command("status --json").output().unwrap().stdout).unwrap();
    let service = status["jobs"][0]["pid"].as_u64().unwrap();
    assert_eq!(soft_limit_of_open_files(service), 300);
    assert!(soft_limit_of_open_files(app.id().into()) > 300);
    let environment = std::fs::read(format!("/proc/{service}/environ")).unwrap();
    assert!(!String::from_utf8_lossy(&environment).contains("ENSCONCE_OPEN_FILES"));
    assert_eq!(app.stop().code, Some(0));
}

fn soft_limit_of_open_files(process: u64) -> u64 {
    let limits = std::fs::read_to_string(format!("/proc/{process}/limits")).unwrap();
    let line = limits.lines().find(|line| line.starts_with("Max open files")).unwrap();
    line["Max open files".len()..].split_whitespace().next().unwrap().parse().unwrap()
}

#[test]
fn every_signal_ends_it_in_order() {
    for signal in [Signal::INT, Signal::TERM, Signal::HUP] {
        let world = World::new(WEB);
        let app = world.start("run --headless --json");
        app.event_of("ready");
        app.signal(signal);
        let ended = app.end();
        assert_eq!(ended.code, Some(0), "{signal:?}");
        assert!(ended.stdout.ends_with("{\"event\":\"stopped\"}\n"), "{}", ended.stdout);
        world.assert_clean();
    }
}

#[test]
fn a_signal_while_it_starts() {
    let world = World::new(
        "[ui]\nstatic = \"pages\"\n[service.slow]\ncommand = [\"sh\", \"-c\", \"sleep 60 & wait\"]\n\
         ready = { log = \"never\" }\n",
    );
    let app = world.start("run --headless --json");
    assert_eq!(app.event()["state"], "starting");
    eventually("it runs", || world.processes().len() >= 3);
    assert_eq!(app.stop().code, Some(0));
    world.assert_clean();
}

const DEAF: &str = r#"[ui]
static = "pages"
[service.deaf]
command = ["sh", "-c", "trap '' TERM; echo up; while :; do sleep 60; done"]
ready = { log = "up" }
stop = { timeout = "60s" }
"#;

#[test]
fn impatience_kills() {
    let world = World::new(DEAF);
    let app = world.start("run --headless");
    app.line();
    app.signal(Signal::INT);
    app.hears("Waiting for deaf to end; Ctrl-C kills at once");
    app.signal(Signal::INT);
    assert_snapshot!(app.screen(&world), @"
    exit code: 1
    ----- stdout -----

    ----- stderr -----
    error: Killed before everything had ended on its own
    ");
    eventually("nothing is left", || world.processes().is_empty());
}

#[test]
fn killed_it_leaves_nothing_and_starts_again() {
    let world = World::new(DEAF);
    let app = world.start("run --headless");
    app.line();
    app.signal(Signal::KILL);
    app.end();
    eventually("nothing is left", || world.processes().is_empty());
    let app = world.start("run --headless");
    app.line();
    app.signal(Signal::INT);
    app.hears("Waiting");
    app.signal(Signal::INT);
    app.end();
}

#[test]
fn stdout_closed_early() {
    let world = World::new(WEB);
    let mut command = world.command("run --headless");
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    command.stdout(writer).stderr(std::process::Stdio::piped());
    let child = command.spawn().unwrap();
    drop(command);
    let app = Running::of(child);
    app.hears("ready");
    assert_eq!(app.stop().code, Some(0));
    world.assert_clean();
}

#[test]
#[cfg(target_os = "linux")]
fn stdout_that_is_full_ends_it_in_order() {
    let world = World::new(WEB);
    let mut command = world.command("run --headless");
    command.stdout(std::fs::File::create("/dev/full").unwrap());
    let screen = world.run_command(command);
    assert!(screen.starts_with("exit code: 1"), "{screen}");
    assert!(screen.contains("error: Cannot write to stdout: No space left"), "{screen}");
    world.assert_clean();
}

#[test]
#[cfg(target_os = "linux")]
fn stderr_that_is_full_changes_nothing() {
    let world = World::new(WEB);
    let mut command = world.command("run --headless --verbose");
    command.stdout(std::process::Stdio::piped());
    command.stderr(std::fs::File::create("/dev/full").unwrap());
    let app = Running::of(command.spawn().unwrap());
    app.line();
    assert_eq!(app.stop().code, Some(0));
    world.assert_clean();
}

const FLOOD: &str = r#"[ui]
static = "pages"
[service.flood]
command = ["sh", "-c", "echo up; exec yes $(printf %02000d 0)"]
ready = { log = "up" }
"#;

/// The most memory that a process has had, in MiB.
#[cfg(target_os = "linux")]
fn most_memory(process: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() / 1024
}

#[test]
#[cfg(target_os = "linux")]
fn a_flood_of_output_is_kept_in_bounds() {
    let world = World::new(FLOOD);
    let app = world.start("run --headless");
    app.line();
    let third = world.data("../../state/com.example.notes/logs/flood.3.log");
    eventually("more than 30 MiB have been written", || third.exists());
    assert!(most_memory(app.id()) < 100, "{} MiB", most_memory(app.id()));
    let begun = std::time::Instant::now();
    assert_eq!(app.stop().code, Some(0));
    assert!(begun.elapsed().as_secs() < 10, "it was killed when its time was over");
    world.assert_clean();
}

#[test]
#[cfg(target_os = "linux")]
fn a_terminal_that_stands_still_stops_nothing() {
    let world = World::new(FLOOD);
    let mut command = world.command("run --headless --verbose");
    let (unread, writer) = std::io::pipe().unwrap();
    command.stdout(std::process::Stdio::piped()).stderr(writer);
    let app = Running::of(command.spawn().unwrap());
    let url = app.line();
    let first = world.data("../../state/com.example.notes/logs/flood.1.log");
    eventually("the log goes on", || first.exists());
    assert_eq!(page(&url, "/").body, "<h1>Notes</h1>");
    assert_eq!(app.stop().code, Some(0));
    drop(unread);
    world.assert_clean();
}

#[test]
fn verbose_shows_what_services_say() {
    let world = World::new(WEB);
    let app = world.start("run --headless --verbose");
    app.line();
    assert_eq!(app.hears("runs"), "web        | server runs");
    app.stop();
}

#[test]
fn systemd_hears_when_it_is_ready_and_when_it_stops() {
    let script = "echo socket:$NOTIFY_SOCKET; sleep 1000";
    let other = format!("[service.other]\ncommand = [\"sh\", \"-c\", \"{script}\"]\n");
    let world = World::new(&format!("{WEB}{other}"));
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("notify");
    let systemd = std::os::unix::net::UnixDatagram::bind(&path).unwrap();
    systemd.set_read_timeout(Some(DEADLINE)).unwrap();
    let hear = || {
        let mut buffer = [0; 256];
        let length = systemd.recv(&mut buffer).unwrap();
        String::from_utf8_lossy(&buffer[..length]).trim().to_owned()
    };
    let mut command = world.command("run --headless");
    command.env("NOTIFY_SOCKET", &path);
    let app = Running::start(command);
    app.line();
    assert_eq!(hear(), "READY=1");
    eventually("the service has said it", || world.log("other").contains("socket:"));
    assert!(!world.log("other").contains("notify"), "it is not the services' to tell");
    assert_eq!(app.stop().code, Some(0));
    assert_eq!(hear(), "STOPPING=1");
}

#[test]
#[cfg(target_os = "linux")]
fn as_the_first_process_of_a_container_it_reaps_and_obeys() {
    // Without its guard, what it has started becomes the first process's to wait for.
    let script = "kill -9 $PPID; sleep 1000";
    let orphan =
        format!("[service.orphan]\ncommand = [\"sh\", \"-c\", \"{script}\"]\noptional = true\n");
    let world = World::new(&format!("{WEB}{orphan}"));
    let inner = world.command("run --headless --json");
    let mut command = std::process::Command::new("unshare");
    command.args(["--user", "--map-root-user", "--pid", "--fork", "--kill-child", "--mount-proc"]);
    command.arg(inner.get_program()).args(inner.get_args()).current_dir(world.app()).env_clear();
    command.envs(inner.get_envs().filter_map(|(name, value)| Some((name, value?))));
    let app = Running::start(command);
    app.event_of("ready");
    let first = children(app.id())[0];
    assert!(!children(first).is_empty(), "the app runs below the first process");
    eventually("no zombie is left", || children(first).into_iter().all(|child| !is_zombie(child)));
    let pid = rustix::process::Pid::from_raw(first.cast_signed()).unwrap();
    rustix::process::kill_process(pid, Signal::TERM).unwrap();
    let ended = app.end();
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert!(ended.stdout.ends_with("{\"event\":\"stopped\"}\n"), "{}", ended.stdout);
    world.assert_clean();
}

#[cfg(target_os = "linux")]
fn is_zombie(pid: u32) -> bool {
    std::fs::read_to_string(format!("/proc/{pid}/stat")).is_ok_and(|stat| stat.contains(") Z "))
}

#[cfg(target_os = "linux")]
fn children(pid: u32) -> Vec<u32> {
    let found = std::fs::read_to_string(format!("/proc/{pid}/task/{pid}/children")).unwrap();
    found.split_whitespace().map(|child| child.parse().unwrap()).collect()
}
