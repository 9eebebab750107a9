//! Compresses a tar stream in frames, and caches each by the hash of its content.
//!
//! What reads zstd reads one frame after the other, and a stream of xz is made of blocks that stand
//! alone: so a part that has not changed is copied from the cache. dpkg stops at the end of the
//! first frame, and of the first stream of xz; blocks it reads. A kept part begins with its length
//! and hash, which are looked at before it is used: a disk that was full, or a machine that lost
//! power, must not end up in a package.

use std::fs::{self, File};
use std::io::{self, BufReader, Read, Write};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::thread;
use std::time::SystemTime;

use liblzma::stream::{Check, MtStreamBuilder};
use liblzma::write::XzEncoder;
use zstd::stream::raw::CParameter;

use crate::layout::Part;
use crate::xz::{self, Joint};
use crate::{InstallerError, Options, archive};

/// zstd's level: 6 % more than `xz -6` makes, in a fifth of its time; see `docs/installers.md`.
pub(crate) const LEVEL: i32 = 12;

/// How far back zstd looks, as a power of two: 32 MiB, which unpacking needs as memory.
const WINDOW: u32 = 25;

/// xz's own preset, which Debian's packages are made with.
const XZ_PRESET: u32 = 6;

/// Names how frames are made: another one makes all of them again.
const RECIPE: &str = "ensconce frame 2";

/// Length and hash, at the beginning of a kept frame.
const HEAD: usize = 8 + blake3::OUT_LEN;

/// A way to compress.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Codec {
    /// Frames one after the other.
    Zstd,
    /// One stream of many blocks, for dpkg.
    Xz,
}

/// A compressed stream, in pieces.
pub(crate) struct Compressed {
    frames: Vec<Frame>,
    /// For xz, what joins the pieces.
    joint: Option<Joint>,
}

/// A frame in the cache.
struct Frame {
    path: PathBuf,
    bytes: u64,
}

impl Compressed {
    /// Joins what was compressed.
    fn of(codec: Codec, frames: Vec<Frame>) -> Result<Self, InstallerError> {
        let mut joint = None;
        if codec == Codec::Xz {
            let mut made = Joint::default();
            for frame in &frames {
                let mut file =
                    File::open(&frame.path).map_err(InstallerError::file("read", &frame.path))?;
                made.add(&mut file, HEAD as u64, frame.bytes)
                    .map_err(InstallerError::file("read", &frame.path))?;
            }
            joint = Some(made);
        }
        Ok(Self { frames, joint })
    }

    /// How many bytes it has.
    pub(crate) fn bytes(&self) -> u64 {
        match &self.joint {
            Some(joint) => joint.bytes(),
            None => self.frames.iter().map(|frame| frame.bytes).sum(),
        }
    }

    /// Copies it, and looks again at what it copies.
    pub(crate) fn copy(&self, into: &mut dyn Write, to: &Path) -> Result<(), InstallerError> {
        let cannot_write = |error| InstallerError::file("write", to)(error);
        if self.joint.is_some() {
            into.write_all(&xz::HEADER).map_err(cannot_write)?;
        }
        for (index, frame) in self.frames.iter().enumerate() {
            let wanted = match &self.joint {
                Some(joint) => joint.blocks(index),
                None => 0..frame.bytes,
            };
            frame.copy(wanted, into, to)?;
        }
        match &self.joint {
            Some(joint) => into.write_all(&joint.end()).map_err(cannot_write),
            None => Ok(()),
        }
    }
}

/// Compresses parts to one tar stream; several at once.
pub(crate) fn compress(
    codec: Codec,
    parts: &[Part],
    time: u64,
    options: &Options<'_>,
) -> Result<Compressed, InstallerError> {
    let cache = options.cache;
    fs::create_dir_all(cache).map_err(InstallerError::file("make", cache))?;
    let work = Work {
        codec,
        parts,
        time,
        options,
        next: AtomicUsize::new(0),
        done: AtomicU64::new(0),
        total: parts.iter().flat_map(|part| &part.entries).map(|entry| entry.bytes() + 512).sum(),
        frames: Mutex::new(Vec::new()),
    };
    let threads = available_threads().min(parts.len().max(1));
    (options.progress)(0, work.total);
    thread::scope(|scope| {
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(|| work.run())).collect();
        workers.into_iter().try_for_each(|worker| worker.join().expect("it does not panic"))
    })?;
    let mut frames = work.frames.into_inner().expect("no worker panics");
    frames.push((usize::MAX, Frame::of(codec, cache, time, &End)?));
    frames.sort_by_key(|(index, _)| *index);
    Compressed::of(codec, frames.into_iter().map(|(_, frame)| frame).collect())
}

/// Compresses a few bytes at once, such as Debian's control files.
pub(crate) fn compress_small(data: &[u8]) -> io::Result<Vec<u8>> {
    let mut encoder = xz_encoder(Vec::new())?;
    encoder.write_all(data)?;
    encoder.finish()
}

