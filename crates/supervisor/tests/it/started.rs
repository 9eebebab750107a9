//! Services that count as ready before they listen: nobody is sent to their port until it is theirs.

use std::net::Ipv4Addr;
use std::time::Duration;

use ensconce_supervisor::{
    Address, Job, JobSnapshot, Listen, Liveness, Pace, Phase, Ready, RestartPolicy, RestartRule,
};
use ensconce_testkit::{PATIENCE, eventually};
use rustix::process::Signal;
use tokio::net::TcpListener;

use crate::world::{Running, World, needs, send};

/// A service with a port, ready at once, that goes on when there is a file `go`.
fn started(world: &World, listen: Listen, steps: &[&str]) -> Job {
    let wait = world.step("await", "go");
    let steps = [&[wait.as_str()], steps].concat();
    Job { listen, ..world.service("api", &steps) }
}

fn go(world: &World) {
    std::fs::write(world.path("go"), "").unwrap();
}

async fn until_address(running: &Running) -> JobSnapshot {
    let has_address = |job: &JobSnapshot| job.address.is_some();
    let now = running.until("it listens", |now| now.job("api").is_some_and(has_address)).await;
    now.job("api").unwrap().clone()
}

/// Listens on a port of loopback, as a stranger.
async fn stranger(port: u16) -> TcpListener {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await.unwrap()
}

