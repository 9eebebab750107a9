//! Reads `poetry.lock`, as Poetry 2 writes it, so that Poetry itself need not be there.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};
use toml::{Table, Value};

use super::dependencies::{Dependencies, read_toml};
use super::error::PythonError;
use crate::PayloadError;

/// What is done when the lock is not what can be read here.
const HINT: &str = "Run `poetry lock` with Poetry 2, or `poetry export -o requirements.txt` and \
                    name that file by `dependencies`";

/// The keys of `[tool.poetry]` whose changes make a lock stale. The first ones are written as
/// `null` when they are missing, in projects without `[project]`.
const OLD_KEYS: &[&str] = &["dependencies", "source", "extras", "dev-dependencies"];

/// The keys of `[project]` whose changes make a lock stale.
const PROJECT_KEYS: &[&str] = &["requires-python", "dependencies", "optional-dependencies"];

/// Writes a requirements file with every version and hash of the lock.
pub(super) fn requirements(dependencies: &Dependencies) -> Result<String, PayloadError> {
    let lock = read_toml(&dependencies.file)?;
    let project = dependencies.project.join("pyproject.toml");
    let wrong =
        |why: String| PythonError::Lock { path: dependencies.file.clone(), why, hint: HINT };
    if !is_fresh(&lock, &read_toml(&project)?) {
        return Err(PythonError::LockMismatch {
            lock: dependencies.file.clone(),
            project,
            command: "poetry lock",
        }
        .into());
    }
    let mut lines = Vec::new();
    for package in lock.get("package").and_then(Value::as_array).into_iter().flatten() {
        lines.extend(line(package, dependencies).map_err(wrong)?);
    }
    Ok(lines.join("\n") + "\n")
}

/// The line of a package; none when it is for other groups or extras.
fn line(package: &Value, wanted: &Dependencies) -> Result<Option<String>, String> {
    let text = |key: &str| package.get(key).and_then(Value::as_str).unwrap_or_default();
    let name = text("name");
    let groups = package.get("groups").and_then(Value::as_array);
    let groups = groups.ok_or("It was written by an older Poetry, which does not record groups")?;
    let groups: Vec<&str> = groups
        .iter()
        .filter_map(Value::as_str)
        .filter(|group| *group == "main" || wanted.groups.iter().any(|name| name == group))
        .collect();
    if groups.is_empty() {
        return Ok(None);
    }
    let mut line = match package.get("source") {
        Some(source) => from_source(name, text("version"), source)?,
        None => format!("{name}=={}", text("version")),
    };
    if let Some(markers) = markers(package.get("markers"), &groups) {
        line += &format!(" ; {}", with_extras(&markers, &wanted.extras));
    }
    for file in package.get("files").and_then(Value::as_array).into_iter().flatten() {
        let hash = file.get("hash").and_then(Value::as_str).unwrap_or_default();
        line += &format!(" --hash={hash}");
    }
    Ok(Some(line))
}

fn from_source(name: &str, version: &str, source: &Value) -> Result<String, String> {
    let text = |key: &str| source.get(key).and_then(Value::as_str).unwrap_or_default();
    match text("type") {
        // Another index: `uv` knows it from its own settings, and the hashes do the rest.
        "legacy" => Ok(format!("{name}=={version}")),
        "url" => Ok(format!("{name} @ {}", text("url"))),
        "git" => {
            let folder = text("subdirectory");
            let folder =
                if folder.is_empty() { String::new() } else { format!("#subdirectory={folder}") };
            Ok(format!("{name} @ git+{}@{}{folder}", text("url"), text("resolved_reference")))
        }
        other => Err(format!("It takes `{name}` from a {other} of this machine")),
    }
}

/// When a package is needed: one condition, or one for each group.
fn markers(markers: Option<&Value>, groups: &[&str]) -> Option<String> {
    match markers? {
        Value::String(text) => Some(text.clone()),
        Value::Table(table) => {
            let each = groups.iter().map(|group| table.get(*group)?.as_str());
            // A group without a condition needs it always.
            let each: Option<Vec<&str>> = each.collect();
            Some(format!("({})", each?.join(") or (")))
        }
        _ => None,
    }
}

/// Decides conditions on extras, which nothing else would know.
fn with_extras(markers: &str, extras: &[String]) -> String {
    let mut decided = String::new();
    let mut rest = markers;
    while let Some(at) = rest.find("extra == \"") {
        let (before, after) = rest.split_at(at);
        let after = &after["extra == \"".len()..];
        let Some((name, after)) = after.split_once('"') else { break };
        let wanted = extras.iter().any(|extra| extra == name);
        decided += before;
        decided += if wanted { "python_version >= \"3\"" } else { "python_version < \"3\"" };
        rest = after;
    }
    decided + rest
}

/// Reports whether the lock was made for what the project says now.
fn is_fresh(lock: &Table, project: &Table) -> bool {
    let hash = lock.get("metadata").and_then(|metadata| metadata.get("content-hash"));
    // Poetry before 2.3 left dependency groups out.
    let hashes = [true, false].map(|with_groups| content_hash(project, with_groups));
    hash.and_then(Value::as_str).is_some_and(|hash| hashes.iter().any(|other| other == hash))
}

