//! Care for the user's data: backups, the way back from a failed update, one file of everything.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use ensconce_protocol::{DataLock, DatabaseFile, HelperRequest, HelperWork, UnpackRequest};
use rustix::process::Signal;
use serde_json::Value;

use crate::running::Running;
use crate::world::{PAGES, World, eventually};

/// Changes the database as the version of the app says, and fails when it is told to.
const MIGRATE: &str = r#"
import os, sqlite3, sys
database = sqlite3.connect(os.environ["DATABASE"])
database.execute("CREATE TABLE IF NOT EXISTS notes (text)")
database.execute("INSERT INTO notes VALUES (?)", [os.environ["VERSION"]])
database.commit()
if os.environ.get("FAIL"):
    database.execute("DROP TABLE notes")
    database.commit()
    sys.exit("there is no way on")
"#;

const APP: &str = r#"
[task.migrate]
command = ["{python}", "migrate.py"]
env = { DATABASE = "{data}/notes.db", VERSION = "{app.version}" }

[service.other]
command = ["sleep", "1000"]
needs = ["migrate"]

[database.main]
file = "{data}/notes.db"
migrate = "migrate"
"#;

fn world() -> World {
    let world = World::new(&format!("{PAGES}{APP}"));
    world.write("migrate.py", MIGRATE);
    world
}

fn run_once(world: &World) {
    let app = world.start("run --headless");
    app.line();
    assert_eq!(app.stop().code, Some(0));
}

fn edit(world: &World, from: &str, to: &str) {
    let file = world.app().join("ensconce.toml");
    let text = fs::read_to_string(&file).unwrap();
    assert!(text.contains(from), "{text}");
    fs::write(file, text.replace(from, to)).unwrap();
}

/// What the database holds.
fn notes(world: &World) -> String {
    let ask = "import sqlite3, sys; print([row[0] for row in \
               sqlite3.connect(sys.argv[1]).execute('SELECT text FROM notes')])";
    let mut python = Command::new("python3");
    let output = python.args(["-c", ask]).arg(world.data("notes.db")).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

fn says(world: &World, line: &str, code: i32) -> String {
    let output = world.command(line).output().unwrap();
    let text = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
    assert_eq!(output.status.code(), Some(code), "{line}: {text}");
    text
}

fn backups(world: &World) -> Vec<String> {
    let entries = fs::read_dir(world.data(".ensconce/backups")).unwrap().flatten();
    let names = entries.map(|entry| entry.file_name().into_string().unwrap());
    names.filter(|name| name.ends_with(".sqlite")).collect()
}

#[test]
fn an_update_that_fails_leaves_the_data_as_it_was() {
    let world = world();
    run_once(&world);
    assert_eq!(notes(&world), "['1.0.0']");
    edit(&world, "1.0.0", "2.0.0");
    edit(&world, "VERSION =", "FAIL = \"yes\", VERSION =");
    let text = says(&world, "run --headless", 1);
    assert!(text.contains("there is no way on"), "{text}");
    assert_eq!(notes(&world), "['1.0.0']");
    // A version that works goes on from there, with a backup of what was.
    edit(&world, "FAIL = \"yes\", ", "");
    run_once(&world);
    assert_eq!(notes(&world), "['1.0.0', '2.0.0']");
    let made = backups(&world);
    assert!(made.iter().any(|name| name.ends_with("-before-2.0.0.sqlite")), "{made:?}");
    world.assert_clean();
}

#[test]
fn a_backup_is_put_back() {
    let world = world();
    run_once(&world);
    says(&world, "backup", 0);
    run_once(&world);
    assert_eq!(notes(&world), "['1.0.0', '1.0.0']");
    let list = says(&world, "restore main --list", 0);
    assert!(list.contains("main-"), "{list}");
    says(&world, "restore main", 0);
    assert_eq!(notes(&world), "['1.0.0']");
    let text = says(&world, "backup mian", 2);
    assert!(text.contains("main"), "{text}");
    world.assert_clean();
}

/// Is killed when it is asked for some work the first time; else it is the helper.
#[cfg(unix)]
const FRAIL_HELPER: &str = r#"#!/bin/sh
request=$(cat)
case $request in
*'"kind":"KIND"'*)
    if mkdir "$0.was-killed" 2>/dev/null; then
        kill -KILL $$
    fi
    ;;
