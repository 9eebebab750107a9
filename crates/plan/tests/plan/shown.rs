//! A whole plan, as text and as JSON.

use expect_test::{Expect, expect};

use crate::check::{facts, plan_whole};

const WHOLE: &str = r#"
[app]
id = "com.example.Notes"
name = "Notes"
version = "1.2.0"
icon = "icon.png"

[window]
title = "My notes"
min_width = 400

[ui]
static = "web/dist"
path = "/login"
allow = ["https://fonts.example.com"]

[[route]]
path = "/api"
service = "api"

[[route]]
host = "localhost:8000"
service = "jobs"

[env]
TZ = "UTC"
WORKERS = 4

[secret.session]
generate = 32
[secret.api-key]

[service.api]
command = ["{python}", "-m", "uvicorn", "app:app", "--uds", "{socket}"]
cwd = "server"
needs = ["migrate"]
ready = { http = "/health" }
env = { SECRET_KEY = "{secret.session}", JOBS = "{service.jobs.url}/v1", WORKERS = 8 }
stop = { signal = "SIGINT", timeout = "1500ms" }

[service.jobs]
command = ["./bin/jobs", "two words", "$HOME", "--port", "{port}"]
optional = true
ready = { http = "/", status = [200, 204] }
start = { timeout = "5s" }

[service.worker]
command = ["worker", "--api", "{service.api.socket}"]
ready = "notify"

[task.migrate]
command = ["{python}", "-m", "alembic"]
cwd = "server"
when = "update"
unless = "{data}/notes.db"
timeout = "2m"
"#;

