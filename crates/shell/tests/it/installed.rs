//! An installed app: links and file names, which strangers make, decide neither what runs nor
//! where data lies.

use crate::world::World;

#[test]
fn no_option_changes_what_runs_or_where_data_lies() {
    for arguments in [
        &["--manifest", "other/ensconce.toml"][..],
        &["--manifest=other/ensconce.toml"],
        &["--data-dir", "data"],
        &["--data-dir=data"],
        &["--dev"],
        &["--verbose"],
        &["--settings", "--manifest=other/ensconce.toml"],
        // As a browser on Windows would pass them if it left quotes as they are.
        &["notes://open", "--manifest=other/ensconce.toml"],
        &["notes.note", "--data-dir", "data"],
    ] {
        let world = World::new();
        world.assert_refused(&world.installed(arguments), "unexpected argument '--");
    }
}

#[test]
fn whatever_looks_like_an_option_is_one() {
    for argument in ["--settings.note", "-h", "-V", "-1", "-a note.note", "--help=1", "---"] {
        let world = World::new();
        world.assert_refused(&world.installed(&[argument]), "error: unexpected ");
    }
    let world = World::new();
    world.assert_refused(&world.installed(&["--settings=yes"]), "'--settings'");
}

#[test]
fn an_empty_argument_is_nothing_to_open() {
    for arguments in [&[""][..], &["--", ""], &["--", "a.note", ""]] {
        let world = World::new();
        world.assert_refused(&world.installed(arguments), "an empty argument");
    }
}

#[test]
fn files_and_addresses_are_taken() {
    for arguments in [
        &[][..],
        &["--settings"],
        &["a.note"],
        &["a \"quoted\" note & more.note", "notes://see/%2e%2e?a=\"b c\"#d"],
        &["-"],
        &["--", "--manifest=other/ensconce.toml"],
        &["--", "--data-dir", "data", "--dev", "--verbose"],
        &["--", "-h", "--help", "--version", "--settings.note", "%1", "%U", "--"],
        &["--settings", "--", "--version"],
    ] {
        let world = World::new();
        world.assert_started(&world.installed(arguments));
        assert!(!world.path("data").exists(), "{arguments:?}");
        let data = world.path("home/.local/share/com.example.notes");
        assert!(data.exists(), "{arguments:?}");
    }
}

#[test]
fn it_says_what_it_is() {
    let world = World::new();
    let version = world.installed(&["--version"]);
    assert!(version.status.success());
    assert_eq!(String::from_utf8_lossy(&version.stdout), "Notes 1.2.0\n");
    let help = world.installed(&["--help"]);
    let help = String::from_utf8_lossy(&help.stdout);
    assert!(help.contains("--settings") && !help.contains("--manifest"), "{help}");
    assert!(!world.has_begun());
}