esac
printf %s "$request" | exec "$0.real" "$@"
"#;

/// Makes a copy of the program with another helper, beside which the real one is `….real`; returns
/// the folder.
#[cfg(unix)]
fn with_helper(world: &World, script: &str) -> PathBuf {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let own = Path::new(env!("CARGO_BIN_EXE_ensconce"));
    let bin = world.app().join("bin");
    fs::create_dir(&bin).unwrap();
    fs::copy(own, bin.join("ensconce")).unwrap();
    for (name, here) in
        [("ensconce-guard", "ensconce-guard"), ("ensconce-helper", "ensconce-helper.real")]
    {
        symlink(own.with_file_name(name), bin.join(here)).unwrap();
    }
    let helper = bin.join("ensconce-helper");
    fs::write(&helper, script).unwrap();
    fs::set_permissions(&helper, fs::Permissions::from_mode(0o755)).unwrap();
    bin
}

/// Never comes to its end when it is asked to forget a swap.
#[cfg(unix)]
const SLOW_HELPER: &str = r#"#!/bin/sh
request=$(cat)
case $request in
*'"kind":"forget"'*)
    mkdir "$0.forgets"
    exec sleep 1000
    ;;
esac
printf %s "$request" | exec "$0.real" "$@"
"#;

/// The answers of an imported file are kept once more if the app is killed before all is over; what
/// was saved after them must not be acknowledged before that cannot happen any more.
#[cfg(unix)]
#[test]
fn a_setting_that_is_saved_at_the_end_of_an_import_is_not_lost() {
    let question = "[[setup.page]]\ntitle = \"Looks\"\n[[setup.page.fields]]\n\
                    name = \"colour\"\nlabel = \"Colour\"\ndefault = \"none\"\n";
    let world = World::new(&format!("{PAGES}{APP}{question}"));
    world.write("migrate.py", MIGRATE);
    world.write("green.toml", "colour = \"green\"");
    world.write("blue.toml", "colour = \"blue\"");
    run_once(&world);
    says(&world, "setup --no-input --answers green.toml", 0);
    says(&world, "export all.ensconce", 0);
    let bin = with_helper(&world, SLOW_HELPER);
    let app = Running::start(world.command_of(&bin.join("ensconce"), "run --headless"));
    app.line();
    let mut importing = world.command("import all.ensconce").spawn().unwrap();
    eventually("the import ends", || bin.join("ensconce-helper.forgets").exists());
    let mut saving = world.command("setup --no-input --answers blue.toml").spawn().unwrap();
    // As long as an acknowledgement would take, and more; there is none to wait for.
    let limit = Instant::now() + Duration::from_secs(1);
    let mut saved = None;
    while saved.is_none() && Instant::now() < limit {
        saved = saving.try_wait().unwrap();
        thread::sleep(Duration::from_millis(10));
    }
    app.signal(Signal::KILL);
    app.end();
    importing.wait().unwrap();
    let saved = saved.unwrap_or_else(|| saving.wait().unwrap());
    run_once(&world);
    let settings = fs::read_to_string(world.data(".ensconce/settings.json")).unwrap();
    assert!(!saved.success() || settings.contains("blue"), "{settings}");
    assert!(settings.contains("blue") || settings.contains("green"), "{settings}");
    world.assert_clean();
}

#[cfg(unix)]
#[test]
fn an_interrupted_command_says_that_the_app_goes_on() {
    let world = world();
    run_once(&world);
    says(&world, "backup", 0);
    let bin = with_helper(&world, SLOW_HELPER);
    let app = Running::start(world.command_of(&bin.join("ensconce"), "run --headless"));
    app.line();
    let mut command = world.command("restore main");
    let restoring = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    eventually("it is restored", || bin.join("ensconce-helper.forgets").exists());
    rustix::process::kill_process(rustix::process::Pid::from_child(&restoring), Signal::INT)
        .unwrap();
    let ended = restoring.wait_with_output().unwrap();
    let text = String::from_utf8(ended.stderr).unwrap();
    assert_eq!(ended.status.code(), Some(130), "{text}");
    assert!(text.contains("Notes is running, and goes on"), "{text}");
    app.signal(Signal::KILL);
    app.end();
    run_once(&world);
    world.assert_clean();
}

