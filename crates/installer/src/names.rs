//! Names, versions and processors, as each kind of package writes them; and what none can hold.

use semver::Version;
use time::{OffsetDateTime, PrimitiveDateTime};

use crate::{BundleKind, FileType, InstallerError, Package};

/// A package's version in the two ways that package managers write it.
pub(crate) struct Versions {
    /// As packages sort it: `1.0.0~rc.1` comes before `1.0.0`.
    pub(crate) sorted: String,
}

/// Checks all fields of a package.
pub(crate) fn check(package: &Package) -> Result<Versions, InstallerError> {
    check_name(&package.name)?;
    check_text(package)?;
    check_id(&package.id)?;
    for category in &package.categories {
        let plain = |c: char| c.is_ascii_alphanumeric() || c == '-';
        require("category", category, plain, "only letters, digits and `-` are allowed")?;
    }
    for scheme in &package.schemes {
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "+.-".contains(c);
        require("scheme", scheme, plain, "only a to z, digits, `+`, `-` and `.` are allowed")?;
    }
    package.file_types.iter().try_for_each(check_file_type)?;
    if package.time > u64::from(u32::MAX) {
        return Err(invalid("time", &package.time.to_string(), "an RPM ends its time in 2106"));
    }
    versions(&package.version)
}

/// The usual name of a package's file.
pub(crate) fn file_name(
    kind: BundleKind,
    package: &Package,
    versions: &Versions,
) -> Result<String, InstallerError> {
    let (name, version) = (&package.name, &package.version);
    let (sorted, arch) = (&versions.sorted, &package.arch);
    Ok(match kind {
        BundleKind::Deb => format!("{name}_{sorted}_{}.deb", debian_arch(arch)?),
        BundleKind::Rpm => format!("{name}-{sorted}-1.{}.rpm", rpm_arch(arch)?),
        BundleKind::AppImage => format!("{name}-{version}-{arch}.AppImage"),
        BundleKind::Tar => format!("{name}-{version}-linux-{arch}.tar.zst"),
        BundleKind::Nsis => format!("{name}-{version}-{arch}-setup.exe"),
        BundleKind::Msi => format!("{name}-{version}-{arch}.msi"),
        BundleKind::App => format!("{name}-{version}-macos-{arch}.zip"),
        BundleKind::Dmg => format!("{name}-{version}-macos-{arch}.dmg"),
    })
}

/// What Debian calls a processor.
pub(crate) fn debian_arch(arch: &str) -> Result<&'static str, InstallerError> {
    Ok(match arch {
        "x86_64" => "amd64",
        "x86" | "i686" => "i386",
        "aarch64" => "arm64",
        "arm" | "armv7" => "armhf",
        "riscv64" | "riscv64gc" => "riscv64",
        "powerpc64le" => "ppc64el",
        "s390x" => "s390x",
        "loongarch64" => "loong64",
        _ => {
            return Err(invalid("processor", arch, "its name in Debian is not known"));
        }
    })
}

/// What RPM calls a processor.
pub(crate) fn rpm_arch(arch: &str) -> Result<&'static str, InstallerError> {
    Ok(match arch {
        "x86_64" => "x86_64",
        "x86" | "i686" => "i686",
        "aarch64" => "aarch64",
        "arm" | "armv7" => "armv7hl",
        "riscv64" | "riscv64gc" => "riscv64",
        "powerpc64le" => "ppc64le",
        "s390x" => "s390x",
        "loongarch64" => "loongarch64",
        _ => return Err(invalid("processor", arch, "its name in RPM is not known")),
    })
}

/// The three numbers of a version, as Windows has them: what stands behind them has no place there.
pub(crate) fn numbers(package: &Package) -> Result<[u64; 3], InstallerError> {
    let parsed = parsed(&package.version)?;
    let numbers = [parsed.major, parsed.minor, parsed.patch];
    if numbers.iter().any(|number| *number > u64::from(u16::MAX)) {
        let reason = "Windows allows no number above 65535 in it";
        return Err(invalid("version", &package.version, reason));
    }
    Ok(numbers)
}

fn parsed(version: &str) -> Result<Version, InstallerError> {
    Version::parse(version)
        .map_err(|_| invalid("version", version, "it is not a semantic version such as `1.2.0`"))
}

/// The day and the time of day of a time, if the calendar has it.
pub(crate) fn date(time: u64) -> Option<PrimitiveDateTime> {
    let time = OffsetDateTime::from_unix_timestamp(i64::try_from(time).ok()?).ok()?;
    Some(PrimitiveDateTime::new(time.date(), time.time()))
}

/// Maps a semantic version to one that sorts in the same way in Debian and RPM.
fn versions(version: &str) -> Result<Versions, InstallerError> {
    let parsed = parsed(version)?;
    let mut sorted = format!("{}.{}.{}", parsed.major, parsed.minor, parsed.patch);
    // A hyphen would begin the package's revision.
    if !parsed.pre.is_empty() {
        sorted.push('~');
        sorted.push_str(&parsed.pre.replace('-', "."));
    }
    if !parsed.build.is_empty() {
        sorted.push('+');
        sorted.push_str(&parsed.build.replace('-', "."));
    }
    Ok(Versions { sorted })
}

