//! Writes a package beside its place and moves it there when it is whole.

use std::fs;
use std::io::{self, Read, Seek};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};
use tempfile::NamedTempFile;

use crate::{Built, InstallerError};

/// A file that takes its place only by [`Output::finish`]; dropped before, it leaves nothing.
pub(crate) struct Output {
    file: NamedTempFile,
    target: PathBuf,
}

impl Output {
    /// Begins a file beside `target`, whose folder is made if it is missing.
    pub(crate) fn begin(target: &Path) -> Result<Self, InstallerError> {
        let folder = target.parent().unwrap_or(Path::new("."));
        fs::create_dir_all(folder).map_err(InstallerError::file("make", folder))?;
        let file = tempfile::Builder::new().prefix(".ensconce-").tempfile_in(folder);
        let file = file.map_err(InstallerError::file("write", target))?;
        Ok(Self { file, target: target.to_owned() })
    }

    /// Where it will be.
    pub(crate) fn target(&self) -> &Path {
        &self.target
    }

    /// Where it is until it is whole.
    pub(crate) fn path(&self) -> &Path {
        self.file.path()
    }

    /// The open file.
    pub(crate) fn file(&mut self) -> &mut fs::File {
        self.file.as_file_mut()
    }

    /// Takes the contents of another file.
    pub(crate) fn copy(&mut self, from: &Path) -> Result<(), InstallerError> {
        let failed = self.failed();
        let mut source = fs::File::open(from).map_err(InstallerError::file("read", from))?;
        io::copy(&mut source, self.file()).map(drop).map_err(failed)
    }

    /// Opens the file again, when a program may have put another in its place.
    pub(crate) fn reopen(&mut self) -> Result<(), InstallerError> {
        let failed = self.failed();
        let mut options = fs::OpenOptions::new();
        *self.file.as_file_mut() =
            options.read(true).write(true).open(self.file.path()).map_err(failed)?;
        Ok(())
    }

    /// Returns a function that reports that it could not be written.
    pub(crate) fn failed(&self) -> impl Fn(io::Error) -> InstallerError + use<> {
        let target = self.target.clone();
        move |error| InstallerError::File { what: "write", path: target.clone(), error }
    }

    /// Moves it into its place.
    pub(crate) fn finish(mut self, executable: bool) -> Result<Built, InstallerError> {
        let failed = self.failed();
        set_mode(self.file.as_file(), executable).map_err(&failed)?;
        self.file.as_file().sync_all().map_err(&failed)?;
        let (bytes, sha256) = digest(self.file.as_file_mut()).map_err(&failed)?;
        self.file.persist(&self.target).map_err(|error| failed(error.error))?;
        Ok(Built { path: self.target, bytes, sha256 })
    }
}

/// Length and SHA-256 of a file.
fn digest(file: &mut fs::File) -> io::Result<(u64, String)> {
    file.rewind()?;
    let mut hash = Sha256::new();
    let mut buffer = vec![0; 1 << 17];
    let mut bytes = 0;
    loop {
        let got = file.read(&mut buffer)?;
        if got == 0 {
            return Ok((bytes, hex::encode(hash.finalize())));
        }
        bytes += got as u64;
        hash.update(&buffer[..got]);
    }
}

#[cfg(unix)]
fn set_mode(file: &fs::File, executable: bool) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    let mode = if executable { 0o755 } else { 0o644 };
    file.set_permissions(fs::Permissions::from_mode(mode))
}

#[cfg(not(unix))]
fn set_mode(_: &fs::File, _: bool) -> io::Result<()> {
    Ok(())
}
