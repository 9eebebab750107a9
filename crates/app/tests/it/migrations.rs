//! Which tasks have run belongs to the data that they ran on.

use std::path::Path;

use ensconce_app::OfflineApp;
use ensconce_protocol::{AppResponse, Backup, BackupReason, JobState, Outcome};

use crate::world::{
    World, backup, backups, done, export, import, notes, outcome, restore, state_of, wait_for,
};

/// Data of version 1, and a backup of it, under version 2 that has migrated and run since.
async fn updated(when: &str) -> World {
    let world = World::with_notes("1.0.0", when);
    let app = world.start_up().await;
    done(&app.requests(), backup()).await;
    let to = world.path("of-1.ensconce");
    done(&app.requests(), export(&to, None)).await;
    app.stop().await;
    world.manifest("2.0.0", &notes("2.0.0", when));
    world.run_once().await;
    assert_eq!(world.schema(), "2");
    world
}

#[tokio::test]
async fn restored_data_of_an_older_version_is_migrated_again() {
    for when in ["update", "always"] {
        let world = updated(when).await;
        let app = world.start_up().await;
        let requests = app.requests();
        let found = backups(&requests).await;
        let manual = found.iter().find(|one| one.reason == BackupReason::Manual).unwrap();
        assert_eq!(manual.version.as_deref(), Some("1.0.0"));
        done(&requests, restore(&manual.id)).await;
        // The app that goes on has migrated it, and works with it.
        wait_for(&app, "the service", |status| state_of(status, "api") == Some(JobState::Ready))
            .await;
        assert_eq!(world.schema(), "2", "{when}");
        // That was an update as any other: with a backup, so that there is a way back.
        let before: Vec<_> = backups(&requests)
            .await
            .into_iter()
            .filter(|one| one.reason == BackupReason::BeforeUpdate)
            .collect();
        assert_eq!(before.len(), 2, "{when}: {before:?}");
        assert!(before.iter().all(|one| one.version.as_deref() == Some("1.0.0")), "{before:?}");
        app.stop().await;
        world.run_once().await;
    }
}

#[tokio::test]
async fn data_restored_while_the_app_does_not_run_is_migrated_at_the_next_start() {
    let world = updated("update").await;
    let app = world.start_up().await;
    let found = backups(&app.requests()).await;
    let id = found.iter().find(|one| one.reason == BackupReason::Manual).unwrap().id.clone();
    app.stop().await;
    let offline = world.hold().await;
    let response = offline.handle(restore(&id)).await;
    assert!(format!("{response:?}").contains("ok: true"), "{response:?}");
    offline.release().await;
    assert_eq!(world.schema(), "1");
    world.run_once().await;
    assert_eq!(world.schema(), "2");
}

#[tokio::test]
async fn imported_data_of_an_older_version_is_migrated_again() {
    for when in ["update", "always"] {
        let world = updated(when).await;
        let app = world.start_up().await;
        done(&app.requests(), import(&world.path("of-1.ensconce"), None)).await;
        wait_for(&app, "the service", |status| state_of(status, "api") == Some(JobState::Ready))
            .await;
        assert_eq!(world.schema(), "2", "{when}");
        app.stop().await;
        world.run_once().await;
    }
}

/// A task that makes something which is in no database, and version 1.1 in which it has run.
async fn seeded(when: &str) -> World {
    let seed = format!(
        "[task.seed]\ncommand = [\"sh\", \"-c\", \"echo seed >> seeds\"]\n\
         cwd = \"{{data}}\"\nwhen = \"{when}\"\n"
    );
    let world = World::with_notes("1.0.0", "update");
    let app = world.start_up().await;
    done(&app.requests(), backup()).await;
    done(&app.requests(), export(&world.path("before.ensconce"), None)).await;
    app.stop().await;
    world.manifest("1.1.0", &format!("{}{seed}", notes("1.1.0", "update")));
    world.run_once().await;
    world.run_once().await;
    assert_eq!(seeds(&world), 1, "{when}");
    world
}

fn seeds(world: &World) -> usize {
    let written = std::fs::read_to_string(world.data("seeds")).unwrap_or_default();
    written.lines().count()
}

#[tokio::test]
async fn a_task_of_no_database_does_not_run_again_when_one_is_restored() {
    for when in ["first-run", "update"] {
        let world = seeded(when).await;
        let app = world.start_up().await;
        let found = backups(&app.requests()).await;
        let id = found.iter().find(|one| one.reason == BackupReason::Manual).unwrap().id.clone();
        done(&app.requests(), restore(&id)).await;
        wait_for(&app, "the service", |status| state_of(status, "api") == Some(JobState::Ready))
            .await;
        app.stop().await;
        world.run_once().await;
        assert_eq!(seeds(&world), 1, "{when}");
    }
}

#[tokio::test]
async fn a_task_that_ran_once_runs_again_on_imported_data_from_before() {
    for when in ["first-run", "update"] {
        let world = seeded(when).await;
        let app = world.start_up().await;
        done(&app.requests(), import(&world.path("before.ensconce"), None)).await;
        wait_for(&app, "the seed", |status| {
            state_of(status, "seed") == Some(JobState::Ready) && seeds(&world) == 1
        })
        .await;
        app.stop().await;
        world.run_once().await;
        assert_eq!(seeds(&world), 1, "{when}");
    }
}

/// There is no way back from a schema that this version does not know.
#[tokio::test]
async fn data_of_a_newer_version_is_refused_before_anything_is_touched() {
    let world = updated("update").await;
    let app = world.start_up().await;
    done(&app.requests(), backup()).await;
    done(&app.requests(), export(&world.path("of-2.ensconce"), None)).await;
    let found = backups(&app.requests()).await;
    let of_2 = |one: &&Backup| one.version.as_deref() == Some("2.0.0");
    let id = found.iter().find(of_2).unwrap().id.clone();
    done(&app.requests(), import(&world.path("of-1.ensconce"), None)).await;
    app.stop().await;
    // The former version again, with data that it can work with.
    world.manifest("1.0.0", &notes("1.0.0", "update"));
    let offline = world.hold().await;
    let imported = import_offline(&offline, &world.path("of-1.ensconce")).await;
    assert!(imported.ok, "{imported:?}");
    offline.release().await;
    let app = world.start_up().await;
    let requests = app.requests();
    let pid = || app.status().borrow().jobs.iter().find(|job| job.name == "api").unwrap().pid;
    let before = pid();
    for request in [restore(&id), import(&world.path("of-2.ensconce"), None)] {
        let refused = outcome(&requests, request).await;
        let message = refused.message.unwrap();
        assert!(!refused.ok && message.contains("version 2.0.0"), "{message}");
        assert!(message.contains("Update the app first"), "{message}");
        assert_eq!((pid(), world.schema()), (before, "1".to_owned()));
    }
    app.stop().await;
}

async fn import_offline(offline: &OfflineApp, from: &Path) -> Outcome {
    match offline.handle(import(from, None)).await {
        AppResponse::Outcome(outcome) => outcome,
        other => panic!("no outcome: {other:?}"),
    }
}
