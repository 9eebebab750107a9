//! What lasts from one start to the next: the port, tasks that are done, secrets.

use std::fs;
use std::net::TcpListener;

use insta::assert_snapshot;

use crate::http::port;
use crate::world::{PAGES, World};

/// Starts, waits until it is ready, and ends it; returns its address and stderr.
fn start_once(world: &World, line: &str) -> (String, String) {
    let app = world.start(line);
    let url = app.line();
    let ended = app.stop();
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    world.assert_clean();
    (url, ended.stderr)
}

#[test]
fn the_port_is_kept() {
    let world = World::new(PAGES);
    let (first, _) = start_once(&world, "run --headless");
    let (second, quiet) = start_once(&world, "run --headless");
    assert_eq!(port(&first), port(&second));
    assert_eq!(quiet, "");
    let _other = TcpListener::bind(("127.0.0.1", port(&first))).unwrap();
    let (third, said) = start_once(&world, "run --headless");
    assert_ne!(port(&first), port(&third));
    assert_snapshot!(world.filter(&said), @"warning: Port [PORT], which this app had before, cannot be used (Address already in use (os error 98)). It gets another one, where browsers do not see what they had stored for it");
}

/// A task that has run must not run again because nobody knows that it has.
#[test]
fn a_start_without_the_record_of_what_was_done_is_refused() {
    let task = "[task.seed]\ncommand = [\"sh\", \"-c\", \"echo seed >> seeds\"]\n\
                cwd = \"{data}\"\n";
    for when in ["first-run", "update"] {
        let world = World::new(&format!("{PAGES}{task}when = \"{when}\"\n"));
        start_once(&world, "run --headless");
        let state = world.data(".ensconce/state.json");
        let whole = fs::read_to_string(&state).unwrap();
        let newer = whole.replacen("\"version\": 1,", "\"version\": 2,", 1);
        assert_ne!(whole, newer);
        for (text, says) in [
            (newer.as_str(), "was made by a newer version"),
            ("{\"port\":", "is damaged"),
            ("[]", "is damaged"),
        ] {
            fs::write(&state, text).unwrap();
            let said = world.run("run --headless");
            assert!(said.contains("exit code: 1") && said.contains(says), "{said}");
            assert!(said.contains("What has been done to the app's data cannot be told"), "{said}");
            assert_eq!(fs::read_to_string(&state).unwrap(), text, "it stays as it is");
        }
        fs::write(&state, whole).unwrap();
        start_once(&world, "run --headless");
        assert_eq!(fs::read_to_string(world.data("seeds")).unwrap(), "seed\n");
        world.assert_clean();
    }
}

#[test]
fn a_broken_state_file_that_no_task_depends_on_is_set_aside() {
    let world = World::new(PAGES);
    fs::create_dir_all(world.data(".ensconce")).unwrap();
    fs::write(world.data(".ensconce/state.json"), "{\"port\":").unwrap();
    let (_, said) = start_once(&world, "run --headless");
    assert_snapshot!(world.filter(&said), @"warning: What was remembered could not be read (EOF while parsing a value at line 1 column 8) and was set aside as [ROOT]/home/.local/share/com.example.notes/.ensconce/state.json.broken");
    let aside = fs::read_to_string(world.data(".ensconce/state.json.broken")).unwrap();
    assert_eq!(aside, "{\"port\":");
}

/// Files are written beside their places; a kill in between leaves them there.
#[test]
fn what_a_killed_start_was_writing_is_cleared() {
    let world = World::new(PAGES);
    start_once(&world, "run --headless");
    let names = ["run-folder", "running.json", "state.json", "settings.json", "setup.html"];
    let left = names.map(|name| world.data(&format!(".ensconce/.{name}.abcdefgh.tmp")));
    left.iter().for_each(|file| fs::write(file, "half").unwrap());
    start_once(&world, "run --headless");
    let left: Vec<_> = left.iter().filter(|file| file.exists()).collect();
    assert!(left.is_empty(), "{left:?}");
}

#[test]
fn tasks_run_when_they_should() {
    let task = |name: &str, rule: &str| {
        format!(
            "[task.{name}]\n{rule}\nenv = {{ RAN = \"{{data}}/ran\" }}\n\
             command = [\"sh\", \"-c\", \"echo {name} >> $RAN\"]\n"
        )
    };
    let manifest = [
        PAGES.to_owned(),
        task("always", ""),
        task("first", "when = \"first-run\"\nneeds = [\"always\"]"),
        task("update", "when = \"update\"\nneeds = [\"first\"]"),
        task("unless", "unless = \"{data}/there\"\nneeds = [\"update\"]"),
    ]
    .concat();
    let world = World::new(&manifest);
    let ran = || {
        start_once(&world, "run --headless");
        let text = fs::read_to_string(world.data("ran")).unwrap();
        fs::remove_file(world.data("ran")).unwrap();
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    assert_eq!(ran(), "always first update unless");
    fs::write(world.data("there"), "").unwrap();
    assert_eq!(ran(), "always");
    let text = fs::read_to_string(world.app().join("ensconce.toml")).unwrap();
    world.write("ensconce.toml", text.replace("1.0.0", "1.1.0"));
    assert_eq!(ran(), "always update");
    assert_eq!(ran(), "always");
}

#[test]
fn a_secret_is_kept_and_never_shown() {
    let world = World::new(&format!(
        "{PAGES}[secret.session]\ngenerate = 32\n[service.api]\n\
         command = [\"sh\", \"-c\", \"printf %s $KEY > $FILE; echo key is $KEY; exec sleep 60\"]\n\
         env = {{ KEY = \"{{secret.session}}\", FILE = \"{{data}}/key\" }}\nready = {{ log = \"key is\" }}\n"
    ));
    let app = world.start("run --headless --verbose");
    app.line();
    let key = fs::read_to_string(world.data("key")).unwrap();
    assert_eq!(key.len(), 43, "32 bytes as base64url");
    let running = world.processes();
    assert!(running.len() >= 2, "{running:?}");
    assert!(running.iter().all(|line| !line.contains(&key)), "{running:?}");
    assert_eq!(app.hears("key is"), "api        | key is <secret session>");
    assert_eq!(app.stop().code, Some(0));
    fs::remove_file(world.data("key")).unwrap();

    start_once(&world, "run --headless");
    assert_eq!(fs::read_to_string(world.data("key")).unwrap(), key);
    assert_eq!(world.log("api"), "key is <secret session>\nkey is <secret session>\n");
    for line in ["plan", "plan --json", "check --json"] {
        assert!(!world.run(line).contains(&key), "{line}");
    }
}
