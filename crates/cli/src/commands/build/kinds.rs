//! Chooses what is made, and for which machines.

use ensconce_app::Manifest;
use ensconce_installer::Kind;
use ensconce_manifest::{PackageKind, Platform};
use ensconce_payload::Target;

use crate::error::CommandError;

/// Reads a kind of package from the command line.
pub(super) fn parse(text: &str) -> Result<PackageKind, String> {
    let kind = serde_json::from_value(serde_json::Value::from(text));
    kind.map_err(|_| "expected deb, rpm, appimage, tar, nsis, msi, app or dmg".to_owned())
}

/// Reads a kind of machines from the command line.
pub(super) fn machine(text: &str) -> Result<Target, String> {
    Target::named(text).ok_or_else(|| {
        let known: Vec<_> = Target::all().iter().map(|target| target.triple).collect();
        format!("expected one of {}", known.join(", "))
    })
}

/// Chooses the machines, and what is made for them: what was asked for, or what of the manifest's
/// list is for these machines, or what can be made here.
pub(super) fn choose(
    asked: &[PackageKind],
    machine: Option<Target>,
    manifest: &Manifest,
) -> Result<(Target, Vec<Kind>), CommandError> {
    let listed = manifest.build.targets.clone().unwrap_or_default();
    let target = machine.unwrap_or_else(|| usual(asked, &listed));
    let fits = |kind: &PackageKind| kind.platform() == target.platform;
    if let Some(other) = asked.iter().copied().find(|kind| !fits(kind)) {
        return Err(CommandError::OtherSystem { kind: name(of(other)), triple: target.triple });
    }
    let kinds: Vec<PackageKind> =
        if asked.is_empty() { listed.into_iter().filter(fits).collect() } else { asked.to_vec() };
    let kinds = if kinds.is_empty() { all(target.platform, manifest) } else { kinds };
    Ok((target, kinds.into_iter().map(of).collect()))
}

/// This machine's kind, unless something else was asked for.
fn usual(asked: &[PackageKind], listed: &[PackageKind]) -> Target {
    let host = Target::host();
    let is_here = |kind: &&PackageKind| kind.platform() == host.platform;
    let kinds = if asked.is_empty() { listed } else { asked };
    let kind = kinds.iter().find(is_here).or(kinds.first());
    match kind {
        Some(kind) if kind.platform() != host.platform => Target::usual(kind.platform()),
        _ => host,
    }
}

fn all(platform: Platform, manifest: &Manifest) -> Vec<PackageKind> {
    match platform {
        Platform::Linux => {
            let appimage = manifest.build.appimage.as_ref().map(|_| PackageKind::Appimage);
            let always = [PackageKind::Deb, PackageKind::Rpm, PackageKind::Tar];
            always.into_iter().chain(appimage).collect()
        }
        Platform::Windows => vec![PackageKind::Nsis],
        Platform::Macos => vec![PackageKind::App, PackageKind::Dmg],
    }
}

fn of(kind: PackageKind) -> Kind {
    match kind {
        PackageKind::Deb => Kind::Deb,
        PackageKind::Rpm => Kind::Rpm,
        PackageKind::Appimage => Kind::AppImage,
        PackageKind::Tar => Kind::Tar,
        PackageKind::Nsis => Kind::Nsis,
        PackageKind::Msi => Kind::Msi,
        PackageKind::App => Kind::App,
        PackageKind::Dmg => Kind::Dmg,
    }
}

/// What people call it.
pub(super) fn name(kind: Kind) -> &'static str {
    match kind {
        Kind::Deb => ".deb",
        Kind::Rpm => ".rpm",
        Kind::AppImage => "the AppImage",
        Kind::Tar => ".tar.zst",
        Kind::Nsis => "the installer",
        Kind::Msi => ".msi",
        Kind::App => ".app",
        Kind::Dmg => ".dmg",
    }
}
