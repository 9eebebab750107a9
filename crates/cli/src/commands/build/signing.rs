//! Finds what signs packages, and the passwords for it, before anything is made.
//!
//! Passwords come from environment variables that the manifest names, and go nowhere but to the
//! tool that needs them.

use std::path::{Path, PathBuf};

use ensconce_app::Manifest;
use ensconce_installer::{Certificate, Gpg, MacosSigner, MacosTool, Notary, WindowsSigner};
use ensconce_manifest::{Notarize, Platform, SignMacos, SignWindows};
use ensconce_payload::Target;

use crate::error::CommandError;

/// The signers that the manifest names.
pub(super) struct Signers {
    pub(super) gpg: Option<Gpg>,
    pub(super) windows: Option<WindowsSigner>,
    pub(super) macos: Option<MacosSigner>,
}

impl Signers {
    /// Finds what signs for a target.
    pub(super) fn find(
        manifest: &Manifest,
        folder: &Path,
        target: &Target,
    ) -> Result<Self, CommandError> {
        let sign = &manifest.build.sign;
        let gpg = sign.gpg.clone().map(|key| Gpg { program: "gpg".into(), key });
        let on = |platform| target.platform == platform;
        let windows = sign.windows.as_ref().filter(|_| on(Platform::Windows));
        let macos = sign.macos.as_ref().filter(|_| on(Platform::Macos));
        Ok(Self {
            gpg,
            windows: windows.map(|said| for_windows(said, manifest, folder)).transpose()?,
            macos: macos.map(|said| for_macos(said, folder)).transpose()?,
        })
    }
}

fn for_windows(
    said: &SignWindows,
    manifest: &Manifest,
    folder: &Path,
) -> Result<WindowsSigner, CommandError> {
    const SECTION: &str = "build.sign.windows";
    let with = match (&said.certificate, &said.thumbprint, &said.command) {
        (None, None, Some(command)) => {
            if !command.iter().any(|word| word.contains("{file}")) {
                let why = "None of its words contains `{file}`, the file to sign".to_owned();
                return Err(wrong(&format!("{SECTION}.command"), why));
            }
            Certificate::Command(command.clone())
        }
        (None, Some(thumbprint), None) => {
            let signtool = tool(&["signtool"], SECTION)?;
            Certificate::Store { signtool, thumbprint: thumbprint.clone() }
        }
        (Some(certificate), None, None) => {
            let file = existing(folder, certificate, SECTION)?;
            let password = password(said.password_env.as_deref(), SECTION)?;
            // Only the first takes a password by other means than an argument.
            match on_path("osslsigncode") {
                Some(osslsigncode) => Certificate::OsslSignCode { osslsigncode, file, password },
                None => {
                    let signtool = tool(&["osslsigncode", "signtool"], SECTION)?;
                    Certificate::SignTool { signtool, file, password }
                }
            }
        }
        _ => {
            let why = "Set exactly one of `certificate`, `thumbprint` and `command`";
            return Err(wrong(SECTION, why.to_owned()));
        }
    };
    Ok(WindowsSigner {
        with,
        timestamp: said.timestamp.clone(),
        title: manifest.app.name.clone(),
        homepage: manifest.app.homepage.clone(),
    })
}

fn for_macos(said: &SignMacos, folder: &Path) -> Result<MacosSigner, CommandError> {
    const SECTION: &str = "build.sign.macos";
    let with = match (&said.identity, &said.certificate) {
        (Some(identity), None) => MacosTool::Codesign {
            codesign: tool(&["codesign"], SECTION)?,
            identity: identity.clone(),
        },
        (None, Some(certificate)) => MacosTool::Rcodesign {
            rcodesign: tool(&["rcodesign"], SECTION)?,
            certificate: existing(folder, certificate, SECTION)?,
            password: password(said.password_env.as_deref(), SECTION)?,
        },
        _ => {
            let why = "Set exactly one of `identity` and `certificate`".to_owned();
            return Err(wrong(SECTION, why));
        }
    };
    let entitlements = said.entitlements.as_ref();
    Ok(MacosSigner {
        with,
        entitlements: entitlements.map(|file| existing(folder, file, SECTION)).transpose()?,
        notary: said.notarize.as_ref().map(|said| notary(said, folder)).transpose()?,
    })
}

fn notary(said: &Notarize, folder: &Path) -> Result<Notary, CommandError> {
    const SECTION: &str = "build.sign.macos.notarize";
    match (&said.profile, &said.key, &said.key_id, &said.issuer) {
        (Some(profile), None, None, None) => {
            Ok(Notary::Profile { xcrun: tool(&["xcrun"], SECTION)?, profile: profile.clone() })
        }
        (None, Some(key), None, None) if key.ends_with(".json") => Ok(Notary::Rcodesign {
            rcodesign: tool(&["rcodesign"], SECTION)?,
            key: existing(folder, key, SECTION)?,
        }),
        (None, Some(key), Some(id), Some(issuer)) => Ok(Notary::Key {
            xcrun: tool(&["xcrun"], SECTION)?,
            key: existing(folder, key, SECTION)?,
            id: id.clone(),
            issuer: issuer.clone(),
        }),
        _ => {
            let why = "Set `profile`, or `key` with `key_id` and `issuer`, or a `.json` key alone";
            Err(wrong(SECTION, why.to_owned()))
        }
    }
}

/// Reads a password from the environment; none if the manifest names no variable.
fn password(variable: Option<&str>, section: &str) -> Result<Option<String>, CommandError> {
    let Some(variable) = variable else { return Ok(None) };
    std::env::var(variable).map(Some).map_err(|_| {
        let key = format!("{section}.password_env");
        wrong(&key, format!("The environment variable `{variable}` is not set"))
    })
}

fn existing(folder: &Path, file: &str, section: &str) -> Result<PathBuf, CommandError> {
    let path = folder.join(file);
    if path.is_file() {
        return Ok(path);
    }
    Err(wrong(section, format!("There is no file `{file}`")))
}

fn wrong(key: &str, why: String) -> CommandError {
    CommandError::Signing { key: key.to_owned(), why }
}

/// Finds the first of some programs that exists.
fn tool(names: &[&str], section: &str) -> Result<PathBuf, CommandError> {
    names.iter().find_map(|name| on_path(name)).ok_or_else(|| CommandError::NoSigningTool {
        key: section.to_owned(),
        tools: names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(" or "),
    })
}

fn on_path(name: &str) -> Option<PathBuf> {
    let name = format!("{name}{}", std::env::consts::EXE_SUFFIX);
    let folders = std::env::var_os("PATH").unwrap_or_default();
    let found = std::env::split_paths(&folders).map(|folder| folder.join(&name));
    found.into_iter().find(|path| path.is_file())
}
