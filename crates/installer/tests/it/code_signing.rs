//! Programs and installers for Windows are signed, and verified, by osslsigncode; what the tools of
//! macOS and Microsoft would do is told by stand-ins that write down how they were called.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use ensconce_installer::{BundleKind, Certificate, MacosSigner, MacosTool, Notary, WindowsSigner};
use expect_test::expect;

use crate::nsis::unpack;
use crate::world::{MH_DYLIB, MH_EXECUTE, World, program, program_of_macos, run};

const PASSWORD: &str = "päss word$'\"";

/// A certificate that nobody has vouched for, as a PKCS #12 file with a password.
fn certificate(world: &World) -> PathBuf {
    let (key, pem, file) = (world.path("key.pem"), world.path("cert.pem"), world.path("cert.pfx"));
    let mut command = Command::new("openssl");
    command.args(["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=Tester"]);
    command.args(["-addext", "extendedKeyUsage=codeSigning", "-days", "30", "-keyout"]);
    run(command.arg(&key).arg("-out").arg(&pem));
    let mut command = Command::new("openssl");
    command.args(["pkcs12", "-export", "-passout", "env:PASSWORD", "-inkey"]).arg(&key);
    run(command.arg("-in").arg(&pem).arg("-out").arg(&file).env("PASSWORD", PASSWORD));
    file
}

fn signer(with: Certificate) -> WindowsSigner {
    let homepage = Some("https://example.com".into());
    WindowsSigner { with, timestamp: None, title: "Items".into(), homepage }
}

/// A world whose programs are signed by a certificate of its own; the tool's calls are written
/// down.
fn with_certificate() -> World {
    let mut world = World::for_windows();
    let tool = world.path("programs/osslsigncode");
    let calls = world.path("calls");
    program(
        &tool,
        &format!("#!/bin/sh\necho \"$*\" >> '{}'\nexec osslsigncode \"$@\"\n", calls.display()),
    );
    let file = certificate(&world);
    let password = Some(PASSWORD.to_owned());
    world.windows_signer =
        Some(signer(Certificate::OsslSignCode { osslsigncode: tool, file, password }));
    world
}

fn verify(world: &World, file: &Path) -> Output {
    let mut command = Command::new("osslsigncode");
    command.arg("verify").arg("-CAfile").arg(world.path("cert.pem")).arg("-in").arg(file);
    command.output().unwrap()
}

#[track_caller]
fn assert_signed(world: &World, file: &Path) {
    let output = verify(world, file);
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{}: {text}", file.display());
    assert!(text.contains("CN=Tester") || text.contains("CN = Tester"), "{text}");
}

#[test]
fn programs_and_installer_are_signed() {
    let world = with_certificate();
    let built = world.write(BundleKind::Nsis);
    assert_signed(&world, &built.path);
    let unpacked = unpack(&world, &built.path);
    for file in ["items.exe", "ensconce-guard.exe", "uninstall.exe"] {
        assert_signed(&world, &unpacked.join(file));
    }
    // What was given is left as it was.
    assert!(!verify(&world, &world.ready("items.exe")).status.success());
    let calls = fs::read_to_string(world.path("calls")).unwrap();
    assert_eq!(calls.lines().count(), 4, "{calls}");
    assert!(!calls.contains("word"), "the password is no argument: {calls}");
}

#[test]
fn what_others_have_signed_stays_theirs() {
    let world = with_certificate();
    let unpacked = unpack(&world, &world.write(BundleKind::Nsis).path);
    fs::copy(unpacked.join("items.exe"), world.ready("app/other.exe")).unwrap();
    fs::remove_file(world.path("calls")).unwrap();
    fs::remove_dir_all(&unpacked).unwrap();
    let unpacked = unpack(&world, &world.write(BundleKind::Nsis).path);
    let files = [world.ready("app/other.exe"), unpacked.join("app/other.exe")];
    assert!(fs::read(&files[0]).unwrap() == fs::read(&files[1]).unwrap());
    assert_eq!(fs::read_to_string(world.path("calls")).unwrap().lines().count(), 4);
}

#[test]
fn a_wrong_password_leaves_no_installer() {
    let mut world = with_certificate();
    if let Some(Certificate::OsslSignCode { password, .. }) =
        world.windows_signer.as_mut().map(|signer| &mut signer.with)
    {
        *password = Some("wrong-secret".into());
    }
    let error = world.try_write(BundleKind::Nsis).unwrap_err();
    assert!(error.to_string().contains("osslsigncode` failed"), "{error}");
    assert!(!error.to_string().contains("wrong-secret"), "{error}");
    assert!(!world.path("out").exists());
    let shown = format!("{:?}", world.windows_signer);
    assert!(!shown.contains("wrong-secret"), "{shown}");
}

