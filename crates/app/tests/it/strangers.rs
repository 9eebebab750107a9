//! Tokens are sent to nobody else.

use std::fs::File;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::mpsc::channel;

use ensconce_app::AppError;
use serde_json::json;

use crate::world::World;

/// A copy that was killed has left its announcement; somebody else has its port now, and the copy
/// that holds the folder has not announced itself yet.
#[tokio::test]
async fn a_stranger_at_the_port_of_a_killed_copy_gets_no_token() {
    let world = World::with_notes("1.0.0", "update");
    world.run_once().await;
    let stranger = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = stranger.local_addr().unwrap();
    let token = "f00d".repeat(16);
    let left = json!({
        "pid": 1, "launch": "0123456789abcdef", "control": { "address": address, "token": token },
    });
    std::fs::write(world.data(".ensconce/running.json"), left.to_string()).unwrap();
    let lock = File::options().write(true).open(world.data(".ensconce/lock")).unwrap();
    lock.lock().unwrap();
    let (heard, all) = channel();
    std::thread::spawn(move || {
        while let Ok((mut stream, _)) = stranger.accept() {
            let mut buffer = [0; 4096];
            let count = stream.read(&mut buffer).unwrap_or(0);
            heard.send(String::from_utf8_lossy(&buffer[..count]).into_owned()).unwrap();
            let body = r#"{"proof":"00"}"#;
            let length = body.len();
            let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n");
            let _ = stream.write_all(format!("{head}{body}").as_bytes());
        }
    });
    let Err(AppError::InUse { running: Some(running), .. }) = world.try_start().await else {
        panic!("it is in use");
    };
    for attempt in 0..2 {
        let asked = match attempt {
            0 => running.focus().await,
            _ => running.status().await.map(drop),
        };
        assert!(asked.is_err());
        let heard = all.recv().unwrap();
        assert!(heard.contains("/prove") && !heard.contains(&token), "{heard}");
    }
    drop(lock);
    world.run_once().await;
}
