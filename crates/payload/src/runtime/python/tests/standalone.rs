//! Interpreters from archives, which a server of the test has.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use super::NATIVE;
use super::support::{App, one_at_a_time, run, shown};

const TRIPLE: &str = "x86_64-unknown-linux-gnu";

/// Serves files by their paths; returns its address. It lives as long as the test's process.
fn serve(files: Vec<(String, Vec<u8>)>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    let files = Arc::new(files);
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { continue };
            let mut lines = BufReader::new(&stream).lines().map_while(Result::ok);
            let first = lines.next().unwrap_or_default();
            let path = first.split_whitespace().nth(1).unwrap_or_default().to_owned();
            let rest = lines.take_while(|line| !line.is_empty()).count();
            let found = files.iter().find(|(name, _)| *name == path);
            let (status, body) =
                found.map_or(("404 Not Found", &[][..]), |(_, body)| ("200 OK", body));
            let head = format!(
                "HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
                body.len()
            );
            let sent = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(body));
            println!("{path} {rest} {sent:?}");
        }
    });
    format!("http://{address}")
}

/// An archive as python-build-standalone makes it, of this machine's interpreter. Gives its
/// version, its bytes and its hash.
fn archive() -> (String, Vec<u8>, String) {
    one_at_a_time("archive", |folder| {
        let path = folder.join("python.tar.gz");
        if !path.is_file() {
            pack(folder, &path);
        }
        let version = run(Command::new("python3")
            .args(["-c", "import platform; print(platform.python_version())"]));
        let sum = run(Command::new("sha256sum").arg(&path));
        let sum = sum.split_whitespace().next().expect("a hash").to_owned();
        (version.trim().to_owned(), fs::read(path).expect("a file"), sum)
    })
}

/// Takes an interpreter that was made here: it runs from anywhere, as those of the archives do.
fn pack(folder: &Path, to: &Path) {
    let app = App::new(super::LOCAL, &[("requirements.txt", "")]);
    let python = folder.join("pack/python");
    app.make(&python).unwrap_or_else(|error| panic!("{error}"));
    fs::create_dir_all(python.join("include")).expect("a folder");
    fs::write(python.join("include/Python.h"), "").expect("a file");
    let packed = folder.join("packed.tar.gz");
    run(Command::new("tar")
        .arg("-czf")
        .arg(&packed)
        .arg("-C")
        .arg(folder.join("pack"))
        .arg("python"));
    fs::rename(packed, to).expect("moved");
}

fn name(version: &str) -> String {
    format!("cpython-{version}+20251014-{TRIPLE}-install_only_stripped.tar.gz")
}

fn manifest(version: &str, mirror: &str, more: &str) -> String {
    format!(
        "[build.python]\nversion = \"{version}\"\nrelease = \"20251014\"\nmirror = \"{mirror}\"\n{more}\n"
    )
}

#[test]
fn archive_of_a_release_is_fetched_by_its_hash() {
    let (version, bytes, sum) = archive();
    let path = format!("/20251014/{}", name(&version).replace('+', "%2B"));
    let mirror = serve(vec![(path, bytes)]);
    let app = App::new(
        &manifest(&version, &mirror, &format!("sha256 = \"{sum}\"")),
        &[("requirements.txt", "idna==3.10")],
    );
    let temporary = tempfile::tempdir().expect("a folder");
    let app = app.with_own_cache(&temporary.path().join("cache"));
    let made = temporary.path().join("made");
    let what = app.make(&made).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(what.components[0].version, version);
    assert!(!made.join("include").exists());
    run(Command::new(made.join("bin/python3"))
        .env_clear()
        .args(["-c", &format!("{NATIVE}; import idna")]));
}

#[test]
fn missing_hash_is_told_by_the_release() {
    let sums = format!("{}  {}\n", "ab".repeat(32), name("3.12.12"));
    let mirror = serve(vec![("/20251014/SHA256SUMS".to_owned(), sums.into_bytes())]);
    let app = App::new(&manifest("3.12.12", &mirror, ""), &[]);
    let expected = format!(
        "`[build.python]` does not say the SHA-256 of `{}`\nhint: If you trust the release, add to \
         `[build.python]`: `sha256 = \"{}\"`",
        name("3.12.12"),
        "ab".repeat(32)
    );
    assert_eq!(shown(app.find()), expected);
    let app = App::new(&manifest("3.12.99", &mirror, ""), &[]);
    let text = shown(app.find());
    assert!(text.starts_with("There is no `cpython-3.12.99+20251014-"), "{text}");
    assert!(text.ends_with("hint: The release has 3.12.12"), "{text}");
}

#[test]
fn half_and_wrong_archives_are_refused() {
    let (version, bytes, sum) = archive();
    let half = bytes[..bytes.len() / 2].to_vec();
    let temporary = tempfile::tempdir().expect("a folder");
    let path = temporary.path().join("half.tar.gz");
    fs::write(&path, &half).expect("a file");
    let half_sum = run(Command::new("sha256sum").arg(&path));
    let half_sum = half_sum.split_whitespace().next().expect("a hash").to_owned();
    let server =
        serve(vec![("/half.tar.gz".to_owned(), half), ("/whole.tar.gz".to_owned(), bytes)]);
    let attempt = |name: &str, sum: &str, more: &str| {
        let text =
            format!("[build.python]\nurl = \"{server}/{name}.tar.gz\"\nsha256 = \"{sum}\"\n{more}");
        let app = App::new(&text, &[]).with_own_cache(&temporary.path().join("cache"));
        let into = tempfile::tempdir().expect("a folder");
        shown(app.make(into.path()))
    };
    let text = attempt("half", &sum, "");
    assert!(text.contains("is not what was expected: its SHA-256 is"), "{text}");
    let text = attempt("half", &half_sum, "");
    assert!(text.contains("Cannot unpack"), "{text}");
    let text = attempt("whole", &sum, "version = \"3.9.0\"\n");
    assert!(text.contains(&format!("it is {version}, not 3.9.0")), "{text}");
}
