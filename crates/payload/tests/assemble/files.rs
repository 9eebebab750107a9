//! Which files go in.

use std::fs;

use crate::app::App;

const PAGES: &str = "[ui]\nstatic = \"web/dist\"\n";

fn app(manifest: &str) -> App {
    let app = App::new(&format!("{PAGES}{manifest}"));
    app.write(".gitignore", "dist/\n*.log\n/secret.txt\n");
    for path in [
        "web/dist/index.html",
        "web/src/main.ts",
        "server/main.py",
        "server/noise.log",
        "server/__pycache__/main.pyc",
        "server/.env",
        "server/shipped.db",
        "server/.venv/pyvenv.cfg",
        "server/.venv/bin/python",
        "server/node_modules/x/index.js",
        "secret.txt",
    ] {
        app.write(path, "x");
    }
    app
}

#[test]
fn working_folders_and_pages_go_in() {
    let app = app("[service.api]\ncommand = [\"true\"]\ncwd = \"server\"\n");
    app.assemble().unwrap();
    assert_eq!(
        app.packed(),
        ["ensconce.toml", "server/main.py", "server/shipped.db", "web/dist/index.html"]
    );
    let programs = fs::read_to_string(app.out("runtime/programs.json")).unwrap();
    assert_eq!(programs, "{\n  \"programs\": {}\n}");
}

#[test]
fn a_job_without_folder_means_the_manifests_own() {
    let app = app("[task.x]\ncommand = [\"true\"]\n[build]\nexclude = [\"src/\", \"*.db\"]\n");
    app.assemble().unwrap();
    assert_eq!(app.packed(), ["ensconce.toml", "server/main.py", "web/dist/index.html"]);
}

#[test]
fn what_git_ignores_stays_out_of_a_named_folder() {
    let app = app("[build]\ninclude = [\"server\"]\n");
    app.write("server/.npmrc", "//registry.example.com/:_authToken=secret");
    app.assemble().unwrap();
    assert_eq!(
        app.packed(),
        ["ensconce.toml", "server/main.py", "server/shipped.db", "web/dist/index.html"]
    );
    let warnings = app.told.warnings.lock().unwrap().join("\n");
    assert!(warnings.contains("`server/shipped.db` goes to every user"), "{warnings}");
}

#[test]
fn what_is_named_goes_in_though_git_ignores_it() {
    let app = app("[build]\ninclude = [\"secret.txt\", \"standalone\"]\n");
    app.write(".gitignore", "secret.txt\nstandalone/\n");
    app.write("standalone/node_modules/next/index.js", "x");
    app.write("standalone/server.js", "x");
    app.assemble().unwrap();
    assert_eq!(
        app.packed(),
        [
            "ensconce.toml",
            "secret.txt",
            "standalone/node_modules/next/index.js",
            "standalone/server.js",
            "web/dist/index.html"
        ]
    );
}

#[test]
fn what_is_named_has_to_be_there_and_inside() {
    assert_eq!(
        app("[build]\ninclude = [\"nothing\"]\n").fault(),
        "`build.include`: There is no `nothing`"
    );
    assert_eq!(
        app("[build]\ninclude = [\"../outside\"]\n").fault(),
        "`build.include`: `../outside` is not in the manifest's folder"
    );
}

#[cfg(unix)]
#[test]
fn links_stay_inside_or_are_told_all_at_once() {
    use std::os::unix::fs::symlink;
    let app = app("[build]\ninclude = [\"server\"]\n");
    symlink("main.py", app.path("server/good")).unwrap();
    app.assemble().unwrap();
    assert_eq!(fs::read_link(app.out("app/server/good")).unwrap().to_str(), Some("main.py"));
    symlink("/etc/hostname", app.path("server/absolute")).unwrap();
    symlink("../../..", app.path("server/far")).unwrap();
    symlink("../web/src/main.ts", app.path("server/unpacked")).unwrap();
    assert_eq!(
        app.fault(),
        "Symbolic links lead out of what is packed:\n  \
         server/absolute -> /etc/hostname\n  \
         server/far -> ../../..\n  \
         server/unpacked -> ../web/src/main.ts"
    );
}

#[test]
fn what_commands_name_and_is_not_packed_is_warned_of() {
    let app = app("[service.api]\ncommand = [\"./bin/x\", \"{resources}/server/main.py\", \
                   \"{resources}/gone\"]\n[build]\ninclude = [\"server\"]\n");
    app.assemble().unwrap();
    let warnings = app.told.warnings.lock().unwrap();
    let named: Vec<&str> = warnings.iter().map(|text| text.split('`').nth(1).unwrap()).collect();
    assert_eq!(named, ["server/shipped.db", "./bin/x", "{resources}/gone"]);
}

#[cfg(unix)]
#[test]
fn modes_are_the_same_on_every_machine() {
    use std::os::unix::fs::PermissionsExt;
    let app = app("[build]\ninclude = [\"server\"]\n");
    let set = |path: &str, mode| {
        fs::set_permissions(app.path(path), fs::Permissions::from_mode(mode)).unwrap();
    };
    set("server/main.py", 0o700);
    set("server/shipped.db", 0o440);
    app.assemble().unwrap();
    let mode = |path: &str| fs::metadata(app.out(path)).unwrap().permissions().mode() & 0o7777;
    assert_eq!(mode("app/server/main.py"), 0o755);
    assert_eq!(mode("app/server/shipped.db"), 0o644);
}
