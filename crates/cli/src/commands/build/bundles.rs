//! Chooses the packages to make, and the target that they are for.

use clap::builder::{PossibleValuesParser, TypedValueParser};
use ensconce_app::Manifest;
use ensconce_installer::BundleKind as Packed;
use ensconce_manifest::{BundleKind, Platform, nearest};
use ensconce_payload::Target;

use crate::error::CommandError;

/// Reads a kind of package from the command line.
pub(super) fn parser() -> impl TypedValueParser<Value = BundleKind> {
    PossibleValuesParser::new(BundleKind::ALL.map(BundleKind::name))
        .map(|text| named(&text).expect("the parser lets nothing else pass"))
}

fn named(text: &str) -> Option<BundleKind> {
    BundleKind::ALL.into_iter().find(|kind| kind.name().eq_ignore_ascii_case(text))
}

/// Reads a target triple from the command line.
pub(super) fn target(text: &str) -> Result<Target, String> {
    Target::named(text).ok_or_else(|| {
        let all = Target::all();
        let triples: Vec<_> = all.iter().map(|target| target.triple).collect();
        if text.split(',').all(|word| named(word).is_some()) {
            return format!("this is a kind of package; use --bundles {text}");
        }
        match nearest(text, triples.iter().copied()) {
            Some(meant) => format!("did you mean `{meant}`?"),
            None => format!("apps can be built for {}", triples.join(", ")),
        }
    })
}

/// Chooses the target and its packages: those that were requested, or those of the manifest's list
/// that are for this target, or all that can be made here.
pub(super) fn choose(
    asked: &[BundleKind],
    target: Option<Target>,
    manifest: &Manifest,
) -> Result<(Target, Vec<Packed>), CommandError> {
    let listed = manifest.build.bundles.as_deref().unwrap_or_default();
    let target = target.unwrap_or_else(|| usual(asked, listed));
    let fits = |kind: &BundleKind| kind.platform() == target.platform;
    if let Some(other) = asked.iter().find(|kind| !fits(kind)) {
        return Err(CommandError::OtherSystem {
            bundle: other.name(),
            triple: target.triple,
            fitting: Target::usual(other.platform()).triple,
        });
    }
    let chosen = if asked.is_empty() { listed } else { asked };
    let mut kinds = Vec::new();
    for kind in chosen.iter().copied().filter(fits) {
        // A duplicate would be made twice.
        if !kinds.contains(&kind) {
            kinds.push(kind);
        }
    }
    let kinds = if kinds.is_empty() { all(target.platform, manifest) } else { kinds };
    Ok((target, kinds.into_iter().map(packed).collect()))
}

/// Returns this machine's target, unless another one was requested.
fn usual(asked: &[BundleKind], listed: &[BundleKind]) -> Target {
    let host = Target::host();
    let is_here = |kind: &&BundleKind| kind.platform() == host.platform;
    let kinds = if asked.is_empty() { listed } else { asked };
    let kind = kinds.iter().find(is_here).or(kinds.first());
    match kind {
        Some(kind) if kind.platform() != host.platform => Target::usual(kind.platform()),
        _ => host,
    }
}

fn all(platform: Platform, manifest: &Manifest) -> Vec<BundleKind> {
    match platform {
        Platform::Linux => {
            let appimage = manifest.build.appimage.as_ref().map(|_| BundleKind::Appimage);
            let always = [BundleKind::Deb, BundleKind::Rpm, BundleKind::Tar];
            always.into_iter().chain(appimage).collect()
        }
        Platform::Windows => vec![BundleKind::Nsis],
        Platform::Macos => vec![BundleKind::App, BundleKind::Dmg],
    }
}

fn packed(kind: BundleKind) -> Packed {
    match kind {
        BundleKind::Deb => Packed::Deb,
        BundleKind::Rpm => Packed::Rpm,
        BundleKind::Appimage => Packed::AppImage,
        BundleKind::Tar => Packed::Tar,
        BundleKind::Nsis => Packed::Nsis,
        BundleKind::Msi => Packed::Msi,
        BundleKind::App => Packed::App,
        BundleKind::Dmg => Packed::Dmg,
    }
}

/// Returns what people call it.
pub(super) fn name(kind: Packed) -> &'static str {
    match kind {
        Packed::Deb => ".deb",
        Packed::Rpm => ".rpm",
        Packed::AppImage => "the AppImage",
        Packed::Tar => ".tar.zst",
        Packed::Nsis => "the installer",
        Packed::Msi => ".msi",
        Packed::App => ".app",
        Packed::Dmg => ".dmg",
    }
}
