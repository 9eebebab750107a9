//! A client that writes what it is told to, byte for byte, and reads answers strictly.

use std::net::SocketAddr;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// An answer, and whether its body came to its proper end.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
    pub(crate) complete: bool,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers(name).into_iter().next()
    }

    pub(crate) fn headers(&self, name: &str) -> Vec<&str> {
        let pairs = self.head.lines().skip(1).filter_map(|line| line.split_once(':'));
        pairs
            .filter(|(key, _)| key.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.trim())
            .collect()
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The word of a notice for scripts.
    pub(crate) fn kind(&self) -> String {
        let json: serde_json::Value = serde_json::from_slice(&self.body).unwrap_or_default();
        json["error"].as_str().unwrap_or_default().to_owned()
    }
}

/// One connection.
pub(crate) struct Line {
    stream: TcpStream,
    read: Vec<u8>,
}

impl Line {
    pub(crate) async fn open(address: SocketAddr) -> Self {
        Self { stream: TcpStream::connect(address).await.unwrap(), read: Vec::new() }
    }

    pub(crate) async fn send(&mut self, bytes: impl AsRef<[u8]>) {
        self.stream.write_all(bytes.as_ref()).await.unwrap();
    }

    /// Sends to a gateway that may have closed the connection; false when it has.
    pub(crate) async fn try_send(&mut self, bytes: impl AsRef<[u8]>) -> bool {
        self.stream.write_all(bytes.as_ref()).await.is_ok()
    }

    /// The connection itself, for what comes after an upgrade.
    pub(crate) fn into_stream(self) -> TcpStream {
        assert!(self.read.is_empty());
        self.stream
    }

    /// Reads more; false at the end.
    pub(crate) async fn more(&mut self) -> bool {
        self.stream.read_buf(&mut self.read).await.unwrap_or(0) > 0
    }

    /// Reads up to and with a marker.
    pub(crate) async fn until(&mut self, marker: &str) -> String {
        loop {
            let marker = marker.as_bytes();
            if let Some(at) = self.read.windows(marker.len()).position(|found| found == marker) {
                let rest = self.read.split_off(at + marker.len());
                let found = std::mem::replace(&mut self.read, rest);
                return String::from_utf8_lossy(&found).into_owned();
            }
            assert!(self.more().await, "ended after {:?}", String::from_utf8_lossy(&self.read));
        }
    }

    /// Waits until the other side ends the connection.
    pub(crate) async fn ended(&mut self) -> Vec<u8> {
        while self.more().await {}
        std::mem::take(&mut self.read)
    }

    /// Reads one answer to a request with this method.
    pub(crate) async fn answer(&mut self, method: &str) -> Answer {
        let head = self.until("\r\n\r\n").await;
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        let mut answer = Answer { status, head, body: Vec::new(), complete: true };
        let bodiless = method == "HEAD" || matches!(status, 101 | 204 | 304);
        let connected = method == "CONNECT" && status == 200;
        if bodiless || connected {
            return answer;
        }
        if answer.header("transfer-encoding").is_some() {
            answer.complete = self.chunks(&mut answer.body).await;
        } else if let Some(length) = answer.header("content-length") {
            let length = length.parse().unwrap();
            answer.complete = self.exactly(length, &mut answer.body).await;
        } else {
            answer.body = self.ended().await;
        }
        answer
    }

    async fn exactly(&mut self, length: usize, body: &mut Vec<u8>) -> bool {
        while self.read.len() < length {
            if !self.more().await {
                body.append(&mut self.read);
                return false;
            }
        }
        let rest = self.read.split_off(length);
        body.append(&mut std::mem::replace(&mut self.read, rest));
        true
    }

    async fn chunks(&mut self, body: &mut Vec<u8>) -> bool {
        loop {
            while !self.read.windows(2).any(|pair| pair == b"\r\n") {
                if !self.more().await {
                    return false;
                }
            }
            let size = self.until("\r\n").await;
            let size = usize::from_str_radix(size.trim(), 16).unwrap();
            if size == 0 {
                self.until("\r\n").await;
                return true;
            }
            if !self.exactly(size, body).await || !self.exactly(2, &mut Vec::new()).await {
                return false;
            }
        }
    }
}

/// Sends one request on a connection of its own.
pub(crate) async fn ask(address: SocketAddr, request: &str) -> Answer {
    let mut line = Line::open(address).await;
    line.send(request).await;
    line.answer(request.split(' ').next().unwrap()).await
}
