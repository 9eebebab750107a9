//! The data of an app: a folder with Ensconce's own in it, and databases.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Child;
use std::time::{Duration, Instant};

use ensconce_protocol::{
    ArchivedApp, BackupReason, DataLock, DataRecord, DatabaseFile, ExportRequest, HelperRequest,
    HelperWork, UnpackRequest,
};
use rusqlite::{Connection, OpenFlags};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::world::{Said, helper, run, start};

/// The id of the app.
pub(crate) const APP: &str = "com.example.notes";
/// The launch that is announced.
pub(crate) const LAUNCH: &str = "launch-1";

/// Waits for a condition, which has half a minute.
#[track_caller]
pub(crate) fn wait_until(what: &str, mut holds: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !holds() {
        assert!(begun.elapsed() < Duration::from_secs(30), "not within time: {what}");
        std::thread::sleep(Duration::from_micros(200));
    }
}

/// A folder in memory, where that is possible: what is killed a hundred times need not be durable.
#[cfg(unix)]
pub(crate) fn in_memory() -> TempDir {
    tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap()
}

/// Bytes that cannot be compressed (xorshift).
#[cfg(unix)]
pub(crate) fn noise(length: usize) -> Vec<u8> {
    let mut state = 0x2545_F491_4F6C_DD1D_u64;
    let mut bytes = Vec::with_capacity(length + 8);
    while bytes.len() < length {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        bytes.extend(state.to_le_bytes());
    }
    bytes.truncate(length);
    bytes
}

/// A record of data that says which it is.
pub(crate) fn record(version: &str) -> DataRecord {
    let tasks = [("migrate".to_owned(), version.to_owned())].into();
    DataRecord { version: Some(version.to_owned()), tasks }
}

/// Returns the one value that a question has.
#[track_caller]
pub(crate) fn value(file: &Path, question: &str) -> Value {
    let connection = Connection::open(file).unwrap();
    connection
        .query_row(question, [], |row| {
            Ok(match row.get_ref(0)? {
                rusqlite::types::ValueRef::Integer(n) => json!(n),
                rusqlite::types::ValueRef::Null => Value::Null,
                other => json!(other.as_str().unwrap()),
            })
        })
        .unwrap()
}

/// Makes a database with some rows that all have one text.
pub(crate) fn create(file: &Path, mode: &str, text: &str) {
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    let connection = Connection::open(file).unwrap();
    connection.pragma_update(None, "journal_mode", mode).unwrap();
    connection
        .execute_batch(&format!(
            "CREATE TABLE notes (id INTEGER PRIMARY KEY, text TEXT);
             WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x+1 FROM c WHERE x < 50)
             INSERT INTO notes SELECT x, '{text}' FROM c;"
        ))
        .unwrap();
}

/// Gives all rows of a database another text.
pub(crate) fn write(file: &Path, text: &str) {
    Connection::open(file).unwrap().execute("UPDATE notes SET text = ?1", [text]).unwrap();
}

/// Returns the one text that all rows have, of a database that is whole.
#[track_caller]
pub(crate) fn text(file: &Path) -> String {
    text_in(&Connection::open(file).unwrap(), file)
}

#[track_caller]
fn text_in(connection: &Connection, file: &Path) -> String {
    let question = "SELECT (SELECT integrity_check FROM pragma_integrity_check), count(*),
                    count(DISTINCT text), min(text) FROM notes";
    let (check, rows, texts, text): (String, i64, i64, String) = connection
        .query_row(question, [], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))
        .unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    assert_eq!((check.as_str(), rows, texts), ("ok", 50, 1), "{}", file.display());
    text
}

/// The data of an app.
pub(crate) struct Home {
    _folder: TempDir,
    root: PathBuf,
    pub(crate) databases: Vec<DatabaseFile>,
}

impl Home {
    /// A data folder without a database.
    pub(crate) fn new() -> Self {
        Self::within(tempfile::tempdir().unwrap())
    }

    /// The same in another folder.
    pub(crate) fn within(folder: TempDir) -> Self {
        let root = folder.path().canonicalize().unwrap();
        let home = Self { _folder: folder, root, databases: Vec::new() };
        fs::create_dir_all(home.own("backups")).unwrap();
        home.announce(LAUNCH);
        home
    }

    /// A data folder with a database `main`, whose rows say `old`.
    pub(crate) fn with_database(mode: &str) -> Self {
        let mut home = Self::new();
        home.add("main", "data/notes.db");
        create(&home.path("data/notes.db"), mode, "old");
        home
    }

