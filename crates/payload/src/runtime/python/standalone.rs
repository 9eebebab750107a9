//! An interpreter of python-build-standalone, or of another archive of that kind.

use std::path::Path;

use ensconce_manifest::BuildPython;

use super::error::PythonError;
use crate::fetch::Fetch;
use crate::{PayloadError, Request};

/// Where python-build-standalone is published.
const MIRROR: &str = "https://github.com/astral-sh/python-build-standalone/releases/download";

/// What its archives of a whole, small installation are called.
const FLAVOUR: &str = "install_only_stripped.tar.gz";

/// An archive with an interpreter.
#[derive(Debug)]
pub(super) struct Archive {
    /// Where it is.
    pub(super) url: String,
    /// Its SHA-256, lower case.
    pub(super) sha256: String,
}

impl Archive {
    /// The version in its name, when that is of python-build-standalone's form.
    pub(super) fn version(&self) -> Option<String> {
        let name = decoded(self.url.rsplit('/').next()?);
        let version = name.strip_prefix("cpython-")?.split(['+', '-']).next()?;
        version.starts_with("3.").then(|| version.to_owned())
    }
}

/// Returns which archive the manifest means; asks the release for its hash only to show it.
pub(super) fn find(request: &Request<'_>, settings: &BuildPython) -> Result<Archive, PayloadError> {
    let url = match &settings.url {
        Some(url) => url.clone(),
        None => release_url(request, settings)?,
    };
    match &settings.sha256 {
        Some(sha256) => Ok(Archive { url, sha256: sha256.to_ascii_lowercase() }),
        None => Err(no_hash(request, settings, &url)),
    }
}

fn release_url(request: &Request<'_>, settings: &BuildPython) -> Result<String, PythonError> {
    let version = settings.version.as_ref().ok_or(PythonError::NoVersion { missing: "version" })?;
    let release = settings.release.as_ref().ok_or(PythonError::NoVersion { missing: "release" })?;
    let triple = request.target.triple;
    let folder = release_folder(settings, release);
    // The `+` of the name is written as it is published: some servers take it for a space.
    Ok(format!("{folder}/cpython-{version}%2B{release}-{triple}-{FLAVOUR}"))
}

fn release_folder(settings: &BuildPython, release: &str) -> String {
    let mirror = settings.mirror.as_deref().unwrap_or(MIRROR).trim_end_matches('/');
    format!("{mirror}/{release}")
}

fn decoded(name: &str) -> String {
    name.replace("%2B", "+").replace("%2b", "+")
}

/// The error that says which line is missing.
fn no_hash(request: &Request<'_>, settings: &BuildPython, url: &str) -> PayloadError {
    let archive = decoded(url.rsplit('/').next().unwrap_or(url));
    let (None, Some(release)) = (&settings.url, &settings.release) else {
        return PythonError::NoHash { archive, sha256: None }.into();
    };
    let sums = match sums(request, &format!("{}/SHA256SUMS", release_folder(settings, release))) {
        Ok(sums) => sums,
        Err(error) => return error,
    };
    let found = sums.lines().find_map(|line| {
        let (sha256, name) = line.split_once(char::is_whitespace)?;
        (name.trim_start_matches([' ', '*']) == archive).then(|| sha256.to_owned())
    });
    match found {
        Some(sha256) => PythonError::NoHash { archive, sha256: Some(sha256) }.into(),
        None => {
            let versions = versions(&sums, request.target.triple);
            PythonError::NoSuchArchive { archive, release: release.clone(), versions }.into()
        }
    }
}

/// The versions that a release has for a kind of machines.
fn versions(sums: &str, triple: &str) -> Vec<String> {
    let end = format!("-{triple}-{FLAVOUR}");
    let names = sums.lines().filter_map(|line| line.split_whitespace().nth(1)?.strip_suffix(&end));
    let mut versions: Vec<String> = names
        .filter_map(|name| Some(name.strip_prefix("cpython-")?.split_once('+')?.0.to_owned()))
        .collect();
    versions.sort();
    versions.dedup();
    versions
}

/// Fetches the archive and unpacks it.
pub(super) fn unpack(
    request: &Request<'_>,
    archive: &Archive,
    into: &Path,
) -> Result<(), PayloadError> {
    let name = decoded(archive.url.rsplit('/').next().unwrap_or(&archive.url));
    request.progress.begin(&format!("Fetching {name}"));
    let fetch = Fetch::new(request.cache, request.progress);
    let file = fetch.file(&archive.url, &archive.sha256)?;
    request.progress.begin(&format!("Unpacking {name}"));
    crate::unpack::unpack(&file, into)
}

/// The hashes of everything in a release.
fn sums(request: &Request<'_>, url: &str) -> Result<String, PayloadError> {
    Fetch::new(request.cache, request.progress).text(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn archive_says_its_version() {
        let version = |url: &str| Archive { url: url.to_owned(), sha256: String::new() }.version();
        let name =
            "https://a/20251014/cpython-3.12.12%2B20251014-x86_64-unknown-linux-gnu-x.tar.gz";
        assert_eq!(version(name), Some("3.12.12".to_owned()));
        assert_eq!(version("https://a/cpython-3.13.0-linux.tar.gz"), Some("3.13.0".to_owned()));
        assert_eq!(version("https://a/python.tar.gz"), None);
    }

    #[test]
    fn versions_of_this_kind_of_machines_are_listed() {
        let sums = "00  cpython-3.12.12+20251014-x86_64-unknown-linux-gnu-install_only_stripped.tar.gz\n\
                    11  cpython-3.13.9+20251014-aarch64-unknown-linux-gnu-install_only_stripped.tar.gz\n\
                    22  cpython-3.11.1+20251014-x86_64-unknown-linux-gnu-debug-full.tar.zst\n";
        assert_eq!(versions(sums, "x86_64-unknown-linux-gnu"), ["3.12.12"]);
    }
}
