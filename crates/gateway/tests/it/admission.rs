//! Connections without credentials, of which anybody on this machine can open any number.

use std::future::Future;
use std::time::Duration;

use ensconce_gateway::{Admission, AdmissionLimits, Limits, Root, Site};

use crate::client::{Line, ask};
use crate::service::{self, echo};
use crate::world::{Kind, World, route, site};

const URL: &str = "http://items.localhost/";

/// Longer than any answer takes on a slow machine, and shorter than any limit of the gateway.
const PATIENCE: Duration = Duration::from_secs(30);

fn with_limits(change: impl FnOnce(&mut Limits)) -> Site {
    let mut limits = Limits::default();
    change(&mut limits);
    Site { limits, ..site() }
}

async fn soon<Output>(what: &str, future: impl Future<Output = Output>) -> Output {
    tokio::time::timeout(PATIENCE, future).await.unwrap_or_else(|_| panic!("never: {what}"))
}

/// Opens connections and sends the same beginning on each of them.
async fn open_all(world: &World, count: usize, beginning: &str) -> Vec<Line> {
    let mut lines = Vec::with_capacity(count);
    for _ in 0..count {
        let mut line = Line::open(world.address).await;
        line.send(beginning).await;
        lines.push(line);
    }
    lines
}

/// Lets this process open as many files as it may; returns how many that are.
#[cfg(unix)]
fn most_open_files() -> usize {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let Rlimit { maximum, .. } = getrlimit(Resource::Nofile);
    // macOS says that there is no limit, and takes no more than this.
    let most = maximum.unwrap_or(10_240).min(1 << 16);
    setrlimit(Resource::Nofile, Rlimit { current: Some(most), maximum }).unwrap();
    usize::try_from(most).unwrap()
}

/// 512 of them once blocked the app for a minute, again and again.
#[cfg(unix)]
#[tokio::test]
async fn ten_thousand_silent_connections_delay_nobody() {
    let silent = 10_000.min(most_open_files().saturating_sub(1_500));
    let service = service::tcp(echo).await;
    for kind in [Kind::Proxy, Kind::Browser] {
        let world = World::ready(site(), kind, &service.address).await;
        let opening = open_all(&world, silent, "");
        let _silent = soon("all connections are accepted", opening).await;
        let answer = soon("an answer", world.let_in()).await;
        assert_eq!(answer.status, 200);
    }
}

#[tokio::test]
async fn connections_that_show_no_credentials_delay_nobody() {
    let service = service::tcp(echo).await;
    let connections = Limits::default().connections + Limits::default().pending_connections;
    for beginning in [
        // Slow heads: whether one more byte comes in a while makes no difference.
        "GET http://items.localhost/ HTTP/1.1\r\nHost: items.local",
        "CONNECT items.localhost:80 HTTP/1.1\r\nHo",
        "\u{16}\u{3}\u{1}",
        // Answered, and kept for the next try.
        "GET http://items.localhost/ HTTP/1.1\r\nHost: items.localhost\r\n\
         Proxy-Authorization: Basic ZW5zY29uY2U6d3Jvbmc=\r\n\r\n",
        // Its body never comes.
        "POST http://items.localhost/ HTTP/1.1\r\nHost: items.localhost\r\n\
         Content-Length: 1000\r\n\r\n",
    ] {
        let world = World::ready(site(), Kind::Proxy, &service.address).await;
        let _open = soon("all are accepted", open_all(&world, connections, beginning)).await;
        assert_eq!(soon("an answer", world.let_in()).await.status, 200, "{beginning}");
    }
}

#[tokio::test]
async fn the_oldest_connection_without_credentials_makes_room() {
    let service = service::tcp(echo).await;
    let few = with_limits(|limits| limits.pending_connections = 4);
    let world = World::ready(few, Kind::Proxy, &service.address).await;
    let mut silent = open_all(&world, 12, "").await;
    for line in &mut silent[..8] {
        assert!(soon("the end of an old connection", line.ended()).await.is_empty());
    }
    // The newest are still there, and may show credentials.
    for line in &mut silent[8..] {
        line.send(world.proxied("GET", URL, &[])).await;
        assert_eq!(line.answer("GET").await.status, 200);
    }
}

