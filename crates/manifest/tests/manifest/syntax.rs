//! Texts that are no TOML.

use expect_test::expect;

use super::check;

#[test]
fn broken_lines_are_all_found() {
    check(
        r#"[app
id = "a""#,
        expect!["ensconce.toml:1:5: Unclosed table, expected `]`"],
    );
    check(
        r#"a = 
[app]
id = "com.example.a"
name = A
version = "1.0.0""#,
        expect![[r#"
            ensconce.toml:1:5: Missing value after `=`
            ensconce.toml:4:8: Expected a value, found `A`
              hint: A string is written in quotes: `"A"`"#]],
    );
    check(
        r#"[service.api]
command = ["a" "b"]"#,
        expect!["ensconce.toml:2:16: Missing comma between array elements, expected `,`"],
    );
    check(
        r#"[service.api]
command = ["a", "b""#,
        expect![[r#"
            ensconce.toml:2:11: This list is not closed
              hint: Close it with `]`"#]],
    );
    check(
        r#"[service.api]
command = ["a]"#,
        expect![[r#"
            ensconce.toml:2:11: This list is not closed
              hint: Close it with `]`
            ensconce.toml:2:15: This string is not closed
              hint: Close it with `"`"#]],
    );
    check(
        r"[service.api]
command = [“a”]",
        expect![[r#"
            ensconce.toml:2:12: Expected a value, found `“a”`
              hint: A string is written in quotes: `"a"`"#]],
    );
    check(
        r"[service.api]
env = { A = 'b'",
        expect![[r#"
            ensconce.toml:3:1: Missing key for inline table element, expected `,`
            ensconce.toml:4:1: Missing comma between key-value pairs, expected `,`
            ensconce.toml:5:1: Missing comma between key-value pairs, expected `,`
            ensconce.toml:6:1: Missing comma between key-value pairs, expected `,`
            ensconce.toml:8:1: Missing key for inline table element, expected `,`
            ensconce.toml:9:1: Missing comma between key-value pairs, expected `,`"#]],
    );
    check(
        r#"[service.api]
command == ["a"]"#,
        expect!["ensconce.toml:2:10: Extra `=`"],
    );
    check(
        r#"[service.api]
command: ["a"]"#,
        expect!["ensconce.toml:2:8: Invalid unquoted key, expected letters, numbers, `-`, `_`"],
    );
    check("- a", expect!["ensconce.toml:1:3: Key with no value, expected `=`"]);
    check("{}", expect!["ensconce.toml:1:1: Invalid key-value pair, expected key"]);
    check(
        "<html>",
        expect!["ensconce.toml:1:1: Invalid unquoted key, expected letters, numbers, `-`, `_`"],
    );
    check(
        r"[window]
width = 01",
        expect!["ensconce.toml:2:9: Unexpected leading zero"],
    );
    check(
        r"[window]
width = 1_",
        expect!["ensconce.toml:2:10: `_` may only go between digits"],
    );
    check(
        r"[env]
A = 2020-13-45",
        expect!["ensconce.toml:2:5: Invalid date, expected month between 01 and 12"],
    );
    check(
        r#"[env]
A = "\q""#,
        expect![[
            r#"ensconce.toml:2:7: Missing escaped value, expected `b`, `e`, `f`, `n`, `r`, `\`, `"`, `x`, `u`, `U`"#
        ]],
    );
    check(
        r"[env]
A = tru",
        expect!["ensconce.toml:2:5: Invalid boolean, expected `true`"],
    );
    check(
        "= 1",
        expect![
            "ensconce.toml:1:1: Unquoted keys cannot be empty, expected letters, numbers, `-`, `_`"
        ],
    );
    check(
        "[]",
        expect![
            "ensconce.toml:1:2: Unquoted keys cannot be empty, expected letters, numbers, `-`, `_`"
        ],
    );
    check(
        "[a..b]",
        expect![
            "ensconce.toml:1:4: Unquoted keys cannot be empty, expected letters, numbers, `-`, `_`"
        ],
    );
    check(
        r#"[[route]
service = "x""#,
        expect!["ensconce.toml:1:9: Unclosed array table, expected `]`"],
    );
}

#[test]
fn keys_come_once() {
    check(
        r#"[service.api]
command = ["x"]
command = ["y"]"#,
        expect![[r#"
            ensconce.toml:3:1: Duplicate `command`
              hint: A key or table may occur only once"#]],
    );
    check(
        r"[window]
[window]",
        expect![[r#"
            ensconce.toml:2:2: Duplicate `window`
              hint: A key or table may occur only once"#]],
    );
    check(
        r#"[service.api]
command = ["x"]
[service.api]
command = ["y"]"#,
        expect![[r#"
            ensconce.toml:3:10: Duplicate `api`
              hint: A key or table may occur only once
            ensconce.toml:4:1: Duplicate `command`
              hint: A key or table may occur only once"#]],
    );
    check(
        r"[env]
A.b = 1
A = 2",
        expect![[r#"
            ensconce.toml:2:1: `env.A`: expected a string, a number or a boolean, found a table
            ensconce.toml:3:1: Duplicate `A`
              hint: A key or table may occur only once"#]],
    );
    check(
        r#"[service]
api.command = ["x"]
[service.api]
cwd = "x""#,
        expect![[r#"
            ensconce.toml:3:10: Duplicate `api`
              hint: A key or table may occur only once"#]],
    );
}

#[test]
fn sound_lines_are_checked_beside_broken_ones() {
    check(
        r#"[window]
width = 
heigth = 3
[service.api]
comand = ["x"]"#,
        expect![[r#"
            ensconce.toml:2:9: Missing value after `=`
            ensconce.toml:3:1: Unknown key `heigth` in `window`
              hint: Did you mean `height`?
            ensconce.toml:5:1: Unknown key `comand` in `service.api`
              hint: Did you mean `command`?"#]],
    );
}
