//! Fetching from a server that this test is, with every way to fail.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Mutex;
use std::sync::mpsc::{Receiver, channel};

use super::*;

/// Remembers what it is told.
#[derive(Default)]
struct Told {
    lines: Mutex<Vec<String>>,
    bytes: Mutex<Vec<(u64, Option<u64>)>>,
}

impl Progress for Told {
    fn begin(&self, _what: &str) {}
    fn bytes(&self, done: u64, total: Option<u64>) {
        self.bytes.lock().unwrap().push((done, total));
    }
    fn line(&self, line: &str) {
        self.lines.lock().unwrap().push(line.to_owned());
    }
    fn warn(&self, _text: &str) {}
}

/// Answers each connection with the next of some ways, and tells the paths that were asked for.
fn serve(answers: Vec<Box<dyn FnOnce(&mut TcpStream) + Send>>) -> (String, Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let (asked, heard) = channel();
    std::thread::spawn(move || {
        for answer in answers {
            let (mut stream, _) = listener.accept().unwrap();
            let path = read_request(&stream);
            if asked.send(path).is_err() {
                return;
            }
            answer(&mut stream);
        }
    });
    (address, heard)
}

fn read_request(stream: &TcpStream) -> String {
    let mut lines = BufReader::new(stream).lines().map_while(Result::ok);
    let first = lines.next().unwrap_or_default();
    lines.by_ref().take_while(|line| !line.is_empty()).for_each(drop);
    first.split(' ').nth(1).unwrap_or_default().to_owned()
}

fn answer(head: &str, body: &str) -> Box<dyn FnOnce(&mut TcpStream) + Send> {
    let text = format!("HTTP/1.1 {head}\r\nConnection: close\r\n\r\n{body}");
    Box::new(move |stream| stream.write_all(text.as_bytes()).unwrap())
}

fn whole(body: &str) -> Box<dyn FnOnce(&mut TcpStream) + Send> {
    answer(&format!("200 OK\r\nContent-Length: {}", body.len()), body)
}

struct Bench {
    _folder: tempfile::TempDir,
    cache: Cache,
    told: Told,
}

impl Bench {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let cache = Cache::open(folder.path()).unwrap();
        Self { _folder: folder, cache, told: Told::default() }
    }

    fn fetch(&self) -> Fetch<'_> {
        let limits = Limits {
            connect: Duration::from_secs(5),
            silence: Duration::from_millis(300),
            pause: Duration::from_millis(1),
            retries: 2,
            bytes: 1000,
        };
        Fetch { cache: &self.cache, progress: &self.told, limits }
    }

    fn fault(&self, url: &str) -> String {
        self.fetch().file(url, &hash("right")).unwrap_err().to_string().replace(url, "URL")
    }
}

fn hash(text: &str) -> String {
    hexadecimal(&Sha256::digest(text))
}

#[test]
fn what_is_right_comes_once() {
    let bench = Bench::new();
    let (url, heard) = serve(vec![whole("right")]);
    for _ in 0..2 {
        let path = bench.fetch().file(&format!("{url}/a"), &hash("right").to_uppercase()).unwrap();
        assert_eq!(std::fs::read_to_string(path).unwrap(), "right");
    }
    assert_eq!(heard.iter().count(), 1);
    assert_eq!(bench.told.bytes.lock().unwrap().last(), Some(&(5, Some(5))));
}

#[test]
fn a_redirect_is_followed() {
    let bench = Bench::new();
    let (url, heard) = serve(vec![
        answer("302 Found\r\nLocation: /there\r\nContent-Length: 0", ""),
        whole("right"),
    ]);
    bench.fetch().file(&format!("{url}/here"), &hash("right")).unwrap();
    assert_eq!(heard.iter().collect::<Vec<_>>(), ["/here", "/there"]);
}

#[test]
fn a_wrong_file_is_not_kept() {
    let bench = Bench::new();
    let (url, _heard) = serve(vec![whole("wrong"), whole("right")]);
    assert_eq!(
        bench.fault(&url),
        format!(
            "URL is not what was expected: its SHA-256 is {}, not {}",
            hash("wrong"),
            hash("right")
        )
    );
    bench.fetch().file(&url, &hash("right")).unwrap();
}

#[test]
fn half_a_file_is_fetched_again_and_then_an_error() {
    let bench = Bench::new();
    let half = || answer("200 OK\r\nContent-Length: 5", "rig");
    let (url, _heard) = serve(vec![half(), whole("right"), half(), half(), half()]);
    let path = bench.fetch().file(&url, &hash("right")).unwrap();
    assert_eq!(std::fs::read_to_string(path).unwrap(), "right");
    let again = bench.fetch().file(&url, &hash("other")).unwrap_err().to_string();
    assert_eq!(
        again.replace(&url, "URL"),
        "Cannot fetch URL: The connection ended after 3 of 5 bytes"
    );
}

#[test]
fn a_failing_server_is_asked_again() {
    let bench = Bench::new();
    let (url, _heard) = serve(vec![answer("503 Busy\r\nContent-Length: 0", ""), whole("right")]);
    bench.fetch().file(&url, &hash("right")).unwrap();
    let lines = bench.told.lines.lock().unwrap();
    assert!(lines[0].contains("status 503; trying again in"), "{lines:?}");
}

#[test]
fn what_is_not_there_is_asked_for_once() {
    let bench = Bench::new();
    let (url, heard) = serve(vec![answer("404 Not Found\r\nContent-Length: 0", "")]);
    assert_eq!(bench.fault(&url), "Cannot fetch URL: The server answered with status 404");
    assert_eq!(heard.iter().count(), 1);
}

#[test]
fn a_server_that_falls_silent_is_left() {
    let bench = Bench::new();
    let (open, opened) = channel();
    let trickle = Box::new(move |stream: &mut TcpStream| {
        stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nr").unwrap();
        // Kept open until the test is over.
        open.send(stream.try_clone().unwrap()).unwrap();
    });
    let (url, _heard) = serve(vec![trickle]);
    assert_eq!(bench.fault(&url), "Cannot fetch URL: Nothing came for 300ms");
    drop(opened);
}

#[test]
fn a_server_that_is_down_is_said_so() {
    let bench = Bench::new();
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let error = bench.fetch().file(&format!("http://127.0.0.1:{port}/"), &hash("right"));
    let error = error.unwrap_err();
    assert!(error.to_string().contains("refused"), "{error}");
    assert!(error.hints()[0].contains("HTTPS_PROXY"), "{:?}", error.hints());
}

#[test]
fn too_much_is_too_much() {
    let bench = Bench::new();
    let endless = "x".repeat(2000);
    let (url, _heard) = serve(vec![whole(&endless), answer("200 OK", &endless)]);
    for _ in 0..2 {
        assert_eq!(bench.fault(&url), "Cannot fetch URL: It has more than 1000 bytes");
    }
}

#[test]
fn files_of_this_machine_are_fetched_too() {
    let bench = Bench::new();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a b ü");
    std::fs::write(&path, "right").unwrap();
    let url = Url::from_file_path(&path).unwrap();
    bench.fetch().file(url.as_str(), &hash("right")).unwrap();
    assert_eq!(bench.fetch().text(url.as_str()).unwrap(), "right");
    let gone = bench.fetch().text("file:///not/there").unwrap_err().to_string();
    assert!(gone.contains("No such file"), "{gone}");
    let ftp = bench.fetch().text("ftp://example.com/x").unwrap_err().to_string();
    assert_eq!(ftp, "Cannot fetch ftp://example.com/x: `ftp` is not a way to fetch");
}
