//! Writes entries as a piece of a tar stream, the same bytes for the same entries.

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::Path;

use tar::{Builder, EntryType, Header};

use crate::InstallerError;
use crate::tree::{Contents, Entry, Node};

/// Two blocks of zeros end a tar stream.
pub(crate) const END: [u8; 1024] = [0; 1024];

/// Writes entries without the end of the stream, so that pieces can follow each other.
pub(crate) fn write(
    entries: &[Entry],
    time: u64,
    into: &mut dyn Write,
) -> Result<(), InstallerError> {
    let mut archive = Builder::new(into);
    for entry in entries {
        append(&mut archive, entry, time)?;
    }
    // Neither `finish` nor `into_inner`: both would end the stream. Dropping it would, too.
    std::mem::forget(archive);
    Ok(())
}

fn append(
    archive: &mut Builder<&mut dyn Write>,
    entry: &Entry,
    time: u64,
) -> Result<(), InstallerError> {
    let mut header = header(entry, time);
    let failed = |error| InstallerError::file("pack", Path::new(&entry.path))(error);
    match &entry.node {
        // Without a `./` before it: where that stays depends on the path's length.
        Node::Folder => {
            let path = format!("{}/", entry.path);
            archive.append_data(&mut header, path, io::empty()).map_err(failed)
        }
        Node::Link(to) => archive.append_link(&mut header, &entry.path, to).map_err(failed),
        Node::File { contents: Contents::Bytes(data), .. } => {
            archive.append_data(&mut header, &entry.path, data.as_slice()).map_err(failed)
        }
        Node::File { bytes, contents: Contents::Path { path: source, .. }, .. } => {
            let file = File::open(source).map_err(InstallerError::file("read", source))?;
            let data = Exactly { file, left: *bytes };
            let packed = archive.append_data(&mut header, &entry.path, data);
            packed.map_err(InstallerError::file("pack", source))
        }
    }
}

fn header(entry: &Entry, time: u64) -> Header {
    let mut header = Header::new_gnu();
    header.set_entry_type(match entry.node {
        Node::Folder => EntryType::Directory,
        Node::Link(_) => EntryType::Symlink,
        Node::File { .. } => EntryType::Regular,
    });
    header.set_size(entry.bytes());
    header.set_mode(entry.mode());
    header.set_uid(0);
    header.set_gid(0);
    header.set_username("root").expect("it is short");
    header.set_groupname("root").expect("it is short");
    header.set_mtime(time);
    header
}

/// A file that has the length that its header says, or fails: it may change while it is packed.
struct Exactly {
    file: File,
    left: u64,
}

impl Read for Exactly {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let most = usize::try_from(self.left).unwrap_or(usize::MAX).min(into.len().max(1));
        if self.left == 0 {
            let longer = self.file.read(&mut [0])? > 0;
            return if longer { Err(changed()) } else { Ok(0) };
        }
        let got = self.file.read(&mut into[..most])?;
        if got == 0 && most > 0 {
            return Err(changed());
        }
        self.left -= got as u64;
        Ok(got)
    }
}

fn changed() -> io::Error {
    io::Error::other("its length changed meanwhile")
}
