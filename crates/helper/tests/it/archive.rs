//! All data in one file, and back: whole, damaged, of others, and with kills.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::time::Duration;

use rusqlite::Connection;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::world::{Said, helper};

/// A data folder with a database that is in use, files, and Ensconce's own folder.
struct World {
    folder: TempDir,
}

impl World {
    fn new() -> Self {
        let world = Self { folder: tempfile::tempdir().unwrap() };
        world.write("data/media/photo 1.jpg", "picture");
        world.write("data/media/deep/er/ü.txt", "text");
        world.write("data/.ensconce/lock", "own");
        fs::create_dir_all(world.path("data/empty")).unwrap();
        let connection = world.database();
        connection.pragma_update(None, "journal_mode", "wal").unwrap();
        connection
            .execute_batch("CREATE TABLE notes (text TEXT); INSERT INTO notes VALUES ('old')")
            .unwrap();
        world
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().canonicalize().unwrap().join(name)
    }

    fn write(&self, name: &str, content: &str) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    fn database(&self) -> Connection {
        Connection::open(self.path("data/notes.db")).unwrap()
    }

    fn note(&self) -> String {
        self.database().query_row("SELECT text FROM notes", [], |row| row.get(0)).unwrap()
    }

    fn export_request(&self) -> Value {
        json!({
            "to": self.path("out.ensconce"),
            "app": { "id": "com.example.notes", "name": "Notes", "version": "1.2.0" },
            "data": self.path("data"),
            "leave_out": [".ensconce"],
            "databases": [{ "name": "main", "file": self.path("data/notes.db") }],
            "settings": { "answers": { "name": "Ada" } },
            "secrets": "c2VhbGVk",
        })
    }

    fn import_request(&self) -> Value {
        json!({
            "from": self.path("out.ensconce"),
            "app_id": "com.example.notes",
            "data": self.path("data"),
            "leave_out": [".ensconce"],
            "databases": [{ "name": "main", "file": self.path("data/notes.db") }],
            "need_secrets": false,
        })
    }

    fn export(&self) -> Said {
        archive("export", &self.export_request())
    }

    /// Imports, and takes the settings over, as the app does.
    fn import(&self) -> Said {
        let said = archive("import", &self.import_request());
        if said.code == 0 {
            self.forget();
        }
        said
    }

    fn forget(&self) {
        let said: Said =
            helper().args(["archive", "forget"]).arg(self.path("data")).output().unwrap().into();
        said.is("ok");
    }

    /// Names beside the data folder that are neither the data nor the export.
    fn others(&self) -> Vec<String> {
        let entries = fs::read_dir(self.folder.path()).unwrap().flatten();
        let names = entries.map(|entry| entry.file_name().into_string().unwrap());
        names.filter(|name| name != "data" && name != "out.ensconce").collect()
    }

    /// Writes an archive of one's own making.
    fn forge(&self, head: &Value, entries: &[(&str, tar::EntryType, &str)]) {
        let file = fs::File::create(self.path("out.ensconce")).unwrap();
        let mut archive = tar::Builder::new(zstd::Encoder::new(file, 1).unwrap());
        let mut add = |name: &str, kind, content: &[u8]| {
            let mut header = tar::Header::new_gnu();
            // `set_path` would refuse what is to be tried.
            header.as_old_mut().name[..name.len()].copy_from_slice(name.as_bytes());
            header.set_entry_type(kind);
            if kind == tar::EntryType::Symlink {
                header.set_link_name("/etc/passwd").unwrap();
            }
            header.set_size(content.len() as u64);
            header.set_cksum();
            archive.append(&header, content).unwrap();
        };
        add("ensconce-data.json", tar::EntryType::Regular, head.to_string().as_bytes());
        for (name, kind, content) in entries {
            add(name, *kind, content.as_bytes());
        }
        archive.into_inner().unwrap().finish().unwrap();
    }
}

fn archive(verb: &str, request: &Value) -> Said {
    spawn(verb, request).wait_with_output().unwrap().into()
}

