//! A bundle as a zip file, which macOS opens by itself: with modes and links, the same each time.

use std::fs;
use std::io;
use std::path::Path;

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

use super::bundle::Bundle;
use crate::InstallerError;
use crate::output::Output;

/// Packs the bundle, sorted by path.
pub(super) fn write(bundle: &Bundle, time: u64, output: &mut Output) -> Result<(), InstallerError> {
    let failed = output.failed();
    let mut packer = Packer {
        zip: ZipWriter::new(io::BufWriter::new(output.file())),
        root: bundle.folder(),
        time: date(time),
    };
    packer.folder(&bundle.path())?;
    packer.zip.finish().map(drop).map_err(|error| failed(error.into()))
}

struct Packer<W: io::Write + io::Seek> {
    zip: ZipWriter<W>,
    root: std::path::PathBuf,
    time: DateTime,
}

impl<W: io::Write + io::Seek> Packer<W> {
    fn folder(&mut self, folder: &Path) -> Result<(), InstallerError> {
        let failed = |error: zip::result::ZipError| {
            InstallerError::file("pack", folder)(io::Error::from(error))
        };
        let (name, options) = (self.name(folder), self.options(0o755));
        self.zip.add_directory(name, options).map_err(failed)?;
        let children = fs::read_dir(folder).and_then(Iterator::collect::<io::Result<Vec<_>>>);
        let mut children = children.map_err(InstallerError::file("read", folder))?;
        children.sort_by_key(fs::DirEntry::file_name);
        for child in children {
            let path = child.path();
            let kind = child.file_type().map_err(InstallerError::file("read", &path))?;
            if kind.is_dir() {
                self.folder(&path)?;
            } else {
                self.file(&path, kind.is_symlink()).map_err(InstallerError::file("pack", &path))?;
            }
        }
        Ok(())
    }

    fn file(&mut self, path: &Path, is_link: bool) -> io::Result<()> {
        let name = self.name(path);
        if is_link {
            let target = fs::read_link(path)?.to_string_lossy().into_owned();
            return Ok(self.zip.add_symlink(name, target, self.options(0o777))?);
        }
        let mode = if is_executable(path)? { 0o755 } else { 0o644 };
        let large = fs::metadata(path)?.len() > u64::from(u32::MAX);
        self.zip.start_file(name, self.options(mode).large_file(large))?;
        io::copy(&mut fs::File::open(path)?, &mut self.zip).map(drop)
    }

    fn name(&self, path: &Path) -> String {
        let inside = path.strip_prefix(&self.root).unwrap_or(path);
        inside.to_string_lossy().replace('\\', "/")
    }

    fn options(&self, mode: u32) -> SimpleFileOptions {
        let options = SimpleFileOptions::default().last_modified_time(self.time);
        options.compression_method(CompressionMethod::Deflated).unix_permissions(mode)
    }
}

#[cfg(unix)]
fn is_executable(path: &Path) -> io::Result<bool> {
    use std::os::unix::fs::PermissionsExt;
    Ok(fs::metadata(path)?.permissions().mode() & 0o111 != 0)
}

#[cfg(not(unix))]
fn is_executable(_: &Path) -> io::Result<bool> {
    Ok(false)
}

/// A zip file's times begin in 1980.
fn date(time: u64) -> DateTime {
    let date = crate::names::date(time);
    date.and_then(|date| DateTime::try_from(date).ok()).unwrap_or_default()
}
