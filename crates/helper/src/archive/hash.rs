//! Counts and hashes what is read.

use std::io::{self, Read};

use sha2::{Digest, Sha256};

/// Passes on what is read, with its length and SHA-256.
pub(super) struct HashingReader<T> {
    inner: T,
    hash: Sha256,
    bytes: u64,
}

impl<T> HashingReader<T> {
    pub(super) fn new(inner: T) -> Self {
        Self { inner, hash: Sha256::new(), bytes: 0 }
    }

    /// Returns how much it was, and its SHA-256.
    pub(super) fn finish(self) -> (u64, String) {
        let text = self.hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
        (self.bytes, text)
    }
}

impl<T: Read> Read for HashingReader<T> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.hash.update(&buffer[..count]);
        self.bytes += count as u64;
        Ok(count)
    }
}
