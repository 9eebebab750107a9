//! Takes over answers from the settings file of an earlier way to run the app.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use ensconce_manifest::Field;
use ensconce_plan::SetupPlan;
use serde_json::Value;

use super::valid;

/// A larger file is no settings file.
const LARGEST: u64 = 1024 * 1024;

/// What a settings file of earlier times has for the app's fields.
pub(crate) struct OldValues {
    /// The file.
    pub(crate) path: PathBuf,
    /// Values that fit, by the names of the fields.
    pub(crate) values: BTreeMap<String, Value>,
}

/// Finds the first file that has something to take over.
pub(crate) fn find(setup: &SetupPlan, home: Option<&Path>) -> Option<OldValues> {
    let paths = setup.imports.iter().map(|path| match (path.strip_prefix("~/"), home) {
        (Some(rest), Some(home)) => home.join(rest),
        _ => PathBuf::from(path),
    });
    let read = paths.filter(|path| path.is_absolute()).filter_map(|path| {
        let values = values(setup, &read_variables(&path)?);
        (!values.is_empty()).then_some(OldValues { path, values })
    });
    { read }.next()
}

/// Reads `NAME=value` lines, as shells and compose files have them. Lines that are none are left
/// out, for an old file may hold anything.
fn read_variables(path: &Path) -> Option<BTreeMap<String, String>> {
    if fs::metadata(path).ok()?.len() > LARGEST {
        return None;
    }
    let text = fs::read(path).ok()?;
    let text = String::from_utf8_lossy(&text);
    let lines = dotenvy::from_read_iter(text.as_bytes());
    Some(lines.flatten().collect())
}

fn values(setup: &SetupPlan, variables: &BTreeMap<String, String>) -> BTreeMap<String, Value> {
    let of_field = |field: &Field| {
        let given = variables.get(field.env.as_ref()?)?;
        let value = valid::answer(field, &Value::from(given.as_str())).ok().flatten()?;
        Some((field.name.clone(), value))
    };
    setup.fields().filter_map(of_field).collect()
}
