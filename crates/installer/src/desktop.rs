//! What the desktop reads: the menu entry, the software centre's description, kinds of files.

use std::io;

use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesText, Event};

use crate::{FileType, InstallerError, Package};

/// Returns the menu entry, `ID.desktop`.
pub(crate) fn entry(package: &Package) -> String {
    let name = &package.name;
    let opens = !package.schemes.is_empty() || !package.file_types.is_empty();
    let mut lines = vec![
        "[Desktop Entry]".to_owned(),
        "Type=Application".to_owned(),
        format!("Name={}", value(&package.title)),
        // `%U` is any number of addresses; a file is one too. Strangers decide what they begin
        // with.
        format!("Exec={name}{}", if opens { " -- %U" } else { "" }),
        format!("TryExec={name}"),
        "Terminal=false".to_owned(),
        "StartupNotify=true".to_owned(),
        // The window's name is that of the program.
        format!("StartupWMClass={name}"),
    ];
    if summary(package) != package.title {
        lines.push(format!("Comment={}", value(summary(package))));
    }
    if package.icon.is_some() {
        lines.push(format!("Icon={}", package.id));
    }
    let categories = if package.categories.is_empty() {
        "Utility;".to_owned()
    } else {
        list(&package.categories)
    };
    lines.push(format!("Categories={categories}"));
    if opens {
        lines.push(format!("MimeType={}", list(&mime_list(package))));
    }
    if package.has_settings {
        lines.push("Actions=settings;".to_owned());
        lines.push("\n[Desktop Action settings]\nName=Settings".to_owned());
        lines.push(format!("Exec={name} --settings"));
    }
    lines.join("\n") + "\n"
}

/// Returns what software centres show, in AppStream's form.
pub(crate) fn metainfo(package: &Package) -> Result<Vec<u8>, InstallerError> {
    xml(|writer| {
        let component = writer.create_element("component");
        let component = component.with_attribute(("type", "desktop-application"));
        component.write_inner_content(|writer| component_parts(writer, package))?;
        Ok(())
    })
}

fn component_parts(writer: &mut Writer<Vec<u8>>, package: &Package) -> io::Result<()> {
    text(writer, "id", &package.id)?;
    // Of this file, not of the app.
    text(writer, "metadata_license", "CC0-1.0")?;
    if let Some(license) = &package.license {
        text(writer, "project_license", license)?;
    }
    text(writer, "name", &package.title)?;
    text(writer, "summary", summary(package).trim_end_matches('.'))?;
    writer
        .create_element("description")
        .write_inner_content(|writer| text(writer, "p", &package.description))?;
    let desktop = format!("{}.desktop", package.id);
    let launchable = writer.create_element("launchable").with_attribute(("type", "desktop-id"));
    launchable.write_text_content(BytesText::new(&desktop))?;
    if let Some(homepage) = &package.homepage {
        let url = writer.create_element("url").with_attribute(("type", "homepage"));
        url.write_text_content(BytesText::new(homepage))?;
    }
    if let Some(publisher) = &package.publisher {
        let developer = writer.create_element("developer");
        let id = package.id.rsplit_once('.').map_or(package.id.as_str(), |(domain, _)| domain);
        developer
            .with_attribute(("id", id))
            .write_inner_content(|writer| text(writer, "name", person(publisher)))?;
    }
    provides(writer, package)?;
    let rating = writer.create_element("content_rating").with_attribute(("type", "oars-1.1"));
    rating.write_empty()?;
    writer.create_element("releases").write_inner_content(|writer| {
        let time = package.time.to_string();
        let release = writer.create_element("release");
        let release = release.with_attribute(("version", package.version.as_str()));
        release.with_attribute(("timestamp", time.as_str())).write_empty()?;
        Ok(())
    })?;
    Ok(())
}

fn provides(writer: &mut Writer<Vec<u8>>, package: &Package) -> io::Result<()> {
    writer.create_element("provides").write_inner_content(|writer| {
        text(writer, "binary", &package.name)?;
        mime_list(package).iter().try_for_each(|kind| text(writer, "mediatype", kind))
    })?;
    Ok(())
}

/// Returns the file types that have extensions, as shared-mime-info reads them.
pub(crate) fn mime_types(package: &Package) -> Result<Option<Vec<u8>>, InstallerError> {
    let with_names = |kind: &&FileType| !kind.extensions.is_empty();
    if !package.file_types.iter().any(|kind| with_names(&kind)) {
        return Ok(None);
    }
    let made = xml(|writer| {
        let info = writer.create_element("mime-info");
        let space = ("xmlns", "http://www.freedesktop.org/standards/shared-mime-info");
        info.with_attribute(space).write_inner_content(|writer| {
            package.file_types.iter().filter(with_names).try_for_each(|kind| mime(writer, kind))
        })?;
        Ok(())
    })?;
    Ok(Some(made))
}

fn mime(writer: &mut Writer<Vec<u8>>, kind: &FileType) -> io::Result<()> {
    let element = writer.create_element("mime-type").with_attribute(("type", kind.mime.as_str()));
    element.write_inner_content(|writer| {
        text(writer, "comment", kind.name.as_deref().unwrap_or(&kind.mime))?;
        for extension in &kind.extensions {
            let pattern = format!("*.{}", extension.trim_start_matches('.'));
            let glob = writer.create_element("glob");
            glob.with_attribute(("pattern", pattern.as_str())).write_empty()?;
        }
        Ok(())
    })?;
    Ok(())
}

fn xml(
    write: impl FnOnce(&mut Writer<Vec<u8>>) -> io::Result<()>,
) -> Result<Vec<u8>, InstallerError> {
    let mut writer = Writer::new_with_indent(Vec::new(), b' ', 2);
    let declaration = Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None));
    let written = writer.write_event(declaration).and_then(|()| write(&mut writer));
    written.map_err(InstallerError::file("write", std::path::Path::new("XML")))?;
    let mut made = writer.into_inner();
    made.push(b'\n');
    Ok(made)
}

fn text(writer: &mut Writer<Vec<u8>>, name: &str, text: &str) -> io::Result<()> {
    writer.create_element(name).write_text_content(BytesText::new(text))?;
    Ok(())
}

/// Returns one line that says what the app is for.
fn summary(package: &Package) -> &str {
    let description = package.description.trim();
    if description.is_empty() { &package.title } else { description }
}

/// Returns `Name` of `Name <address@example.com>`.
pub(crate) fn person(publisher: &str) -> &str {
    publisher.split('<').next().unwrap_or(publisher).trim()
}

fn mime_list(package: &Package) -> Vec<String> {
    let files = package.file_types.iter().map(|kind| kind.mime.clone());
    let schemes = package.schemes.iter().map(|scheme| format!("x-scheme-handler/{scheme}"));
    files.chain(schemes).collect()
}

fn list(values: &[String]) -> String {
    values.iter().map(|value| format!("{value};")).collect()
}

/// Escapes a value of a desktop file; line breaks and the like were refused before.
fn value(text: &str) -> String {
    text.replace('\\', "\\\\")
}
