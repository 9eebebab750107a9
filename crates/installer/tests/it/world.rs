//! A small app that has every kind of file, and the tools that look at its packages.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;

use ensconce_installer::{
    Built, BundleKind, FileType, Gpg, InstallerError, MacosSigner, Options, Package, System,
    WindowsSigner,
};
use tempfile::TempDir;

/// A folder that is gone after the test, and the app in it.
pub(crate) struct World {
    pub(crate) folder: TempDir,
    pub(crate) package: Package,
    pub(crate) runtime: Option<PathBuf>,
    pub(crate) gpg: Option<Gpg>,
    pub(crate) windows_signer: Option<WindowsSigner>,
    pub(crate) macos_signer: Option<MacosSigner>,
}

impl World {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let ready = folder.path().join("ready");
        make_app(&ready);
        let icon = folder.path().join("icon.png");
        picture(400, 400, &icon);
        let package = Package {
            name: "items".into(),
            id: "com.example.items".into(),
            title: "Items & Things".into(),
            version: "1.2.0-rc.1".into(),
            description: "Keeps things in order".into(),
            publisher: Some("Example <mail@example.com>".into()),
            homepage: Some("https://example.com/items".into()),
            license: Some("MIT".into()),
            categories: vec!["Office".into()],
            icon: Some(icon),
            file_types: vec![FileType {
                mime: "application/x-items".into(),
                extensions: vec!["items".into()],
                name: Some("Items <list>".into()),
            }],
            schemes: vec!["items".into()],
            has_settings: true,
            deb_depends: vec!["libpulse0".into()],
            info_plist: None,
            system: System::Linux,
            rpm_requires: vec!["pulseaudio-libs >= 15".into()],
            folder: ready,
            arch: std::env::consts::ARCH.into(),
            time: 1_700_000_000,
        };
        Self { folder, package, runtime: None, gpg: None, windows_signer: None, macos_signer: None }
    }

    pub(crate) fn path(&self, relative: &str) -> PathBuf {
        self.folder.path().join(relative)
    }

    pub(crate) fn ready(&self, relative: &str) -> PathBuf {
        self.package.folder.join(relative)
    }

    pub(crate) fn try_write(&self, kind: BundleKind) -> Result<Built, InstallerError> {
        let (cache, scratch) = (self.path("cache"), self.path("scratch"));
        let progress = |done: u64, total: u64| assert!(done <= total, "{done} of {total}");
        let options = Options {
            cache: &cache,
            scratch: &scratch,
            windows_signer: self.windows_signer.as_ref(),
            macos_signer: self.macos_signer.as_ref(),
            appimage_runtime: self.runtime.clone(),
            gpg: self.gpg.as_ref(),
            progress: &progress,
        };
        ensconce_installer::write(kind, &self.package, &options, &self.path("out"))
    }

    pub(crate) fn write(&self, kind: BundleKind) -> Built {
        self.try_write(kind).unwrap_or_else(|error| panic!("{error}\n{:?}", error.hints()))
    }

    /// The same app for Windows, with stand-ins for its programs.
    pub(crate) fn for_windows() -> Self {
        let mut world = Self::new();
        world.package.system = System::Windows;
        world.package.arch = "x86_64".into();
        for name in ["items", "ensconce-guard"] {
            fs::remove_file(world.ready(name)).unwrap();
            fs::write(world.ready(&format!("{name}.exe")), pe(name)).unwrap();
        }
        // Too long for Windows.
        fs::remove_file(world.ready(&long_path())).unwrap();
        fs::remove_dir_all(world.ready(&long_path()).parent().unwrap()).unwrap();
        fs::remove_dir(world.ready(&long_path()).parent().unwrap().parent().unwrap()).unwrap();
        world
    }

    /// The same app for macOS, with stand-ins for its programs.
    pub(crate) fn for_macos() -> Self {
        let mut world = Self::new();
        world.package.system = System::Macos;
        world.package.arch = "aarch64".into();
        for name in ["items", "ensconce-guard"] {
            program_of_macos(&world.ready(name), MH_EXECUTE);
        }
        world
    }

    /// A stand-in for the AppImage runtime: a program with its mark.
    pub(crate) fn with_runtime(mut self) -> Self {
        let path = self.path("runtime");
        let mut data = fs::read("/bin/true").unwrap();
        data[8..11].copy_from_slice(b"AI\x02");
        fs::write(&path, data).unwrap();
        self.runtime = Some(path);
        self
    }
}

/// A program of the system is the app's own, so that it can really be run.
fn make_app(ready: &Path) {
    let write = |relative: &str, data: &[u8], mode: u32| {
        let path = ready.join(relative);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, data).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
    };
    write("items", &fs::read("/bin/sleep").unwrap(), 0o775);
    write("ensconce-guard", &fs::read("/bin/true").unwrap(), 0o700);
    write("ensconce.toml", b"[app]\n", 0o600);
    write("app/main.py", b"print('hello')\n", 0o444);
    write("app/näïve file – ü.txt", "schön\n".as_bytes(), 0o640);
    write(&format!("app/{}.txt", "n".repeat(150)), b"long name\n", 0o644);
    write(&long_path(), b"long path\n", 0o644);
    write("app/tool.sh", b"#!/bin/sh\necho tool\n", 0o744);
    fs::hard_link(ready.join("app/tool.sh"), ready.join("app/same-tool.sh")).unwrap();
    fs::create_dir(ready.join("app/empty")).unwrap();
    write("runtime/python/bin/python3.12", b"#!/bin/sh\necho python\n", 0o755);
    symlink("python3.12", ready.join("runtime/python/bin/python3")).unwrap();
    write("runtime/python/lib/large.bin", &noise(3 << 20), 0o644);
    write("runtime/node/large.bin", &noise(2 << 20), 0o644);
}

