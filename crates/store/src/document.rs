//! A JSON file with a type and a version.

use std::fs;
use std::io;
use std::marker::PhantomData;
use std::path::{Path, PathBuf};

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::file::{Lasting, clear_leftovers, set_aside, write_private};

/// The key of the version. A file without it is of version 1.
const VERSION: &str = "version";

/// Migrates the content of one version to the next; the error is a sentence for people.
pub type Migration = fn(Value) -> Result<Value, String>;

/// What is kept in a [`Document`].
pub trait Kept: Serialize + DeserializeOwned {
    /// The version that is written, from 1.
    const VERSION: u32;
    /// The migrations from older versions: the first one leads from version 1 to 2.
    const MIGRATIONS: &'static [Migration] = &[];
    /// What happens to a file that cannot be read.
    const WHEN_BROKEN: Unusable;
    /// What happens to a file from a newer version of Ensconce.
    const WHEN_NEWER: Unusable;
}

/// What happens to a file that cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unusable {
    /// It stays as it is, and reading it is an error: for what cannot be recreated.
    Refuse,
    /// It is set aside, and the reader begins anew: for what can be recreated.
    SetAside,
}

/// What reading has found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found<T> {
    /// There is no file.
    Nothing,
    /// What was written.
    Content(T),
    /// The file could not be used and was set aside.
    SetAside {
        /// Where it is now.
        path: PathBuf,
        /// Why, in a sentence for people.
        why: String,
    },
}

impl<T> Found<T> {
    /// Returns the content, if there is any.
    pub fn content(self) -> Option<T> {
        match self {
            Self::Content(content) => Some(content),
            Self::Nothing | Self::SetAside { .. } => None,
        }
    }
}

/// Why a document cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The file cannot be read or written.
    #[error("{} cannot be used: {error}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// The file cannot be understood.
    #[error("{} is damaged: {why}", path.display())]
    Broken {
        /// The file.
        path: PathBuf,
        /// Why.
        why: String,
    },
    /// The file is from a newer version of Ensconce.
    #[error("{} was made by a newer version (its version is {version}; the newest one known here is {known})", path.display())]
    Newer {
        /// The file.
        path: PathBuf,
        /// The version in it.
        version: u64,
        /// The newest version that is understood.
        known: u32,
    },
}

impl StoreError {
    /// Suggests what to do about it.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::File { .. } => "Check the folder's permissions and the free space on the disk",
            Self::Broken { .. } => "Restore a copy of the file, or move it away to begin anew",
            Self::Newer { .. } => "Use the newer version again; the file was left as it is",
        }
    }
}

/// A JSON file with a type and a version.
#[derive(Debug, Clone)]
pub struct Document<T> {
    path: PathBuf,
    kept: PhantomData<fn() -> T>,
}

impl<T: Kept> Document<T> {
    /// Refers to a file, which need not exist.
    pub fn new(path: PathBuf) -> Self {
        const {
            assert!(
                T::MIGRATIONS.len() + 1 == T::VERSION as usize,
                "one migration for each version"
            )
        };
        Self { path, kept: PhantomData }
    }

    /// Refers to a file, and removes what killed writers have left.
    pub fn open(path: PathBuf) -> Self {
        clear_leftovers(&path);
        Self::new(path)
    }

    /// Returns the file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Reads the file; sets it aside if it cannot be used and its type wants that.
    ///
    /// # Errors
    /// When it exists and cannot be read, or cannot be used and must not be set aside.
    pub fn read(&self) -> Result<Found<T>, StoreError> {
        let error = match self.look() {
            Ok(None) => return Ok(Found::Nothing),
            Ok(Some(content)) => return Ok(Found::Content(content)),
            Err(error) => error,
        };
        let (conduct, why) = match &error {
            StoreError::Broken { why, .. } => (T::WHEN_BROKEN, why.clone()),
            StoreError::Newer { .. } => {
                (T::WHEN_NEWER, "it was made by a newer version".to_owned())
            }
            StoreError::File { .. } => return Err(error),
        };
        if conduct == Unusable::Refuse {
            return Err(error);
        }
        let path = set_aside(&self.path).map_err(|error| self.failed(error))?;
        Ok(Found::SetAside { path, why })
    }

    /// Reads the file without changing anything; `None` if there is none.
    ///
    /// # Errors
    /// When it exists and cannot be used.
    pub fn look(&self) -> Result<Option<T>, StoreError> {
        match fs::read(&self.path) {
            Ok(text) => self.parse(&text).map(Some),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(self.failed(error)),
        }
    }

    /// Writes the file, whole or not at all; it survives a power failure.
    ///
    /// # Errors
    /// When it cannot be written; it is then as it was.
    pub fn write(&self, content: &T) -> Result<(), StoreError> {
        let text = to_text(content, T::VERSION).map_err(|error| self.failed(error))?;
        write_private(&self.path, &text, Lasting::PowerCut).map_err(|error| self.failed(error))
    }

