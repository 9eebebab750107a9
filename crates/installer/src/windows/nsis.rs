//! An installer by NSIS: one `.exe`, small, made by `makensis` on any system.
//!
//! What it does is in `installer.nsi`; here are its words for one app, the list of files, and the
//! entries of the registry.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::{Contents, files, registry};
use crate::{InstallerError, Package, icon, names, program};

/// The installer itself.
const INSTALLER: &str = include_str!("installer.nsi");
/// Ends running copies.
const PROCESSES: &str = include_str!("processes.nsh");

/// Refuses what would mean something else in NSIS's language.
pub(super) fn check(package: &Package) -> Result<(), InstallerError> {
    let texts = [
        ("title", &package.title),
        ("description", &package.description),
        ("publisher", package.publisher.as_ref().unwrap_or(&package.title)),
        ("home page", package.homepage.as_ref().unwrap_or(&package.title)),
    ];
    for (what, text) in texts {
        if text.contains("${") {
            let reason = "`${` has a meaning in NSIS";
            return Err(InstallerError::Invalid { what, value: text.clone(), reason });
        }
    }
    machine(&package.arch).map(|_| ())
}

/// Makes the installer, and says where it is.
pub(super) fn make(contents: &Contents<'_>) -> Result<PathBuf, InstallerError> {
    let work = contents.work.path();
    let mut words = words(contents.package, total(contents))?;
    if let Some(icon) = icon::ico(contents.package)? {
        write(&work.join("setup.ico"), &icon)?;
        words.push_str("!define ICON \"setup.ico\"\n");
    }
    write(&work.join("processes.nsh"), PROCESSES.as_bytes())?;
    if let Some(signer) = contents.options.windows_signer {
        let uninstaller = uninstaller(contents, &words)?;
        signer.sign(&uninstaller)?;
        words.push_str("!define SIGNED_UNINSTALLER \"uninstall.exe\"\n");
    }
    write(&work.join("files.nsh"), files_script(contents, true).as_bytes())?;
    run(work, &words)?;
    Ok(work.join("setup.exe"))
}

/// Makes the uninstaller alone, in an installer without files, so that it can be signed.
fn uninstaller(contents: &Contents<'_>, words: &str) -> Result<PathBuf, InstallerError> {
    let work = contents.work.path();
    write(&work.join("files.nsh"), files_script(contents, false).as_bytes())?;
    let copy = if cfg!(windows) { "cmd /c copy /y" } else { "cp" };
    let caught = format!("{words}!uninstfinalize '{copy} \"%1\" uninstall.exe'\n");
    run(work, &caught)?;
    Ok(work.join("uninstall.exe"))
}

fn run(work: &Path, words: &str) -> Result<(), InstallerError> {
    // With a mark at its beginning, it is UTF-8 for all versions.
    write(&work.join("setup.nsi"), format!("\u{feff}{words}\n{INSTALLER}").as_bytes())?;
    let mut command = Command::new(makensis());
    command.args(["-V2", "-INPUTCHARSET", "UTF8", "setup.nsi"]).current_dir(work);
    program::run(&mut command, Some("nsis")).map(|_| ())
}

/// The program; NSIS's own installer puts no folder into `PATH`.
fn makensis() -> PathBuf {
    let programs = std::env::var_os("ProgramFiles(x86)").map(PathBuf::from);
    let usual = programs.map(|folder| folder.join("NSIS").join("makensis.exe"));
    usual.filter(|path| path.is_file()).unwrap_or_else(|| PathBuf::from("makensis"))
}

/// The words of `installer.nsi` that differ from app to app.
fn words(package: &Package, bytes: u64) -> Result<String, InstallerError> {
    let (fitting, machine) = machine(&package.arch)?;
    let or_empty = |text: &Option<String>| text.clone().unwrap_or_default();
    let publisher = package.publisher.as_deref().map_or(&*package.title, crate::desktop::person);
    let own_key =
        format!("Software\\Microsoft\\Windows\\CurrentVersion\\Uninstall\\{}", package.id);
    let words = [
        ("NAME", package.name.clone()),
        ("PROGRAM", package.program()),
        ("PICTURE", super::picture(package)),
        ("TITLE", package.title.clone()),
        // In menus and buttons, a single `&` would underline what follows.
        ("TITLE_IN_MENUS", package.title.replace('&', "&&")),
        ("SHORTCUT", super::shortcut(package)),
        ("DESCRIPTION", package.description.clone()),
        ("VERSION", package.version.clone()),
        ("NUMBERS", format!("{}.0", names::numbers(package)?.map(|n| n.to_string()).join("."))),
        ("PUBLISHER", publisher.to_owned()),
        ("HOMEPAGE", or_empty(&package.homepage)),
        ("LICENSE", or_empty(&package.license)),
        ("OWN_KEY", own_key),
        ("MACHINE", machine.to_owned()),
        ("KILOBYTES", bytes.div_ceil(1024).to_string()),
    ];
    let lines = words.iter().map(|(name, text)| format!("!define {name} {}\n", quoted(text)));
    Ok(lines.collect::<String>() + &format!("!define FITTING_MACHINE \"{fitting}\"\n"))
}

/// NSIS's test for a processor, and what people call it.
fn machine(arch: &str) -> Result<(&'static str, &'static str), InstallerError> {
    match arch {
        "x86_64" => Ok(("${RunningX64}", "64 bits")),
        "aarch64" => Ok(("${IsNativeARM64}", "an ARM processor")),
        _ => Err(InstallerError::Invalid {
            what: "processor",
            value: arch.to_owned(),
            reason: "installers for Windows are for `x86_64` and `aarch64`",
        }),
    }
}