#[test]
fn a_whole_plan_as_text() {
    let expected: Expect = expect![[r#"
        Notes 1.2.0 (com.example.Notes)
           pages    http://notes.localhost/login from /app/web/dist
           route    /api to service api
           route    http://localhost:8000/ to service jobs
           allow    https://fonts.example.com
           data     /home/ada/data
           config   /home/ada/config
           cache    /home/ada/cache
           logs     /home/ada/logs
           run      /run/notes
           secret   session, generated on the first run
           secret   api-key, given by the user

        1. task migrate
           command  python3 -m alembic
           folder   /app/server
           python   python3 (on PATH, because there is no virtual environment)
           env      PYTHONUNBUFFERED=1
           env      TZ=UTC
           env      WORKERS=4
           unless   /home/ada/data/notes.db exists
           ready    when it exits with code 0, within 120 s
           stop     SIGTERM, killed after 10 s

        2. service api
           after    migrate
           command  python3 -m uvicorn app:app --uds /run/notes/api.sock
           folder   /app/server
           python   python3 (on PATH, because there is no virtual environment)
           env      PYTHONUNBUFFERED=1
           env      TZ=UTC
           env      WORKERS=8
           env      SECRET_KEY=<secret session>
           env      JOBS=http://<host of jobs>:<port of jobs>/v1
           listens  on the socket /run/notes/api.sock
           ready    when GET /health answers with 200 to 399, within 60 s
           stop     SIGINT, killed after 1.5 s

        3. service jobs, optional
           command  /app/./bin/jobs "two words" "$HOME" --port "<port of jobs>"
           folder   /app
           env      TZ=UTC
           env      WORKERS=4
           listens  on a free port of 127.0.0.1
           ready    when GET / answers with 200 or 204, within 5 s
           stop     SIGTERM, killed after 10 s

        4. service worker
           command  worker --api /run/notes/api.sock
           folder   /app
           env      TZ=UTC
           env      WORKERS=4
           env      NOTIFY_SOCKET=/run/notes/worker.notify
           ready    when it sends READY=1 to NOTIFY_SOCKET, within 60 s
           stop     SIGTERM, killed after 10 s
    "#]];
    expected.assert_eq(&plan_whole(WHOLE, &facts()).unwrap().to_string());
}

#[test]
fn a_whole_plan_as_json() {
    let expected: Expect = expect![[r#"
        {
          "app": {
            "id": "com.example.Notes",
            "name": "Notes",
            "version": "1.2.0",
            "icon": "/app/icon.png"
          },
          "mode": "run",
          "window": {
            "title": "My notes",
            "width": 1100,
            "height": 750,
            "min_width": 400,
            "min_height": null,
            "resizable": true,
            "maximized": false,
            "fullscreen": false
          },
          "ui": {
            "root": {
              "static": {
                "folder": "/app/web/dist",
                "fallback": "index.html"
              }
            },
            "path": "/login",
            "open": null,
            "origin": "http://notes.localhost",
            "allow": [
              "https://fonts.example.com"
            ]
          },
          "routes": [
            {
              "host": null,
              "path": "/api",
              "service": "api",
              "strip": false
            },
            {
              "host": "localhost:8000",
              "path": "/",
              "service": "jobs",
              "strip": false
            }
          ],
          "folders": {
            "data": "/home/ada/data",
            "config": "/home/ada/config",
            "cache": "/home/ada/cache",
            "logs": "/home/ada/logs",
            "run": "/run/notes"
          },
          "resources": "/app",
          "secrets": [
            {
              "name": "session",
              "generate": 32,
              "encoding": "base64url"
            },
            {
              "name": "api-key",
              "generate": null,
              "encoding": "base64url"
            }
          ],
          "setup": {
            "welcome": null,
            "done": null,
            "imports": [],
            "pages": []
          },
          "databases": [],
          "jobs": [
            {
              "name": "migrate",
              "kind": "task",
              "skip": null,
              "when": "update",
              "unless": "/home/ada/data/notes.db",
              "needs": [],
              "optional": false,
              "command": [
                "python3",
                "-m",
                "alembic"
              ],
              "env": {
                "PYTHONUNBUFFERED": "1",
                "TZ": "UTC",
                "WORKERS": "4"
              },
              "cwd": "/app/server",
              "python": {
                "interpreter": "python3",
                "why": "on PATH, because there is no virtual environment"
              },
              "listen": "nowhere",
              "ready": "exit",
              "start_timeout_ms": 120000,
              "stop": {
                "signal": "SIGTERM",
                "timeout_ms": 10000
              }
            },
            {
              "name": "api",
              "kind": "service",
              "skip": null,
              "when": null,
              "unless": null,
              "needs": [
                "migrate"
              ],
              "optional": false,
              "command": [
                "python3",
                "-m",
                "uvicorn",
                "app:app",
                "--uds",
                "/run/notes/api.sock"
              ],
              "env": {
                "PYTHONUNBUFFERED": "1",
                "TZ": "UTC",
                "WORKERS": "8",
                "SECRET_KEY": "<secret session>",
                "JOBS": "http://<host of jobs>:<port of jobs>/v1"
              },
              "cwd": "/app/server",
              "python": {
                "interpreter": "python3",
                "why": "on PATH, because there is no virtual environment"
              },
              "listen": {
                "unix": "/run/notes/api.sock"
              },
              "ready": {
                "http": {
                  "path": "/health",
                  "statuses": []
                }
              },
              "start_timeout_ms": 60000,
              "stop": {
                "signal": "SIGINT",
                "timeout_ms": 1500
              }
            },
            {
              "name": "jobs",
              "kind": "service",
              "skip": null,
              "when": null,
              "unless": null,
              "needs": [],
              "optional": true,
              "command": [
                "/app/./bin/jobs",
                "two words",
                "$HOME",
                "--port",
                "<port of jobs>"
              ],
              "env": {
                "TZ": "UTC",
                "WORKERS": "4"
              },
              "cwd": "/app",
              "python": null,
              "listen": {
                "tcp": null
              },
              "ready": {
                "http": {
                  "path": "/",
                  "statuses": [
                    200,
                    204
                  ]
                }
              },
              "start_timeout_ms": 5000,
              "stop": {
                "signal": "SIGTERM",
                "timeout_ms": 10000
              }
            },
            {
              "name": "worker",
              "kind": "service",
              "skip": null,
              "when": null,
              "unless": null,
              "needs": [],
              "optional": false,
              "command": [
                "worker",
                "--api",
                "/run/notes/api.sock"
              ],
              "env": {
                "TZ": "UTC",
                "WORKERS": "4",
                "NOTIFY_SOCKET": "/run/notes/worker.notify"
              },
              "cwd": "/app",
              "python": null,
              "listen": "nowhere",
              "ready": {
                "notify": "/run/notes/worker.notify"
              },
              "start_timeout_ms": 60000,
              "stop": {
                "signal": "SIGTERM",
                "timeout_ms": 10000
              }
            }
          ]
        }"#]];
    let plan = plan_whole(WHOLE, &facts()).unwrap();
    expected.assert_eq(&serde_json::to_string_pretty(&plan).unwrap());
}

#[test]
fn pages_of_a_service_and_of_a_remote_back_end() {
    let manifest = r#"
        app = { id = "com.example.notes", name = "Notes", version = "1.2.0" }
        ui = { service = "web", origin = "http://localhost:8000" }
        [service.web]
        command = ["web", "{port}"]
    "#;
    let first_lines = |manifest: &str| {
        let shown = plan_whole(manifest, &facts()).unwrap().to_string();
        shown.lines().take(2).map(|line| format!("{line}\n")).collect::<String>()
    };
    expect![[r#"
        Notes 1.2.0 (com.example.notes)
           pages    http://localhost:8000/ from service web
    "#]]
    .assert_eq(&first_lines(manifest));
    let remote = manifest.replace("service = \"web\"", "url = \"https://notes.example.com\"");
    expect![[r#"
        Notes 1.2.0 (com.example.notes)
           pages    http://localhost:8000/ from https://notes.example.com
    "#]]
    .assert_eq(&first_lines(&remote));
}
