//! Services that end, hang, or have done their work: what the manifest says about it, and what
//! is told.

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use crate::running::Running;
use crate::world::{PAGES, World};

/// Returns signs of life as systemd wants them, and hangs at SIGUSR1.
const BEATS: &str = r#"
import os, signal, socket, sys, time

assert os.environ["WATCHDOG_PID"] == str(os.getpid())
alive = True

def hang(*_):
    global alive
    alive = False

signal.signal(signal.SIGUSR1, hang)
manager = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
manager.connect(os.environ["NOTIFY_SOCKET"])
print("up", os.getpid(), flush=True)
while True:
    if alive:
        manager.send(b"WATCHDOG=1")
    time.sleep(int(os.environ["WATCHDOG_USEC"]) / 1e6 / 20)
"#;

fn service(lines: &str) -> World {
    let world = World::new(&format!("{PAGES}[service.api]\n{lines}\n"));
    world.write("beats.py", BEATS);
    world
}

/// Waits until the service is in a state.
fn until(app: &Running, state: &str) -> Value {
    loop {
        let event = app.event_of("service");
        if event["state"] == state {
            return event;
        }
    }
}

fn signal(app: &Running, signal: Signal) {
    let line = app.hears("up ");
    let process = line.rsplit_once(' ').unwrap().1.parse().unwrap();
    kill_process(Pid::from_raw(process).unwrap(), signal).unwrap();
}

#[test]
fn an_end_and_the_return_are_told() {
    let world = service(
        "command = [\"sh\", \"-c\", \"echo up $$; exec sleep 60\"]\nready = { log = \"up\" }\n\
         restart = { delay = \"1s\" }",
    );
    let app = world.start("run --headless --verbose");
    app.line();
    signal(&app, Signal::KILL);
    app.hears("was ended by signal 9 and is started again");
    app.hears("works again");
    assert_eq!(app.stop().code, Some(0));
    world.assert_clean();
}

#[test]
fn an_optional_failure_is_told_and_the_app_goes_on() {
    let world = service(
        "command = [\"sh\", \"-c\", \"echo up $$; exec sleep 60\"]\nready = { log = \"up\" }\n\
         restart = \"no\"\noptional = true",
    );
    let app = world.start("run --headless --json --verbose");
    app.event_of("ready");
    signal(&app, Signal::KILL);
    let failed = until(&app, "failed");
    assert_eq!(failed["reason"], "was ended by signal 9 and is not to be started again");
    assert_eq!(app.stop().code, Some(0));
    world.assert_clean();
}

#[test]
fn a_service_without_signs_of_life_is_restarted() {
    let world = service(
        "command = [\"{python}\", \"beats.py\"]\nready = { log = \"up\" }\n\
         restart = { delay = \"1s\" }\nliveness = { watchdog = \"2s\" }",
    );
    let app = world.start("run --headless --json --verbose");
    let first = until(&app, "ready");
    assert_eq!((first.get("reason"), first.get("recovered")), (None, None));
    signal(&app, Signal::USR1);
    assert_eq!(until(&app, "restarting")["reason"], "sent no WATCHDOG=1 for 2 s");
    assert_eq!(until(&app, "ready")["recovered"], true);
    assert_eq!(app.stop().code, Some(0));
    world.assert_clean();
}

#[test]
fn a_service_whose_work_is_done_is_no_failure() {
    let world = World::new(&format!(
        "{PAGES}[service.seed]\ncommand = [\"true\"]\nrestart = \"on-failure\"\n\
         [service.api]\ncommand = [\"sleep\", \"60\"]\nneeds = [\"seed\"]\n"
    ));
    let app = world.start("run --headless --json");
    assert_eq!(until(&app, "stopped")["reason"], "its work is done");
    assert_eq!(app.stop().code, Some(0));
    world.assert_clean();
}

#[test]
fn a_permanent_failure_ends_the_app_with_its_last_words() {
    let world = service(
        "command = [\"sh\", \"-c\", \"echo up; echo no licence; exit 125\"]\n\
         ready = { log = \"up\" }",
    );
    let app = world.start("run --headless");
    let ended = app.end();
    assert_eq!(ended.code, Some(1));
    assert!(ended.stderr.contains("`api` ended with exit code 125"), "{}", ended.stderr);
    assert!(ended.stderr.contains("no licence"), "{}", ended.stderr);
    world.assert_clean();
}