    /// Names a database in the manifest.
    pub(crate) fn add(&mut self, name: &str, file: &str) {
        let database = DatabaseFile { name: name.to_owned(), file: self.path(file) };
        self.databases.push(database);
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.root.join(name)
    }

    /// A path in Ensconce's own folder.
    pub(crate) fn own(&self, name: &str) -> PathBuf {
        self.root.join("data/.ensconce").join(name)
    }

    pub(crate) fn journal(&self) -> PathBuf {
        self.own("swap")
    }

    /// How far a swap has come, as its journal says.
    #[cfg(unix)]
    pub(crate) fn phase(&self) -> String {
        let text = fs::read_to_string(self.journal()).unwrap_or_default();
        text.split('"').nth(3).unwrap_or_default().to_owned()
    }

    /// The note about an update, which new data makes void.
    pub(crate) fn void(&self) -> PathBuf {
        self.update("migrate")
    }

    /// The note about an update by a task.
    pub(crate) fn update(&self, task: &str) -> PathBuf {
        self.own("backups").join(format!("{task}.update"))
    }

    /// Notes that a task has updated a database to version 1.5.
    pub(crate) fn note_update(&self, task: &str, database: &str) {
        let copy = json!({ "name": database, "file": "notes.db", "backup": null, "bytes": 0 });
        let content = json!({
            "task": task, "version": "1.5", "started": "", "data": self.path("data"),
            "databases": [copy],
        });
        let note = format!("{{\"phase\":{:21},\n\"format\":1,\"content\":{content}}}", "\"done\"");
        fs::write(self.update(task), note).unwrap();
    }

    pub(crate) fn write(&self, name: &str, content: &str) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    pub(crate) fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }

    /// The names in a folder.
    pub(crate) fn names(&self, folder: &str) -> Vec<String> {
        names(&self.path(folder))
    }

    pub(crate) fn announce(&self, launch: &str) {
        let text = json!({ "launch": launch, "process": 1 }).to_string();
        fs::write(self.own("running.json"), text).unwrap();
    }

    pub(crate) fn lock(&self) -> DataLock {
        DataLock {
            file: self.own("data.lock"),
            announcement: self.own("running.json"),
            launch: LAUNCH.to_owned(),
            data: self.path("data"),
            updates: self.own("backups"),
        }
    }

    /// The text of a request.
    pub(crate) fn request(&self, work: HelperWork) -> String {
        let request = HelperRequest { lock: Some(self.lock()), work };
        serde_json::to_string(&request).unwrap()
    }

    pub(crate) fn run(&self, work: HelperWork) -> Said {
        run(&HelperRequest { lock: Some(self.lock()), work })
    }

    pub(crate) fn start(&self, work: HelperWork) -> Child {
        start(helper().arg("run"), &self.request(work))
    }

    fn first(&self) -> DatabaseFile {
        self.databases[0].clone()
    }

    pub(crate) fn check(&self) -> HelperWork {
        HelperWork::CheckDatabases {
            databases: self.databases.iter().map(|one| one.file.clone()).collect(),
            backups: self.own("backups"),
        }
    }

    pub(crate) fn backup(&self, reason: BackupReason) -> HelperWork {
        HelperWork::Backup {
            database: self.first(),
            folder: self.own("backups"),
            reason,
            record: record("1.0"),
            keep: 2,
        }
    }

    /// Makes a backup; returns its file.
    pub(crate) fn backed_up(&self) -> PathBuf {
        let said = self.run(self.backup(BackupReason::Manual));
        said.is("ok");
        self.own("backups").join(said.answer()["details"]["backup"].as_str().unwrap())
    }

    pub(crate) fn stage_restore(&self, backup: &Path) -> HelperWork {
        let (backup, database) = (backup.to_owned(), self.first());
        HelperWork::StageRestore { backup, database, journal: self.journal() }
    }

    pub(crate) fn restore(&self) -> HelperWork {
        HelperWork::Restore {
            database: self.first(),
            journal: self.journal(),
            record: record("1.0"),
            updates: self.own("backups"),
        }
    }

    pub(crate) fn export(&self) -> HelperWork {
        HelperWork::Export(self.export_to("out.ensconce"))
    }

    pub(crate) fn export_to(&self, to: &str) -> ExportRequest {
        let (id, name, version) = (APP.to_owned(), "Notes".to_owned(), "1.2.0".to_owned());
        ExportRequest {
            to: self.path(to),
            app: ArchivedApp { id, name, version },
            data: self.path("data"),
            leave_out: vec![".ensconce".to_owned()],
            databases: self.databases.clone(),
            settings: json!({ "answers": { "name": "Ada" } }),
            record: record("1.2.0"),
            secrets: Some("c2VhbGVk".to_owned()),
        }
    }

    pub(crate) fn unpack(&self) -> HelperWork {
        HelperWork::Unpack(self.unpack_from("out.ensconce"))
    }

    pub(crate) fn unpack_from(&self, from: &str) -> UnpackRequest {
        UnpackRequest {
            from: self.path(from),
            app_id: APP.to_owned(),
            data: self.path("data"),
            leave_out: vec![".ensconce".to_owned()],
            databases: self.databases.clone(),
            journal: self.journal(),
        }
    }

    pub(crate) fn import(&self) -> HelperWork {
        HelperWork::Import {
            data: self.path("data"),
            databases: self.databases.clone(),
            journal: self.journal(),
            updates: self.own("backups"),
        }
    }

    pub(crate) fn recover(&self) -> HelperWork {
        HelperWork::Recover { journal: self.journal() }
    }

    pub(crate) fn undo(&self) -> HelperWork {
        HelperWork::Undo { journal: self.journal() }
    }

    pub(crate) fn forget(&self) -> HelperWork {
        HelperWork::Forget { journal: self.journal() }
    }

    /// Unpacks and imports, as the app does, until its settings are to be taken over.
    pub(crate) fn imported(&self) -> Said {
        let said = self.run(self.unpack());
        if said.code == 0 { self.run(self.import()) } else { said }
    }

    /// Stages and restores, as the app does, until its record is to be taken over.
    pub(crate) fn restored(&self, backup: &Path) -> Said {
        let said = self.run(self.stage_restore(backup));
        if said.code == 0 { self.run(self.restore()) } else { said }
    }

    /// Checks that nothing is staged, being swapped, or left of it.
    #[track_caller]
    pub(crate) fn assert_at_rest(&self) {
        assert!(!self.journal().exists(), "there is a journal");
        let mut all = Vec::new();
        tree(&self.root, &mut all);
        let left = |path: &&PathBuf| {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            ["importing", "restoring", "part", "void", "new", "ensconce-part", "ensconce-databases"]
                .iter()
                .any(|ending| name.ends_with(&format!(".{ending}")))
        };
        let left: Vec<_> = all.iter().filter(left).collect();
        assert!(left.is_empty(), "left behind: {left:?}");
    }

    /// Everything of the app's own in a folder, by name and content.
    pub(crate) fn content(&self, folder: &str) -> Vec<(PathBuf, Vec<u8>)> {
        let folder = self.path(folder);
        let mut all = Vec::new();
        tree(&folder, &mut all);
        let is_own = |path: &&PathBuf| {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            !path.components().any(|part| part.as_os_str() == ".ensconce") && !is_side(&name)
        };
        let paths = all.iter().filter(is_own);
        let below = |path: &Path| path.strip_prefix(&folder).unwrap().to_owned();
        let mut content: Vec<_> = paths.map(|path| (below(path), content_of(path))).collect();
        content.sort();
        content
    }
}

