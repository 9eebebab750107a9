//! `ensconce dev --headless`.

use insta::assert_snapshot;
use rustix::process::Signal;

use crate::http::page;
use crate::running::Running;
use crate::world::{PAGES, World};

/// Two services that say who they are and with which word; `one` has another in development.
fn two(one: &str, other: &str) -> String {
    let service = |name: &str, word: &str, more: &str| {
        format!(
            "[service.{name}]\n\
             command = [\"sh\", \"-c\", \"echo {name} says $WORD from $$; exec sleep 60\"]\n\
             env = {{ WORD = \"{word}\" }}\nready = {{ log = \"says\" }}\n{more}"
        )
    };
    let dev = format!("dev = {{ env = {{ WORD = \"{one}\" }} }}\n");
    [PAGES.to_owned(), service("one", "nothing", &dev), service("other", other, "")].concat()
}

/// Both of the first lines, in the order of their names.
fn first_lines(app: &Running) -> [String; 2] {
    let mut lines = [app.hears(" says "), app.hears(" says ")];
    lines.sort();
    lines
}

#[test]
fn one_merged_log_with_the_words_of_development() {
    let world = World::new(&two("hello", "hi"));
    let app = world.start("dev --headless");
    let lines = first_lines(&app).map(|line| line.rsplit_once(' ').unwrap().0.to_owned());
    assert_eq!(lines, ["one        | one says hello from", "other      | other says hi from"]);
    assert_eq!(page(&app.line(), "/").body, "<h1>Notes</h1>");
    app.signal(Signal::INT);
    let ended = app.end();
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(0), ""));
    world.assert_clean();
}

#[test]
fn only_what_has_changed_is_restarted() {
    let world = World::new(&two("hello", "hi"));
    let app = world.start("dev --headless");
    first_lines(&app);
    app.line();
    world.manifest(&two("again", "hi"));
    assert_eq!(app.hears("manifest"), "The manifest was saved; restarting one");
    let line = app.hears(" says ");
    assert!(line.contains("one says again"), "{line}");
    let ended = app.stop();
    assert_eq!(ended.code, Some(0));
    assert!(!ended.stderr.contains(" says "), "{}", ended.stderr);
    world.assert_clean();
}

#[test]
fn a_mistake_while_editing_is_shown_and_the_app_goes_on() {
    let world = World::new(&two("hello", "hi"));
    let app = world.start("dev --headless");
    first_lines(&app);
    let url = app.line();
    world.manifest(&two("hello", "hi").replace("env =", "evn ="));
    let mut said = vec![app.hears("error")];
    while said.last().is_some_and(|line| line != "The app goes on as it was") {
        said.push(app.hears(""));
    }
    assert_snapshot!(said.join("\n"), @r#"
    error: Unknown key `evn` in `service.one`
     --> ensconce.toml:9:1
      |
    9 | evn = { WORD = "nothing" }
      | ^^^
      |
      = hint: Did you mean `env`?

    error: Unknown key `evn` in `service.one.dev`
      --> ensconce.toml:11:9
       |
    11 | dev = { evn = { WORD = "hello" } }
       |         ^^^
       |
       = hint: Did you mean `env`?

    error: Unknown key `evn` in `service.other`
      --> ensconce.toml:14:1
       |
    14 | evn = { WORD = "hi" }
       | ^^^
       |
       = hint: Did you mean `env`?
    The app goes on as it was
    "#);
    assert_eq!(page(&url, "/").body, "<h1>Notes</h1>");
    world.manifest(&two("hello", "better"));
    assert!(app.hears(" says ").contains("other says better"));
    assert_eq!(app.stop().code, Some(0));
    world.assert_clean();
}

#[test]
fn what_has_failed_starts_when_the_manifest_is_saved() {
    let world = World::new(&format!("{PAGES}[service.api]\ncommand = [\"no-such-program\"]\n"));
    let app = world.start("dev --headless");
    app.hears("the program `no-such-program` was not found");
    app.hears("Save the manifest to try again");
    world.manifest(&format!("{PAGES}[service.api]\ncommand = [\"sleep\", \"60\"]\n"));
    app.line();
    assert_eq!(app.stop().code, Some(0));
    world.assert_clean();
}

#[test]
fn a_secret_that_is_added_while_it_runs() {
    let world = World::new(&two("hello", "hi"));
    let app = world.start("dev --headless");
    first_lines(&app);
    app.line();
    let with_secret = two("{secret.key}", "hi");
    world.manifest(&format!("{with_secret}[secret.key]\ngenerate = 32\n"));
    let line = app.hears(" says ");
    assert!(line.contains("one says <secret key> from"), "{line}");
    assert_eq!(app.stop().code, Some(0));
}

#[test]
fn a_folder_or_file_with_another_name() {
    let world = World::new(PAGES);
    let text = std::fs::read(world.app().join("ensconce.toml")).unwrap();
    world.write("notes.toml", text);
    let app = world.start("dev --headless notes.toml");
    app.line();
    world.write("notes.toml", "[app]\n");
    app.hears("notes.toml");
    app.hears("The app goes on as it was");
    assert_eq!(app.stop().code, Some(0));
}
