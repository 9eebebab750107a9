//! The tables of the database, and the streams beside them.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::Path;
use std::time::{Duration, SystemTime};

use msi::{CodePage, Column, Insert, LanguageId, Package as Database, PackageType};

use super::{Guids, rows};
use crate::Package;
use crate::windows::Contents;

/// English: what Windows Installer itself says comes in its user's language all the same.
const LANGUAGE: &str = "en-US";

/// Files are compressed, and no administrator is needed.
const COMPRESSED_FOR_ONE_USER: i32 = 2 | 8;

/// The oldest Windows Installer that is enough: 5.0, of Windows 7.
const SCHEMA: i32 = 500;

/// Writes the whole file.
pub(super) fn write(
    contents: &Contents<'_>,
    guids: &Guids,
    cabinet: &Path,
    icon: Option<&[u8]>,
    to: &Path,
) -> io::Result<()> {
    let file = OpenOptions::new().read(true).write(true).create(true).truncate(true).open(to)?;
    let mut database = Database::create(PackageType::Installer, file)?;
    database.set_database_codepage(CodePage::Utf8);
    summarise(&mut database, contents.package, guids);
    for (name, columns) in tables() {
        database.create_table(name, columns)?;
    }
    for (table, rows) in rows::all(contents, guids, icon.is_some())? {
        if !rows.is_empty() {
            database.insert_rows(Insert::into(table).rows(rows))?;
        }
    }
    io::copy(&mut File::open(cabinet)?, &mut database.write_stream(rows::CABINET)?)?;
    if let Some(icon) = icon {
        let name = format!("Icon.{}", rows::ICON);
        database.write_stream(&name)?.write_all(icon)?;
    }
    database.flush()
}

fn summarise(database: &mut Database<File>, package: &Package, guids: &Guids) {
    let time = SystemTime::UNIX_EPOCH + Duration::from_secs(package.time);
    let summary = database.summary_info_mut();
    summary.set_codepage(CodePage::Utf8);
    summary.set_title("Installation Database");
    summary.set_subject(package.title.clone());
    summary.set_author(rows::manufacturer(package));
    summary.set_comments(package.description.clone());
    summary.set_creating_application("Ensconce");
    summary.set_arch(if package.arch == "aarch64" { "Arm64" } else { "x64" });
    summary.set_languages(&[LanguageId::from_tag(LANGUAGE)]);
    summary.set_uuid(guids.package);
    summary.set_creation_time(time);
    summary.set_last_save_time(time);
    summary.set_page_count(SCHEMA);
    summary.set_word_count(COMPRESSED_FOR_ONE_USER);
    // Not to be changed by others.
    summary.set_doc_security(2);
}

/// All tables, with columns as Microsoft's documentation of Windows Installer has them.
fn tables() -> Vec<(&'static str, Vec<Column>)> {
    tables_of_files().into_iter().chain(tables_of_the_rest()).collect()
}

/// What is installed where.
fn tables_of_files() -> Vec<(&'static str, Vec<Column>)> {
    vec![
        ("Property", vec![key("Property", 72), shown("Value", 0)]),
        (
            "Directory",
            vec![key("Directory", 72), maybe_id("Directory_Parent", 72), shown("DefaultDir", 255)],
        ),
        (
            "Component",
            vec![
                key("Component", 72),
                maybe("ComponentId", 38),
                id("Directory_", 72),
                small("Attributes"),
                maybe("Condition", 255),
                maybe_id("KeyPath", 72),
            ],
        ),
        (
            "Feature",
            vec![
                key("Feature", 38),
                maybe_id("Feature_Parent", 38),
                maybe_shown("Title", 64),
                maybe_shown("Description", 255),
                maybe_small("Display"),
                small("Level"),
                maybe_id("Directory_", 72),
                small("Attributes"),
            ],
        ),
        ("FeatureComponents", vec![key("Feature_", 38), key("Component_", 72)]),
        (
            "File",
            vec![
                key("File", 72),
                id("Component_", 72),
                shown("FileName", 255),
                large("FileSize"),
                maybe("Version", 72),
                maybe("Language", 20),
                maybe_small("Attributes"),
                large("Sequence"),
            ],
        ),
        (
            "Media",
            vec![
                Column::build("DiskId").primary_key().int16(),
                large("LastSequence"),
                maybe_shown("DiskPrompt", 64),
                maybe("Cabinet", 255),
                maybe("VolumeLabel", 32),
                maybe("Source", 72),
            ],
        ),
    ]
}

/// What is written to the user's machine, and in which order.
fn tables_of_the_rest() -> Vec<(&'static str, Vec<Column>)> {
    vec![
        (
            "Registry",
            vec![
                key("Registry", 72),
                small("Root"),
                shown("Key", 255),
                maybe_shown("Name", 255),
                maybe_shown("Value", 0),
                id("Component_", 72),
            ],
        ),
        (
            "RemoveFile",
            vec![
                key("FileKey", 72),
                id("Component_", 72),
                maybe_shown("FileName", 255),
                id("DirProperty", 72),
                small("InstallMode"),
            ],
        ),
        ("CreateFolder", vec![key("Directory_", 72), key("Component_", 72)]),
        (
            "Shortcut",
            vec![
                key("Shortcut", 72),
                id("Directory_", 72),
                shown("Name", 128),
                id("Component_", 72),
                text("Target", 255),
                maybe("Arguments", 255),
                maybe_shown("Description", 255),
                maybe_small("Hotkey"),
                maybe_id("Icon_", 72),
                maybe_small("IconIndex"),
                maybe_small("ShowCmd"),
                maybe_id("WkDir", 72),
            ],
        ),
        ("Icon", vec![key("Name", 72), Column::build("Data").binary()]),
        (
            "Upgrade",
            vec![
                Column::build("UpgradeCode").primary_key().string(38),
                Column::build("VersionMin").primary_key().nullable().string(20),
                Column::build("VersionMax").primary_key().nullable().string(20),
                Column::build("Language").primary_key().nullable().string(255),
                Column::build("Attributes").primary_key().int32(),
                maybe("Remove", 255),
                id("ActionProperty", 72),
            ],
        ),
        ("InstallExecuteSequence", sequence()),
        ("InstallUISequence", sequence()),
    ]
}

fn sequence() -> Vec<Column> {
    vec![key("Action", 72), maybe("Condition", 255), maybe_small("Sequence")]
}

fn key(name: &str, most: usize) -> Column {
    Column::build(name).primary_key().id_string(most)
}

fn id(name: &str, most: usize) -> Column {
    Column::build(name).id_string(most)
}

fn maybe_id(name: &str, most: usize) -> Column {
    Column::build(name).nullable().id_string(most)
}

fn text(name: &str, most: usize) -> Column {
    Column::build(name).string(most)
}

fn maybe(name: &str, most: usize) -> Column {
    Column::build(name).nullable().string(most)
}

/// A text that people see.
fn shown(name: &str, most: usize) -> Column {
    Column::build(name).localizable().string(most)
}

fn maybe_shown(name: &str, most: usize) -> Column {
    Column::build(name).nullable().localizable().string(most)
}

fn small(name: &str) -> Column {
    Column::build(name).int16()
}

fn maybe_small(name: &str) -> Column {
    Column::build(name).nullable().int16()
}

fn large(name: &str) -> Column {
    Column::build(name).int32()
}
