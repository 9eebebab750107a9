//! A place for one test: an app, the program beside it, and a home.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

const MANIFEST: &str = r#"
[app]
id = "com.example.notes"
name = "Notes"
version = "1.2.0"

[ui]
static = "pages"
"#;

/// What the program says when it has started the app and finds no window for it.
const NO_WINDOW: &str = "hint: It belongs beside the app's program";

pub(crate) struct World {
    folder: TempDir,
}

impl World {
    pub(crate) fn new() -> Self {
        let world = Self { folder: tempfile::tempdir().unwrap() };
        for (app, name) in [("installed/app", "Notes"), ("other", "Other")] {
            world.write(&format!("{app}/ensconce.toml"), &MANIFEST.replace("Notes", name));
            world.write(&format!("{app}/pages/index.html"), "<h1>Notes</h1>");
        }
        world.write("installed/runtime/programs.json", "{ \"programs\": {} }");
        world
    }

    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// The program that lies beside its app, under the app's name.
    pub(crate) fn installed(&self, arguments: &[&str]) -> Output {
        self.run(&self.copied_to("installed/notes"), arguments)
    }

    /// The program of developers, which has no app beside it.
    pub(crate) fn developed(&self, arguments: &[&str]) -> Output {
        self.run(&self.copied_to("programs/ensconce-shell"), arguments)
    }

    fn copied_to(&self, path: &str) -> PathBuf {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::copy(env!("CARGO_BIN_EXE_ensconce-shell"), &path).unwrap();
        path
    }

    fn run(&self, program: &Path, arguments: &[&str]) -> Output {
        let mut command = Command::new(program);
        command.args(arguments).env_clear().env("HOME", self.path("home"));
        command.current_dir(self.folder.path()).stdin(Stdio::null());
        command.output().unwrap()
    }

    /// Whether an app has begun: it makes its folders first.
    pub(crate) fn has_begun(&self) -> bool {
        ["home", "data", "-data"].iter().any(|folder| self.path(folder).exists())
    }

    /// The program has started the app, as far as it can without a window.
    #[track_caller]
    pub(crate) fn assert_started(&self, output: &Output) {
        let talk = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{talk}");
        assert!(talk.contains(NO_WINDOW), "{talk}");
        assert!(self.has_begun());
    }

    /// The program has said what is wrong, and done nothing.
    #[track_caller]
    pub(crate) fn assert_refused(&self, output: &Output, why: &str) {
        let talk = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{talk}");
        assert!(talk.contains(why), "{talk}");
        assert!(!self.has_begun());
    }
}
