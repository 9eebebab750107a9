//! Keys, kinds and limits.

use expect_test::expect;

use super::check;

#[test]
fn unknown_keys_are_named_with_a_near_miss() {
    check(
        r#"[service.api]
comand = ["x"]"#,
        expect![[r#"
            ensconce.toml:2:1: Unknown key `comand` in `service.api`
              hint: Did you mean `command`?"#]],
    );
    check(
        r#"[service.api]
command = ["x"]
neds = []"#,
        expect![[r#"
            ensconce.toml:3:1: Unknown key `neds` in `service.api`
              hint: Did you mean `needs`?"#]],
    );
    check(
        r#"[servce.api]
command = ["x"]"#,
        expect![[r#"
            ensconce.toml:1:2: Unknown table `servce`
              hint: Did you mean `service`?"#]],
    );
    check(
        r#"[services.api]
command = ["x"]"#,
        expect![[r#"
            ensconce.toml:1:2: Unknown table `services`
              hint: Did you mean `service`?"#]],
    );
    check(
        r#"[[routes]]
service = "api"
[service.api]
command = ["a", "{port}"]"#,
        expect![[r#"
            ensconce.toml:1:3: Unknown key `routes`
              hint: Did you mean `route`?"#]],
    );
    check(
        r#"[tasks.a]
command = ["x"]"#,
        expect![[r#"
            ensconce.toml:1:2: Unknown table `tasks`
              hint: Did you mean `task`?"#]],
    );
    check(
        r"[window]
widht = 3",
        expect![[r#"
            ensconce.toml:2:1: Unknown key `widht` in `window`
              hint: Did you mean `width`?"#]],
    );
    check(
        r"[window]
heigth = 3
minwidth = 3",
        expect![[r#"
            ensconce.toml:2:1: Unknown key `heigth` in `window`
              hint: Did you mean `height`?
            ensconce.toml:3:1: Unknown key `minwidth` in `window`
              hint: Did you mean `min_width`?"#]],
    );
    check(
        r"[window]
min-width = 300",
        expect![[r#"
            ensconce.toml:2:1: Unknown key `min-width` in `window`
              hint: Did you mean `min_width`?"#]],
    );
    check(
        r"[window]
maximised = true",
        expect![[r#"
            ensconce.toml:2:1: Unknown key `maximised` in `window`
              hint: Did you mean `maximized`?"#]],
    );
    check(
        r"[secret.a]
generat = 32",
        expect![[r#"
            ensconce.toml:2:1: Unknown key `generat` in `secret.a`
              hint: Did you mean `generate`?"#]],
    );
    check(
        r#"[service.api]
command = ["{port}"]
ready = { htpp = "/" }"#,
        expect![[r#"
            ensconce.toml:3:11: Unknown key `htpp` in `service.api.ready`
              hint: Did you mean `http`?"#]],
    );
    check(
        r#"[service.api]
command = ["{port}"]
ready = { http = "/", stat = 200 }"#,
        expect![[r#"
            ensconce.toml:3:23: Unknown key `stat` in `service.api.ready`
              hint: Did you mean `status`?"#]],
    );
    check(
        r#"[service.api]
command = ["{port}"]
stop = { timout = "1s" }"#,
        expect![[r#"
            ensconce.toml:3:10: Unknown key `timout` in `service.api.stop`
              hint: Did you mean `timeout`?"#]],
    );
    check(
        r#"[service.api]
command = ["x"]
windows = { comand = ["y"] }"#,
        expect![[r#"
            ensconce.toml:3:13: Unknown key `comand` in `service.api.windows`
              hint: Did you mean `command`?"#]],
    );
    check(
        r#"[service.api.dev]
comand = ["y"]"#,
        expect![[r#"
            ensconce.toml:2:1: Unknown key `comand` in `service.api.dev`
              hint: Did you mean `command`?"#]],
    );
    check(
        r#"[ui]
static = "d"
dev = { comand = ["x"] }"#,
        expect![[r#"
            ensconce.toml:3:9: Unknown key `comand` in `ui.dev`
              hint: Did you mean `command`?"#]],
    );
    check(
        r#"[app]
id = "com.example.a"
name = "A"
verson = "1.0.0""#,
        expect![[r#"
            ensconce.toml:4:1: Unknown key `verson` in `app`
              hint: Did you mean `version`?"#]],
    );
}

#[test]
fn keys_of_other_tools_are_translated() {
    check(
        r#"[service.api]
command = ["x"]
depends_on = ["b"]"#,
        expect![[r#"
            ensconce.toml:3:1: Unknown key `depends_on` in `service.api`
              hint: Did you mean `needs`?"#]],
    );
    check(
        r#"[service.api]
command = ["x"]
environment = { A = "b" }"#,
        expect![[r#"
            ensconce.toml:3:1: Unknown key `environment` in `service.api`
              hint: Did you mean `env`?"#]],
    );
    check(
        r#"[service.api]
entrypoint = ["x"]"#,
        expect![[r#"
            ensconce.toml:2:1: Unknown key `entrypoint` in `service.api`
              hint: Did you mean `command`?"#]],
    );
    check(
        r#"[service.api]
command = ["x"]
working_dir = "x""#,
        expect![[r#"
            ensconce.toml:3:1: Unknown key `working_dir` in `service.api`
              hint: Did you mean `cwd`?"#]],
    );
    check(
        r#"[service.api]
ExecStart = "x""#,
        expect![[r#"
            ensconce.toml:2:1: Unknown key `ExecStart` in `service.api`
              hint: Did you mean `command`?"#]],
    );
    check(
        r#"[service.api]
command = ["x"]
healthcheck = "x""#,
        expect![[r#"
            ensconce.toml:3:1: Unknown key `healthcheck` in `service.api`
              hint: Did you mean `ready`?"#]],
    );
    check(
        r#"[ui]
frontendDist = "x""#,
        expect![[r#"
            ensconce.toml:2:1: Unknown key `frontendDist` in `ui`
              hint: Did you mean `static`?"#]],
    );
    check(
        r#"[app]
identifier = "com.example.a"
name = "A"
version = "1.0.0""#,
        expect![[r#"
            ensconce.toml:2:1: Unknown key `identifier` in `app`
              hint: Did you mean `id`?"#]],
    );
    check(
        r#"[task.a]
run = "x""#,
        expect![[r#"
            ensconce.toml:2:1: Unknown key `run` in `task.a`
              hint: Did you mean `command`?"#]],
    );
}

#[test]
fn far_off_keys_are_told_what_is_known() {
    check(
        r#"[python]
version = "3""#,
        expect![[r#"
            ensconce.toml:2:1: Unknown key `version` in `python`
              hint: Possible here: `venv` or `interpreter`"#]],
    );
    check(
        r#"[[route]]
service = "api"
zzzzzzzzz = 1
[service.api]
command = ["a", "{port}"]"#,
        expect![[r#"
            ensconce.toml:3:1: Unknown key `zzzzzzzzz` in `route`
              hint: Possible here: `path`, `service`, `host` or `strip`"#]],
    );
    check(
        "xyzzy = 1",
        expect![[r#"
            ensconce.toml:1:1: Unknown key `xyzzy`
              hint: Possible here: `app`, `window`, `ui`, `route`, `python`, `env`, `task`, `service`, `secret`, `setup`, `database` or `build`"#]],
    );
    check(
        r#"[[setup.page]]
title = "x""#,
        expect![[r#"
            ensconce.toml:1:1: Missing key `fields` in `setup.page`
              hint: `fields`: What is asked."#]],
    );
    check(
        r#""" = 1"#,
        expect![[r#"
            ensconce.toml:1:1: Unknown key ``
              hint: Possible here: `app`, `window`, `ui`, `route`, `python`, `env`, `task`, `service`, `secret`, `setup`, `database` or `build`"#]],
    );
    check(
        r#"[service.api]
command = ["x"]
"a b" = 1"#,
        expect!["ensconce.toml:3:1: Unknown key `a b` in `service.api`"],
    );
    check(
        r#"[service.api]
command = ["x"]
"\u001b[31m" = 1"#,
        expect![[r#"ensconce.toml:3:1: Unknown key `\u{1b}[31m` in `service.api`"#]],
    );
    check(
        r"[secret.a]
generate = 32
this_is_a_very_long_key_that_nobody_would_ever_write_in_a_manifest_file = 1",
        expect![[r#"
            ensconce.toml:3:1: Unknown key `this_is_a_very_long_key_that_nobody_would_ever_write_in_a_ma…` in `secret.a`
              hint: Possible here: `generate` or `encoding`"#]],
    );
}

#[test]
fn missing_keys_are_named() {
    check(
        r#"[app]
name = "A""#,
        expect![[r#"
            ensconce.toml:1:1: Missing key `id` in `app`
              hint: `id`: Reverse-DNS name; names the folders that hold the user's data. Never change it.
            ensconce.toml:1:1: Missing key `version` in `app`
              hint: `version`: Semantic version, such as `1.2.0`."#]],
    );
    check(
        "[app]",
        expect![[r#"
        ensconce.toml:1:1: Missing key `id` in `app`
          hint: `id`: Reverse-DNS name; names the folders that hold the user's data. Never change it.
        ensconce.toml:1:1: Missing key `name` in `app`
          hint: `name`: The name that people see.
        ensconce.toml:1:1: Missing key `version` in `app`
          hint: `version`: Semantic version, such as `1.2.0`."#]],
    );
    check(
        r#"[[route]]
path = "/""#,
        expect![[r#"
            ensconce.toml:1:1: Missing key `service` in `route`
              hint: `service`: The service that answers."#]],
    );
    check(
        r#"[ui]
static = "x"
dev = { port = 1 }"#,
        expect![[r#"
            ensconce.toml:3:7: Missing key `command` in `ui.dev`
              hint: `command`: Program and arguments; may use `{port}`."#]],
    );
    check(
        r#"[ui]
static = "x"
[ui.dev]
port = 1"#,
        expect![[r#"
            ensconce.toml:3:1: Missing key `command` in `ui.dev`
              hint: `command`: Program and arguments; may use `{port}`."#]],
    );
    check(
        r#"app.id = "com.example.a"
ui.static = "x""#,
        expect![[r#"
            ensconce.toml:1:1: Missing key `name` in `app`
              hint: `name`: The name that people see.
            ensconce.toml:1:1: Missing key `version` in `app`
              hint: `version`: Semantic version, such as `1.2.0`."#]],
    );
}

#[test]
fn strings_for_lists() {
    check(
        r#"[service.api]
command = "python -m app""#,
        expect![[r#"
            ensconce.toml:2:11: `service.api.command`: expected a list of strings, found a string
              hint: Write it as a list: `command = ["python", "-m", "app"]`"#]],
    );
    check(
        r#"[service.api]
command = "python -c 'a b' \"c d\"""#,
        expect![[r#"
            ensconce.toml:2:11: `service.api.command`: expected a list of strings, found a string
              hint: Write it as a list: `command = ["python", "-c", "a b", "c d"]`"#]],
    );
    check(
        r#"[service.api]
command = """#,
        expect![[r#"
            ensconce.toml:2:11: `service.api.command`: expected a list of strings, found a string
              hint: Write `command = ["program", "argument"]`"#]],
    );
    check(
        r#"[service.api]
command = ["x"]
needs = "a""#,
        expect![[r#"
            ensconce.toml:3:9: `service.api.needs`: expected a list of strings, found a string
              hint: Write it as a list: `needs = ["a"]`"#]],
    );
    check(
        r#"[ui]
static = "x"
allow = "https://a.com""#,
        expect![[r#"
            ensconce.toml:3:9: `ui.allow`: expected a list of strings, found a string
              hint: Write it as a list: `allow = ["https://a.com"]`"#]],
    );
    check(
        r#"[ui]
static = "x"
dev = { command = "npm run dev" }"#,
        expect![[r#"
            ensconce.toml:3:19: `ui.dev.command`: expected a list of strings, found a string
              hint: Write it as a list: `command = ["npm", "run", "dev"]`"#]],
    );
}

#[test]
fn other_kinds_in_place_of_lists() {
    check(
        r"[service.api]
command = 3",
        expect![
            "ensconce.toml:2:11: `service.api.command`: expected a list of strings, found a whole number"
        ],
    );
    check(
        r"[service.api]
command = true",
        expect![
            "ensconce.toml:2:11: `service.api.command`: expected a list of strings, found a boolean"
        ],
    );
    check(
        r#"[service.api]
command = { a = "b" }"#,
        expect![
            "ensconce.toml:2:11: `service.api.command`: expected a list of strings, found a table"
        ],
    );
    check(
        r#"[service.api]
command = ["a", 3]"#,
        expect![[r#"
            ensconce.toml:2:17: `service.api.command`: expected a string, found a whole number
              hint: Write it in quotes: `"3"`"#]],
    );
    check(
        r#"[service.api]
command = ["a", ["b"]]"#,
        expect!["ensconce.toml:2:17: `service.api.command`: expected a string, found a list"],
    );
    check(
        r#"[service.api]
command = ["a", 1.5, true]"#,
        expect![[r#"
            ensconce.toml:2:17: `service.api.command`: expected a string, found a number
              hint: Write it in quotes: `"1.5"`
            ensconce.toml:2:22: `service.api.command`: expected a string, found a boolean
              hint: Write it in quotes: `"true"`"#]],
    );
    check(
        r"[service.api]
command = [2020-01-01]",
        expect![[r#"
            ensconce.toml:2:12: `service.api.command`: expected a string, found a date
              hint: Write it in quotes: `"2020-01-01"`"#]],
    );
    check(
        r"[service.api]
command = []",
        expect![[r#"
            ensconce.toml:2:11: `service.api.command` is empty
              hint: Write `command = ["program", "argument"]`"#]],
    );
    check(
        r#"[route]
service = "api"
[service.api]
command = ["a", "{port}"]"#,
        expect![[r#"
            ensconce.toml:1:1: `route`: expected a list of tables, found a table
              hint: Write `[[route]]`"#]],
    );
    check(
        r#"route = "x""#,
        expect![[r#"
            ensconce.toml:1:9: `route`: expected a list of tables, found a string
              hint: Write `[[route]]`"#]],
    );
}

#[test]
fn kinds_in_place_of_strings() {
    check(
        r#"[app]
id = "com.example.a"
name = 3
version = 1.0"#,
        expect![[r#"
            ensconce.toml:3:8: `app.name`: expected a string, found a whole number
              hint: Write it in quotes: `"3"`
            ensconce.toml:4:11: `app.version`: expected a string, found a number
              hint: Write it in quotes: `"1.0"`"#]],
    );
    check(
        r#"[app]
id = true
name = ["x"]
version = 2020-01-01"#,
        expect![[r#"
            ensconce.toml:2:6: `app.id`: expected a string, found a boolean
              hint: Write it in quotes: `"true"`
            ensconce.toml:3:8: `app.name`: expected a string, found a list
            ensconce.toml:4:11: `app.version`: expected a string, found a date
              hint: Write it in quotes: `"2020-01-01"`"#]],
    );
    check(
        r#"[app]
id = "com.example.a"
name = { a = 1 }
version = "1.0.0""#,
        expect!["ensconce.toml:3:8: `app.name`: expected a string, found a table"],
    );
    check(
        r#"[service.api]
command = ["x"]
cwd = 1"#,
        expect![[r#"
            ensconce.toml:3:7: `service.api.cwd`: expected a string, found a whole number
              hint: Write it in quotes: `"1"`"#]],
    );
    check(
        r#"[service.api]
command = ["x"]
listen = 1"#,
        expect![[r#"
            ensconce.toml:3:10: `service.api.listen`: expected a string, found a whole number
              hint: Write `tcp`, `unix`, `fd`, `handshake` or `none`"#]],
    );
    check(
        r#"[service.api]
command = ["x"]
listen = ["unix"]"#,
        expect![[r#"
            ensconce.toml:3:10: `service.api.listen`: expected a string, found a list
              hint: Write `tcp`, `unix`, `fd`, `handshake` or `none`"#]],
    );
}

#[test]
fn kinds_in_place_of_numbers_and_booleans() {
    check(
        r#"[window]
width = "1100""#,
        expect![[r#"
            ensconce.toml:2:9: `window.width`: expected a whole number, found a string
              hint: Write it without quotes: `1100`"#]],
    );
    check(
        r#"[window]
width = "wide""#,
        expect!["ensconce.toml:2:9: `window.width`: expected a whole number, found a string"],
    );
    check(
        r"[window]
width = 1100.5",
        expect!["ensconce.toml:2:9: `window.width`: expected a whole number, found a number"],
    );
    check(
        r#"[window]
resizable = "true""#,
        expect![[r#"
            ensconce.toml:2:13: `window.resizable`: expected a boolean, found a string
              hint: Write it without quotes: `true`"#]],
    );
    check(
        r#"[window]
resizable = "yes""#,
        expect!["ensconce.toml:2:13: `window.resizable`: expected a boolean, found a string"],
    );
    check(
        r"[window]
resizable = 1",
        expect!["ensconce.toml:2:13: `window.resizable`: expected a boolean, found a whole number"],
    );
    check(
        r#"[service.api]
command = ["x"]
port = "8000""#,
        expect![[r#"
            ensconce.toml:3:8: `service.api.port`: expected a whole number, found a string
              hint: Write it without quotes: `8000`"#]],
    );
    check(
        r#"[service.api]
command = ["x"]
optional = "false""#,
        expect![[r#"
            ensconce.toml:3:12: `service.api.optional`: expected a boolean, found a string
              hint: Write it without quotes: `false`"#]],
    );
    check(
        r#"[secret.a]
generate = "32""#,
        expect![[r#"
            ensconce.toml:2:12: `secret.a.generate`: expected a whole number, found a string
              hint: Write it without quotes: `32`"#]],
    );
}

#[test]
fn kinds_in_place_of_tables() {
    check(
        r#"app = "x""#,
        expect![[r#"
        ensconce.toml:1:7: `app`: expected a table, found a string
          hint: Write `[app]`"#]],
    );
    check(
        r#"[[app]]
id = "x""#,
        expect![[r#"
            ensconce.toml:3:2: Duplicate `app`
              hint: A key or table may occur only once"#]],
    );
    check(
        r#"[[service]]
command = ["x"]"#,
        expect![[r#"
            ensconce.toml:1:1: `service`: expected a table, found a list
              hint: Write `[service.NAME]`"#]],
    );
    check(
        r#"service = ["a"]"#,
        expect![[r#"
        ensconce.toml:1:11: `service`: expected a table, found a list
          hint: Write `[service.NAME]`"#]],
    );
    check(
        r#"[service]
api = "python""#,
        expect![[r#"
            ensconce.toml:2:7: `service.api`: expected a table, found a string
              hint: Write `[service.api]`"#]],
    );
    check(
        r#"[service]
api = ["python"]"#,
        expect![[r#"
            ensconce.toml:2:7: `service.api`: expected a table, found a list
              hint: Write `[service.api]`"#]],
    );
    check(
        r#"[[task]]
command = ["x"]"#,
        expect![[r#"
            ensconce.toml:1:1: `task`: expected a table, found a list
              hint: Write `[task.NAME]`"#]],
    );
    check(
        r#"env = ["A=b"]"#,
        expect![[r#"
        ensconce.toml:1:7: `env`: expected a table, found a list
          hint: Write `[env]`"#]],
    );
    check(
        r#"[service.api]
command = ["x"]
env = ["A=b"]"#,
        expect![[r#"
            ensconce.toml:3:7: `service.api.env`: expected a table, found a list
              hint: Write `[service.api.env]`"#]],
    );
    check(
        r#"[service.api]
command = ["x"]
stop = "10s""#,
        expect![[r#"
            ensconce.toml:3:8: `service.api.stop`: expected a table, found a string
              hint: Write `[service.api.stop]`"#]],
    );
    check(
        r#"[service.api]
command = ["x"]
dev = true"#,
        expect![[r#"
            ensconce.toml:3:7: `service.api.dev`: expected a table, found a boolean
              hint: Write `[service.api.dev]`"#]],
    );
    check(
        r#"[service]
command = ["x"]"#,
        expect![[r#"
            ensconce.toml:2:11: `service.command`: expected a table, found a list
              hint: Write `[service.command]`"#]],
    );
    check(
        "window = 3",
        expect![[r#"
        ensconce.toml:1:10: `window`: expected a table, found a whole number
          hint: Write `[window]`"#]],
    );
}

#[test]
fn numbers_have_limits() {
    check(
        r"[window]
width = 10",
        expect!["ensconce.toml:2:9: `window.width` must be from 200 to 16384, found `10`"],
    );
    check(
        r"[window]
width = -1",
        expect!["ensconce.toml:2:9: `window.width` must be from 200 to 16384, found `-1`"],
    );
    check(
        r"[window]
height = 100000",
        expect!["ensconce.toml:2:10: `window.height` must be from 200 to 16384, found `100000`"],
    );
    check(
        r"[window]
height = 99999999999999999999999",
        expect![
            "ensconce.toml:2:10: `window.height` must be from 200 to 16384, found a number beyond 64 bits"
        ],
    );
    check(
        r"[window]
height = 0x10",
        expect!["ensconce.toml:2:10: `window.height` must be from 200 to 16384, found `16`"],
    );
    check(
        r#"[service.api]
command = ["x"]
port = 0"#,
        expect!["ensconce.toml:3:8: `service.api.port` must be from 1 to 65535, found `0`"],
    );
    check(
        r#"[service.api]
command = ["x"]
port = 65536"#,
        expect!["ensconce.toml:3:8: `service.api.port` must be from 1 to 65535, found `65536`"],
    );
    check(
        r"[secret.a]
generate = 8",
        expect!["ensconce.toml:2:12: `secret.a.generate` must be from 16 to 1024, found `8`"],
    );
    check(
        r"[secret.a]
generate = 5000",
        expect!["ensconce.toml:2:12: `secret.a.generate` must be from 16 to 1024, found `5000`"],
    );
    check(
        r#"[service.api]
command = ["{port}"]
ready = { http = "/", status = 99 }"#,
        expect![
            "ensconce.toml:3:32: `service.api.ready.status` must be from 100 to 599, found `99`"
        ],
    );
    check(
        r#"[service.api]
command = ["{port}"]
ready = { http = "/", status = [200, 600] }"#,
        expect![
            "ensconce.toml:3:38: `service.api.ready.status` must be from 100 to 599, found `600`"
        ],
    );
    check(
        r#"[service.api]
command = ["{port}"]
ready = { http = "/", status = [] }"#,
        expect![[r#"
            ensconce.toml:3:32: `service.api.ready.status` is empty
              hint: Write at least one in `status`"#]],
    );
}

#[test]
fn words_are_chosen_from_a_list() {
    check(
        r#"[task.a]
command = ["x"]
when = "allways""#,
        expect![[r#"
            ensconce.toml:3:8: Unknown value `allways` for `task.a.when`
              hint: Did you mean `always`?"#]],
    );
    check(
        r#"[task.a]
command = ["x"]
when = "first_run""#,
        expect![[r#"
            ensconce.toml:3:8: Unknown value `first_run` for `task.a.when`
              hint: Did you mean `first-run`?"#]],
    );
    check(
        r#"[task.a]
command = ["x"]
when = "sometimes""#,
        expect![[r#"
            ensconce.toml:3:8: Unknown value `sometimes` for `task.a.when`
              hint: Write `always`, `first-run` or `update`"#]],
    );
    check(
        r#"[service.api]
command = ["x"]
listen = "TCP""#,
        expect![[r#"
            ensconce.toml:3:10: Unknown value `TCP` for `service.api.listen`
              hint: Did you mean `tcp`?"#]],
    );
    check(
        r#"[service.api]
command = ["x"]
listen = "udp""#,
        expect![[r#"
            ensconce.toml:3:10: Unknown value `udp` for `service.api.listen`
              hint: Write `tcp`, `unix`, `fd`, `handshake` or `none`"#]],
    );
    check(
        r#"[service.api]
command = ["x"]
listen = """#,
        expect![[r#"
            ensconce.toml:3:10: Unknown value `` for `service.api.listen`
              hint: Write `tcp`, `unix`, `fd`, `handshake` or `none`"#]],
    );
    check(
        r#"[service.api]
command = ["x"]
stop = { signal = "TERM" }"#,
        expect![[r#"
            ensconce.toml:3:19: Unknown value `TERM` for `service.api.stop.signal`
              hint: Did you mean `SIGTERM`?"#]],
    );
    check(
        r#"[service.api]
command = ["x"]
stop = { signal = "SIGTEMR" }"#,
        expect![[r#"
            ensconce.toml:3:19: Unknown value `SIGTEMR` for `service.api.stop.signal`
              hint: Did you mean `SIGTERM`?"#]],
    );
    check(
        r#"[secret.a]
generate = 32
encoding = "base64""#,
        expect![[r#"
            ensconce.toml:3:12: Unknown value `base64` for `secret.a.encoding`
              hint: Did you mean `base64url`?"#]],
    );
}

#[test]
fn ready_is_a_word_or_a_table() {
    check(
        r#"[service.api]
command = ["{port}"]
ready = "tpc""#,
        expect![[r#"
            ensconce.toml:3:9: Unknown value `tpc` for `service.api.ready`
              hint: Did you mean `tcp`?"#]],
    );
    check(
        r#"[service.api]
command = ["{port}"]
ready = "http""#,
        expect![[r#"
            ensconce.toml:3:9: Unknown value `http` for `service.api.ready`
              hint: Write `tcp`, `handshake`, `notify` or `started`"#]],
    );
    check(
        r#"[service.api]
command = ["{port}"]
ready = 3"#,
        expect![[r#"
            ensconce.toml:3:9: `service.api.ready`: expected a string or a table, found a whole number
              hint: Write `tcp`, `handshake`, `notify` or `started`"#]],
    );
    check(
        r#"[service.api]
command = ["{port}"]
ready = {}"#,
        expect!["ensconce.toml:3:9: `service.api.ready` needs one of the keys `http` or `log`"],
    );
    check(
        r#"[service.api]
command = ["{port}"]
ready = { status = 200 }"#,
        expect!["ensconce.toml:3:9: `service.api.ready` needs one of the keys `http` or `log`"],
    );
    check(
        r#"[service.api]
command = ["{port}"]
ready = { http = 3 }"#,
        expect![[r#"
            ensconce.toml:3:18: `service.api.ready.http`: expected a string, found a whole number
              hint: Write it in quotes: `"3"`"#]],
    );
    check(
        r#"[service.api]
command = ["{port}"]
ready = { http = "/", log = "x" }"#,
        expect![[r#"
            ensconce.toml:3:23: Unknown key `log` in `service.api.ready`
              hint: Possible here: `http` or `status`"#]],
    );
    check(
        r#"[service.api]
command = ["{port}"]
ready = { http = "health" }"#,
        expect!["ensconce.toml:3:18: Expected a path that begins with `/`, found `health`"],
    );
    check(
        r#"[service.api]
command = ["{port}"]
ready = { log = 3 }"#,
        expect![[r#"
            ensconce.toml:3:17: `service.api.ready.log`: expected a string, found a whole number
              hint: Write it in quotes: `"3"`"#]],
    );
    check(
        r#"[service.api]
command = ["{port}"]
ready = ["tcp"]"#,
        expect![[r#"
            ensconce.toml:3:9: `service.api.ready`: expected a string or a table, found a list
              hint: Write `tcp`, `handshake`, `notify` or `started`"#]],
    );
    check(
        r#"[service.api]
command = ["{port}"]
ready = { http = "/", status = "200" }"#,
        expect![[r#"
            ensconce.toml:3:32: `service.api.ready.status`: expected a whole number or a list of whole numbers, found a string
              hint: Write it without quotes: `200`"#]],
    );
}

#[test]
fn spans_of_time_have_a_unit() {
    check(
        r#"[task.a]
command = ["x"]
timeout = 10"#,
        expect![[r#"
            ensconce.toml:3:11: `task.a.timeout`: expected a string, found a whole number
              hint: Write it with a unit: `"10s"`"#]],
    );
    check(
        r#"[task.a]
command = ["x"]
timeout = "10""#,
        expect![
            "ensconce.toml:3:11: Expected a duration such as `10s`, `500ms` or `5m`, found `10`"
        ],
    );
    check(
        r#"[task.a]
command = ["x"]
timeout = "10 s""#,
        expect![
            "ensconce.toml:3:11: Expected a duration such as `10s`, `500ms` or `5m`, found `10 s`"
        ],
    );
    check(
        r#"[task.a]
command = ["x"]
timeout = "1.5s""#,
        expect![
            "ensconce.toml:3:11: Expected a duration such as `10s`, `500ms` or `5m`, found `1.5s`"
        ],
    );
    check(
        r#"[task.a]
command = ["x"]
timeout = "10d""#,
        expect![
            "ensconce.toml:3:11: Expected a duration such as `10s`, `500ms` or `5m`, found `10d`"
        ],
    );
    check(
        r#"[task.a]
command = ["x"]
timeout = "-1s""#,
        expect![
            "ensconce.toml:3:11: Expected a duration such as `10s`, `500ms` or `5m`, found `-1s`"
        ],
    );
    check(
        r#"[task.a]
command = ["x"]
timeout = """#,
        expect!["ensconce.toml:3:11: Expected a duration such as `10s`, `500ms` or `5m`, found ``"],
    );
    check(
        r#"[task.a]
command = ["x"]
timeout = "9999999999s""#,
        expect![
            "ensconce.toml:3:11: Expected a duration such as `10s`, `500ms` or `5m`, found `9999999999s`"
        ],
    );
    check(
        r#"[task.a]
command = ["x"]
timeout = 1.5"#,
        expect![[r#"
            ensconce.toml:3:11: `task.a.timeout`: expected a string, found a number
              hint: Write it in quotes: `"1.5"`"#]],
    );
    check(
        r#"[service.api]
command = ["x"]
start = { timeout = "soon" }"#,
        expect![
            "ensconce.toml:3:21: Expected a duration such as `10s`, `500ms` or `5m`, found `soon`"
        ],
    );
}

#[test]
fn environment_variables_are_scalars() {
    check(
        r"[env]
A = 2020-01-01",
        expect![[r#"
            ensconce.toml:2:5: `env.A`: expected a string, a number or a boolean, found a date
              hint: Write it in quotes: `"2020-01-01"`"#]],
    );
    check(
        r#"[env]
A = ["x"]"#,
        expect![
            "ensconce.toml:2:5: `env.A`: expected a string, a number or a boolean, found a list"
        ],
    );
    check(
        r"[env]
A = { b = 1 }",
        expect![
            "ensconce.toml:2:5: `env.A`: expected a string, a number or a boolean, found a table"
        ],
    );
    check(
        r#"[env]
"A=B" = "x""#,
        expect![
            "ensconce.toml:2:1: Expected the name of an environment variable, without `=` and NUL, found `A=B`"
        ],
    );
    check(
        r#"[env]
"" = "x""#,
        expect![
            "ensconce.toml:2:1: Expected the name of an environment variable, without `=` and NUL, found ``"
        ],
    );
    check(
        r#"[env]
"A\u0000" = "x""#,
        expect![[
            r#"ensconce.toml:2:1: Expected the name of an environment variable, without `=` and NUL, found `A\0`"#
        ]],
    );
    check(
        r#"[service.api]
command = ["x"]
env = { "=" = 1 }"#,
        expect![
            "ensconce.toml:3:9: Expected the name of an environment variable, without `=` and NUL, found `=`"
        ],
    );
    check(
        r#"[task.a]
command = ["x"]
env = { "A=" = 1 }"#,
        expect![
            "ensconce.toml:3:9: Expected the name of an environment variable, without `=` and NUL, found `A=`"
        ],
    );
    check(
        r#"[ui]
static = "x"
dev = { command = ["x"], env = { "=" = 1 } }"#,
        expect![
            "ensconce.toml:3:34: Expected the name of an environment variable, without `=` and NUL, found `=`"
        ],
    );
    check(
        r"[env]
A = 12345678901234567890",
        expect!["ensconce.toml:2:5: `env.A` is out of range: a number beyond 64 bits"],
    );
}

#[test]
fn names_are_short_and_plain() {
    check(
        r#"[service.API]
command = ["x"]"#,
        expect![
            "ensconce.toml:1:10: Expected a name of 1 to 40 lower-case letters, digits, `-` and `_`, found `API`"
        ],
    );
    check(
        r#"[service."a b"]
command = ["x"]"#,
        expect![
            "ensconce.toml:1:10: Expected a name of 1 to 40 lower-case letters, digits, `-` and `_`, found `a b`"
        ],
    );
    check(
        r#"[service.""]
command = ["x"]"#,
        expect![
            "ensconce.toml:1:10: Expected a name of 1 to 40 lower-case letters, digits, `-` and `_`, found ``"
        ],
    );
    check(
        r#"[service._a]
command = ["x"]"#,
        expect![
            "ensconce.toml:1:10: Expected a name of 1 to 40 lower-case letters, digits, `-` and `_`, found `_a`"
        ],
    );
    check(
        r#"[service.-a]
command = ["x"]"#,
        expect![
            "ensconce.toml:1:10: Expected a name of 1 to 40 lower-case letters, digits, `-` and `_`, found `-a`"
        ],
    );
    check(
        r#"[service."ä"]
command = ["x"]"#,
        expect![
            "ensconce.toml:1:10: Expected a name of 1 to 40 lower-case letters, digits, `-` and `_`, found `ä`"
        ],
    );
    check(
        r#"[service.a2345678901234567890123456789012345678901]
command = ["x"]"#,
        expect![
            "ensconce.toml:1:10: Expected a name of 1 to 40 lower-case letters, digits, `-` and `_`, found `a2345678901234567890123456789012345678901`"
        ],
    );
    check(
        r#"[service.a23456789012345678901234567890123456789]
command = ["x"]"#,
        expect!["valid"],
    );
    check(
        r#"[task."a.b"]
command = ["x"]"#,
        expect![
            "ensconce.toml:1:7: Expected a name of 1 to 40 lower-case letters, digits, `-` and `_`, found `a.b`"
        ],
    );
    check(
        r"[secret.Session]
generate = 32",
        expect![
            "ensconce.toml:1:9: Expected a name of 1 to 40 lower-case letters, digits, `-` and `_`, found `Session`"
        ],
    );
    check(
        r#"[service."a\nb"]
command = ["x"]"#,
        expect![[
            r#"ensconce.toml:1:10: Expected a name of 1 to 40 lower-case letters, digits, `-` and `_`, found `a\nb`"#
        ]],
    );
}

#[test]
fn ids_are_reverse_dns() {
    check(
        r#"[app]
id = "notes"
name = "A"
version = "1.0.0""#,
        expect![
            "ensconce.toml:2:6: Expected a reverse-DNS name such as `com.example.notes`, found `notes`"
        ],
    );
    check(
        r#"[app]
id = "com.example.my notes"
name = "A"
version = "1.0.0""#,
        expect![
            "ensconce.toml:2:6: Expected a reverse-DNS name such as `com.example.notes`, found `com.example.my notes`"
        ],
    );
    check(
        r#"[app]
id = ""
name = "A"
version = "1.0.0""#,
        expect![
            "ensconce.toml:2:6: Expected a reverse-DNS name such as `com.example.notes`, found ``"
        ],
    );
    check(
        r#"[app]
id = "com..a"
name = "A"
version = "1.0.0""#,
        expect![
            "ensconce.toml:2:6: Expected a reverse-DNS name such as `com.example.notes`, found `com..a`"
        ],
    );
    check(
        r#"[app]
id = "../../etc"
name = "A"
version = "1.0.0""#,
        expect![
            "ensconce.toml:2:6: Expected a reverse-DNS name such as `com.example.notes`, found `../../etc`"
        ],
    );
    check(
        r#"[app]
id = "9com.a"
name = "A"
version = "1.0.0""#,
        expect![
            "ensconce.toml:2:6: Expected a reverse-DNS name such as `com.example.notes`, found `9com.a`"
        ],
    );
    check(
        r#"[app]
id = "com.example.\u0000"
name = ""
version = "1.0.0""#,
        expect![[r#"
            ensconce.toml:2:6: Expected a reverse-DNS name such as `com.example.notes`, found `com.example.\0`
            ensconce.toml:3:8: `app.name` is empty"#]],
    );
}

#[test]
fn paths_begin_with_a_slash() {
    check(
        r#"[[route]]
path = "api"
service = "api"
[service.api]
command = ["a", "{port}"]"#,
        expect!["ensconce.toml:2:8: Expected a path that begins with `/`, found `api`"],
    );
    check(
        r#"[[route]]
path = ""
service = "api"
[service.api]
command = ["a", "{port}"]"#,
        expect!["ensconce.toml:2:8: Expected a path that begins with `/`, found ``"],
    );
    check(
        r#"[ui]
static = "x"
path = "login""#,
        expect!["ensconce.toml:3:8: Expected a path that begins with `/`, found `login`"],
    );
}

#[test]
fn several_mistakes_come_in_one_go() {
    check(
        r#"[servce.x]
[window]
width = "a"
heigth = 3
[service.api]
command = "x"
[task.a]
when = "x"
[[route]]
service = "nn""#,
        expect![[r#"
            ensconce.toml:1:2: Unknown table `servce`
              hint: Did you mean `service`?
            ensconce.toml:3:9: `window.width`: expected a whole number, found a string
            ensconce.toml:4:1: Unknown key `heigth` in `window`
              hint: Did you mean `height`?
            ensconce.toml:6:11: `service.api.command`: expected a list of strings, found a string
              hint: Write it as a list: `command = ["x"]`
            ensconce.toml:8:8: Unknown value `x` for `task.a.when`
              hint: Write `always`, `first-run` or `update`
            ensconce.toml:10:11: Unknown service `nn`
              hint: Add a table `[service.nn]`"#]],
    );
}
