//! An app for one test, in a folder of its own.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use ensconce_app::{App, AppError, Door, Mode, OfflineApp, Options, Requests, prepare};
use ensconce_protocol::{AppPhase, AppRequest, AppResponse, AppStatus, Backup, JobState, Outcome};
use ensconce_testkit::{PATIENCE, TempDir, program, temp_dir};
use serde_json::Value;

/// A service that writes a row a few times a second, and a migration to a version of the schema.
const NOTES: &str = r#"
import os, signal, sqlite3, sys, time

def open():
    return sqlite3.connect(os.environ["DATABASE"], timeout=60)

if sys.argv[1] == "migrate":
    version, database = int(os.environ["VERSION"].split(".")[0]), open()
    have = database.execute("pragma user_version").fetchone()[0]
    if have < 1: database.execute("create table notes (text)")
    if have < 2 and version >= 2: database.execute("alter table notes add column colour text")
    database.execute(f"pragma user_version = {max(have, version)}")
    database.commit()
    print("migrated", have, "to", max(have, version), flush=True)
else:
    database, column = open(), sys.argv[2]
    def end(*_):
        if os.environ.get("NICK") == "meddler":
            folder = os.path.dirname(os.environ["DATABASE"])
            with __builtins__.open(folder + "/.ensconce/swap", "w") as journal: journal.write("?")
        sys.exit(0)
    signal.signal(signal.SIGTERM, end)
    print("writes as", os.environ.get("NICK"), flush=True)
    while True:
        database.execute(f"insert into notes ({column}) values (?)", [os.environ.get("NICK")])
        database.commit()
        time.sleep(0.05)
"#;

pub(crate) struct World {
    folder: TempDir,
}

impl World {
    /// Makes the folder of an app whose manifest goes on like this.
    pub(crate) fn new(version: &str, rest: &str) -> Self {
        // The app finds them beside the test's own program.
        program("ensconce-guard", "ensconce-guard");
        program("ensconce-helper", "ensconce-helper");
        let world = Self { folder: temp_dir() };
        fs::create_dir_all(world.path("app/pages")).unwrap();
        fs::write(world.path("app/pages/index.html"), "<h1>Notes</h1>").unwrap();
        fs::write(world.path("app/notes.py"), NOTES).unwrap();
        world.manifest(version, rest);
        world
    }

    /// Makes an app with a database that is migrated `when`, and a service that writes to it.
    pub(crate) fn with_notes(version: &str, when: &str) -> Self {
        Self::new(version, &notes(version, when))
    }

    pub(crate) fn manifest(&self, version: &str, rest: &str) {
        let head = format!(
            "[app]\nid = \"com.example.notes\"\nname = \"Notes\"\nversion = \"{version}\"\n\
             [ui]\nstatic = \"pages\"\n"
        );
        fs::write(self.path("app/ensconce.toml"), format!("{head}{rest}")).unwrap();
    }

    pub(crate) fn path(&self, below: &str) -> PathBuf {
        self.folder.path().canonicalize().unwrap().join(below)
    }

    pub(crate) fn data(&self, below: &str) -> PathBuf {
        self.path("home/data").join(below)
    }

    fn options(&self) -> Options {
        Options {
            manifest: self.path("app/ensconce.toml"),
            mode: Mode::Run,
            data_dir: Some(self.path("home")),
            runtimes: None,
            door: Door::Browser,
            log: Arc::new(|_| {}),
        }
    }

    /// Starts the app.
    pub(crate) async fn start(&self) -> App {
        self.try_start().await.unwrap()
    }

    pub(crate) async fn try_start(&self) -> Result<App, AppError> {
        prepare(self.options())?.start().await
    }

    /// Starts the app, and waits until it is up.
    pub(crate) async fn start_up(&self) -> App {
        let app = self.start().await;
        wait_for(&app, "the app to be up", |status| status.phase == AppPhase::Ready).await;
        app
    }

    /// Starts the app, and stops it when it was up.
    pub(crate) async fn run_once(&self) {
        self.start_up().await.stop().await;
    }

    pub(crate) async fn hold(&self) -> OfflineApp {
        prepare(self.options()).unwrap().hold().await.unwrap()
    }