/// What lies beside the app's program.
const TAKEN: [&str; 7] = [
    "app",
    "runtime",
    "share",
    "ensconce-guard",
    "ensconce-helper",
    "libensconce_window.so",
    "uninstall",
];

/// Debian's rules are the strictest; what passes them is a name for RPM too.
fn check_name(name: &str) -> Result<(), InstallerError> {
    let first = name.chars().next().unwrap_or_default();
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "+.-".contains(c);
    let reason = if name.len() < 2 || name.len() > 64 {
        "it must have 2 to 64 characters"
    } else if !first.is_ascii_lowercase() && !first.is_ascii_digit() {
        "it must begin with a lower-case letter or a digit"
    } else if !name.chars().all(plain) {
        "only lower-case letters, digits, `+`, `-` and `.` are allowed"
    } else if TAKEN.contains(&name) {
        "a file or folder beside the program has this name"
    } else {
        return Ok(());
    };
    Err(invalid("package name", name, reason))
}

/// Its parts become names of files below users' homes, which a purge removes.
fn check_id(id: &str) -> Result<(), InstallerError> {
    let plain = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
    require("id", id, plain, "only letters, digits, `-`, `_` and `.` are allowed")?;
    if id.starts_with(['.', '-']) || id.ends_with('.') || id.contains("..") {
        return Err(invalid("id", id, "it must be a name such as `com.example.items`"));
    }
    Ok(())
}

/// One line each: a line break would begin another field.
fn check_text(package: &Package) -> Result<(), InstallerError> {
    let optional = |text: &Option<String>| text.clone().unwrap_or_default();
    for (what, text) in [
        ("title", package.title.clone()),
        ("description", package.description.clone()),
        ("publisher", optional(&package.publisher)),
        ("home page", optional(&package.homepage)),
        ("licence", optional(&package.license)),
        ("dependency", package.deb_depends.concat()),
        ("dependency", package.rpm_requires.concat()),
    ] {
        if text.chars().any(char::is_control) {
            return Err(invalid(what, &text.escape_debug().to_string(), "it must be one line"));
        }
    }
    if package.title.trim().is_empty() {
        return Err(invalid("title", &package.title, "it is empty"));
    }
    Ok(())
}

fn check_file_type(kind: &FileType) -> Result<(), InstallerError> {
    let plain = |c: char| c.is_ascii_alphanumeric() || "!#$&^_.+-".contains(c);
    let (first, second) = kind.mime.split_once('/').unwrap_or_default();
    if first.is_empty() || second.is_empty() || !first.chars().chain(second.chars()).all(plain) {
        return Err(invalid("MIME type", &kind.mime, "it must have the form `text/csv`"));
    }
    for extension in &kind.extensions {
        let plain = |c: char| c.is_alphanumeric() || "._+-".contains(c);
        require("extension", extension, plain, "only letters, digits and `._+-` are allowed")?;
    }
    let name = kind.name.as_deref().unwrap_or_default();
    if name.chars().any(char::is_control) {
        return Err(invalid("file type", &name.escape_debug().to_string(), "it must be one line"));
    }
    Ok(())
}

fn require(
    what: &'static str,
    value: &str,
    allowed: impl Fn(char) -> bool,
    reason: &'static str,
) -> Result<(), InstallerError> {
    if value.is_empty() || !value.chars().all(allowed) {
        return Err(invalid(what, value, reason));
    }
    Ok(())
}

fn invalid(what: &'static str, value: &str, reason: &'static str) -> InstallerError {
    InstallerError::Invalid { what, value: value.to_owned(), reason }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pre_releases_sort_before_their_release() {
        let sorted = |version| versions(version).unwrap().sorted;
        assert_eq!(sorted("1.0.0"), "1.0.0");
        assert_eq!(sorted("1.0.0-rc.1"), "1.0.0~rc.1");
        assert_eq!(sorted("1.0.0-rc-1+build-5"), "1.0.0~rc.1+build.5");
        assert!(versions("1.0").is_err());
    }

    #[test]
    fn names_that_packages_cannot_have_are_refused() {
        for name in ["", "a", "Items", "my_app", "-x", "näme", "a b", "app", "a/b"] {
            assert!(check_name(name).is_err(), "{name}");
        }
        for name in ["items", "0ad", "lib.c++", "a-b"] {
            assert!(check_name(name).is_ok(), "{name}");
        }
    }

    #[test]
    fn ids_that_leave_their_folder_are_refused() {
        for id in ["", "..", "a/b", "a..b", ".x", "-rf", "com.example.$HOME"] {
            assert!(check_id(id).is_err(), "{id}");
        }
    }
}