    fn parse(&self, text: &[u8]) -> Result<T, StoreError> {
        let broken = |why: String| StoreError::Broken { path: self.path.clone(), why };
        // Only a table: serde would accept a list for a struct, too.
        let mut table: Map<String, Value> =
            serde_json::from_slice(text).map_err(|error| broken(error.to_string()))?;
        let version = match table.remove(VERSION) {
            None => 1,
            Some(version) => version
                .as_u64()
                .filter(|version| *version > 0)
                .ok_or_else(|| broken(format!("`{VERSION}` is {version}, not a number from 1")))?,
        };
        let newer = || StoreError::Newer { path: self.path.clone(), version, known: T::VERSION };
        let version = u32::try_from(version).map_err(|_| newer())?;
        if version > T::VERSION {
            return Err(newer());
        }
        let mut ways = T::MIGRATIONS.iter().skip(version as usize - 1);
        let content = ways.try_fold(Value::Object(table), |content, way| way(content));
        let content = content.map_err(broken)?;
        serde_json::from_value(content).map_err(|error| broken(error.to_string()))
    }

    fn failed(&self, error: io::Error) -> StoreError {
        StoreError::File { path: self.path.clone(), error }
    }
}

fn to_text(content: &impl Serialize, version: u32) -> io::Result<Vec<u8>> {
    let Value::Object(content) = serde_json::to_value(content)? else {
        return Err(io::Error::other("only a table can be kept"));
    };
    let mut table = Map::new();
    table.insert(VERSION.to_owned(), version.into());
    table.extend(content);
    let mut text = serde_json::to_vec_pretty(&table)?;
    text.push(b'\n');
    Ok(text)
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
    struct Settings {
        names: Vec<String>,
    }

    impl Kept for Settings {
        const VERSION: u32 = 3;
        const MIGRATIONS: &'static [Migration] = &[
            |mut content| {
                let name = content["title"].take();
                Ok(serde_json::json!({ "name": name }))
            },
            |content| match content["name"].as_str() {
                Some(name) => Ok(serde_json::json!({ "names": [name] })),
                None => Err("`name` is missing".to_owned()),
            },
        ];
        const WHEN_BROKEN: Unusable = Unusable::SetAside;
        const WHEN_NEWER: Unusable = Unusable::Refuse;
    }

    fn settings(name: &str) -> Settings {
        Settings { names: vec![name.to_owned()] }
    }

    fn with(text: &str) -> (tempfile::TempDir, Document<Settings>) {
        let folder = tempfile::tempdir().unwrap();
        let document = Document::open(folder.path().join("settings.json"));
        fs::write(document.path(), text).unwrap();
        (folder, document)
    }

    #[test]
    fn what_is_written_is_read_again_with_its_version() {
        let folder = tempfile::tempdir().unwrap();
        let document = Document::open(folder.path().join("settings.json"));
        assert_eq!(document.read().unwrap(), Found::Nothing);
        document.write(&settings("a")).unwrap();
        assert_eq!(document.read().unwrap(), Found::Content(settings("a")));
        let text = fs::read_to_string(document.path()).unwrap();
        assert!(text.starts_with("{\n  \"version\": 3,"), "{text}");
    }

    #[test]
    fn older_versions_are_brought_up() {
        for text in [
            r#"{"title": "a"}"#,
            r#"{"version": 1, "title": "a"}"#,
            r#"{"version": 2, "name": "a"}"#,
            r#"{"version": 3, "names": ["a"]}"#,
        ] {
            let (_folder, document) = with(text);
            assert_eq!(document.read().unwrap(), Found::Content(settings("a")), "{text}");
            assert_eq!(
                fs::read_to_string(document.path()).unwrap(),
                text,
                "reading changes nothing"
            );
        }
    }

    #[test]
    fn what_makes_no_sense_is_set_aside_and_told() {
        for text in [
            "",
            "{\"names\":",
            "\u{0}\u{0}",
            "[]",
            r#"{"version": 3}"#,
            r#"{"version": 3, "names": 1}"#,
            r#"{"version": 2}"#,
            r#"{"version": 0, "names": []}"#,
            r#"{"version": -1, "names": []}"#,
            r#"{"version": "3", "names": []}"#,
        ] {
            let (_folder, document) = with(text);
            assert!(matches!(document.look(), Err(StoreError::Broken { .. })), "{text}");
            assert!(document.path().exists(), "a look changes nothing");
            let Found::SetAside { path, why } = document.read().unwrap() else { panic!("{text}") };
            assert_eq!(fs::read_to_string(path).unwrap(), text);
            assert!(!why.is_empty() && !document.path().exists());
            assert_eq!(document.read().unwrap(), Found::Nothing);
        }
    }

    #[test]
    fn what_is_newer_is_left_alone() {
        for version in ["4", "99999999999"] {
            let text = format!(r#"{{"version": {version}, "names": []}}"#);
            let (folder, document) = with(&text);
            let error = document.read().unwrap_err();
            assert!(error.to_string().contains("was made by a newer version"), "{error}");
            assert_eq!(fs::read_to_string(document.path()).unwrap(), text);
            assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
        }
    }
}
