//! What the app asks its user, answered by its page in a browser.

use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;

use serde_json::{Value, json};

use crate::running::Running;
use crate::world::{PAGES, World, eventually};

/// A back end that accepts one key, and shows what it was given.
const BACK_END: &str = r#"
import http.server, json, os, sys

class Handler(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        values = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["values"]
        good = values.get("key") == "the-right-key"
        self.tell(200 if good else 422, {"message": "It works" if good else "It is not accepted"})

    def do_GET(self):
        self.tell(200, {})

    def tell(self, status, answer):
        body = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments):
        pass

kept = os.environ.get("KEY_FILE")
print("mail:", os.environ.get("MAIL"), "key file holds", len(open(kept).read()) if kept else None, flush=True)
http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
"#;

const APP: &str = r#"
[[route]]
path = "/api"
service = "api"

[service.api]
command = ["{python}", "api.py", "{port}"]
env = { KEY_FILE = "{setup.key.file}" }

[service.other]
command = ["sh", "-c", "echo other has $MAIL; exec sleep 1000"]

[[setup.page]]
title = "Key"
check = { http = "/api/check" }
fields = [{ name = "key", type = "secret", label = "Key" }]

[[setup.page]]
title = "You"
fields = [{ name = "mail", type = "email", label = "E-mail", env = "MAIL" }]
"#;

fn world() -> World {
    let world = World::new(&format!("{PAGES}{APP}"));
    world.write("api.py", BACK_END);
    world
}

/// The page of set-up.
struct Page {
    host: String,
    token: String,
    key: String,
}

impl Page {
    fn of(app: &Running) -> Self {
        let url = app.line();
        let (host, rest) = url.trim_start_matches("http://").split_once("/setup/#token=").unwrap();
        let token = rest.split('&').next().unwrap().to_owned();
        let mut page = Self { host: host.to_owned(), token, key: String::new() };
        let answer = page.redeem();
        let (_, body) = answer.split_once("\r\n\r\n").unwrap();
        let body: Value = serde_json::from_str(body).unwrap();
        page.key = body["key"].as_str().unwrap().to_owned();
        page
    }

    /// Uses the token of the address, as the page does.
    fn redeem(&self) -> String {
        let host = &self.host;
        let head = format!("POST /setup/session HTTP/1.1\r\nHost: {host}\r\nOrigin: http://{host}");
        self.raw(&head, &json!({ "token": self.token }).to_string())
    }

    fn raw(&self, head: &str, body: &str) -> String {
        let mut stream = TcpStream::connect(&self.host).unwrap();
        let length = body.len();
        let request =
            format!("{head}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}");
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }

    fn ask(&self, request: &Value) -> Value {
        let (host, key) = (&self.host, &self.key);
        let head = format!(
            "POST /setup/request HTTP/1.1\r\nHost: {host}\r\nOrigin: http://{host}\r\n\
             Authorization: Bearer {key}"
        );
        let answer = self.raw(&head, &request.to_string());
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        assert!(head.starts_with("HTTP/1.1 200"), "{answer}");
        serde_json::from_str(body).unwrap()
    }

    fn save(&self, page: &str, values: Value) -> Value {
        self.ask(&json!({ "op": "save", "page": page, "values": values }))
    }
}

#[test]
fn answers_are_tried_kept_and_given() {
    let world = world();
    let app = world.start("run --headless");
    let page = Page::of(&app);
    let wrong = page.save("0", json!({ "key": "a-wrong-key" }));
    assert_eq!((&wrong["ok"], &wrong["message"]), (&json!(false), &json!("It is not accepted.")));
    assert_eq!(page.save("0", json!({ "key": "the-right-key" }))["message"], "It works");
    assert_eq!(page.ask(&json!({ "op": "finish" }))["ok"], false, "there is more to answer");
    let wrong = page.save("1", json!({ "mail": "ada@" }));
    assert!(wrong["fields"]["mail"].is_string(), "{wrong}");
    assert_eq!(page.save("1", json!({ "mail": "ada@example.com" }))["ok"], true);
    assert_eq!(page.ask(&json!({ "op": "finish" }))["ok"], true);
    eventually("the app is up", || page.ask(&json!({ "op": "status" }))["phase"] == "ready");
    eventually("they have their answers", || {
        world.log("api").contains("mail: ada@example.com key file holds 13")
            && world.log("other").contains("other has ada@example.com")
    });
    // A secret is in no file but the store, and in no list of processes.
    for process in world.processes() {
        assert!(!process.contains("the-right-key"), "{process}");
    }
    let settings = fs::read_to_string(world.data(".ensconce/settings.json")).unwrap();
    assert!(settings.contains("ada@example.com") && !settings.contains("the-right-key"));
    assert_eq!(app.stop().code, Some(0));

    // The next start asks nothing.
    let app = world.start("run --headless");
    assert!(!app.line().contains("/setup/"));
    assert_eq!(app.stop().code, Some(0));
    world.assert_clean();
}

#[test]
fn what_is_half_answered_goes_on_there() {
    let world = world();
    let app = world.start("run --headless");
    let page = Page::of(&app);
    assert_eq!(page.save("0", json!({ "key": "the-right-key" }))["ok"], true);
    assert_eq!(app.stop().code, Some(0));
    let app = world.start("run --headless");
    let page = Page::of(&app);
    let described = page.ask(&json!({ "op": "describe" }));
    assert_eq!(described["pages"][0]["complete"], true, "{described}");
    assert_eq!(described["pages"][0]["fields"][0]["is_set"], true);
    assert_eq!(described["pages"][0]["fields"][0]["value"], Value::Null);
    assert_eq!(described["pages"][1]["complete"], false);
    assert_eq!(app.stop().code, Some(0));
}

