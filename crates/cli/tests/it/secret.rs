//! `ensconce secret`, and what an app does without a secret that somebody has to give.

use std::fs;
use std::io::Write;
use std::process::Stdio;

use insta::assert_snapshot;
use serde_json::Value;

use crate::world::{PAGES, World};

const SECRETS: &str = r#"[ui]
static = "pages"
[secret.session]
generate = 32
[secret.api-key]
[service.api]
command = ["sh", "-c", "printf %s \"$KEY\" > $FILE; echo runs; exec sleep 60"]
env = { KEY = "{secret.api-key}", SESSION = "{secret.session}", FILE = "{data}/key" }
ready = { log = "runs" }
"#;

impl World {
    fn run_with(&self, line: &str, input: &[u8]) -> String {
        self.run_with_passphrase(line, input, None)
    }

    fn run_with_passphrase(&self, line: &str, input: &[u8], passphrase: Option<&str>) -> String {
        let mut command = self.command(line);
        if let Some(passphrase) = passphrase {
            fs::write(self.app().join("passphrase"), passphrase).unwrap();
            command.env("ENSCONCE_PASSPHRASE_FILE", self.app().join("passphrase"));
        }
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        // Who refuses at once does not read it.
        let _ = child.stdin.take().unwrap().write_all(input);
        let output = child.wait_with_output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        self.screen(output.status.code(), &text(output.stdout), &text(output.stderr))
    }
}

