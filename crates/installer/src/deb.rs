//! A Debian package: an `ar` file of a version, control files and the files themselves.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{self, Read, Seek, Write};
use std::path::Path;
use std::thread;

use md5::{Digest, Md5};

use crate::frames::{Codec, Compressed};
use crate::layout::Part;
use crate::names::Versions;
use crate::output::Output;
use crate::tree::{Contents, Entry, Node};
use crate::{Built, InstallerError, Options, Package};
use crate::{archive, elf, frames, layout, names, scripts, sign};

/// The first eight bytes of an `ar` file.
const AR: &[u8] = b"!<arch>\n";

/// The packages of Debian that have the libraries of a Tauri shell. Those with `t64` are the same
/// library in later releases.
const LIBRARIES: [(&str, &str); 13] = [
    ("libcairo.so.2", "libcairo2"),
    ("libdbus-1.so.3", "libdbus-1-3"),
    ("libgcc_s.so.1", "libgcc-s1"),
    ("libgdk-3.so.0", "libgtk-3-0 | libgtk-3-0t64"),
    ("libgdk_pixbuf-2.0.so.0", "libgdk-pixbuf-2.0-0"),
    ("libgio-2.0.so.0", "libglib2.0-0 | libglib2.0-0t64"),
    ("libglib-2.0.so.0", "libglib2.0-0 | libglib2.0-0t64"),
    ("libgobject-2.0.so.0", "libglib2.0-0 | libglib2.0-0t64"),
    ("libgtk-3.so.0", "libgtk-3-0 | libgtk-3-0t64"),
    ("libjavascriptcoregtk-4.1.so.0", "libjavascriptcoregtk-4.1-0"),
    ("libsoup-3.0.so.0", "libsoup-3.0-0"),
    ("libstdc++.so.6", "libstdc++6"),
    ("libwebkit2gtk-4.1.so.0", "libwebkit2gtk-4.1-0"),
];

/// Writes `NAME_VERSION_ARCH.deb`.
pub(crate) fn write(
    package: &Package,
    versions: &Versions,
    app: Vec<Entry>,
    options: &Options<'_>,
    target: &Path,
) -> Result<Built, InstallerError> {
    let copyright = format!("usr/share/doc/{}/copyright", package.name);
    let documents = vec![Entry::made(copyright, copyright_text(package))];
    let parts = layout::system_with_folders(package, app, documents)?;
    // Both read every file: together, not one after the other.
    let (control, data) = thread::scope(|scope| {
        let control = scope.spawn(|| control_archive(package, versions, &parts));
        let data = frames::compress(Codec::Xz, &parts, package.time, options);
        (control.join().expect("it does not panic"), data)
    });
    let (control, data) = (control?, data?);
    let mut output = Output::begin(target)?;
    write_members(&mut output, package.time, &control, &data)?;
    if let Some(gpg) = options.gpg {
        add_signature(&mut output, package.time, gpg)?;
    }
    output.finish(false)
}

fn write_members(
    output: &mut Output,
    time: u64,
    control: &[u8],
    data: &Compressed,
) -> Result<(), InstallerError> {
    let failed = output.failed();
    let target = output.target().to_owned();
    let file = output.file();
    file.write_all(AR).map_err(&failed)?;
    member(file, "debian-binary", time, b"2.0\n").map_err(&failed)?;
    member(file, "control.tar.xz", time, control).map_err(&failed)?;
    file.write_all(&member_head("data.tar.xz", time, data.bytes())).map_err(&failed)?;
    data.copy(file, &target)?;
    pad(file, data.bytes()).map_err(&failed)
}

/// Signs what `debsigs` signs, the contents of all members, into the member that it uses.
fn add_signature(output: &mut Output, time: u64, gpg: &sign::Gpg) -> Result<(), InstallerError> {
    let failed = output.failed();
    let mut reader = File::open(output.path()).map_err(&failed)?;
    reader.seek(io::SeekFrom::Start(AR.len() as u64)).map_err(&failed)?;
    let signature = sign::detached(gpg, &mut Members { file: reader, left: 0, pad: false }, false)?;
    member(output.file(), "_gpgorigin", time, &signature).map_err(&failed)
}

/// Reads the contents of an `ar` file's members, one after the other.
struct Members {
    file: File,
    left: u64,
    pad: bool,
}

impl Read for Members {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        while self.left == 0 {
            let mut head = [0; 60];
            let skip = i64::from(self.pad);
            self.file.seek(io::SeekFrom::Current(skip))?;
            if self.file.read(&mut head[..1])? == 0 {
                return Ok(0);
            }
            self.file.read_exact(&mut head[1..])?;
            let size = String::from_utf8_lossy(&head[48..58]).trim().parse();
            self.left = size.map_err(io::Error::other)?;
            self.pad = self.left % 2 == 1;
        }
        let most = usize::try_from(self.left).unwrap_or(usize::MAX).min(into.len());
        let got = self.file.read(&mut into[..most])?;
        self.left -= got as u64;
        Ok(got)
    }
}

fn member(file: &mut File, name: &str, time: u64, data: &[u8]) -> io::Result<()> {
    file.write_all(&member_head(name, time, data.len() as u64))?;
    file.write_all(data)?;
    pad(file, data.len() as u64)
}