#[test]
fn what_a_change_makes_needed_is_asked_for() {
    let world = World::new(&format!(
        "{PAGES}
[service.other]
command = [\"sh\", \"-c\", \"exec sleep 1000\"]

[[setup.page]]
title = \"Kind\"
fields = [{{ name = \"kind\", type = \"choice\", label = \"Kind\", choices = [\"a\", \"b\"] }}]

[[setup.page]]
title = \"More\"
fields = [{{ name = \"more\", label = \"More\", env = \"MORE\", show_if = {{ kind = \"b\" }} }}]
"
    ));
    let app = world.start("run --headless");
    let page = Page::of(&app);
    let phase = || page.ask(&json!({ "op": "status" }))["phase"].clone();
    assert_eq!(page.save("0", json!({ "kind": "a" }))["ok"], true);
    assert_eq!(page.ask(&json!({ "op": "finish" }))["ok"], true);
    eventually("the app is up", || phase() == "ready");
    assert_eq!(page.save("0", json!({ "kind": "b" }))["ok"], true);
    eventually("more is asked for", || phase() == "setup");
    assert_eq!(page.save("1", json!({ "more": "this" }))["ok"], true);
    assert_eq!(page.ask(&json!({ "op": "finish" }))["ok"], true);
    eventually("the app is up again", || phase() == "ready");
    assert_eq!(app.stop().code, Some(0));
    world.assert_clean();
}

#[test]
fn settings_that_make_no_sense_are_set_aside() {
    let world = world();
    for (content, aside) in [("{\"version\": 1, \"answ", true), ("{\"version\": 99}", false)] {
        let file = world.data(".ensconce/settings.json");
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(&file, content).unwrap();
        if aside {
            let app = world.start("run --headless");
            Page::of(&app);
            assert_eq!(app.stop().code, Some(0));
            let kept = world.data(".ensconce/settings.json.broken");
            assert_eq!(fs::read_to_string(kept).unwrap(), content);
        } else {
            let output = world.command("run --headless").output().unwrap();
            let text = String::from_utf8(output.stderr).unwrap();
            assert_eq!(output.status.code(), Some(1), "{text}");
            assert!(text.contains("newer"), "{text}");
            assert_eq!(fs::read_to_string(&file).unwrap(), content);
        }
    }
}

/// A page that is closed while the services are stopped for it.
#[test]
fn who_leaves_does_not_leave_the_app_stopped() {
    let world = world();
    let app = world.start("run --headless");
    let page = Page::of(&app);
    let described = page.ask(&json!({ "op": "describe" }));
    assert_eq!(described["data"]["databases"], json!([]), "{described}");
    let path = world.app().join("all.ensconce");
    let body = json!({ "op": "export", "path": path, "passphrase": null }).to_string();
    let (host, key, length) = (&page.host, &page.key, body.len());
    let mut stream = TcpStream::connect(host).unwrap();
    let head = format!(
        "POST /setup/request HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {key}\r\n\
         Content-Length: {length}\r\n\r\n"
    );
    stream.write_all(format!("{head}{body}").as_bytes()).unwrap();
    let jobs = || page.ask(&json!({ "op": "status" }))["jobs"].as_array().unwrap().len();
    eventually("the services are stopped", || jobs() == 0 || path.exists());
    drop(stream);
    eventually("the file is there", || path.exists());
    eventually("the services run again", || jobs() == 1);
    assert_eq!(app.stop().code, Some(0));
    world.assert_clean();
}

#[test]
fn nobody_else_answers() {
    let world = world();
    let app = world.start("run --headless");
    let page = Page::of(&app);
    let (host, token, key) = (&page.host, &page.token, &page.key);
    let post = |rest: &str| {
        page.raw(&format!("POST /setup/request HTTP/1.1\r\n{rest}"), "{\"op\":\"describe\"}")
    };
    let good = format!("Authorization: Bearer {key}");
    for (refused, status) in [
        (format!("Host: {host}"), 401),
        (format!("Host: {host}\r\nAuthorization: Bearer 0123"), 401),
        (format!("Host: {host}\r\nAuthorization: Bearer {token}"), 401),
        (format!("Host: {host}\r\nOrigin: http://evil.example\r\n{good}"), 403),
        (format!("Host: evil.example\r\n{good}"), 403),
    ] {
        let answer = post(&refused);
        assert!(answer.starts_with(&format!("HTTP/1.1 {status}")), "{refused}: {answer}");
    }
    // The address has been used.
    let again = page.redeem();
    assert!(again.starts_with("HTTP/1.1 401"), "{again}");
    // The page's key opens nothing else.
    let status = page.raw(&format!("GET /status HTTP/1.1\r\nHost: {host}\r\n{good}"), "");
    assert!(status.starts_with("HTTP/1.1 401"), "{status}");
    let served = page.raw(&format!("GET /setup/ HTTP/1.1\r\nHost: {host}"), "");
    assert!(served.contains("frame-ancestors 'none'") && !served.contains(token), "{served}");
    assert_eq!(app.stop().code, Some(0));
}
