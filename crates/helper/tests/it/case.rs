//! A replacement of data, with what there is before and after it.

use std::fs;
use std::path::{Path, PathBuf};

use ensconce_protocol::HelperWork;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::archive::full_within;
use crate::home::{Home, create, in_memory, record, write};

/// What can be known of the data.
pub(crate) type State = Vec<(PathBuf, Vec<u8>)>;

/// A replacement that is to be done.
pub(crate) struct Case {
    pub(crate) home: Home,
    pub(crate) stage: HelperWork,
    pub(crate) swap: HelperWork,
    pub(crate) old: State,
    pub(crate) new: State,
    /// What the app has to take over with the new data, but for where the old is.
    recovered: Value,
}

impl Case {
    /// A restore, with a note of an update that it makes void.
    pub(crate) fn restore(mode: &str) -> Self {
        let mut home = Home::within(in_memory());
        home.add("main", "data/notes.db");
        create(&home.path("data/notes.db"), mode, "old");
        let backup = home.backed_up();
        write(&home.path("data/notes.db"), "new");
        let (stage, swap) = (home.stage_restore(&backup), home.restore());
        let recovered = json!({
            "settings": null, "record": record("1.0"), "databases": ["main"],
        });
        Self::new(home, stage, swap, recovered)
    }

    /// An import, with databases in the data folder, outside, and outside by a link.
    pub(crate) fn import() -> Self {
        let mut home = full_within(in_memory());
        for (name, file) in [("far", "far/far.db"), ("gone", "far/gone.db")] {
            home.add(name, file);
        }
        create(&home.path("far/far.db"), "wal", "far");
        create(&home.path("disk/linked.db"), "delete", "linked");
        std::os::unix::fs::symlink("../disk/linked.db", home.path("data/linked.db")).unwrap();
        home.add("linked", "data/linked.db");
        home.run(home.export()).is("ok");
        for file in ["data/notes.db", "far/far.db", "disk/linked.db"] {
            write(&home.path(file), "later");
        }
        // The export does not have this one.
        create(&home.path("far/gone.db"), "delete", "later");
        home.write("data/later/more.txt", "later");
        fs::remove_dir_all(home.path("data/media")).unwrap();
        let (stage, swap) = (home.unpack(), home.import());
        let recovered = json!({
            "settings": { "answers": { "name": "Ada" } }, "record": record("1.2.0"),
            "databases": [],
        });
        Self::new(home, stage, swap, recovered)
    }

    fn new(home: Home, stage: HelperWork, swap: HelperWork, recovered: Value) -> Self {
        home.note_update("migrate", "main");
        let before = Moment::of(&home.path(""));
        let old = state(&home);
        home.run(stage.clone()).is("ok");
        assert!(state(&home) == old, "staging changes nothing");
        home.run(swap.clone()).is("ok");
        let new = state(&home);
        assert!(old != new);
        before.restore();
        Self { home, stage, swap, old, new, recovered }
    }

    /// Checks that the data is the old or the new, and that the app is told exactly then of the
    /// new; returns whether it is.
    #[track_caller]
    pub(crate) fn is_new(&self, recovered: &Value, what: &str) -> bool {
        let now = state(&self.home);
        assert!(now == self.old || now == self.new, "{what}: neither: {}", self.differences());
        let is_new = now == self.new;
        if is_new {
            let mut recovered = recovered.clone();
            recovered.as_object_mut().unwrap_or_else(|| panic!("{what}: untold")).remove("kept");
            assert_eq!(recovered, self.recovered, "{what}");
        } else {
            assert!(recovered.is_null(), "{what}: told of data that is the old: {recovered}");
        }
        is_new
    }

    pub(crate) fn differences(&self) -> String {
        let now = state(&self.home);
        let names = |state: &State, other: &State| -> Vec<String> {
            let lone = state.iter().filter(|one| !other.contains(one));
            lone.map(|(path, _)| path.display().to_string()).collect()
        };
        format!(
            "from the old differ {:?}, from the new {:?}; missing of the old {:?}, of the new {:?}",
            names(&now, &self.old),
            names(&now, &self.new),
            names(&self.old, &now),
            names(&self.new, &now),
        )
    }

    /// Ends it one way or the other, and checks that nothing is left.
    #[track_caller]
    pub(crate) fn ends(&self, is_new: bool, number: usize, what: &str) {
        let undo = number.is_multiple_of(2);
        let work = if undo { self.home.undo() } else { self.home.forget() };
        self.home.run(work).is("ok");
        let now = state(&self.home);
        let expected = if is_new && !undo { &self.new } else { &self.old };
        assert!(now == *expected, "{what}: {}", self.differences());
        self.home.assert_at_rest();
    }
}

/// Returns what can be known of the data now.
pub(crate) fn state(home: &Home) -> State {
    let names = ["data", "far", "disk"].into_iter().filter(|name| home.path(name).exists());
    let content = names.flat_map(|name| {
        let below = move |(path, content)| (Path::new(name).join(path), content);
        home.content(name).into_iter().map(below).collect::<Vec<_>>()
    });
    let is_staged = |name: &str| {
        [".restoring", ".part", ".importing"].iter().any(|ending| name.ends_with(ending))
            || name.contains(".before-")
    };
    let mut state: State =
        content.filter(|(path, _)| !is_staged(&path.to_string_lossy())).collect();
    // A note that lies aside for a while is there or not when all is at its end.
    state.push(("void".into(), home.void().exists().to_string().into_bytes()));
    state
}

/// What is on the disk at one moment, to come back to.
pub(crate) struct Moment {
    root: PathBuf,
    copy: TempDir,
}

impl Moment {
    pub(crate) fn of(folder: &Path) -> Self {
        let (copy, root) = (in_memory(), folder.to_owned());
        copy_folder(&root, copy.path());
        Self { root, copy }
    }

    pub(crate) fn restore(&self) {
        for entry in fs::read_dir(&self.root).unwrap().flatten() {
            let path = entry.path();
            match entry.file_type().unwrap().is_dir() {
                true => fs::remove_dir_all(path).unwrap(),
                false => fs::remove_file(path).unwrap(),
            }
        }
        copy_folder(self.copy.path(), &self.root);
    }
}

/// Copies what is in a folder.
pub(crate) fn copy_folder(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).unwrap().flatten() {
        let (from, to) = (entry.path(), to.join(entry.file_name()));
        let kind = entry.file_type().unwrap();
        if kind.is_dir() {
            fs::create_dir(&to).unwrap();
            copy_folder(&from, &to);
        } else if kind.is_symlink() {
            std::os::unix::fs::symlink(fs::read_link(&from).unwrap(), &to).unwrap();
        } else {
            fs::copy(&from, &to).unwrap();
        }
    }
}