fn spawn(verb: &str, request: &Value) -> Child {
    let mut command = helper();
    command
        .args(["archive", verb])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(request.to_string().as_bytes()).unwrap();
    child
}

fn head(files: &[(&str, &str)]) -> Value {
    // SHA-256 of `abc`.
    let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    let files: Vec<Value> =
        files.iter().map(|(path, _)| json!({ "path": path, "bytes": 3, "sha256": abc })).collect();
    json!({
        "format": 1, "app": { "id": "com.example.notes", "name": "Notes", "version": "1" },
        "made": "20260101T000000Z", "databases": [], "settings": {}, "secrets": null,
        "folders": [], "files": files,
    })
}

#[test]
fn everything_comes_back() {
    let world = World::new();
    // What is only in the log belongs to the data.
    let connection = world.database();
    connection
        .execute_batch("PRAGMA wal_autocheckpoint = 0; UPDATE notes SET text = 'kept'")
        .unwrap();
    let said = world.export();
    said.is("ok");
    assert!(said.stdout.contains("PROGRESS:"), "{said:?}");
    drop(connection);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = fs::metadata(world.path("out.ensconce")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    assert_eq!(world.others(), Vec::<String>::new());
    world.database().execute_batch("UPDATE notes SET text = 'new'").unwrap();
    world.write("data/later.txt", "later");
    fs::remove_dir_all(world.path("data/media")).unwrap();
    let said = world.import();
    said.is("ok");
    let details = &said.answer()["details"];
    assert_eq!(details["settings"]["answers"]["name"], "Ada");
    assert_eq!(details["secrets"], "c2VhbGVk");
    assert_eq!(details["version"], "1.2.0");
    assert_eq!(world.note(), "kept");
    assert_eq!(fs::read_to_string(world.path("data/media/deep/er/ü.txt")).unwrap(), "text");
    assert!(world.path("data/empty").is_dir() && !world.path("data/later.txt").exists());
    assert_eq!(fs::read_to_string(world.path("data/.ensconce/lock")).unwrap(), "own");
    let kept = PathBuf::from(details["kept"].as_str().unwrap());
    assert_eq!(fs::read_to_string(kept.join("later.txt")).unwrap(), "later");
    assert_eq!(world.others(), [kept.file_name().unwrap().to_str().unwrap()]);
}

#[test]
fn a_database_elsewhere_goes_along_and_one_that_moved_is_found() {
    let world = World::new();
    let mut request = world.export_request();
    world.write("elsewhere/x", "");
    fs::copy(world.path("data/notes.db"), world.path("elsewhere/other.db")).unwrap();
    let other = json!({ "name": "other", "file": world.path("elsewhere/other.db") });
    request["databases"].as_array_mut().unwrap().push(other);
    archive("export", &request).is("ok");
    fs::write(world.path("elsewhere/other.db"), "").unwrap();
    let mut request = world.import_request();
    request["databases"] = json!([
        { "name": "main", "file": world.path("data/db/new-name.db") },
        { "name": "other", "file": world.path("elsewhere/other.db") },
    ]);
    archive("import", &request).is("ok");
    for file in ["data/db/new-name.db", "elsewhere/other.db"] {
        let connection = Connection::open(world.path(file)).unwrap();
        let note: String =
            connection.query_row("SELECT text FROM notes", [], |row| row.get(0)).unwrap();
        assert_eq!(note, "old", "{file}");
    }
    assert!(!world.path("data/notes.db").exists());
}

#[test]
fn an_export_goes_to_no_wrong_place() {
    let world = World::new();
    let mut request = world.export_request();
    request["to"] = json!(world.path("data/media/out"));
    archive("export", &request).is("into_itself");
    request["to"] = json!(world.path("data"));
    archive("export", &request).is("is_folder");
    request["to"] = json!(world.path("no/such/folder"));
    archive("export", &request).is("file");
    assert_eq!(world.others(), Vec::<String>::new());
    archive("export", &json!({ "secrets": "hush" })).is("bad_request").hides("hush");
}

#[cfg(unix)]
#[test]
fn links_are_left_out_and_said() {
    let world = World::new();
    std::os::unix::fs::symlink("/etc/passwd", world.path("data/link")).unwrap();
    world.export().is("ok").says("Left out").says("link");
    world.import().is("ok");
    assert!(!world.path("data/link").exists());
}

#[test]
fn what_is_not_an_export_of_this_app_is_refused() {
    let world = World::new();
    let refused = |what: &str| {
        let said = world.import();
        said.is(what);
        assert_eq!(world.note(), "old");
        assert_eq!(world.others(), Vec::<String>::new());
        said
    };
    refused("file");
    for content in ["", "not an export", &"x".repeat(100_000)] {
        world.write("out.ensconce", content);
        refused("no_export");
    }
    world.forge(&json!({ "format": 2 }), &[]);
    refused("newer").says("newer version");
    let mut other = head(&[]);
    other["app"] = json!({ "id": "com.example.other", "name": "Other", "version": "1" });
    world.forge(&other, &[]);
    refused("other_app").says("Other");
    world.forge(&head(&[]), &[]);
    let mut request = world.import_request();
    request["need_secrets"] = json!(true);
    archive("import", &request).is("no_secrets");
    request["from"] = json!(world.path("data"));
    archive("import", &request).is("is_folder");
}

#[test]
fn a_forged_export_reaches_nothing_outside() {
    use tar::EntryType::{Directory, Link, Regular, Symlink};
    let world = World::new();
    for name in [
        "../evil",
        "data/../../evil",
        "/tmp/evil",
        "data/.ensconce/lock",
        "data/.Ensconce/lock",
        "evil",
        "databases/a/b",
        "data//a",
        "data/a\\b",
    ] {
        world.forge(&head(&[(name, "abc")]), &[(name, Regular, "abc")]);
        world.import().is("damaged");
        let mut folders = head(&[]);
        folders["folders"] = json!([name]);
        world.forge(&folders, &[]);
        if name != "data/a\\b" {
            let reason = world.import().reason();
            assert!(reason == "damaged" || name == "databases/a/b", "{name}: {reason}");
        }
    }
    for kind in [Symlink, Link, Directory] {
        world.forge(&head(&[("data/a", "abc")]), &[("data/a", kind, "")]);
        world.import().is("damaged");
    }
    let files = [("data/a", "abc")];
    for (entries, says) in [
        (vec![], "missing"),
        (vec![("data/a", Regular, "abd")], "not as it was"),
        (vec![("data/a", Regular, "abcd")], "not as it was"),
        (vec![("data/a", Regular, "abc"), ("data/b", Regular, "abc")], "not in its list"),
        (vec![("data/a", Regular, "abc"), ("data/a", Regular, "abc")], "not in its list"),
    ] {
        world.forge(&head(&files), &entries);
        world.import().is("damaged").says(says);
    }
    assert_eq!((world.note().as_str(), world.others().len()), ("old", 0));
}

#[test]
fn an_export_that_is_cut_or_changed_anywhere_is_refused() {
    let world = World::new();
    world.export().is("ok");
    let whole = fs::read(world.path("out.ensconce")).unwrap();
    for part in 1..12 {
        let length = whole.len() * part / 12;
        fs::write(world.path("out.ensconce"), &whole[..length]).unwrap();
        assert!(!world.import().answer()["ok"].as_bool().unwrap(), "cut at {length}");
        let mut changed = whole.clone();
        changed[length] ^= 0x55;
        fs::write(world.path("out.ensconce"), &changed).unwrap();
        assert!(!world.import().answer()["ok"].as_bool().unwrap(), "changed at {length}");
    }
    fs::write(world.path("out.ensconce"), &whole[..whole.len() - 1]).unwrap();
    world.import().is("damaged");
    assert_eq!((world.note().as_str(), world.others().len()), ("old", 0));
}

#[test]
fn a_database_in_use_is_not_replaced() {
    let world = World::new();
    world.export().is("ok");
    let connection = world.database();
    connection.execute_batch("BEGIN; SELECT * FROM notes").unwrap();
    world.import().is("busy");
    drop(connection);
    assert_eq!((world.note().as_str(), world.others().len()), ("old", 0));
}

/// Everything in a folder but Ensconce's own, by name and content.
fn content(folder: &Path, found: &mut Vec<(PathBuf, Vec<u8>)>) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let path = entry.path();
        let is_side = path.to_string_lossy().contains(".db-");
        if path.ends_with("data/.ensconce") || is_side {
            continue;
        } else if path.is_dir() {
            content(&path, found);
        } else {
            found.push((path.clone(), content_of(&path)));
        }
    }
    found.sort();
}

