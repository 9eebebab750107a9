//! A small disk in memory, which only a namespace of its own sees.
//!
//! This program starts itself there again, for one test. Nothing is left of the disk, however that
//! ends.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::archive::full_within;
use crate::home::Home;

/// Says where the small disk is to a test that is started again.
const DISK: &str = "SMALL_DISK";

fn in_own_mounts(program: &str) -> Command {
    let mut unshare = Command::new("unshare");
    unshare.args(["--map-root-user", "--mount", program]);
    unshare
}

/// A disk of some megabytes, with a data folder on it.
pub(crate) struct SmallDisk {
    pub(crate) path: PathBuf,
    pub(crate) home: Home,
}

impl SmallDisk {
    /// Mounts it, where this is the test that was started again; else starts it again.
    pub(crate) fn mount(test: &str, megabytes: u32) -> Option<Self> {
        if let Some(path) = std::env::var_os(DISK) {
            let path = PathBuf::from(path);
            let output = mount(&mut Command::new("mount"), megabytes, &path);
            assert!(output.status.success(), "{output:?}");
            let folder = tempfile::tempdir_in(&path).unwrap();
            return Some(Self { path, home: full_within(folder) });
        }
        let folder = tempfile::tempdir().unwrap();
        match mount(&mut in_own_mounts("mount"), megabytes, folder.path()) {
            output if output.status.success() => {}
            output => {
                let why = String::from_utf8_lossy(&output.stderr).into_owned();
                println!("skipped: no disk can be mounted here: {why}");
                return None;
            }
        }
        let program = std::env::current_exe().unwrap();
        let mut again = in_own_mounts(program.to_str().unwrap());
        again.args(["--exact", test, "--nocapture"]);
        let output = again.env(DISK, folder.path()).output().unwrap();
        let said =
            String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{said}");
        assert!(said.contains("1 passed"), "{said}");
        None
    }
}

pub(crate) fn mount(command: &mut Command, megabytes: u32, path: &Path) -> Output {
    command.args(["-t", "tmpfs", "-o", &format!("size={megabytes}m"), "none"]);
    match command.arg(path).output() {
        Ok(output) => output,
        Err(error) => panic!("{command:?}: {error}"),
    }
}
