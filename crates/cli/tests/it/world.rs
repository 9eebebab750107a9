//! A place for one test: folders, an environment, an app.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use regex::Regex;
use tempfile::TempDir;

use crate::running::Running;

/// No wait in a test takes longer; a healthy one takes a fraction of it.
pub(crate) const DEADLINE: Duration = ensconce_testkit::PATIENCE;

/// A server of the standard library, on a port or a Unix socket.
const SERVER: &str = r#"
import http.server, os, socketserver, sys

class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        body = ("%s from %s" % (self.path, os.environ.get("WHO", "server"))).encode()
        self.send_response(500 if self.path == os.environ.get("BROKEN") else 200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments):
        pass

where = sys.argv[1]
if where.isdigit():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", int(where)), Handler)
else:
    server = socketserver.ThreadingUnixStreamServer(where, Handler)
print(os.environ.get("WHO", "server"), "runs", flush=True)
server.serve_forever()
"#;

/// The beginning of every manifest.
const HEAD: &str = "[app]
id = \"com.example.notes\"
name = \"Notes\"
version = \"1.0.0\"
";

/// Static pages, which need no service.
pub(crate) const PAGES: &str = "[ui]\nstatic = \"pages\"\n";

/// Pages that the server gives.
pub(crate) const WEB: &str = r#"[ui]
service = "web"

[service.web]
command = ["{python}", "server.py", "{port}"]
ready = { http = "/health" }
"#;

pub(crate) struct World {
    folder: TempDir,
    root: PathBuf,
}

impl World {
    /// An app's folder with pages and a server, but no manifest.
    pub(crate) fn empty() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap();
        let world = Self { folder, root };
        for name in ["home", "tmp"] {
            fs::create_dir(world.root.join(name)).unwrap();
        }
        world.write("server.py", SERVER);
        world.write("pages/index.html", "<h1>Notes</h1>");
        world
    }

    /// An app whose manifest goes on like this.
    pub(crate) fn new(rest: &str) -> Self {
        let world = Self::empty();
        world.manifest(rest);
        world
    }

    pub(crate) fn manifest(&self, rest: &str) {
        self.write("ensconce.toml", format!("{HEAD}{rest}"));
    }

    /// The app's folder, where commands run.
    pub(crate) fn app(&self) -> PathBuf {
        self.root.join("app")
    }

    pub(crate) fn write(&self, path: &str, content: impl AsRef<[u8]>) {
        let path = self.app().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    pub(crate) fn data(&self, path: &str) -> PathBuf {
        self.root.join("home/.local/share/com.example.notes").join(path)
    }

    /// The folder of the logs.
    pub(crate) fn logs(&self) -> PathBuf {
        self.root.join("home/.local/state/com.example.notes/logs")
    }

    /// What a service has written so far, without time and stream.
    pub(crate) fn log(&self, name: &str) -> String {
        // There is no file before the first line has been kept.
        let text = fs::read_to_string(self.logs().join(format!("{name}.log"))).unwrap_or_default();
        let own = |line: &str| format!("{}\n", line.splitn(3, ' ').nth(2).unwrap());
        text.lines().map(own).collect()
    }

    pub(crate) fn command(&self, line: &str) -> Command {
        let program = Path::new(env!("CARGO_BIN_EXE_ensconce"));
        assert!(
            program.with_file_name("ensconce-guard").exists(),
            "The guard is missing: cargo build -p ensconce-guard"
        );
        let mut command = Command::new(program);
        command
            .args(line.split_whitespace())
            .current_dir(self.app())
            .env_clear()
            .env("PATH", path())
            .env("HOME", self.root.join("home"))
            .env("TMPDIR", self.root.join("tmp"))
            .stdin(Stdio::null());
        command
    }

    /// Runs a command to its end, and returns all that it shows.
    pub(crate) fn run(&self, line: &str) -> String {
        self.run_command(self.command(line))
    }

    pub(crate) fn run_command(&self, mut command: Command) -> String {
        let Output { status, stdout, stderr } = command.output().unwrap();
        let (stdout, stderr) =
            (String::from_utf8(stdout).unwrap(), String::from_utf8(stderr).unwrap());
        self.screen(status.code(), &stdout, &stderr)
    }

    pub(crate) fn start(&self, line: &str) -> Running {
        Running::start(self.command(line))
    }

    /// What a person sees, without what differs from run to run.
    pub(crate) fn screen(&self, code: Option<i32>, stdout: &str, stderr: &str) -> String {
        let code = code.map_or("none".to_owned(), |code| code.to_string());
        let text = format!(
            "exit code: {code}\n----- stdout -----\n{stdout}\n----- stderr -----\n{stderr}"
        );
        self.filter(&text)
    }

    pub(crate) fn filter(&self, text: &str) -> String {
        let text = text.replace(&self.root.display().to_string(), "[ROOT]");
        let text = text.replace(&self.folder.path().display().to_string(), "[ROOT]");
        filters()
            .iter()
            .fold(text, |text, (pattern, with)| pattern.replace_all(&text, *with).into_owned())
    }

    /// The processes of this world's apps, by the mark in their environment.
    pub(crate) fn processes(&self) -> Vec<String> {
        let home = format!("HOME={}", self.root.join("home").display());
        let ours = |environ: &str| {
            let mut variables = environ.split('\0');
            variables.any(|one| one == home) && environ.contains("ENSCONCE_JOB=")
        };
        let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
        entries
            .filter_map(|entry| {
                let environ = fs::read(entry.path().join("environ")).ok()?;
                ours(&String::from_utf8_lossy(&environ)).then_some(())?;
                let line = fs::read(entry.path().join("cmdline")).ok()?;
                Some(String::from_utf8_lossy(&line).replace('\0', " "))
            })
            .collect()
    }

    /// Nothing is left: no process, no folder of sockets.
    #[track_caller]
    pub(crate) fn assert_clean(&self) {
        assert_eq!(self.processes(), Vec::<String>::new());
        let left: Vec<_> = fs::read_dir(self.root.join("tmp")).unwrap().flatten().collect();
        assert!(left.is_empty(), "{left:?}");
    }
}

