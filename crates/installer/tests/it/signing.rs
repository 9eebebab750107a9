//! What is signed is verified by gpg, debsig-verify and rpm.

use std::fs;
use std::process::Command;

use ensconce_installer::{BundleKind, Gpg, checksums, sign};

use crate::world::{World, program, run, tool};

/// A world with a key of its own; the `gpg` that is given writes down its calls.
fn with_key() -> World {
    let mut world = World::new();
    let home = world.path("gnupg");
    fs::create_dir(&home).unwrap();
    run(Command::new("chmod").arg("700").arg(&home));
    let gpg = world.path("programs/gpg");
    let text = format!(
        "#!/bin/sh\necho \"$*\" >> '{}'\nGNUPGHOME='{}' exec gpg \"$@\"\n",
        world.path("calls").display(),
        home.display()
    );
    program(&gpg, &text);
    let mut command = Command::new(&gpg);
    command.args(["--batch", "--passphrase", "", "--quick-generate-key"]);
    run(command.args(["Tester <tester@example.com>", "rsa3072", "sign", "never"]));
    fs::remove_file(world.path("calls")).unwrap();
    world.gpg = Some(Gpg { program: gpg, key: "tester@example.com".into() });
    world
}

fn gpg(world: &World, words: &[&str]) -> String {
    run(Command::new(&world.gpg.as_ref().unwrap().program).args(words))
}

fn stop_agent(world: &World) {
    run(Command::new("gpgconf").args(["--kill", "all"]).env("GNUPGHOME", world.path("gnupg")));
}

fn fingerprint(world: &World) -> String {
    let keys = gpg(world, &["--batch", "--with-colons", "--list-keys"]);
    let line = keys.lines().find(|line| line.starts_with("fpr")).unwrap();
    line.split(':').nth(9).unwrap().to_owned()
}

#[test]
fn checksums_are_verified() {
    let world = with_key();
    let built = [world.write(BundleKind::Tar), world.write(BundleKind::Deb)];
    let sums = checksums(&built, &world.path("out")).unwrap();
    let mut command = Command::new("sha256sum");
    let read = run(command.args(["--strict", "-c", "SHA256SUMS"]).current_dir(world.path("out")));
    assert_eq!(read.matches(": OK").count(), 2, "{read}");
    let names: Vec<_> = read.lines().collect();
    assert!(names.is_sorted(), "{names:?}");
    let signature = sign(world.gpg.as_ref().unwrap(), &sums.path).unwrap();
    assert!(signature.path.ends_with("SHA256SUMS.asc"));
    gpg(&world, &["--verify", signature.path.to_str().unwrap(), sums.path.to_str().unwrap()]);
    let calls = fs::read_to_string(world.path("calls")).unwrap();
    let first = calls.lines().next().unwrap();
    assert!(first.contains("--local-user tester@example.com"), "{calls}");
    stop_agent(&world);
}

#[test]
fn a_deb_is_verified() {
    let world = with_key();
    let built = world.write(BundleKind::Deb);
    let key = fingerprint(&world);
    let id = &key[24..];
    let (policies, keyrings) = (world.path("policies"), world.path("keyrings"));
    fs::create_dir_all(policies.join(id)).unwrap();
    fs::create_dir_all(keyrings.join(id)).unwrap();
    let keyring = keyrings.join(id).join("key.gpg");
    gpg(&world, &["--batch", "--output", keyring.to_str().unwrap(), "--export"]);
    let policy = format!(
        "<?xml version=\"1.0\"?>\n<!DOCTYPE Policy SYSTEM \
         \"https://www.debian.org/debsig/1.0/policy.dtd\">\n\
         <Policy xmlns=\"https://www.debian.org/debsig/1.0/\">\n\
         <Origin Name=\"Test\" id=\"{id}\" Description=\"Test\"/>\n\
         <Selection><Required Type=\"origin\" File=\"key.gpg\" id=\"{id}\"/></Selection>\n\
         <Verification><Required Type=\"origin\" File=\"key.gpg\" id=\"{id}\"/></Verification>\n\
         </Policy>\n"
    );
    fs::write(policies.join(id).join("test.pol"), policy).unwrap();
    let verify = |file: &std::path::Path| {
        let mut command = Command::new("debsig-verify");
        command.arg("--policies-dir").arg(&policies).arg("--keyrings-dir").arg(&keyrings);
        command.arg(file).output().unwrap()
    };
    let output = verify(&built.path);
    assert!(output.status.success(), "{output:?}");
    // dpkg does not mind the signature.
    tool("dpkg-deb --info @", &built.path);
    tool("dpkg-deb --contents @", &built.path);
    let mut data = fs::read(&built.path).unwrap();
    let middle = data.len() / 2;
    data[middle] ^= 1;
    let changed = world.path("changed.deb");
    fs::write(&changed, data).unwrap();
    assert!(!verify(&changed).status.success());
    stop_agent(&world);
}

#[test]
fn an_rpm_is_verified() {
    let world = with_key();
    let built = world.write(BundleKind::Rpm);
    let sum = tool("sha256sum @", &built.path);
    assert!(sum.starts_with(&built.sha256), "it is the sum of the signed file");
    let key = world.path("key.asc");
    gpg(&world, &["--batch", "--armor", "--output", key.to_str().unwrap(), "--export"]);
    let database = world.path("rpmdb");
    let rpmkeys = |words: &[&str], file: &std::path::Path| {
        run(Command::new("rpmkeys").arg("--dbpath").arg(&database).args(words).arg(file))
    };
    rpmkeys(&["--import"], &key);
    let checked = rpmkeys(&["--checksig", "-v"], &built.path);
    assert!(checked.contains("Signature, key ID"), "{checked}");
    assert!(!checked.contains("NOT"), "{checked}");
    stop_agent(&world);
}

#[test]
fn a_key_that_is_not_there_leaves_no_package() {
    let mut world = with_key();
    world.gpg.as_mut().unwrap().key = "nobody@example.com".into();
    for kind in [BundleKind::Deb, BundleKind::Rpm] {
        let error = world.try_write(kind).unwrap_err();
        assert!(error.to_string().contains("failed"), "{error}");
        assert!(!error.hints().is_empty(), "{error}");
        assert_eq!(fs::read_dir(world.path("out")).unwrap().count(), 0, "{kind:?}");
    }
    world.gpg.as_mut().unwrap().program = "/nowhere/gpg".into();
    let error = world.try_write(BundleKind::Deb).unwrap_err();
    assert!(error.to_string().contains("Cannot run `/nowhere/gpg`"), "{error}");
    stop_agent(&world);
}
