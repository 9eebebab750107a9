//! What stands in the tables for one app.

use std::collections::BTreeMap;
use std::io;

use msi::Value;
use uuid::Uuid;

use super::Guids;
use crate::windows::registry::{self, Text};
use crate::windows::{Contents, files, shortcut};
use crate::{Package, names};

/// The stream with the files.
pub(super) const CABINET: &str = "app.cab";
/// The name of the icon.
pub(super) const ICON: &str = "app.ico";

/// The app's own folder.
const HOME: &str = "INSTALLDIR";
/// The one feature, which is everything.
const FEATURE: &str = "App";
/// Set when another version is there.
const OLDER: &str = "OLDER";

/// The component is for 64 bits, and its mark is a value of the registry.
const COMPONENT: i32 = 0x100 | 4;
/// Of the registry.
const CURRENT_USER: i32 = 1;
/// Folders go when the app goes.
const ON_UNINSTALL: i32 = 2;
/// Every version from the first on is replaced, and its features are taken over.
const EVERY_VERSION: i32 = 0x100 | 1;

/// What is done, in the order of its numbers; Windows Installer knows what each means.
const EXECUTE: [(&str, i32); 22] = [
    ("FindRelatedProducts", 25),
    ("LaunchConditions", 100),
    ("ValidateProductID", 700),
    ("CostInitialize", 800),
    ("FileCost", 900),
    ("CostFinalize", 1000),
    ("InstallValidate", 1400),
    ("RemoveExistingProducts", 1450),
    ("InstallInitialize", 1500),
    ("ProcessComponents", 1600),
    ("UnpublishFeatures", 1800),
    ("RemoveRegistryValues", 2600),
    ("RemoveShortcuts", 3200),
    ("RemoveFiles", 3500),
    ("RemoveFolders", 3600),
    ("CreateFolders", 3700),
    ("InstallFiles", 4000),
    ("CreateShortcuts", 4500),
    ("WriteRegistryValues", 5000),
    ("RegisterProduct", 6100),
    ("PublishFeatures", 6300),
    ("PublishProduct", 6400),
];

const SHOW: [(&str, i32); 6] = [
    ("FindRelatedProducts", 25),
    ("ValidateProductID", 700),
    ("CostInitialize", 800),
    ("FileCost", 900),
    ("CostFinalize", 1000),
    ("ExecuteAction", 1300),
];

/// A feature's title has no more letters.
const LONGEST_TITLE: usize = 64;

type Rows = Vec<Vec<Value>>;

/// The rows of all tables.
pub(super) fn all(
    contents: &Contents<'_>,
    guids: &Guids,
    with_icon: bool,
) -> io::Result<Vec<(&'static str, Rows)>> {
    let folders = Folders::of(contents);
    let package = contents.package;
    Ok(vec![
        ("Property", properties(package, guids, with_icon)?),
        ("Directory", directories(package, &folders)),
        ("Component", components(&folders, guids)),
        (
            "Feature",
            vec![row([
                FEATURE.into(),
                Value::Null,
                start(&package.title, LONGEST_TITLE).into(),
                Value::Null,
                1.into(),
                1.into(),
                HOME.into(),
                0.into(),
            ])],
        ),
        (
            "FeatureComponents",
            folders.ids().map(|id| row([FEATURE.into(), component(id).into()])).collect(),
        ),
        ("File", file_rows(contents, &folders)),
        ("Media", vec![media(contents.files.len())?]),
        ("Registry", registry_rows(package, &folders)),
        ("RemoveFile", folders.ids().map(remove_folder).collect()),
        ("CreateFolder", folders.ids().map(|id| row([id.into(), component(id).into()])).collect()),
        ("Shortcut", vec![shortcut_row(package, with_icon)]),
        ("Icon", if with_icon { vec![row([ICON.into(), Value::Binary])] } else { Rows::new() }),
        (
            "Upgrade",
            vec![row([
                guid(guids.app),
                "0.0.0".into(),
                Value::Null,
                Value::Null,
                EVERY_VERSION.into(),
                Value::Null,
                OLDER.into(),
            ])],
        ),
        ("InstallExecuteSequence", sequence(&EXECUTE, Some(("InstallFinalize", 6600)))),
        ("InstallUISequence", sequence(&SHOW, None)),
    ])
}

