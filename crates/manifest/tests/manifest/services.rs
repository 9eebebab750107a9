//! Commands of services and tasks, and where services listen.

use expect_test::expect;

use super::check;

#[test]
fn everything_has_a_command() {
    check(
        "[service.api]",
        expect![[r#"
        ensconce.toml:1:1: The service `api` has no `command`
          hint: Write `command = ["program", "argument"]` in `[service.api]`"#]],
    );
    check(
        "[task.a]",
        expect![[r#"
        ensconce.toml:1:1: The task `a` has no `command`
          hint: Write `command = ["program", "argument"]` in `[task.a]`"#]],
    );
    check(
        r#"[service.api]
dev.command = ["x"]"#,
        expect![[r#"
            ensconce.toml:1:1: The service `api` has a `command` only for `ensconce dev`
              hint: Write `command = ["program", "argument"]` in `[service.api]`"#]],
    );
    check(
        r#"[task.a]
linux.command = ["x"]"#,
        expect![[r#"
            ensconce.toml:1:1: The task `a` has no `command` on Windows and macOS
              hint: Write `command = ["program", "argument"]` in `[task.a]`"#]],
    );
    check(
        r#"[service.api]
linux.command = ["x"]
macos.command = ["x"]"#,
        expect![[r#"
            ensconce.toml:1:1: The service `api` has no `command` on Windows
              hint: Write `command = ["program", "argument"]` in `[service.api]`"#]],
    );
    check(
        r#"[service.api]
linux.command = ["x"]
macos.command = ["x"]
windows.command = ["x"]"#,
        expect!["valid"],
    );
    check(
        r#"[service.api]
linux.command = ["x"]
dev.command = ["x"]"#,
        expect![[r#"
            ensconce.toml:1:1: The service `api` has no `command` on Windows and macOS
              hint: Write `command = ["program", "argument"]` in `[service.api]`"#]],
    );
    check(
        r#"[service.api]
command = [""]"#,
        expect![[r#"
            ensconce.toml:2:12: The program in `command` has no name
              hint: Write `command = ["program", "argument"]`"#]],
    );
    check(
        r#"[task.a]
command = ["  ", "x"]"#,
        expect![[r#"
            ensconce.toml:2:12: The program in `command` has no name
              hint: Write `command = ["program", "argument"]`"#]],
    );
    check(
        r#"[service.api]
command = ["x"]
windows.command = [""]"#,
        expect![[r#"
            ensconce.toml:3:20: The program in `command` has no name
              hint: Write `command = ["program", "argument"]`
              hint: This applies on Windows"#]],
    );
    check(
        r#"[ui]
static = "x"
dev = { command = [""] }"#,
        expect![[r#"
            ensconce.toml:3:20: The program in `command` has no name
              hint: Write `command = ["program", "argument"]`"#]],
    );
}

#[test]
fn a_fixed_port_is_tcp() {
    check(
        r#"[service.api]
command = ["x"]
port = 80
listen = "unix""#,
        expect![[r#"
            ensconce.toml:3:8: `port` is for TCP, but `listen` is `unix`
              hint: Keep one of them"#]],
    );
    check(
        r#"[service.api]
command = ["x"]
port = 80
listen = "fd""#,
        expect![[r#"
            ensconce.toml:3:8: `port` is for TCP, but `listen` is `fd`
              hint: Keep one of them"#]],
    );
    check(
        r#"[service.api]
command = ["x"]
port = 80
listen = "handshake""#,
        expect![[r#"
            ensconce.toml:3:8: `port` is for TCP, but `listen` is `handshake`
              hint: Keep one of them"#]],
    );
    check(
        r#"[service.api]
command = ["x"]
port = 80
listen = "none""#,
        expect![[r#"
            ensconce.toml:3:8: `port` is for TCP, but `listen` is `none`
              hint: Keep one of them"#]],
    );
    check(
        r#"[service.api]
command = ["x"]
port = 80
listen = "tcp""#,
        expect!["valid"],
    );
    check(
        r#"[service.api]
command = ["x"]
port = 80
windows.listen = "unix""#,
        expect![[r#"
            ensconce.toml:3:8: `port` is for TCP, but `listen` is `unix`
              hint: Keep one of them
              hint: This applies on Windows"#]],
    );
}

#[test]
fn handshake_files_need_a_handshake() {
    check(
        r#"[service.api]
command = ["x"]
handshake = "{run}/a"
listen = "tcp""#,
        expect![[r#"
            ensconce.toml:3:13: `handshake` without `listen = "handshake"`
              hint: Set `listen = "handshake"`, or remove `handshake`"#]],
    );
    check(
        r#"[service.api]
command = ["x", "{port}"]
handshake = "{run}/a""#,
        expect![[r#"
            ensconce.toml:3:13: `handshake` without `listen = "handshake"`
              hint: Set `listen = "handshake"`, or remove `handshake`"#]],
    );
    check(
        r#"[service.api]
command = ["x"]
handshake = "{run}/a""#,
        expect!["valid"],
    );
    check(
        r#"[service.api]
command = ["x"]
port = 80
handshake = "{run}/a""#,
        expect![[r#"
            ensconce.toml:4:13: `handshake` without `listen = "handshake"`
              hint: Set `listen = "handshake"`, or remove `handshake`"#]],
    );
}

#[test]
fn ready_fits_listen() {
    check(
        r#"[service.api]
command = ["x", "{port}"]
ready = "handshake""#,
        expect![[r#"
            ensconce.toml:3:9: `api` is ready by handshake, but listens in another way
              hint: Set `listen = "handshake"`, or remove `ready`"#]],
    );
    check(
        r#"[service.api]
command = ["x"]
ready = "handshake""#,
        expect!["valid"],
    );
    check(
        r#"[service.api]
command = ["x"]
ready = "tcp""#,
        expect![[r#"
            ensconce.toml:3:9: `api` is ready when it answers, but does not say where it listens
              hint: Use `{port}` in its command, or set `listen` or `port`"#]],
    );
    check(
        r#"[service.api]
command = ["x"]
ready = { http = "/" }"#,
        expect![[r#"
            ensconce.toml:3:9: `api` is ready when it answers, but does not say where it listens
              hint: Use `{port}` in its command, or set `listen` or `port`"#]],
    );
    check(
        r#"[service.api]
command = ["x"]
listen = "none"
ready = { http = "/" }"#,
        expect![[r#"
            ensconce.toml:4:9: `api` is ready when it answers, but does not say where it listens
              hint: Use `{port}` in its command, or set `listen` or `port`"#]],
    );
    check(
        r#"[service.api]
command = ["x"]
ready = "started""#,
        expect!["valid"],
    );
    check(
        r#"[service.api]
command = ["x"]
ready = "notify""#,
        expect!["valid"],
    );
    check(
        r#"[service.api]
command = ["x", "{socket}"]
ready = "tcp""#,
        expect!["valid"],
    );
    check(
        r#"[service.api]
command = ["x"]
ready = "tcp"
macos.port = 80"#,
        expect![[r#"
            ensconce.toml:3:9: `api` is ready when it answers, but does not say where it listens
              hint: Use `{port}` in its command, or set `listen` or `port`
              hint: This applies on Linux and Windows"#]],
    );
}

#[test]
fn log_patterns_are_regular_expressions() {
    check(
        r#"[service.api]
command = ["x"]
ready = { log = "(" }"#,
        expect![[r#"
            ensconce.toml:3:17: `(` is not a valid regular expression: unclosed group
              hint: Write a backslash before `.`, `(`, `[` and the like to match them literally"#]],
    );
    check(
        r#"[service.api]
command = ["x"]
ready = { log = "[a" }"#,
        expect![[r#"
            ensconce.toml:3:17: `[a` is not a valid regular expression: unclosed character class
              hint: Write a backslash before `.`, `(`, `[` and the like to match them literally"#]],
    );
    check(
        r#"[service.api]
command = ["x"]
ready = { log = "a{2,1}" }"#,
        expect![[r#"
            ensconce.toml:3:17: `a{2,1}` is not a valid regular expression: invalid repetition count range, the start must be <= the end
              hint: Write a backslash before `.`, `(`, `[` and the like to match them literally"#]],
    );
    check(
        r#"[service.api]
command = ["x"]
ready = { log = "*" }"#,
        expect![[r#"
            ensconce.toml:3:17: `*` is not a valid regular expression: repetition operator missing expression
              hint: Write a backslash before `.`, `(`, `[` and the like to match them literally"#]],
    );
    check(
        r#"[service.api]
command = ["x"]
ready = { log = "\\p{Nope}" }"#,
        expect![[r#"
            ensconce.toml:3:17: `\p{Nope}` is not a valid regular expression: Unicode property not found
              hint: Write a backslash before `.`, `(`, `[` and the like to match them literally"#]],
    );
    check(
        r#"[service.api]
command = ["x"]
ready = { log = "(?=x)" }"#,
        expect![[r#"
            ensconce.toml:3:17: `(?=x)` is not a valid regular expression: look-around, including look-ahead and look-behind, is not supported
              hint: Write a backslash before `.`, `(`, `[` and the like to match them literally"#]],
    );
    check(
        r#"[service.api]
command = ["x"]
ready = { log = "listening on .*" }"#,
        expect!["valid"],
    );
    check(
        r#"[service.api]
command = ["x"]
ready = { log = "\\w{1000}{1000}" }"#,
        expect![[r#"
            ensconce.toml:3:17: `\w{1000}{1000}` is not a valid regular expression: Compiled regex exceeds size limit of 1048576 bytes
              hint: Write a backslash before `.`, `(`, `[` and the like to match them literally"#]],
    );
}

#[test]
fn own_addresses_fit_listen() {
    check(
        r#"[service.api]
command = ["x", "{port}"]
listen = "tcp""#,
        expect!["valid"],
    );
    check(
        r#"[service.api]
command = ["x", "{port}"]
listen = "unix""#,
        expect![[r#"
            ensconce.toml:2:18: `{port}` in `api`, which listens on a Unix socket
              hint: Set `listen = "tcp"`"#]],
    );
    check(
        r#"[service.api]
command = ["x", "{port}"]
listen = "fd""#,
        expect![[r#"
            ensconce.toml:2:18: `{port}` in `api`, which gets an open socket
              hint: Set `listen = "tcp"`"#]],
    );
    check(
        r#"[service.api]
command = ["x", "{port}"]
listen = "handshake""#,
        expect![[r#"
            ensconce.toml:2:18: `{port}` in `api`, which picks its own port
              hint: Set `listen = "tcp"`"#]],
    );
    check(
        r#"[service.api]
command = ["x", "{port}"]
listen = "none""#,
        expect![[r#"
            ensconce.toml:2:18: `{port}` in `api`, which does not listen
              hint: Set `listen = "tcp"`"#]],
    );
    check(
        r#"[service.api]
command = ["x", "{socket}"]
listen = "tcp""#,
        expect![[r#"
            ensconce.toml:2:18: `{socket}` in `api`, which listens on a TCP port
              hint: Set `listen = "unix"`"#]],
    );
    check(
        r#"[service.api]
command = ["x", "{socket}"]
listen = "unix""#,
        expect!["valid"],
    );
    check(
        r#"[service.api]
command = ["x", "{socket}"]
listen = "fd""#,
        expect![[r#"
            ensconce.toml:2:18: `{socket}` in `api`, which gets an open socket
              hint: Set `listen = "unix"`"#]],
    );
    check(
        r#"[service.api]
command = ["x", "{socket}"]
listen = "handshake""#,
        expect![[r#"
            ensconce.toml:2:18: `{socket}` in `api`, which picks its own port
              hint: Set `listen = "unix"`"#]],
    );
    check(
        r#"[service.api]
command = ["x", "{socket}"]
listen = "none""#,
        expect![[r#"
            ensconce.toml:2:18: `{socket}` in `api`, which does not listen
              hint: Set `listen = "unix"`"#]],
    );
    check(
        r#"[service.api]
command = ["x", "{handshake}"]
listen = "tcp""#,
        expect![[r#"
            ensconce.toml:2:18: `{handshake}` in `api`, which listens on a TCP port
              hint: Set `listen = "handshake"`"#]],
    );
    check(
        r#"[service.api]
command = ["x", "{handshake}"]
listen = "unix""#,
        expect![[r#"
            ensconce.toml:2:18: `{handshake}` in `api`, which listens on a Unix socket
              hint: Set `listen = "handshake"`"#]],
    );
    check(
        r#"[service.api]
command = ["x", "{handshake}"]
listen = "fd""#,
        expect![[r#"
            ensconce.toml:2:18: `{handshake}` in `api`, which gets an open socket
              hint: Set `listen = "handshake"`"#]],
    );
    check(
        r#"[service.api]
command = ["x", "{handshake}"]
listen = "handshake""#,
        expect!["valid"],
    );
    check(
        r#"[service.api]
command = ["x", "{handshake}"]
listen = "none""#,
        expect![[r#"
            ensconce.toml:2:18: `{handshake}` in `api`, which does not listen
              hint: Set `listen = "handshake"`"#]],
    );
    check(
        r#"[service.api]
command = ["x", "{port}", "{socket}"]"#,
        expect![[r#"
            ensconce.toml:2:18: `{port}` in `api`, which listens on a Unix socket
              hint: Set `listen = "tcp"`"#]],
    );
    check(
        r#"[service.api]
command = ["x"]
cwd = "{port}""#,
        expect![[r#"
            ensconce.toml:3:8: `{port}` in `api`, which does not listen
              hint: Set `listen = "tcp"`"#]],
    );
    check(
        r#"[service.api]
command = ["x", "{port}"]
port = 80"#,
        expect!["valid"],
    );
    check(
        r#"[service.api]
command = ["x", "{port}"]
windows.listen = "unix""#,
        expect![[r#"
            ensconce.toml:2:18: `{port}` in `api`, which listens on a Unix socket
              hint: Set `listen = "tcp"`
              hint: This applies on Windows"#]],
    );
    check(
        r#"[service.api]
command = ["x"]
env = { PORT = "{port}" }"#,
        expect!["valid"],
    );
}

#[test]
fn only_services_have_addresses_of_their_own() {
    check(
        r#"[task.a]
command = ["{port}", "{socket}", "{handshake}"]"#,
        expect![[r#"
            ensconce.toml:2:13: `{port}` in a task: a task does not listen
              hint: For the address of a service, write `{service.NAME.port}`
            ensconce.toml:2:23: `{socket}` in a task: a task does not listen
              hint: For the address of a service, write `{service.NAME.socket}`
            ensconce.toml:2:35: `{handshake}` in a task: a task does not listen
              hint: For the address of a service, write `{service.NAME.port}`"#]],
    );
    check(
        r#"[env]
PORT = "{port}""#,
        expect![[r#"
            ensconce.toml:2:9: `{port}` in `env`: it differs from service to service
              hint: Write it in the `env` of the service"#]],
    );
    check(
        r#"[ui]
static = "x"
dev = { command = ["x", "{port}"] }"#,
        expect!["valid"],
    );
    check(
        r#"[ui]
static = "x"
dev = { command = ["x", "{socket}"] }"#,
        expect![[r#"
            ensconce.toml:3:26: `{socket}` in `ui.dev`, which listens on a TCP port
              hint: Use `{port}`"#]],
    );
    check(
        r#"[task.a]
command = ["x"]
unless = "{port}""#,
        expect![[r#"
            ensconce.toml:3:11: `{port}` in a task: a task does not listen
              hint: For the address of a service, write `{service.NAME.port}`"#]],
    );
}

#[test]
fn addresses_of_other_services() {
    check(
        r#"[task.a]
command = ["{service.api.port}"]
[service.api]
command = ["x"]
listen = "tcp""#,
        expect!["valid"],
    );
    check(
        r#"[task.a]
command = ["{service.api.port}"]
[service.api]
command = ["x"]
listen = "unix""#,
        expect![[r#"
            ensconce.toml:2:13: `{service.api.port}` of `api`, which listens on a Unix socket
              hint: Write `{service.api.socket}`"#]],
    );
    check(
        r#"[task.a]
command = ["{service.api.port}"]
[service.api]
command = ["x"]
listen = "fd""#,
        expect![[r#"
            ensconce.toml:2:13: `{service.api.port}` of `api`, which gets an open socket
              hint: Write `{service.api.socket}`"#]],
    );
    check(
        r#"[task.a]
command = ["{service.api.port}"]
[service.api]
command = ["x"]
listen = "handshake""#,
        expect!["valid"],
    );
    check(
        r#"[task.a]
command = ["{service.api.port}"]
[service.api]
command = ["x"]
listen = "none""#,
        expect![[r#"
            ensconce.toml:2:13: `{service.api.port}` of `api`, which does not listen
              hint: Use `{port}` in its command, or set its `listen` or `port`"#]],
    );
    check(
        r#"[task.a]
command = ["{service.api.url}"]
[service.api]
command = ["x"]
listen = "tcp""#,
        expect!["valid"],
    );
    check(
        r#"[task.a]
command = ["{service.api.url}"]
[service.api]
command = ["x"]
listen = "unix""#,
        expect![[r#"
            ensconce.toml:2:13: `{service.api.url}` of `api`, which listens on a Unix socket
              hint: Write `{service.api.socket}`"#]],
    );
    check(
        r#"[task.a]
command = ["{service.api.url}"]
[service.api]
command = ["x"]
listen = "fd""#,
        expect![[r#"
            ensconce.toml:2:13: `{service.api.url}` of `api`, which gets an open socket
              hint: Write `{service.api.socket}`"#]],
    );
    check(
        r#"[task.a]
command = ["{service.api.url}"]
[service.api]
command = ["x"]
listen = "handshake""#,
        expect!["valid"],
    );
    check(
        r#"[task.a]
command = ["{service.api.url}"]
[service.api]
command = ["x"]
listen = "none""#,
        expect![[r#"
            ensconce.toml:2:13: `{service.api.url}` of `api`, which does not listen
              hint: Use `{port}` in its command, or set its `listen` or `port`"#]],
    );
    check(
        r#"[task.a]
command = ["{service.api.socket}"]
[service.api]
command = ["x"]
listen = "tcp""#,
        expect![[r#"
            ensconce.toml:2:13: `{service.api.socket}` of `api`, which listens on a TCP port
              hint: Write `{service.api.port}`"#]],
    );
    check(
        r#"[task.a]
command = ["{service.api.socket}"]
[service.api]
command = ["x"]
listen = "unix""#,
        expect!["valid"],
    );
    check(
        r#"[task.a]
command = ["{service.api.socket}"]
[service.api]
command = ["x"]
listen = "fd""#,
        expect!["valid"],
    );
    check(
        r#"[task.a]
command = ["{service.api.socket}"]
[service.api]
command = ["x"]
listen = "handshake""#,
        expect![[r#"
            ensconce.toml:2:13: `{service.api.socket}` of `api`, which picks its own port
              hint: Write `{service.api.port}`"#]],
    );
    check(
        r#"[task.a]
command = ["{service.api.socket}"]
[service.api]
command = ["x"]
listen = "none""#,
        expect![[r#"
            ensconce.toml:2:13: `{service.api.socket}` of `api`, which does not listen
              hint: Use `{port}` in its command, or set its `listen` or `port`"#]],
    );
    check(
        r#"[task.a]
command = ["{service.ap.port}"]
[service.api]
command = ["a", "{port}"]"#,
        expect![[r#"
            ensconce.toml:2:13: Unknown service `ap`
              hint: Did you mean `api`?"#]],
    );
    check(
        r#"[task.a]
command = ["{service.zzz.port}"]"#,
        expect![[r#"
            ensconce.toml:2:13: Unknown service `zzz`
              hint: Add a table `[service.zzz]`"#]],
    );
    check(
        r#"[task.a]
command = ["{service.a.port}"]"#,
        expect!["ensconce.toml:2:13: `a` is a task, not a service"],
    );
    check(
        r#"[service.api]
command = ["{port}", "{service.api.port}"]"#,
        expect![[r#"
            ensconce.toml:2:23: `{service.api.port}` in the service itself
              hint: Write `{port}`"#]],
    );
    check(
        r#"[task.a]
command = ["{service.api.port}"]
[service.api]
command = ["x"]
windows.port = 80"#,
        expect![[r#"
            ensconce.toml:2:13: `{service.api.port}` of `api`, which does not listen
              hint: Use `{port}` in its command, or set its `listen` or `port`
              hint: This applies on Linux and macOS"#]],
    );
    check(
        r#"[env]
A = "{service.ap.url}"
[service.api]
command = ["a", "{port}"]"#,
        expect![[r#"
            ensconce.toml:2:6: Unknown service `ap`
              hint: Did you mean `api`?"#]],
    );
    check(
        r#"[ui]
static = "x"
dev = { command = ["x"], env = { A = "{service.ap.url}" } }
[service.api]
command = ["a", "{port}"]"#,
        expect![[r#"
            ensconce.toml:3:39: Unknown service `ap`
              hint: Did you mean `api`?"#]],
    );
}

#[test]
fn secrets_exist() {
    check(
        r#"[env]
A = "{secret.sesion}"
[secret.session]
generate = 32"#,
        expect![[r#"
            ensconce.toml:2:6: Unknown secret `sesion`
              hint: Did you mean `session`?"#]],
    );
    check(
        r#"[env]
A = "{secret.zzz}""#,
        expect![[r#"
            ensconce.toml:2:6: Unknown secret `zzz`
              hint: Add a table `[secret.zzz]`"#]],
    );
    check(
        r#"[env]
A = "{secret.a}"
[secret.a]
generate = "x""#,
        expect!["ensconce.toml:4:12: `secret.a.generate`: expected a whole number, found a string"],
    );
}

#[test]
fn templates_are_pointed_at() {
    check(
        r#"[service.api]
command = ["x", "ü{dat}"]"#,
        expect![[r#"
            ensconce.toml:2:19: Unknown template `{dat}`
              hint: Did you mean `{data}`?"#]],
    );
    check(
        r#"[service.api]
command = ["x", "a\tb{dat}"]"#,
        expect![[r#"
            ensconce.toml:2:17: Unknown template `{dat}`
              hint: Did you mean `{data}`?"#]],
    );
    check(
        r"[service.api]
command = ['x', '{{}}{dat}']",
        expect![[r#"
            ensconce.toml:2:22: Unknown template `{dat}`
              hint: Did you mean `{data}`?"#]],
    );
    check(
        r#"[service.api]
command = ["x"]
env = { A = """
  {dat}""" }"#,
        expect![[r#"
            ensconce.toml:4:3: Unknown template `{dat}`
              hint: Did you mean `{data}`?"#]],
    );
    check(
        r"[env]
A = '''{dat}'''",
        expect![[r#"
            ensconce.toml:2:8: Unknown template `{dat}`
              hint: Did you mean `{data}`?"#]],
    );
    check(
        r#"[service.api]
command = ["x"]
dev.env.A = "{dat}""#,
        expect![[r#"
            ensconce.toml:3:14: Unknown template `{dat}`
              hint: Did you mean `{data}`?
              hint: This applies in `ensconce dev`"#]],
    );
    check(
        r#"[service.api]
command = ["x", "{{{secret.x}}}"]"#,
        expect![[r#"
            ensconce.toml:2:20: Unknown secret `x`
              hint: Add a table `[secret.x]`"#]],
    );
}