fn member_head(name: &str, time: u64, bytes: u64) -> Vec<u8> {
    format!("{name:<16}{time:<12}{:<6}{:<6}{:<8}{bytes:<10}`\n", 0, 0, "100644").into_bytes()
}

fn pad(file: &mut File, bytes: u64) -> io::Result<()> {
    if bytes % 2 == 1 { file.write_all(b"\n") } else { Ok(()) }
}

/// `control.tar.xz`: what dpkg knows of the package.
fn control_archive(
    package: &Package,
    versions: &Versions,
    parts: &[Part],
) -> Result<Vec<u8>, InstallerError> {
    let entries = [
        Entry::made("control", control(package, versions, parts)?),
        Entry::made("md5sums", md5sums(parts)?),
        script("postrm", scripts::deb_postrm(package)),
        script("prerm", scripts::deb_prerm(package)),
    ];
    let mut stream = Vec::new();
    archive::write(&entries, package.time, &mut stream)?;
    stream.extend(archive::END);
    frames::compress_small(&stream)
        .map_err(InstallerError::file("compress", Path::new("control.tar.xz")))
}

fn script(name: &str, text: String) -> Entry {
    let mut entry = Entry::made(name, text);
    if let Node::File { executable, .. } = &mut entry.node {
        *executable = true;
    }
    entry
}

fn control(
    package: &Package,
    versions: &Versions,
    parts: &[Part],
) -> Result<String, InstallerError> {
    let maintainer = package.publisher.as_deref().unwrap_or(&package.title);
    let description = package.description.trim().trim_end_matches('.');
    let description = if description.is_empty() { &package.title } else { description };
    let mut lines = vec![
        format!("Package: {}", package.name),
        format!("Version: {}", versions.sorted),
        format!("Architecture: {}", names::debian_arch(&package.arch)?),
        format!("Maintainer: {maintainer}"),
        format!("Installed-Size: {}", installed_size(parts)),
    ];
    let depends = depends(package)?;
    if !depends.is_empty() {
        lines.push(format!("Depends: {}", depends.join(", ")));
    }
    lines.push("Section: misc".to_owned());
    lines.push("Priority: optional".to_owned());
    if let Some(homepage) = &package.homepage {
        lines.push(format!("Homepage: {homepage}"));
    }
    lines.push(format!("Description: {description}"));
    lines.push(format!(" {} is a desktop app.", package.title));
    Ok(lines.join("\n") + "\n")
}

/// The packages that the shell is linked to, and the app's own.
fn depends(package: &Package) -> Result<Vec<String>, InstallerError> {
    let needs = elf::needs(package)?;
    let mut all = BTreeSet::new();
    if let Some((major, minor)) = needs.glibc {
        all.insert(format!("libc6 (>= {major}.{minor})"));
    }
    let known = LIBRARIES.iter().filter(|(library, _)| needs.libraries.contains(*library));
    all.extend(known.map(|(_, package)| (*package).to_owned()));
    all.extend(package.deb_depends.iter().map(|own| own.trim().to_owned()));
    Ok(all.into_iter().collect())
}

/// In KiB, as `dpkg-gencontrol` counts: files in whole KiB, everything else one.
fn installed_size(parts: &[Part]) -> u64 {
    let entries = parts.iter().flat_map(|part| &part.entries);
    entries
        .map(|entry| match entry.node {
            Node::File { bytes, .. } => bytes.div_ceil(1024),
            Node::Folder | Node::Link(_) => 1,
        })
        .sum()
}

fn md5sums(parts: &[Part]) -> Result<String, InstallerError> {
    let mut lines = String::new();
    for entry in parts.iter().flat_map(|part| &part.entries) {
        let Node::File { contents, .. } = &entry.node else { continue };
        let sum = match contents {
            Contents::Bytes(data) => Md5::digest(data),
            Contents::Path { path, .. } => {
                md5_of(path).map_err(InstallerError::file("read", path))?
            }
        };
        // As `md5sum` writes names with a backslash.
        let (mark, path) = match entry.path.contains('\\') {
            true => ("\\", entry.path.replace('\\', "\\\\")),
            false => ("", entry.path.clone()),
        };
        lines.push_str(&format!("{mark}{}  {path}\n", hex::encode(sum)));
    }
    Ok(lines)
}

fn md5_of(path: &Path) -> io::Result<md5::digest::Output<Md5>> {
    let mut file = File::open(path)?;
    let mut hash = Md5::new();
    let mut buffer = vec![0; 1 << 17];
    loop {
        match file.read(&mut buffer)? {
            0 => return Ok(hash.finalize()),
            got => hash.update(&buffer[..got]),
        }
    }
}

fn copyright_text(package: &Package) -> String {
    let holder = package.publisher.as_deref().unwrap_or(&package.title);
    let license = package.license.as_deref().unwrap_or("LicenseRef-unspecified");
    let source =
        package.homepage.as_ref().map(|page| format!("Source: {page}\n")).unwrap_or_default();
    format!(
        "Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\n\
         Upstream-Name: {}\n{source}\n\
         Files: *\nCopyright: {holder}\nLicense: {license}\n",
        package.title
    )
}