/// Waits until it was looked at twice whose socket it is: what the first look led to is seen then.
async fn until_looked_at(stranger: &TcpListener) {
    for _ in 0..2 {
        let looked = tokio::time::timeout(PATIENCE, stranger.accept()).await;
        looked.expect("it is looked at").unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_ready_at_once_and_has_an_address_when_it_listens() {
    let world = World::new();
    let api = started(&world, Listen::Tcp(None), &["tcp={port}", "stay"]);
    let user = Job { needs: needs(&["api"]), ..world.service("user", &["stay"]) };
    let running = world.start(vec![api, user]);
    let api = running.until_up().await.job("api").unwrap().clone();
    assert_eq!(api.address, None);
    let assigned = api.assigned.expect("its port is chosen");
    go(&world);
    let listening = until_address(&running).await;
    assert_eq!(listening.address, Some(assigned));
    assert_eq!((listening.phase, listening.pid), (Phase::Ready, api.pid));
    running.stop(&world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn at_whichever_address_of_loopback() {
    let world = World::new();
    let api = started(&world, Listen::Tcp(None), &["tcp6={port}", "stay"]);
    let running = world.start(vec![api]);
    go(&world);
    let found = until_address(&running).await.address;
    assert!(matches!(found, Some(Address::Tcp(found)) if found.is_ipv6()), "{found:?}");
    running.stop(&world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stranger_on_its_port_is_not_believed() {
    let world = World::new();
    let api = started(&world, Listen::Tcp(None), &["tcp={port}", "stay"]);
    let running = world.start(vec![api]);
    let ready = running.until_phase("api", Phase::Ready).await;
    let stranger = stranger(ready.assigned.as_ref().and_then(Address::port).unwrap()).await;
    until_looked_at(&stranger).await;
    let now = running.until_phase("api", Phase::Ready).await;
    assert_eq!((now.address, now.pid), (None, ready.pid));
    drop(stranger);
    go(&world);
    assert_eq!(until_address(&running).await.address, ready.assigned);
    running.stop(&world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_told_port_of_a_stranger_is_not_believed() {
    let world = World::new();
    let stranger = stranger(0).await;
    let port = stranger.local_addr().unwrap().port();
    let listen = Listen::Handshake(world.path("port.json"));
    let told = format!("say=PORT:{port}");
    let running = world.start(vec![Job { listen, ..world.service("api", &[&told, "stay"]) }]);
    until_looked_at(&stranger).await;
    let now = running.until_phase("api", Phase::Ready).await;
    assert_eq!((now.assigned, now.address), (Some(Address::loopback(port)), None));
    running.stop(&world).await;
    drop(stranger);
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_restart_it_has_to_be_shown_again() {
    let world = World::new();
    let script = "if [ -e before ]; then exec \"$FAKE\" await=go tcp={port} stay; fi; \
         touch before; exec \"$FAKE\" tcp={port} stay";
    let slow = RestartRule { delay: PATIENCE * 10, ..Default::default() };
    let api = Job { listen: Listen::Tcp(None), restart: slow, ..world.script("api", script) };
    let running = world.start(vec![api]);
    let before = until_address(&running).await;
    send(before.pid.unwrap(), Signal::KILL);
    let away = running.until_phase("api", Phase::Restarting).await;
    assert_eq!((away.address, &away.assigned), (None, &before.assigned));
    running.handle.restart("api").await;
    let again = running.until_ready_again("api", before.pid).await;
    assert_eq!(again.address, None);
    go(&world);
    let after = until_address(&running).await;
    assert_eq!((after.address, after.pid), (before.address, again.pid));
    running.stop(&world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_socket_in_a_private_folder_is_its_own_from_the_beginning() {
    let world = World::new();
    let socket = world.path("s");
    let running = world.start(vec![started(&world, Listen::Unix(socket.clone()), &["stay"])]);
    let ready = running.until_phase("api", Phase::Ready).await;
    assert_eq!(ready.address, Some(Address::Unix(socket)));
    running.stop(&world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stranger_does_not_answer_health_checks_for_it() {
    let world = World::new();
    let answering = World::new();
    let other = Job {
        listen: Listen::Handshake(answering.path("port.json")),
        ..answering.service("api", &["port-line", "stay"])
    };
    let strangers = answering.start(vec![other]);
    let port = until_address(&strangers).await.address.as_ref().and_then(Address::port).unwrap();

    let pace = Pace { period: Duration::from_millis(10), timeout: PATIENCE, failures: 3 };
    let liveness = Liveness::Http { path: "/".to_owned(), statuses: Vec::new(), pace };
    let restart = RestartRule { policy: RestartPolicy::Never, ..Default::default() };
    let running = world.start(vec![Job {
        listen: Listen::Handshake(world.path("port.json")),
        liveness: Some(liveness),
        restart,
        ..world.service("api", &[&format!("say=PORT:{port}"), "stay"])
    }]);
    let failure = running.until_failed("api").await;
    assert_eq!(
        failure.to_string(),
        "`api` did not answer its health check 3 times in a row (it listens nowhere yet) \
         and is not to be started again"
    );
    running.stop(&world).await;
    strangers.stop(&answering).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_being_killed_has_no_address_even_if_it_is_not_to_be_restarted() {
    let world = World::new();
    let pace = Pace { period: Duration::from_millis(10), timeout: PATIENCE, failures: 1 };
    let liveness = Liveness::Http { path: "/".to_owned(), statuses: Vec::new(), pace };
    let restart = RestartRule { policy: RestartPolicy::Never, ..Default::default() };
    let steps = ["status=503", "tcp={port}", "stay"];
    let api = started(&world, Listen::Tcp(None), &steps);
    let liveness = Some(liveness);
    let running = world.start(vec![Job { liveness, restart, ready: Ready::Listening, ..api }]);
    eventually("its guard runs", || world.guards().len() == 1);
    let runs = running.until("it runs", |now| now.job("api").unwrap().pid.is_some()).await;
    // It takes seconds to do without it, so what is true meanwhile is seen.
    send(world.guards()[0], Signal::STOP);
    go(&world);
    let gone = |job: &JobSnapshot| job.phase == Phase::Ready && job.address.is_none();
    let now = running.until("nobody is sent there", |now| now.job("api").is_some_and(gone)).await;
    assert_eq!(now.job("api").unwrap().pid, runs.job("api").unwrap().pid);
    running.until_failed("api").await;
    running.stop(&world).await;
}
