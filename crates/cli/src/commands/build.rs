//! `ensconce build`: from an app's folder to what its users install.

mod bundles;
mod progress;
mod signing;
mod sizes;
mod stage;
mod time;

use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};

use clap::Args;
use ensconce_app::{Manifest, load};
use ensconce_installer::{
    Built, BundleKind as Packed, Gpg, Options, Package, System, check, checksums, document, sign,
    write,
};
use ensconce_manifest::{BundleKind, Platform};
use ensconce_payload::{
    Cache, Payload, Progress, Request, Target, appimage_runtime, assemble, sbom,
};

use crate::error::CommandError;
use progress::Bars;
use signing::Signers;
use stage::{Shell, Stage};

/// Makes packages.
#[derive(Args)]
pub(crate) struct Build {
    /// The manifest, or its folder
    #[arg(value_name = "MANIFEST", default_value = "ensconce.toml")]
    manifest: PathBuf,
    /// The kinds of packages to make, separated by commas; by default those of `bundles` in
    /// `[build]`, or all that this machine can make
    #[arg(long, value_name = "KIND", value_delimiter = ',', value_parser = bundles::parser())]
    #[arg(ignore_case = true)]
    bundles: Vec<BundleKind>,
    /// The target triple to build for, such as x86_64-pc-windows-msvc; by default this machine's,
    /// or the usual one for the bundles
    #[arg(long, value_name = "TRIPLE", value_parser = bundles::target)]
    target: Option<Target>,
    /// The folder with Ensconce's own programs for other targets, in folders named after their
    /// triples; by default `shells` beside this program
    #[arg(long, value_name = "DIR", env = "ENSCONCE_SHELLS")]
    shells: Option<PathBuf>,
    /// The folder for the packages; by default `release` beside the manifest
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Lists the largest files and folders as well
    #[arg(long)]
    explain_size: bool,
}

impl Build {
    /// Builds everything, or reports why not and leaves what was there before.
    pub(crate) fn run(self) -> Result<(), CommandError> {
        let bars = Bars::new();
        let result = self.build(&bars);
        match result {
            Ok(()) => Ok(()),
            Err(error) => {
                bars.clear();
                Err(error)
            }
        }
    }

    fn build(&self, bars: &Bars) -> Result<(), CommandError> {
        let (manifest, folder) = load(&self.manifest)?;
        let (target, kinds) = bundles::choose(&self.bundles, self.target.clone(), &manifest)?;
        let shell = Shell::find(&target, self.shells.as_deref(), manifest.needs_helper())?;
        let signers = Signers::find(&manifest, &folder, &target)?;
        let out = std::path::absolute(self.out.clone().unwrap_or_else(|| folder.join("release")))?;
        let cache = Cache::open(&cache_folder()?)?;
        let _only_one = hold(&out, &cache)?;
        let stage = Stage::new(&cache)?;
        let request = Request {
            manifest: &manifest,
            folder: &folder,
            target: &target,
            cache: &cache,
            out: stage.folder(),
            packages: &out,
            progress: bars,
        };
        let scratch = cache.scratch()?;
        let mut package = package(&manifest, &folder, stage.folder(), &target);
        let appimage_runtime = match kinds.contains(&Packed::AppImage) {
            true => appimage_runtime(&request)?,
            false => None,
        };
        let gpg = signers.gpg.as_ref();
        let options = Options {
            cache: &cache.root().join("frames"),
            appimage_runtime,
            scratch: scratch.path(),
            gpg,
            windows_signer: signers.windows.as_ref(),
            macos_signer: signers.macos.as_ref(),
            progress: &|done, total| bars.bytes(done, Some(total)),
        };
        check(&kinds, &package, &options)?;
        let payload = assemble(&request)?;
        if let Some((major, minor)) = payload.glibc {
            package.deb_depends.push(format!("libc6 (>= {major}.{minor})"));
            package.rpm_requires.push(format!("glibc >= {major}.{minor}"));
        }
        // What the window itself needs is declared by the package, not by the payload.
        stage.add_shell(&shell, &package.name)?;
        remove_old_papers(&out);
        let mut made = Vec::new();
        for kind in kinds {
            bars.begin(&format!("Packing {}", bundles::name(kind)));
            made.push(write(kind, &package, &options, &out)?);
        }
        add_papers(&package, &payload, &made, gpg, &out)?;
        bars.finish();
        sizes::show(stage.folder(), &payload, &made, self.explain_size)?;
        cache.close();
        Ok(())
    }
}

