//! What is done about services that end, hang, grow, or lose what they need.

use ensconce_manifest::Platform;
use ensconce_plan::{Facts, RulesPlan};
use expect_test::{Expect, expect};

use crate::check::{check, facts, step};

const CACHE: &str = "[service.cache]\ncommand = [\"x\"]\n[service.api]\ncommand = [\"x\", \"{port}\"]\n";

/// Shows what the plan says beyond the usual.
fn shows(lines: &str, expected: Expect) {
    let manifest = format!("{CACHE}{lines}");
    let plan = crate::check::plan_steps(&manifest, &facts()).unwrap().to_string();
    let (_, rules) = plan.rsplit_once("killed after 10 s\n").unwrap();
    expected.assert_eq(rules);
}

#[test]
fn what_is_usual_is_not_shown() {
    shows("", expect![""]);
    shows("restart = \"always\"\nliveness = \"none\"", expect![""]);
    shows("restart = { delay = \"100ms\", limit = 5 }", expect![""]);
    assert_eq!(step(CACHE, &facts(), "api").rules, RulesPlan::default());
    let json = serde_json::to_value(step(CACHE, &facts(), "api")).unwrap();
    assert!(json.get("restart").is_none() && json.get("liveness").is_none(), "{json}");
}

#[test]
fn restarts_in_a_line() {
    shows("restart = \"on-failure\"", expect![[""]]);
    shows("restart = \"no\"", expect![[""]]);
    shows("restart = { policy = \"no\", never_after = [] }", expect![[""]]);
    shows("restart = { delay = \"0s\" }", expect![[""]]);
    shows("restart = { delay = \"2m\", window = \"0s\" }", expect![[""]]);
    shows("restart = { max_delay = \"5s\", never_after = [2, 3] }", expect![[""]]);
}

#[test]
fn all_rules_as_text() {
    shows(
        r#"needs = ["cache"]
           restart = { limit = 3, window = "5m" }
           on_need_end = "restart-with"
           liveness = { http = "/health" }
           memory_limit = "512MB""#,
        expect![[""]],
    );
    shows("needs = [\"cache\"]\non_need_end = \"stop\"\nliveness = \"tcp\"", expect![[""]]);
    shows(
        "liveness = { http = \"/\", status = [200, 204], period = \"1m\", timeout = \"5s\", failures = 1 }",
        expect![[""]],
    );
}

#[test]
fn all_rules_as_json() {
    let manifest = format!(
        "{CACHE}{}",
        r#"needs = ["cache"]
           restart = "on-failure"
           on_need_end = "stop"
           liveness = { http = "/health" }
           memory_limit = "512MB""#
    );
    let json = serde_json::to_value(step(&manifest, &facts(), "api")).unwrap();
    let keys = ["restart", "on_need_end", "liveness", "memory_limit_bytes"];
    let rules: String = keys.iter().map(|key| format!("{key}: {:#}\n", json[*key])).collect();
    expect![[""]].assert_eq(&rules);
}

#[test]
fn a_watchdog_is_told_where_to_send_its_signs_of_life() {
    let manifest = "[service.api]\ncommand = [\"x\"]\nliveness = { watchdog = \"30s\" }\n";
    check(manifest, &facts(), expect![[""]]);
    let both = format!("{manifest}ready = \"notify\"\n");
    let env = step(&both, &facts(), "api").env;
    assert_eq!(env.len(), 1, "{env:?}");
    let windows = Facts { platform: Platform::Windows, ..facts() };
    check(manifest, &windows, expect![[""]]);
    check(&format!("{manifest}windows.liveness = \"none\"\n"), &windows, expect![[""]]);
}