/// A stand-in for a tool, which writes down how it was called, without the folders of this test.
fn recorder(world: &World, name: &str, then: &str) -> PathBuf {
    let path = world.path(&format!("programs/{name}"));
    let calls = world.path("calls");
    program(&path, &format!("#!/bin/sh\necho \"{name} $*\" >> '{}'\n{then}\n", calls.display()));
    path
}

/// The calls of all stand-ins, without what differs from run to run.
fn calls(world: &World) -> String {
    let text = fs::read_to_string(world.path("calls")).unwrap();
    let scratch = world.path("scratch").display().to_string();
    let words = text
        .replace(&format!("{scratch}/"), "@/")
        .replace(&world.path("").display().to_string(), "./");
    let is_work = |word: &&str| word.starts_with("@/work-");
    let short = |line: &str| {
        let words = line.split(' ').map(|word| match word.strip_prefix("@/work-") {
            Some(rest) if is_work(&word) => rest.split_once('/').map_or("", |(_, rest)| rest),
            _ if word.starts_with("/tmp/") => "SECRET-FILE",
            _ => word,
        });
        words.collect::<Vec<_>>().join(" ") + "\n"
    };
    words.lines().map(short).collect()
}

#[test]
fn signtool_signs_with_a_certificate_of_windows() {
    let mut world = World::for_windows();
    fs::remove_file(world.ready("ensconce-guard.exe")).unwrap();
    let signtool = recorder(&world, "signtool", "");
    let mut signer = signer(Certificate::Store { signtool, thumbprint: "0123abcd".into() });
    signer.timestamp = Some("http://time.example.com".into());
    world.windows_signer = Some(signer);
    world.write(BundleKind::Nsis);
    expect![[r#"
        signtool sign /q /fd sha256 /sha1 0123abcd /tr http://time.example.com /td sha256 /d Items /du https://example.com signed/6
        signtool sign /q /fd sha256 /sha1 0123abcd /tr http://time.example.com /td sha256 /d Items /du https://example.com uninstall.exe
        signtool sign /q /fd sha256 /sha1 0123abcd /tr http://time.example.com /td sha256 /d Items /du https://example.com setup.exe
    "#]].assert_eq(&calls(&world));
}

#[test]
fn any_command_can_sign() {
    let mut world = World::for_windows();
    fs::remove_file(world.ready("ensconce-guard.exe")).unwrap();
    let tool = recorder(&world, "tool", "printf signed >> \"$2\"");
    let words = vec![tool.display().to_string(), "--in-place".into(), "{file}".into()];
    world.windows_signer = Some(signer(Certificate::Command(words)));
    let built = world.write(BundleKind::Nsis);
    assert!(fs::read(built.path).unwrap().ends_with(b"signed"));
    expect![[r#"
        tool --in-place signed/6
        tool --in-place uninstall.exe
        tool --in-place setup.exe
    "#]]
    .assert_eq(&calls(&world));
}

/// An app with programs and libraries in many places.
fn nested(
    with: impl FnOnce(&World) -> MacosTool,
    notary: impl FnOnce(&World) -> Option<Notary>,
) -> World {
    let mut world = World::for_macos();
    world.package.title = "Items".into();
    program_of_macos(&world.ready("runtime/python/bin/python3.12"), MH_EXECUTE);
    program_of_macos(&world.ready("runtime/python/lib/a/b/native.so"), MH_DYLIB);
    program_of_macos(&world.ready("runtime/python/lib/libpython.dylib"), MH_DYLIB);
    program_of_macos(&world.ready("app/without ending"), MH_EXECUTE);
    // Java's classes begin as programs for several processors do.
    fs::write(world.ready("app/Main.class"), [0xca, 0xfe, 0xba, 0xbe, 0, 0, 0, 52]).unwrap();
    let signer = MacosSigner { with: with(&world), entitlements: None, notary: notary(&world) };
    world.macos_signer = Some(signer);
    world
}

fn codesign(world: &World) -> MacosTool {
    let codesign = recorder(world, "codesign", "");
    MacosTool::Codesign { codesign, identity: "Developer ID Application: Ada (ABC)".into() }
}

#[test]
fn everything_is_signed_from_the_inside_out() {
    let world = nested(codesign, |_| None);
    world.write(BundleKind::App);
    expect![[r#"
        codesign --force --sign Developer ID Application: Ada (ABC) --options runtime --timestamp image/Items.app/Contents/Resources/runtime/python/lib/a/b/native.so
        codesign --force --sign Developer ID Application: Ada (ABC) --options runtime --timestamp --entitlements entitlements.plist image/Items.app/Contents/Resources/runtime/python/bin/python3.12
        codesign --force --sign Developer ID Application: Ada (ABC) --options runtime --timestamp image/Items.app/Contents/Resources/runtime/python/lib/libpython.dylib
        codesign --force --sign Developer ID Application: Ada (ABC) --options runtime --timestamp --entitlements entitlements.plist image/Items.app/Contents/Resources/app/without ending
        codesign --force --sign Developer ID Application: Ada (ABC) --options runtime --timestamp --entitlements entitlements.plist image/Items.app/Contents/MacOS/ensconce-guard
        codesign --force --sign Developer ID Application: Ada (ABC) --options runtime --timestamp --entitlements entitlements.plist image/Items.app
        codesign --verify --deep --strict image/Items.app
    "#]].assert_eq(&calls(&world));
}

#[test]
fn notarytool_is_asked_and_the_ticket_fastened() {
    let world = nested(codesign, |world| {
        let key = world.path("AuthKey.p8");
        fs::write(&key, "key").unwrap();
        let xcrun = recorder(world, "xcrun", "echo '  status: Accepted'");
        Some(Notary::Key { xcrun, key, id: "KEYID".into(), issuer: "ISSUER".into() })
    });
    world.write(BundleKind::App);
    let all = calls(&world);
    let asked: String = all
        .lines()
        .filter(|line| line.starts_with("xcrun"))
        .map(|line| line.to_owned() + "\n")
        .collect();
    expect![[r#"
        xcrun notarytool submit --wait --key ./AuthKey.p8 --key-id KEYID --issuer ISSUER notary.zip
        xcrun stapler staple image/Items.app
    "#]]
    .assert_eq(&asked);
}

#[test]
fn what_apple_refuses_is_no_package() {
    let world = nested(codesign, |world| {
        let xcrun = recorder(world, "xcrun", "echo '  status: Invalid'");
        Some(Notary::Profile { xcrun, profile: "notary".into() })
    });
    let error = world.try_write(BundleKind::App).unwrap_err();
    assert!(error.to_string().contains("status: Invalid"), "{error}");
    assert!(!error.hints().is_empty());
    assert!(!world.path("out/items-1.2.0-rc.1-macos-aarch64.zip").exists());
    assert!(!calls(&world).contains("stapler"));
}

#[test]
fn rcodesign_gets_its_password_in_a_file() {
    let world = nested(
        |world| {
            let certificate = world.path("cert.p12");
            fs::write(&certificate, "certificate").unwrap();
            let file = world.path("passwords");
            let then = format!("if [ $1 = sign ]; then cat \"$5\" >> '{}'; fi", file.display());
            let rcodesign = recorder(world, "rcodesign", &then);
            MacosTool::Rcodesign { rcodesign, certificate, password: Some("secret;".into()) }
        },
        |world| {
            let key = world.path("key.json");
            fs::write(&key, "{}").unwrap();
            Some(Notary::Rcodesign { rcodesign: world.path("programs/rcodesign"), key })
        },
    );
    world.write(BundleKind::App);
    let calls = calls(&world);
    assert!(!calls.contains("secret;"), "{calls}");
    let passwords = fs::read_to_string(world.path("passwords")).unwrap();
    assert!(passwords.starts_with("secret;secret;"), "{passwords}");
    let last: String = calls.lines().rev().take(2).map(|line| line.to_owned() + "\n").collect();
    expect![[r#"
        rcodesign notary-submit --api-key-file ./key.json --staple image/Items.app
        rcodesign sign --p12-file ./cert.p12 --p12-password-file SECRET-FILE --code-signature-flags runtime --entitlements-xml-file entitlements.plist image/Items.app
    "#]]
    .assert_eq(&last);
}

#[test]
fn files_that_signing_needs_are_looked_for_first() {
    let world = nested(codesign, |_| {
        Some(Notary::Rcodesign { rcodesign: "rcodesign".into(), key: "/nowhere/key.json".into() })
    });
    let error = world.try_write(BundleKind::App).unwrap_err();
    assert!(error.to_string().contains("/nowhere/key.json"), "{error}");
    assert!(!world.path("calls").exists());
}