/// One helper that is killed, for want of memory for instance, does not decide how work on the data
/// ends.
#[cfg(unix)]
#[test]
fn a_helper_that_is_killed_at_the_end_of_a_swap_is_asked_again() {
    for kind in ["restore", "forget"] {
        let world = world();
        run_once(&world);
        says(&world, "backup", 0);
        run_once(&world);
        let bin = with_helper(&world, &FRAIL_HELPER.replace("KIND", kind));
        let restored = world.command_of(&bin.join("ensconce"), "restore main").output().unwrap();
        let text = String::from_utf8(restored.stderr).unwrap();
        assert!(bin.join("ensconce-helper.was-killed").exists(), "{kind}: {text}");
        // The one that puts the backup in its place has not begun: nothing was changed.
        let (code, data) = match kind {
            "restore" => (1, "['1.0.0', '1.0.0']"),
            _ => (0, "['1.0.0']"),
        };
        assert_eq!(restored.status.code(), Some(code), "{kind}: {text}");
        assert_eq!(notes(&world), data, "{kind}: {text}");
        assert!(!world.data(".ensconce/swap").exists(), "{kind}: {text}");
        world.assert_clean();
    }
}

/// A database that nothing migrates, and an app that was killed.
#[test]
fn after_a_crash_a_damaged_database_is_not_used() {
    let rest = APP.split("[database.main]").next().unwrap();
    let world =
        World::new(&format!("{PAGES}{rest}[database.main]\nfile = \"{{data}}/notes.db\"\n"));
    world.write("migrate.py", MIGRATE);
    let kill = || {
        let app = world.start("run --headless");
        app.line();
        app.signal(Signal::KILL);
        app.end();
    };
    kill();
    // A whole one is looked at, and used.
    let app = world.start("run --headless --json");
    app.event_of("ready");
    assert!(says(&world, "status --json", 0).contains("database.check"));
    assert_eq!(app.stop().code, Some(0));
    // That is none of the app's tasks: nothing depends on whether it has run on this data.
    let state = fs::read_to_string(world.data(".ensconce/state.json")).unwrap();
    assert!(state.contains("migrate") && !state.contains("database.check"), "{state}");
    kill();
    let mut content = fs::read(world.data("notes.db")).unwrap();
    let middle = content.len() / 2;
    content[middle..].fill(0xA5);
    fs::write(world.data("notes.db"), &content).unwrap();
    let _ = fs::remove_file(world.data("notes.db-wal"));
    // Nor at the start after that, although this one ends in order.
    for _ in 0..2 {
        let text = says(&world, "run --headless", 1);
        assert!(text.contains("is damaged") && text.contains("Backups are in"), "{text}");
        assert_eq!(fs::read(world.data("notes.db")).unwrap(), content);
    }
    world.assert_clean();
}

