//! Fetches files by their SHA-256, so that each is fetched once and is what the manifest says.

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use backon::{BlockingRetryable, ExponentialBuilder};
use sha2::{Digest, Sha256};
use url::Url;

use crate::error::FetchFault;
use crate::{Cache, Key, PayloadError, Progress};

/// Fetches into the cache.
pub(crate) struct Fetch<'a> {
    /// Where it is kept.
    pub(crate) cache: &'a Cache,
    /// Is told how much has come.
    pub(crate) progress: &'a dyn Progress,
    /// How long to wait, and for how much.
    pub(crate) limits: Limits,
}

/// How long to wait, and for how much.
#[derive(Debug, Clone)]
pub(crate) struct Limits {
    /// For a connection.
    pub(crate) connect: Duration,
    /// For the next byte.
    pub(crate) silence: Duration,
    /// Before the second try; twice as long before each further one.
    pub(crate) pause: Duration,
    /// Tries after the first, of what may pass.
    pub(crate) retries: usize,
    /// Size of a file.
    pub(crate) bytes: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(20),
            silence: Duration::from_secs(60),
            pause: Duration::from_secs(1),
            retries: 3,
            bytes: 8 << 30,
        }
    }
}

/// Size of a text, such as a list of hashes.
const TEXT_LIMIT: u64 = 8 << 20;

const ENTRY: &str = "download";

impl<'a> Fetch<'a> {
    /// Fetches with the usual limits.
    pub(crate) fn new(cache: &'a Cache, progress: &'a dyn Progress) -> Self {
        Self { cache, progress, limits: Limits::default() }
    }

    /// Returns the file with this hash, which is fetched when it is not in the cache.
    pub(crate) fn file(&self, url: &str, sha256: &str) -> Result<PathBuf, PayloadError> {
        let expected = sha256.to_ascii_lowercase();
        // With its address: a new one beside an old hash is a mistake to be told, not a cache hit.
        let key = Key::new("download 2").with(&expected).with(url);
        let folder = self.cache.folder(&key, |folder| {
            let path = folder.join(ENTRY);
            let got = self.with_retries(url, || self.fetch_into(url, &path))?;
            if got == expected {
                return Ok(());
            }
            Err(PayloadError::WrongHash { url: url.to_owned(), expected: expected.clone(), got })
        })?;
        Ok(folder.join(ENTRY))
    }

    /// Fetches a short text, which is not kept.
    pub(crate) fn text(&self, url: &str) -> Result<String, PayloadError> {
        let bytes = self.with_retries(url, || {
            let mut bytes = Vec::new();
            self.copy(url, &mut bytes, TEXT_LIMIT).map_err(|fault| fault.of(url, Path::new("")))?;
            Ok(bytes)
        })?;
        String::from_utf8(bytes).map_err(|_| PayloadError::Fetch {
            url: url.to_owned(),
            fault: FetchFault::Broken("Expected a text".to_owned()),
        })
    }

    fn with_retries<T>(
        &self,
        url: &str,
        fetch: impl FnMut() -> Result<T, PayloadError>,
    ) -> Result<T, PayloadError> {
        let pauses = ExponentialBuilder::default()
            .with_min_delay(self.limits.pause)
            .with_max_times(self.limits.retries);
        let may_pass = |error: &PayloadError| matches!(error, PayloadError::Fetch { fault, .. } if fault.may_pass());
        let told = |error: &PayloadError, pause| {
            self.progress.line(&format!("{error}; trying again in {pause:?}"));
        };
        tracing::debug!(url, "fetch");
        fetch.retry(pauses).when(may_pass).notify(told).call()
    }

    /// Fetches into a file, and returns the hash of what came.
    fn fetch_into(&self, url: &str, path: &Path) -> Result<String, PayloadError> {
        let file = File::create(path).map_err(PayloadError::file("write", path))?;
        let mut sink = Hashing { file, hash: Sha256::new() };
        self.copy(url, &mut sink, self.limits.bytes).map_err(|fault| fault.of(url, path))?;
        // Else a machine that loses power could find an empty file under the right name.
        sink.file.sync_all().map_err(PayloadError::file("write", path))?;
        Ok(hexadecimal(&sink.hash.finalize()))
    }

    fn copy(&self, url: &str, into: &mut dyn Write, limit: u64) -> Result<(), Fault> {
        let parsed = Url::parse(url)
            .map_err(|error| FetchFault::Address(format!("Not an address: {error}")))?;
        let (mut source, total) = match parsed.scheme() {
            "file" => open_file(&parsed)?,
            "http" | "https" => self.open(url)?,
            other => {
                let message = format!("`{other}` is not a way to fetch");
                return Err(FetchFault::Address(message).into());
            }
        };
        if total.is_some_and(|total| total > limit) {
            return Err(FetchFault::TooBig(limit).into());
        }
        self.pump(&mut source, into, total, limit)
    }

