//! An app of a test, and what all tests share: `uv`, and a cache that lives as long as this build
//! of the tests.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::Mutex;
use std::time::UNIX_EPOCH;

use ensconce_manifest::{Manifest, Platform, parse};
use tempfile::TempDir;

use super::super::{Made, Python, Runtime};
use crate::{Cache, PayloadError, Progress, Request, Target};

/// The beginning of every manifest.
const MANIFEST: &str = "[app]\nid = \"com.example.test\"\nname = \"Test\"\nversion = \"1.0.0\"\n\
                        [ui]\nstatic = \"web\"\n";

/// An app with its own Python, on a disk.
pub(super) struct App {
    pub(super) folder: TempDir,
    pub(super) notes: Notes,
    manifest: Manifest,
    cache: Cache,
    target: Target,
}

/// What a build said.
#[derive(Default)]
pub(super) struct Notes {
    pub(super) warnings: Mutex<Vec<String>>,
    pub(super) begun: Mutex<Vec<String>>,
}

impl Progress for Notes {
    fn begin(&self, what: &str) {
        self.begun.lock().expect("no test panics with it").push(what.to_owned());
    }
    fn bytes(&self, _: u64, _: Option<u64>) {}
    fn line(&self, line: &str) {
        println!("{line}");
    }
    fn warn(&self, text: &str) {
        self.warnings.lock().expect("no test panics with it").push(text.to_owned());
    }
}

impl App {
    /// An app with what the manifest says below `[build.python]`, and the shared cache.
    pub(super) fn new(python: &str, files: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        for (name, text) in files {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().expect("in a folder")).expect("a folder");
            fs::write(path, text).expect("a file");
        }
        let text = format!("{MANIFEST}{python}");
        let manifest = parse("ensconce.toml", &text).unwrap_or_else(|wrong| panic!("{wrong}"));
        let app = Self {
            folder,
            notes: Notes::default(),
            manifest,
            cache: Cache::open(&shared().join("cache")).expect("a cache"),
            target: Target {
                platform: Platform::Linux,
                arch: std::env::consts::ARCH,
                triple: "x86_64-unknown-linux-gnu",
            },
        };
        app.link_uv();
        app
    }

    /// The same app with a cache of its own.
    pub(super) fn with_own_cache(mut self, cache: &Path) -> Self {
        self.cache = Cache::open(cache).expect("a cache");
        self
    }

    /// Puts `uv` where the app's virtual environment would have it.
    fn link_uv(&self) {
        let bin = self.folder.path().join(".venv/bin");
        fs::create_dir_all(&bin).expect("a folder");
        std::os::unix::fs::symlink(uv(), bin.join("uv")).expect("a link");
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(super) fn request<'a>(&'a self, out: &'a Path) -> Request<'a> {
        Request {
            manifest: &self.manifest,
            folder: self.folder.path(),
            target: &self.target,
            cache: &self.cache,
            out,
            packages: out,
            progress: &self.notes,
        }
    }

    /// Finds out what is to be made, and nothing more.
    pub(super) fn find(&self) -> Result<Python, PayloadError> {
        let out = self.path("out");
        Python::find(&self.request(&out)).map(|python| python.expect("the manifest has one"))
    }

    /// Makes it in a folder.
    pub(super) fn make(&self, into: &Path) -> Result<Made, PayloadError> {
        let python = self.find()?;
        fs::create_dir_all(into).expect("a folder");
        let request = self.request(into);
        python.key(&request)?;
        python.make(&request, into)
    }

    pub(super) fn warnings(&self) -> Vec<String> {
        self.notes.warnings.lock().expect("no test panics with it").clone()
    }

    /// Runs `uv` in the app's folder.
    pub(super) fn uv(&self, arguments: &[&str]) {
        let mut command = Command::new(uv());
        run(command.args(arguments).current_dir(self.folder.path()).env("UV_NO_PROGRESS", "1"));
    }
}

/// What keeps something from being made, as people see it.
pub(super) fn shown<T>(result: Result<T, PayloadError>) -> String {
    let error = result.err().expect("an error");
    let hints: Vec<_> = error.hints().into_iter().map(|hint| format!("\nhint: {hint}")).collect();
    format!("{error}{}", hints.concat())
}

/// Runs a program that must succeed, and returns what it wrote.
pub(super) fn run(command: &mut Command) -> String {
    let Output { status, stdout, stderr } = command.output().expect("it starts");
    let stdout = String::from_utf8_lossy(&stdout).into_owned();
    assert!(status.success(), "{command:?}\n{stdout}\n{}", String::from_utf8_lossy(&stderr));
    stdout
}

/// A folder for this build of the tests, which several of their processes use.
pub(super) fn shared() -> PathBuf {
    let program = std::env::current_exe().expect("this program");
    let built = program.metadata().and_then(|found| found.modified()).expect("a time");
    let built = built.duration_since(UNIX_EPOCH).expect("after 1970").as_nanos();
    let all = program.parent().expect("a folder").join("python-tests");
    let folder = all.join(built.to_string());
    if !folder.is_dir() {
        fs::create_dir_all(&folder).expect("a folder");
        remove_old(&all);
    }
    folder
}

/// Removes what earlier builds of the tests have made, hundreds of megabytes each, but for those
/// that may still run.
fn remove_old(all: &Path) {
    let hour = std::time::Duration::from_secs(60 * 60);
    for found in fs::read_dir(all).into_iter().flatten().flatten() {
        let is_build = found.file_name().to_string_lossy().bytes().all(|it| it.is_ascii_digit());
        let time = found.metadata().and_then(|found| found.modified());
        if is_build && time.is_ok_and(|time| time.elapsed().unwrap_or_default() > hour) {
            let _ = fs::remove_dir_all(found.path());
        }
    }
}

/// Does something in one process at a time.
pub(super) fn one_at_a_time<T>(name: &str, work: impl FnOnce(&Path) -> T) -> T {
    let folder = shared();
    let lock = File::create(folder.join(format!("{name}.held"))).expect("a file");
    lock.lock().expect("a lock");
    work(&folder)
}

/// The real `uv`, installed once.
pub(super) fn uv() -> PathBuf {
    one_at_a_time("uv", |folder| {
        let venv = folder.parent().expect("a folder").join("tools");
        let uv = venv.join("bin/uv");
        if !uv.is_file() {
            run(Command::new("python3").args(["-m", "venv"]).arg(&venv));
            run(Command::new(venv.join("bin/pip")).args(["install", "--quiet", "uv"]));
        }
        uv
    })
}