/// A program of Windows that is as small as can be, and that tools take for one.
pub(crate) fn pe(text: &str) -> Vec<u8> {
    let mut data = vec![0; 0x400];
    let mut put = |at: usize, bytes: &[u8]| data[at..at + bytes.len()].copy_from_slice(bytes);
    put(0, b"MZ");
    put(0x3c, &0x80_u32.to_le_bytes());
    put(0x80, b"PE\0\0");
    // x86-64, one section, an optional header of 240 bytes; it is a program.
    put(0x84, &[0x64, 0x86, 1, 0]);
    put(0x94, &[240, 0, 0x22, 0]);
    // PE32+, whose sections begin at multiples of 0x1000 in memory and of 0x200 here.
    put(0x98, &[0x0b, 0x02]);
    put(0xa8, &0x1000_u32.to_le_bytes());
    put(0xb8, &[0x00, 0x10, 0, 0, 0x00, 0x02]);
    put(0xc0, &[6, 0, 0, 0, 0, 0, 0, 0, 6, 0]);
    put(0xd0, &0x2000_u32.to_le_bytes());
    put(0xd4, &0x200_u32.to_le_bytes());
    put(0xdc, &[3, 0]);
    put(0x104, &16_u32.to_le_bytes());
    put(0x188, b".text\0\0\0");
    put(0x190, &[0, 0x10, 0, 0, 0, 0x10, 0, 0, 0, 2, 0, 0, 0, 2, 0, 0]);
    put(0x1ac, &0x6000_0020_u32.to_le_bytes());
    put(0x200, text.as_bytes());
    data
}

/// The kind of a Mach-O file: a program, or a library.
pub(crate) const MH_EXECUTE: u32 = 2;
pub(crate) const MH_DYLIB: u32 = 6;

/// Writes a header of macOS for ARM, without anything behind it.
pub(crate) fn program_of_macos(path: &Path, kind: u32) {
    let words = [0xfeed_facf_u32, 0x0100_000c, 0, kind, 0, 0, 0, 0];
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, words.map(u32::to_le_bytes).concat()).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
}

/// 300 bytes and more.
pub(crate) fn long_path() -> String {
    format!("app/{}/{}/{}.txt", "a".repeat(120), "b".repeat(120), "c".repeat(80))
}

/// Bytes that do not compress well.
pub(crate) fn noise(bytes: usize) -> Vec<u8> {
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()
    };
    (0..bytes / 8).flat_map(|_| next()).collect()
}

pub(crate) fn picture(width: u32, height: u32, path: &Path) {
    let picture = image::RgbaImage::from_fn(width, height, |x, y| {
        image::Rgba([x.to_le_bytes()[0], y.to_le_bytes()[0], 90, 255])
    });
    picture.save(path).unwrap();
}

/// Runs a tool, and returns what it wrote when it ended well.
pub(crate) fn run(command: &mut Command) -> String {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{command:?}\n{text}{errors}");
    text + &errors
}

/// Runs a tool with words of one line; `@` stands for the file.
pub(crate) fn tool(line: &str, file: &Path) -> String {
    let mut words = line.split(' ');
    let mut command = Command::new(words.next().unwrap());
    for word in words {
        match word {
            "@" => command.arg(file),
            word => command.arg(word),
        };
    }
    run(&mut command)
}

/// Looks that what is installed is what was in the folder.
pub(crate) fn assert_same_app(ready: &Path, installed: &Path) {
    for relative in ["items", "app/main.py", "app/näïve file – ü.txt", &long_path()] {
        let (one, other) = (ready.join(relative), installed.join(relative));
        assert!(fs::read(one).unwrap() == fs::read(&other).unwrap(), "{}", other.display());
    }
    run(Command::new("diff").arg("-r").arg(ready.join("app")).arg(installed.join("app")));
    run(Command::new("diff").arg("-r").arg(ready.join("runtime")).arg(installed.join("runtime")));
    assert_eq!(mode(&installed.join("items")), 0o755);
    assert_eq!(mode(&installed.join("app/main.py")), 0o644);
    assert_eq!(mode(&installed.join("app/same-tool.sh")), 0o755);
    let link = installed.join("runtime/python/bin/python3");
    assert_eq!(fs::read_link(link).unwrap(), Path::new("python3.12"));
}

pub(crate) fn mode(path: &Path) -> u32 {
    fs::symlink_metadata(path).unwrap().permissions().mode() & 0o7777
}

/// Writes a program of a few lines.
pub(crate) fn program(path: &Path, text: &str) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
}