/// Folders by path, and their keys; the app's own is the empty path.
struct Folders(BTreeMap<String, String>);

impl Folders {
    fn of(contents: &Contents<'_>) -> Self {
        let all = files::all_folders(&contents.files, &contents.folders).into_iter();
        let numbered = all.enumerate().map(|(index, path)| (path, format!("d{index}")));
        Self(numbered.chain([(String::new(), HOME.to_owned())]).collect())
    }

    fn id(&self, path: &str) -> &str {
        self.0.get(path).map_or(HOME, String::as_str)
    }

    fn ids(&self) -> impl Iterator<Item = &str> {
        self.0.values().map(String::as_str)
    }
}

/// The key of a file, and its name in the cabinet.
pub(super) fn file_key(index: usize) -> String {
    format!("f{index}")
}

/// Who has made the app: Windows Installer wants somebody.
pub(super) fn manufacturer(package: &Package) -> String {
    package.publisher.as_deref().map_or(&*package.title, crate::desktop::person).to_owned()
}

fn properties(package: &Package, guids: &Guids, with_icon: bool) -> io::Result<Rows> {
    let numbers = names::numbers(package).map_err(io::Error::other)?;
    let version = numbers.map(|number| number.to_string()).join(".");
    let mut all = vec![
        ("ProductCode", braced(guids.product)),
        ("ProductLanguage", "1033".to_owned()),
        ("ProductName", package.title.clone()),
        ("ProductVersion", version),
        ("Manufacturer", manufacturer(package)),
        ("UpgradeCode", braced(guids.app)),
        ("SecureCustomProperties", OLDER.to_owned()),
        ("ARPNOMODIFY", "1".to_owned()),
    ];
    if with_icon {
        all.push(("ARPPRODUCTICON", ICON.to_owned()));
    }
    if let Some(homepage) = &package.homepage {
        all.push(("ARPURLINFOABOUT", homepage.clone()));
    }
    Ok(all.into_iter().map(|(name, value)| row([name.into(), value.into()])).collect())
}

fn directories(package: &Package, folders: &Folders) -> Rows {
    let known = [
        ("TARGETDIR", None, "SourceDir".to_owned()),
        ("LocalAppDataFolder", Some("TARGETDIR"), ".".to_owned()),
        ("ProgramsFolder", Some("LocalAppDataFolder"), "Programs".to_owned()),
        (HOME, Some("ProgramsFolder"), both_names('D', 0, &package.name)),
        ("ProgramMenuFolder", Some("TARGETDIR"), ".".to_owned()),
    ];
    let known = known.into_iter().map(|(id, parent, name)| {
        row([id.into(), parent.map_or(Value::Null, Value::from), name.into()])
    });
    let own = folders.0.iter().filter(|(path, _)| !path.is_empty()).enumerate();
    let own = own.map(|(index, (path, id))| {
        let (parent, name) = path.rsplit_once('/').unwrap_or(("", path));
        row([
            id.as_str().into(),
            folders.id(parent).into(),
            both_names('D', index + 1, name).into(),
        ])
    });
    known.chain(own).collect()
}

/// A name as of old, of eight letters, and the real one.
fn both_names(letter: char, index: usize, name: &str) -> String {
    format!("{letter}{index:07X}|{name}")
}

fn component(folder: &str) -> String {
    format!("c_{folder}")
}

fn components(folders: &Folders, guids: &Guids) -> Rows {
    let one = |(path, id): (&String, &String)| {
        row([
            component(id).into(),
            guid(guids.component(path)),
            id.as_str().into(),
            COMPONENT.into(),
            Value::Null,
            mark(id).into(),
        ])
    };
    folders.0.iter().map(one).collect()
}

/// The value of the registry that says that a folder is installed.
fn mark(folder: &str) -> String {
    format!("mark_{folder}")
}

fn remove_folder(id: &str) -> Vec<Value> {
    let key = format!("r_{id}");
    row([key.into(), component(id).into(), Value::Null, id.into(), ON_UNINSTALL.into()])
}

