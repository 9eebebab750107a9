//! What has not changed is not compressed again; what is damaged is.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::time::{Duration, SystemTime};

use ensconce_installer::BundleKind;

use crate::world::{World, noise};

/// The frames by name, with what tells whether they were made again.
fn frames(world: &World) -> BTreeMap<String, u64> {
    let files = fs::read_dir(world.path("cache")).unwrap().map(Result::unwrap);
    files
        .map(|file| (file.file_name().into_string().unwrap(), file.metadata().unwrap().ino()))
        .collect()
}

#[test]
fn a_part_that_changes_is_the_only_one_that_is_made_again() {
    let world = World::new();
    let first = world.write(BundleKind::Deb);
    let before = frames(&world);
    // The small files, Python, Node, and the end.
    assert_eq!(before.len(), 4, "{before:?}");
    assert_eq!(world.write(BundleKind::Deb), first);
    assert_eq!(frames(&world), before);
    fs::write(world.ready("runtime/node/other.js"), "1\n").unwrap();
    assert_ne!(world.write(BundleKind::Deb).sha256, first.sha256);
    let after = frames(&world);
    assert_eq!(after.len(), 5, "{after:?}");
    assert!(before.iter().all(|(name, inode)| after.get(name) == Some(inode)));
}

/// What changes most is not packed together with what is large.
#[test]
fn a_line_of_the_app_does_not_compress_its_program_again() {
    let world = World::new();
    let mut program = b"#!/bin/sh\n".to_vec();
    program.extend(noise(1 << 20));
    fs::write(world.ready("items"), program).unwrap();
    world.write(BundleKind::Deb);
    let before = frames(&world);
    fs::write(world.ready("app/main.py"), "print('hello!')\n").unwrap();
    world.write(BundleKind::Deb);
    let after = frames(&world);
    let made: Vec<&String> = after.keys().filter(|name| !before.contains_key(*name)).collect();
    let [made] = made.as_slice() else { panic!("expected one new frame: {made:?}") };
    let bytes = fs::metadata(world.path("cache").join(made)).unwrap().len();
    assert!(bytes < 1 << 18, "{bytes}");
}

/// Neither length nor time of a file decide whether it is the same.
#[test]
fn contents_are_noticed_that_change_without_length_or_time() {
    let world = World::new();
    let mut made = vec![world.write(BundleKind::Deb)];
    for file in ["app/main.py", "runtime/node/large.bin"] {
        let path = world.ready(file);
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        let time = fs::metadata(&path).unwrap().modified().unwrap();
        let mut data = fs::read(&path).unwrap();
        data[3] ^= 1;
        fs::write(&path, data).unwrap();
        fs::File::options().write(true).open(&path).unwrap().set_modified(time).unwrap();
        let built = world.write(BundleKind::Deb);
        assert!(!made.contains(&built), "{file}");
        made.push(built);
    }
    fs::remove_dir_all(world.path("cache")).unwrap();
    assert_eq!(made.last(), Some(&world.write(BundleKind::Deb)));
}

/// Who removes what was not used for long goes by the files' times.
#[test]
fn a_frame_that_is_used_is_young_again() {
    let world = World::new();
    world.write(BundleKind::Deb);
    let ages = || {
        let names = frames(&world).into_keys();
        let age = |name| fs::metadata(world.path("cache").join(name)).unwrap().modified().unwrap();
        names.map(age).map(|time| time.elapsed().unwrap_or_default()).collect::<Vec<_>>()
    };
    let day = Duration::from_secs(24 * 60 * 60);
    for name in frames(&world).keys() {
        let file = fs::File::options().append(true).open(world.path("cache").join(name)).unwrap();
        file.set_modified(SystemTime::now() - 9 * day).unwrap();
    }
    assert!(ages().iter().all(|age| *age > day));
    world.write(BundleKind::Deb);
    assert!(ages().iter().all(|age| *age < day));
}

#[test]
fn damaged_frames_are_made_again() {
    let world = World::new();
    let first = world.write(BundleKind::Tar);
    for (index, name) in frames(&world).keys().enumerate() {
        let path = world.path("cache").join(name);
        let mut data = fs::read(&path).unwrap();
        match index % 4 {
            0 => data.truncate(data.len() - 1),
            1 => *data.last_mut().unwrap() ^= 1,
            2 => data.clear(),
            _ => data[0] ^= 1,
        }
        fs::write(&path, data).unwrap();
    }
    assert_eq!(world.write(BundleKind::Tar), first);
    assert_eq!(world.write(BundleKind::Tar), first);
}
