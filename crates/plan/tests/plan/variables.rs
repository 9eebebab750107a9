//! Every variable of templates.

use std::collections::BTreeMap;

use ensconce_plan::{Lookup, Text};
use expect_test::expect;

use crate::check::{check, facts, job};

const ALL: &str = r#"
[secret.key]
generate = 16

[service.all]
command = ["run"]
port = 4000
[service.all.env]
DATA = "{data}"
CONFIG = "{config}"
CACHE = "{cache}"
LOGS = "{logs}"
RUN = "{run}"
RESOURCES = "{resources}"
PYTHON = "{python}"
ORIGIN = "{origin}"
APP = "{app.id} {app.name} {app.version}"
PORT = "{port}"
TCP_PORT = "{service.tcp.port}"
TCP_URL = "{service.tcp.url}/x"
FIXED_URL = "{service.fixed.url}"
TOLD_PORT = "{service.told.port}"
TOLD_URL = "{service.told.url}"
SOCKET = "{service.unix.socket}"
PASSED = "{service.passed.socket}"
SECRET = "a{secret.key}b"
HOME = "{env.HOME}"
BRACES = "{{port}} {{}}"

[service.tcp]
command = ["run", "{port}"]

[service.fixed]
command = ["run"]
port = 4001

[service.unix]
command = ["run", "{socket}"]

[service.passed]
command = ["run"]
listen = "fd"

[service.told]
command = ["run", "{handshake}"]
"#;

#[test]
fn every_variable_has_its_value() {
    let mut facts = facts();
    facts.env = BTreeMap::from([("HOME".to_owned(), "/home/ada".to_owned())]);
    check(
        ALL,
        &facts,
        expect![[r#"
        1. service tcp
           command  run "<port of tcp>"
           folder   /app
           listens  on a free port of 127.0.0.1
           ready    when it accepts connections, within 60 s
           stop     SIGTERM, killed after 10 s

        2. service fixed
           command  run
           folder   /app
           listens  on 127.0.0.1:4001
           ready    when it accepts connections, within 60 s
           stop     SIGTERM, killed after 10 s

        3. service unix
           command  run /run/notes/unix.sock
           folder   /app
           listens  on the socket /run/notes/unix.sock
           ready    when it accepts connections, within 60 s
           stop     SIGTERM, killed after 10 s

        4. service passed
           command  run
           folder   /app
           listens  on the passed socket /run/notes/passed.sock
           ready    when it accepts connections, within 60 s
           stop     SIGTERM, killed after 10 s

        5. service told
           command  run /run/notes/told.port.json
           folder   /app
           listens  on a port that it reports, in /run/notes/told.port.json or by PORT:N
           ready    when it accepts connections, within 60 s
           stop     SIGTERM, killed after 10 s

        6. service all
           after    told
           command  run
           folder   /app
           python   python3 (on PATH, because there is no virtual environment)
           env      PYTHONUNBUFFERED=1
           env      DATA=/home/ada/data
           env      CONFIG=/home/ada/config
           env      CACHE=/home/ada/cache
           env      LOGS=/home/ada/logs
           env      RUN=/run/notes
           env      RESOURCES=/app
           env      PYTHON=python3
           env      ORIGIN=<origin>
           env      APP=com.example.notes Notes 1.2.0
           env      PORT=4000
           env      TCP_PORT=<port of tcp>
           env      TCP_URL=http://<host of tcp>:<port of tcp>/x
           env      FIXED_URL=http://<host of fixed>:4001
           env      TOLD_PORT=<port of told>
           env      TOLD_URL=http://<host of told>:<port of told>
           env      SOCKET=/run/notes/unix.sock
           env      PASSED=/run/notes/passed.sock
           env      SECRET=a<secret key>b
           env      HOME=/home/ada
           env      BRACES={port} {}
           listens  on 127.0.0.1:4000
           ready    when it accepts connections, within 60 s
           stop     SIGTERM, killed after 10 s
    "#]],
    );
}

#[test]
fn what_a_service_tells_is_waited_for() {
    let mut facts = facts();
    facts.env = BTreeMap::from([("HOME".to_owned(), "/home/ada".to_owned())]);
    assert_eq!(job(ALL, &facts, "all").needs, ["told"]);
}

#[test]
fn a_need_that_is_written_is_not_doubled() {
    let manifest = r#"
        [service.a]
        command = ["run", "{service.b.port}", "{service.b.url}"]
        needs = ["b"]
        [service.b]
        command = ["run"]
        listen = "handshake"
    "#;
    assert_eq!(job(manifest, &facts(), "a").needs, ["b"]);
}

#[test]
fn folders_and_files_are_templates_too() {
    let manifest = r#"
        [service.a]
        command = ["./run"]
        cwd = "{data}/work"
        handshake = "{run}/a.json"
        [service.b]
        command = ["run"]
        handshake = "port.json"
        [task.t]
        command = ["run", "./file"]
        cwd = "sub"
        unless = "made"
    "#;
    check(
        manifest,
        &facts(),
        expect![[r#"
        1. task t
           command  run ./file
           folder   /app/sub
           unless   /app/sub/made exists
           ready    when it exits with code 0, within 300 s
           stop     SIGTERM, killed after 10 s

        2. service a
           command  /home/ada/data/work/./run
           folder   /home/ada/data/work
           listens  on a port that it reports, in /run/notes/a.json or by PORT:N
           ready    when it accepts connections, within 60 s
           stop     SIGTERM, killed after 10 s

        3. service b
           command  run
           folder   /app
           listens  on a port that it reports, in /app/port.json or by PORT:N
           ready    when it accepts connections, within 60 s
           stop     SIGTERM, killed after 10 s
    "#]],
    );
}

/// Where the services listen.
struct Known(Option<std::net::IpAddr>);

impl Lookup for Known {
    fn secret(&self, name: &str) -> Option<String> {
        (name == "key").then(|| "hunter2".to_owned())
    }

    fn port(&self, job: &str) -> Option<u16> {
        (job == "tcp").then_some(4321)
    }

    fn host(&self, _job: &str) -> Option<std::net::IpAddr> {
        self.0
    }

    fn origin(&self) -> Option<String> {
        Some("http://notes.localhost".to_owned())
    }

    fn control_url(&self) -> Option<String> {
        Some("http://127.0.0.1:5432".to_owned())
    }

    fn control_token(&self) -> Option<String> {
        Some("t0ken".to_owned())
    }
}

#[test]
fn parts_get_their_values_at_the_start() {
    let manifest = r#"
        [secret]
        key = { generate = 16 }
        other = { generate = 16 }
        [service.tcp]
        command = ["run", "{port}"]
        [service.a]
        command = ["run"]
        [service.a.env]
        A = "{service.tcp.url} {secret.key} {origin} {control.url} {control.token}"
        B = "{secret.other}"
    "#;
    let resolve = |(_, text): &(String, Text)| text.resolve(&Known(None));
    let env = job(manifest, &facts(), "a").env;
    let there = Known(Some(std::net::Ipv6Addr::LOCALHOST.into()));
    assert!(env[0].1.resolve(&there).unwrap().starts_with("http://[::1]:4321 "));
    assert_eq!(env[0].1.secrets().collect::<Vec<_>>(), ["key"]);
    assert_eq!(
        env.iter().map(resolve).collect::<Vec<_>>(),
        [
            Ok("http://127.0.0.1:4321 hunter2 http://notes.localhost http://127.0.0.1:5432 t0ken"
                .to_owned()),
            Err("the value of <secret other> is not known".to_owned()),
        ]
    );
}
