//! A real PostgreSQL, started for the test, and things that are none.

use std::fs;
use std::io::Write;
use std::net::TcpListener;
use std::os::unix::fs::{PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::checks::{check, check_in};
use crate::servers::Server;
use crate::tls::{Authority, Pair};
use crate::world::{Said, helper};

const PASSWORD: &str = "p@ss/w:rd 100%";
const ENCODED: &str = "p%40ss%2Fw%3Ard%20100%25";

/// A cluster of its own.
struct Cluster {
    folder: TempDir,
    port: u16,
    server: Child,
    authority: Authority,
}

impl Cluster {
    fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        own(folder.path());
        fs::write(folder.path().join("password"), PASSWORD).unwrap();
        own(&folder.path().join("password"));
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let data = folder.path().join("data");
        run(tool("initdb")
            .arg("-D")
            .arg(&data)
            .args(["-U", "owner", "--auth=trust", "-E", "UTF8"])
            .args(["--no-sync", "--locale=C"]));
        let lines = format!(
            "listen_addresses = '127.0.0.1'\nport = {port}\nfsync = off\n\
             unix_socket_directories = '{}'\nshared_buffers = 1MB\nmax_connections = 8\n\
             password_encryption = 'scram-sha-256'\n",
            folder.path().display()
        );
        append(&data.join("postgresql.conf"), &lines);
        fs::write(
            data.join("pg_hba.conf"),
            "local all owner trust\n\
             local all all scram-sha-256\n\
             hostnossl all careful 127.0.0.1/32 reject\n\
             host all nobody 127.0.0.1/32 trust\n\
             host all stranger 127.0.0.1/32 reject\n\
             host all old 127.0.0.1/32 md5\n\
             host all all 127.0.0.1/32 scram-sha-256\n",
        )
        .unwrap();
        let log = fs::File::create(folder.path().join("log")).unwrap();
        let server = tool("postgres")
            .arg("-D")
            .arg(&data)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .unwrap();
        let cluster = Self { folder, port, server, authority: Authority::new() };
        let begun = Instant::now();
        while !cluster.psql("SELECT 1") {
            assert!(begun.elapsed() < Duration::from_secs(60), "{}", cluster.log());
            thread::sleep(Duration::from_millis(50));
        }
        for line in [
            &*format!("CREATE ROLE me LOGIN PASSWORD '{PASSWORD}'"),
            "CREATE ROLE careful LOGIN PASSWORD 'pw'",
            "CREATE ROLE stranger LOGIN PASSWORD 'pw'",
            "SET password_encryption = 'md5'; CREATE ROLE old LOGIN PASSWORD 'pw'",
            "CREATE DATABASE app",
            "CREATE DATABASE \"my app\"",
            "CREATE DATABASE closed",
            "REVOKE CONNECT ON DATABASE closed FROM PUBLIC",
        ] {
            assert!(cluster.psql(line), "{}", cluster.log());
        }
        cluster
    }

    fn psql(&self, line: &str) -> bool {
        self.psql_in("postgres", line)
    }

    fn psql_in(&self, database: &str, line: &str) -> bool {
        tool("psql")
            .arg("-h")
            .arg(self.folder.path())
            .args(["-p", &self.port.to_string(), "-U", "owner"])
            .args(["-qXw", "-d", database, "-v", "ON_ERROR_STOP=1", "-c", line])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
            .unwrap()
            .success()
    }

    fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }

    fn url(&self, user: &str, rest: &str) -> String {
        format!("postgresql://{user}@127.0.0.1:{}/{rest}", self.port)
    }

    /// Shows another certificate from now on.
    fn encrypt(&self, pair: &Pair) {
        let data = self.folder.path().join("data");
        for (name, text) in
            [("server.crt", pair.certificate.pem()), ("server.key", pair.key.serialize_pem())]
        {
            let file = data.join(name);
            fs::write(&file, text).unwrap();
            fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
            own(&file);
        }
        append(&data.join("postgresql.conf"), "ssl = on\n");
        kill_process(Pid::from_child(&self.server), Signal::HUP).unwrap();
    }

    /// Tries an address until it answers something else than before: a reload takes a moment.
    fn until(&self, url: &str, reason: &str) -> Said {
        let begun = Instant::now();
        loop {
            let said = self.asks(url, None);
            if said.reason() == reason || begun.elapsed() > Duration::from_secs(20) {
                said.is(reason);
                return said;
            }
            thread::sleep(Duration::from_millis(50));
        }
    }

    /// Believes the test's authority as the system's.
    fn asks(&self, url: &str, query: Option<&str>) -> Said {
        let request = json!({
            "kind": "postgres", "url": url, "schema_query": query, "timeout_ms": 20_000,
        });
        let mut helper = helper();
        helper.env("SSL_CERT_FILE", self.authority.file());
        let said = check_in(&mut helper, &request);
        said.hides(PASSWORD).hides(ENCODED).hides("wrong-one");
        said
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        let _ = kill_process(Pid::from_child(&self.server), Signal::INT);
        let _ = self.server.wait();
    }
}

