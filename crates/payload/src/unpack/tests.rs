//! Archives made by the test, good ones and hostile ones.

use std::io::Write;

use expect_test::{Expect, expect};

use super::*;

/// A tar archive of files (with a text) and links (with a target).
fn tar_of(entries: &[(&str, EntryType, &str)]) -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    for (path, kind, text) in entries {
        let mut header = tar::Header::new_gnu();
        header.set_entry_type(*kind);
        header.set_mode(0o755);
        // Written raw: the crate itself refuses what an attacker would write.
        header.as_mut_bytes()[..path.len()].copy_from_slice(path.as_bytes());
        if *kind == EntryType::Regular {
            header.set_size(text.len() as u64);
            header.set_cksum();
            builder.append(&header, text.as_bytes()).unwrap();
        } else {
            header.set_size(0);
            header.set_link_name_literal(text).unwrap();
            header.set_cksum();
            builder.append(&header, &b""[..]).unwrap();
        }
    }
    builder.into_inner().unwrap()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn unpacked(bytes: &[u8]) -> Result<tempfile::TempDir, PayloadError> {
    let folder = tempfile::tempdir().unwrap();
    let archive = folder.path().join("archive");
    fs::write(&archive, bytes).unwrap();
    let into = folder.path().join("into");
    fs::create_dir(&into).unwrap();
    unpack(&archive, &into).map(|()| folder)
}

fn check_fault(bytes: &[u8], expected: Expect) {
    let error = unpacked(bytes).unwrap_err();
    let PayloadError::Archive { why, .. } = error else { panic!("{error}") };
    expected.assert_eq(&why);
}

const FILE: EntryType = EntryType::Regular;

#[test]
fn one_top_folder_goes_even_when_it_holds_its_own_name() {
    let tar = tar_of(&[
        ("node/bin/run", FILE, "x"),
        ("node/node", FILE, "y"),
        ("node/link", EntryType::Symlink, "bin/run"),
    ]);
    for bytes in [gzip(&tar), tar] {
        let into = unpacked(&bytes).unwrap();
        let into = into.path().join("into");
        assert_eq!(fs::read_to_string(into.join("link")).unwrap(), "x");
        assert_eq!(fs::read_to_string(into.join("node")).unwrap(), "y");
        assert_eq!(fs::read_dir(&into).unwrap().count(), 3);
    }
}

/// Packs with the programs that people pack with.
#[cfg(target_os = "linux")]
#[test]
fn what_real_programs_pack_is_unpacked() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("top")).unwrap();
    fs::write(folder.path().join("top/ü"), "text").unwrap();
    for compression in ["--gzip", "--xz", "--zstd"] {
        let archive = folder.path().join("archive");
        let mut command = std::process::Command::new("tar");
        command.args([compression, "-cf"]).arg(&archive).arg("-C").arg(folder.path()).arg("top");
        assert!(command.status().unwrap().success(), "tar {compression}");
        let into = unpacked(&fs::read(&archive).unwrap()).unwrap();
        assert_eq!(fs::read_to_string(into.path().join("into/ü")).unwrap(), "text");
    }
}

#[test]
fn nothing_gets_out() {
    check_fault(&tar_of(&[("../out", FILE, "x")]), expect!["../out would be outside its folder"]);
    check_fault(&tar_of(&[("/out", FILE, "x")]), expect!["/out would be outside its folder"]);
    check_fault(
        &tar_of(&[("a", EntryType::Symlink, "/etc")]),
        expect!["The link a leads outside: /etc"],
    );
    check_fault(
        &tar_of(&[("d/a", EntryType::Symlink, "../../x")]),
        expect!["The link d/a leads outside: ../../x"],
    );
    check_fault(
        &tar_of(&[("a", EntryType::Link, "/etc/passwd")]),
        expect!["/etc/passwd would be outside its folder"],
    );
    check_fault(
        &tar_of(&[("a", EntryType::Fifo, "")]),
        expect!["a is a device or another special file"],
    );
}

#[cfg(unix)]
#[test]
fn links_that_leave_by_other_links_are_refused() {
    let tar = tar_of(&[
        ("a/b/up", EntryType::Symlink, "../.."),
        ("out", EntryType::Symlink, "a/b/up/.."),
    ]);
    check_fault(&tar, expect!["out would be outside its folder"]);
}

#[test]
fn half_an_archive_is_an_error() {
    let noise: String =
        (0..40_000u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 7).to_string()).collect();
    let whole = gzip(&tar_of(&[("top/file", FILE, &noise)]));
    let error = unpacked(&whole[..whole.len() / 2]).unwrap_err();
    assert!(matches!(error, PayloadError::Archive { .. }), "{error}");
    check_fault(b"<html>", expect!["It is not an archive of a known kind"]);
    check_fault(&tar_of(&[]), expect!["It is not an archive of a known kind"]);
}

#[cfg(unix)]
#[test]
fn zip_keeps_modes_and_links_inside() {
    use std::os::unix::fs::PermissionsExt;
    use zip::write::SimpleFileOptions;
    let zipped = |link: &str| {
        let mut zip = zip::ZipWriter::new(io::Cursor::new(Vec::new()));
        zip.start_file("top/run", SimpleFileOptions::default().unix_permissions(0o755)).unwrap();
        zip.write_all(b"x").unwrap();
        zip.add_symlink("top/link", link, SimpleFileOptions::default()).unwrap();
        zip.finish().unwrap().into_inner()
    };
    let into = unpacked(&zipped("run")).unwrap();
    let into = into.path().join("into");
    assert_eq!(fs::read_to_string(into.join("link")).unwrap(), "x");
    assert_eq!(fs::metadata(into.join("run")).unwrap().permissions().mode() & 0o777, 0o755);
    check_fault(&zipped("/etc"), expect!["The link top/link leads outside: /etc"]);
}
