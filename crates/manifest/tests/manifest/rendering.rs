//! How mistakes are drawn.

use ensconce_manifest::{Diagnostics, parse};
use expect_test::{Expect, expect};

use super::complete;

fn mistakes(body: &str) -> Diagnostics {
    parse("ensconce.toml", &complete(body)).unwrap_err()
}

#[track_caller]
fn check(body: &str, expect: Expect) {
    expect.assert_eq(&mistakes(body).render());
}

#[test]
fn a_pointer_and_a_hint() {
    check(
        "[service.api]\ncomand = [\"x\"]",
        expect![[r#"
        error: Unknown key `comand` in `service.api`
         --> ensconce.toml:2:1
          |
        2 | comand = ["x"]
          | ^^^^^^
          |
          = hint: Did you mean `command`?
    "#]],
    );
}

#[test]
fn wide_characters_and_tabs() {
    check(
        "[env]\n\tA = \"日本{dat}\"",
        expect![[r#"
        error: Unknown template `{dat}`
         --> ensconce.toml:2:9
          |
        2 |     A = "日本{dat}"
          |              ^^^^^
          |
          = hint: Did you mean `{data}`?
    "#]],
    );
}

#[test]
fn carriage_returns() {
    check(
        "[window]\r\nwidth = 1\r\nheight = 1\r\n",
        expect![[r#"
        error: `window.width` must be from 200 to 16384, found `1`
         --> ensconce.toml:2:9
          |
        2 | width = 1
          |         ^

        error: `window.height` must be from 200 to 16384, found `1`
         --> ensconce.toml:3:10
          |
        3 | height = 1
          |          ^
    "#]],
    );
}

#[test]
fn the_end_of_the_text() {
    let found = parse("ensconce.toml", "[app]\nid = \"").unwrap_err();
    expect![[r#"
        error: This string is not closed
         --> ensconce.toml:2:7
          |
        2 | id = "
          |       ^
          |
          = hint: Close it with `"`
    "#]]
    .assert_eq(&found.render());
}

#[test]
fn values_of_several_lines() {
    check(
        "[service]\napi = [\n  1,\n  2,\n]",
        expect![[r#"
        error: `service.api`: expected a table, found a list
         --> ensconce.toml:2:7
          |
        2 | api = [
          |       ^
          |
          = hint: Write `[service.api]`
    "#]],
    );
}

#[test]
fn no_text_and_too_long_lines() {
    expect![[r#"
        error: The manifest is empty
        --> ensconce.toml:1:1
         = hint: Begin with `[app]`; docs/manifest.md has the smallest one
    "#]]
    .assert_eq(&parse("ensconce.toml", "").unwrap_err().render());
    check(
        &format!("x = \"{}\"", "y".repeat(3000)),
        expect![[r#"
            error: Unknown key `x`
            --> ensconce.toml:1:1
             = hint: Possible here: `app`, `window`, `ui`, `route`, `python`, `env`, `task`, `service`, `secret`, `setup`, `database` or `build`
        "#]],
    );
}

#[test]
fn control_characters_are_not_sent_to_terminals() {
    let found = mistakes("\"\\u001b[31m\\u202e\" = 1\n[env]\n\"\\u0007=\" = \"{\\u001b}\"");
    for text in [found.render(), found.to_string()] {
        assert!(!text.contains(['\u{1b}', '\u{7}', '\u{202e}']), "{text:?}");
    }
}

#[test]
fn colours_are_only_on_demand() {
    let found = mistakes("xyzzy = 1");
    assert!(!found.render().contains('\u{1b}'));
    assert!(found.render_colored().contains('\u{1b}'));
}

#[test]
fn very_many_are_counted() {
    let found = mistakes(&"[[route]]\nservice = \"zzz\"\n".repeat(60));
    assert_eq!(found.count(), 60 + 59);
    assert_eq!(found.render().matches("error: ").count(), 50);
    assert!(found.render().ends_with("\n69 more mistakes are not shown\n"));
    assert!(found.to_string().ends_with("\n69 more mistakes are not shown"));
}

#[test]
fn json() {
    let found = mistakes("[service.api]\ncomand = [\"x\"]").to_json();
    expect![[r#"
        [
          {
            "file": "ensconce.toml",
            "line": 2,
            "column": 1,
            "end_line": 2,
            "end_column": 7,
            "message": "Unknown key `comand` in `service.api`",
            "hints": [
              "Did you mean `command`?"
            ]
          }
        ]"#]]
    .assert_eq(&serde_json::to_string_pretty(&found).unwrap());
}
