//! The build steps: when they run, and how they fail.

use std::fs;

use crate::app::App;

fn app(step: &str) -> App {
    let app = App::new(&format!("[ui]\nstatic = \"dist\"\n[[build.step]]\n{step}\n"));
    app.write("source/page.html", "one");
    app
}

fn runs(app: &App) -> usize {
    app.told.lines.lock().unwrap().iter().filter(|line| *line == "it runs").count()
}

#[test]
fn a_step_runs_only_when_something_has_changed() {
    let app = app("command = [\"sh\", \"-c\", \"echo it runs; mkdir -p ../dist; \
                   cat page.html > ../dist/index.html; echo $MARK >> ../dist/index.html\"]\n\
                   cwd = \"source\"\noutput = \"dist\"\nenv = { MARK = 7 }");
    app.assemble().unwrap();
    assert_eq!(fs::read_to_string(app.out("app/dist/index.html")).unwrap(), "one7\n");
    app.assemble().unwrap();
    assert_eq!(runs(&app), 1);
    app.write("source/page.html", "two");
    app.assemble().unwrap();
    assert_eq!(runs(&app), 2);
    assert_eq!(fs::read_to_string(app.out("app/dist/index.html")).unwrap(), "two7\n");
    app.write("dist/index.html", "changed by hand");
    app.assemble().unwrap();
    assert_eq!(runs(&app), 3);
    fs::remove_dir_all(app.path("dist")).unwrap();
    app.assemble().unwrap();
    assert_eq!(runs(&app), 4);
    let manifest = fs::read_to_string(app.path("ensconce.toml")).unwrap();
    app.write("ensconce.toml", &manifest.replace("MARK = 7", "MARK = 8"));
    app.assemble().unwrap();
    assert_eq!(runs(&app), 5);
}

#[test]
fn settings_and_earlier_outputs_are_read_though_git_ignores_them() {
    let app = app(
        "command = [\"sh\", \"-c\", \"mkdir -p made dist; cat source/page.html > made/page\"]\n\
         inputs = [\"source/**\"]\noutput = \"made\"\n[[build.step]]\n\
         command = [\"sh\", \"-c\", \"echo it runs; cp made/page dist/page\"]\n\
         inputs = [\"nothing\", \".env\"]\noutput = \"dist\"",
    );
    app.write(".gitignore", "made/\ndist/\n.env\n");
    app.write(".env", "ADDRESS=one");
    app.assemble().unwrap();
    app.assemble().unwrap();
    assert_eq!(runs(&app), 1);
    app.write("source/page.html", "two");
    app.assemble().unwrap();
    assert_eq!(runs(&app), 2);
    app.write(".env", "ADDRESS=two");
    app.assemble().unwrap();
    assert_eq!(runs(&app), 3);
}

#[test]
fn patterns_say_what_a_step_reads() {
    let app = app("command = [\"sh\", \"-c\", \"echo it runs; mkdir -p dist\"]\n\
                   inputs = [\"source/*.html\"]\noutput = \"dist\"");
    app.write("other", "1");
    app.assemble().unwrap();
    app.write("other", "2");
    app.assemble().unwrap();
    assert_eq!(runs(&app), 1);
    app.write("source/new.html", "2");
    app.assemble().unwrap();
    assert_eq!(runs(&app), 2);
}

#[test]
fn a_failure_shows_the_last_lines() {
    let app = app("command = [\"sh\", \"-c\", \"seq 30; echo oh no >&2; exit 3\"]");
    let fault = app.fault();
    assert!(fault.contains("failed (exit code 3):\n  | 12\n"), "{fault}");
    assert!(fault.ends_with("  | 30\n  | oh no"), "{fault}");
    // It runs again: only what went well is remembered.
    assert_eq!(app.fault(), fault);
}

#[test]
fn what_is_not_there_is_said() {
    let fault = app("command = [\"no-such-program\"]").fault();
    assert!(
        fault.starts_with("Cannot start `no-such-program`, which is needed by a build step"),
        "{fault}"
    );
    assert_eq!(
        app("command = [\"true\"]\noutput = \"made\"").fault(),
        "`build.step[0].output`: `true` succeeded, but there is no `made`"
    );
    assert_eq!(
        app("command = [\"true\"]\ncwd = \"gone\"").fault(),
        "`build.step[0].cwd`: There is no folder `gone`"
    );
}

/// A tool that leaves something running does not hold the build.
#[cfg(unix)]
#[test]
fn what_a_step_leaves_behind_is_not_waited_for() {
    let app = app("command = [\"sh\", \"-c\", \"mkdir -p dist; sleep 30 & echo $!\"]");
    let began = std::time::Instant::now();
    app.assemble().unwrap();
    assert!(began.elapsed().as_secs() < 20);
    let pid = app.told.lines.lock().unwrap()[0].clone();
    assert!(std::process::Command::new("kill").arg(pid).status().unwrap().success());
}
