//! An RPM, by the `rpm` crate.

use std::io;
use std::path::Path;

use rpm::{
    BuildConfig, CompressionWithLevel, Dependency, FileMode, FileOptions, Header, HeaderEntry,
    IndexData, IndexSignatureTag, PackageBuilder, Timestamp,
};

use crate::names::Versions;
use crate::output::Output;
use crate::tree::{Contents, Entry, Node};
use crate::{Built, InstallerError, Options, Package};
use crate::{elf, frames, layout, names, scripts, sign};

/// Writes `NAME-VERSION-1.ARCH.rpm`.
pub(crate) fn write(
    package: &Package,
    versions: &Versions,
    app: Vec<Entry>,
    options: &Options<'_>,
    target: &Path,
) -> Result<Built, InstallerError> {
    let total = app.iter().map(Entry::bytes).sum();
    (options.progress)(0, total);
    let mut builder = describe(package, versions)?;
    let time = Timestamp::from(u32::try_from(package.time).unwrap_or(u32::MAX));
    // RPM owns folders; those of the system stay the system's.
    for part in layout::system(package, app, Vec::new())? {
        for entry in part.entries {
            add(&mut builder, &entry, time).map_err(failed)?;
        }
    }
    let mut made = builder.build().map_err(failed)?;
    add_archive_size(&mut made).map_err(failed)?;
    let mut output = Output::begin(target)?;
    let cannot_write = output.failed();
    made.write(output.file()).map_err(|error| match error {
        rpm::Error::Io(error) => cannot_write(error),
        other => failed(other),
    })?;
    if let Some(gpg) = options.gpg {
        sign::rpm(gpg, &mut output)?;
    }
    (options.progress)(total, total);
    output.finish(false)
}

/// Adds how long the payload is when it is unpacked: `rpm2cpio` compares it.
fn add_archive_size(made: &mut rpm::Package) -> Result<(), rpm::Error> {
    let mut payload = zstd::Decoder::new(made.payload.as_slice())?;
    let bytes = io::copy(&mut payload, &mut io::sink())?;
    let (tag, size) = match u32::try_from(bytes) {
        Ok(bytes) => (IndexSignatureTag::RPMSIGTAG_PAYLOADSIZE, IndexData::Int32(vec![bytes])),
        Err(_) => (IndexSignatureTag::RPMSIGTAG_LONGARCHIVESIZE, IndexData::Int64(vec![bytes])),
    };
    let region = IndexSignatureTag::HEADER_SIGNATURES;
    let there = made.metadata.signature.get_all_entries()?.into_iter();
    // The region's own entry is made anew.
    let there = there.filter(|(tag, _)| *tag != region as u32);
    let entries = there.chain([(tag as u32, size)]);
    let entries = entries.map(|(tag, data)| HeaderEntry::new(tag, data));
    made.metadata.signature = Header::from_entries(entries, region);
    Ok(())
}

fn describe(package: &Package, versions: &Versions) -> Result<PackageBuilder, InstallerError> {
    let license = package.license.as_deref().unwrap_or("LicenseRef-unspecified");
    let arch = names::rpm_arch(&package.arch)?;
    let (name, version) = (&package.name, &versions.sorted);
    let summary = package.description.trim().trim_end_matches('.');
    let summary = if summary.is_empty() { &package.title } else { summary };
    let mut builder = PackageBuilder::new(name, version, license, arch, summary);
    let time = u32::try_from(package.time).unwrap_or(u32::MAX);
    let config =
        BuildConfig::v4().source_date(time).compression(CompressionWithLevel::Zstd(frames::LEVEL));
    builder.using_config(config).release("1").build_host("localhost");
    builder.description(format!("{} is a desktop app.", package.title));
    if let Some(homepage) = &package.homepage {
        builder.url(homepage);
    }
    if let Some(publisher) = &package.publisher {
        builder.vendor(publisher).packager(publisher);
    }
    for dependency in requires(package)? {
        builder.requires(dependency);
    }
    builder.pre_install_script(scripts::rpm_pre(package));
    builder.pre_uninstall_script(scripts::rpm_preun(package));
    Ok(builder)
}

fn add(builder: &mut PackageBuilder, entry: &Entry, time: Timestamp) -> Result<(), rpm::Error> {
    let path = format!("/{}", entry.path);
    let permissions = u16::try_from(entry.mode()).expect("modes have nine bits");
    let file = |path: String| {
        FileOptions::new(path).mode(FileMode::regular(permissions)).modified_at(time)
    };
    match &entry.node {
        Node::Folder => {
            let options = FileOptions::dir(path).permissions(permissions).modified_at(time);
            builder.with_dir_entry(options)?;
        }
        Node::Link(to) => {
            builder.with_symlink(FileOptions::symlink(path, to).modified_at(time))?;
        }
        Node::File { contents: Contents::Bytes(data), .. } => {
            builder.with_file_contents(data.clone(), file(path))?;
        }
        // A hard link would be kept as one, and whether there is one is chance.
        Node::File { contents: Contents::Path { path: source, shared: true }, .. } => {
            builder.with_file_contents(std::fs::read(source)?, file(path))?;
        }
        Node::File { contents: Contents::Path { path: source, shared: false }, .. } => {
            builder.with_file(source, file(path))?;
        }
    }
    Ok(())
}

/// The libraries by their own names, which all distributions' packages provide, and the app's own.
fn requires(package: &Package) -> Result<Vec<Dependency>, InstallerError> {
    let needs = elf::needs(package)?;
    let bits = if needs.wide { "()(64bit)" } else { "" };
    let libraries = needs.libraries.iter().map(|name| Dependency::any(format!("{name}{bits}")));
    let mut all: Vec<_> = libraries.collect();
    if let Some((major, minor)) = needs.glibc {
        let bits = if needs.wide { "(64bit)" } else { "" };
        all.push(Dependency::any(format!("libc.so.6(GLIBC_{major}.{minor}){bits}")));
    }
    for own in &package.rpm_requires {
        all.push(dependency(own)?);
    }
    Ok(all)
}

/// Reads `name`, `name >= 1.2` or `(one or other)`.
fn dependency(text: &str) -> Result<Dependency, InstallerError> {
    let parts: Vec<_> = text.split_whitespace().collect();
    match parts[..] {
        [name] => Ok(Dependency::any(name)),
        [first, ..] if first.starts_with('(') => Ok(Dependency::any(text.trim())),
        [name, "=", version] => Ok(Dependency::eq(name, version)),
        [name, ">=", version] => Ok(Dependency::greater_eq(name, version)),
        [name, "<=", version] => Ok(Dependency::less_eq(name, version)),
        [name, ">", version] => Ok(Dependency::greater(name, version)),
        [name, "<", version] => Ok(Dependency::less(name, version)),
        _ => Err(InstallerError::Invalid {
            what: "dependency",
            value: text.to_owned(),
            reason: "it must have the form `pulseaudio-libs` or `pulseaudio-libs >= 15`",
        }),
    }
}

fn failed(error: rpm::Error) -> InstallerError {
    match error {
        rpm::Error::Io(error) => InstallerError::file("pack", Path::new("the RPM"))(error),
        other => InstallerError::Rpm(other.to_string()),
    }
}
