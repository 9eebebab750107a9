//! Whole files: how they are encoded, how long they are, where their lines end.

use ensconce_manifest::{parse, parse_bytes};
use expect_test::{Expect, expect};

use super::{check, complete};

#[track_caller]
fn check_bytes(bytes: &[u8], expect: Expect) {
    let found = match parse_bytes("ensconce.toml", bytes) {
        Ok(_) => "valid".to_owned(),
        Err(diagnostics) => diagnostics.to_string(),
    };
    expect.assert_eq(&found);
}

#[test]
fn empty_files() {
    check_bytes(
        b"",
        expect![[r#"
        ensconce.toml:1:1: The manifest is empty
          hint: Begin with `[app]`; docs/manifest.md has the smallest one"#]],
    );
    check_bytes(
        b" \r\n\t\n",
        expect![[r#"
        ensconce.toml:1:1: The manifest is empty
          hint: Begin with `[app]`; docs/manifest.md has the smallest one"#]],
    );
    check_bytes(
        b"\xef\xbb\xbf",
        expect![[r#"
        ensconce.toml:1:1: The manifest is empty
          hint: Begin with `[app]`; docs/manifest.md has the smallest one"#]],
    );
    check_bytes(
        b"# nothing yet\n",
        expect![[r#"
        ensconce.toml:1:1: Missing table `[app]`
          hint: `app`: Who the app is.
        ensconce.toml:1:1: Missing table `[ui]`
          hint: `ui`: Where its pages come from."#]],
    );
}

#[test]
fn files_that_are_no_text() {
    check_bytes(
        b"[app]\nname = \"\xff\"",
        expect![[r#"
        ensconce.toml:2:9: The manifest is not UTF-8
          hint: Save it as UTF-8"#]],
    );
    check_bytes(
        b"[app]\nname = \"caf\xe9\"\n\xe9",
        expect![[r#"
        ensconce.toml:2:12: The manifest is not UTF-8
          hint: Save it as UTF-8"#]],
    );
    check_bytes(
        b"\x7fELF\x00\x01\xff",
        expect![[r#"
        ensconce.toml:1:1: The manifest is not text: it contains NUL bytes
          hint: Save it as UTF-8, not as UTF-16"#]],
    );
    check_bytes(
        b"[app]\x00",
        expect![[r#"
        ensconce.toml:1:1: The manifest is not text: it contains NUL bytes
          hint: Save it as UTF-8, not as UTF-16"#]],
    );
    check_bytes(
        b"\xff\xfe[\x00a\x00",
        expect![[r#"
        ensconce.toml:1:1: The manifest is not text: it contains NUL bytes
          hint: Save it as UTF-8, not as UTF-16"#]],
    );
}

#[test]
fn files_that_are_too_large() {
    check_bytes(
        &vec![b'#'; 1024 * 1024 + 1],
        expect!["ensconce.toml:1:1: The manifest is too large: 1048577 bytes, at most 1048576"],
    );
    check_bytes(
        &vec![0xff; 1024 * 1024 + 1],
        expect!["ensconce.toml:1:1: The manifest is too large: 1048577 bytes, at most 1048576"],
    );
    assert!(parse("x", &"#".repeat(1024 * 1024)).is_err_and(|found| found.count() == 2));
}

#[test]
fn a_byte_order_mark_is_no_part_of_the_text() {
    check(
        "\u{feff}xy = 1",
        expect![[r#"
            ensconce.toml:1:1: Unknown key `xy`
              hint: Possible here: `app`, `window`, `ui`, `route`, `python`, `env`, `task`, `service`, `secret`, `setup`, `database` or `build`"#]],
    );
    assert!(parse("x", &format!("\u{feff}{}", complete(""))).is_ok());
}

#[test]
fn lines_may_end_with_carriage_return() {
    check(
        "[window]\r\nwidth = 1\r\nheigth = 3\r\n",
        expect![[r#"
        ensconce.toml:2:9: `window.width` must be from 200 to 16384, found `1`
        ensconce.toml:3:1: Unknown key `heigth` in `window`
          hint: Did you mean `height`?"#]],
    );
    check("[window]\r\nwidth = \r\n", expect!["ensconce.toml:2:9: Missing value after `=`"]);
    assert!(parse("x", &complete("").replace('\n', "\r\n")).is_ok());
}

#[test]
fn columns_count_characters() {
    check(
        "env = { A = \"äöü😀\", \"B=\" = 1 }",
        expect![
            "ensconce.toml:1:21: Expected the name of an environment variable, without `=` and NUL, found `B=`"
        ],
    );
    check(
        "[window]\n\twidth = 1",
        expect!["ensconce.toml:2:10: `window.width` must be from 200 to 16384, found `1`"],
    );
    check(
        "[env]\nÄ = 1",
        expect!["ensconce.toml:2:1: Invalid unquoted key, expected letters, numbers, `-`, `_`"],
    );
}
