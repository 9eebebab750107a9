//! What somebody types at a terminal: secrets are never shown, and the terminal is given back.

use std::fs;
use std::os::unix::process::ExitStatusExt;
use std::process::Command;

use rustix::process::Signal;

use crate::terminal::Terminal;
use crate::world::{PAGES, World, eventually};

const SECRETS: &str = r#"[ui]
static = "pages"
[secret.key]
[service.api]
command = ["sh", "-c", "printf %s \"$KEY\" > $FILE; echo runs; exec sleep 60"]
env = { KEY = "{secret.key}", FILE = "{data}/key" }
ready = { log = "runs" }
"#;

/// Two secrets in a row; to try the first takes until there is a file `go`.
const SLOW: &str = r#"
[[setup.page]]
title = "One"
fields = [{ name = "one", type = "secret", label = "One", env = "ONE", check = { command = ["sh", "-c", "touch tries; until [ -e go ]; do sleep 0.01; done"] } }]

[[setup.page]]
title = "Two"
fields = [{ name = "two", type = "secret", label = "Two", env = "TWO" }]
"#;

const ASKED: &str = "Value of key: ";

impl World {
    /// What the service is given as the secret `key`.
    fn key_of_service(&self) -> String {
        let app = self.start("run --headless");
        app.line();
        let key = fs::read_to_string(self.data("key")).unwrap();
        assert_eq!(app.stop().code, Some(0));
        key
    }
}

#[test]
fn nothing_is_shown_however_early_it_is_typed() {
    let world = World::new(SECRETS);
    // The question cannot be written yet: what hides the answer must not wait for it.
    let (terminal, output) = Terminal::start_held(world.command("secret set key"));
    eventually("the terminal hides what is typed", || terminal.is_hidden());
    terminal.types("sk-early\n");
    output.release();
    let (status, screen) = terminal.end();
    assert!(status.success(), "{screen}");
    assert!(screen.contains(ASKED) && !screen.contains("early"), "{screen}");
    assert_eq!(world.key_of_service(), "sk-early");
}

#[test]
fn nothing_is_shown_between_two_secrets() {
    let world = World::new(&format!("{PAGES}{SLOW}"));
    let mut terminal = world.at_a_terminal("setup");
    terminal.answers_hidden("One [not shown]: ", "sk-one");
    eventually("the first is tried", || world.app().join("tries").exists());
    assert!(terminal.is_hidden(), "what is typed ahead is shown");
    terminal.types("sk-two\n");
    world.write("go", "");
    let (status, screen) = terminal.end();
    assert!(status.success() && screen.contains("has all its answers"), "{screen}");
    assert!(!screen.contains("sk-"), "{screen}");
    world.assert_clean();
}

#[test]
fn a_passphrase_that_is_pasted_twice_at_once_is_taken() {
    let world = World::new(SECRETS);
    let mut terminal = world.at_a_terminal("secret use passphrase --anew");
    terminal.answers_hidden("New passphrase: ", "four words of mine\nfour words of mine");
    let (status, screen) = terminal.end();
    assert!(status.success() && !screen.contains("words"), "{screen}");
    let mut terminal = world.at_a_terminal("secret set key");
    terminal.answers_hidden(ASKED, "sk-1");
    terminal.answers_hidden("Passphrase: ", "four words of mine");
    let (status, screen) = terminal.end();
    assert!(status.success() && !screen.contains("words"), "{screen}");
    // Two that differ are none.
    let mut terminal = world.at_a_terminal("export all.ensconce --with-secrets");
    terminal.answers_hidden("New passphrase: ", "five words");
    terminal.answers_hidden("Repeat the passphrase: ", "six words");
    let (status, screen) = terminal.end();
    assert!(status.code() == Some(2) && screen.contains("passphrases differ"), "{screen}");
}

#[test]
fn a_secret_is_edited_and_may_be_long() {
    let world = World::new(SECRETS);
    let mut terminal = world.at_a_terminal("secret set key");
    // Backspace, a word, the whole line, and an arrow, which is no part of it.
    terminal.answers_hidden(ASKED, "no\u{15}a \u{e4}\u{7f}bc word\u{17}\u{1b}[D");
    assert!(terminal.end().0.success());
    assert_eq!(world.key_of_service(), "a bc ");
    // More than the system keeps of a line.
    let long = "0123456789".repeat(420);
    let mut terminal = world.at_a_terminal("secret set key");
    terminal.answers_hidden(ASKED, &long);
    let (status, screen) = terminal.end();
    assert!(status.success() && !screen.contains("0123"), "{screen}");
    assert_eq!(world.key_of_service(), long);
}

