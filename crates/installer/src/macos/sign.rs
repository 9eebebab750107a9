//! Signs a bundle from the inside out, and has Apple notarise it.
//!
//! `codesign` signs on macOS, `rcodesign` (the crate `apple-codesign`) on any system. Every program
//! and library is signed by itself, wherever it lies: neither tool looks below `Contents/Resources`
//! for them, where a Python or Node is, and Apple refuses apps with one that is not signed.

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use plist::{Dictionary, Value};

use super::bundle::Bundle;
use super::{info, mach, zip};
use crate::output::Output;
use crate::{InstallerError, Package, program};

/// What the hardened runtime has to let an app do: interpreters make code while they run, and load
/// libraries that others have signed.
const ENTITLEMENTS: [&str; 3] = [
    "com.apple.security.cs.allow-jit",
    "com.apple.security.cs.allow-unsigned-executable-memory",
    "com.apple.security.cs.disable-library-validation",
];

/// What signs for macOS, and as whom.
#[derive(Debug, Clone)]
pub struct MacosSigner {
    /// The program, and the certificate in the form that it takes.
    pub with: MacosTool,
    /// A property list of entitlements, instead of those that interpreters need.
    pub entitlements: Option<PathBuf>,
    /// How Apple is asked to notarise it.
    pub notary: Option<Notary>,
}

/// A program that signs.
#[derive(Clone)]
pub enum MacosTool {
    /// Apple's `codesign`, with an identity of the keychain.
    Codesign {
        /// The program.
        codesign: PathBuf,
        /// The identity, such as `Developer ID Application: Name (TEAM)`; `-` signs without one.
        identity: String,
    },
    /// `rcodesign`, with a PKCS #12 file.
    Rcodesign {
        /// The program.
        rcodesign: PathBuf,
        /// The file.
        certificate: PathBuf,
        /// What opens it.
        password: Option<String>,
    },
}

/// How Apple is asked.
#[derive(Debug, Clone)]
pub enum Notary {
    /// By `notarytool`, with what `notarytool store-credentials` has put into the keychain.
    Profile {
        /// Apple's `xcrun`, which finds `notarytool` and `stapler`.
        xcrun: PathBuf,
        /// The name of the profile.
        profile: String,
    },
    /// By `notarytool`, with a key of App Store Connect.
    Key {
        /// Apple's `xcrun`.
        xcrun: PathBuf,
        /// The file `AuthKey_ID.p8`.
        key: PathBuf,
        /// The key's id.
        id: String,
        /// Who has issued it.
        issuer: String,
    },
    /// By `rcodesign`, with what `rcodesign encode-app-store-connect-api-key` has made of a key.
    Rcodesign {
        /// The program.
        rcodesign: PathBuf,
        /// The file.
        key: PathBuf,
    },
}

impl fmt::Debug for MacosTool {
    /// Omits passwords.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Codesign { identity, .. } => write!(f, "Codesign({identity})"),
            Self::Rcodesign { certificate, .. } => {
                write!(f, "Rcodesign({})", certificate.display())
            }
        }
    }
}

/// Signs everything in a bundle, then the bundle; has it notarised, and fastens the ticket to it.
pub(super) fn bundle(
    signer: &MacosSigner,
    bundle: &Bundle,
    package: &Package,
) -> Result<(), InstallerError> {
    let entitlements = signer.entitlements(bundle)?;
    for binary in mach::inside_out(&bundle.path())? {
        if binary.path != bundle.program() {
            // Libraries do what the program that loads them may do.
            let own = binary.is_program.then_some(entitlements.as_path());
            signer.sign(&binary.path, own)?;
        }
    }
    signer.sign(&bundle.path(), Some(&entitlements))?;
    signer.verify(&bundle.path())?;
    match &signer.notary {
        Some(notary) => notary.ask(bundle, package),
        None => Ok(()),
    }
}

impl MacosSigner {
    /// Looks whether the files that it needs are there and can be read.
    pub(super) fn check(&self) -> Result<(), InstallerError> {
        if let Some(path) = &self.entitlements {
            Value::from_file(path).map_err(|error| InstallerError::PropertyList {
                path: path.clone(),
                reason: error.to_string(),
            })?;
        }
        let keys = match &self.notary {
            Some(Notary::Key { key, .. } | Notary::Rcodesign { key, .. }) => Some(key),
            Some(Notary::Profile { .. }) | None => None,
        };
        let certificate = match &self.with {
            MacosTool::Rcodesign { certificate, .. } => Some(certificate),
            MacosTool::Codesign { .. } => None,
        };
        for path in keys.into_iter().chain(certificate) {
            fs::metadata(path).map_err(InstallerError::file("read", path))?;
        }
        Ok(())
    }

