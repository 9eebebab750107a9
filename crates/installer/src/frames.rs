//! Compresses a tar stream in parts, and keeps each by the hash of what is in it.
//!
//! zstd frames may follow each other: what reads one reads all. So a part that has not changed is
//! copied from the cache. A kept frame begins with its length and hash, which are looked at before
//! it is used: a disk that was full, or a machine that lost power, must not end up in a package.

use std::fs::{self, File};
use std::io::{self, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::thread;

use zstd::stream::raw::CParameter;

use crate::layout::Part;
use crate::{InstallerError, Options, archive};

/// 6 % more than `xz -6` makes, in a fifth of its time; see `docs/installers.md`.
pub(crate) const LEVEL: i32 = 12;

/// How far back zstd looks, as a power of two: 32 MiB, which unpacking needs as memory.
const WINDOW: u32 = 25;

/// Names how frames are made: another one makes all of them again.
const RECIPE: &str = "ensconce frame 1";

/// Length and hash, at the beginning of a kept frame.
const HEAD: usize = 8 + blake3::OUT_LEN;

/// A compressed stream, in pieces.
pub(crate) struct Compressed {
    frames: Vec<Frame>,
}

/// A frame in the cache.
struct Frame {
    path: PathBuf,
    bytes: u64,
}

impl Compressed {
    /// How many bytes it has.
    pub(crate) fn bytes(&self) -> u64 {
        self.frames.iter().map(|frame| frame.bytes).sum()
    }

    /// Copies it, and looks again at what it copies.
    pub(crate) fn copy(&self, into: &mut dyn Write, to: &Path) -> Result<(), InstallerError> {
        for frame in &self.frames {
            let mut kept = Kept::open(&frame.path)
                .map_err(InstallerError::file("read", &frame.path))?
                .ok_or_else(|| damaged(&frame.path))?;
            let mut hash = blake3::Hasher::new();
            let mut buffer = vec![0; 1 << 17];
            loop {
                let got = kept
                    .frame
                    .read(&mut buffer)
                    .map_err(InstallerError::file("read", &frame.path))?;
                if got == 0 {
                    break;
                }
                hash.update(&buffer[..got]);
                into.write_all(&buffer[..got]).map_err(InstallerError::file("write", to))?;
            }
            if hash.finalize() != kept.hash {
                return Err(damaged(&frame.path));
            }
        }
        Ok(())
    }
}

/// Compresses parts to one tar stream; several at once.
pub(crate) fn compress(
    parts: &[Part],
    time: u64,
    options: &Options<'_>,
) -> Result<Compressed, InstallerError> {
    let cache = options.cache;
    fs::create_dir_all(cache).map_err(InstallerError::file("make", cache))?;
    let work = Work {
        parts,
        time,
        options,
        next: AtomicUsize::new(0),
        done: AtomicU64::new(0),
        total: parts.iter().flat_map(|part| &part.entries).map(|entry| entry.bytes() + 512).sum(),
        frames: Mutex::new(Vec::new()),
    };
    let threads = thread::available_parallelism().map_or(1, usize::from).min(parts.len().max(1));
    (options.progress)(0, work.total);
    thread::scope(|scope| {
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(|| work.run())).collect();
        workers.into_iter().try_for_each(|worker| worker.join().expect("it does not panic"))
    })?;
    let mut frames = work.frames.into_inner().expect("no worker panics");
    frames.push((usize::MAX, Frame::of(cache, time, &End)?));
    frames.sort_by_key(|(index, _)| *index);
    Ok(Compressed { frames: frames.into_iter().map(|(_, frame)| frame).collect() })
}

/// Compresses a few bytes at once, such as Debian's control files.
pub(crate) fn compress_small(data: &[u8]) -> io::Result<Vec<u8>> {
    zstd::bulk::compress(data, LEVEL)
}

/// Several threads take parts from it.
struct Work<'a> {
    parts: &'a [Part],
    time: u64,
    options: &'a Options<'a>,
    next: AtomicUsize,
    done: AtomicU64,
    total: u64,
    frames: Mutex<Vec<(usize, Frame)>>,
}

impl Work<'_> {
    fn run(&self) -> Result<(), InstallerError> {
        loop {
            let index = self.next.fetch_add(1, Ordering::Relaxed);
            let Some(part) = self.parts.get(index) else { return Ok(()) };
            let frame = Frame::of(self.options.cache, self.time, part);
            if frame.is_err() {
                // The others need not go on.
                self.next.store(self.parts.len(), Ordering::Relaxed);
            }
            self.frames.lock().expect("no worker panics").push((index, frame?));
            let bytes: u64 = part.entries.iter().map(|entry| entry.bytes() + 512).sum();
            let done = self.done.fetch_add(bytes, Ordering::Relaxed) + bytes;
            (self.options.progress)(done, self.total);
        }
    }
}

/// Something that has a place in a tar stream.
trait Piece {
    fn write(&self, time: u64, into: &mut dyn Write) -> Result<(), InstallerError>;
}

impl Piece for Part {
    fn write(&self, time: u64, into: &mut dyn Write) -> Result<(), InstallerError> {
        archive::write(&self.entries, time, into)
    }
}

/// The end of the stream.
struct End;

impl Piece for End {
    fn write(&self, _: u64, into: &mut dyn Write) -> Result<(), InstallerError> {
        into.write_all(&archive::END).map_err(InstallerError::file("pack", Path::new("the end")))
    }
}

