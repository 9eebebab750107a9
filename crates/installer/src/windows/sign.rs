//! Signs programs and installers for Windows: by `signtool`, `osslsigncode`, or a command.
//!
//! A password goes to `osslsigncode` in a file that only this user can read. `signtool` takes it in
//! no other way than as an argument; so a certificate in Windows' own store is better there.

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use goblin::pe::PE;

use super::files::{File, source};
use crate::tree::Contents;
use crate::{InstallerError, program};

/// What signs for Windows, and as whom.
#[derive(Debug, Clone)]
pub struct WindowsSigner {
    /// The program, and the certificate in the form that it takes.
    pub with: Certificate,
    /// Address of a time stamp server (RFC 3161), so that signatures outlive the certificate.
    pub timestamp: Option<String>,
    /// What Windows shows before it runs the program: the app's title.
    pub title: String,
    /// Address of the home page.
    pub homepage: Option<String>,
}

/// A certificate and the program that signs with it.
#[derive(Clone)]
pub enum Certificate {
    /// Microsoft's `signtool` with a certificate of Windows' own store.
    Store {
        /// The program.
        signtool: PathBuf,
        /// SHA-1 of the certificate.
        thumbprint: String,
    },
    /// Microsoft's `signtool` with a PKCS #12 file.
    SignTool {
        /// The program.
        signtool: PathBuf,
        /// The file.
        file: PathBuf,
        /// What opens it.
        password: Option<String>,
    },
    /// `osslsigncode` with a PKCS #12 file.
    OsslSignCode {
        /// The program.
        osslsigncode: PathBuf,
        /// The file.
        file: PathBuf,
        /// What opens it.
        password: Option<String>,
    },
    /// Any program and its arguments; `{file}` stands for what is signed, in its place.
    Command(Vec<String>),
}

impl fmt::Debug for Certificate {
    /// Omits passwords.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Store { thumbprint, .. } => write!(f, "Store({thumbprint})"),
            Self::SignTool { file, .. } => write!(f, "SignTool({})", file.display()),
            Self::OsslSignCode { file, .. } => write!(f, "OsslSignCode({})", file.display()),
            Self::Command(command) => write!(f, "Command({})", command.join(" ")),
        }
    }
}

impl WindowsSigner {
    /// Signs a file in its place.
    pub(crate) fn sign(&self, file: &Path) -> Result<(), InstallerError> {
        match &self.with {
            Certificate::Store { signtool, thumbprint } => {
                self.signtool(signtool, &["/sha1", thumbprint], file)
            }
            Certificate::SignTool { signtool, file: certificate, password } => {
                let certificate = certificate.to_string_lossy();
                let mut arguments = vec!["/f", &certificate];
                if let Some(password) = password {
                    arguments.extend(["/p", password]);
                }
                self.signtool(signtool, &arguments, file)
            }
            Certificate::OsslSignCode { osslsigncode, file: certificate, password } => {
                self.osslsigncode(osslsigncode, certificate, password.as_deref(), file)
            }
            Certificate::Command(words) => command(words, file),
        }
    }

    fn signtool(
        &self,
        program: &Path,
        certificate: &[&str],
        file: &Path,
    ) -> Result<(), InstallerError> {
        let mut command = Command::new(program);
        command.args(["sign", "/q", "/fd", "sha256"]).args(certificate);
        if let Some(timestamp) = &self.timestamp {
            command.args(["/tr", timestamp, "/td", "sha256"]);
        }
        command.args(["/d", &self.title]);
        if let Some(homepage) = &self.homepage {
            command.args(["/du", homepage]);
        }
        program::run(command.arg(file), None).map(drop)
    }

    fn osslsigncode(
        &self,
        program: &Path,
        certificate: &Path,
        password: Option<&str>,
        file: &Path,
    ) -> Result<(), InstallerError> {
        let secret = crate::scratch::secret(password.unwrap_or_default())?;
        let mut signed = file.as_os_str().to_owned();
        signed.push(".signed");
        let signed = PathBuf::from(signed);
        let mut command = Command::new(program);
        command.args(["sign", "-h", "sha256", "-pkcs12"]).arg(certificate);
        command.arg("-readpass").arg(secret.path()).args(["-n", &self.title]);
        if let Some(homepage) = &self.homepage {
            command.args(["-i", homepage]);
        }
        if let Some(timestamp) = &self.timestamp {
            command.args(["-ts", timestamp]);
        }
        command.arg("-in").arg(file).arg("-out").arg(&signed);
        program::run(&mut command, Some("osslsigncode"))?;
        fs::rename(&signed, file).map_err(InstallerError::file("write", file))
    }
}

fn command(words: &[String], file: &Path) -> Result<(), InstallerError> {
    let file = file.to_string_lossy();
    let mut words = words.iter().map(|word| word.replace("{file}", &file));
    let mut command = Command::new(words.next().unwrap_or_default());
    program::run(command.args(words), None).map(drop)
}

/// Signs every program and library that has no signature yet, in copies of them.
///
/// What others have signed stays as it is: their name on it is worth more than a second one.
pub(super) fn files(
    signer: &WindowsSigner,
    files: &mut [File],
    work: &Path,
) -> Result<(), InstallerError> {
    let folder = work.join("signed");
    fs::create_dir_all(&folder).map_err(InstallerError::file("make", &folder))?;
    for (index, file) in files.iter_mut().enumerate() {
        let Some(from) = source(file) else { continue };
        let data = fs::read(&from).map_err(InstallerError::file("read", &from))?;
        if !wants_signature(&data) {
            continue;
        }
        let copy = folder.join(index.to_string());
        fs::write(&copy, data).map_err(InstallerError::file("write", &copy))?;
        signer.sign(&copy)?;
        let metadata = fs::metadata(&copy).map_err(InstallerError::file("read", &copy))?;
        file.bytes = metadata.len();
        file.contents = Contents::Path { path: copy, shared: false };
    }
    Ok(())
}

/// Reports whether it is a program or library of Windows that nobody has signed.
fn wants_signature(data: &[u8]) -> bool {
    if !data.starts_with(b"MZ") {
        return false;
    }
    let Ok(program) = PE::parse(data) else { return false };
    let Some(header) = program.header.optional_header else { return false };
    let table = header.data_directories.get_certificate_table();
    table.is_none_or(|table| table.size == 0)
}