#[test]
fn from_nothing_to_a_value_and_back() {
    let world = World::new(SECRETS);
    assert_snapshot!(world.run("secret list"), @"
    exit code: 0
    ----- stdout -----
    session  not generated yet
    api-key  not set; set it with: ensconce secret set api-key

    ----- stderr -----
    The first start decides where they are kept
    ");
    assert_snapshot!(world.run_with("secret set api-key", b"sk-1 \"two\"\nthree\n"), @"
    exit code: 0
    ----- stdout -----

    ----- stderr -----
    warning: No keychain (there is no session bus); secrets are kept in an encrypted file
    api-key is kept in an encrypted file
    ");
    assert_snapshot!(world.run("secret rotate session"), @"
    exit code: 0
    ----- stdout -----

    ----- stderr -----
    session was generated anew, and is kept in an encrypted file
    ");
    assert_snapshot!(world.run("secret list"), @"
    exit code: 0
    ----- stdout -----
    session  generated, in an encrypted file
    api-key  given, in an encrypted file

    ----- stderr -----
    Notes keeps its secrets in an encrypted file
    ");
    assert_snapshot!(world.run("secret rm api-key"), @"
    exit code: 0
    ----- stdout -----

    ----- stderr -----
    api-key was removed
    ");
    assert_snapshot!(world.run("secret rm api-key"), @"
    exit code: 0
    ----- stdout -----

    ----- stderr -----
    api-key is not set
    ");
    let listed = world.command("secret list --json").output().unwrap();
    let listed: Value = serde_json::from_slice(&listed.stdout).unwrap();
    assert_eq!(listed["store"], "file");
    assert_eq!(listed["secrets"][0]["name"], "session");
    assert_eq!(listed["secrets"][0]["kept"], "file");
    assert_eq!(listed["secrets"][1]["set"], false);
}

#[test]
fn what_is_not_a_secret_or_not_a_value() {
    let world = World::new(SECRETS);
    assert_snapshot!(world.run_with("secret set api-kex", b"x"), @"
    exit code: 2
    ----- stdout -----

    ----- stderr -----
    error: There is no secret `api-kex`
    hint: Did you mean `api-key`?
    ");
    assert_snapshot!(world.run("secret rm nothing-like-it"), @"
    exit code: 2
    ----- stdout -----

    ----- stderr -----
    error: There is no secret `nothing-like-it`
    hint: Known names: session, api-key
    ");
    assert_snapshot!(world.run("secret rotate api-key"), @"
    exit code: 2
    ----- stdout -----

    ----- stderr -----
    error: The secret `api-key` is not generated
    hint: Set it: ensconce secret set api-key
    ");
    assert_snapshot!(world.run_with("secret set api-key", b"\n"), @"
    exit code: 2
    ----- stdout -----

    ----- stderr -----
    error: The value is empty
    hint: Pass it on stdin: ensconce secret set NAME < FILE
    ");
    assert_snapshot!(world.run_with("secret set api-key", b"\xff\xfe"), @"
    exit code: 2
    ----- stdout -----

    ----- stderr -----
    error: The value is not UTF-8 text
    hint: Pass it on stdin: ensconce secret set NAME < FILE
    ");
    let long = world.run_with("secret set api-key", &vec![b'x'; 1024 * 1024 + 1]);
    assert!(long.starts_with("exit code: 2") && long.contains("longer than 1 MiB"), "{long}");
    assert!(!world.data(".ensconce/secrets.sealed").exists());
    assert_snapshot!(World::new(PAGES).run("secret set x"), @"
    exit code: 2
    ----- stdout -----

    ----- stderr -----
    error: There is no secret `x`
    hint: The manifest has none; add [secret.x]
    ");
    assert_snapshot!(World::new(PAGES).run("secret list"), @"
    exit code: 0
    ----- stdout -----

    ----- stderr -----
    Notes has no secrets
    ");
}

#[test]
fn a_secret_that_is_not_set_is_said_by_name_and_then_used() {
    let world = World::new(SECRETS);
    assert_snapshot!(world.run("run --headless"), @"
    exit code: 1
    ----- stdout -----

    ----- stderr -----
    warning: No keychain (there is no session bus); secrets are kept in an encrypted file
    api        * failed
    error: Notes: `api` cannot be started: The secret `api-key` is not set. Set it with: ensconce secret set api-key
    after [TIME]
    log: [ROOT]/home/.local/state/com.example.notes/logs/api.log
    report: [ROOT]/home/.local/state/com.example.notes/logs/reports/[DATE]-api.txt
    ");
    let key = "spaces, \"quotes\", $HOME\nand lines";
    world.run_with("secret set api-key", key.as_bytes());
    let app = world.start("run --headless");
    app.line();
    assert_eq!(fs::read_to_string(world.data("key")).unwrap(), key);
    let told = world.run_with("secret set api-key", b"another");
    assert!(told.contains("uses the former value until its next start"), "{told}");
    assert_eq!(app.stop().code, Some(0));
    let app = world.start("run --headless");
    app.line();
    assert_eq!(fs::read_to_string(world.data("key")).unwrap(), "another");
    assert_eq!(app.stop().code, Some(0));
    world.assert_clean();
}

#[test]
fn folders_of_their_own_have_secrets_of_their_own() {
    let world = World::new(SECRETS);
    world.run_with("secret set api-key --data-dir one", b"1");
    assert!(world.run("secret list --data-dir one").contains("given, in an encrypted file"));
    assert!(world.run("secret list --data-dir two").contains("not set; set it with"));
}

#[test]
fn another_store_takes_the_secrets_along() {
    let world = World::new(SECRETS);
    world.run_with("secret set api-key", b"value");
    assert_snapshot!(world.run("secret use passphrase"), @"
    exit code: 2
    ----- stdout -----

    ----- stderr -----
    error: There is no passphrase, and no terminal to ask for one
    hint: Write it to a file, and set ENSCONCE_PASSPHRASE_FILE to its path
    ");
    let words = Some("four words of mine\n");
    assert_snapshot!(world.run_with_passphrase("secret use passphrase", b"", words), @"
    exit code: 0
    ----- stdout -----

    ----- stderr -----
    Notes keeps its secrets in an encrypted file with a passphrase
    ");
    assert_snapshot!(world.run("secret rm api-key"), @"
    exit code: 1
    ----- stdout -----

    ----- stderr -----
    error: [ROOT]/home/.local/share/com.example.notes/.ensconce/secrets.sealed needs its passphrase
    hint: Write it to a file, and set ENSCONCE_PASSPHRASE_FILE to its path
    ");
    let other = Some("four words of yours");
    assert_snapshot!(world.run_with_passphrase("secret rm api-key", b"", other), @"
    exit code: 1
    ----- stdout -----

    ----- stderr -----
    error: [ROOT]/home/.local/share/com.example.notes/.ensconce/secrets.sealed does not open: the passphrase is wrong, or the data was changed
    hint: Try again with the right one
    ");
    assert_snapshot!(world.run("run --headless"), @"
    exit code: 1
    ----- stdout -----

    ----- stderr -----
    api        * failed
    error: Notes: `api` cannot be started: [ROOT]/home/.local/share/com.example.notes/.ensconce/secrets.sealed needs its passphrase. Write it to a file, and set ENSCONCE_PASSPHRASE_FILE to its path
    after [TIME]
    log: [ROOT]/home/.local/state/com.example.notes/logs/api.log
    report: [ROOT]/home/.local/state/com.example.notes/logs/reports/[DATE]-api.txt
    ");
    let mut command = world.command("run --headless");
    fs::write(world.app().join("passphrase"), "four words of mine\n").unwrap();
    command.env("ENSCONCE_PASSPHRASE_FILE", world.app().join("passphrase"));
    let app = crate::running::Running::start(command);
    app.line();
    assert_eq!(fs::read_to_string(world.data("key")).unwrap(), "value");
    assert_eq!(app.stop().code, Some(0));
    assert_snapshot!(world.run("secret use keychain"), @"
    exit code: 1
    ----- stdout -----

    ----- stderr -----
    error: [ROOT]/home/.local/share/com.example.notes/.ensconce/secrets.sealed needs its passphrase
    hint: Write it to a file, and set ENSCONCE_PASSPHRASE_FILE to its path
    ");
    assert_snapshot!(world.run("secret use file --anew"), @"
    exit code: 0
    ----- stdout -----

    ----- stderr -----
    warning: The previous secrets were set aside as [ROOT]/home/.local/share/com.example.notes/.ensconce/secrets.sealed.broken
    Notes keeps its secrets in an encrypted file
    ");
    assert!(world.data(".ensconce/secrets.sealed.broken").exists());
    assert_snapshot!(world.run("secret list"), @"
    exit code: 0
    ----- stdout -----
    session  not generated yet
    api-key  not set; set it with: ensconce secret set api-key

    ----- stderr -----
    Notes keeps its secrets in an encrypted file
    ");
}

#[test]
fn a_damaged_or_newer_file_is_left_alone() {
    let world = World::new(SECRETS);
    world.run_with("secret set api-key", b"value");
    let sealed = world.data(".ensconce/secrets.sealed");
    fs::write(&sealed, r#"{"version": 3}"#).unwrap();
    assert_snapshot!(world.run_with("secret set api-key", b"x"), @"
    exit code: 1
    ----- stdout -----

    ----- stderr -----
    error: [ROOT]/home/.local/share/com.example.notes/.ensconce/secrets.sealed was made by a newer version
    hint: Use the newer version again; it was left as it is
    ");
    fs::write(&sealed, r#"{"vers"#).unwrap();
    assert_snapshot!(world.run_with("secret set api-key", b"x"), @"
    exit code: 1
    ----- stdout -----

    ----- stderr -----
    error: [ROOT]/home/.local/share/com.example.notes/.ensconce/secrets.sealed is damaged: EOF while parsing a string at line 1 column 6
    hint: Restore a copy of it; it was left as it is
    ");
    assert_eq!(fs::read_to_string(&sealed).unwrap(), r#"{"vers"#);
    fs::write(world.data(".ensconce/vault.json"), r#"{"version": 9}"#).unwrap();
    assert_snapshot!(world.run("secret list"), @"
    exit code: 1
    ----- stdout -----

    ----- stderr -----
    error: [ROOT]/home/.local/share/com.example.notes/.ensconce/vault.json was made by a newer version
    hint: Use the newer version again; it was left as it is
    ");
}

/// Whoever is not root cannot look into another process of its user that has closed its memory.
#[test]
#[cfg(target_os = "linux")]
fn the_memory_of_a_running_app_is_closed() {
    use std::os::unix::fs::MetadataExt;
    let world = World::new(SECRETS);
    world.run_with("secret set api-key", b"value");
    let app = world.start("run --headless");
    app.line();
    let owner = std::fs::metadata(format!("/proc/{}/environ", app.id())).unwrap().uid();
    assert_eq!(owner, 0, "a process with closed memory is shown as root's");
    assert_eq!(app.stop().code, Some(0));
    world.assert_clean();
}