/// Waits for something that nobody reports.
#[track_caller]
pub(crate) fn eventually(what: &str, mut holds: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !holds() {
        assert!(begun.elapsed() < DEADLINE, "It never came true that {what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// `PATH` with the interpreter itself in front: a version manager's stand-in needs its own home.
fn path() -> &'static str {
    static PATH: OnceLock<String> = OnceLock::new();
    PATH.get_or_init(|| {
        let ask = "import os, sys; print(os.path.dirname(sys.executable))";
        let folder = Command::new("python3").args(["-c", ask]).output().unwrap().stdout;
        let inherited = std::env::var("PATH").unwrap();
        format!("{}:{inherited}", String::from_utf8(folder).unwrap().trim())
    })
}

fn filters() -> &'static [(Regex, &'static str)] {
    static FILTERS: OnceLock<Vec<(Regex, &str)>> = OnceLock::new();
    FILTERS.get_or_init(|| {
        [
            // States that may last too short a time to be seen.
            (r"(?m)^\S+ +\* (starting|stopping)\n", ""),
            (r"127\.0\.0\.1:\d+", "127.0.0.1:[PORT]"),
            (r"\bport \d{4,5}\b", "port [PORT]"),
            (r"\bPort \d{4,5}\b", "Port [PORT]"),
            (r"ensconce_token=[\w-]+", "ensconce_token=[TOKEN]"),
            (r"`[^`]*` \(process \d+\)", "`[PROGRAM]` (process [PID])"),
            (r"\(process \d+\)", "(process [PID])"),
            (r", for \d+ (s|min|h)(, process \d+)?", ", for [TIME]$2"),
            (r", process \d+", ", process [PID]"),
            (r"after \d+\.\d s", "after [TIME]"),
            (r"ensconce-[A-Za-z0-9]{8}\b", "ensconce-[RUN]"),
            (r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", "[DATE]"),
            (r"\d{8}T\d{6}\.\d{3}Z", "[DATE]"),
            (r"ensconce \d+\.\d+\.\d+", "ensconce [VERSION]"),
        ]
        .map(|(pattern, with)| (Regex::new(pattern).unwrap(), with))
        .into()
    })
}
