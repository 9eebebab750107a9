//! `ensconce plan`.

use insta::assert_snapshot;

use crate::world::World;

const APP: &str = r#"[ui]
static = "pages"
[[route]]
path = "/api"
service = "api"
[env]
TZ = "UTC"
[secret.session]
generate = 32
[task.migrate]
command = ["{python}", "migrate.py", "--database", "{data}/notes.db"]
when = "update"
[service.api]
command = ["{python}", "server.py", "{port}"]
needs = ["migrate"]
ready = { http = "/health" }
env = { KEY = "{secret.session}", URL = "{origin}" }
stop = { signal = "SIGINT", timeout = "2s" }
dev = { command = ["{python}", "server.py", "{port}", "--reload"] }
[service.worker]
command = ["sh", "-c", "echo \"$1\"", "worker", "{service.api.url}"]
optional = true
"#;

#[test]
fn as_text() {
    assert_snapshot!(World::new(APP).run("plan"), @r#"
    exit code: 0
    ----- stdout -----
    Notes 1.0.0 (com.example.notes)
       pages    http://notes.localhost/ from [ROOT]/app/pages
       route    /api to service api
       data     [ROOT]/home/.local/share/com.example.notes
       config   [ROOT]/home/.config/com.example.notes
       cache    [ROOT]/home/.cache/com.example.notes
       logs     [ROOT]/home/.local/state/com.example.notes/logs
       run      [ROOT]/tmp/ensconce-[RUN]
       secret   session, generated on the first run

    1. task migrate
       command  python3 migrate.py --database [ROOT]/home/.local/share/com.example.notes/notes.db
       folder   [ROOT]/app
       python   python3 (on PATH, because there is no virtual environment)
       env      PYTHONUNBUFFERED=1
       env      TZ=UTC
       ready    when it exits with code 0, within 300 s
       stop     SIGTERM, killed after 10 s

    2. service api
       after    migrate
       command  python3 server.py "<port of api>"
       folder   [ROOT]/app
       python   python3 (on PATH, because there is no virtual environment)
       env      PYTHONUNBUFFERED=1
       env      TZ=UTC
       env      KEY=<secret session>
       env      URL=<origin>
       listens  on a free port of 127.0.0.1
       ready    when GET /health answers with 200 to 399, within 60 s
       stop     SIGINT, killed after 2 s

    3. service worker, optional
       command  sh -c "echo \"$1\"" worker "http://<host of api>:<port of api>"
       folder   [ROOT]/app
       env      TZ=UTC
       ready    when its process runs, within 60 s
       stop     SIGTERM, killed after 10 s

    ----- stderr -----
    "#);
}

#[test]
fn as_json() {
    assert_snapshot!(World::new(APP).run("plan --json --data-dir here"), @r#"
    exit code: 0
    ----- stdout -----
    {
      "app": {
        "id": "com.example.notes",
        "name": "Notes",
        "version": "1.0.0",
        "icon": null
      },
      "mode": "run",
      "window": {
        "title": "Notes",
        "width": 1100,
        "height": 750,
        "min_width": null,
        "min_height": null,
        "resizable": true,
        "maximized": false,
        "fullscreen": false
      },
      "ui": {
        "root": {
          "static": {
            "folder": "[ROOT]/app/pages",
            "fallback": "index.html"
          }
        },
        "path": "/",
        "open": null,
        "origin": "http://notes.localhost",
        "allow": []
      },
      "routes": [
        {
          "host": null,
          "path": "/api",
          "service": "api",
          "strip": false
        }
      ],
      "folders": {
        "data": "[ROOT]/app/here/data",
        "config": "[ROOT]/app/here/config",
        "cache": "[ROOT]/app/here/cache",
        "logs": "[ROOT]/app/here/logs",
        "run": "[ROOT]/tmp/ensconce-[RUN]"
      },
      "resources": "[ROOT]/app",
      "secrets": [
        {
          "name": "session",
          "generate": 32,
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
          "unless": null,
          "needs": [],
          "optional": false,
          "command": [
            "python3",
            "migrate.py",
            "--database",
            "[ROOT]/app/here/data/notes.db"
          ],
          "env": {
            "PYTHONUNBUFFERED": "1",
            "TZ": "UTC"
          },
          "cwd": "[ROOT]/app",
          "python": {
            "interpreter": "python3",
            "why": "on PATH, because there is no virtual environment"
          },
          "listen": "nowhere",
          "ready": "exit",
          "start_timeout_ms": 300000,
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
            "server.py",
            "<port of api>"
          ],
          "env": {
            "PYTHONUNBUFFERED": "1",
            "TZ": "UTC",
            "KEY": "<secret session>",
            "URL": "<origin>"
          },
          "cwd": "[ROOT]/app",
          "python": {
            "interpreter": "python3",
            "why": "on PATH, because there is no virtual environment"
          },
          "listen": {
            "tcp": null
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
            "timeout_ms": 2000
          }
        },
        {
          "name": "worker",
          "kind": "service",
          "skip": null,
          "when": null,
          "unless": null,
          "needs": [],
          "optional": true,
          "command": [
            "sh",
            "-c",
            "echo \"$1\"",
            "worker",
            "http://<host of api>:<port of api>"
          ],
          "env": {
            "TZ": "UTC"
          },
          "cwd": "[ROOT]/app",
          "python": null,
          "listen": "nowhere",
          "ready": "started",
          "start_timeout_ms": 60000,
          "stop": {
            "signal": "SIGTERM",
            "timeout_ms": 10000
          }
        }
      ]
    }

    ----- stderr -----
    "#);
}

#[test]
fn for_development() {
    let screen = World::new(APP).run("plan --dev");
    let lines: Vec<&str> = screen.lines().filter(|line| line.contains("--reload")).collect();
    assert_snapshot!(lines.join("\n"), @r#"   command  python3 server.py "<port of api>" --reload"#);
}

fn folders(screen: &str) -> String {
    let names = ["data", "config", "cache", "logs"];
    let is_folder = |line: &&str| names.iter().any(|name| line.trim_start().starts_with(name));
    screen.lines().filter(is_folder).collect::<Vec<_>>().join("\n")
}

#[test]
#[cfg(target_os = "linux")]
fn folders_follow_the_platform() {
    let world = World::new(APP);
    let mut command = world.command("plan");
    for name in ["DATA", "CONFIG", "CACHE", "STATE"] {
        command.env(format!("XDG_{name}_HOME"), world.app().join(name.to_lowercase()));
    }
    assert_snapshot!(folders(&world.run_command(command)), @"
    data     [ROOT]/app/data/com.example.notes
    config   [ROOT]/app/config/com.example.notes
    cache    [ROOT]/app/cache/com.example.notes
    logs     [ROOT]/app/state/com.example.notes/logs
    ");
}

#[test]
fn folders_below_one() {
    assert_snapshot!(folders(&World::new(APP).run("plan --data-dir ../mine")), @"
    data     [ROOT]/app/../mine/data
    config   [ROOT]/app/../mine/config
    cache    [ROOT]/app/../mine/cache
    logs     [ROOT]/app/../mine/logs
    ");
}

#[test]
fn a_plan_makes_nothing() {
    let world = World::new(APP);
    world.run("plan");
    world.run("check");
    assert!(!world.data("").exists());
    world.assert_clean();
}

#[test]
fn a_plan_leaves_a_broken_state_file_where_it_is() {
    let world = World::new(APP);
    std::fs::create_dir_all(world.data(".ensconce")).unwrap();
    std::fs::write(world.data(".ensconce/state.json"), "{").unwrap();
    assert!(world.run("plan").starts_with("exit code: 0"));
    assert_eq!(std::fs::read_to_string(world.data(".ensconce/state.json")).unwrap(), "{");
}

#[test]
fn the_interpreter_and_why() {
    let world = World::new(APP);
    world.write(".venv/bin/python", "");
    let screen = world.run("plan");
    let found = screen.lines().find(|line| line.trim_start().starts_with("python"));
    assert_snapshot!(found.unwrap(), @"   python   [ROOT]/app/.venv/bin/python (`.venv` beside the manifest)");
}
