//! The program that the CLI starts: it is told which app it is.

use crate::world::World;

#[test]
fn it_is_told_which_app_it_is() {
    let world = World::new();
    let output = world.developed(&["--manifest", "other", "--data-dir", "data", "--dev", "a.note"]);
    world.assert_started(&output);
    assert!(world.path("data/data").exists());
    assert!(!world.path("home").exists());
}

#[test]
fn a_path_that_looks_like_an_option_is_one_behind_its_own() {
    let world = World::new();
    let output = world.developed(&["--manifest=other", "--data-dir=-data", "--", "--dev"]);
    world.assert_started(&output);
    assert!(world.path("-data/data").exists());
}

#[test]
fn alone_it_is_no_app() {
    let world = World::new();
    let output = world.developed(&[]);
    let talk = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{talk}");
    assert!(talk.contains("Cannot read the manifest"), "{talk}");
}
