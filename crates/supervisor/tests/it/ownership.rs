//! Whose listening socket it is, for services that make it hard to tell.

use std::io::{BufRead, BufReader};
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use ensconce_supervisor::{Address, Job, Listen, Phase, Ready, Reason};
use ensconce_testkit::temp_dir;

use crate::world::{World, some_port, stop_within};

/// An ordinary user, and two that are neither it nor the administrator.
const NOBODY: u32 = 65534;
const SOMEBODY_ELSE: u32 = 54321;
const OWNER_OF_PROGRAM: u32 = 54322;

fn listening(listen: Listen, job: Job) -> Job {
    Job { listen, ready: Ready::Listening, ..job }
}

/// Starts a service that makes its socket by these steps, and sees that it is believed.
async fn check_believed(steps: &[&str]) {
    let world = World::new();
    let running = world.start(vec![listening(Listen::Tcp(None), world.service("api", steps))]);
    running.until_up().await;
    running.stop(&world).await;
}

/// The same with a shell script; `$FAKE` is the fake service.
async fn check_believed_script(script: &str) {
    let world = World::new();
    let api = listening(Listen::Tcp(None), world.script("api", script));
    // The first process of a namespace ends by no signal that it does not handle.
    let running = world.start(vec![Job { stop: stop_within(100), ..api }]);
    running.until_up().await;
    running.stop(&world).await;
}

/// Starts a service that says it listens where a stranger does, and sees that it is not believed.
async fn check_not_believed(port: u16, steps: &[&str]) {
    let world = World::new();
    let told = format!("say=PORT:{port}");
    let steps = [&[told.as_str()], steps, &["stay"]].concat();
    let listen = Listen::Handshake(world.path("port.json"));
    let running = world.start(vec![listening(listen, world.service("api", &steps))]);
    let failure = running.until_failed("api").await;
    assert!(matches!(failure.reason, Reason::PortTaken { port: taken, .. } if taken == port));
    running.stop(&world).await;
}

/// Says why a test shows nothing on this machine.
#[expect(clippy::print_stderr, reason = "whoever reads the output of the tests should know")]
fn skipped(why: &str) {
    eprintln!("skipped: {why}");
}

/// The administrator may look into every process, so such a test runs itself again as an ordinary
/// user. Returns whether that was done, and all was well.
fn ran_as_ordinary_user(test: &str, variables: &[(&str, &str)]) -> bool {
    if !rustix::process::geteuid().is_root() {
        return false;
    }
    // So that nothing has to be built in the other run, which could not write it.
    World::new();
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", test, "--nocapture"])
        .env("NEXTEST", "1")
        .envs(variables.iter().copied())
        .uid(NOBODY)
        .gid(NOBODY)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    let complained = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("1 passed"), "as an ordinary user: {said}\n{complained}");
    true
}

fn may_look_into(pid: u32) -> bool {
    std::fs::read_dir(format!("/proc/{pid}/fd")).is_ok()
}

/// A copy of the fake service that its folder keeps.
fn copy_of_fake(folder: &Path) -> PathBuf {
    let copy = folder.join("ensconce-fake");
    std::fs::copy(World::new().fake, &copy).unwrap();
    std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o755)).unwrap();
    copy
}

/// A fake service that is no job, and ends with the test.
struct Stranger {
    process: Child,
    port: u16,
}

impl Stranger {
    fn start(steps: &[&str], user: Option<u32>) -> Self {
        let mut command = Command::new(World::new().fake);
        command.args(steps).args(["port-line", "stay"]).stdout(Stdio::piped());
        user.map(|user| command.uid(user).gid(user));
        let mut process = command.spawn().unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let port = line.trim().strip_prefix("PORT:").unwrap().parse().unwrap();
        Self { process, port }
    }
}