/// Several threads take parts from it.
struct Work<'a> {
    codec: Codec,
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
            let frame = Frame::of(self.codec, self.options.cache, self.time, part);
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
    fn of(
        codec: Codec,
        cache: &Path,
        time: u64,
        piece: &dyn Piece,
    ) -> Result<Self, InstallerError> {
        let mut hash = codec.recipe();
        piece.write(time, &mut hash)?;
        let key = hash.finalize();
        let path = cache.join(format!("{}.frame", key.to_hex()));
        match Kept::whole(&path) {
            Ok(Some(bytes)) => {
                touch(&path);
                Ok(Self { path, bytes })
            }
            // Missing, damaged or not to be read: it is made again.
            Ok(None) | Err(_) => Self::make(codec, path, time, piece, key),
        }
    }

    fn make(
        codec: Codec,
        path: PathBuf,
        time: u64,
        piece: &dyn Piece,
        key: blake3::Hash,
    ) -> Result<Self, InstallerError> {
        let failed = |error| InstallerError::file("write", &path)(error);
        let cache = path.parent().unwrap_or(Path::new("."));
        let mut file = tempfile::NamedTempFile::new_in(cache).map_err(failed)?;
        file.write_all(&[0; HEAD]).map_err(failed)?;
        let mut again = codec.recipe();
        let into = Counted::new(file.as_file());
        let counted = match codec {
            Codec::Zstd => {
                let mut encoder = zstd_encoder(into).map_err(failed)?;
                piece.write(time, &mut Both { hash: &mut again, encoder: &mut encoder })?;
                encoder.finish().map_err(failed)?
            }
            Codec::Xz => {
                let mut encoder = xz_encoder(into).map_err(failed)?;
                piece.write(time, &mut Both { hash: &mut again, encoder: &mut encoder })?;
                encoder.finish().map_err(failed)?
            }
        };
        if again.finalize() != key {
            return Err(failed(io::Error::other("a file has changed while it was packed")));
        }
        let (bytes, hash) = (counted.bytes, counted.hash.finalize());
        write_head(file.as_file(), bytes, hash).map_err(failed)?;
        file.persist(&path).map_err(|error| failed(error.error))?;
        Ok(Self { path, bytes })
    }

    /// Copies a range of it, and reads all.
    fn copy(
        &self,
        wanted: Range<u64>,
        into: &mut dyn Write,
        to: &Path,
    ) -> Result<(), InstallerError> {
        let cannot_read = |error| InstallerError::file("read", &self.path)(error);
        let mut kept =
            Kept::open(&self.path).map_err(cannot_read)?.ok_or_else(|| damaged(&self.path))?;
        let mut hash = blake3::Hasher::new();
        let mut buffer = vec![0; 1 << 17];
        let mut place = 0;
        loop {
            let got = kept.frame.read(&mut buffer).map_err(cannot_read)?;
            if got == 0 {
                break;
            }
            hash.update(&buffer[..got]);
            let end = place + got as u64;
            let from = wanted.start.clamp(place, end) - place;
            let until = wanted.end.clamp(place, end) - place;
            let range = from as usize..until.max(from) as usize;
            into.write_all(&buffer[range]).map_err(InstallerError::file("write", to))?;
            place = end;
        }
        if hash.finalize() == kept.hash { Ok(()) } else { Err(damaged(&self.path)) }
    }
}

impl Codec {
    /// A hasher that has seen everything else that decides what a frame is.
    fn recipe(self) -> blake3::Hasher {
        let mut hash = blake3::Hasher::new();
        let recipe = match self {
            Self::Zstd => format!("{RECIPE} zstd {LEVEL} {WINDOW}\n"),
            Self::Xz => format!("{RECIPE} xz {XZ_PRESET}\n"),
        };
        hash.update(recipe.as_bytes());
        hash
    }
}

/// zstd with threads always: what it writes depends on whether it has some, not on how many.
fn zstd_encoder<W: Write>(into: W) -> io::Result<zstd::Encoder<'static, W>> {
    let mut encoder = zstd::Encoder::new(into, LEVEL)?;
    encoder.set_parameter(CParameter::WindowLog(WINDOW))?;
    encoder.set_parameter(CParameter::EnableLongDistanceMatching(true))?;
    encoder.set_parameter(CParameter::ChecksumFlag(true))?;
    encoder.multithread(u32::try_from(available_threads()).unwrap_or(1))?;
    Ok(encoder)
}

/// xz with threads always, for the same reason.
fn xz_encoder<W: Write>(into: W) -> io::Result<XzEncoder<W>> {
    let mut builder = MtStreamBuilder::new();
    builder.preset(XZ_PRESET).check(Check::Crc64);
    builder.threads(u32::try_from(available_threads()).unwrap_or(1));
    Ok(XzEncoder::new_stream(into, builder.encoder()?))
}

fn available_threads() -> usize {
    thread::available_parallelism().map_or(1, usize::from)
}

/// Stamps a cached frame with the time of its last use, by which the cache is pruned.
fn touch(path: &Path) {
    let opened = File::options().append(true).open(path);
    // It is made again some day, where that cannot be.
    let _ = opened.and_then(|file| file.set_modified(SystemTime::now()));
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
    encoder: &'a mut W,
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