/// Has the helper do something as an app does that is killed then.
fn help(request: &HelperRequest) {
    let helper = Path::new(env!("CARGO_BIN_EXE_ensconce")).with_file_name("ensconce-helper");
    let mut helper = Command::new(helper);
    let mut helper = helper.arg("run").stdin(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
    serde_json::to_writer(helper.stdin.take().unwrap(), request).unwrap();
    assert!(helper.wait().unwrap().success());
}

/// The app is killed when the data is in its place and the settings are not.
#[test]
fn the_next_start_ends_an_import() {
    let asks =
        "[[setup.page]]\ntitle = \"You\"\nfields = [{ name = \"mail\", label = \"E-mail\" }]\n";
    let world = World::new(&format!("{PAGES}{APP}{asks}"));
    world.write("migrate.py", MIGRATE);
    let answer = |mail: &str| {
        world.write("answers.toml", format!("mail = \"{mail}\"\n"));
        says(&world, "setup --answers answers.toml", 0);
    };
    answer("ada@example.com");
    says(&world, "export all.ensconce", 0);
    answer("bob@example.com");
    let data = world.data("notes.db").parent().unwrap().to_owned();
    let own = data.join(".ensconce");
    let databases = vec![DatabaseFile { name: "main".to_owned(), file: world.data("notes.db") }];
    let journal = own.join("swap");
    let announcement = own.join("running.json");
    fs::write(&announcement, r#"{ "pid": 1, "launch": "killed", "control": null }"#).unwrap();
    let updates = own.join("backups");
    let lock = DataLock {
        file: own.join("data.lock"),
        announcement,
        launch: "killed".to_owned(),
        data: data.clone(),
        updates: updates.clone(),
    };
    let help = |work| help(&HelperRequest { lock: Some(lock.clone()), work });
    help(HelperWork::Unpack(UnpackRequest {
        from: world.app().join("all.ensconce"),
        app_id: "com.example.notes".to_owned(),
        data: data.clone(),
        leave_out: vec![".ensconce".to_owned()],
        databases: databases.clone(),
        journal: journal.clone(),
    }));
    help(HelperWork::Import { data, databases, journal: journal.clone(), updates });
    assert!(journal.exists());
    let mail = || fs::read_to_string(world.data(".ensconce/settings.json")).unwrap();
    assert!(mail().contains("bob@example.com"));
    run_once(&world);
    assert!(mail().contains("ada@example.com"));
    assert!(!journal.exists());
    // It is over: what is answered from now on stays.
    answer("eve@example.com");
    run_once(&world);
    assert!(mail().contains("eve@example.com"));
    world.assert_clean();
}

#[test]
fn secrets_come_along_with_their_passphrase_only() {
    let rest = format!(
        "{PAGES}{APP}[secret.api-key]\n[[setup.page]]\ntitle = \"You\"\nfields = [{{ name = \"mail\", label = \"E-mail\", env = \"MAIL\" }}]\n"
    );
    let set_up = |mail: &str, key: Option<&str>| {
        let world = World::new(&rest);
        world.write("migrate.py", MIGRATE);
        world.write("passphrase", "correct horse\n");
        world.write("answers.toml", format!("mail = \"{mail}\"\n"));
        says(&world, "setup --answers answers.toml", 0);
        if let Some(key) = key {
            world.write("key", key);
            let mut command = world.command("secret set api-key");
            command.stdin(fs::File::open(world.app().join("key")).unwrap());
            assert!(command.status().unwrap().success());
        }
        world
    };
    let first = set_up("ada@example.com", Some("sk-marked"));
    says(&first, "export all.ensconce --passphrase-file passphrase", 0);
    let bytes = fs::read(first.app().join("all.ensconce")).unwrap();
    let unpacked = zstd::decode_all(bytes.as_slice()).unwrap();
    assert!(!unpacked.windows(9).any(|part| part == b"sk-marked"));

    let second = set_up("bob@example.com", None);
    fs::copy(first.app().join("all.ensconce"), second.app().join("all.ensconce")).unwrap();
    second.write("wrong", "incorrect horse\n");
    let text = says(&second, "import all.ensconce --passphrase-file wrong", 1);
    assert!(text.contains("passphrase"), "{text}");
    let has_key = || says(&second, "secret list", 0).contains("api-key  given");
    assert!(!has_key());
    says(&second, "import all.ensconce --passphrase-file passphrase", 0);
    assert!(has_key());
    let settings = fs::read_to_string(second.data(".ensconce/settings.json")).unwrap();
    assert!(settings.contains("ada@example.com"), "{settings}");
    let parent = second.data("").parent().unwrap().to_owned();
    let names: Vec<_> =
        fs::read_dir(parent).unwrap().flatten().map(|one| one.file_name()).collect();
    assert!(!names.iter().any(|name| name.to_string_lossy().ends_with(".importing")), "{names:?}");
}

#[test]
fn everything_goes_into_a_file_and_back_while_the_app_runs() {
    let world = world();
    let app = world.start("run --headless");
    app.line();
    fs::write(world.data("letter.txt"), "Dear Ada").unwrap();
    says(&world, "export all.ensconce", 0);
    fs::remove_file(world.data("letter.txt")).unwrap();
    says(&world, "import all.ensconce", 0);
    assert_eq!(fs::read_to_string(world.data("letter.txt")).unwrap(), "Dear Ada");
    eventually("the app is up again", || {
        let status: Value = serde_json::from_str(&says(&world, "status --json", 0)).unwrap();
        status["phase"] == "ready"
    });
    fs::write(world.app().join("broken.ensconce"), "no such file").unwrap();
    let text = says(&world, "import broken.ensconce", 1);
    assert!(!text.contains("panicked"), "{text}");
    assert_eq!(fs::read_to_string(world.data("letter.txt")).unwrap(), "Dear Ada");
    assert_eq!(app.stop().code, Some(0));
    world.assert_clean();
}