    /// Signs a disk image; `rcodesign` knows only those of `hdiutil`, and leaves others alone.
    pub(super) fn sign_image(&self, image: &Path) -> Result<(), InstallerError> {
        match &self.with {
            MacosTool::Codesign { .. } if cfg!(target_os = "macos") => self.sign(image, None),
            MacosTool::Codesign { .. } | MacosTool::Rcodesign { .. } => Ok(()),
        }
    }

    fn entitlements(&self, bundle: &Bundle) -> Result<PathBuf, InstallerError> {
        if let Some(path) = &self.entitlements {
            return Ok(path.clone());
        }
        let allowed = ENTITLEMENTS.iter().map(|name| ((*name).to_owned(), Value::from(true)));
        let text = info::xml(&Value::Dictionary(allowed.collect::<Dictionary>()))?;
        let path = bundle.work().join("entitlements.plist");
        fs::write(&path, text).map_err(InstallerError::file("write", &path))?;
        Ok(path)
    }

    fn sign(&self, path: &Path, entitlements: Option<&Path>) -> Result<(), InstallerError> {
        match &self.with {
            MacosTool::Codesign { codesign, identity } => {
                let mut command = Command::new(codesign);
                command.args(["--force", "--sign", identity, "--options", "runtime"]);
                // Apple's server signs the time; without an identity there is nothing to date.
                command.arg(if identity == "-" { "--timestamp=none" } else { "--timestamp" });
                if let Some(entitlements) = entitlements {
                    command.arg("--entitlements").arg(entitlements);
                }
                program::run(command.arg(path), None).map(drop)
            }
            MacosTool::Rcodesign { rcodesign, certificate, password } => {
                let secret = crate::scratch::secret(password.as_deref().unwrap_or_default())?;
                let mut command = Command::new(rcodesign);
                command.args(["sign", "--p12-file"]).arg(certificate);
                command.arg("--p12-password-file").arg(secret.path());
                command.args(["--code-signature-flags", "runtime"]);
                if let Some(entitlements) = entitlements {
                    command.arg("--entitlements-xml-file").arg(entitlements);
                }
                program::run(command.arg(path), None).map(drop)
            }
        }
    }

    fn verify(&self, bundle: &Path) -> Result<(), InstallerError> {
        let MacosTool::Codesign { codesign, .. } = &self.with else { return Ok(()) };
        let mut command = Command::new(codesign);
        command.args(["--verify", "--deep", "--strict"]).arg(bundle);
        program::run(&mut command, None).map(drop)
    }
}

impl Notary {
    /// Sends the bundle to Apple, waits for the answer, and fastens the ticket.
    fn ask(&self, bundle: &Bundle, package: &Package) -> Result<(), InstallerError> {
        let xcrun = match self {
            Self::Rcodesign { rcodesign, key } => {
                let mut command = Command::new(rcodesign);
                command.arg("notary-submit").arg("--api-key-file").arg(key).arg("--staple");
                return program::run(command.arg(bundle.path()), None).map(drop);
            }
            Self::Profile { xcrun, .. } | Self::Key { xcrun, .. } => xcrun,
        };
        let sent = bundle.work().join("notary.zip");
        let mut output = Output::begin(&sent)?;
        zip::write(bundle, package.time, &mut output)?;
        output.finish(false)?;
        let mut command = Command::new(xcrun);
        command.args(["notarytool", "submit", "--wait"]);
        match self {
            Self::Key { key, id, issuer, .. } => {
                command.arg("--key").arg(key).args(["--key-id", id, "--issuer", issuer]);
            }
            Self::Profile { profile, .. } => {
                command.args(["--keychain-profile", profile]);
            }
            Self::Rcodesign { .. } => {}
        }
        refused(&program::run(command.arg(&sent), None)?)?;
        let mut command = Command::new(xcrun);
        command.args(["stapler", "staple"]).arg(bundle.path());
        program::run(&mut command, None).map(drop)
    }
}

/// `notarytool` ends well also when Apple has refused.
fn refused(answer: &[u8]) -> Result<(), InstallerError> {
    let answer = String::from_utf8_lossy(answer);
    if answer.contains("status: Accepted") {
        return Ok(());
    }
    Err(InstallerError::Notarised { answer: answer.trim().to_owned() })
}