    /// Returns what a question to the database answers.
    pub(crate) fn ask(&self, question: &str) -> String {
        let script = "import sqlite3, sys; \
                      print(*sqlite3.connect(sys.argv[1], timeout=60).execute(sys.argv[2])\
                      .fetchone(), sep='|')";
        let mut python = Command::new("python3");
        let output =
            python.args(["-c", script]).arg(self.data("notes.db")).arg(question).output().unwrap();
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    pub(crate) fn schema(&self) -> String {
        self.ask("pragma user_version")
    }

    /// Makes an export and a backup larger, so that work on the data takes a while.
    pub(crate) fn fill(&self, megabytes: usize) {
        let mut noise = Vec::with_capacity(1 << 20);
        let mut state = 0x9E37_79B9_7F4A_7C15_u64;
        while noise.len() < 1 << 20 {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            noise.extend_from_slice(&state.to_le_bytes());
        }
        fs::create_dir_all(self.data("files")).unwrap();
        for number in 0..megabytes {
            noise[0] = number.to_le_bytes()[0];
            fs::write(self.data(&format!("files/{number}")), &noise).unwrap();
        }
    }
}

pub(crate) fn names_in(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut names: Vec<String> =
        entries.map(|entry| entry.file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// Returns the rest of a manifest with a database that is migrated `when`, and a service that writes
/// to it as the schema of this version has it.
pub(crate) fn notes(version: &str, when: &str) -> String {
    let column = if version.starts_with('1') { "text" } else { "colour" };
    format!(
        r#"
[task.migrate]
command = ["{{python}}", "notes.py", "migrate"]
env = {{ DATABASE = "{{data}}/notes.db", VERSION = "{{app.version}}" }}
when = "{when}"

[service.api]
command = ["{{python}}", "-u", "notes.py", "serve", "{column}"]
env = {{ DATABASE = "{{data}}/notes.db" }}
needs = ["migrate"]
restart = "no"

[database.main]
file = "{{data}}/notes.db"
migrate = "migrate"

[[setup.page]]
title = "You"
fields = [{{ name = "nick", label = "Nick", default = "a", env = "NICK" }}]

[[setup.page]]
title = "More"
fields = [{{ name = "more", label = "More", default = "a" }}]
"#
    )
}

/// Waits until a status is as it should be, and returns it.
pub(crate) async fn wait_for(
    app: &App,
    what: &str,
    mut is_so: impl FnMut(&AppStatus) -> bool,
) -> AppStatus {
    let mut status = app.status();
    let waiting = tokio::time::timeout(PATIENCE, status.wait_for(|status| is_so(status))).await;
    match waiting {
        Ok(Ok(status)) => status.clone(),
        _ => panic!("never came true: {what}: {:?}", app.status().borrow().clone()),
    }
}

/// Waits for something that no status tells.
pub(crate) async fn soon(what: &str, mut is_so: impl FnMut() -> bool) {
    let polling = async {
        while !is_so() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    let came = tokio::time::timeout(PATIENCE, polling).await;
    assert!(came.is_ok(), "never came true: {what}");
}

pub(crate) fn state_of(status: &AppStatus, job: &str) -> Option<JobState> {
    status.jobs.iter().find(|one| one.name == job).map(|one| one.state)
}

pub(crate) async fn outcome(requests: &Requests, request: AppRequest) -> Outcome {
    match requests.handle(request).await {
        AppResponse::Outcome(outcome) => outcome,
        other => panic!("no outcome: {other:?}"),
    }
}

/// Does something that has to succeed.
pub(crate) async fn done(requests: &Requests, request: AppRequest) -> Outcome {
    let op = request.op();
    let outcome = outcome(requests, request).await;
    assert!(outcome.ok, "{op}: {outcome:?}");
    outcome
}

pub(crate) async fn backups(requests: &Requests) -> Vec<Backup> {
    match requests.handle(AppRequest::Backups).await {
        AppResponse::Backups(backups) => backups.databases[0].backups.clone(),
        other => panic!("no backups: {other:?}"),
    }
}

pub(crate) fn backup() -> AppRequest {
    AppRequest::Backup { database: "main".to_owned() }
}

pub(crate) fn restore(id: &str) -> AppRequest {
    AppRequest::Restore { database: "main".to_owned(), id: id.to_owned() }
}

pub(crate) fn save(page: &str, field: &str, value: impl Into<Value>) -> AppRequest {
    let values = BTreeMap::from([(field.to_owned(), value.into())]);
    AppRequest::Save { page: page.to_owned(), values }
}

pub(crate) fn export(path: &Path, passphrase: Option<&str>) -> AppRequest {
    let passphrase = passphrase.map(str::to_owned);
    AppRequest::Export { path: path.to_owned(), passphrase }
}

pub(crate) fn import(path: &Path, passphrase: Option<&str>) -> AppRequest {
    let passphrase = passphrase.map(str::to_owned);
    AppRequest::ImportData { path: path.to_owned(), passphrase }
}