/// A program of PostgreSQL, which does not run as root.
fn tool(name: &str) -> Command {
    let debian = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let program =
        debian.map(|version| version.path().join("bin").join(name)).find(|file| file.exists());
    let mut command = Command::new(program.unwrap_or_else(|| PathBuf::from(name)));
    if let Some((user, group)) = other_user() {
        command.uid(user).gid(group);
    }
    command.current_dir("/");
    command
}

fn other_user() -> Option<(u32, u32)> {
    if !rustix::process::geteuid().is_root() {
        return None;
    }
    let users = fs::read_to_string("/etc/passwd").unwrap();
    let line = users
        .lines()
        .find(|line| line.starts_with("postgres:"))
        .expect("PostgreSQL is missing: scripts/setup --tests installs it");
    let parts: Vec<&str> = line.split(':').collect();
    Some((parts[2].parse().unwrap(), parts[3].parse().unwrap()))
}

fn own(path: &Path) {
    if let Some((user, group)) = other_user() {
        chown(path, Some(user), Some(group)).unwrap();
    }
}

fn run(command: &mut Command) {
    let output =
        command.output().expect("PostgreSQL is missing: scripts/setup --tests installs it");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

fn append(file: &Path, lines: &str) {
    fs::OpenOptions::new().append(true).open(file).unwrap().write_all(lines.as_bytes()).unwrap();
}

const QUERY: Option<&str> = Some("SELECT version_num FROM alembic_version");

#[test]
fn a_real_server() {
    let cluster = Cluster::start();
    without_encryption(&cluster);
    schema(&cluster);
    who_may_not(&cluster);
    with_encryption(&cluster);
    wrong_certificates(&cluster);
    no_room(&cluster);
}

fn without_encryption(cluster: &Cluster) {
    let me = format!("me:{ENCODED}");
    let said = cluster.asks(&cluster.url(&me, "app"), None);
    said.is("ok").says("Connected: PostgreSQL ").says("without encryption");
    assert!(said.answer()["details"]["server"].as_str().unwrap().starts_with("PostgreSQL 1"));
    for mode in ["disable", "allow", "prefer"] {
        cluster.asks(&cluster.url(&me, &format!("app?sslmode={mode}")), None).is("ok");
    }
    for mode in ["require", "verify-ca", "verify-full"] {
        cluster.asks(&cluster.url(&me, &format!("app?sslmode={mode}")), None).is("tls_not_offered");
    }
    cluster.asks(&cluster.url(&me, "my%20app"), None).is("ok");
    cluster.asks(&cluster.url("old:pw", "app"), None).is("ok");
    for scheme in ["postgres", "postgresql+asyncpg", "postgresql+psycopg2"] {
        cluster.asks(&cluster.url(&me, "app").replacen("postgresql", scheme, 1), None).is("ok");
    }
    let socket = cluster.folder.path().display();
    let url = format!("postgresql://{me}@/app?host={socket}&port={}", cluster.port);
    cluster.asks(&url, None).is("ok");
}

fn schema(cluster: &Cluster) {
    let url = cluster.url(&format!("me:{ENCODED}"), "app");
    let said = cluster.asks(&url, QUERY);
    said.is("ok").says("no schema yet");
    assert_eq!(said.answer()["details"]["schema"], Value::Null);
    assert!(cluster.psql_in("app", "CREATE TABLE alembic_version (version_num text)"));
    let said = cluster.asks(&url, QUERY);
    said.is("ok").says("could not be read: permission denied");
    assert!(cluster.psql_in("app", "GRANT SELECT ON alembic_version TO me"));
    cluster.asks(&url, QUERY).is("ok").says("no schema yet");
    assert!(cluster.psql_in("app", "INSERT INTO alembic_version VALUES ('4f2a')"));
    let said = cluster.asks(&url, QUERY);
    said.is("ok").says("schema version 4f2a");
    assert_eq!(said.answer()["details"]["schema"], "4f2a");
    cluster.asks(&url, Some("SELEC")).is("ok").says("could not be read: syntax error");
    let begun = Instant::now();
    check(&json!({
        "kind": "postgres", "url": url, "schema_query": "SELECT pg_sleep(60)", "timeout_ms": 500,
    }))
    .is("timeout")
    .says("did not answer the question within 0.5 seconds");
    assert!(begun.elapsed() < Duration::from_secs(20));
}

fn who_may_not(cluster: &Cluster) {
    let said = cluster.asks(&cluster.url("me:wrong-one", "app"), None);
    said.is("wrong_password").says("does not accept this password for the user `me`");
    cluster.asks(&cluster.url("me", "app"), None).is("wrong_password").says("asks for a password");
    cluster.asks(&cluster.url("unknown:wrong-one", "app"), None).is("wrong_password");
    cluster.asks(&cluster.url("nobody:wrong-one", "app"), None).is("no_user").says("`nobody`");
    let me = format!("me:{ENCODED}");
    cluster.asks(&cluster.url(&me, "ap"), None).is("no_database").says("called `ap`");
    cluster.asks(&cluster.url(&me, "closed"), None).is("not_allowed");
    cluster.asks(&cluster.url("stranger:wrong-one", "app"), None).is("not_allowed");
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let url = format!("postgresql://{me}@127.0.0.1:{free}/app");
    cluster.asks(&url, None).is("refused").says("no database is running there");
    cluster.asks(&format!("postgresql://{me}@db.invalid/app"), None).is("no_host");
    cluster.asks(&format!("postgresql://{me}@/app?host=/nowhere"), None).is("refused");
    cluster.asks("postgresql://me:wrong-one@127.0.0.1:x/app", None).is("bad_address").says("port");
    cluster.asks(&cluster.url("careful:pw", "app?sslmode=disable"), None).is("tls_required");
    cluster.asks(&cluster.url("careful:pw", "app"), None).is("not_allowed");
}

fn with_encryption(cluster: &Cluster) {
    cluster.encrypt(&cluster.authority.sign(&["127.0.0.1"], |_| ()));
    let me = format!("me:{ENCODED}");
    cluster.until(&cluster.url(&me, "app?sslmode=require"), "ok");
    for mode in ["allow", "prefer", "require", "verify-ca", "verify-full"] {
        let said = cluster.asks(&cluster.url(&me, &format!("app?sslmode={mode}")), None);
        said.is("ok");
        assert_eq!(said.answer()["details"]["encrypted"], json!(mode != "allow"), "{said:?}");
    }
    cluster.asks(&cluster.url("careful:pw", "app?sslmode=disable"), None).is("tls_required");
    for mode in ["allow", "prefer", "require"] {
        cluster.asks(&cluster.url("careful:pw", &format!("app?sslmode={mode}")), None).is("ok");
    }
    let said = cluster.asks(&cluster.url("me:wrong-one", "app?ssl=require"), None);
    said.is("wrong_password");
}

fn wrong_certificates(cluster: &Cluster) {
    let url = |mode: &str| cluster.url(&format!("me:{ENCODED}"), &format!("app?sslmode={mode}"));
    cluster.encrypt(&cluster.authority.sign(&["example.com"], |_| ()));
    cluster.until(&url("verify-full"), "certificate_name");
    cluster.asks(&url("verify-ca"), None).is("ok");
    cluster.asks(&url("require"), None).is("ok");

    let other = Authority::new();
    cluster.encrypt(&other.sign(&["127.0.0.1"], |_| ()));
    cluster.until(&url("verify-full"), "certificate_unknown");
    cluster.asks(&url("verify-ca"), None).is("certificate_unknown");
    cluster.asks(&url("require"), None).is("ok");
    let with_file =
        |mode: &str, file: &Path| format!("{}&sslrootcert={}", url(mode), file.display());
    cluster.asks(&with_file("verify-full", &other.file()), None).is("ok");
    cluster.asks(&with_file("require", &cluster.authority.file()), None).is("certificate_unknown");
    cluster.asks(&with_file("verify-full", Path::new("/nowhere")), None).is("authorities");

    cluster.encrypt(&cluster.authority.sign(&["127.0.0.1"], |params| {
        params.not_before = rcgen::date_time_ymd(2019, 1, 1);
        params.not_after = rcgen::date_time_ymd(2020, 1, 1);
    }));
    cluster.until(&url("verify-full"), "certificate_expired");
    cluster.asks(&url("require"), None).is("ok");
}

fn no_room(cluster: &Cluster) {
    assert!(cluster.psql("ALTER ROLE me CONNECTION LIMIT 0"));
    let said = cluster.asks(&cluster.url(&format!("me:{ENCODED}"), "app"), None);
    said.is("busy");
}

#[test]
fn servers_that_are_no_postgresql() {
    let greeting = |bytes: &'static [u8]| {
        Server::start(move |mut stream, _| {
            let _ = stream.write_all(bytes);
            let _ = std::io::copy(&mut stream, &mut std::io::sink());
        })
    };
    let try_at = |server: &Server, mode: &str, time: u64| {
        let url = format!("postgresql://me:hunter22@{}/app?sslmode={mode}", server.address);
        let said = check(&json!({ "kind": "postgres", "url": url, "timeout_ms": time }));
        said.hides("hunter22");
        said
    };
    let web = greeting(b"HTTP/1.1 400 Bad Request\r\nconnection: close\r\n\r\n");
    let mysql = greeting(b"J\0\0\0\n8.0.36\0");
    for mode in ["prefer", "require", "disable"] {
        for server in [&web, &mysql] {
            // Without TLS, PostgreSQL's client speaks first and waits for a whole message.
            let said = try_at(server, mode, 500);
            said.says("not").says("PostgreSQL");
            assert!(mode == "disable" || said.reason() == "not_postgres", "{said:?}");
        }
        try_at(&Server::silent(), mode, 300)
            .is("timeout")
            .says("sent nothing more within 0.3 seconds");
        let closing = Server::start(|_, _| ());
        try_at(&closing, mode, 2000).is("broken_off");
    }
    try_at(&greeting(b"S and then nothing of TLS"), "require", 2000).is("not_tls");
    try_at(&greeting(b"NR\0\0\0"), "prefer", 300).is("timeout");
}
