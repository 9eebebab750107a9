//! An AppImage: the type-2 runtime, and a squashfs image behind it.
//!
//! The image is made by `mksquashfs`, which reads the same tar stream as the other packages are
//! made of: it uses all cores and packs fragments, and so is several times faster, and smaller,
//! than what is there in Rust.

use std::fs;
use std::io::{self, Seek, Write};
use std::path::Path;
use std::process::Command;

use goblin::elf::{Elf, header};

use crate::layout::Part;
use crate::output::Output;
use crate::tree::Entry;
use crate::{Built, InstallerError, Options, Package, archive, icon, layout, program};

/// Writes `NAME-VERSION-ARCH.AppImage`.
pub(crate) fn write(
    package: &Package,
    app: Vec<Entry>,
    options: &Options<'_>,
    target: &Path,
) -> Result<Built, InstallerError> {
    let runtime = read_runtime(package, options)?;
    let parts = layout::system_with_folders(package, app, top(package)?)?;
    let mut output = Output::begin(target)?;
    squash(&parts, package.time, runtime.len(), options, &output)?;
    let failed = output.failed();
    let file = output.file();
    file.rewind().and_then(|()| file.write_all(&runtime)).map_err(&failed)?;
    output.finish(true)
}

/// What an AppImage has at its top: the program, the menu entry and the icon.
fn top(package: &Package) -> Result<Vec<Entry>, InstallerError> {
    let id = &package.id;
    let desktop = format!("{id}.desktop");
    let mut entries = vec![
        Entry::link("AppRun", format!("{}/{}", layout::home(package), package.name)),
        Entry::link(&desktop, format!("usr/share/applications/{desktop}")),
    ];
    if let Some((size, _)) = icon::sizes(package)?.into_iter().rfind(|(size, _)| *size <= 256) {
        let picture = format!("usr/share/icons/hicolor/{size}x{size}/apps/{id}.png");
        entries.push(Entry::link(format!("{id}.png"), picture));
        entries.push(Entry::link(".DirIcon", format!("{id}.png")));
    }
    Ok(entries)
}

/// Runs `mksquashfs`, which leaves room for the runtime.
fn squash(
    parts: &[Part],
    time: u64,
    offset: usize,
    options: &Options<'_>,
    output: &Output,
) -> Result<(), InstallerError> {
    let time = time.to_string();
    let mut command = Command::new("mksquashfs");
    // It refuses a time that is set twice.
    command.env_remove("SOURCE_DATE_EPOCH").arg("-").arg(output.path());
    command.args(["-tar", "-noappend", "-quiet", "-no-progress", "-no-xattrs", "-comp", "zstd"]);
    // `-all-time` too: the root folder has the time of the build otherwise.
    command.args(["-b", "256K", "-mkfs-time", &time, "-all-time", &time, "-root-time", &time]);
    command.args(["-root-mode", "755", "-root-uid", "0", "-root-gid", "0"]);
    command.args(["-offset", &offset.to_string()]);
    let mut child = program::start(&mut command, Some("squashfs-tools"))?;
    let mut stdin = Watched {
        into: child.stdin.take().expect("it is piped"),
        total: parts.iter().flat_map(|part| &part.entries).map(Entry::bytes).sum(),
        done: 0,
        options,
    };
    let fed = feed(parts, &time, &mut stdin);
    drop(stdin);
    if let Err(error) = fed {
        let broken = |error: &InstallerError| {
            matches!(error, InstallerError::File { error, .. }
                if error.kind() == io::ErrorKind::BrokenPipe)
        };
        // If it gave up early, its own message is the reason, not the broken pipe.
        if !broken(&error) {
            child.kill().map_err(|error| program::lost(&command, error))?;
            child.wait().map_err(|error| program::lost(&command, error))?;
            return Err(error);
        }
    }
    let ended = child.wait_with_output().map_err(|error| program::lost(&command, error))?;
    program::check(&command, ended).map(|_| ())
}

fn feed(parts: &[Part], time: &str, into: &mut dyn Write) -> Result<(), InstallerError> {
    let time = time.parse().expect("it was a number");
    for part in parts {
        archive::write(&part.entries, time, into)?;
    }
    into.write_all(&archive::END)
        .map_err(InstallerError::file("pack", Path::new("the end of the image")))
}

/// Reports how much has gone through.
struct Watched<'a, W> {
    into: W,
    done: u64,
    total: u64,
    options: &'a Options<'a>,
}

impl<W: Write> Write for Watched<'_, W> {
    fn write(&mut self, data: &[u8]) -> io::Result<usize> {
        let taken = self.into.write(data)?;
        self.done += taken as u64;
        (self.options.progress)(self.done.min(self.total), self.total);
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.into.flush()
    }
}

/// Reads the runtime, and refuses what would make a file that does not start.
pub(crate) fn read_runtime(
    package: &Package,
    options: &Options<'_>,
) -> Result<Vec<u8>, InstallerError> {
    let wrong = |reason: String| InstallerError::AppImageRuntime { reason };
    let Some(path) = &options.appimage_runtime else {
        return Err(wrong(format!("none was given for `{}`", package.arch)));
    };
    let place = path.display();
    let data = fs::read(path).map_err(|error| wrong(format!("cannot read {place}: {error}")))?;
    // "AI" and the type stand in the padding of the ELF header.
    if data.get(8..11) != Some(b"AI\x02") {
        return Err(wrong(format!("{place} is not a type-2 runtime")));
    }
    let elf = Elf::parse(&data).map_err(|error| wrong(format!("{place} is damaged: {error}")))?;
    if elf_machine(&package.arch).is_some_and(|machine| machine != elf.header.e_machine) {
        return Err(wrong(format!("{place} is for another processor than `{}`", package.arch)));
    }
    // The runtime looks for the image right behind its own section headers.
    let headers = u64::from(elf.header.e_shentsize) * u64::from(elf.header.e_shnum);
    if elf.header.e_shoff + headers != data.len() as u64 {
        return Err(wrong(format!("{place} has trailing data, or is truncated")));
    }
    Ok(data)
}

fn elf_machine(arch: &str) -> Option<u16> {
    Some(match arch {
        "x86_64" => header::EM_X86_64,
        "x86" | "i686" => header::EM_386,
        "aarch64" => header::EM_AARCH64,
        "arm" | "armv7" => header::EM_ARM,
        _ => return None,
    })
}
