//! What the app asks its user, answered by `ensconce setup`.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Stdio;
use std::time::Instant;

use insta::assert_snapshot;
use regex::Regex;
use serde_json::Value;

use crate::world::{PAGES, World, eventually};

const APP: &str = r#"
[service.other]
command = ["sh", "-c", "echo kind $KIND, key of ${{#KEY}}, mail $MAIL; exec sleep 1000"]

[[setup.page]]
title = "What to use"
text = "Each has a key of its own."
fields = [
    { name = "kind", type = "choice", label = "Kind", choices = ["small", { value = "big", label = "The big one" }], env = "KIND" },
    { name = "key", type = "secret", label = "Key", env = "KEY", check = { command = ["sh", "-c", "test \"$KEY\" != wrong"] } },
]

[[setup.page]]
title = "You"
fields = [
    { name = "mail", type = "email", label = "E-mail", help = "For the weekly report.", env = "MAIL" },
    { name = "loud", type = "switch", label = "Loud" },
    { name = "volume", type = "number", label = "Volume", min = 0, max = 11, required = false, show_if = { loud = true } },
    { name = "archive", type = "database", label = "Archive", required = false },
]
"#;

fn world() -> World {
    World::new(&format!("{PAGES}{APP}"))
}

#[test]
fn from_a_file() {
    let world = world();
    world.write(
        "answers.toml",
        "kind = \"big\"\nkey = \"sk-1 \\\"2\\\"\"\nmail = \"ada@example.com\"\n",
    );
    assert_snapshot!(world.run("setup --answers answers.toml"), @"
    exit code: 0
    ----- stdout -----

    ----- stderr -----
    warning: No keychain (there is no session bus); secrets are kept in an encrypted file
    Notes has all its answers
    ");
    // It is as if the page had asked.
    let app = world.start("run --headless");
    assert!(!app.line().contains("/setup/"));
    eventually("the service has them", || {
        world.log("other").contains("kind big, key of 8, mail ada@example.com")
    });
    assert_eq!(app.stop().code, Some(0));
    world.assert_clean();
}

#[test]
fn from_the_environment() {
    let world = world();
    let mut command = world.command("setup --from-env --no-input");
    command.env("KIND", "small").env("KEY", "sk-1").env("MAIL", "ada@example.com");
    assert_snapshot!(world.run_command(command), @"
    exit code: 0
    ----- stdout -----

    ----- stderr -----
    warning: No keychain (there is no session bus); secrets are kept in an encrypted file
    Notes has all its answers
    ");
    let settings = fs::read_to_string(world.data(".ensconce/settings.json")).unwrap();
    assert!(settings.contains("ada@example.com") && !settings.contains("sk-1"), "{settings}");
}

#[test]
fn at_a_terminal() {
    let world = world();
    let mut terminal = world.at_a_terminal("setup");
    terminal.answers("Kind: ", "2");
    terminal.answers_hidden("Key [not shown]: ", "wrong");
    terminal.answers_hidden("Key [not shown]: ", "sk-right");
    terminal.answers("E-mail: ", "ada");
    // Another word for yes.
    terminal.answers("Loud (yes or no) [no]: ", "on");
    terminal.answers("Volume [none]: ", "12");
    let database = "postgresql://ada:pass-word@127.0.0.1/archive";
    terminal.answers_hidden("Archive [not shown]: ", database);
    // Only what was refused is asked for again.
    terminal.answers("E-mail: ", "ada@example.com");
    terminal.answers("Volume [none]: ", "11");
    let (status, screen) = terminal.end();
    assert!(status.success() && screen.contains("Notes has all its answers"), "{screen}");
    assert!(!screen.contains("sk-right") && !screen.contains("pass-word"), "{screen}");
    // Once more: Enter leaves everything as it is.
    let mut terminal = world.at_a_terminal("setup");
    terminal.answers("[The big one]: ", "");
    terminal.answers_hidden("[already set, not shown]: ", "");
    terminal.answers("[ada@example.com]: ", "");
    terminal.answers("[yes]: ", "");
    terminal.answers("[11]: ", "");
    terminal.answers_hidden("Archive [already set, not shown]: ", "");
    let (status, screen) = terminal.end();
    assert!(status.success(), "{screen}");
    let app = world.start("run --headless");
    app.line();
    eventually("the service has them", || {
        world.log("other").contains("kind big, key of 8, mail ada@example.com")
    });
    assert_eq!(app.stop().code, Some(0));
    world.assert_clean();
}

/// What a program is started with can be read by every user of the machine.
#[test]
fn the_page_is_opened_by_a_private_file() {
    let world = world();
    let browser = world.app().join("bin/xdg-open");
    world.write(
        "bin/xdg-open",
        "#!/bin/sh\nprintf '%s\\n' \"$@\" > opened.part\nmv opened.part opened\n",
    );
    fs::set_permissions(&browser, Permissions::from_mode(0o700)).unwrap();
    let path = std::env::var("PATH").unwrap();
    let path = format!("{}:{path}", browser.parent().unwrap().display());
    let open = || {
        let output = world.command("setup --page").env("PATH", &path).output().unwrap();
        String::from_utf8([output.stdout, output.stderr].concat()).unwrap()
    };
    assert!(open().contains("is not running"));
    let app = world.start("run --headless --json");
    eventually("it runs", || open().contains("open in the browser"));
    eventually("the browser was started", || world.app().join("opened").exists());
    let opened = fs::read_to_string(world.app().join("opened")).unwrap();
    let file = Path::new(opened.trim_end());
    assert_eq!(file, world.data(".ensconce/setup.html"));
    assert_eq!(fs::metadata(file).unwrap().permissions().mode() & 0o777, 0o600);
    let page = fs::read_to_string(file).unwrap();
    assert!(page.contains("location.replace(\"http://127.0.0.1:"), "{page}");
    assert!(page.contains("/setup/#token="), "{page}");
    assert_eq!(app.stop().code, Some(0));
    world.assert_clean();
}

#[test]
fn for_an_app_that_runs() {
    let world = world();
    let app = world.start("run --headless --json");
    eventually("it waits", || {
        let status = world.command("status").output().unwrap();
        String::from_utf8(status.stdout).unwrap().contains("ensconce setup")
    });
    let addresses = [(); 2].map(|()| {
        let output = world.command("setup --address").output().unwrap();
        String::from_utf8(output.stdout).unwrap()
    });
    for address in &addresses {
        let is_page =
            address.starts_with("http://127.0.0.1:") && address.contains("/setup/#token=");
        assert!(is_page, "{address}");
    }
    assert_ne!(addresses[0], addresses[1], "each works once");
    world.write("answers.toml", "kind = \"small\"\nkey = \"sk-1\"\nmail = \"ada@example.com\"\n");
    let output = world.command("setup --answers answers.toml").output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    eventually("it is up", || world.log("other").contains("kind small, key of 4"));
    // Another answer restarts what is given it.
    world.write("answers.toml", "kind = \"big\"\n");
    let output = world.command("setup --answers answers.toml").output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    eventually("it has the new one", || world.log("other").contains("kind big, key of 4"));
    assert_eq!(app.stop().code, Some(0));
    world.assert_clean();
}

#[test]
fn what_is_wrong_is_said_and_nothing_of_that_page_is_kept() {
    let world = world();
    // A store that is still being opened at the end warns of nothing.
    let warning = Regex::new("(?m)^warning: No keychain .*\n").unwrap();
    let run = |line| warning.replace(&world.run(line), "").into_owned();
    assert_snapshot!(run("setup"), @"
    exit code: 2
    ----- stdout -----

    ----- stderr -----
    error: Missing answers: `kind`, `key` and `mail`
    hint: Pass it in a file with --answers, or in `KIND`, `KEY` and `MAIL` with --from-env
    ");
    world.write("answers.toml", "kind = \"medium\"\nkey = \"sk-1\"\nmail = \"ada\"\n");
    assert_snapshot!(run("setup --answers answers.toml"), @"
    exit code: 2
    ----- stdout -----

    ----- stderr -----
    error: `kind`: Choose one of the answers.
    hint: Nothing of that page was kept; correct it
    ");
    world.write("answers.toml", "kind = \"small\"\nkey = \"wrong\"\n");
    assert_snapshot!(run("setup --answers answers.toml"), @"
    exit code: 2
    ----- stdout -----

    ----- stderr -----
    error: Missing answers: `mail`
    hint: Pass it in a file with --answers, or in `MAIL` with --from-env
    ");
    world.write("answers.toml", "kind = \"small\"\nkey = \"sk-1\"\n");
    assert_snapshot!(run("setup --answers answers.toml"), @"
    exit code: 2
    ----- stdout -----

    ----- stderr -----
    error: Missing answers: `mail`
    hint: Pass it in a file with --answers, or in `MAIL` with --from-env
    ");
    world.write("answers.toml", "mial = \"ada@example.com\"\n");
    assert_snapshot!(run("setup --answers answers.toml"), @"
    exit code: 2
    ----- stdout -----

    ----- stderr -----
    error: There is no question `mial`
    hint: Did you mean `mail`?
    ");
    world.write("answers.toml", "mail = ada@example.com\n");
    assert_snapshot!(run("setup --answers answers.toml"), @r#"
    exit code: 2
    ----- stdout -----

    ----- stderr -----
    error: answers.toml: line 1: string values must be quoted, expected literal string
    hint: Each line is NAME = VALUE, a text in quotes: mail = "ada@example.com"
    "#);
    world.write("answers.toml", "mail = [\"ada@example.com\"]\n");
    assert_snapshot!(run("setup --answers answers.toml"), @r#"
    exit code: 2
    ----- stdout -----

    ----- stderr -----
    error: answers.toml: `mail` is not a text, number, true or false
    hint: Each line is NAME = VALUE, a text in quotes: mail = "ada@example.com"
    "#);
    assert_snapshot!(run("setup --answers nowhere.toml"), @"
    exit code: 2
    ----- stdout -----

    ----- stderr -----
    error: nowhere.toml cannot be read: No such file or directory (os error 2)
    hint: Check the path and its permissions
    ");
    assert_snapshot!(run("setup --page"), @"
    exit code: 1
    ----- stdout -----

    ----- stderr -----
    error: Notes is not running
    hint: Start it: ensconce run
    ");
    world.assert_clean();
}

#[test]
fn an_app_that_asks_nothing_says_so() {
    let world = World::new(PAGES);
    assert_snapshot!(world.run("setup"), @"
    exit code: 0
    ----- stdout -----

    ----- stderr -----
    Notes asks no questions
    ");
}

/// `ENSCONCE_KILLS=1000` for more of them.
#[test]
fn whoever_is_killed_while_answers_are_kept_leaves_them_whole() {
    let kills: u64 =
        std::env::var("ENSCONCE_KILLS").ok().and_then(|text| text.parse().ok()).unwrap_or(25);
    let world = world();
    let answers = |number: u64| {
        format!("kind = \"big\"\nkey = \"sk-{number}\"\nmail = \"ada{number}@example.com\"\n")
    };
    world.write("answers.toml", answers(0));
    let begun = Instant::now();
    assert!(world.command("setup --answers answers.toml").status().unwrap().success());
    let whole = begun.elapsed();
    let kept = || -> Value {
        let text = fs::read_to_string(world.data(".ensconce/settings.json")).unwrap();
        serde_json::from_str(&text).unwrap()
    };
    let mut before = kept()["answers"]["mail"].clone();
    let (mut old, mut new) = (0, 0);
    for number in 1..=kills {
        world.write("answers.toml", answers(number));
        let mut setup = world.command("setup --answers answers.toml");
        let mut setup = setup.stderr(Stdio::null()).spawn().unwrap();
        // Moments from the whole run, spread by the golden ratio.
        std::thread::sleep(whole.mul_f64((number as f64 * 0.618).fract()));
        setup.kill().unwrap();
        setup.wait().unwrap();
        let mail = kept()["answers"]["mail"].clone();
        let wanted = format!("ada{number}@example.com");
        assert!(mail == before || mail == wanted, "{mail} after {before}");
        if mail == before {
            old += 1
        } else {
            new += 1
        }
        before = mail;
    }
    println!("{old} old, {new} new");
    assert!(world.command("setup --no-input").status().unwrap().success());
    let app = world.start("run --headless");
    assert!(!app.line().contains("/setup/"));
    let mail = before.as_str().unwrap();
    eventually("the service has them", || world.log("other").contains(mail));
    assert_eq!(app.stop().code, Some(0));
    world.assert_clean();
}
