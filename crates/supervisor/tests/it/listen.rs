//! Where services listen, and who else does.

use std::collections::BTreeSet;
use std::net::{Ipv4Addr, Ipv6Addr, TcpListener};
use std::sync::{Arc, Mutex};

use ensconce_supervisor::{Address, Job, Listen, Phase, Ready, Reason};
use ensconce_testkit::eventually;

use crate::world::{World, needs, some_port};

fn http() -> Ready {
    Ready::Http { path: "/".to_owned(), statuses: Vec::new() }
}

fn listening(listen: Listen, job: Job) -> Job {
    Job { listen, ready: Ready::Listening, ..job }
}

#[tokio::test(flavor = "multi_thread")]
async fn on_a_unix_socket_though_an_old_one_lies_there() {
    let world = World::new();
    let socket = world.path("s");
    drop(std::os::unix::net::UnixListener::bind(&socket).unwrap());
    let api = world.service("api", &[&world.step("unix", "s"), "stay"]);
    let running =
        world.start(vec![Job { listen: Listen::Unix(socket.clone()), ready: http(), ..api }]);
    let snapshot = running.until_up().await;
    assert_eq!(snapshot.job("api").unwrap().address, Some(Address::Unix(socket)));
    running.stop(&world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn on_a_passed_socket_and_no_other_descriptor() {
    let world = World::new();
    let (passed, own) = (world.path("passed"), world.path("own"));
    let running = world.start(vec![
        Job {
            listen: Listen::Passed(passed.clone()),
            ready: http(),
            ..world.service("api", &["fds", "fd", "stay"])
        },
        listening(
            Listen::Unix(own),
            world.service("other", &["fds", &world.step("unix", "own"), "stay"]),
        ),
    ]);
    running.until_up().await;
    running.stop(&world).await;
    assert_eq!(world.log.of("api")[0], format!("fds {:?}", inherited(&[0, 1, 2, 3])));
    assert!(world.log.of("api")[1].starts_with("passed socket:"));
    assert_eq!(world.log.of("other")[0], format!("fds {:?}", inherited(&[0, 1, 2])));
}

/// Adds what whoever runs the tests has left open for all programs.
pub(crate) fn inherited(own: &[u32]) -> BTreeSet<u32> {
    let closed_on_exec = |number: &u32| {
        let info = std::fs::read_to_string(format!("/proc/self/fdinfo/{number}"));
        let info = info.unwrap_or_default();
        let flags = info.lines().find_map(|line| line.strip_prefix("flags:"));
        flags.is_none_or(|flags| u32::from_str_radix(flags.trim(), 8).unwrap() & 0o2_000_000 != 0)
    };
    let open = std::fs::read_dir("/proc/self/fd").unwrap().flatten();
    let numbers = open.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    numbers.filter(|number| !closed_on_exec(number)).chain(own.iter().copied()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_passed_socket_stays_open_over_a_restart() {
    let world = World::new();
    let socket = world.path("passed");
    let running = world.start(vec![Job {
        listen: Listen::Passed(socket.clone()),
        ready: http(),
        ..world.service("api", &["fd", "stay"])
    }]);
    let before = running.until_phase("api", Phase::Ready).await.pid;
    running.handle.restart("api");
    running.until_ready_again("api", before).await;
    assert!(std::os::unix::net::UnixStream::connect(&socket).is_ok());
    running.stop(&world).await;
}

async fn check_handshake(world: &World, steps: &[&str]) {
    let listen = Listen::Handshake(world.path("port.json"));
    let running = world.start(vec![
        listening(listen, world.service("api", steps)),
        Job { needs: needs(&["api"]), ..world.service("user", &["say={port:api}", "stay"]) },
    ]);
    let snapshot = running.until_up().await;
    let port = snapshot.job("api").unwrap().address.as_ref().and_then(Address::port).unwrap();
    eventually("it was told", || world.log.of("user") == [port.to_string()]);
    running.stop(world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_port_is_told_in_a_file_that_is_half_written_for_a_while() {
    let world = World::new();
    check_handshake(&world, &[&world.step("port-file", "port.json"), "stay"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_port_file_of_an_earlier_run_is_not_believed() {
    let world = World::new();
    std::fs::write(world.path("port.json"), r#"{"port": 1}"#).unwrap();
    check_handshake(&world, &["wait=50", &world.step("port-file", "port.json"), "stay"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_port_is_told_by_a_line() {
    let world = World::new();
    check_handshake(&world, &["flood=1000000", "port-line", "flood=1000000", "stay"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_port_is_told_before_the_line_that_means_ready() {
    let world = World::new();
    let running = world.start(vec![Job {
        listen: Listen::Handshake(world.path("port.json")),
        ready: Ready::Log(regex::Regex::new("welcome").unwrap()),
        ..world.service("api", &["port-line", "say=welcome", "stay"])
    }]);
    running.until_up().await;
    running.stop(&world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_told_port_of_a_stranger_is_not_believed() {
    let world = World::new();
    let stranger = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port = stranger.local_addr().unwrap().port();
    let api = world.service("api", &[&format!("say=PORT:{port}"), "stay"]);
    let listen = Listen::Handshake(world.path("port.json"));
    let running = world.start(vec![listening(listen, api)]);
    let failure = running.until_failed("api").await;
    assert!(matches!(failure.reason, Reason::PortTaken { port: taken, .. } if taken == port));
    running.stop(&world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_on_ipv6_alone_is_found() {
    if TcpListener::bind((Ipv6Addr::LOCALHOST, 0)).is_err() {
        return;
    }
    let world = World::new();
    let api = world.service("api", &["tcp6={port}", "stay"]);
    let running = world.start(vec![Job { listen: Listen::Tcp(None), ready: http(), ..api }]);
    let status = running.until_phase("api", Phase::Ready).await;
    assert!(matches!(status.address, Some(Address::Tcp(found)) if found.is_ipv6()));
    running.stop(&world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_listener_in_a_daemon_of_the_tree_is_its_own() {
    let world = World::new();
    let script = "setsid \"$FAKE\" tcp={port} stay & wait";
    let running = world.start(vec![listening(Listen::Tcp(None), world.script("api", script))]);
    running.until_up().await;
    running.stop(&world).await;
}

/// Who has the port is this very process.
fn assert_taken(reason: &Reason, expected: u16) {
    let Reason::PortTaken { port, owner } = reason else { panic!("{reason}") };
    assert_eq!(*port, expected);
    assert!(owner.ends_with(&format!("(process {})", std::process::id())), "{owner}");
    assert!(reason.hint().is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fixed_port_that_is_taken_names_its_owner() {
    let world = World::new();
    let stranger = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port = stranger.local_addr().unwrap().port();
    let api = world.service("api", &["tcp={port}", "stay"]);
    let running = world.start(vec![listening(Listen::Tcp(Some(port)), api)]);
    assert_taken(&running.until_failed("api").await.reason, port);
    drop(stranger);
    running.handle.retry();
    running.until_up().await;
    running.stop(&world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stranger_that_comes_after_the_start_is_never_adopted() {
    for ready in [Ready::Listening, http()] {
        let world = World::new();
        let port = some_port();
        let api = world.service("api", &["stay"]);
        let running = world.start(vec![Job { listen: Listen::Tcp(Some(port)), ready, ..api }]);
        running.until("it runs", |now| now.job("api").unwrap().pid.is_some()).await;
        let _stranger = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).unwrap();
        assert_taken(&running.until_failed("api").await.reason, port);
        running.stop(&world).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_port_of_ours_that_is_stolen_is_replaced() {
    let world = World::new();
    let thieves: Arc<Mutex<Vec<TcpListener>>> = Arc::default();
    let mut api = listening(Listen::Tcp(None), world.service("api", &["tcp={port}", "stay"]));
    let (render, taken) = (api.render.clone(), thieves.clone());
    api.render = Arc::new(move |addresses| {
        let mut taken = taken.lock().unwrap();
        if taken.len() < 2 {
            let port = addresses["api"].port().unwrap();
            taken.push(TcpListener::bind((Ipv4Addr::LOCALHOST, port)).unwrap());
        }
        render(addresses)
    });
    let running = world.start(vec![api]);
    let found = running.until_phase("api", Phase::Ready).await.address.unwrap().port().unwrap();
    let stolen = |thief: &TcpListener| thief.local_addr().unwrap().port();
    assert_eq!(thieves.lock().unwrap().len(), 2);
    assert!(thieves.lock().unwrap().iter().all(|thief| stolen(thief) != found));
    running.stop(&world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_port_that_is_stolen_each_time_is_a_failure_in_the_end() {
    let world = World::new();
    let thieves: Mutex<Vec<TcpListener>> = Mutex::default();
    let mut api = listening(Listen::Tcp(None), world.service("api", &["tcp={port}", "stay"]));
    let render = api.render.clone();
    api.render = Arc::new(move |addresses| {
        let port = addresses["api"].port().unwrap();
        thieves.lock().unwrap().push(TcpListener::bind((Ipv4Addr::LOCALHOST, port)).unwrap());
        render(addresses)
    });
    let running = world.start(vec![api]);
    let failure = running.until_failed("api").await;
    assert!(matches!(failure.reason, Reason::PortTaken { .. }), "{failure}");
    running.stop(&world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn chosen_ports_leave_fixed_ones_alone() {
    let world = World::new();
    let fixed = some_port();
    let mut jobs: Vec<Job> = (0..20)
        .map(|number| Job {
            listen: Listen::Tcp(None),
            ..world.service(&number.to_string(), &["stay"])
        })
        .collect();
    jobs.push(Job { listen: Listen::Tcp(Some(fixed)), ..world.service("fixed", &["stay"]) });
    let running = world.start(jobs);
    let snapshot = running.until_up().await;
    let ports: std::collections::HashSet<u16> =
        snapshot.jobs.iter().filter_map(|job| job.assigned.as_ref()?.port()).collect();
    assert_eq!(ports.len(), 21);
    running.stop(&world).await;
}
