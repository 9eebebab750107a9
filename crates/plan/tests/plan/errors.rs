//! What keeps a manifest from running on this machine.

use ensconce_manifest::Platform;
use ensconce_plan::Facts;
use expect_test::expect;

use crate::check::{check, facts};

#[test]
fn all_missing_variables_are_told_at_once() {
    let manifest = r#"
        [env]
        EVERYWHERE = "{env.SHARED}"
        [service.api]
        command = ["api", "{env.ONE}", "{env.TWO}"]
        cwd = "{env.FOLDER}"
        [service.web]
        command = ["web", "{env.ONE}"]
        handshake = "{env.FILE}"
        [task.seed]
        command = ["seed"]
        unless = "{env.MADE}"
        env = { EVERYWHERE = "not the same" }
    "#;
    check(
        manifest,
        &facts(),
        expect![[r#"
            `seed` needs the environment variable `MADE`, which is not set
              hint: Set it before the start: MADE=value ensconce run
            `api` needs the environment variable `ONE`, which is not set
              hint: Set it before the start: ONE=value ensconce run
            `api` needs the environment variable `TWO`, which is not set
              hint: Set it before the start: TWO=value ensconce run
            `api` needs the environment variable `SHARED`, which is not set
              hint: Set it before the start: SHARED=value ensconce run
            `api` needs the environment variable `FOLDER`, which is not set
              hint: Set it before the start: FOLDER=value ensconce run
            `web` needs the environment variable `ONE`, which is not set
              hint: Set it before the start: ONE=value ensconce run
            `web` needs the environment variable `SHARED`, which is not set
              hint: Set it before the start: SHARED=value ensconce run
            `web` needs the environment variable `FILE`, which is not set
              hint: Set it before the start: FILE=value ensconce run
        "#]],
    );
}

#[test]
fn windows_programs_have_no_unix_sockets() {
    let manifest = r#"
        [service.unix]
        command = ["x", "{socket}"]
        [service.passed]
        command = ["x"]
        listen = "fd"
    "#;
    check(
        manifest,
        &Facts { platform: Platform::Windows, ..facts() },
        expect![[r#"
        `unix` listens on a Unix socket, which programs on Windows cannot do
          hint: Write [service.unix.windows] with listen = "tcp" and {port}
        `passed` listens on a Unix socket, which programs on Windows cannot do
          hint: Write [service.passed.windows] with listen = "tcp" and {port}
    "#]],
    );
}

#[test]
fn paths_must_be_known_before_the_start() {
    let manifest = r#"
        [secret.key]
        generate = 16
        [service.api]
        command = ["x", "{port}"]
        cwd = "{data}/{port}"
        [service.told]
        command = ["x"]
        handshake = "{secret.key}"
        [task.seed]
        command = ["x"]
        unless = "{service.api.port}"
        [task.python]
        command = ["x"]
        cwd = "{python}"
    "#;
    check(
        manifest,
        &facts(),
        expect![[r#"
        `seed` uses `{service.api.port}`, but a path must be known before the start
          hint: See the list of names in `docs/manifest.md`, "Templates"
        `python` uses `{python}`, but no interpreter was chosen
          hint: See the list of names in `docs/manifest.md`, "Templates"
        `api` uses `{data}/{port}`, but a path must be known before the start
          hint: See the list of names in `docs/manifest.md`, "Templates"
        `told` uses `{secret.key}`, but a path must be known before the start
          hint: See the list of names in `docs/manifest.md`, "Templates"
    "#]],
    );
}