/// The hash that Poetry makes of what the project asks for.
fn content_hash(project: &Table, with_groups: bool) -> String {
    let empty = Table::new();
    let table = |value: Option<&'_ Value>| value.and_then(Value::as_table).cloned();
    let project_table = table(project.get("project")).unwrap_or_default();
    let groups = table(project.get("dependency-groups")).filter(|_| with_groups);
    let groups = groups.filter(|groups| !groups.is_empty());
    let tool = project.get("tool").and_then(|tool| tool.get("poetry"));
    let poetry = tool.and_then(Value::as_table).unwrap_or(&empty);
    let mut relevant = BTreeMap::new();
    for key in PROJECT_KEYS {
        relevant.extend(project_table.get(*key).map(|value| (*key, json(value))));
    }
    let is_new = !relevant.is_empty() || groups.is_some();
    let mut inner = BTreeMap::new();
    for key in OLD_KEYS.iter().chain(&["group"]) {
        match poetry.get(*key) {
            Some(value) => drop(inner.insert(*key, json(value))),
            None if is_new || *key == "group" => {}
            None => drop(inner.insert(*key, "null".to_owned())),
        }
    }
    let mut whole = BTreeMap::new();
    if !relevant.is_empty() {
        whole.insert("project", object(relevant));
    }
    if let Some(groups) = groups {
        whole.insert("dependency-groups", json(&Value::Table(groups)));
    }
    let text = if is_new {
        whole.insert("tool", object(BTreeMap::from([("poetry", object(inner))])));
        object(whole)
    } else {
        object(inner)
    };
    Sha256::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// JSON as Python's `json.dumps(…, sort_keys=True)` writes it.
fn json(value: &Value) -> String {
    match value {
        Value::String(text) => string(text),
        Value::Integer(number) => number.to_string(),
        Value::Float(number) => format!("{number:?}"),
        Value::Boolean(truth) => truth.to_string(),
        Value::Datetime(time) => string(&time.to_string()),
        Value::Array(values) => {
            format!("[{}]", values.iter().map(json).collect::<Vec<_>>().join(", "))
        }
        Value::Table(table) => {
            object(table.iter().map(|(key, value)| (key.as_str(), json(value))).collect())
        }
    }
}

fn object(entries: BTreeMap<&str, String>) -> String {
    let entries = entries.iter().map(|(key, value)| format!("{}: {value}", string(key)));
    format!("{{{}}}", entries.collect::<Vec<_>>().join(", "))
}

/// A string in ASCII, with everything else as `\u` and UTF-16.
fn string(text: &str) -> String {
    let mut written = String::from("\"");
    for letter in text.chars() {
        match letter {
            '"' => written += "\\\"",
            '\\' => written += "\\\\",
            '\n' => written += "\\n",
            '\r' => written += "\\r",
            '\t' => written += "\\t",
            '\u{8}' => written += "\\b",
            '\u{c}' => written += "\\f",
            ' '..='~' => written.push(letter),
            _ => {
                let mut units = [0; 2];
                for unit in letter.encode_utf16(&mut units) {
                    written += &format!("\\u{unit:04x}");
                }
            }
        }
    }
    written + "\""
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hash(project: &str) -> String {
        content_hash(&project.parse().expect("TOML"), true)
    }

    // The hashes were made by Poetry 2.5.1.
    #[test]
    fn content_hash_is_that_of_poetry() {
        let new = r#"
            [project]
            name = "a"
            requires-python = ">=3.9"
            dependencies = ["click (>=8.1,<9)", "naïve; sys_platform == 'win32' # 😀"]
            [project.optional-dependencies]
            more = ["six"]
            [tool.poetry]
            package-mode = false
            [tool.poetry.group.tools.dependencies]
            idna = "^3.0""#;
        assert_eq!(hash(new), "db0a443d20da3fea13988800a60c808c90a06246cb14df8f64ea900c94d75718");
        let old = r#"
            [tool.poetry]
            name = "a"
            [tool.poetry.dependencies]
            python = "^3.9"
            click = { version = "^8.1", optional = true, extras = ["b", "a"] }
            [tool.poetry.extras]
            more = ["click"]"#;
        assert_eq!(hash(old), "d999fe6c4ce7102af2b808411424afef0d4660d3b1e9544eede7b14b9ff37960");
        let groups = r#"
            [project]
            name = "a"
            dependencies = []
            [dependency-groups]
            tools = ["idna>=3", { include-group = "other" }]
            other = []"#;
        assert_eq!(
            hash(groups),
            "ca20d93ddb17536bc0090d642be302732ea54c9f3548e1a3be1221d6b5601f39"
        );
    }

    #[test]
    fn extras_are_decided() {
        let more = ["more".to_owned()];
        let both = "extra == \"more\" or extra == \"less\" and x";
        let decided = "python_version >= \"3\" or python_version < \"3\" and x";
        assert_eq!(with_extras(both, &more), decided);
        assert_eq!(with_extras("sys_platform == \"win32\"", &more), "sys_platform == \"win32\"");
    }

    #[test]
    fn markers_are_joined_over_groups() {
        let one = Value::String("a".to_owned());
        assert_eq!(markers(Some(&one), &["main"]), Some("a".to_owned()));
        let each: Table = "main = \"a\"\ntools = \"b or c\"".parse().expect("TOML");
        let each = Value::Table(each);
        assert_eq!(markers(Some(&each), &["main", "tools"]), Some("(a) or (b or c)".to_owned()));
        assert_eq!(markers(Some(&each), &["main", "other"]), None);
    }
}
