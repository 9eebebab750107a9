//! The `[build]` section.

use expect_test::expect;

use super::check;

#[test]
fn a_program_has_one_source() {
    check(
        "[build.program.cache]\nexecutable = 'bin/cache'\n[build.program.api]\npath = 'api'\npyinstaller = 'api.spec'",
        expect![[r#"
            ensconce.toml:1:1: Program `cache` does not say where it comes from
              hint: Write `path` or `url` with `sha256` or `pyinstaller`
            ensconce.toml:5:1: Program `api` has `path` and `pyinstaller`, but only one is allowed
              hint: Keep one of them"#]],
    );
}

#[test]
fn names_of_runtimes_are_no_programs() {
    check(
        "[build.program.python]\npath = 'a'\n[build.program.node]\npath = 'b'\n[build.program.libraries]\npath = 'c'\n[build.program.python3]\npath = 'd'",
        expect![[r#"
            ensconce.toml:1:16: A program cannot be named `python`: that is the folder of the app's Python
              hint: Choose another name, or write `[build.python]`
            ensconce.toml:3:16: A program cannot be named `node`: that is the folder of the app's Node
              hint: Choose another name, or write `[build.node]`
            ensconce.toml:5:16: A program cannot be named `libraries`: that is the folder of shared libraries
              hint: Choose another name"#]],
    );
}

#[test]
fn what_is_fetched_is_known_by_its_hash() {
    check(
        "[build.program.tool]\nurl = 'https://example.com/{target}'\n[build.node]\nurl = 'example.com/node'\n[build.appimage]\nurl = 'https://example.com/runtime'",
        expect![[r#"
            ensconce.toml:2:1: `url` has no `sha256`
              hint: Add the SHA-256 that its publisher states, so that nobody else can change the file
            ensconce.toml:4:1: `url` has no `sha256`
              hint: Add the SHA-256 that its publisher states, so that nobody else can change the file
            ensconce.toml:4:7: `example.com/node` is not a valid URL: it begins with neither `http://` nor `https://`
              hint: Write it as `https://example.com/file.tar.gz`
            ensconce.toml:6:1: `url` has no `sha256`
              hint: Add the SHA-256 that its publisher states, so that nobody else can change the file"#]],
    );
}

#[test]
fn a_hash_is_64_digits() {
    check(
        "[build.node]\nurl = 'https://example.com/node'\nsha256 = 'abc'",
        expect!["ensconce.toml:3:10: Expected 64 hexadecimal digits, found `abc`"],
    );
}

#[test]
fn an_interpreter_is_named_exactly() {
    check(
        "[build.python]\ndependencies = 'uv.lock'",
        expect![[r#"
        ensconce.toml:1:8: `build.python` does not say which interpreter
          hint: Write `version`, `release` and `sha256` of a python-build-standalone archive, or `source = "local"`"#]],
    );
    check(
        "[build.python]\nversion = '3.12'\nrelease = '20251014'",
        expect!["ensconce.toml:2:11: Expected an exact version such as `3.12.12`, found `3.12`"],
    );
}

#[test]
fn a_local_interpreter_is_not_fetched() {
    check(
        "[build.python]\nsource = 'local'\nversion = '3.12.12'\nmirror = 'https://example.com'",
        expect![[r#"
            ensconce.toml:3:1: `version` has no effect with `source = "local"`
              hint: Remove it, or write `source = "standalone"`
            ensconce.toml:4:1: `mirror` has no effect with `source = "local"`
              hint: Remove it, or write `source = "standalone"`"#]],
    );
    check(
        "[build.python]\nversion = '3.12.12'\nrelease = '20251014'\ninterpreter = 'bin/python'",
        expect![[r#"
            ensconce.toml:4:1: `interpreter` has no effect with `source = "standalone"`
              hint: Remove it, or write `source = "local"`"#]],
    );
}

#[test]
fn a_step_has_a_command() {
    check(
        "[[build.step]]\ncwd = 'web'\n[[build.step]]\ncommand = ['']",
        expect![[r#"
        ensconce.toml:1:1: Missing key `command` in `build.step`
          hint: `command`: Program and arguments; no shell reads it."#]],
    );
}

#[test]
fn the_runtime_of_appimages_has_one_source() {
    check(
        "[build.appimage]\npath = 'a'\nurl = 'https://example.com'",
        expect![[r#"
        ensconce.toml:3:1: `build.appimage` has `path` and `url`, but only one is allowed
          hint: Keep one of them
        ensconce.toml:3:1: `url` has no `sha256`
          hint: Add the SHA-256 that its publisher states, so that nobody else can change the file"#]],
    );
    check(
        "[build.appimage]",
        expect![[r#"
        ensconce.toml:1:1: `build.appimage` does not say where it comes from
          hint: Write `path` or `url` with `sha256`"#]],
    );
}

#[test]
fn kinds_and_names_are_checked() {
    check(
        "[build]\nbundles = ['deb', 'exe']\nname = 'My Notes'",
        expect![[r#"
            ensconce.toml:2:19: Unknown value `exe` for `build.bundles`
              hint: Write `deb`, `rpm`, `appimage`, `tar`, `nsis`, `msi`, `app` or `dmg`
            ensconce.toml:3:8: Expected 2 to 64 lower-case letters, digits, `+`, `-` and `.`, found `My Notes`"#]],
    );
}

#[test]
fn unknown_keys_are_named_with_a_near_miss() {
    check(
        "[build]\nincludes = ['server']",
        expect![[r#"
        ensconce.toml:2:1: Unknown key `includes` in `build`
          hint: Did you mean `include`?"#]],
    );
}
