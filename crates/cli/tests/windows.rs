//! The program from the outside by Windows' own means; `scripts/check-platform windows --run` runs
//! it under Wine. The whole suite, in `it`, needs signals and `/proc`.

#![cfg(windows)]
#![allow(clippy::unwrap_used, reason = "a test that panics has failed, as it should")]

use std::fs;
use std::io::{BufRead, BufReader};
use std::os::windows::process::CommandExt;
use std::process::{Child, Command, Output, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;

use ensconce_testkit::{
    Image, PATIENCE, TempDir, eventually, open_console, program, send_break, temp_dir,
};
use serde_json::Value;

#[path = "it/http.rs"]
#[allow(dead_code, reason = "shared with the whole suite")]
mod http;
/// What `http` takes from its surroundings.
mod world {
    pub(crate) const DEADLINE: std::time::Duration = ensconce_testkit::PATIENCE;
}

/// An app's folder, with a page, and with a fake service under a name of its own.
struct World {
    fake: Image,
    folder: TempDir,
}

impl World {
    fn new(services: &str) -> Self {
        let folder = temp_dir();
        let fake = Image::copy(&program("ensconce-testkit", "ensconce-fake"), folder.path());
        let head = "[app]\nid = \"com.example.notes\"\nname = \"Notes\"\nversion = \"1.0.0\"\n";
        let services = services.replace("FAKE", &fake.path().display().to_string());
        let manifest = format!("{head}[ui]\nstatic = \"pages\"\n{services}");
        fs::write(folder.path().join("ensconce.toml"), manifest).unwrap();
        fs::create_dir(folder.path().join("pages")).unwrap();
        fs::write(folder.path().join("pages/index.html"), "<h1>Notes</h1>").unwrap();
        Self { fake, folder }
    }

    fn command(&self, line: &str) -> Command {
        let mut command = Command::new(program("ensconce-cli", "ensconce"));
        command.args(line.split_whitespace()).args(["--data-dir", "data"]);
        command.current_dir(self.folder.path()).stdin(Stdio::null());
        command
    }

    /// Runs a command to its end; returns its code and what it has written.
    fn run(&self, line: &str) -> (Option<i32>, String) {
        let Output { status, stdout, stderr } = self.command(line).output().unwrap();
        let text = [stdout, stderr].concat();
        (status.code(), String::from_utf8_lossy(&text).into_owned())
    }

    fn start(&self) -> Running {
        let mut command = self.command("run --headless --json");
        // So that a Ctrl-Break reaches it and not the test.
        command.creation_flags(NEW_GROUP);
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let stdout = child.stdout.take().unwrap();
        let (sender, lines) = channel();
        thread::spawn(move || {
            let lines = BufReader::new(stdout).lines().map_while(Result::ok);
            lines.map(|line| sender.send(line)).take_while(Result::is_ok).for_each(drop);
        });
        Running { child, lines }
    }

    /// The process of a part, if it has one.
    fn pid(&self, part: usize) -> Option<u64> {
        let status: Value = serde_json::from_str(&self.run("status --json").1).ok()?;
        status["jobs"][part]["pid"].as_u64()
    }
}

/// An app that runs without a window.
struct Running {
    child: Child,
    lines: Receiver<String>,
}

impl Running {
    /// Reads events until one is of this kind.
    fn event_of(&self, kind: &str) -> Value {
        loop {
            let line = self.lines.recv_timeout(PATIENCE).expect("there is another event");
            let event: Value = serde_json::from_str(&line).unwrap();
            if event["event"] == kind {
                return event;
            }
            assert_ne!(event["event"], "failed", "{event}");
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

const NEW_GROUP: u32 = 0x200;

const API: &str = "[service.api]
command = ['FAKE', 'slow-stop=10', 'child=daemon', 'say=up', 'stay']
ready = { log = 'up' }
# Under Wine it does not hear Ctrl-Break, and is killed when this is over.
stop = { timeout = '300ms' }
";

#[test]
fn pages_are_served_and_output_is_kept() {
    let world = World::new(API);
    let app = world.start();
    let ready = app.event_of("ready");
    let url = ready["url"].as_str().unwrap();
    assert_eq!(http::page(url, "/").body, "<h1>Notes</h1>");
    assert_eq!(http::get(&format!("http://{}/", http::parts(url).0), None).status, 401);
    let log = world.folder.path().join("data/logs/api.log");
    eventually("it is in the log", || fs::read_to_string(&log).is_ok_and(|log| log.contains("up")));
}

#[test]
fn a_running_app_is_asked_from_outside() {
    let world = World::new(API);
    assert_eq!(world.run("status").0, Some(3));
    let mut app = world.start();
    app.event_of("ready");
    let (code, status) = world.run("status");
    assert_eq!(code, Some(0), "{status}");
    assert!(status.contains("api  service  ready"), "{status}");
    let before = world.pid(0);
    assert_eq!(world.run("restart api").0, Some(0));
    eventually("there is another one", || world.pid(0).is_some_and(|now| Some(now) != before));
    let (code, said) = world.run("stop");
    assert_eq!(code, Some(0), "{said}");
    assert_eq!(world.fake.processes(), Vec::<u32>::new());
    app.event_of("stopped");
    assert_eq!(app.child.wait().unwrap().code(), Some(0));
}

#[test]
fn a_second_start_is_refused_until_the_first_is_killed() {
    let world = World::new(API);
    let mut first = world.start();
    first.event_of("ready");
    let (code, said) = world.run("run --headless");
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("is running already"), "{said}");
    assert_eq!(world.fake.processes().len(), 2);
    first.child.kill().unwrap();
    first.child.wait().unwrap();
    eventually("nothing is left", || world.fake.processes().is_empty());
    assert_eq!(world.run("status").0, Some(3));
    world.start().event_of("ready");
}

#[test]
#[ignore = "Wine calls no handler of Ctrl-Break"]
fn it_is_asked_to_end_by_its_console() {
    open_console();
    let world = World::new(API);
    let mut app = world.start();
    app.event_of("ready");
    send_break(app.child.id());
    app.event_of("stopped");
    assert_eq!(app.child.wait().unwrap().code(), Some(0));
    assert_eq!(world.fake.processes(), Vec::<u32>::new());
}