impl Drop for Stranger {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_ipv4_address_in_its_ipv6_form_is_one_of_ipv4() {
    // As every server in Java does.
    check_believed(&["bind=[::ffff:127.0.0.1]:{port}", "stay"]).await;
    check_believed(&["bind=[::ffff:0.0.0.0]:{port}", "stay"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_socket_for_all_addresses_of_both_families() {
    check_believed(&["bind=[::]:{port}", "stay"]).await;
    check_believed(&["bind=0.0.0.0:{port}", "stay"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn workers_that_share_a_port() {
    let worker = "\"$FAKE\" reuse-port=127.0.0.1:{port} stay & ";
    check_believed_script(&format!("{}wait", worker.repeat(4))).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn workers_that_share_a_port_and_come_and_go() {
    let script = "\"$FAKE\" reuse-port=127.0.0.1:{port} stay & \
         while :; do \"$FAKE\" reuse-port=127.0.0.1:{port}; done";
    check_believed_script(script).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_socket_whose_maker_has_ended() {
    check_believed_script("\"$FAKE\" hand-over={port}; sleep 600").await;
    check_believed_script("setsid \"$FAKE\" hand-over={port}; sleep 600").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_in_namespaces_of_its_own() {
    if ran_as_ordinary_user("ownership::a_service_in_namespaces_of_its_own", &[]) {
        return;
    }
    let apart = ["--user", "--map-root-user", "--pid", "--fork", "--mount-proc", "--ipc", "--uts"];
    let allowed = Command::new("unshare").args(apart).arg("true").status();
    if !allowed.is_ok_and(|status| status.success()) {
        skipped("this system lets no ordinary user make namespaces");
        return;
    }
    let apart = apart.join(" ");
    check_believed_script(&format!("exec unshare {apart} \"$FAKE\" tcp={{port}} stay")).await;
    let hidden = format!("exec unshare {apart} \"$FAKE\" not-dumpable tcp={{port}} stay");
    check_believed_script(&hidden).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_nobody_may_look_into() {
    if ran_as_ordinary_user("ownership::a_service_that_nobody_may_look_into", &[]) {
        return;
    }
    let world = World::new();
    let steps = ["not-dumpable", "tcp={port}", "stay"];
    let running = world.start(vec![listening(Listen::Tcp(None), world.service("api", &steps))]);
    let pid = running.until_phase("api", Phase::Ready).await.pid.unwrap();
    assert!(!may_look_into(pid));
    running.stop(&world).await;
    check_believed_script("\"$FAKE\" not-dumpable tcp={port} stay & wait").await;
    let told = ["not-dumpable", "port-line", "stay"];
    let listen = Listen::Handshake(world.path("port.json"));
    let running = world.start(vec![listening(listen, world.service("api", &told))]);
    running.until_up().await;
    running.stop(&world).await;
}

/// Gives a program a capability, as `setcap cap_net_bind_service+ep` does.
fn give_capability(program: &Path) {
    // Revision 2, effective; the bit of CAP_NET_BIND_SERVICE among those that are permitted.
    let capability: Vec<u8> =
        [0x0200_0001_u32, 1 << 10, 0, 0, 0].iter().flat_map(|word| word.to_le_bytes()).collect();
    let flags = rustix::fs::XattrFlags::empty();
    rustix::fs::setxattr(program, "security.capability", &capability, flags).unwrap();
}

/// Runs a service whose program only an administrator can have made.
async fn check_special(test: &str, listen: Listen, make: impl FnOnce(&Path)) {
    const PROGRAM: &str = "ENSCONCE_TEST_PROGRAM";
    if let Ok(program) = std::env::var(PROGRAM) {
        let world = World::new();
        let script = format!("exec {program} tcp={{port}} stay");
        let running = world.start(vec![listening(listen, world.script("api", &script))]);
        let pid = running.until_phase("api", Phase::Ready).await.pid.unwrap();
        assert!(!may_look_into(pid), "there is nothing special about the program");
        return running.stop(&world).await;
    }
    if !rustix::process::geteuid().is_root() {
        skipped("only an administrator can make such a program");
        return;
    }
    let folder = temp_dir();
    let program = copy_of_fake(folder.path());
    make(&program);
    assert!(ran_as_ordinary_user(test, &[(PROGRAM, program.to_str().unwrap())]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_with_capabilities() {
    let test = "ownership::a_program_with_capabilities";
    check_special(test, Listen::Tcp(None), give_capability).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_port_that_only_the_program_may_have() {
    // Where nobody listens, as far as such things are known.
    let listen = Listen::Tcp(Some(977));
    let test = "ownership::a_port_that_only_the_program_may_have";
    check_special(test, listen, give_capability).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_set_uid_program_of_another_user() {
    let test = "ownership::a_set_uid_program_of_another_user";
    check_special(test, Listen::Tcp(None), |program| {
        std::os::unix::fs::chown(program, Some(OWNER_OF_PROGRAM), None).unwrap();
        std::fs::set_permissions(program, std::fs::Permissions::from_mode(0o4755)).unwrap();
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stranger_that_nobody_may_look_into() {
    if ran_as_ordinary_user("ownership::a_stranger_that_nobody_may_look_into", &[]) {
        return;
    }
    let stranger = Stranger::start(&["not-dumpable"], None);
    assert!(!may_look_into(stranger.process.id()));
    check_not_believed(stranger.port, &[]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stranger_that_is_seen_beside_a_service_that_is_not() {
    let test = "ownership::a_stranger_that_is_seen_beside_a_service_that_is_not";
    if ran_as_ordinary_user(test, &[]) {
        return;
    }
    let stranger = Stranger::start(&[], None);
    check_not_believed(stranger.port, &["not-dumpable"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stranger_of_another_user_beside_a_service_that_nobody_may_look_into() {
    const PORT: &str = "ENSCONCE_TEST_PORT";
    if let Ok(port) = std::env::var(PORT) {
        return check_not_believed(port.parse().unwrap(), &["not-dumpable"]).await;
    }
    if !rustix::process::geteuid().is_root() {
        skipped("only an administrator can start something as another user");
        return;
    }
    let stranger = Stranger::start(&[], Some(SOMEBODY_ELSE));
    let test = "ownership::a_stranger_of_another_user_beside_a_service_that_nobody_may_look_into";
    assert!(ran_as_ordinary_user(test, &[(PORT, &stranger.port.to_string())]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_socket_that_all_programs_have_inherited_is_nobodys_own() {
    let leaked = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    rustix::io::fcntl_setfd(&leaked, rustix::io::FdFlags::empty()).unwrap();
    check_not_believed(leaked.local_addr().unwrap().port(), &[]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stranger_at_the_exact_address_before_ours_at_all_of_them() {
    // It gets all connections to this address, and the service those to the others.
    let world = World::new();
    let (port, taken) = (some_port(), world.path("taken"));
    let steps =
        [&world.step("touch", "begun"), &world.step("await", "taken"), "tcp6={port}", "stay"];
    let api = world.service("api", &steps);
    let running = world.start(vec![listening(Listen::Tcp(Some(port)), api)]);
    ensconce_testkit::eventually("it runs", || world.path("begun").exists());
    let stranger = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).unwrap();
    std::fs::write(taken, "").unwrap();
    let failure = running.until_failed("api").await;
    assert!(matches!(failure.reason, Reason::PortTaken { port: found, .. } if found == port));
    drop(stranger);
    running.handle.retry();
    let address = running.until_phase("api", Phase::Ready).await.address;
    assert!(matches!(address, Some(Address::Tcp(found)) if found.is_ipv6()));
    running.stop(&world).await;
}
