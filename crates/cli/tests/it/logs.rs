//! What tasks and services write: in the log files, and by `ensconce logs`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use insta::assert_snapshot;
use regex::Regex;
use rustix::process::Signal;
use serde_json::Value;

use crate::world::{PAGES, World, eventually};

/// A service that says a few words, and goes on when there is a file `go`.
const TALKER: &str = r#"[ui]
static = "pages"
[task.prepare]
command = ["sh", "-c", "echo prepared"]
[service.api]
command = ["sh", "-c", "echo one; echo two >&2; echo up; until [ -e {data}/go ]; do sleep 0.02; done; echo three; exec sleep 60"]
ready = { log = "up" }
needs = ["prepare"]
"#;

fn talker() -> World {
    World::new(TALKER)
}

/// Runs the app once, and stops it.
fn run_once(world: &World) {
    let app = world.start("run --headless");
    app.line();
    assert_eq!(app.stop().code, Some(0));
}

#[test]
fn the_log_of_an_app_that_does_not_run() {
    let world = talker();
    run_once(&world);
    let shown = world.run("logs");
    // What goes to two streams may come in another order.
    let (mut lines, mut sorted): (Vec<&str>, Vec<&str>) = (shown.lines().collect(), Vec::new());
    sorted.extend(lines.drain(3..6));
    sorted.sort_unstable();
    assert_snapshot!(sorted.join("\n"), @"
    [DATE] api        ! two
    [DATE] api        | one
    [DATE] api        | up
    ");
    assert_snapshot!(world.run("logs prepare"), @"
    exit code: 0
    ----- stdout -----
    [DATE] prepare    | prepared

    ----- stderr -----
    ");
    assert_snapshot!(world.run("logs prepare --json"), @r#"
    exit code: 0
    ----- stdout -----
    {"time":"[DATE]","service":"prepare","stream":"stdout","text":"prepared"}

    ----- stderr -----
    "#);
    assert_eq!(world.run("logs -n 1").matches("[DATE]").count(), 1);
}

#[test]
fn a_log_is_followed_while_the_app_runs_and_is_started_again() {
    let world = talker();
    let followed = world.start("logs -f api --json");
    let app = world.start("run --headless");
    let next = || {
        let line: Value = followed.event();
        let text = line["text"].as_str().unwrap().to_owned();
        assert_eq!(line["service"], "api");
        assert_eq!(line["stream"], if text == "two" { "stderr" } else { "stdout" });
        text
    };
    let mut first = [next(), next(), next()];
    first.sort_unstable();
    assert_eq!(first, ["one", "two", "up"]);
    fs::write(world.data("go"), "").unwrap();
    assert_eq!(next(), "three");
    app.line();
    assert_eq!(app.stop().code, Some(0));
    let again = world.start("run --headless");
    assert_eq!(followed.event()["time"].as_str().unwrap().len(), 24);
    assert_eq!(again.stop().code, Some(0));
    followed.signal(Signal::INT);
    assert_eq!(followed.end().code, None, "it ends by the signal");
}

#[test]
fn a_service_that_does_not_exist() {
    let world = talker();
    assert_snapshot!(world.run("logs apu"), @"
    exit code: 2
    ----- stdout -----

    ----- stderr -----
    error: There is no task or service `apu`
    hint: Did you mean `api`?
    ");
    assert_snapshot!(world.run("logs somebody"), @"
    exit code: 2
    ----- stdout -----

    ----- stderr -----
    error: There is no task or service `somebody`
    hint: Known names: api, prepare
    ");
}

#[test]
fn an_app_that_never_ran() {
    assert_snapshot!(talker().run("logs"), @"
    exit code: 0
    ----- stdout -----

    ----- stderr -----
    The log is empty
    ");
}

#[test]
fn another_folder_and_another_place() {
    let world = talker();
    let app = world.start("run --headless --data-dir mine");
    app.line();
    assert_eq!(app.stop().code, Some(0));
    let shown = world.run("logs prepare --data-dir mine --manifest ensconce.toml");
    assert!(shown.contains("| prepared"), "{shown}");
}

#[test]
fn of_a_flood_every_line_is_there_or_counted() {
    const LINES: u64 = 1_000_000;
    let world =
        World::new(&format!("{PAGES}[task.flood]\ncommand = [\"seq\", \"1\", \"{LINES}\"]\n"));
    let app = world.start("run --headless");
    app.line();
    assert_eq!(app.stop().code, Some(0));
    // The newest 30 MB are kept, so the beginning may be missing, and only that.
    let shown = world.command("logs flood --json -n 10000000").output().unwrap().stdout;
    let mut expected = None;
    for line in String::from_utf8(shown).unwrap().lines() {
        let line: Value = serde_json::from_str(line).unwrap();
        let text = line["text"].as_str().unwrap();
        if line["stream"] == "ensconce" {
            let count: u64 = text.split_once(' ').unwrap().0.parse().unwrap();
            expected = expected.map(|expected: u64| expected + count);
        } else {
            let number: u64 = text.parse().unwrap();
            assert_eq!(*expected.get_or_insert(number), number);
            expected = Some(number + 1);
        }
    }
    assert_eq!(expected, Some(LINES + 1));
}

#[test]
fn no_secret_is_in_a_log_or_a_report_in_any_form() {
    let world = World::new(&format!(
        r#"{PAGES}[secret.session]
generate = 32
[task.talk]
command = ["{{python}}", "talk.py"]
env = {{ KEY = "{{secret.session}}", FILE = "{{data}}/key", TOKEN = "ghp_abcdefghijklmnopqrstuvwxyz0123456789" }}
"#
    ));
    world.write(
        "talk.py",
        r#"
import base64, json, os, sys, time, urllib.parse
key = os.environ["KEY"]
open(os.environ["FILE"], "w").write(key)
print("plain", key)
print("base64", base64.b64encode(("user:" + key).encode()).decode())
print("json", json.dumps({"key": key}))
print("url", urllib.parse.quote("a b " + key))
print("token", os.environ["TOKEN"])
print("x" * (16 * 1024 - 20) + " " + key)
sys.stdout.write("half " + key[:20])
sys.stdout.flush()
time.sleep(0.05)
sys.stdout.write(key[20:] + "\n")
sys.exit(3)
"#,
    );
    let shown = world.run("run --headless --verbose");
    let key = fs::read_to_string(world.data("key")).unwrap();
    let mut files = files_below(&world.logs());
    assert_eq!(files.len(), 3, "talk.log, app.log and a report: {files:?}");
    files.sort();
    let text = |path: &PathBuf| fs::read_to_string(path).unwrap();
    for text in files.iter().map(text).chain([shown]) {
        for secret in [key.as_str(), &key[4..30], "ghp_abcd"] {
            assert!(!text.contains(secret), "{secret} in {text}");
        }
        assert!(!text.contains(&base64_of(&key)[4..30]), "{text}");
        assert!(text.contains("half <secret session>"), "{text}");
    }
}

/// As the service of the test above wrote it.
fn base64_of(key: &str) -> String {
    let script =
        "import base64, sys; print(base64.b64encode(('user:' + sys.argv[1]).encode()).decode())";
    let output = Command::new("python3").args(["-c", script, key]).output().unwrap().stdout;
    String::from_utf8(output).unwrap().trim_start_matches("dXNlcj").to_owned()
}

fn files_below(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { files_below(&path) } else { vec![path] }).collect()
}

#[test]
fn a_report_is_kept_of_a_failure() {
    let world = World::new(&format!(
        "{PAGES}[service.api]\ncommand = [\"sh\", \"-c\", \"echo no database; exit 3\", \"{{port}}\"]\n\
         env = {{ DATABASE_URL = \"postgres://ada:hunter2@localhost/notes\" }}\n"
    ));
    let screen = world.run("run --headless");
    let reports = files_below(&world.logs().join("reports"));
    assert_eq!(reports.len(), 1, "{reports:?}");
    let path = reports[0].canonicalize().unwrap();
    assert!(screen.contains(&world.filter(&format!("report: {}", path.display()))), "{screen}");
    let text = fs::read_to_string(&path).unwrap();
    let text = Regex::new(r"Ensconce .*").unwrap().replace(&text, "Ensconce [VERSION]");
    assert_snapshot!(world.filter(&text), @"
    Notes 1.0.0 (com.example.notes)
    [DATE]
    Ensconce [VERSION]

    What failed
    -----------
    `api` ended with exit code 3 before it was ready
    after [TIME]

    States
    ------
    api  failed: `api` ended with exit code 3 before it was ready

    Last output
    -----------
    no database

    Plan
    ----
    Notes 1.0.0 (com.example.notes)
       pages    http://notes.localhost/ from [ROOT]/app/pages
       data     [ROOT]/home/.local/share/com.example.notes
       config   [ROOT]/home/.config/com.example.notes
       cache    [ROOT]/home/.cache/com.example.notes
       logs     [ROOT]/home/.local/state/com.example.notes/logs
       run      [ROOT]/tmp/ensconce-[RUN]

    1. service api
       command  sh -c \"echo no database; exit 3\" \"<port of api>\"
       folder   [ROOT]/app
       env      DATABASE_URL=postgres://ada:<secret password>@localhost/notes
       listens  on a free port of 127.0.0.1
       ready    when it accepts connections, within 60 s
       stop     SIGTERM, killed after 10 s
    ");
}

#[test]
fn a_report_is_kept_of_an_app_that_cannot_start() {
    let world = World::new(PAGES);
    let data = world.data("x").parent().unwrap().to_owned();
    fs::create_dir_all(data.parent().unwrap()).unwrap();
    fs::write(data, "a file where the folder should be").unwrap();
    let screen = world.run("run --headless");
    assert!(screen.starts_with("exit code: 1"), "{screen}");
    let reports = files_below(&world.logs().join("reports"));
    let text = fs::read_to_string(&reports[0]).unwrap();
    assert!(text.contains("The app could not start"), "{text}");
    assert!(text.contains("cannot be used"), "{text}");
}

#[test]
fn mistakes_of_the_manifest_make_no_report() {
    let world = World::new("[ui]\nstatic = \"missing\"\n");
    assert!(world.run("run --headless").starts_with("exit code: 2"));
    assert!(!world.logs().exists());
}

/// A disk that is soon full.
#[cfg(target_os = "linux")]
struct SmallDisk(PathBuf);

#[cfg(target_os = "linux")]
impl SmallDisk {
    /// `None` where this user may not have one.
    fn mount(folder: PathBuf) -> Option<Self> {
        fs::create_dir_all(&folder).unwrap();
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", "size=32m", "tmpfs"]).arg(&folder);
        let mounted = mount.output().is_ok_and(|output| output.status.success());
        mounted.then(|| Self(folder.canonicalize().unwrap()))
    }
}

#[cfg(target_os = "linux")]
impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(&self.0).status();
    }
}

#[test]
#[cfg(target_os = "linux")]
fn a_full_disk_is_survived_and_logging_goes_on_when_there_is_room() {
    let world = World::new(&format!(
        "{PAGES}[service.api]\ncommand = [\"sh\", \"-c\", \"echo up; until [ -e {{data}}/flood ]; do \
         sleep 0.02; done; seq 1 200000; echo flooded > {{data}}/flooded; until [ -e {{data}}/go ]; \
         do sleep 0.02; done; echo after; exec sleep 60\"]\nready = {{ log = \"up\" }}\n"
    ));
    let Some(disk) = SmallDisk::mount(world.logs()) else {
        return eprintln!("skipped: only root can mount a small disk");
    };
    let filler = disk.0.join("filler");
    // Without it, there is room for all.
    fs::write(&filler, vec![0; 31 * 1024 * 1024]).unwrap();
    let app = world.start("run --headless");
    app.line();
    fs::write(world.data("flood"), "").unwrap();
    eventually("all was written", || world.data("flooded").exists());
    app.hears("Lines are left out of");
    fs::remove_file(&filler).unwrap();
    fs::write(world.data("go"), "").unwrap();
    eventually("it goes on", || world.run("logs api").contains("| after"));
    assert_eq!(app.stop().code, Some(0));
    let shown = world.command("logs api --json -n 10000000").output().unwrap().stdout;
    let lines = String::from_utf8(shown).unwrap();
    let lines = lines.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let mut count = 0;
    for line in lines {
        let text = line["text"].as_str().unwrap();
        let left_out = || text.split_once(' ').unwrap().0.parse::<u64>().unwrap();
        count += if line["stream"] == "ensconce" { left_out() } else { 1 };
    }
    assert_eq!(count, 200_002, "each line is there or counted");
}
