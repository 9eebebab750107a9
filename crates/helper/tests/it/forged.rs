//! Exports that are damaged, of others, or made to do harm.

use std::fs;

use serde_json::{Value, json};
use tar::EntryType::{self, Directory, Link, Regular, Symlink};

use crate::archive::{exported, full};
use crate::home::{APP, Home, text};
use crate::world::Said;

/// SHA-256 of `abc`.
const ABC: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

/// Writes an archive of one's own making.
fn forge(home: &Home, head: &Value, entries: &[(&str, EntryType, &str)]) {
    let file = fs::File::create(home.path("out.ensconce")).unwrap();
    let mut archive = tar::Builder::new(zstd::Encoder::new(file, 1).unwrap());
    let mut add = |name: &str, kind, content: &[u8]| {
        let mut header = tar::Header::new_gnu();
        // `set_path` would refuse what is to be tried.
        header.as_old_mut().name[..name.len()].copy_from_slice(name.as_bytes());
        header.set_entry_type(kind);
        if kind == Symlink {
            header.set_link_name("/etc/passwd").unwrap();
        }
        header.set_size(content.len() as u64);
        header.set_cksum();
        archive.append(&header, content).unwrap();
    };
    add("ensconce-data.json", Regular, head.to_string().as_bytes());
    for (name, kind, content) in entries {
        add(name, *kind, content.as_bytes());
    }
    archive.into_inner().unwrap().finish().unwrap();
}

fn head(files: &[&str]) -> Value {
    let file = |path: &&str| json!({ "path": path, "bytes": 3, "sha256": ABC });
    json!({
        "format": 1, "app": { "id": APP, "name": "Notes", "version": "1" },
        "made": "20260101T000000Z", "databases": [], "settings": {}, "record": {},
        "secrets": null, "folders": [], "files": files.iter().map(file).collect::<Vec<_>>(),
    })
}

/// Checks that a file is refused before anything was touched.
#[track_caller]
fn refused(home: &Home, reason: &str) -> Said {
    let said = home.run(home.unpack());
    said.is(reason);
    untouched(home);
    said
}

#[track_caller]
fn untouched(home: &Home) {
    assert_eq!(text(&home.path("data/notes.db")), "old");
    assert_eq!(home.read("data/.ensconce/own.txt"), "own");
    assert!(home.names("").len() <= 2, "{:?}", home.names(""));
    home.assert_at_rest();
}

#[test]
fn what_is_not_an_export_of_this_app_is_refused() {
    let home = full();
    refused(&home, "file");
    for content in ["", "not an export", &"x".repeat(100_000)] {
        home.write("out.ensconce", content);
        refused(&home, "not_an_export");
    }
    forge(&home, &json!({ "format": 2 }), &[]);
    refused(&home, "newer").says("newer version");
    let mut other = head(&[]);
    other["app"] = json!({ "id": "com.example.other", "name": "Other", "version": "1" });
    forge(&home, &other, &[]);
    refused(&home, "other_app").says("Other");
    fs::remove_file(home.path("out.ensconce")).unwrap();
    fs::create_dir(home.path("out.ensconce")).unwrap();
    refused(&home, "is_folder");
}

#[test]
fn a_forged_export_reaches_nothing_outside() {
    let home = full();
    for name in [
        "../evil",
        "data/../../evil",
        "/tmp/evil",
        "data/.ensconce/own.txt",
        "data/.Ensconce/own.txt",
        "evil",
        "databases/a/b",
        "data//a",
        "data/a\\b",
    ] {
        forge(&home, &head(&[name]), &[(name, Regular, "abc")]);
        refused(&home, "damaged_export");
        let mut folders = head(&[]);
        folders["folders"] = json!([name]);
        forge(&home, &folders, &[]);
        refused(&home, "damaged_export");
        let mut databases = head(&["data/a"]);
        databases["databases"] = json!([{ "name": "main", "path": name }]);
        forge(&home, &databases, &[("data/a", Regular, "abc")]);
        refused(&home, "damaged_export");
    }
    for kind in [Symlink, Link, Directory] {
        forge(&home, &head(&["data/a"]), &[("data/a", kind, "")]);
        refused(&home, "damaged_export");
    }
}

#[test]
fn an_export_is_what_its_list_says() {
    let home = full();
    for (entries, says) in [
        (vec![], "missing"),
        (vec![("data/a", Regular, "abd")], "not as it was"),
        (vec![("data/a", Regular, "abcd")], "not as it was"),
        (vec![("data/a", Regular, "abc"), ("data/b", Regular, "abc")], "not in its list"),
        (vec![("data/a", Regular, "abc"), ("data/a", Regular, "abc")], "not in its list"),
    ] {
        forge(&home, &head(&["data/a"]), &entries);
        refused(&home, "damaged_export").says(says);
    }
    forge(&home, &head(&["data/a", "data/a"]), &[("data/a", Regular, "abc")]);
    refused(&home, "damaged_export").says("a file twice");
    let mut huge = head(&["data/a"]);
    huge["files"][0]["bytes"] = json!(u64::MAX);
    forge(&home, &huge, &[("data/a", Regular, "abc")]);
    refused(&home, "no_room").says("There is not enough room");
}

#[test]
fn an_export_that_is_cut_or_changed_anywhere_is_refused() {
    let home = exported();
    let whole = fs::read(home.path("out.ensconce")).unwrap();
    let refused = |bytes: &[u8], what: &str| {
        fs::write(home.path("out.ensconce"), bytes).unwrap();
        let said = home.run(home.unpack());
        assert!(!said.answer()["ok"].as_bool().unwrap(), "{what}: {said:?}");
        untouched(&home);
    };
    for part in 1..12 {
        let length = whole.len() * part / 12;
        refused(&whole[..length], &format!("cut at {length}"));
        let mut changed = whole.clone();
        changed[length] ^= 0x55;
        refused(&changed, &format!("changed at {length}"));
    }
    refused(&whole[..whole.len() - 1], "cut at its end");
}
