//! What packages say about themselves, for the SBOM.

use std::fs;
use std::path::{Path, PathBuf};

use super::tree;
use crate::{Component, PayloadError};

/// Licences as packages named them before they had SPDX expressions.
const CLASSIFIERS: &[(&str, &str)] = &[
    ("Apache Software License", "Apache-2.0"),
    ("BSD License", "BSD-3-Clause"),
    ("GNU Affero General Public License v3", "AGPL-3.0-only"),
    ("GNU General Public License v2 (GPLv2)", "GPL-2.0-only"),
    ("GNU General Public License v2 or later (GPLv2+)", "GPL-2.0-or-later"),
    ("GNU General Public License v3 (GPLv3)", "GPL-3.0-only"),
    ("GNU General Public License v3 or later (GPLv3+)", "GPL-3.0-or-later"),
    ("GNU Lesser General Public License v3 (LGPLv3)", "LGPL-3.0-only"),
    ("GNU Lesser General Public License v3 or later (LGPLv3+)", "LGPL-3.0-or-later"),
    ("ISC License (ISCL)", "ISC"),
    ("MIT License", "MIT"),
    ("MIT No Attribution License (MIT-0)", "MIT-0"),
    ("Mozilla Public License 2.0 (MPL 2.0)", "MPL-2.0"),
    ("Python Software Foundation License", "PSF-2.0"),
    ("The Unlicense (Unlicense)", "Unlicense"),
    ("zlib/libpng License", "Zlib"),
];

/// Short names of licences that are SPDX identifiers as they stand.
const IDENTIFIERS: &[&str] = &[
    "0BSD",
    "Apache-2.0",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "GPL-2.0-only",
    "GPL-3.0-only",
    "ISC",
    "LGPL-3.0-only",
    "MIT",
    "MIT-0",
    "MPL-2.0",
    "PSF-2.0",
    "Unlicense",
    "Zlib",
];

/// The interpreter itself.
pub(super) fn interpreter(version: &str) -> Component {
    Component {
        purl: format!("pkg:generic/cpython@{version}"),
        name: "CPython".to_owned(),
        version: version.to_owned(),
        license: Some("PSF-2.0".to_owned()),
    }
}

/// The packages in a folder such as `site-packages`.
pub(super) fn packages(site: &Path) -> Result<Vec<Component>, PayloadError> {
    let mut found = Vec::new();
    for folder in dist_infos(site)? {
        let path = folder.join("METADATA");
        let bytes = fs::read(&path).map_err(PayloadError::file("read", &path))?;
        found.extend(component(&String::from_utf8_lossy(&bytes)));
    }
    Ok(found)
}

/// The folders in which packages say what they are.
pub(super) fn dist_infos(site: &Path) -> Result<Vec<PathBuf>, PayloadError> {
    let mut entries = tree::entries(site)?;
    entries.retain(|path| path.extension().is_some_and(|end| end == "dist-info"));
    Ok(entries)
}

fn component(metadata: &str) -> Option<Component> {
    let headers: Vec<(&str, &str)> = metadata
        .lines()
        .take_while(|line| !line.is_empty())
        .filter_map(|line| line.split_once(": "))
        .collect();
    let first = |name| headers.iter().find(|(key, _)| *key == name).map(|(_, value)| value.trim());
    let name = first("Name")?;
    let version = first("Version")?;
    let license = first("License-Expression").map(str::to_owned).or_else(|| older(&headers));
    Some(Component {
        purl: format!("pkg:pypi/{}@{version}", normalised(name)),
        name: name.to_owned(),
        version: version.to_owned(),
        license,
    })
}

/// What older packages say: a free text, or classifiers.
fn older(headers: &[(&str, &str)]) -> Option<String> {
    let license = headers.iter().find(|(key, _)| *key == "License").map(|(_, value)| value.trim());
    if let Some(license) = license.filter(|license| IDENTIFIERS.contains(license)) {
        return Some(license.to_owned());
    }
    let classifiers =
        headers.iter().filter(|(key, _)| *key == "Classifier").filter_map(|(_, value)| {
            let name = value.strip_prefix("License :: ")?.rsplit(" :: ").next()?.trim();
            CLASSIFIERS.iter().find(|(known, _)| *known == name).map(|(_, spdx)| *spdx)
        });
    let found: Vec<&str> = classifiers.collect();
    // Several classifiers do not say whether one may choose.
    if let [one] = found.as_slice() { Some((*one).to_owned()) } else { None }
}

/// The name as package indexes compare it.
pub(super) fn normalised(name: &str) -> String {
    let parts = name.split(['-', '_', '.']).filter(|part| !part.is_empty());
    parts.collect::<Vec<_>>().join("-").to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn license(headers: &str) -> Option<String> {
        let metadata =
            format!("Metadata-Version: 2.1\nName: A_b\nVersion: 1.0\n{headers}\n\nText: x");
        component(&metadata).expect("a component").license
    }

    #[test]
    fn licences_new_and_old_are_read() {
        let classifier = |name: &str| format!("Classifier: License :: OSI Approved :: {name}");
        assert_eq!(
            license("License-Expression: MIT OR Apache-2.0"),
            Some("MIT OR Apache-2.0".into())
        );
        assert_eq!(license("License: BSD-3-Clause"), Some("BSD-3-Clause".into()));
        assert_eq!(license("License: see LICENSE"), None);
        assert_eq!(license(&classifier("MIT License")), Some("MIT".into()));
        let two =
            format!("{}\n{}", classifier("MIT License"), classifier("Apache Software License"));
        assert_eq!(license(&two), None);
        assert_eq!(license(""), None);
    }

    #[test]
    fn package_address_has_the_normalised_name() {
        let found =
            component("Name: Typing_Extensions\nVersion: 4.1\n\nName: no").expect("a component");
        assert_eq!(found.purl, "pkg:pypi/typing-extensions@4.1");
        assert_eq!(component("Name: x\n\nVersion: 1"), None);
    }
}
