//! What an app writes into its user's registry: the file types and URL schemes that it opens.
//!
//! An extension is offered, and taken over only when nobody has it. When the app is removed, only
//! what is still its own is removed with it.

use crate::{FileType, Package};

/// A value below `HKEY_CURRENT_USER`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Value {
    /// The key, such as `Software\Classes\items`.
    pub(super) key: String,
    /// The name; empty for the key's own value.
    pub(super) name: String,
    /// The text. `PROGRAM` and `PICTURE` in braces stand for files of the app.
    pub(super) text: Text,
}

/// A text with a file of the app in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Text {
    /// As it is.
    Plain(String),
    /// The picture of the app.
    Picture,
    /// The command that opens something with the app.
    Open,
}

/// Returns the command that opens something with the app. Strangers decide what is opened, so it
/// stands where it cannot be an option, whatever it begins with.
pub(super) fn open_command(program: &str) -> String {
    format!("\"{program}\" -- \"%1\"")
}

/// A file type in the registry.
pub(super) struct Registered {
    /// Its key below `Software\Classes`, such as `com.example.items.items`.
    pub(super) class: String,
    /// The extensions, with their dot.
    pub(super) extensions: Vec<String>,
    /// The key and what lies below it.
    pub(super) values: Vec<Value>,
}

/// Returns the file types with an extension.
pub(super) fn file_types(package: &Package) -> Vec<Registered> {
    let with_extensions = |kind: &&FileType| !kind.extensions.is_empty();
    let types = package.file_types.iter().filter(with_extensions);
    types.map(|kind| file_type(package, kind)).collect()
}

fn file_type(package: &Package, kind: &FileType) -> Registered {
    let dotted = |extension: &String| format!(".{}", extension.trim_start_matches('.'));
    let extensions: Vec<_> = kind.extensions.iter().map(dotted).collect();
    let class = format!("{}{}", package.id, extensions[0]);
    let name = kind.name.clone().unwrap_or_else(|| kind.mime.clone());
    let values = opened_by_app(&class, name);
    Registered { class, extensions, values }
}

/// Returns the URL schemes.
pub(super) fn schemes(package: &Package) -> Vec<Registered> {
    let scheme = |scheme: &String| {
        let mut values = opened_by_app(scheme, format!("URL:{}", package.title));
        let key = class_key(scheme);
        let mark = Value { key, name: "URL Protocol".into(), text: Text::Plain(String::new()) };
        values.insert(1, mark);
        Registered { class: scheme.clone(), extensions: Vec::new(), values }
    };
    package.schemes.iter().map(scheme).collect()
}

/// Where file types and schemes are registered.
pub(super) fn class_key(class: &str) -> String {
    format!("Software\\Classes\\{class}")
}

fn opened_by_app(class: &str, name: String) -> Vec<Value> {
    let key = class_key(class);
    let value =
        |below: &str, text| Value { key: format!("{key}{below}"), name: String::new(), text };
    vec![
        value("", Text::Plain(name)),
        value("\\DefaultIcon", Text::Picture),
        value("\\shell\\open\\command", Text::Open),
    ]
}
