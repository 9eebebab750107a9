//! Going over to other jobs while they run.

use std::collections::HashSet;

use ensconce_supervisor::{Address, Job, Listen, OnDependencyExit, Phase, Ready};

use crate::world::{World, needs, some_port};

fn set(names: &[&str]) -> HashSet<String> {
    needs(names).into_iter().collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn replace_ends_begins_and_restarts_what_it_must() {
    let world = World::new();
    let service = |name: &str| world.service(name, &["stay"]);
    let running = world.start(vec![service("same"), service("changed"), service("gone")]);
    let before = running.until_up().await;
    let pid = |name: &str| before.job(name).unwrap().pid;
    let changed = world.service("changed", &["say=other", "stay"]);
    running.handle.replace(vec![service("same"), changed, service("new")], set(&["changed"]));
    running.until_ready_again("changed", pid("changed")).await;
    running.until_phase("new", Phase::Ready).await;
    let after = running.until("gone is gone", |now| now.job("gone").is_none()).await;
    assert_eq!(after.job("same").unwrap().pid, pid("same"));
    ensconce_testkit::eventually("it is the other", || world.log.of("changed") == ["other"]);
    running.stop(&world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn replace_moves_a_service_to_another_address() {
    let world = World::new();
    let (first, second) = (some_port(), some_port());
    let api = |listen: Listen, step: &str| Job {
        listen,
        ready: Ready::Listening,
        ..world.service("api", &[step, "stay"])
    };
    let running = world.start(vec![api(Listen::Tcp(Some(first)), "tcp={port}")]);
    let mut before = running.until_phase("api", Phase::Ready).await;
    assert_eq!(before.address, Some(Address::loopback(first)));

    let (own, passed) = (world.path("own"), world.path("passed"));
    let socket_step = world.step("unix", "own");
    for (listen, step, address) in [
        (Listen::Tcp(Some(second)), "tcp={port}", Address::loopback(second)),
        (Listen::Unix(own.clone()), socket_step.as_str(), Address::Unix(own)),
        (Listen::Passed(passed.clone()), "fd", Address::Unix(passed)),
    ] {
        running.handle.replace(vec![api(listen, step)], set(&["api"]));
        before = running.until_ready_again("api", before.pid).await;
        assert_eq!(before.address, Some(address));
    }
    running.stop(&world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_that_comes_back_while_it_ends_is_started_again() {
    let world = World::new();
    let ready = Ready::Log(regex::Regex::new("up").unwrap());
    let api = Job { ready, ..world.slow_to_end("api") };
    let running = world.start(vec![api.clone()]);
    let before = running.until_phase("api", Phase::Ready).await;
    running.handle.replace(Vec::new(), HashSet::new()).await;
    assert_eq!(running.phase("api"), Phase::Stopping);
    running.handle.replace(vec![api], HashSet::new()).await;
    std::fs::write(world.path("go"), "").unwrap();
    running.until_ready_again("api", before.pid).await;
    running.stop(&world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_is_in_force_when_its_future_resolves() {
    let world = World::new();
    let service = |name: &str| world.service(name, &["stay"]);
    let running =
        world.start(vec![service("same"), service("a"), world.task("failed", &["exit=1"])]);
    let now = || running.handle.snapshots().borrow().clone();
    for round in 1..20 {
        running.until_failed("failed").await;
        let before = running.until_phase("a", Phase::Ready).await;
        let new = format!("new{round}");
        let jobs =
            vec![service("same"), service("a"), service(&new), world.task("failed", &["exit=1"])];
        running.handle.replace(jobs, set(&["a"])).await;
        let after = now().job("a").unwrap().clone();
        assert!(after.phase != Phase::Ready || after.pid != before.pid, "it is still the old one");
        assert!(now().job(&new).is_some());
        let gone = now().job(&format!("new{}", round - 1)).map(|job| job.phase);
        assert!(gone.is_none_or(|phase| phase == Phase::Stopping), "{gone:?}");

        let before = running.until_phase("a", Phase::Ready).await;
        assert!(running.handle.restart("a").await);
        let after = now().job("a").unwrap().clone();
        assert!(after.phase != Phase::Ready || after.pid != before.pid, "it is still the old one");

        let before = running.until_phase("failed", Phase::Failed).await.since;
        running.handle.retry().await;
        assert!(now().job("failed").unwrap().since > before, "it is still the old failure");
    }
    assert!(!running.handle.restart("nobody").await);
    running.stop(&world).await;
    assert!(!running.handle.restart("a").await);
    running.handle.retry().await;
    running.handle.replace(Vec::new(), HashSet::new()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_is_carried_out_though_nobody_waits() {
    let world = World::new();
    let running = world.start(vec![world.service("a", &["stay"])]);
    let before = running.until_phase("a", Phase::Ready).await.pid;
    drop(running.handle.restart("a"));
    running.until_ready_again("a", before).await;
    drop(running.handle.replace(Vec::new(), HashSet::new()));
    running.until("it is gone", |now| now.jobs.is_empty()).await;
    running.stop(&world).await;
}

/// Takes everything out while `blocked` takes its time to end, gives orders meanwhile, and sees
/// that everything goes all the same.
async fn check_removal_holds(world: &World, jobs: Vec<Job>, blocked: &str, orders: &[&str]) {
    let running = world.start(jobs);
    running.until_up().await;
    ensconce_testkit::eventually("it listens to signals", || world.log.of(blocked) == ["up"]);
    running.handle.replace(Vec::new(), HashSet::new());
    ensconce_testkit::eventually("it is asked to end", || world.path("asked").exists());
    for job in orders {
        assert!(!running.handle.restart(job).await, "there is no such job any more");
    }
    running.handle.retry().await;
    std::fs::write(world.path("go"), "").unwrap();
    running.until("all are gone", |now| now.jobs.is_empty()).await;
    running.stop(world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restart_does_not_undo_a_removal() {
    let world = World::new();
    check_removal_holds(&world, vec![world.slow_to_end("api")], "api", &["api"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restart_does_not_undo_a_removal_that_waits_for_another() {
    let world = World::new();
    let needing = |on_dependency_exit| Job {
        needs: needs(&["a"]),
        on_dependency_exit,
        ..world.slow_to_end("b")
    };
    for rule in [OnDependencyExit::Stop, OnDependencyExit::Restart, OnDependencyExit::Continue] {
        for file in ["asked", "go"] {
            let _ = std::fs::remove_file(world.path(file));
        }
        world.log.clear();
        let jobs = vec![world.service("a", &["stay"]), needing(rule)];
        check_removal_holds(&world, jobs, "b", &["a", "b", "a"]).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_port_of_a_need_does_not_undo_a_removal() {
    let world = World::new();
    let api = Job {
        listen: Listen::Handshake(world.path("port.json")),
        ready: Ready::Listening,
        ..world.service("api", &["port-line", "stay"])
    };
    let user = Job { needs: needs(&["api"]), ..world.slow_to_end("user") };
    let running = world.start(vec![api.clone(), user]);
    let before = running.until_up().await.job("api").unwrap().clone();
    ensconce_testkit::eventually("it listens to signals", || world.log.of("user") == ["up"]);
    running.handle.replace(vec![api], HashSet::new());
    ensconce_testkit::eventually("it is asked to end", || world.path("asked").exists());
    running.handle.restart("api");
    let after = running.until_ready_again("api", before.pid).await;
    assert_ne!(after.address, before.address);
    std::fs::write(world.path("go"), "").unwrap();
    running.until("it is gone", |now| now.job("user").is_none()).await;
    running.stop(&world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_that_waits_knows_the_address_of_a_new_one() {
    let world = World::new();
    let running = world.start(vec![world.service("a", &["stay"])]);
    let before = running.until_up().await.job("a").unwrap().pid;
    let a = world.service("a", &["say={port:b}", "stay"]);
    let b = Job { listen: Listen::Tcp(None), ..world.service("b", &["say={port}", "stay"]) };
    running.handle.replace(vec![a, b], set(&["a"]));
    running.until_ready_again("a", before).await;
    running.until_up().await;
    let said = |job: &str| world.log.of(job).first().cloned();
    ensconce_testkit::eventually("both said it", || said("a").is_some() && said("a") == said("b"));
    running.stop(&world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_job_without_an_address_fails_alone() {
    let world = World::new();
    let a = world.service("a", &["stay"]);
    let running = world.start(vec![a.clone()]);
    running.until_up().await;
    let nowhere = Listen::Passed("/nowhere/socket".into());
    let b = Job { listen: nowhere, ..world.service("b", &["stay"]) };
    running.handle.replace(vec![a, b], HashSet::new());
    let failure = running.until_failed("b").await;
    assert!(failure.to_string().contains("it has nowhere to listen"), "{failure}");
    assert_eq!(running.phase("a"), Phase::Ready);
    running.stop(&world).await;
}
