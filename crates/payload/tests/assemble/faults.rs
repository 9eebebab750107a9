//! A full disk, a killed build, two builds at once.

use std::fs;

use crate::app::App;

fn app() -> App {
    let app = App::new(
        "[ui]\nstatic = \"pages\"\n[build.program.tool]\npath = \"tool\"\nexecutable = \"run\"\n",
    );
    app.write("pages/index.html", "x");
    app.write("tool/run", "#!/bin/sh\necho it runs\n");
    for number in 0..40 {
        app.write(&format!("tool/data/{number}"), &"x".repeat(100_000));
    }
    app
}

#[test]
fn many_builds_at_once_share_one_cache() {
    let app = app();
    std::thread::scope(|scope| {
        let builds: Vec<_> = (0..6)
            .map(|number| {
                let (app, out) = (&app, app.out(&number.to_string()));
                scope.spawn(move || {
                    app.assemble_into(&out, &app.cache()).unwrap();
                    assert_eq!(fs::read_dir(out.join("runtime/tool/data")).unwrap().count(), 40);
                })
            })
            .collect();
        builds.into_iter().for_each(|build| build.join().unwrap());
    });
    assert_eq!(fs::read_dir(app.cache().join("making")).unwrap().count(), 0);
}

/// The file system is made by the test; only root may do that.
#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_said_so_and_spoils_nothing() {
    use std::process::Command;
    let app = app();
    let small = tempfile::tempdir().unwrap();
    let mounted = Command::new("mount")
        .args(["-t", "tmpfs", "-o", "size=1m", "tmpfs"])
        .arg(small.path())
        .status();
    if !mounted.is_ok_and(|status| status.success()) {
        // `/dev/full` is what everyone has: at least the message is seen.
        let error = fs::write("/dev/full", "x").unwrap_err();
        assert_eq!(error.kind(), std::io::ErrorKind::StorageFull);
        return;
    }
    let error = app.assemble_into(&app.out("a"), &small.path().join("cache")).unwrap_err();
    let size = Command::new("mount").args(["-o", "remount,size=50m"]).arg(small.path()).status();
    let again = app.assemble_into(&app.out("b"), &small.path().join("cache"));
    let count = fs::read_dir(app.out("b/runtime/tool/data")).map(Iterator::count);
    let gone = Command::new("umount").arg("-l").arg(small.path()).status().unwrap();
    assert!(gone.success() && size.unwrap().success());
    assert!(error.to_string().contains("No space left"), "{error}");
    assert!(error.hints()[0].starts_with("Free some disk space"), "{:?}", error.hints());
    again.unwrap();
    assert_eq!(count.unwrap(), 40);
}

/// The test starts itself as a build, and kills it while it is making something.
#[cfg(target_os = "linux")]
#[test]
fn a_killed_build_leaves_a_good_cache() {
    use std::io::{BufRead, BufReader};
    use std::process::{Command, Stdio};
    let app = app();
    let folder = app.path("");
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "faults::child_builds", "--nocapture", "--ignored"])
        .env("PAYLOAD_TEST_CACHE", app.cache())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
    assert!(lines.any(|line| line.ends_with("half is made")));
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(folder.exists());
    // What it was making, and the lock that nobody holds any more.
    assert_eq!(fs::read_dir(app.cache().join("making")).unwrap().count(), 2);
    let names = |cache: &std::path::Path| {
        let entries = fs::read_dir(cache).unwrap().map(|entry| entry.unwrap().file_name());
        entries.filter(|name| name.len() == 64).count()
    };
    assert_eq!(names(&app.cache()), 0);
    app.assemble().unwrap();
    assert_eq!(names(&app.cache()), 1);
    assert_eq!(fs::read_dir(app.cache().join("making")).unwrap().count(), 0);
    assert_eq!(fs::read_dir(app.out("runtime/tool/data")).unwrap().count(), 40);
}

/// Not a test: what the test above starts.
#[test]
#[ignore = "is started by another test"]
fn child_builds() {
    let Some(cache) = std::env::var_os("PAYLOAD_TEST_CACHE") else { return };
    let cache = ensconce_payload::Cache::open(cache.as_ref()).unwrap();
    let key = ensconce_payload::CacheKey::new("test");
    let made = cache.folder(&key, |folder| {
        fs::write(folder.join("half"), "x").unwrap();
        println!("half is made");
        loop {
            std::thread::park();
        }
    });
    made.unwrap();
}
