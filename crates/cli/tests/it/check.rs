//! `ensconce check`.

use insta::assert_snapshot;

use crate::world::{PAGES, WEB, World};

const MISTAKES: &str = r#"[ui]
service = "web"
[[route]]
path = "/api"
service = "ap"
[service.web]
comand = ["x"]
[service.api]
command = ["x", "{port}", "{service.wbe.port}"]
needs = ["web", "nothing"]
ready = { http = 3 }
"#;

#[test]
fn a_good_manifest() {
    assert_snapshot!(World::new(WEB).run("check"), @"
    exit code: 0
    ----- stdout -----

    ----- stderr -----
    Notes 1.0.0 is valid: web
    ");
}

#[test]
fn a_good_manifest_as_json() {
    assert_snapshot!(World::new(WEB).run("check --json"), @r#"
    exit code: 0
    ----- stdout -----
    {
      "mistakes": [],
      "warnings": []
    }

    ----- stderr -----
    Notes 1.0.0 is valid: web
    "#);
}

#[test]
fn a_folder_may_be_given() {
    let world = World::new(PAGES);
    assert_snapshot!(world.run("check ../app"), @"
    exit code: 0
    ----- stdout -----

    ----- stderr -----
    Notes 1.0.0 is valid: no tasks or services
    ");
}

#[test]
fn all_mistakes_at_once() {
    assert_snapshot!(World::new(MISTAKES).run("check"), @r#"
    exit code: 2
    ----- stdout -----

    ----- stderr -----
    error: Unknown service `ap`
     --> ensconce.toml:9:11
      |
    9 | service = "ap"
      |           ^^^^
      |
      = hint: Did you mean `api`?

    error: Unknown key `comand` in `service.web`
      --> ensconce.toml:11:1
       |
    11 | comand = ["x"]
       | ^^^^^^
       |
       = hint: Did you mean `command`?

    error: Unknown service `wbe`
      --> ensconce.toml:13:28
       |
    13 | command = ["x", "{port}", "{service.wbe.port}"]
       |                            ^^^^^^^^^^^^^^^^^^
       |
       = hint: Did you mean `web`?

    error: Unknown service or task `nothing`
      --> ensconce.toml:14:17
       |
    14 | needs = ["web", "nothing"]
       |                 ^^^^^^^^^
       |
       = hint: Add a table `[service.nothing]` or `[task.nothing]`

    error: `service.api.ready.http`: expected a string, found a whole number
      --> ensconce.toml:15:18
       |
    15 | ready = { http = 3 }
       |                  ^
       |
       = hint: Write it in quotes: `"3"`
    "#);
}

#[test]
fn all_mistakes_as_json() {
    assert_snapshot!(World::new(MISTAKES).run("check --json"), @r#"
    exit code: 2
    ----- stdout -----
    {
      "mistakes": [
        {
          "file": "ensconce.toml",
          "line": 9,
          "column": 11,
          "end_line": 9,
          "end_column": 15,
          "message": "Unknown service `ap`",
          "hints": [
            "Did you mean `api`?"
          ]
        },
        {
          "file": "ensconce.toml",
          "line": 11,
          "column": 1,
          "end_line": 11,
          "end_column": 7,
          "message": "Unknown key `comand` in `service.web`",
          "hints": [
            "Did you mean `command`?"
          ]
        },
        {
          "file": "ensconce.toml",
          "line": 13,
          "column": 28,
          "end_line": 13,
          "end_column": 46,
          "message": "Unknown service `wbe`",
          "hints": [
            "Did you mean `web`?"
          ]
        },
        {
          "file": "ensconce.toml",
          "line": 14,
          "column": 17,
          "end_line": 14,
          "end_column": 26,
          "message": "Unknown service or task `nothing`",
          "hints": [
            "Add a table `[service.nothing]` or `[task.nothing]`"
          ]
        },
        {
          "file": "ensconce.toml",
          "line": 15,
          "column": 18,
          "end_line": 15,
          "end_column": 19,
          "message": "`service.api.ready.http`: expected a string, found a whole number",
          "hints": [
            "Write it in quotes: `\"3\"`"
          ]
        }
      ],
      "warnings": []
    }

    ----- stderr -----
    error: Unknown service `ap`
     --> ensconce.toml:9:11
      |
    9 | service = "ap"
      |           ^^^^
      |
      = hint: Did you mean `api`?

    error: Unknown key `comand` in `service.web`
      --> ensconce.toml:11:1
       |
    11 | comand = ["x"]
       | ^^^^^^
       |
       = hint: Did you mean `command`?

    error: Unknown service `wbe`
      --> ensconce.toml:13:28
       |
    13 | command = ["x", "{port}", "{service.wbe.port}"]
       |                            ^^^^^^^^^^^^^^^^^^
       |
       = hint: Did you mean `web`?

    error: Unknown service or task `nothing`
      --> ensconce.toml:14:17
       |
    14 | needs = ["web", "nothing"]
       |                 ^^^^^^^^^
       |
       = hint: Add a table `[service.nothing]` or `[task.nothing]`

    error: `service.api.ready.http`: expected a string, found a whole number
      --> ensconce.toml:15:18
       |
    15 | ready = { http = 3 }
       |                  ^
       |
       = hint: Write it in quotes: `"3"`
    "#);
}

#[test]
fn what_is_missing_here_is_a_warning() {
    let world = World::new(
        r#"[ui]
static = "dist"
[service.a]
command = ["no-such-program"]
[service.b]
command = ["sh"]
cwd = "nowhere"
[service.c]
command = ["./start"]
cwd = "here"
[service.d]
command = ["./stop"]
cwd = "here"
"#,
    );
    world.write("here/start", "");
    assert_snapshot!(world.run("check"), @"
    exit code: 0
    ----- stdout -----

    ----- stderr -----
    warning: the pages do not exist: [ROOT]/app/dist
    warning: the program of `a` was not found: no-such-program
    warning: the working folder of `b` does not exist: [ROOT]/app/nowhere
    warning: the program of `d` was not found: [ROOT]/app/here/./stop
    Notes 1.0.0 is valid: a, b, c, d
    ");
    assert_snapshot!(world.run("check --json"), @r#"
    exit code: 0
    ----- stdout -----
    {
      "mistakes": [],
      "warnings": [
        "the pages do not exist: [ROOT]/app/dist",
        "the program of `a` was not found: no-such-program",
        "the working folder of `b` does not exist: [ROOT]/app/nowhere",
        "the program of `d` was not found: [ROOT]/app/here/./stop"
      ]
    }

    ----- stderr -----
    warning: the pages do not exist: [ROOT]/app/dist
    warning: the program of `a` was not found: no-such-program
    warning: the working folder of `b` does not exist: [ROOT]/app/nowhere
    warning: the program of `d` was not found: [ROOT]/app/here/./stop
    Notes 1.0.0 is valid: a, b, c, d
    "#);
}

#[test]
fn a_variable_that_is_not_set() {
    let world =
        World::new("[ui]\nstatic = \"pages\"\n[service.a]\ncommand = [\"sh\", \"{env.TOKEN}\"]\n");
    assert_snapshot!(world.run("check"), @"
    exit code: 2
    ----- stdout -----

    ----- stderr -----
    error: `a` needs the environment variable `TOKEN`, which is not set
    hint: Set it before the start: TOKEN=value ensconce run
    ");
}