fn is_side(name: &str) -> bool {
    ["-wal", "-shm", "-journal"].iter().any(|side| name.ends_with(side))
}

/// The names in a folder.
pub(crate) fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let mut names: Vec<String> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// Everything below a folder; links are not followed.
fn tree(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if entry.file_type().unwrap().is_dir() {
            tree(&path, found);
        }
        found.push(path);
    }
}

/// What a file says; of a database, what SQLite says, which makes up for a kill in its midst.
fn content_of(path: &Path) -> Vec<u8> {
    if path.is_symlink() {
        return fs::read_link(path).unwrap().into_os_string().into_encoded_bytes();
    }
    if path.is_dir() {
        return b"folder".to_vec();
    }
    let bytes = fs::read(path).unwrap();
    if !bytes.starts_with(b"SQLite format 3\0") {
        return bytes;
    }
    let side = |side: &str| {
        let mut from = path.as_os_str().to_owned();
        from.push(side);
        PathBuf::from(from)
    };
    if !["-wal", "-journal"].iter().any(|name| side(name).exists()) {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI;
        let unchanged = format!("file:{}?immutable=1", path.display());
        let connection = Connection::open_with_flags(unchanged, flags).unwrap();
        return text_in(&connection, path).into_bytes();
    }
    // On a copy: whoever opens a database with a log may change it.
    let copies = tempfile::tempdir().unwrap();
    for name in ["", "-wal", "-journal"] {
        let _ = fs::copy(side(name), copies.path().join(format!("copy.db{name}")));
    }
    text(&copies.path().join("copy.db")).into_bytes()
}