impl Frame {
    /// Takes a frame from the cache, or makes it.
    fn of(cache: &Path, time: u64, piece: &dyn Piece) -> Result<Self, InstallerError> {
        let mut hash = blake3::Hasher::new();
        hash.update(format!("{RECIPE} {LEVEL} {WINDOW}\n").as_bytes());
        piece.write(time, &mut hash)?;
        let key = hash.finalize();
        let path = cache.join(format!("{}.frame", key.to_hex()));
        match Kept::whole(&path) {
            Ok(Some(bytes)) => Ok(Self { path, bytes }),
            // Missing, damaged or not to be read: it is made again.
            Ok(None) | Err(_) => Self::make(cache, path, time, piece, key),
        }
    }

    fn make(
        cache: &Path,
        path: PathBuf,
        time: u64,
        piece: &dyn Piece,
        key: blake3::Hash,
    ) -> Result<Self, InstallerError> {
        let failed = |error| InstallerError::file("write", &path)(error);
        let mut file = tempfile::NamedTempFile::new_in(cache).map_err(failed)?;
        file.write_all(&[0; HEAD]).map_err(failed)?;
        let mut encoder = encoder(Counted::new(file.as_file())).map_err(failed)?;
        let mut again = blake3::Hasher::new();
        again.update(format!("{RECIPE} {LEVEL} {WINDOW}\n").as_bytes());
        piece.write(time, &mut Both { hash: &mut again, encoder: &mut encoder })?;
        let counted = encoder.finish().map_err(failed)?;
        if again.finalize() != key {
            return Err(failed(io::Error::other("a file has changed while it was packed")));
        }
        let (bytes, hash) = (counted.bytes, counted.hash.finalize());
        write_head(file.as_file(), bytes, hash).map_err(failed)?;
        file.persist(&path).map_err(|error| failed(error.error))?;
        Ok(Self { path, bytes })
    }
}

/// zstd with threads always: what it writes depends on whether it has some, not on how many.
fn encoder<W: Write>(into: W) -> io::Result<zstd::Encoder<'static, W>> {
    let threads = thread::available_parallelism().map_or(1, usize::from);
    let mut encoder = zstd::Encoder::new(into, LEVEL)?;
    encoder.set_parameter(CParameter::WindowLog(WINDOW))?;
    encoder.set_parameter(CParameter::EnableLongDistanceMatching(true))?;
    encoder.set_parameter(CParameter::ChecksumFlag(true))?;
    encoder.multithread(u32::try_from(threads).unwrap_or(1))?;
    Ok(encoder)
}

fn write_head(mut file: &File, bytes: u64, hash: blake3::Hash) -> io::Result<()> {
    use std::io::Seek;
    file.rewind()?;
    file.write_all(&bytes.to_le_bytes())?;
    file.write_all(hash.as_bytes())
}

/// A frame in the cache, opened.
struct Kept {
    bytes: u64,
    hash: blake3::Hash,
    frame: BufReader<File>,
}

impl Kept {
    /// Opens a frame; none when it has not the length that it says.
    fn open(path: &Path) -> io::Result<Option<Self>> {
        let file = File::open(path)?;
        let length = file.metadata()?.len();
        let mut frame = BufReader::new(file);
        let mut head = [0; HEAD];
        if length < HEAD as u64 {
            return Ok(None);
        }
        frame.read_exact(&mut head)?;
        let (bytes, hash) = head.split_at(8);
        let bytes = u64::from_le_bytes(bytes.try_into().expect("it was split there"));
        let hash = blake3::Hash::from_bytes(hash.try_into().expect("it has the rest"));
        let whole = bytes.checked_add(HEAD as u64) == Some(length);
        Ok(whole.then_some(Self { bytes, hash, frame }))
    }

    /// Its length, when everything in it is as it was written.
    fn whole(path: &Path) -> io::Result<Option<u64>> {
        let Some(mut kept) = Self::open(path)? else { return Ok(None) };
        let mut hash = blake3::Hasher::new();
        hash.update_reader(&mut kept.frame)?;
        Ok((hash.finalize() == kept.hash).then_some(kept.bytes))
    }
}

/// Hashes what goes into the encoder.
struct Both<'a, W: Write> {
    hash: &'a mut blake3::Hasher,
    encoder: &'a mut zstd::Encoder<'static, W>,
}

impl<W: Write> Write for Both<'_, W> {
    fn write(&mut self, data: &[u8]) -> io::Result<usize> {
        let taken = self.encoder.write(data)?;
        self.hash.update(&data[..taken]);
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.encoder.flush()
    }
}

/// Counts and hashes what comes out of the encoder.
struct Counted<'a> {
    file: &'a File,
    bytes: u64,
    hash: blake3::Hasher,
}

impl<'a> Counted<'a> {
    fn new(file: &'a File) -> Self {
        Self { file, bytes: 0, hash: blake3::Hasher::new() }
    }
}

impl Write for Counted<'_> {
    fn write(&mut self, data: &[u8]) -> io::Result<usize> {
        let taken = self.file.write(data)?;
        self.bytes += taken as u64;
        self.hash.update(&data[..taken]);
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

fn damaged(path: &Path) -> InstallerError {
    let error = io::Error::new(io::ErrorKind::InvalidData, "it was damaged meanwhile");
    InstallerError::File { what: "read", path: path.to_owned(), error }
}