#[tokio::test]
async fn who_has_shown_credentials_is_not_dropped_for_others() {
    let service = service::tcp(echo).await;
    let few = with_limits(|limits| limits.pending_connections = 2);
    let world = World::ready(few, Kind::Proxy, &service.address).await;
    let mut window = Line::open(world.address).await;
    let request = world.proxied("GET", URL, &[]);
    for _ in 0..3 {
        window.send(&request).await;
        assert_eq!(window.answer("GET").await.status, 200);
        let mut others = open_all(&world, 4, "").await;
        assert!(soon("the end of the oldest", others[0].ended()).await.is_empty());
    }
}

/// Opens a connection whose first request is answered: on a busy machine, one may be too slow for
/// a short limit.
/// It was told to close at the moment at which its credentials were being read.
#[tokio::test]
async fn who_shows_credentials_while_being_dropped_stays() {
    let limits = AdmissionLimits { pending: 1, time: PATIENCE, admitted: 2 };
    let admission = Admission::new(limits);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (open, mut opened) = tokio::sync::mpsc::unbounded_channel();
    tokio::spawn(async move {
        admission
            .accept_all(&listener, |stream, _, ticket| drop(open.send((stream, ticket))))
            .await;
    });
    let _clients = [Line::open(address).await, Line::open(address).await];
    let (_first, dropped) = opened.recv().await.unwrap();
    let (_second, _pending) = opened.recv().await.unwrap();
    soon("the older one is told to close", dropped.expired()).await;
    dropped.admit().await.unwrap();
    let expired = tokio::time::timeout(Duration::from_millis(50), dropped.expired()).await;
    assert!(expired.is_err(), "it may stay");
}

async fn within_the_limit(world: &World, request: &str) -> Line {
    loop {
        let mut line = Line::open(world.address).await;
        if line.try_send(request).await && line.more().await {
            line.answer("GET").await;
            return line;
        }
    }
}

#[tokio::test]
async fn a_connection_has_a_limit_until_it_has_shown_credentials() {
    let service = service::tcp(echo).await;
    let short = with_limits(|limits| limits.admission = Duration::from_millis(50));
    let world = World::ready(short, Kind::Proxy, &service.address).await;
    let mut window = within_the_limit(&world, &world.proxied("GET", URL, &[])).await;
    let mut silent = Line::open(world.address).await;
    let mut slow = open_all(&world, 1, "GET http://items.localhost/ HTTP/1.1\r\nHost:").await;
    let bare = format!("GET {URL} HTTP/1.1\r\nHost: items.localhost\r\n\r\n");
    let mut wrong = within_the_limit(&world, &bare).await;
    for line in [&mut silent, &mut slow[0], &mut wrong] {
        assert!(soon("the end", line.ended()).await.is_empty());
    }
    // By now the limit is over for the first one too, but it does not count any more.
    window.send(world.proxied("GET", URL, &[])).await;
    assert_eq!(window.answer("GET").await.status, 200);
}

#[tokio::test]
async fn a_browsers_connection_is_let_in_by_link_or_cookie() {
    let service = service::tcp(echo).await;
    let one = with_limits(|limits| limits.pending_connections = 1);
    let world = World::ready(one, Kind::Browser, &service.address).await;
    let host = world.address;
    let path = world.entry_path();
    let mut entered = Line::open(host).await;
    entered.send(format!("GET {path} HTTP/1.1\r\nHost: {host}\r\n\r\n")).await;
    let answer = entered.answer("GET").await;
    assert_eq!(answer.status, 303);
    let cookie = answer.header("set-cookie").unwrap().split(';').next().unwrap().to_owned();
    let request = format!("GET / HTTP/1.1\r\nHost: {host}\r\nCookie: {cookie}\r\n\r\n");
    let mut known = Line::open(host).await;
    known.send(&request).await;
    assert_eq!(known.answer("GET").await.status, 200);
    let mut refused = Line::open(host).await;
    refused.send(format!("GET {path} HTTP/1.1\r\nHost: {host}\r\n\r\n")).await;
    assert_eq!(refused.answer("GET").await.status, 401);
    let _silent = Line::open(host).await;
    assert!(soon("the end of who used the link again", refused.ended()).await.is_empty());
    for line in [&mut entered, &mut known] {
        line.send(&request).await;
        assert_eq!(line.answer("GET").await.status, 200);
    }
}

