//! What can be typed, and what cannot.

use insta::assert_snapshot;

use crate::world::{PAGES, WEB, World};

#[test]
fn help_of_the_program() {
    assert_snapshot!(World::empty().run("--help"), @"
    exit code: 0
    ----- stdout -----
    Turns a web app into a desktop app: no rewrite, no Rust to write

    Usage: ensconce <COMMAND>

    Commands:
      run      Runs the app, in its window or for a browser
      dev      Runs the app for development: dev settings, one merged log, restarts on changes
      logs     Shows the output of the app's tasks and services, whether the app runs or not
      plan     Shows exactly what would run, secrets masked
      check    Looks for mistakes in the manifest, and for what is missing on this machine
      status   Shows whether the app runs, and the state of each task and service
      restart  Stops a task or service of the running app and starts it again
      stop     Stops the running app, as closing its window does
      setup    Answers the app's questions: in the terminal, from a file or from the environment
      secret   Manages the app's secrets
      backup   Copies the app's databases, whether it runs or not
      restore  Puts a backup in a database's place, or lists the backups
      export   Writes all data of the app to one file
      import   Replaces the app's data with that of an exported file; keeps the present data
      build    Builds packages for Linux, Windows and macOS
      schema   Prints the JSON Schema of the manifest, for editors
      help     Print this message or the help of the given subcommand(s)

    Options:
      -h, --help     Print help
      -V, --version  Print version

    Exit codes: 0 success, 1 the app failed, 2 a mistake in the manifest or on the command line.
    Run `ensconce COMMAND --help` for more.

    ----- stderr -----
    ");
}

#[test]
fn help_of_run() {
    assert_snapshot!(World::empty().run("run --help"), @"
    exit code: 0
    ----- stdout -----
    Runs the app, in its window or for a browser

    Usage: ensconce run [OPTIONS] [MANIFEST]

    Arguments:
      [MANIFEST]  The manifest, or its folder [default: ensconce.toml]

    Options:
          --data-dir <DIR>  Keeps data, settings, cache and logs below this folder instead of the
                            platform's own
          --headless        Opens no window; prints the address for a browser, which works once
          --json            Prints events as JSON Lines to stdout
      -v, --verbose         Shows what the app's processes write
      -h, --help            Print help
      -V, --version         Print version

    Examples:
      ensconce run
      ensconce run --headless
      ensconce run --headless --json examples/items

    ----- stderr -----
    ");
}

#[test]
fn help_of_dev() {
    assert_snapshot!(World::empty().run("dev --help"), @"
    exit code: 0
    ----- stdout -----
    Runs the app for development: dev settings, one merged log, restarts on changes

    Usage: ensconce dev [OPTIONS] [MANIFEST]

    Arguments:
      [MANIFEST]  The manifest, or its folder [default: ensconce.toml]

    Options:
          --data-dir <DIR>  Keeps data, settings, cache and logs below this folder instead of the
                            platform's own
          --headless        Opens no window; prints the address for a browser, which works once
      -h, --help            Print help
      -V, --version         Print version

    Examples:
      ensconce dev
      ensconce dev --headless

    ----- stderr -----
    ");
}

#[test]
fn help_of_logs() {
    assert_snapshot!(World::empty().run("logs --help"), @r#"
    exit code: 0
    ----- stdout -----
    Shows the output of the app's tasks and services, whether the app runs or not

    Usage: ensconce logs [OPTIONS] [SERVICE]

    Arguments:
      [SERVICE]  Only the lines of this task or service

    Options:
      -f, --follow               Shows new lines as they come, until it is interrupted
      -n, --lines <LINES>        How many of the newest lines to show [default: 100]
          --json                 Prints JSON Lines
          --manifest <MANIFEST>  The manifest, or its folder [default: ensconce.toml]
          --data-dir <DIR>       The folder that the app was started with, if not the platform's own
      -h, --help                 Print help
      -V, --version              Print version

    Examples:
      ensconce logs
      ensconce logs -f api
      ensconce logs -n 1000 --json | jq -r 'select(.stream == "stderr").text'

    ----- stderr -----
    "#);
}

#[test]
fn help_of_plan() {
    assert_snapshot!(World::empty().run("plan --help"), @"
    exit code: 0
    ----- stdout -----
    Shows exactly what would run, secrets masked

    Usage: ensconce plan [OPTIONS] [MANIFEST]

    Arguments:
      [MANIFEST]  The manifest, or its folder [default: ensconce.toml]

    Options:
          --data-dir <DIR>  Keeps data, settings, cache and logs below this folder instead of the
                            platform's own
          --dev             Plans for `ensconce dev`
          --json            Prints JSON
      -h, --help            Print help
      -V, --version         Print version

    Examples:
      ensconce plan
      ensconce plan --json | jq .jobs

    ----- stderr -----
    ");
}

#[test]
fn help_of_check() {
    assert_snapshot!(World::empty().run("check --help"), @"
    exit code: 0
    ----- stdout -----
    Looks for mistakes in the manifest, and for what is missing on this machine

    Usage: ensconce check [OPTIONS] [MANIFEST]

    Arguments:
      [MANIFEST]  The manifest, or its folder [default: ensconce.toml]

    Options:
          --data-dir <DIR>  Keeps data, settings, cache and logs below this folder instead of the
                            platform's own
          --json            Prints the mistakes as JSON to stdout
      -h, --help            Print help
      -V, --version         Print version

    Examples:
      ensconce check
      ensconce check --json

    ----- stderr -----
    ");
}

#[test]
fn help_of_schema() {
    assert_snapshot!(World::empty().run("schema --help"), @"
    exit code: 0
    ----- stdout -----
    Prints the JSON Schema of the manifest, for editors

    Usage: ensconce schema

    Options:
      -h, --help     Print help
      -V, --version  Print version

    Example:
      ensconce schema > ensconce.schema.json

    ----- stderr -----
    ");
}

#[test]
fn version() {
    assert_snapshot!(World::empty().run("--version"), @"
    exit code: 0
    ----- stdout -----
    ensconce [VERSION]

    ----- stderr -----
    ");
}

#[test]
fn nothing_typed() {
    let screen = World::empty().run("");
    assert!(screen.starts_with("exit code: 2\n----- stdout -----\n\n"), "{screen}");
}

#[test]
fn unknown_command() {
    assert_snapshot!(World::empty().run("rum"), @"
    exit code: 2
    ----- stdout -----

    ----- stderr -----
    error: unrecognized subcommand 'rum'

      tip: a similar subcommand exists: 'run'

    Usage: ensconce <COMMAND>

    For more information, try '--help'.
    ");
}

#[test]
fn json_is_for_headless() {
    assert_snapshot!(World::new(PAGES).run("run --json"), @"
    exit code: 2
    ----- stdout -----

    ----- stderr -----
    error: the following required arguments were not provided:
      --headless

    Usage: ensconce run --headless --json [MANIFEST]

    For more information, try '--help'.
    ");
}

#[test]
fn no_display() {
    assert_snapshot!(World::new(PAGES).run("run"), @"
    exit code: 1
    ----- stdout -----

    ----- stderr -----
    error: There is no display to open a window on
    hint: Use a browser instead: ensconce run --headless
    ");
    assert_snapshot!(World::new(PAGES).run("dev"), @"
    exit code: 1
    ----- stdout -----

    ----- stderr -----
    error: There is no display to open a window on
    hint: Use a browser instead: ensconce run --headless
    ");
}

#[test]
fn the_schema_is_the_one_in_the_repository() {
    let output = World::empty().command("schema").output().unwrap();
    let schema: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let copy = include_str!("../../../../docs/reference/ensconce.schema.json");
    assert_eq!(schema, serde_json::from_str::<serde_json::Value>(copy).unwrap());
    assert!(output.stderr.is_empty());
}

#[test]
fn a_reader_that_leaves_is_no_failure() {
    let world = World::new(WEB);
    for line in ["schema", "plan", "plan --json", "check --json", "--help"] {
        let mut command = world.command(line);
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        command.stdout(writer);
        let output = command.output().unwrap();
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.success() && !stderr.contains("panicked"), "{line}: {stderr}");
    }
}

#[test]
#[cfg(target_os = "linux")]
fn a_full_disk_is_said() {
    let mut command = World::empty().command("schema");
    let world = World::empty();
    command.current_dir(world.app()).stdout(std::fs::File::create("/dev/full").unwrap());
    assert_snapshot!(world.run_command(command), @"
    exit code: 1
    ----- stdout -----

    ----- stderr -----
    error: Cannot write to stdout: No space left on device (os error 28)
    ");
}

#[test]
fn colours_only_where_they_are_wanted() {
    let world = World::new("[ui]\n");
    let stderr = |variables: &[(&str, &str)]| {
        let output = world.command("check").envs(variables.iter().copied()).output().unwrap();
        String::from_utf8(output.stderr).unwrap()
    };
    let plain = stderr(&[]);
    assert!(!plain.contains('\u{1b}'));
    assert!(stderr(&[("CLICOLOR_FORCE", "1")]).contains('\u{1b}'));
    assert_eq!(stderr(&[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")]), plain);
}

#[test]
fn help_of_secret() {
    assert_snapshot!(World::empty().run("secret --help"), @"
    exit code: 0
    ----- stdout -----
    Manages the app's secrets

    Usage: ensconce secret <COMMAND>

    Commands:
      list    Shows the names of the secrets and where each is kept, never a value
      set     Keeps a value, from stdin or typed without being shown
      rm      Forgets a value
      rotate  Generates a secret anew
      use     Moves the app's secrets to another store
      help    Print this message or the help of the given subcommand(s)

    Options:
      -h, --help     Print help
      -V, --version  Print version

    Examples:
      ensconce secret list
      ensconce secret set api-key
      ensconce secret rotate session

    ----- stderr -----
    ");
    assert_snapshot!(World::empty().run("secret set --help"), @r#"
    exit code: 0
    ----- stdout -----
    Keeps a value, from stdin or typed without being shown

    Usage: ensconce secret set [OPTIONS] <NAME> [MANIFEST]

    Arguments:
      <NAME>      The secret
      [MANIFEST]  The manifest, or its folder [default: ensconce.toml]

    Options:
          --data-dir <DIR>  Keeps data, settings, cache and logs below this folder instead of the
                            platform's own
      -h, --help            Print help
      -V, --version         Print version

    Examples:
      ensconce secret set api-key
      ensconce secret set api-key < key.txt
      printf %s "$KEY" | ensconce secret set api-key

    ----- stderr -----
    "#);
    assert_snapshot!(World::empty().run("secret use --help"), @"
    exit code: 0
    ----- stdout -----
    Moves the app's secrets to another store

    Usage: ensconce secret use [OPTIONS] <STORE> [MANIFEST]

    Arguments:
      <STORE>     The store: the system's keychain, an encrypted file, or one that opens with a
                  passphrase [possible values: keychain, file, passphrase]
      [MANIFEST]  The manifest, or its folder [default: ensconce.toml]

    Options:
          --data-dir <DIR>  Keeps data, settings, cache and logs below this folder instead of the
                            platform's own
          --anew            Moves nothing, because the present store cannot be used; what is in it stays
                            there
      -h, --help            Print help
      -V, --version         Print version

    Examples:
      ensconce secret use passphrase
      ensconce secret use file --anew examples/items

    ----- stderr -----
    ");
}
