//! An app in a temporary folder, and what is made of it.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use ensconce_manifest::Platform;
use ensconce_payload::{
    BuildTarget, Cache, Payload, PayloadError, PayloadRequest, Progress, assemble,
};

/// An app with its cache and its output.
pub(crate) struct App {
    folder: tempfile::TempDir,
    pub(crate) told: Told,
}

/// Remembers what a build tells.
#[derive(Default)]
pub(crate) struct Told {
    pub(crate) begun: Mutex<Vec<String>>,
    pub(crate) lines: Mutex<Vec<String>>,
    pub(crate) warnings: Mutex<Vec<String>>,
}

impl Progress for Told {
    fn begin(&self, what: &str) {
        self.begun.lock().unwrap().push(what.to_owned());
    }
    fn bytes(&self, _done: u64, _total: Option<u64>) {}
    fn line(&self, line: &str) {
        self.lines.lock().unwrap().push(line.to_owned());
    }
    fn warn(&self, text: &str) {
        self.warnings.lock().unwrap().push(text.to_owned());
    }
}

impl Told {
    pub(crate) fn lines(&self) -> String {
        self.lines.lock().unwrap().join("\n")
    }
}

pub(crate) const TARGET: BuildTarget = BuildTarget {
    platform: Platform::Linux,
    arch: std::env::consts::ARCH,
    triple: if cfg!(target_arch = "aarch64") {
        "aarch64-unknown-linux-gnu"
    } else {
        "x86_64-unknown-linux-gnu"
    },
};

impl App {
    /// An app whose manifest has these lines too.
    pub(crate) fn new(manifest: &str) -> Self {
        let app = Self { folder: tempfile::tempdir().unwrap(), told: Told::default() };
        let head = "[app]\nid = \"com.example.small\"\nname = \"Small\"\nversion = \"1.2.3\"\n";
        app.write("ensconce.toml", &format!("{head}{manifest}"));
        app
    }

    pub(crate) fn path(&self, inside: &str) -> PathBuf {
        self.folder.path().join("the äpp").join(inside)
    }

    pub(crate) fn out(&self, inside: &str) -> PathBuf {
        self.folder.path().join("out").join(inside)
    }

    pub(crate) fn cache(&self) -> PathBuf {
        self.folder.path().join("cache")
    }

    pub(crate) fn write(&self, path: &str, text: &str) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// Assembles into a new folder.
    pub(crate) fn assemble(&self) -> Result<Payload, PayloadError> {
        let out = self.out("");
        if out.exists() {
            fs::remove_dir_all(&out).unwrap();
        }
        self.assemble_into(&out, &self.cache())
    }

    pub(crate) fn assemble_into(&self, out: &Path, cache: &Path) -> Result<Payload, PayloadError> {
        fs::create_dir_all(out).unwrap();
        let text = fs::read_to_string(self.path("ensconce.toml")).unwrap();
        let manifest = ensconce_manifest::parse("ensconce.toml", &text).unwrap();
        assemble(&PayloadRequest {
            manifest: &manifest,
            folder: &self.path("").components().collect::<PathBuf>(),
            target: &TARGET,
            cache: &Cache::open(cache)?,
            out,
            packages: &self.path("release"),
            progress: &self.told,
        })
    }

    pub(crate) fn fault(&self) -> String {
        let error = self.assemble().unwrap_err();
        let folder = self.path("").display().to_string();
        error.to_string().replace(folder.trim_end_matches('/'), "APP")
    }

    /// Everything in `app/`, in order.
    pub(crate) fn packed(&self) -> Vec<String> {
        let mut found = Vec::new();
        let mut folders = vec![self.out("app")];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).unwrap() {
                let entry = entry.unwrap();
                match entry.file_type().unwrap().is_dir() {
                    true => folders.push(entry.path()),
                    false => found.push(entry.path()),
                }
            }
        }
        let root = self.out("app");
        let mut names: Vec<String> = found
            .iter()
            .map(|path| path.strip_prefix(&root).unwrap().display().to_string())
            .collect();
        names.sort();
        names
    }
}
