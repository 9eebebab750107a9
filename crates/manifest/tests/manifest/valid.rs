//! Manifests that are right.

use ensconce_manifest::*;

use super::complete;

/// A manifest with every key.
pub(crate) const EVERYTHING: &str = include_str!("everything.toml");

#[track_caller]
fn valid(body: &str) -> Manifest {
    match parse("ensconce.toml", &complete(body)) {
        Ok(manifest) => manifest,
        Err(diagnostics) => panic!("{}", diagnostics.render()),
    }
}

#[test]
fn the_smallest() {
    let manifest = valid("");
    assert_eq!(manifest.app.id, "com.example.notes");
    assert_eq!(manifest.ui.static_dir.as_deref(), Some("dist"));
    assert_eq!(manifest.window, Window::default());
    assert!(manifest.services.is_empty());
}

#[test]
fn everything_at_once() {
    let manifest = valid(EVERYTHING);
    assert_eq!(manifest.services.len(), 5);
    assert_eq!(manifest.tasks["migrate"].settings.when, Some(When::Update));
    let windows = manifest.services["api"].resolve(Platform::Windows, Mode::Run);
    assert_eq!(listening(&windows), Listen::Tcp);
    let linux = manifest.services["api"].resolve(Platform::Linux, Mode::Dev);
    assert_eq!(listening(&linux), Listen::Unix);
    assert_eq!(linux.env["DEBUG"], Scalar::Boolean(true));
    assert_eq!(linux.env["WORKERS"], Scalar::Integer(1));
}

/// Every key of the schema stands in `everything.toml`, so that each is read at least once.
#[test]
fn everything_is_everything() {
    let schema = schema();
    let tables = schema["$defs"].as_object().unwrap().values().chain([&schema]);
    for table in tables {
        let properties = table.get("properties").and_then(|known| known.as_object());
        for key in properties.into_iter().flat_map(|known| known.keys()) {
            assert!(EVERYTHING.contains(key.as_str()), "`{key}` is missing");
        }
    }
}

#[test]
fn manifests_survive_json() {
    let manifest = valid(EVERYTHING);
    let json = serde_json::to_string(&manifest).unwrap();
    assert_eq!(serde_json::from_str::<Manifest>(&json).unwrap(), manifest);
}

#[test]
fn spans_of_time() {
    let timeout = |text: &str| {
        let manifest = valid(&format!("[task.a]\ncommand = [\"x\"]\ntimeout = \"{text}\""));
        manifest.tasks["a"].settings.timeout.map(|timeout| timeout.0.as_millis())
    };
    assert_eq!(timeout("0ms"), Some(0));
    assert_eq!(timeout("500ms"), Some(500));
    assert_eq!(timeout("10s"), Some(10_000));
    assert_eq!(timeout("5m"), Some(300_000));
    assert_eq!(timeout("999999999h"), Some(3_599_999_996_400_000));
}

#[test]
fn kinds_of_ready() {
    for ready in [
        "\"tcp\"",
        "\"notify\"",
        "\"started\"",
        "{ http = \"/\" }",
        "{ http = \"/\", status = 204 }",
        "{ http = \"/\", status = [200, 204] }",
        "{ log = \"ready in [0-9]+ ms\" }",
    ] {
        valid(&format!("[service.a]\ncommand = [\"x\", \"{{port}}\"]\nready = {ready}"));
    }
}

#[test]
fn ways_to_write_the_same() {
    let header = valid("[service.a]\ncommand = [\"x\"]\n[service.a.dev]\ncwd = \"y\"");
    let dotted = valid("[service]\na.command = [\"x\"]\na.dev.cwd = \"y\"");
    let inline = valid("service = { a = { command = [\"x\"], dev = { cwd = \"y\" } } }");
    assert_eq!(header, dotted);
    assert_eq!(header, inline);
}

#[test]
fn paths_of_pages_may_be_absolute() {
    valid("[ui]\nstatic = \"/srv/pages\"");
    valid("[ui]\nstatic = 'C:\\pages'");
}

#[test]
fn commands_that_differ_everywhere() {
    valid(
        "[service.a]\nlinux.command = [\"l\"]\nmacos.command = [\"m\"]\nwindows.command = [\"w\"]",
    );
}

#[test]
fn pages_from_elsewhere() {
    valid("[ui]\nurl = \"https://app.example.com/start?a=b\"");
    valid("[ui]\nservice = \"a\"\n[service.a]\ncommand = [\"x\"]\nlisten = \"fd\"");
    valid("[ui]\nservice = \"a\"\n[service.a]\ncommand = [\"x\"]\nready = \"handshake\"");
}
