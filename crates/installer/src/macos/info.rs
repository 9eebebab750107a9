//! `Info.plist`: what macOS knows of an app.

use std::path::Path;

use plist::{Dictionary, Value};

use crate::{FileType, InstallerError, Package, names};

/// The icon's file, in `Contents/Resources`.
pub(super) const ICON: &str = "icon.icns";

/// The oldest macOS that Tauri's webview and both processors have in common.
const OLDEST: &str = "11.0";

/// Reads what the app adds, so that a mistake in it is reported before anything is made.
pub(super) fn check(package: &Package) -> Result<(), InstallerError> {
    additions(package).map(|_| ())
}

/// The whole file.
pub(super) fn write(package: &Package) -> Result<Vec<u8>, InstallerError> {
    let mut info = dictionary(package)?;
    for (key, value) in additions(package)? {
        info.insert(key, value);
    }
    xml(&Value::Dictionary(info))
}

/// A property list as text.
pub(super) fn xml(value: &Value) -> Result<Vec<u8>, InstallerError> {
    let mut made = Vec::new();
    let written = value.to_writer_xml(&mut made);
    let failed = |error: plist::Error| {
        InstallerError::file("write", Path::new("a property list"))(std::io::Error::other(error))
    };
    written.map_err(failed)?;
    made.push(b'\n');
    Ok(made)
}

/// What the app's own property list says; it wins.
fn additions(package: &Package) -> Result<Dictionary, InstallerError> {
    let Some(path) = &package.info_plist else { return Ok(Dictionary::new()) };
    let wrong = |reason: String| InstallerError::PropertyList { path: path.clone(), reason };
    let value = Value::from_file(path).map_err(|error| wrong(error.to_string()))?;
    value.into_dictionary().ok_or_else(|| wrong("it is not a dictionary".to_owned()))
}

fn dictionary(package: &Package) -> Result<Dictionary, InstallerError> {
    let version = names::numbers(package)?.map(|number| number.to_string()).join(".");
    let mut info = Dictionary::new();
    let mut add = |key: &str, value: Value| {
        info.insert(key.to_owned(), value);
    };
    add("CFBundleDevelopmentRegion", "en".into());
    add("CFBundleDisplayName", package.title.clone().into());
    add("CFBundleExecutable", package.program().into());
    if package.icon.is_some() {
        add("CFBundleIconFile", ICON.into());
    }
    add("CFBundleIdentifier", package.id.clone().into());
    add("CFBundleInfoDictionaryVersion", "6.0".into());
    add("CFBundleName", package.title.clone().into());
    add("CFBundlePackageType", "APPL".into());
    add("CFBundleShortVersionString", version.clone().into());
    add("CFBundleVersion", version.into());
    if !package.schemes.is_empty() {
        add("CFBundleURLTypes", vec![schemes(package)].into());
    }
    let types: Vec<Value> = package.file_types.iter().filter_map(document).collect();
    if !types.is_empty() {
        add("CFBundleDocumentTypes", types.into());
    }
    add("LSMinimumSystemVersion", OLDEST.into());
    // The pages come from a loopback port, without TLS.
    let mut security = Dictionary::new();
    security.insert("NSAllowsLocalNetworking".to_owned(), true.into());
    add("NSAppTransportSecurity", security.into());
    add("NSHighResolutionCapable", true.into());
    if let Some(publisher) = &package.publisher {
        add("NSHumanReadableCopyright", crate::desktop::person(publisher).into());
    }
    Ok(info)
}

fn schemes(package: &Package) -> Value {
    let mut kind = Dictionary::new();
    kind.insert("CFBundleURLName".to_owned(), package.id.clone().into());
    let schemes: Vec<Value> = package.schemes.iter().map(|scheme| scheme.clone().into()).collect();
    kind.insert("CFBundleURLSchemes".to_owned(), schemes.into());
    kind.into()
}

/// A file type; without an extension, macOS could not recognise it.
fn document(kind: &FileType) -> Option<Value> {
    if kind.extensions.is_empty() {
        return None;
    }
    let plain = |extension: &String| extension.trim_start_matches('.').to_owned().into();
    let extensions: Vec<Value> = kind.extensions.iter().map(plain).collect();
    let mut document = Dictionary::new();
    document.insert("CFBundleTypeExtensions".to_owned(), extensions.into());
    document.insert("CFBundleTypeMIMETypes".to_owned(), vec![kind.mime.clone().into()].into());
    let name = kind.name.as_ref().unwrap_or(&kind.mime);
    document.insert("CFBundleTypeName".to_owned(), name.clone().into());
    document.insert("CFBundleTypeRole".to_owned(), "Editor".into());
    // Offered, and taken over only when nobody else opens such files.
    document.insert("LSHandlerRank".to_owned(), "Alternate".into());
    Some(document.into())
}