fn total(contents: &Contents<'_>) -> u64 {
    contents.files.iter().map(|file| file.bytes).sum()
}

/// The macros that name the app's files and its entries in the registry.
fn files_script(contents: &Contents<'_>, with_files: bool) -> String {
    let mut script = String::new();
    let mut add = |name: &str, lines: Vec<String>| {
        let body: String = lines.into_iter().map(|line| format!("    {line}\n")).collect();
        script.push_str(&format!("!macro {name}\n{body}!macroend\n"));
    };
    add("INSTALL_FILES", if with_files { install(contents) } else { Vec::new() });
    add("REMOVE_FILES", remove(contents));
    add("REGISTER", register(contents.package));
    add("UNREGISTER", unregister(contents.package));
    script
}

fn install(contents: &Contents<'_>) -> Vec<String> {
    let mut lines = Vec::new();
    let mut at = None;
    for (index, file) in contents.files.iter().enumerate() {
        if at != Some(file.folder()) {
            lines.push(format!("SetOutPath {}", installed(file.folder())));
            at = Some(file.folder());
        }
        let name = escaped(file.name());
        lines.push(format!("File \"/oname={name}\" \"{}\"", files::collected(index)));
    }
    let empty = contents.folders.iter();
    lines.extend(empty.map(|folder| format!("CreateDirectory {}", installed(folder))));
    lines
}

fn remove(contents: &Contents<'_>) -> Vec<String> {
    let files = contents.files.iter().map(|file| format!("Delete {}", installed(&file.path)));
    let folders = files::all_folders(&contents.files, &contents.folders);
    let inner_first = folders.iter().rev().map(|folder| format!("RMDir {}", installed(folder)));
    files.chain(inner_first).collect()
}

fn register(package: &Package) -> Vec<String> {
    let types = registry::file_types(package);
    let mut lines = Vec::new();
    for registered in types.iter().chain(&registry::schemes(package)) {
        for value in &registered.values {
            let (key, name) = (quoted(&value.key), quoted(&value.name));
            lines.push(format!("WriteRegStr HKCU {key} {name} {}", text(&value.text)));
        }
    }
    for registered in &types {
        let class = quoted(&registered.class);
        for extension in &registered.extensions {
            let key = registry::class_key(extension);
            let offered = quoted(&format!("{key}\\OpenWithProgids"));
            lines.push(format!("WriteRegStr HKCU {offered} {class} \"\""));
            // Taken over only when nobody has it.
            lines.push(format!("ReadRegStr $R0 HKCR {} \"\"", quoted(extension)));
            lines.push("${If} $R0 == \"\"".to_owned());
            lines.push(format!("    WriteRegStr HKCU {} \"\" {class}", quoted(&key)));
            lines.push("${EndIf}".to_owned());
        }
    }
    lines
}

fn unregister(package: &Package) -> Vec<String> {
    let mut lines = Vec::new();
    for registered in registry::file_types(package) {
        let class = quoted(&registered.class);
        lines
            .push(format!("DeleteRegKey HKCU {}", quoted(&registry::class_key(&registered.class))));
        for extension in &registered.extensions {
            let key = registry::class_key(extension);
            let offered = quoted(&format!("{key}\\OpenWithProgids"));
            lines.push(format!("DeleteRegValue HKCU {offered} {class}"));
            lines.push(format!("DeleteRegKey /ifempty HKCU {offered}"));
            lines.push(format!("ReadRegStr $R0 HKCU {} \"\"", quoted(&key)));
            lines.push(format!("${{If}} $R0 == {class}"));
            lines.push(format!("    DeleteRegValue HKCU {} \"\"", quoted(&key)));
            lines.push("${EndIf}".to_owned());
            lines.push(format!("DeleteRegKey /ifempty HKCU {}", quoted(&key)));
        }
    }
    for registered in registry::schemes(package) {
        // Another app may have taken the scheme over.
        let key = registry::class_key(&registered.class);
        let command = quoted(&format!("{key}\\shell\\open\\command"));
        lines.push(format!("ReadRegStr $R0 HKCU {command} \"\""));
        lines.push(format!("${{If}} $R0 == {}", text(&registry::Text::Open)));
        lines.push(format!("    DeleteRegKey HKCU {}", quoted(&key)));
        lines.push("${EndIf}".to_owned());
    }
    lines
}

fn text(text: &registry::Text) -> String {
    match text {
        registry::Text::Plain(text) => quoted(text),
        registry::Text::Picture => "\"$INSTDIR\\${PICTURE}\"".to_owned(),
        registry::Text::Open => {
            format!("'{}'", registry::open_command("$INSTDIR\\${PROGRAM}"))
        }
    }
}

/// The place of a file or folder on the user's machine.
fn installed(path: &str) -> String {
    if path.is_empty() {
        return "\"$INSTDIR\"".to_owned();
    }
    format!("\"$INSTDIR\\{}\"", escaped(&path.replace('/', "\\")))
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", escaped(text))
}

/// Line breaks were refused before.
fn escaped(text: &str) -> String {
    text.replace('$', "$$").replace('"', "$\\\"")
}

fn write(path: &Path, data: &[u8]) -> Result<(), InstallerError> {
    fs::write(path, data).map_err(InstallerError::file("write", path))
}

#[cfg(test)]
mod tests {
    use super::text;
    use crate::windows::registry::Text;

    #[test]
    fn what_is_opened_cannot_be_an_option() {
        assert_eq!(text(&Text::Open), "'\"$INSTDIR\\${PROGRAM}\" -- \"%1\"'");
    }
}
