//! Work on the data while the app runs: nothing of the app gets in its way, and it in nobody's.

use std::time::Duration;

use ensconce_app::RunningApp;
use ensconce_protocol::{AppPhase, JobState};
use ensconce_testkit::PATIENCE;

use crate::world::{
    World, backup, backups, done, export, import, names_in, outcome, restore, save, soon, state_of,
    wait_for,
};

/// An app with some megabytes of data, a backup, and an export beside it.
async fn world() -> World {
    let world = World::with_notes("1.0.0", "update");
    world.fill(24);
    let app = world.start_up().await;
    done(&app.requests(), backup()).await;
    done(&app.requests(), export(&world.path("all.ensconce"), None)).await;
    app.stop().await;
    world
}

/// Looks at every status during some work, and fails if a service runs while all is paused.
async fn never_runs_while_paused(app: &ensconce_app::App, work: impl Future<Output = ()>) -> usize {
    let mut status = app.status();
    let (mut pauses, mut seen_ready) = (0, true);
    tokio::pin!(work);
    loop {
        tokio::select! {
            () = &mut work => return pauses,
            changed = status.changed() => changed.unwrap(),
        }
        let now = status.borrow_and_update().clone();
        let runs = state_of(&now, "api").is_some();
        if seen_ready && now.phase == AppPhase::Starting {
            pauses += 1;
        }
        seen_ready = now.phase == AppPhase::Ready;
        let stopping = state_of(&now, "api") == Some(JobState::Stopping);
        assert!(now.phase != AppPhase::Ready || runs || stopping, "{now:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn settings_and_edits_during_a_restore_start_nothing_before_it_is_over() {
    let world = world().await;
    let mut app = world.start_up().await;
    let requests = app.requests();
    let id = backups(&requests).await[0].id.clone();
    for round in 0..5 {
        let restoring = tokio::spawn({
            let (requests, id) = (requests.clone(), id.clone());
            async move { done(&requests, restore(&id)).await }
        });
        let status = app.status();
        while !restoring.is_finished() {
            let paused = status.borrow().jobs.is_empty();
            done(&requests, save("0", "nick", format!("n{round}"))).await;
            app.reload().await.unwrap();
            if paused && !restoring.is_finished() {
                // The database has no other user: the helper would refuse.
                assert_ne!(state_of(&status.borrow(), "api"), Some(JobState::Ready));
            }
        }
        restoring.await.unwrap();
        // The service works with the data that there is now, not with a file that was moved away.
        let status = wait_for(&app, "the service", |status| {
            state_of(status, "api") == Some(JobState::Ready)
        });
        status.await;
        let count = world.ask("select count(*) from notes");
        wait_for_count(&world, &count).await;
    }
    assert!(never_runs_while_paused(&app, async {}).await == 0);
    app.stop().await;
}

async fn wait_for_count(world: &World, before: &str) {
    let begun = std::time::Instant::now();
    while world.ask("select count(*) from notes") == before {
        assert!(begun.elapsed() < PATIENCE, "nothing is written any more");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restart_during_an_export_is_refused_and_holds_nothing_up() {
    let world = world().await;
    let app = world.start_up().await;
    let running = running(&world);
    let requests = app.requests();
    let exporting = tokio::spawn({
        let (requests, to) = (requests.clone(), world.path("again.ensconce"));
        async move { done(&requests, export(&to, None)).await }
    });
    let mut refused = 0;
    while !exporting.is_finished() {
        refused += usize::from(running.restart("api").await.is_err());
    }
    exporting.await.unwrap();
    assert!(refused > 0);
    wait_for(&app, "the service", |status| state_of(status, "api") == Some(JobState::Ready)).await;
    // And nothing hangs behind it.
    done(&requests, backup()).await;
    app.stop().await;
}

fn running(world: &World) -> RunningApp {
    let manifest = world.path("app/ensconce.toml");
    let found = ensconce_app::find_running(&manifest, Some(&world.path("home")));
    found.unwrap().1.unwrap()
}

#[tokio::test]
async fn an_import_with_a_wrong_passphrase_touches_nothing() {
    let secret = "[secret.session]\ngenerate = 32\n[service.api]\ncommand = [\"sleep\", \"1000\"]\n\
                  env = { K = \"{secret.session}\" }\n[database.main]\nfile = \"{data}/notes.db\"\n";
    let world = World::new("1.0.0", secret);
    let app = world.start_up().await;
    let requests = app.requests();
    std::fs::write(world.data("mine.txt"), "mine").unwrap();
    let (with, without) = (world.path("with.ensconce"), world.path("without.ensconce"));
    done(&requests, export(&with, Some("right"))).await;
    done(&requests, export(&without, None)).await;
    std::fs::write(world.data("mine.txt"), "changed").unwrap();
    wait_for(&app, "the service", |status| state_of(status, "api") == Some(JobState::Ready)).await;
    let pid = app.status().borrow().jobs[0].pid;
    let broken = world.path("broken.ensconce");
    let mut bytes = std::fs::read(&with).unwrap();
    bytes.truncate(bytes.len() - 1);
    std::fs::write(&broken, bytes).unwrap();
    for (file, passphrase, says) in [
        (&with, Some("wrong"), "passphrase"),
        (&without, Some("right"), "no secrets in this file"),
        (&broken, Some("right"), "cut short"),
        (&world.path("none.ensconce"), None, "cannot be read"),
        (&world.path("app/ensconce.toml"), None, "not a file with exported data"),
    ] {
        let outcome = outcome(&requests, import(file, passphrase)).await;
        let message = outcome.message.unwrap();
        assert!(!outcome.ok && message.contains(says), "{message}");
        assert!(!message.contains(".."), "{message}");
        assert_eq!(std::fs::read_to_string(world.data("mine.txt")).unwrap(), "changed");
        assert_eq!(app.status().borrow().jobs[0].pid, pid, "it was not even stopped: {says}");
        assert_eq!(names_in(&world.path("home")), ["cache", "config", "data", "logs"]);
    }
    done(&requests, import(&with, Some("right"))).await;
    assert_eq!(std::fs::read_to_string(world.data("mine.txt")).unwrap(), "mine");
    app.stop().await;
}

#[tokio::test]
async fn what_cannot_be_done_is_said_before_a_service_is_stopped() {
    let world = world().await;
    let app = world.start_up().await;
    let requests = app.requests();
    let pid = || app.status().borrow().jobs.iter().find(|job| job.name == "api").unwrap().pid;
    let before = pid();
    for (request, says) in [
        (export(&world.path("no/such/folder"), None), "cannot be read or written"),
        (export(&world.data("inside"), None), "cannot lie in the folder of the data"),
        (export(&world.path("app"), None), "is a folder"),
        (export(&world.path("x"), Some("passphrase")), "no secrets"),
        (restore("main-20200101T000000Z.sqlite"), "no such backup"),
        (restore("../../notes.db"), "no such backup"),
    ] {
        let op = request.op();
        let outcome = outcome(&requests, request).await;
        let message = outcome.message.unwrap();
        assert!(!outcome.ok && message.contains(says), "{op}: {message}");
        assert_eq!(pid(), before, "{op}");
    }
    app.stop().await;
}

/// An app that is stopped in the midst of work on its data ends it, or undoes it, and leaves no
/// helper behind.
#[tokio::test(flavor = "multi_thread")]
async fn a_stop_waits_for_the_work_on_the_data_or_ends_it() {
    let world = world().await;
    std::fs::write(world.data("files/new"), "since the export").unwrap();
    let (mut old, mut new) = (0, 0);
    for round in 0..12_u64 {
        let app = world.start_up().await;
        let requests = app.requests();
        let from = world.path("all.ensconce");
        let importing = tokio::spawn(async move { outcome(&requests, import(&from, None)).await });
        // Chooses the moment, and waits for nothing.
        tokio::time::sleep(Duration::from_millis(round * 40)).await;
        app.stop().await;
        let outcome = importing.await.unwrap();
        assert!(!helpers(&world), "a helper has outlived the app");
        world.run_once().await;
        let is_new = !world.data("files/new").exists();
        assert_eq!(names_in(&world.data("files")).len(), 24 + usize::from(!is_new), "{outcome:?}");
        assert!(!outcome.ok || is_new, "{outcome:?}");
        if is_new {
            new += 1
        } else {
            old += 1
        };
        std::fs::write(world.data("files/new"), "since the export").unwrap();
    }
    assert!(old > 0, "{old} old, {new} new");
}

/// Returns whether a process works for this world's app.
fn helpers(world: &World) -> bool {
    let folder = world.path("home").display().to_string();
    let processes = std::fs::read_dir("/proc").unwrap().flatten();
    processes
        .filter_map(|entry| std::fs::read(entry.path().join("cmdline")).ok())
        .map(|line| String::from_utf8_lossy(&line).into_owned())
        .any(|line| line.contains("ensconce-helper") && line.contains(&folder))
}

#[tokio::test]
async fn a_backup_says_of_which_version_it_is_where_that_is_known() {
    let world = world().await;
    let app = world.start_up().await;
    let found = backups(&app.requests()).await;
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].version.as_deref(), Some("1.0.0"));
    assert!(found[0].id.ends_with("-manual.sqlite"), "{found:?}");
    app.stop().await;
}

#[cfg(unix)]
#[tokio::test]
async fn nothing_is_started_while_a_replacement_of_the_data_cannot_be_ended() {
    let world = World::with_notes("1.0.0", "update");
    let app = world.start_up().await;
    let requests = app.requests();
    done(&requests, backup()).await;
    let id = backups(&requests).await[0].id.clone();
    // From now on it ruins the journal when it is stopped.
    done(&requests, save("0", "nick", "meddler")).await;
    let is_there = || world.ask("select count(*) from notes where text = 'meddler'") != "0";
    soon("the meddler", is_there).await;
    let refused = outcome(&requests, restore(&id)).await;
    assert!(!refused.ok, "{refused:?}");
    let failed = wait_for(&app, "a failure", |status| status.phase == AppPhase::Failed).await;
    assert!(failed.jobs.is_empty(), "{failed:?}");
    let failure = failed.failure.unwrap();
    assert_eq!(failure.title, "Notes cannot use its data");
    assert!(failure.details.contains("cannot be understood"), "{failure:?}");
    // Nor does anything else that is done to the data go on.
    app.retry();
    assert!(!outcome(&requests, backup()).await.ok);
    assert!(app.status().borrow().jobs.is_empty());
    app.stop().await;
    let Err(refused) = world.try_start().await else { panic!("it has started") };
    assert!(refused.to_string().contains("cannot be understood"), "{refused}");
    // What is in the way was removed by hand.
    std::fs::remove_file(world.data(".ensconce/swap")).unwrap();
    let _ = std::fs::remove_file(world.data("notes.db.restoring"));
    world.run_once().await;
}
