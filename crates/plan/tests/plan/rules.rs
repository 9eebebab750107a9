//! What is done about services that end, hang, grow, or lose what they need.

use ensconce_manifest::Platform;
use ensconce_plan::{Facts, RulesPlan};
use expect_test::{Expect, expect};

use crate::check::{check, facts, job};

const CACHE: &str =
    "[service.cache]\ncommand = [\"x\"]\n[service.api]\ncommand = [\"x\", \"{port}\"]\n";

/// Shows what the plan says beyond the usual.
fn shows(lines: &str, expected: Expect) {
    let manifest = format!("{CACHE}{lines}");
    let plan = crate::check::plan_jobs(&manifest, &facts()).unwrap().to_string();
    let (_, rules) = plan.rsplit_once("killed after 10 s\n").unwrap();
    // The expected text loses what all its lines are indented by.
    let rules: String = rules.split_inclusive('\n').map(str::trim_start).collect();
    expected.assert_eq(&rules);
}

#[test]
fn what_is_usual_is_not_shown() {
    shows("", expect![""]);
    shows("restart = \"always\"\nliveness = \"none\"", expect![""]);
    shows("restart = { delay = \"100ms\", limit = 5 }", expect![""]);
    assert_eq!(job(CACHE, &facts(), "api").rules, RulesPlan::default());
    let json = serde_json::to_value(job(CACHE, &facts(), "api")).unwrap();
    assert!(json.get("restart").is_none() && json.get("liveness").is_none(), "{json}");
}

#[test]
fn restarts_in_a_line() {
    shows(
        "restart = \"on-failure\"",
        expect![[r#"
               restart  unless it exits with code 0, after 0.1 s up to 30 s, at most 5 in 60 s
        "#]],
    );
    shows(
        "restart = \"no\"",
        expect![[r#"
               restart  never
        "#]],
    );
    shows(
        "restart = { policy = \"no\", never_after = [] }",
        expect![[r#"
               restart  never
        "#]],
    );
    shows(
        "restart = { delay = \"0s\" }",
        expect![[r#"
               restart  always, at once, at most 5 in 60 s
        "#]],
    );
    shows(
        "restart = { delay = \"2m\", window = \"0s\" }",
        expect![[r#"
               restart  always, after 120 s, without a limit
        "#]],
    );
    shows(
        "restart = { max_delay = \"5s\", never_after = [2, 3] }",
        expect![[r#"
               restart  always, after 0.1 s up to 5 s, at most 5 in 60 s, not after exit code 2 or 3
        "#]],
    );
}

#[test]
fn all_rules_as_text() {
    shows(
        r#"needs = ["cache"]
           restart = { limit = 3, window = "5m" }
           on_dependency_exit = "restart"
           liveness = { http = "/health" }
           memory_limit = "512MB""#,
        expect![[r#"
               restart  always, after 0.1 s up to 30 s, at most 3 in 300 s
               depends  restarted when a dependency is back
               health   GET /health answers with 200 to 399, within 1 s, every 10 s; killed after 3 failures
               memory   killed above 512 MB
        "#]],
    );
    shows(
        "needs = [\"cache\"]\non_dependency_exit = \"stop\"\nliveness = \"tcp\"",
        expect![[r#"
               depends  stopped while a dependency is away
               health   it accepts connections, within 1 s, every 10 s; killed after 3 failures
        "#]],
    );
    shows(
        "liveness = { http = \"/\", status = [200, 204], period = \"1m\", timeout = \"5s\", failures = 1 }",
        expect![[r#"
               health   GET / answers with 200 or 204, within 5 s, every 60 s; killed after 1 failure
        "#]],
    );
}

#[test]
fn all_rules_as_json() {
    let manifest = format!(
        "{CACHE}{}",
        r#"needs = ["cache"]
           restart = "on-failure"
           on_dependency_exit = "stop"
           liveness = { http = "/health" }
           memory_limit = "512MB""#
    );
    let json = serde_json::to_value(job(&manifest, &facts(), "api")).unwrap();
    let keys = ["restart", "on_dependency_exit", "liveness", "memory_limit_bytes"];
    let rules: String = keys.iter().map(|key| format!("{key}: {:#}\n", json[*key])).collect();
    expect![[r#"
        restart: {
          "policy": "on-failure",
          "delay_ms": 100,
          "max_delay_ms": 30000,
          "limit": 5,
          "window_ms": 60000,
          "never_after": [
            125
          ]
        }
        on_dependency_exit: "stop"
        liveness: {
          "http": {
            "path": "/health",
            "statuses": [],
            "period_ms": 10000,
            "timeout_ms": 1000,
            "failures": 3
          }
        }
        memory_limit_bytes: 512000000
    "#]]
    .assert_eq(&rules);
}

#[test]
fn a_watchdog_is_told_where_to_send_its_signs_of_life() {
    let manifest = "[service.api]\ncommand = [\"x\"]\nliveness = { watchdog = \"30s\" }\n";
    check(
        manifest,
        &facts(),
        expect![[r#"
        1. service api
           command  x
           folder   /app
           env      NOTIFY_SOCKET=/run/notes/api.notify
           ready    when its process runs, within 60 s
           stop     SIGTERM, killed after 10 s
           health   it sends WATCHDOG=1 to NOTIFY_SOCKET every 30 s
    "#]],
    );
    let both = format!("{manifest}ready = \"notify\"\n");
    let env = job(&both, &facts(), "api").env;
    assert_eq!(env.len(), 1, "{env:?}");
    let windows = Facts { platform: Platform::Windows, ..facts() };
    check(
        manifest,
        &windows,
        expect![[r#"
        `api` has a watchdog, and Windows has no `NOTIFY_SOCKET`
          hint: Write [service.api.windows] with liveness = { http = "/health" }
    "#]],
    );
    check(
        &format!("{manifest}windows.liveness = \"none\"\n"),
        &windows,
        expect![[r#"
        1. service api
           command  x
           folder   /app
           ready    when its process runs, within 60 s
           stop     SIGTERM, killed after 10 s
    "#]],
    );
}