#[tokio::test]
async fn admitted_connections_have_a_number_and_others_wait() {
    let service = service::tcp(echo).await;
    let two = with_limits(|limits| limits.connections = 2);
    let world = World::ready(two, Kind::Proxy, &service.address).await;
    let request = world.proxied("GET", URL, &[]);
    let mut open = Vec::new();
    for _ in 0..2 {
        let mut line = Line::open(world.address).await;
        line.send(&request).await;
        assert_eq!(line.answer("GET").await.status, 200);
        open.push(line);
    }
    let mut waiting = open_all(&world, 2, &request).await;
    // So many wait already that another one is not left to wait.
    let mut turned_away = Line::open(world.address).await;
    turned_away.send(&request).await;
    let answer = soon("an answer", turned_away.answer("GET")).await;
    assert_eq!((answer.status, answer.kind().as_str()), (503, "unavailable"));
    drop(open.pop());
    assert_eq!(soon("a place", waiting[0].answer("GET")).await.status, 200);
}

/// A tunnel into the gateway is a connection like the one that it came by.
#[tokio::test]
async fn a_tunnel_keeps_the_place_of_its_connection() {
    let service = service::tcp(echo).await;
    let few = Limits { pending_connections: 1, connections: 1, ..Limits::default() };
    let routes = vec![route(None, "/", false)];
    let root = Root::Service("other".to_owned());
    let tunnelled = Site { limits: few, routes, root, ..site() };
    let world = World::ready(tunnelled, Kind::Proxy, &service.address).await;
    let mut line = Line::open(world.address).await;
    let authorization = world.authorization();
    line.send(format!("CONNECT items.localhost:80 HTTP/1.1\r\n{authorization}\r\n\r\n")).await;
    assert_eq!(line.answer("CONNECT").await.status, 200);
    let mut others = open_all(&world, 3, "").await;
    assert!(soon("the end of the oldest", others[0].ended()).await.is_empty());
    line.send("GET / HTTP/1.1\r\nHost: items.localhost\r\n\r\n").await;
    assert_eq!(line.answer("GET").await.status, 200);
}

#[cfg(unix)]
#[tokio::test]
async fn without_free_descriptors_connections_without_credentials_make_room() {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    if !runs_alone("admission::without_free_descriptors_connections_without_credentials_make_room")
    {
        return;
    }
    let (world, listener) = World::bound(site(), Kind::Proxy).await;
    let _silent = open_all(&world, 60, "").await;
    let mut window = Line::open(world.address).await;
    // Answered without any other file.
    window.send(world.proxied("GET", "http://evil.test/", &[])).await;
    let before = getrlimit(Resource::Nofile);
    let spare = std::fs::File::open("/dev/null").unwrap();
    let lowest_free = u64::try_from(std::os::fd::AsRawFd::as_raw_fd(&spare)).unwrap();
    drop(spare);
    let few = Rlimit { current: Some(lowest_free + 10), maximum: before.maximum };
    setrlimit(Resource::Nofile, few).unwrap();
    let world = world.serve(listener);
    let answer = soon("an answer", window.answer("GET")).await;
    setrlimit(Resource::Nofile, before).unwrap();
    assert_eq!(answer.status, 403);
    world.stop().await;
}

/// Reports whether a test has its process for itself; otherwise runs it in one of its own, because
/// it takes away what all tests of a process share.
#[cfg(unix)]
fn runs_alone(test: &str) -> bool {
    const ALONE: &str = "ENSCONCE_TEST_ALONE";
    if std::env::var_os(ALONE).is_some() {
        return true;
    }
    let mut again = std::process::Command::new(std::env::current_exe().unwrap());
    let output = again.args(["--exact", test, "--nocapture"]).env(ALONE, "1").output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(String::from_utf8_lossy(&output.stdout).contains("1 passed"), "no such test: {test}");
    false
}

#[tokio::test]
async fn the_stop_does_not_wait_for_who_is_silent() {
    let patient = with_limits(|limits| limits.drain = PATIENCE * 2);
    let world = World::start(patient, Kind::Proxy).await;
    let mut lines = open_all(&world, 3, "").await;
    lines.extend(open_all(&world, 3, "GET http://items.localhost/ HTTP/1.1\r\nHo").await);
    let bare = format!("GET {URL} HTTP/1.1\r\nHost: items.localhost\r\n\r\n");
    assert_eq!(ask(world.address, &bare).await.status, 407);
    soon("the end of the gateway", world.stop()).await;
    for line in &mut lines {
        line.ended().await;
    }
}
