//! Services that are killed while the app is in use.

use std::hash::{BuildHasher, RandomState};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;

use rustix::process::{Pid, Signal, kill_process};

use crate::http::{enter, get, parts};
use crate::world::{World, eventually};

/// Answers with its process id, a moment after each request, and keeps connections.
const SERVER: &str = r#"
import http.server, os, socketserver, sys, time

class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        time.sleep(0.002)
        body = str(os.getpid()).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def address_string(self):
        return "somebody"

    def log_message(self, *arguments):
        pass

where = sys.argv[1]
if where.isdigit():
    http.server.ThreadingHTTPServer(("127.0.0.1", int(where)), Handler).serve_forever()
else:
    socketserver.ThreadingUnixStreamServer(where, Handler).serve_forever()
"#;

const LOADERS: usize = 4;
const KILLS: usize = 10;

fn is_never_seen(place: &str) {
    let world = World::new(&format!(
        "[ui]\nservice = \"web\"\n[service.web]\ncommand = [\"{{python}}\", \"pid.py\", \"{place}\"]\n\
         restart = {{ window = \"0s\", delay = \"0s\" }}\n"
    ));
    world.write("pid.py", SERVER);
    let app = world.start("run --headless");
    let url = app.line();
    let cookie = enter(&url);
    let page = format!("http://{}/", parts(&url).0);
    let ask = || {
        let answer = get(&page, Some(&cookie));
        assert_eq!(answer.status, 200, "{}{}", answer.head, answer.body);
        answer.body
    };
    let answered: [AtomicUsize; LOADERS] = Default::default();
    let over = AtomicBool::new(false);
    let total = || answered.iter().map(|count| count.load(Ordering::SeqCst)).collect::<Vec<_>>();
    thread::scope(|scope| {
        let loaders: Vec<_> = answered
            .iter()
            .map(|count| {
                scope.spawn(|| {
                    while !over.load(Ordering::SeqCst) {
                        ask();
                        count.fetch_add(1, Ordering::SeqCst);
                    }
                })
            })
            .collect();
        let alive = || loaders.iter().all(|loader| !loader.is_finished());
        for round in 0..KILLS {
            let process: i32 = ask().parse().unwrap();
            // At any moment between two answers, and in the middle of one.
            let later = usize::try_from(RandomState::new().hash_one(round) % 40).unwrap();
            let begun: usize = total().iter().sum();
            eventually("the next requests are answered", || {
                !alive() || total().iter().sum::<usize>() >= begun + later
            });
            kill_process(Pid::from_raw(process).unwrap(), Signal::KILL).unwrap();
            // What was on its way is over when everybody has had two answers more.
            let before = total();
            eventually("requests are answered again", || {
                !alive() || total().iter().zip(&before).all(|(now, before)| *now >= before + 2)
            });
        }
        over.store(true, Ordering::SeqCst);
    });
    assert_eq!(app.stop().code, Some(0));
}

/// A `GET` that met a dying process twice was a 502.
#[test]
fn a_crash_is_never_seen_by_who_can_be_asked_again() {
    is_never_seen("{port}");
    is_never_seen("{socket}");
}