/// What a file says; of a database, what SQLite says, which makes up for a kill in its midst.
#[cfg(unix)]
fn content_of(path: &Path) -> Vec<u8> {
    if path.extension().is_none_or(|extension| extension != "db") {
        return fs::read(path).unwrap();
    }
    let copies = tempfile::tempdir().unwrap();
    for side in ["", "-wal", "-journal"] {
        let mut from = path.as_os_str().to_owned();
        from.push(side);
        let _ = fs::copy(from, copies.path().join(format!("copy.db{side}")));
    }
    let database = rusqlite::Connection::open(copies.path().join("copy.db")).unwrap();
    let text = database.query_row("SELECT group_concat(text) FROM notes", [], |row| row.get(0));
    text.map(String::into_bytes).unwrap()
}

/// The files that are in one of them alone, or are different.
#[cfg(unix)]
fn differing(one: &[(PathBuf, Vec<u8>)], other: &[(PathBuf, Vec<u8>)]) -> Vec<PathBuf> {
    let lone = one.iter().filter(|file| !other.contains(file));
    let lone = lone.chain(other.iter().filter(|file| !one.contains(file)));
    lone.map(|(path, _)| path.clone()).collect()
}

#[cfg(unix)]
#[test]
fn an_import_that_is_killed_leaves_the_old_or_the_new() {
    let kills: u64 =
        std::env::var("ENSCONCE_KILLS").ok().and_then(|text| text.parse().ok()).unwrap_or(60);
    let world = World::new();
    for number in 0..40 {
        world.write(&format!("data/f{number}"), "new");
    }
    world.export().is("ok");
    fs::remove_dir_all(world.path("data/media")).unwrap();
    let mut new = Vec::new();
    world.import().is("ok");
    content(&world.path("data"), &mut new);
    let (mut were_old, mut were_new) = (0, 0);
    for number in 0..kills {
        for entry in world.others() {
            fs::remove_dir_all(world.path(&entry)).unwrap();
        }
        world.write("data/f0", &format!("old {number}"));
        let mut old = Vec::new();
        content(&world.path("data"), &mut old);
        let mut child = spawn("import", &world.import_request());
        std::thread::sleep(Duration::from_micros(number * 1_700_000 / kills % 120_000));
        let _ = child.kill();
        child.wait().unwrap();
        // The next start is killed, too, sometimes.
        for _ in 0..number % 3 {
            let mut child =
                helper().args(["archive", "recover"]).arg(world.path("data")).spawn().unwrap();
            std::thread::sleep(Duration::from_micros(number * 400));
            let _ = child.kill();
            child.wait().unwrap();
        }
        let said: Said =
            helper().args(["archive", "recover"]).arg(world.path("data")).output().unwrap().into();
        said.is("ok");
        let settings = said.answer()["details"]["settings"].clone();
        world.forget();
        let mut now = Vec::new();
        content(&world.path("data"), &mut now);
        assert!(
            now == old || now == new,
            "kill {number}: {:?} beside it; from the old {:?}, from the new {:?}",
            world.others(),
            differing(&old, &now),
            differing(&new, &now),
        );
        assert!(!world.path("data.importing").exists());
        // What the app has to take over goes with the data.
        if now == new && now != old {
            assert_eq!(settings["answers"]["name"], "Ada", "kill {number}");
        }
        if now == new {
            were_new += 1;
            let mut kept = Vec::new();
            let aside = world.others().pop().unwrap();
            content(&world.path(&aside), &mut kept);
            assert_eq!(kept.len(), old.len(), "kill {number}");
        } else {
            were_old += 1;
        }
    }
    println!("{were_old} old, {were_new} new");
}
