//! Copies a database without a write-ahead log whose writers never rest.
//!
//! First the file is copied as it is, while others write to it. Then, with writers kept out, it is
//! compared with the copy, and only what differs is written again. Reading what was just read takes
//! a fraction of the time of a copy, and writers wait for no more than that.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::Path;

use rusqlite::Connection;

use super::{Progress, read_schema};
use crate::error::WorkError;

/// How much is compared at once.
const BLOCK: usize = 256 << 10;
/// Where SQLite's locks lie; it keeps nothing there, and Windows lets nobody read it.
const LOCK_PLACE: u64 = 0x4000_0000;

/// Copies the file that `raw` is opened on, and that `source` has open as well.
///
/// `raw` has to be opened before `source` and closed after it: on Unix, closing any handle of a
/// file gives up all the locks that the process has on it.
pub(super) fn copy(
    source: &Connection,
    raw: &mut File,
    from: &Path,
    part: &Path,
    progress: &mut Progress,
) -> Result<(), WorkError> {
    let mut copy =
        File::options().read(true).write(true).open(part).map_err(WorkError::file(part))?;
    let mut told = |percent| progress.report(percent);
    update(raw, &mut copy, &mut |done| told(done * 9 / 10)).map_err(WorkError::file(part))?;
    source
        .execute_batch("BEGIN")
        .and_then(|()| read_schema(source))
        .map_err(WorkError::sqlite(from))?;
    let result = without_log(raw)
        .map_err(WorkError::file(from))?
        .then(|| update(raw, &mut copy, &mut |done| told(90 + done / 10)));
    let _ = source.execute_batch("COMMIT");
    match result {
        Some(result) => result.map_err(WorkError::file(part)),
        // Somebody began to use a log in between.
        None => Err(WorkError::Busy(from.to_owned())),
    }
}

/// Returns whether the file has no write-ahead log, so that it is all there is.
fn without_log(raw: &mut File) -> io::Result<bool> {
    let mut header = [0; 20];
    raw.rewind()?;
    raw.read_exact(&mut header)?;
    Ok(header[18] == 1 && header[19] == 1)
}

/// Makes `copy` what `from` is, writing only what differs.
fn update(from: &mut File, copy: &mut File, told: &mut dyn FnMut(u32)) -> io::Result<()> {
    let length = from.metadata()?.len();
    let (mut new, mut old) = (vec![0; BLOCK], vec![0; BLOCK]);
    let mut place = 0;
    while place < length {
        let size = usize::try_from(length - place).unwrap_or(BLOCK).min(BLOCK);
        if !(cfg!(windows) && place == LOCK_PLACE) {
            let new = read(from, place, &mut new[..size])?;
            if read(copy, place, &mut old[..size])? != new {
                copy.seek(SeekFrom::Start(place))?;
                copy.write_all(new)?;
            }
        }
        place += size as u64;
        told(u32::try_from(place * 100 / length).unwrap_or(100));
    }
    copy.set_len(length)
}

/// Reads what is at a place; returns less than asked for at the end of the file.
fn read<'a>(file: &mut File, place: u64, buffer: &'a mut [u8]) -> io::Result<&'a [u8]> {
    file.seek(SeekFrom::Start(place))?;
    let mut filled = 0;
    while filled < buffer.len() {
        match file.read(&mut buffer[filled..]) {
            Ok(0) => break,
            Ok(read) => filled += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(&buffer[..filled])
}