    fn pump(
        &self,
        source: &mut dyn Read,
        into: &mut dyn Write,
        total: Option<u64>,
        limit: u64,
    ) -> Result<(), Fault> {
        let mut buffer = vec![0; 64 << 10];
        let mut done = 0;
        loop {
            let count = match source.read(&mut buffer) {
                Ok(0) => break,
                Ok(count) => count,
                Err(error) => return Err(self.broken(error, done, total).into()),
            };
            done += count as u64;
            if done > limit {
                return Err(FetchFault::TooBig(limit).into());
            }
            into.write_all(&buffer[..count]).map_err(Fault::Disk)?;
            self.progress.bytes(done, total);
        }
        match total {
            Some(expected) if done < expected => {
                Err(FetchFault::Half { got: done, expected }.into())
            }
            _ => Ok(()),
        }
    }

    fn open(&self, url: &str) -> Result<(Box<dyn Read>, Option<u64>), Fault> {
        let agent: ureq::Agent = ureq::Agent::config_builder()
            .timeout_connect(Some(self.limits.connect))
            .timeout_recv_response(Some(self.limits.silence))
            .timeout_per_read(Some(self.limits.silence))
            .user_agent(concat!("ensconce/", env!("CARGO_PKG_VERSION")))
            .tls_config(
                ureq::tls::TlsConfig::builder()
                    .root_certs(ureq::tls::RootCerts::PlatformVerifier)
                    .build(),
            )
            .build()
            .into();
        let response = agent.get(url).call().map_err(|error| self.fault(error))?;
        let total = response.body().content_length();
        Ok((Box::new(response.into_body().into_reader()), total))
    }

    /// Returns what an error in the middle of a file means.
    fn broken(&self, error: io::Error, got: u64, total: Option<u64>) -> FetchFault {
        let timed_out = matches!(error.kind(), io::ErrorKind::TimedOut | io::ErrorKind::WouldBlock);
        let inner = error.get_ref().and_then(|inner| inner.downcast_ref::<ureq::Error>());
        match total {
            _ if timed_out || matches!(inner, Some(ureq::Error::Timeout(_))) => {
                FetchFault::Silent(self.limits.silence)
            }
            Some(expected) if got < expected => FetchFault::Half { got, expected },
            _ => FetchFault::Broken(error.to_string()),
        }
    }

    fn fault(&self, error: ureq::Error) -> FetchFault {
        match error {
            ureq::Error::StatusCode(status) => FetchFault::Status(status),
            ureq::Error::Timeout(ureq::Timeout::Connect) => {
                FetchFault::NoConnection(self.limits.connect)
            }
            ureq::Error::Timeout(_) => FetchFault::Silent(self.limits.silence),
            ureq::Error::Io(error) if is_dropped(&error) => FetchFault::Broken(error.to_string()),
            ureq::Error::Protocol(error) => FetchFault::Broken(error.to_string()),
            other => FetchFault::Unreachable(other.to_string()),
        }
    }
}

fn is_dropped(error: &io::Error) -> bool {
    use io::ErrorKind::{BrokenPipe, ConnectionAborted, ConnectionReset, UnexpectedEof};
    matches!(error.kind(), BrokenPipe | ConnectionAborted | ConnectionReset | UnexpectedEof)
}

fn open_file(url: &Url) -> Result<(Box<dyn Read>, Option<u64>), Fault> {
    let path = url
        .to_file_path()
        .map_err(|()| FetchFault::Address("Expected an absolute path after file://".to_owned()))?;
    let unreachable =
        |error: io::Error| FetchFault::Unreachable(format!("{}: {error}", path.display()));
    let file = File::open(&path).map_err(unreachable)?;
    let size = file.metadata().map_err(unreachable)?.len();
    Ok((Box::new(file), Some(size)))
}

/// Keeps what the other side did wrong apart from what this disk did.
enum Fault {
    Fetch(FetchFault),
    Disk(io::Error),
}

impl Fault {
    fn of(self, url: &str, path: &Path) -> PayloadError {
        match self {
            Self::Fetch(fault) => PayloadError::Fetch { url: url.to_owned(), fault },
            Self::Disk(error) => PayloadError::file("write", path)(error),
        }
    }
}

impl From<FetchFault> for Fault {
    fn from(fault: FetchFault) -> Self {
        Self::Fetch(fault)
    }
}

/// A file that is hashed while it is written.
struct Hashing {
    file: File,
    hash: Sha256,
}

impl Write for Hashing {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let count = self.file.write(bytes)?;
        self.hash.update(&bytes[..count]);
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests;