fn file_rows(contents: &Contents<'_>, folders: &Folders) -> Rows {
    let one = |(index, file): (usize, &files::File)| {
        let number = i32::try_from(index).unwrap_or(i32::MAX - 1);
        row([
            file_key(index).into(),
            component(folders.id(file.folder())).into(),
            both_names('F', index, file.name()).into(),
            i32::try_from(file.bytes).unwrap_or(i32::MAX).into(),
            Value::Null,
            Value::Null,
            Value::Null,
            (number + 1).into(),
        ])
    };
    contents.files.iter().enumerate().map(one).collect()
}

fn media(count: usize) -> io::Result<Vec<Value>> {
    let last = i32::try_from(count).map_err(io::Error::other)?;
    let cabinet = format!("#{CABINET}");
    Ok(row([1.into(), last.into(), Value::Null, cabinet.into(), Value::Null, Value::Null]))
}

fn registry_rows(package: &Package, folders: &Folders) -> Rows {
    let home = component(HOME);
    let marks = folders.ids().map(|id| {
        let key = format!("Software\\{}\\Installed", package.id);
        row([
            mark(id).into(),
            CURRENT_USER.into(),
            key.into(),
            id.into(),
            "1".into(),
            component(id).into(),
        ])
    });
    let mut values = Vec::new();
    for registered in registry::file_types(package) {
        for extension in &registered.extensions {
            let key = format!("{}\\OpenWithProgids", registry::class_key(extension));
            let text = Text::Plain(String::new());
            values.push(registry::Value { key, name: registered.class.clone(), text });
        }
        values.extend(registered.values);
    }
    values.extend(registry::schemes(package).into_iter().flat_map(|scheme| scheme.values));
    let values = values.into_iter().enumerate().map(|(index, value)| {
        let name = if value.name.is_empty() { Value::Null } else { value.name.into() };
        let text = formatted(package, &value.text);
        let text = if text.is_empty() { Value::Null } else { text.into() };
        let id = format!("v{index}");
        row([id.into(), CURRENT_USER.into(), value.key.into(), name, text, home.clone().into()])
    });
    marks.chain(values).collect()
}

fn formatted(package: &Package, text: &Text) -> String {
    match text {
        Text::Plain(text) => escaped(text),
        Text::Picture => format!("[{HOME}]{}", crate::windows::picture(package)),
        Text::Open => registry::open_command(&format!("[{HOME}]{}", package.program())),
    }
}

/// Windows Installer takes words in brackets for its own, and `#` at the beginning for a number.
fn escaped(text: &str) -> String {
    let escape = |c: char| match c {
        '[' | ']' | '{' | '}' => format!("[\\{c}]"),
        c => c.to_string(),
    };
    let escaped: String = text.chars().map(escape).collect();
    if escaped.starts_with('#') { format!("#{escaped}") } else { escaped }
}

fn shortcut_row(package: &Package, with_icon: bool) -> Vec<Value> {
    let icon = if with_icon { ICON.into() } else { Value::Null };
    row([
        "Menu".into(),
        "ProgramMenuFolder".into(),
        format!("MENU|{}", shortcut(package)).into(),
        component(HOME).into(),
        format!("[{HOME}]{}", package.program()).into(),
        Value::Null,
        Value::Null,
        Value::Null,
        icon,
        Value::Null,
        Value::Null,
        HOME.into(),
    ])
}

fn sequence(actions: &[(&str, i32)], last: Option<(&str, i32)>) -> Rows {
    let all = actions.iter().copied().chain(last);
    all.map(|(action, number)| row([action.into(), Value::Null, number.into()])).collect()
}

fn row<const N: usize>(values: [Value; N]) -> Vec<Value> {
    values.into()
}

fn guid(guid: Uuid) -> Value {
    braced(guid).into()
}

/// The first letters of a text.
fn start(text: &str, letters: usize) -> String {
    text.chars().take(letters).collect()
}

fn braced(guid: Uuid) -> String {
    format!("{{{}}}", guid.hyphenated().to_string().to_uppercase())
}
