//! Platforms and development.

use ensconce_manifest::{Mode, Platform};
use ensconce_plan::Facts;
use expect_test::expect;

use crate::check::{check, facts, plan_whole};

const API: &str = r#"
[service.api]
command = ["api", "{socket}"]
env = { A = "1", B = "2" }
windows = { command = ["api.exe", "--port", "{port}"], env = { B = "windows" } }
[service.api.dev]
command = ["api", "--reload", "{port}"]
env = { C = "dev" }
stop = { timeout = "1s" }

[task.seed]
command = ["seed"]
macos = { command = ["seed-mac"], timeout = "1h" }
dev = { when = "first-run" }
"#;

#[test]
fn each_platform_has_its_own() {
    check(
        API,
        &Facts { platform: Platform::Macos, ..facts() },
        expect![[r#"
        1. task seed
           command  seed-mac
           folder   /app
           ready    when it exits with code 0, within 3600 s
           stop     SIGTERM, killed after 10 s

        2. service api
           command  api /run/notes/api.sock
           folder   /app
           env      A=1
           env      B=2
           listens  on the socket /run/notes/api.sock
           ready    when it accepts connections, within 60 s
           stop     SIGTERM, killed after 10 s
    "#]],
    );
    check(
        API,
        &Facts { platform: Platform::Windows, ..facts() },
        expect![[r#"
        1. task seed
           command  seed
           folder   /app
           ready    when it exits with code 0, within 300 s
           stop     SIGTERM, killed after 10 s

        2. service api
           command  api.exe --port "<port of api>"
           folder   /app
           env      A=1
           env      B=windows
           listens  on a free port of 127.0.0.1
           ready    when it accepts connections, within 60 s
           stop     SIGTERM, killed after 10 s
    "#]],
    );
}

#[test]
fn development_wins() {
    let windows = Facts { platform: Platform::Windows, mode: Mode::Dev, ..facts() };
    check(
        API,
        &windows,
        expect![[r#"
        1. task seed
           command  seed
           folder   /app
           ready    when it exits with code 0, within 300 s
           stop     SIGTERM, killed after 10 s

        2. service api
           command  api --reload "<port of api>"
           folder   /app
           env      A=1
           env      B=windows
           env      C=dev
           listens  on a free port of 127.0.0.1
           ready    when it accepts connections, within 60 s
           stop     SIGTERM, killed after 1 s
    "#]],
    );
}

const PAGES: &str = r#"
app = { id = "com.example.notes", name = "Notes", version = "1.2.0" }
[ui]
static = "dist"
[ui.dev]
command = ["npm", "run", "dev", "--", "--port", "{port}"]
cwd = "web"
env = { BROWSER = "none" }
needs = ["api"]
[service.api]
command = ["api", "{port}"]
"#;

#[test]
fn pages_have_a_server_of_their_own_in_development() {
    let dev = Facts { mode: Mode::Dev, ..facts() };
    expect![[r#"
        Notes 1.2.0 (com.example.notes)
           pages    http://notes.localhost/ from service ui
           data     /home/ada/data
           config   /home/ada/config
           cache    /home/ada/cache
           logs     /home/ada/logs
           run      /run/notes

        1. service api
           command  api "<port of api>"
           folder   /app
           listens  on a free port of 127.0.0.1
           ready    when it accepts connections, within 60 s
           stop     SIGTERM, killed after 10 s

        2. service ui
           after    api
           command  npm run dev -- --port "<port of ui>"
           folder   /app/web
           env      BROWSER=none
           listens  on a free port of 127.0.0.1
           ready    when it accepts connections, within 60 s
           stop     SIGTERM, killed after 10 s
    "#]]
    .assert_eq(&plan_whole(PAGES, &dev).unwrap().to_string());
    let installed = plan_whole(PAGES, &facts()).unwrap();
    assert_eq!(installed.jobs.len(), 1);
}

#[test]
fn the_server_of_pages_takes_no_name_from_others() {
    let dev = Facts { mode: Mode::Dev, ..facts() };
    let manifest = format!("{PAGES}[service.ui]\ncommand = [\"x\"]\n");
    let plan = plan_whole(&manifest, &dev).unwrap();
    let names: Vec<&str> = plan.jobs.iter().map(|job| job.name.as_str()).collect();
    assert_eq!(names, ["api", "ui", "ui-dev"]);
}
