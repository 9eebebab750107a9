//! The app, its pages, its routes, and what needs what.

use expect_test::expect;

use super::check;

#[test]
fn versions_are_semantic() {
    check(
        r#"[app]
id = "com.example.a"
name = "A"
version = "1""#,
        expect![[r#"
            ensconce.toml:4:11: `1` is not a semantic version: unexpected end of input while parsing major version number
              hint: Write `1.0.0`"#]],
    );
    check(
        r#"[app]
id = "com.example.a"
name = "A"
version = "1.0""#,
        expect![[r#"
            ensconce.toml:4:11: `1.0` is not a semantic version: unexpected end of input while parsing minor version number
              hint: Write `1.0.0`"#]],
    );
    check(
        r#"[app]
id = "com.example.a"
name = "A"
version = "v1.0.0""#,
        expect![[r#"
            ensconce.toml:4:11: `v1.0.0` is not a semantic version: unexpected character 'v' while parsing major version number
              hint: Write `1.0.0`"#]],
    );
    check(
        r#"[app]
id = "com.example.a"
name = "A"
version = "1.0.0.0""#,
        expect![[r#"
            ensconce.toml:4:11: `1.0.0.0` is not a semantic version: unexpected character '.' after patch version number
              hint: Write three numbers, such as `1.2.0`"#]],
    );
    check(
        r#"[app]
id = "com.example.a"
name = "A"
version = """#,
        expect![[r#"
            ensconce.toml:4:11: `` is not a semantic version: empty string, expected a semver version
              hint: Write three numbers, such as `1.2.0`"#]],
    );
    check(
        r#"[app]
id = "com.example.a"
name = "A"
version = "one""#,
        expect![[r#"
            ensconce.toml:4:11: `one` is not a semantic version: unexpected character 'o' while parsing major version number
              hint: Write three numbers, such as `1.2.0`"#]],
    );
    check(
        r#"[app]
id = "com.example.a"
name = "A"
version = "1.0.0-""#,
        expect![[r#"
            ensconce.toml:4:11: `1.0.0-` is not a semantic version: empty identifier segment in pre-release identifier
              hint: Write three numbers, such as `1.2.0`"#]],
    );
    check(
        r#"[app]
id = "com.example.a"
name = "A"
version = "01.0.0""#,
        expect![[r#"
            ensconce.toml:4:11: `01.0.0` is not a semantic version: invalid leading zero in major version number
              hint: Write three numbers, such as `1.2.0`"#]],
    );
    check(
        r#"[app]
id = "com.example.a"
name = "A"
version = "1.0.0-rc.1+5""#,
        expect!["valid"],
    );
}

#[test]
fn windows_are_not_smaller_than_they_may_be() {
    check(
        r"[window]
width = 800
min_width = 900",
        expect!["ensconce.toml:3:13: `min_width` is larger than `width`: 900 > 800"],
    );
    check(
        r"[window]
min_height = 800",
        expect!["ensconce.toml:2:14: `min_height` is larger than `height`: 800 > 750"],
    );
    check(
        r"[window]
width = 800
min_width = 800",
        expect!["valid"],
    );
}

#[test]
fn python_is_one_interpreter() {
    check(
        r#"[python]
venv = ".venv"
interpreter = "bin/python""#,
        expect![[r#"
            ensconce.toml:3:1: `python` has both `venv` and `interpreter`
              hint: Keep one of them"#]],
    );
    check(
        "[python]",
        expect![[r#"
        ensconce.toml:1:1: `python` has neither `venv` nor `interpreter`
          hint: Write `venv = ".venv"`"#]],
    );
}

#[test]
fn only_generated_secrets_have_an_encoding() {
    check(
        r#"[secret.a]
encoding = "hex""#,
        expect![[r#"
            ensconce.toml:1:1: Secret `a` has an encoding, but is not generated
              hint: Write `generate = 32`, or remove `encoding`"#]],
    );
}

#[test]
fn pages_come_from_one_place() {
    check(
        "[ui]",
        expect![[r#"
        ensconce.toml:1:1: `ui` does not say where the pages come from
          hint: Write `static = "dist"`, `service = "NAME"` or `url = "https://…"`"#]],
    );
    check(
        r"[ui]
allow = []",
        expect![[r#"
            ensconce.toml:1:1: `ui` does not say where the pages come from
              hint: Write `static = "dist"`, `service = "NAME"` or `url = "https://…"`"#]],
    );
    check(
        r#"[ui]
static = "a"
url = "https://a.com""#,
        expect![[r#"
            ensconce.toml:3:1: `ui` has `static` and `url`, but only one is allowed
              hint: Keep one of them"#]],
    );
    check(
        r#"[ui]
service = "api"
static = "a"
[service.api]
command = ["a", "{port}"]"#,
        expect![[r#"
            ensconce.toml:2:1: `ui` has `static` and `service`, but only one is allowed
              hint: Keep one of them"#]],
    );
    check(
        r#"[ui]
static = "a"
service = "api"
url = "https://a.com"
[service.api]
command = ["a", "{port}"]"#,
        expect![[r#"
            ensconce.toml:4:1: `ui` has `static`, `service` and `url`, but only one is allowed
              hint: Keep one of them"#]],
    );
}

#[test]
fn pages_come_from_a_service_that_listens() {
    check(
        r#"[ui]
service = "ap"
[service.api]
command = ["a", "{port}"]"#,
        expect![[r#"
            ensconce.toml:2:11: Unknown service `ap`
              hint: Did you mean `api`?"#]],
    );
    check(
        r#"[ui]
service = "web""#,
        expect![[r#"
            ensconce.toml:2:11: Unknown service `web`
              hint: Add a table `[service.web]`"#]],
    );
    check(
        r#"[ui]
service = "t"
[task.t]
command = ["x"]"#,
        expect!["ensconce.toml:2:11: `t` is a task, not a service"],
    );
    check(
        r#"[ui]
service = "api"
[service.api]
command = ["x"]"#,
        expect![[r#"
            ensconce.toml:2:11: `api` serves the pages, but does not say where it listens
              hint: Use `{port}` in its command, or set `listen` or `port`"#]],
    );
    check(
        r#"[ui]
service = "api"
[service.api]
command = ["x"]
listen = "none""#,
        expect![[r#"
            ensconce.toml:2:11: `api` serves the pages, but does not say where it listens
              hint: Use `{port}` in its command, or set `listen` or `port`"#]],
    );
    check(
        r#"[ui]
service = "api"
[service.api]
command = ["{port}"]
linux.command = ["x"]"#,
        expect![[r#"
            ensconce.toml:2:11: `api` serves the pages, but does not say where it listens
              hint: Use `{port}` in its command, or set `listen` or `port`
              hint: This applies on Linux"#]],
    );
    check(
        r#"[ui]
service = "api"
[service.api]
command = ["{port}"]
dev.command = ["x"]"#,
        expect![[r#"
            ensconce.toml:2:11: `api` serves the pages, but does not say where it listens
              hint: Use `{port}` in its command, or set `listen` or `port`
              hint: This applies in `ensconce dev`"#]],
    );
}

#[test]
fn addresses_are_urls() {
    check(
        r#"[ui]
url = "example.com""#,
        expect![[r#"
            ensconce.toml:2:7: `example.com` is not a valid URL: it begins with neither `http://` nor `https://`
              hint: Write it as `https://app.example.com`"#]],
    );
    check(
        r#"[ui]
url = "ftp://example.com""#,
        expect![[r#"
            ensconce.toml:2:7: `ftp://example.com` is not a valid URL: it begins with neither `http://` nor `https://`
              hint: Write it as `https://app.example.com`"#]],
    );
    check(
        r#"[ui]
url = "https://""#,
        expect![[r#"
            ensconce.toml:2:7: `https://` is not a valid URL: it has no host
              hint: Write it as `https://app.example.com`"#]],
    );
    check(
        r#"[ui]
url = "https://exa mple.com""#,
        expect![[r#"
            ensconce.toml:2:7: `https://exa mple.com` is not a valid URL: it contains white space
              hint: Write it as `https://app.example.com`"#]],
    );
    check(
        r#"[ui]
url = "https://example.com:0""#,
        expect![[r#"
            ensconce.toml:2:7: `https://example.com:0` is not a valid URL: its port is not a number from 1 to 65535
              hint: Write it as `https://app.example.com`"#]],
    );
    check(
        r#"[ui]
url = "https://example.com:99999""#,
        expect![[r#"
            ensconce.toml:2:7: `https://example.com:99999` is not a valid URL: its port is not a number from 1 to 65535
              hint: Write it as `https://app.example.com`"#]],
    );
    check(
        r#"[ui]
url = "https://example.com:x""#,
        expect![[r#"
            ensconce.toml:2:7: `https://example.com:x` is not a valid URL: its port is not a number from 1 to 65535
              hint: Write it as `https://app.example.com`"#]],
    );
    check(
        r#"[ui]
url = "https://a..b""#,
        expect![[r#"
            ensconce.toml:2:7: `https://a..b` is not a valid URL: its host is not a valid name
              hint: Write it as `https://app.example.com`"#]],
    );
    check(
        r#"[ui]
url = "https://[::1""#,
        expect![[r#"
            ensconce.toml:2:7: `https://[::1` is not a valid URL: its host is not a valid name
              hint: Write it as `https://app.example.com`"#]],
    );
    check(
        r#"[ui]
url = "https://user:pass@example.com""#,
        expect![[r#"
            ensconce.toml:2:7: `https://user:pass@example.com` is not a valid URL: it contains a user or a password
              hint: Write it as `https://app.example.com`"#]],
    );
    check(
        r#"[ui]
url = """#,
        expect![[r#"
            ensconce.toml:2:7: `` is not a valid URL: it begins with neither `http://` nor `https://`
              hint: Write it as `https://app.example.com`"#]],
    );
}

#[test]
fn origins_have_no_path() {
    check(
        r#"[ui]
static = "x"
origin = "http://localhost:8000/""#,
        expect![[r#"
            ensconce.toml:3:10: `http://localhost:8000/` is not a valid origin: an origin has no path
              hint: Write it as `http://localhost:8000`"#]],
    );
    check(
        r#"[ui]
static = "x"
origin = "localhost:8000""#,
        expect![[r#"
            ensconce.toml:3:10: `localhost:8000` is not a valid origin: it begins with neither `http://` nor `https://`
              hint: Write it as `http://localhost:8000`"#]],
    );
    check(
        r#"[ui]
static = "x"
origin = "http://localhost:8000/app""#,
        expect![[r#"
            ensconce.toml:3:10: `http://localhost:8000/app` is not a valid origin: an origin has no path
              hint: Write it as `http://localhost:8000`"#]],
    );
    check(
        r#"[ui]
static = "x"
origin = "https://a.com?x""#,
        expect![[r#"
            ensconce.toml:3:10: `https://a.com?x` is not a valid origin: an origin has no path
              hint: Write it as `http://localhost:8000`"#]],
    );
    check(
        r#"[ui]
static = "x"
origin = "ws://a.com""#,
        expect![[r#"
            ensconce.toml:3:10: `ws://a.com` is not a valid origin: it begins with neither `http://` nor `https://`
              hint: Write it as `http://localhost:8000`"#]],
    );
    check(
        r#"[ui]
static = "x"
origin = "http://*.a.com""#,
        expect![[r#"
            ensconce.toml:3:10: `http://*.a.com` is not a valid origin: its host is not a valid name
              hint: Write it as `http://localhost:8000`"#]],
    );
    check(
        r#"[ui]
static = "x"
origin = "*""#,
        expect![[r#"
            ensconce.toml:3:10: `*` is not a valid origin: it begins with neither `http://` nor `https://`
              hint: Write it as `http://localhost:8000`"#]],
    );
}

#[test]
fn allowed_origins() {
    check(
        r#"[ui]
static = "x"
allow = ["*", "https://a.com", "https://*.a.com", "http://[::1]:80"]"#,
        expect!["valid"],
    );
    check(
        r#"[ui]
static = "x"
allow = ["a.com", "https://a.com", "https://a.com/x", "https://a.*.com", "**"]"#,
        expect![[r#"
            ensconce.toml:3:10: `a.com` is not a valid origin: it begins with neither `http://` nor `https://`
              hint: Write it as `https://*.example.com`
            ensconce.toml:3:36: `https://a.com/x` is not a valid origin: an origin has no path
              hint: Write it as `https://*.example.com`
            ensconce.toml:3:55: `https://a.*.com` is not a valid origin: its host is not a valid name
              hint: Write it as `https://*.example.com`
            ensconce.toml:3:74: `**` is not a valid origin: it begins with neither `http://` nor `https://`
              hint: Write it as `https://*.example.com`"#]],
    );
}

#[test]
fn routes_lead_to_services_that_listen() {
    check(
        r#"[[route]]
service = "ap"
[service.api]
command = ["a", "{port}"]"#,
        expect![[r#"
            ensconce.toml:2:11: Unknown service `ap`
              hint: Did you mean `api`?"#]],
    );
    check(
        r#"[[route]]
service = "xyz""#,
        expect![[r#"
            ensconce.toml:2:11: Unknown service `xyz`
              hint: Add a table `[service.xyz]`"#]],
    );
    check(
        r#"[[route]]
service = "t"
[task.t]
command = ["x"]"#,
        expect!["ensconce.toml:2:11: `t` is a task, not a service"],
    );
    check(
        r#"[[route]]
service = "api"
[service.api]
command = ["x"]"#,
        expect![[r#"
            ensconce.toml:2:11: `api` is routed to, but does not say where it listens
              hint: Use `{port}` in its command, or set `listen` or `port`"#]],
    );
    check(
        r#"[[route]]
service = "api"
[service.api]
command = ["x"]
windows.port = 80"#,
        expect![[r#"
            ensconce.toml:2:11: `api` is routed to, but does not say where it listens
              hint: Use `{port}` in its command, or set `listen` or `port`
              hint: This applies on Linux and macOS"#]],
    );
    check(
        r#"[[route]]
service = """#,
        expect![[r#"
            ensconce.toml:2:11: Unknown service ``
              hint: Add a table `[service.]`"#]],
    );
}

#[test]
fn routes_differ() {
    check(
        r#"[[route]]
service = "api"
[[route]]
path = "/"
service = "api"
[service.api]
command = ["a", "{port}"]"#,
        expect![[r#"
            ensconce.toml:4:8: Second route for `/`
              hint: The first one leads to `api`"#]],
    );
    check(
        r#"[[route]]
path = "/a"
service = "api"
[[route]]
path = "/a/"
service = "api"
[service.api]
command = ["a", "{port}"]"#,
        expect![[r#"
            ensconce.toml:5:8: Second route for `/a/`
              hint: The first one leads to `api`"#]],
    );
    check(
        r#"[[route]]
path = "/a"
host = "localhost:80"
service = "api"
[[route]]
path = "/a"
host = "LOCALHOST:80"
service = "api"
[[route]]
path = "/a"
service = "api"
[service.api]
command = ["a", "{port}"]"#,
        expect![[r#"
            ensconce.toml:6:8: Second route for `/a` of `LOCALHOST:80`
              hint: The first one leads to `api`"#]],
    );
    check(
        r#"[[route]]
path = 3
service = "api"
[[route]]
path = "/a"
service = "apo"
[service.api]
command = ["a", "{port}"]"#,
        expect![[r#"
            ensconce.toml:2:8: `route.path`: expected a string, found a whole number
              hint: Write it in quotes: `"3"`
            ensconce.toml:6:11: Unknown service `apo`
              hint: Did you mean `api`?"#]],
    );
}

#[test]
fn hosts_have_a_port_and_no_path() {
    check(
        r#"[[route]]
host = "http://localhost:8000"
service = "api"
[service.api]
command = ["a", "{port}"]"#,
        expect![[r#"
            ensconce.toml:2:8: `http://localhost:8000` is not a valid `host:port`: its host is not a valid name
              hint: Write it as `localhost:8000`"#]],
    );
    check(
        r#"[[route]]
host = "localhost:8000/x"
service = "api"
[service.api]
command = ["a", "{port}"]"#,
        expect![[r#"
            ensconce.toml:2:8: `localhost:8000/x` is not a valid `host:port`: its port is not a number from 1 to 65535
              hint: Write it as `localhost:8000`"#]],
    );
    check(
        r#"[[route]]
host = "localhost:"
service = "api"
[service.api]
command = ["a", "{port}"]"#,
        expect![[r#"
            ensconce.toml:2:8: `localhost:` is not a valid `host:port`: its port is not a number from 1 to 65535
              hint: Write it as `localhost:8000`"#]],
    );
    check(
        r#"[[route]]
host = "localhost:0"
service = "api"
[service.api]
command = ["a", "{port}"]"#,
        expect![[r#"
            ensconce.toml:2:8: `localhost:0` is not a valid `host:port`: its port is not a number from 1 to 65535
              hint: Write it as `localhost:8000`"#]],
    );
    check(
        r#"[[route]]
host = ":80"
service = "api"
[service.api]
command = ["a", "{port}"]"#,
        expect![[r#"
            ensconce.toml:2:8: `:80` is not a valid `host:port`: it has no host
              hint: Write it as `localhost:8000`"#]],
    );
    check(
        r#"[[route]]
host = ""
service = "api"
[service.api]
command = ["a", "{port}"]"#,
        expect![[r#"
            ensconce.toml:2:8: `` is not a valid `host:port`: it has no host
              hint: Write it as `localhost:8000`"#]],
    );
    check(
        r#"[[route]]
host = "localhost"
service = "api"
[service.api]
command = ["a", "{port}"]"#,
        expect!["valid"],
    );
    check(
        r#"[[route]]
host = "127.0.0.1:8000"
service = "api"
[service.api]
command = ["a", "{port}"]"#,
        expect!["valid"],
    );
    check(
        r#"[[route]]
host = "[::1]:8000"
service = "api"
[service.api]
command = ["a", "{port}"]"#,
        expect!["valid"],
    );
}

#[test]
fn names_mean_one_thing() {
    check(
        r#"[service.a]
command = ["x"]
[task.a]
command = ["x"]"#,
        expect![[r#"
            ensconce.toml:3:7: `a` is both a task and a service
              hint: `needs` could mean either: rename one of them"#]],
    );
    check(
        r#"[task.a]
command = ["x"]
[service.a]
command = ["x"]"#,
        expect![[r#"
            ensconce.toml:3:10: `a` is both a task and a service
              hint: `needs` could mean either: rename one of them"#]],
    );
}

#[test]
fn needs_exist() {
    check(
        r#"[service.api]
command = ["x"]
needs = ["cahe"]
[service.cache]
command = ["x"]"#,
        expect![[r#"
            ensconce.toml:3:10: Unknown service or task `cahe`
              hint: Did you mean `cache`?"#]],
    );
    check(
        r#"[service.api]
command = ["x"]
needs = ["migrat"]
[task.migrate]
command = ["x"]"#,
        expect![[r#"
            ensconce.toml:3:10: Unknown service or task `migrat`
              hint: Did you mean `migrate`?"#]],
    );
    check(
        r#"[service.api]
command = ["x"]
needs = ["zzz"]"#,
        expect![[r#"
            ensconce.toml:3:10: Unknown service or task `zzz`
              hint: Add a table `[service.zzz]` or `[task.zzz]`"#]],
    );
    check(
        r#"[task.a]
command = ["x"]
needs = ["b"]"#,
        expect![[r#"
            ensconce.toml:3:10: Unknown service or task `b`
              hint: Add a table `[service.b]` or `[task.b]`"#]],
    );
    check(
        r#"[service.api]
command = ["x"]
dev.needs = ["b"]"#,
        expect![[r#"
            ensconce.toml:3:14: Unknown service or task `b`
              hint: Add a table `[service.b]` or `[task.b]`
              hint: This applies in `ensconce dev`"#]],
    );
    check(
        r#"[service.api]
command = ["x"]
needs = ["b"]
linux.needs = []"#,
        expect![[r#"
            ensconce.toml:3:10: Unknown service or task `b`
              hint: Add a table `[service.b]` or `[task.b]`
              hint: This applies on Windows and macOS"#]],
    );
    check(
        r#"[ui]
static = "x"
dev = { command = ["x"], needs = ["b"] }"#,
        expect![[r#"
            ensconce.toml:3:35: Unknown service or task `b`
              hint: Add a table `[service.b]` or `[task.b]`"#]],
    );
    check(
        r#"[service.api]
command = ["x"]
needs = ["b"]
[service.b]
comand = ["x"]"#,
        expect![[r#"
            ensconce.toml:5:1: Unknown key `comand` in `service.b`
              hint: Did you mean `command`?"#]],
    );
    check(
        r#"[service.api]
command = ["x"]
needs = ["b"]
[servce.b]
command = ["x"]"#,
        expect![[r#"
            ensconce.toml:4:2: Unknown table `servce`
              hint: Did you mean `service`?"#]],
    );
}

#[test]
fn circles_are_shown() {
    check(
        r#"[service.a]
command = ["x"]
needs = ["a"]"#,
        expect![[r#"
            ensconce.toml:3:10: `a` needs itself
              hint: None of them could start first"#]],
    );
    check(
        r#"[service.a]
command = ["x"]
needs = ["b"]
[service.b]
command = ["x"]
needs = ["a"]"#,
        expect![[r#"
            ensconce.toml:6:10: Cycle in `needs`: a -> b -> a
              hint: None of them could start first"#]],
    );
    check(
        r#"[service.a]
command = ["x"]
needs = ["b"]
[task.b]
command = ["x"]
needs = ["c"]
[service.c]
command = ["x"]
needs = ["a", "b"]"#,
        expect![[r#"
            ensconce.toml:9:10: Cycle in `needs`: a -> b -> c -> a
              hint: None of them could start first
            ensconce.toml:9:15: Cycle in `needs`: b -> c -> b
              hint: None of them could start first"#]],
    );
    check(
        r#"[service.a]
command = ["x"]
needs = ["b"]
[service.b]
command = ["x"]
dev.needs = ["a"]"#,
        expect![[r#"
            ensconce.toml:6:14: Cycle in `needs`: a -> b -> a
              hint: None of them could start first
              hint: This applies in `ensconce dev`"#]],
    );
    check(
        r#"[service.a0]
command = ["x"]
needs = ["a1"]
[service.a1]
command = ["x"]
needs = ["a2"]
[service.a2]
command = ["x"]
needs = ["a3"]
[service.a3]
command = ["x"]
needs = ["a4"]
[service.a4]
command = ["x"]
needs = ["a5"]
[service.a5]
command = ["x"]
needs = ["a6"]
[service.a6]
command = ["x"]
needs = ["a7"]
[service.a7]
command = ["x"]
needs = ["a8"]
[service.a8]
command = ["x"]
needs = ["a9"]
[service.a9]
command = ["x"]
needs = ["a10"]
[service.a10]
command = ["x"]
needs = ["a11"]
[service.a11]
command = ["x"]
needs = ["a12"]
[service.a12]
command = ["x"]
needs = ["a13"]
[service.a13]
command = ["x"]
needs = ["a14"]
[service.a14]
command = ["x"]
needs = ["a15"]
[service.a15]
command = ["x"]
needs = ["a16"]
[service.a16]
command = ["x"]
needs = ["a17"]
[service.a17]
command = ["x"]
needs = ["a18"]
[service.a18]
command = ["x"]
needs = ["a19"]
[service.a19]
command = ["x"]
needs = ["a0"]"#,
        expect![[r#"
            ensconce.toml:60:10: Cycle in `needs`: a0 -> a1 -> a2 -> a3 -> a4 -> … -> a15 -> a16 -> a17 -> a18 -> a19 -> a0
              hint: None of them could start first"#]],
    );
    check(
        r#"[task.b]
command = ["x"]
needs = ["c", "d"]
[task.c]
command = ["x"]
needs = ["d"]
[task.d]
command = ["x"]"#,
        expect!["valid"],
    );
}

#[test]
fn mistakes_do_not_hide_each_other_nor_cause_others() {
    check(
        r#"[[route]]
service = "api"
[service.api]
comand = ["x"]
env = { A = "{dat}", B = "{secret.x}", C = 2020-01-01 }
needs = ["zzz"]
start = { timeout = 10 }
[service.b]
command = ["x", "{prt}"]
ready = { http = "/" }
[task.t]
command = ["{service.api.port}", "{service.b.port}", "{service.c.port}"]
[service.c]
command = ["x", 3]
ready = { http = 3 }
[secret.s]
generate = "x""#,
        expect![[r#"
            ensconce.toml:4:1: Unknown key `comand` in `service.api`
              hint: Did you mean `command`?
            ensconce.toml:5:14: Unknown template `{dat}`
              hint: Did you mean `{data}`?
            ensconce.toml:5:27: Unknown secret `x`
              hint: Add a table `[secret.x]`
            ensconce.toml:5:44: `service.api.env.C`: expected a string, a number or a boolean, found a date
              hint: Write it in quotes: `"2020-01-01"`
            ensconce.toml:6:10: Unknown service or task `zzz`
              hint: Add a table `[service.zzz]` or `[task.zzz]`
            ensconce.toml:7:21: `service.api.start.timeout`: expected a string, found a whole number
              hint: Write it with a unit: `"10s"`
            ensconce.toml:9:18: Unknown template `{prt}`
              hint: Did you mean `{port}`?
            ensconce.toml:14:17: `service.c.command`: expected a string, found a whole number
              hint: Write it in quotes: `"3"`
            ensconce.toml:15:18: `service.c.ready.http`: expected a string, found a whole number
              hint: Write it in quotes: `"3"`
            ensconce.toml:17:12: `secret.s.generate`: expected a whole number, found a string"#]],
    );
}