/// Describes the app for its package.
fn package(manifest: &Manifest, folder: &Path, stage: &Path, target: &Target) -> Package {
    let app = &manifest.app;
    let build = &manifest.build;
    let macos = build.macos.as_ref();
    let file_types = app.file_types.iter().map(|kind| ensconce_installer::FileType {
        mime: kind.mime.clone(),
        extensions: kind.extensions.clone(),
        name: kind.name.clone(),
    });
    Package {
        name: build.name.clone().unwrap_or_else(|| plain_name(&app.name)),
        id: app.id.clone(),
        title: app.name.clone(),
        version: app.version.clone(),
        description: app.description.clone().unwrap_or_else(|| app.name.clone()),
        publisher: app.publisher.clone(),
        homepage: app.homepage.clone(),
        license: app.license.clone(),
        categories: app.categories.clone(),
        icon: app.icon.as_ref().map(|icon| folder.join(icon)),
        file_types: file_types.collect(),
        schemes: app.schemes.clone(),
        has_settings: manifest.has_settings(),
        deb_depends: build.depends.deb.clone(),
        rpm_requires: build.depends.rpm.clone(),
        info_plist: macos.and_then(|macos| macos.info.as_ref()).map(|info| folder.join(info)),
        system: match target.platform {
            Platform::Linux => System::Linux,
            Platform::Windows => System::Windows,
            Platform::Macos => System::Macos,
        },
        folder: stage.to_owned(),
        arch: target.arch.to_owned(),
        time: time::of_source(folder),
    }
}

/// Derives a package's name from an app's: `My Notes 2` becomes `my-notes-2`. What is left of a
/// name in another script may be too short; the installer then says so.
fn plain_name(name: &str) -> String {
    let plain = name.to_lowercase();
    let words = plain.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join("-")
}

/// Writes what all packages share: the list of components, and the checksums.
fn add_papers(
    package: &Package,
    payload: &Payload,
    made: &[Built],
    gpg: Option<&Gpg>,
    out: &Path,
) -> Result<(), CommandError> {
    let name = format!("{}-{}.cdx.json", package.name, package.version);
    let text = sbom(&package.name, &package.version, package.time, &payload.components);
    let list = document(&out.join(name), &text)?;
    let all: Vec<Built> = made.iter().cloned().chain([list]).collect();
    let sums = checksums(&all, out)?;
    if let Some(gpg) = gpg {
        sign(gpg, &sums.path)?;
    }
    Ok(())
}

/// Removes the checksums of earlier packages: some of these are about to be replaced, and wrong
/// checksums are worse than none.
fn remove_old_papers(out: &Path) {
    for name in ["SHA256SUMS", "SHA256SUMS.asc"] {
        let _ = fs::remove_file(out.join(name));
    }
}

/// Removes what killed builds have left in a folder that nobody else builds into.
fn remove_unfinished(out: &Path) {
    for entry in fs::read_dir(out).into_iter().flatten().flatten() {
        if entry.file_name().to_string_lossy().starts_with(".ensconce-") {
            let _ = fs::remove_file(entry.path());
        }
    }
}

/// Locks a folder for packages, so that two builds do not mix theirs.
fn hold(out: &Path, cache: &Cache) -> Result<File, CommandError> {
    let unusable = |error| CommandError::Folder { path: out.to_owned(), error };
    fs::create_dir_all(out).map_err(unusable)?;
    let real = out.canonicalize().map_err(unusable)?;
    let lock = cache.lock(&real.to_string_lossy())?;
    match lock.try_lock() {
        Ok(()) => {
            remove_unfinished(&real);
            Ok(lock)
        }
        Err(TryLockError::WouldBlock) => Err(CommandError::Building(out.to_owned())),
        Err(TryLockError::Error(error)) => Err(unusable(error)),
    }
}

fn cache_folder() -> Result<PathBuf, CommandError> {
    let chosen = std::env::var_os("ENSCONCE_CACHE").filter(|folder| !folder.is_empty());
    let usual = || Some(dirs::cache_dir()?.join("ensconce"));
    let folder = chosen.map(PathBuf::from).or_else(usual).ok_or(CommandError::NoCache)?;
    // Tools run in folders of their own, and must not mistake a name with a hyphen for an option.
    Ok(std::path::absolute(folder)?)
}

#[cfg(test)]
mod tests {
    use super::plain_name;

    #[test]
    fn a_package_is_named_after_its_app() {
        assert_eq!(plain_name("Items"), "items");
        assert_eq!(plain_name("My Notes 2.0!"), "my-notes-2-0");
        assert_eq!(plain_name("笔记"), "");
    }
}
