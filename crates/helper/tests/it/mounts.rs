//! Data folders in which other disks begin: they cannot be moved, so that nothing is replaced.

use std::fs;
use std::process::Command;

use crate::disk::{SmallDisk, mount};

#[test]
fn a_disk_within_the_data_folder() {
    let test = "mounts::a_disk_within_the_data_folder";
    let Some(disk) = SmallDisk::mount(test, 60) else { return };
    let home = &disk.home;
    home.run(home.export()).is("ok");
    assert!(mount(&mut Command::new("mount"), 1, &home.path("data/media")).status.success());
    home.write("data/media/photo 2.jpg", "other");
    let before = home.content("data");
    home.imported().is("mounted").says("data/media");
    assert!(home.content("data") == before);
    home.assert_at_rest();
    assert_eq!(home.names("").len(), 2, "{:?}", home.names(""));
}

#[test]
fn a_data_folder_that_is_a_disk() {
    let test = "mounts::a_data_folder_that_is_a_disk";
    let Some(disk) = SmallDisk::mount(test, 60) else { return };
    let home = &disk.home;
    home.run(home.export()).is("ok");
    fs::rename(home.path("data"), home.path("on disk")).unwrap();
    fs::create_dir(home.path("data")).unwrap();
    assert!(mount(&mut Command::new("mount"), 1, &home.path("data")).status.success());
    crate::case::copy_folder(&home.path("on disk"), &home.path("data"));
    home.run(home.unpack()).is("mounted");
    home.assert_at_rest();
}
