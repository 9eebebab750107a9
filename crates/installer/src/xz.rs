//! Joins xz streams into one: the blocks of all, and one index behind them.
//!
//! Blocks stand alone, as those that `xz --threads` writes do. A stream is a header of 12 bytes,
//! the blocks, an index that says how long each is, and a footer of 12 bytes.

use std::io::{self, Read, Seek, SeekFrom};
use std::ops::Range;

/// The header of a stream whose blocks are checked by CRC-64, with its own CRC-32.
pub(crate) const HEADER: [u8; 12] = [0xfd, b'7', b'z', b'X', b'Z', 0, 0, 4, 0xe6, 0xd6, 0xb4, 0x46];

/// As long as the header.
const FOOTER: u64 = 12;

/// What joins streams.
#[derive(Debug, Default)]
pub(crate) struct Joint {
    /// Where the blocks of each stream are in it.
    blocks: Vec<Range<u64>>,
    /// How many records the indexes of all have.
    count: u64,
    /// The records of all.
    records: Vec<u8>,
}

impl Joint {
    /// Adds a stream that lies in a file, `start` bytes behind its beginning.
    pub(crate) fn add(
        &mut self,
        file: &mut (impl Read + Seek),
        start: u64,
        bytes: u64,
    ) -> io::Result<()> {
        let mut header = [0; HEADER.len()];
        file.seek(SeekFrom::Start(start))?;
        file.read_exact(&mut header)?;
        let mut footer = [0; FOOTER as usize];
        let end = bytes.checked_sub(FOOTER).ok_or_else(wrong)?;
        file.seek(SeekFrom::Start(start + end))?;
        file.read_exact(&mut footer)?;
        if header != HEADER || footer[8..] != [0, 4, b'Y', b'Z'] {
            return Err(wrong());
        }
        let stored: [u8; 4] = footer[4..8].try_into().expect("it has four bytes");
        let size = (u64::from(u32::from_le_bytes(stored)) + 1) * 4;
        let index_start = end.checked_sub(size).ok_or_else(wrong)?;
        let mut index = vec![0; usize::try_from(size).map_err(io::Error::other)?];
        file.seek(SeekFrom::Start(start + index_start))?;
        file.read_exact(&mut index)?;
        self.add_index(&index)?;
        self.blocks.push(HEADER.len() as u64..index_start);
        Ok(())
    }

    fn add_index(&mut self, index: &[u8]) -> io::Result<()> {
        let mut place = 1;
        let count = number(index, &mut place)?;
        let records = place;
        for _ in 0..2 * count {
            number(index, &mut place)?;
        }
        self.count += count;
        self.records.extend(index.get(records..place).ok_or_else(wrong)?);
        Ok(())
    }

    /// Where the blocks of a stream are in it.
    pub(crate) fn blocks(&self, stream: usize) -> Range<u64> {
        self.blocks[stream].clone()
    }

    /// How long the whole stream is.
    pub(crate) fn bytes(&self) -> u64 {
        let blocks: u64 = self.blocks.iter().map(|range| range.end - range.start).sum();
        HEADER.len() as u64 + blocks + self.end().len() as u64
    }

    /// The index and the footer.
    pub(crate) fn end(&self) -> Vec<u8> {
        let mut end = vec![0];
        write_number(self.count, &mut end);
        end.extend(&self.records);
        end.resize(end.len().next_multiple_of(4), 0);
        let check = crc32fast::hash(&end);
        end.extend(check.to_le_bytes());
        let size = u32::try_from(end.len() / 4 - 1).expect("an index has less than 16 GiB");
        let mut footer = size.to_le_bytes().to_vec();
        footer.extend([0, 4]);
        end.extend(crc32fast::hash(&footer).to_le_bytes());
        end.extend(footer);
        end.extend(b"YZ");
        end
    }
}

/// Reads a number of seven bits a byte, the lowest first.
fn number(data: &[u8], place: &mut usize) -> io::Result<u64> {
    let mut number = 0;
    for shift in (0..63).step_by(7) {
        let byte = *data.get(*place).ok_or_else(wrong)?;
        *place += 1;
        number |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Ok(number);
        }
    }
    Err(wrong())
}

fn write_number(mut number: u64, into: &mut Vec<u8>) {
    while number >= 0x80 {
        into.push(0x80 | (number & 0x7f) as u8);
        number >>= 7;
    }
    into.push(number as u8);
}

fn wrong() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "it is not an xz stream of the expected form")
}