#[test]
fn the_question_is_asked_at_the_terminal_wherever_messages_go() {
    let world = World::new(SECRETS);
    let log = world.app().join("log");
    let mut command = Command::new("sh");
    let line = "exec \"$0\" secret set key 2> log";
    command.args(["-c", line]).arg(world.command("").get_program());
    let plain = world.command("");
    command.envs(plain.get_envs().filter_map(|(name, value)| Some((name, value?))));
    let mut terminal = Terminal::start({
        command.current_dir(world.app());
        command
    });
    terminal.answers_hidden(ASKED, "sk-1");
    assert!(terminal.end().0.success());
    assert!(fs::read_to_string(log).unwrap().contains("key is kept"));
}

#[test]
fn whoever_gives_up_gets_the_terminal_back() {
    let world = World::new(SECRETS);
    // Ctrl-C and Ctrl-\, after something was typed.
    for (key, signal) in [("\u{3}", Signal::INT), ("\u{1c}", Signal::QUIT)] {
        let mut terminal = world.at_a_terminal("secret set key");
        terminal.expects(ASKED);
        terminal.types(&format!("sk-1{key}"));
        let (status, screen) = terminal.end();
        assert_eq!(status.signal(), Some(signal.as_raw()), "{screen}");
        assert!(!screen.contains("sk-1"), "{screen}");
    }
    for signal in [Signal::INT, Signal::TERM, Signal::HUP] {
        let mut terminal = world.at_a_terminal("secret set key");
        terminal.expects(ASKED);
        terminal.signal(signal);
        let (status, screen) = terminal.end();
        assert_eq!(status.signal(), Some(signal.as_raw()), "{screen}");
    }
    // Ctrl-D.
    let mut terminal = world.at_a_terminal("secret set key");
    terminal.expects(ASKED);
    terminal.types("\u{4}");
    let (status, screen) = terminal.end();
    assert_eq!(status.code(), Some(1), "{screen}");
    assert!(screen.contains("error: The input ended before there was an answer"), "{screen}");
    assert!(!world.data(".ensconce").exists());
}

#[test]
fn whoever_gives_up_a_setup_gets_the_terminal_back() {
    let world = World::new(&format!("{PAGES}{SLOW}"));
    // While an answer is tried, with the app's processes running.
    let mut terminal = world.at_a_terminal("setup");
    terminal.answers_hidden("One [not shown]: ", "sk-one");
    eventually("the first is tried", || world.app().join("tries").exists());
    terminal.types("\u{3}");
    let (status, screen) = terminal.end();
    assert_eq!(status.signal(), Some(Signal::INT.as_raw()), "{screen}");
    eventually("nothing is left", || world.processes().is_empty());
    let mut terminal = world.at_a_terminal("setup");
    terminal.expects("One [not shown]: ");
    terminal.types("\u{4}");
    let (status, screen) = terminal.end();
    assert_eq!(status.code(), Some(1), "{screen}");
    assert!(screen.contains("continue with: ensconce setup"), "{screen}");
}

#[test]
fn nothing_stops_where_nobody_would_let_it_go_on() {
    let world = World::new(SECRETS);
    // As under `ssh -t` or in a terminal of its own: there is no shell to type `fg` into.
    let mut terminal = world.at_a_terminal("secret set key");
    terminal.expects(ASKED);
    terminal.types("\u{1a}sk-1\n");
    let (status, screen) = terminal.end();
    assert!(status.success() && !screen.contains("sk-"), "{screen}");
    assert_eq!(world.key_of_service(), "sk-1");
}

#[test]
fn a_stop_gives_the_terminal_back_until_it_goes_on() {
    let world = World::new(SECRETS);
    let mut command = Command::new("bash");
    command.args(["-mc", "\"$0\" secret set key; echo stopped; read -r x; fg >/dev/null"]);
    command.arg(world.command("").get_program()).current_dir(world.app());
    let plain = world.command("");
    command.envs(plain.get_envs().filter_map(|(name, value)| Some((name, value?))));
    let mut terminal = Terminal::start(command);
    terminal.expects(ASKED);
    terminal.types("\u{1a}");
    terminal.expects("stopped\n");
    terminal.assert_given_back();
    terminal.types("go on\n");
    // It asks once more.
    terminal.answers_hidden(ASKED, "sk-1");
    let (status, screen) = terminal.end();
    assert!(status.success() && !screen.contains("sk-"), "{screen}");
    assert_eq!(world.key_of_service(), "sk-1");
}
