//! What has not changed is not compressed again; what is damaged is.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::MetadataExt;

use ensconce_installer::Kind;

use crate::world::World;

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
    let first = world.write(Kind::Deb);
    let before = frames(&world);
    // The small files, Python, Node, and the end.
    assert_eq!(before.len(), 4, "{before:?}");
    assert_eq!(world.write(Kind::Deb), first);
    assert_eq!(frames(&world), before);
    fs::write(world.ready("runtime/node/other.js"), "1\n").unwrap();
    assert_ne!(world.write(Kind::Deb).sha256, first.sha256);
    let after = frames(&world);
    assert_eq!(after.len(), 5, "{after:?}");
    assert!(before.iter().all(|(name, inode)| after.get(name) == Some(inode)));
}

#[test]
fn damaged_frames_are_made_again() {
    let world = World::new();
    let first = world.write(Kind::Tar);
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
    assert_eq!(world.write(Kind::Tar), first);
    assert_eq!(world.write(Kind::Tar), first);
}
