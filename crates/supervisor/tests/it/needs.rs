//! What a service does when something that it needs goes away and comes back.

use ensconce_supervisor::{Job, OnDependencyExit, Phase, RestartPolicy, RestartRule, Snapshot};
use ensconce_testkit::PATIENCE;
use rustix::process::Signal;

use crate::world::{World, needs, send};

/// Stays away until it is restarted by hand.
fn stays_away(job: Job) -> Job {
    Job { restart: RestartRule { delay: PATIENCE * 10, ..Default::default() }, ..job }
}

fn pid(snapshot: &Snapshot, job: &str) -> Option<u32> {
    snapshot.job(job).unwrap().pid
}

#[tokio::test(flavor = "multi_thread")]
async fn waiting_is_going_on() {
    let world = World::new();
    let running = world.start(vec![
        stays_away(world.service("cache", &["stay"])),
        Job { needs: needs(&["cache"]), ..world.service("api", &["stay"]) },
    ]);
    let before = running.until_up().await;
    send(pid(&before, "cache").unwrap(), Signal::KILL);
    running.until_phase("cache", Phase::Restarting).await;
    running.handle.restart("cache");
    running.until_ready_again("cache", pid(&before, "cache")).await;
    assert_eq!(pid(&running.until_up().await, "api"), pid(&before, "api"));
    running.stop(&world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn stopping_lasts_until_the_need_is_back() {
    let world = World::new();
    let on_dependency_exit = OnDependencyExit::Stop;
    let steps = ["child=daemon", "say=up", "stay"];
    let running = world.start(vec![
        stays_away(world.service("cache", &["stay"])),
        Job { needs: needs(&["cache"]), on_dependency_exit, ..world.service("api", &steps) },
    ]);
    let before = running.until_up().await;
    send(pid(&before, "cache").unwrap(), Signal::KILL);
    let stopped = running.until_phase("api", Phase::Waiting).await;
    assert_eq!(stopped.pid, None);
    running.until_phase("cache", Phase::Restarting).await;
    assert_eq!(world.mark.processes(), Vec::<u32>::new(), "the whole tree is gone");
    running.handle.restart("cache");
    running.until_ready_again("api", pid(&before, "api")).await;
    assert_eq!(running.phase("cache"), Phase::Ready);
    running.stop(&world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn stopping_reaches_through_and_keeps_the_order() {
    let world = World::new();
    let on_dependency_exit = OnDependencyExit::Stop;
    let steps = ["slow-stop=20", "say=up", "stay"];
    let running = world.start(vec![
        world.service("a", &steps),
        Job { needs: needs(&["a"]), on_dependency_exit, ..world.service("b", &steps) },
        Job { needs: needs(&["b"]), on_dependency_exit, ..world.service("c", &steps) },
    ]);
    let before = running.until_up().await;
    ensconce_testkit::eventually("they listen to signals", || world.log.all().len() == 3);
    running.handle.restart("a");
    running.until_ready_again("c", pid(&before, "c")).await;
    ensconce_testkit::eventually("all are up", || world.log.all().len() == 12);
    let without_ups = world.log.all().into_iter().filter(|line| !line.ends_with("up"));
    let stops: Vec<String> = without_ups.collect();
    assert_eq!(stops, ["c: asked", "c: bye", "b: asked", "b: bye", "a: asked", "a: bye"]);
    let after = running.until_up().await;
    assert!(["a", "b", "c"].iter().all(|job| pid(&after, job) != pid(&before, job)));
    running.stop(&world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_of_everything_overtakes_one_because_of_a_need() {
    let world = World::new();
    let on_dependency_exit = OnDependencyExit::Stop;
    let met =
        format!("meet-at-stop={},{}", world.path("asked").display(), world.path("go").display());
    let running = world.start(vec![
        world.service("a", &["stay"]),
        Job {
            needs: needs(&["a"]),
            on_dependency_exit,
            ..world.service("b", &[&met, "say=up", "stay"])
        },
    ]);
    running.until_up().await;
    ensconce_testkit::eventually("it listens to signals", || world.log.of("b") == ["up"]);
    running.handle.restart("a");
    ensconce_testkit::eventually("b is asked first", || world.path("asked").exists());
    assert_eq!(running.phase("a"), Phase::Stopping);
    assert_eq!(world.leaves().len(), 2, "a still runs");
    let handle = running.handle.clone();
    let stopping = tokio::spawn(async move { handle.stop().await });
    std::fs::write(world.path("go"), "").unwrap();
    stopping.await.unwrap();
    assert_eq!(running.phase("a"), Phase::Stopped);
    world.assert_nothing_left();
}

#[tokio::test(flavor = "multi_thread")]
async fn restarting_with_a_need_happens_when_it_is_back() {
    let world = World::new();
    let on_dependency_exit = OnDependencyExit::Restart;
    let running = world.start(vec![
        stays_away(world.service("cache", &["stay"])),
        Job { needs: needs(&["cache"]), on_dependency_exit, ..world.service("api", &["stay"]) },
        Job { needs: needs(&["api"]), ..world.service("user", &["stay"]) },
    ]);
    let before = running.until_up().await;
    send(pid(&before, "cache").unwrap(), Signal::KILL);
    running.until_phase("cache", Phase::Restarting).await;
    let meanwhile = running.handle.snapshots().borrow().clone();
    assert_eq!(meanwhile.job("api").unwrap().phase, Phase::Ready);
    assert_eq!(pid(&meanwhile, "api"), pid(&before, "api"), "it goes on");
    running.handle.restart("cache");
    running.until_ready_again("api", pid(&before, "api")).await;
    let after = running.until_up().await;
    assert_eq!(pid(&after, "user"), pid(&before, "user"));
    running.handle.restart("cache");
    running.until_ready_again("api", pid(&after, "api")).await;
    running.stop(&world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_gone_for_good_is_not_back() {
    let world = World::new();
    let on_dependency_exit = OnDependencyExit::Restart;
    let restart = RestartRule { policy: RestartPolicy::Never, ..Default::default() };
    let running = world.start(vec![
        Job { optional: true, restart, ..world.service("cache", &["stay"]) },
        world.service("other", &["stay"]),
        Job {
            needs: needs(&["cache", "other"]),
            on_dependency_exit,
            ..world.service("api", &["stay"])
        },
    ]);
    let before = running.until_up().await;
    send(pid(&before, "cache").unwrap(), Signal::KILL);
    running.until_failed("cache").await;
    let failed = running.until_up().await;
    assert_eq!(pid(&failed, "api"), pid(&before, "api"), "it goes on without it");
    running.handle.restart("cache");
    running.until_ready_again("api", pid(&before, "api")).await;
    running.stop(&world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_need_whose_work_is_done_stops_nobody() {
    let world = World::new();
    let on_dependency_exit = OnDependencyExit::Stop;
    let restart = RestartRule { policy: RestartPolicy::OnFailure, ..Default::default() };
    let running = world.start(vec![
        Job { restart, ..world.service("seed", &["exit-at-usr1=0", "say=up", "stay"]) },
        Job { needs: needs(&["seed"]), on_dependency_exit, ..world.service("api", &["stay"]) },
    ]);
    let before = running.until_up().await;
    ensconce_testkit::eventually("it listens to signals", || world.log.of("seed") == ["up"]);
    send(pid(&before, "seed").unwrap(), Signal::USR1);
    running.until_phase("seed", Phase::Ended).await;
    assert_eq!(pid(&running.until_up().await, "api"), pid(&before, "api"));
    running.stop(&world).await;
}
