//! The programs that an installed app brings along: Python, Node, and whatever its build names.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use ensconce_manifest::Platform;
use serde::{Deserialize, Serialize};

use crate::{Facts, Part, Text};

/// What keeps the user's own Python out of the app's, unless the manifest decides otherwise.
/// Python treats an empty value as unset, and it hides what the user's session has set.
const PYTHON_ALONE: [(&str, &str); 7] = [
    ("PYTHONHOME", ""),
    ("PYTHONPATH", ""),
    ("PYTHONPLATLIBDIR", ""),
    ("PYTHONPYCACHEPREFIX", ""),
    ("PYTHONOPTIMIZE", ""),
    ("PYTHONNOUSERSITE", "1"),
    ("PYTHONDONTWRITEBYTECODE", "1"),
];

/// Where the programs of an installed app are; `ensconce build` writes it, as JSON.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Programs {
    /// The names that commands use, and the files, relative to the folder of runtimes, with `/` on
    /// every platform.
    pub programs: BTreeMap<String, String>,
}

impl Programs {
    /// The name of its file, in the folder of runtimes.
    pub const FILE: &str = "programs.json";

    /// Returns the programs with absolute paths, for a folder of runtimes.
    pub fn in_folder(&self, runtimes: &Path) -> BTreeMap<String, PathBuf> {
        let file =
            |path: &String| path.split('/').fold(runtimes.to_owned(), |at, part| at.join(part));
        self.programs.iter().map(|(name, path)| (name.clone(), file(path))).collect()
    }
}

/// Makes a job use the app's own programs: by name, and through `PATH` in whatever it starts.
pub(crate) fn prefer_own(facts: &Facts, command: &mut [Text], env: &mut Vec<(String, Text)>) {
    if facts.programs.is_empty() {
        return;
    }
    if let Some(program) = command.first_mut()
        && let [Part::Known(name)] = program.0.as_slice()
        && let Some(own) = facts.programs.get(name)
    {
        *program = Text::known(own.display().to_string());
    }
    prepend_path(facts, env);
    if facts.programs.contains_key("python") {
        for (name, value) in PYTHON_ALONE {
            if !env.iter().any(|(set, _)| set == name) {
                env.push((name.to_owned(), Text::known(value)));
            }
        }
    }
}

fn prepend_path(facts: &Facts, env: &mut Vec<(String, Text)>) {
    let separator = if facts.platform == Platform::Windows { ";" } else { ":" };
    let folders: BTreeSet<String> = facts
        .programs
        .values()
        .filter_map(|program| Some(program.parent()?.display().to_string()))
        .collect();
    let mut path = folders.into_iter().collect::<Vec<_>>().join(separator);
    let is_path = |name: &str| match facts.platform {
        Platform::Windows => name.eq_ignore_ascii_case("PATH"),
        Platform::Linux | Platform::Macos => name == "PATH",
    };
    if let Some((_, own)) = env.iter_mut().find(|(name, _)| is_path(name)) {
        path.push_str(separator);
        own.0.insert(0, Part::Known(path));
        return;
    }
    if let Some((_, machine)) = facts.env.iter().find(|(name, _)| is_path(name)) {
        path.push_str(separator);
        path.push_str(machine);
    }
    env.push(("PATH".to_owned(), Text::known(path)));
}
