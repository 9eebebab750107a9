//! A browser, as far as these tests need one.

use std::io::{Read, Write};
use std::net::TcpStream;

use crate::world::DEADLINE;

pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| {
            let (found, value) = line.split_once(':')?;
            found.eq_ignore_ascii_case(name).then(|| value.trim())
        })
    }
}

/// Splits `http://host:port/path`.
pub(crate) fn parts(url: &str) -> (&str, &str) {
    let rest = url.strip_prefix("http://").unwrap();
    rest.split_at(rest.find('/').unwrap())
}

pub(crate) fn port(url: &str) -> u16 {
    parts(url).0.rsplit_once(':').unwrap().1.parse().unwrap()
}

pub(crate) fn get(url: &str, cookie: Option<&str>) -> Answer {
    let (host, path) = parts(url);
    let cookie = cookie.map(|cookie| format!("Cookie: {cookie}\r\n")).unwrap_or_default();
    let mut stream = TcpStream::connect(host).unwrap();
    stream.set_read_timeout(Some(DEADLINE)).unwrap();
    write!(stream, "GET {path} HTTP/1.1\r\nHost: {host}\r\n{cookie}Connection: close\r\n\r\n")
        .unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).unwrap();
    let (head, body) = text.split_once("\r\n\r\n").unwrap();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    Answer { status, head: head.to_owned(), body: body.to_owned() }
}

/// Goes in by the entry address, and returns the cookie.
pub(crate) fn enter(url: &str) -> String {
    let answer = get(url, None);
    assert!((300..400).contains(&answer.status), "{}", answer.head);
    let cookie = answer.header("set-cookie").unwrap();
    cookie.split(';').next().unwrap().to_owned()
}

/// Goes in and asks for a path.
pub(crate) fn page(url: &str, path: &str) -> Answer {
    let cookie = enter(url);
    get(&format!("http://{}{path}", parts(url).0), Some(&cookie))
}
