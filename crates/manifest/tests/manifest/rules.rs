//! Restarts, health checks, memory limits, and what happens when a need goes away.

use expect_test::{Expect, expect};

use super::check;

/// Checks a service that listens, with these lines; the first is line 3.
#[track_caller]
fn service(lines: &str, expect: Expect) {
    check(&format!("[service.api]\ncommand = [\"x\", \"{{port}}\"]\n{lines}\n"), expect);
}

#[test]
fn restart_is_a_word_or_a_table() {
    for valid in [
        "restart = \"always\"",
        "restart = \"on-failure\"",
        "restart = \"no\"",
        "restart = {}",
        "restart = { policy = \"no\", never_after = [2] }",
        "restart = { delay = \"0s\", window = \"0s\", limit = 1 }",
        "restart = { delay = \"1s\", max_delay = \"1s\" }",
        "restart.delay = \"90s\"",
        "windows.restart = \"no\"",
    ] {
        service(valid, expect!["valid"]);
    }
    service("restart = \"on_failure\"", expect![[""]]);
    service("restart = \"unless-stopped\"", expect![[""]]);
    service("restart = \"on-failure:3\"", expect![[""]]);
    service("restart = false", expect![[""]]);
    service("restart = 5", expect![[""]]);
    service("restart_policy = \"always\"", expect![[""]]);
}

#[test]
fn a_restart_table_fits_together() {
    service("restart = { delay = \"1m\", max_delay = \"30s\" }", expect![[""]]);
    service("restart = { policy = \"no\", limit = 3 }", expect![[""]]);
    service("restart = { policy = \"no\", delay = \"1s\" }", expect![[""]]);
    service("restart = { limit = 0 }", expect![[""]]);
    service("restart = { limit = \"5\" }", expect![[""]]);
    service("restart = { delay = 5 }", expect![[""]]);
    service("restart = { delay = \"5\" }", expect![[""]]);
    service("restart = { never_after = 125 }", expect![[""]]);
    service("restart = { never_after = [0] }", expect![[""]]);
    service("restart = { never_after = [3, 4, 3] }", expect![[""]]);
    service("restart = { policy = \"alway\" }", expect![[""]]);
    service("restart = { RestartSec = \"1s\", StartLimitBurst = 3 }", expect![[""]]);
}

#[test]
fn something_must_be_needed_to_go_away() {
    let cache = "[service.cache]\ncommand = [\"x\"]\n";
    let task = "[task.seed]\ncommand = [\"x\"]\n";
    for word in ["wait", "restart-with", "stop"] {
        let needs = format!("needs = [\"cache\"]\non_need_end = \"{word}\"\n{cache}");
        service(&needs, expect!["valid"]);
    }
    let both = format!("needs = [\"cache\", \"seed\"]\non_need_end = \"stop\"\n{cache}{task}");
    service(&both, expect!["valid"]);
    service("on_need_end = \"wait\"", expect!["valid"]);
    service("on_need_end = \"stop\"", expect![[""]]);
    service("needs = []\non_need_end = \"restart-with\"", expect![[""]]);
    service(
        &format!("needs = [\"seed\"]\non_need_end = \"stop\"\n{task}"),
        expect![[""]],
    );
    service(
        &format!("needs = [\"cache\"]\non_need_end = \"stop\"\nwindows.needs = []\n{cache}"),
        expect![[""]],
    );
    service(&format!("needs = [\"cache\"]\non_need_end = \"restart\"\n{cache}"), expect![[""]]);
    service("on_need_end = true", expect![[""]]);
    service("bindsTo = \"cache\"", expect![[""]]);
}

#[test]
fn liveness_has_one_of_four_forms() {
    for valid in [
        "liveness = \"none\"",
        "liveness = \"tcp\"",
        "liveness = { tcp = true }",
        "liveness = { http = \"/health\" }",
        "liveness = { http = \"/health\", status = [200, 204], period = \"1s\", failures = 1 }",
        "liveness = { watchdog = \"30s\" }",
        "listen = \"fd\"\nliveness = { http = \"/\" }",
    ] {
        service(valid, expect![[""]]);
    }
    service("liveness = {}", expect!["ensconce.toml:3:12: `service.api.liveness` needs one of the keys `http`, `tcp` or `watchdog`"]);
    service("liveness = { period = \"1s\" }", expect!["ensconce.toml:3:12: `service.api.liveness` needs one of the keys `http`, `tcp` or `watchdog`"]);
    service("liveness = \"http\"", expect![[""]]);
    service("liveness = true", expect![[""]]);
    service("liveness = { htpp = \"/\" }", expect![[""]]);
    service("liveness = { http = \"health\" }", expect!["ensconce.toml:3:21: Expected a path that begins with `/`, found `health`"]);
    service("liveness = { http = \"/\", timeout = \"1.5s\" }", expect!["ensconce.toml:3:36: Expected a span of time such as `10s`, `500ms` or `5m`, found `1.5s`"]);
    service("liveness = { http = \"/\", failures = 0 }", expect!["ensconce.toml:3:37: `service.api.liveness.failures` must be at least 1, found `0`"]);
    service("liveness = { http = \"/\", retries = 3 }", expect![[""]]);
    service("liveness = { http = \"/\", status = 20 }", expect!["ensconce.toml:3:35: `service.api.liveness.status` must be from 100 to 599, found `20`"]);
    service("liveness = { watchdog = 30 }", expect![[""]]);
    service("liveness = { watchdog = \"30s\", failures = 2 }", expect![[""]]);
    service("livenessProbe = { http = \"/\" }", expect![[""]]);
}

#[test]
fn a_health_check_can_fail_and_can_succeed() {
    service("liveness = { tcp = false }", expect![[""]]);
    service("listen = \"fd\"\nliveness = \"tcp\"", expect![[""]]);
    service("listen = \"fd\"\nliveness = { tcp = true }", expect![[""]]);
    service("liveness = { http = \"/\", period = \"0s\", timeout = \"0ms\" }", expect![[""]]);
    service("liveness = { tcp = true, period = \"0s\" }", expect!["ensconce.toml:3:35: `period` must be longer than 0"]);
    service("liveness = { watchdog = \"0s\" }", expect!["ensconce.toml:3:25: `watchdog` must be longer than 0"]);
    let nowhere = "[service.api]\ncommand = [\"x\"]\n";
    for liveness in ["{ http = \"/\" }", "{ tcp = true }", "\"tcp\""] {
        check(
            &format!("{nowhere}liveness = {liveness}"),
            expect![[""]],
        );
    }
    check(&format!("{nowhere}liveness = {{ watchdog = \"1s\" }}"), expect!["valid"]);
    check(&format!("{nowhere}liveness = \"none\""), expect!["valid"]);
}

#[test]
fn memory_has_a_unit() {
    for valid in ["1KB", "512MB", "2GB", "1KiB", "512MiB", "999999999GiB"] {
        service(&format!("memory_limit = \"{valid}\""), expect!["valid"]);
    }
    for wrong in ["512", "512M", "512mb", "512 MB", "0MB", "1.5GB", "-1MB", "1000000000KB", "1TB"] {
        let line = format!("memory_limit = \"{wrong}\"");
        let message = format!(
            "ensconce.toml:3:16: Expected an amount of memory such as `512MB` or `2GiB`, \
             found `{wrong}`"
        );
        let found = ensconce_manifest::parse(
            "ensconce.toml",
            &super::complete(&format!("[service.api]\ncommand = [\"x\"]\n{line}\n")),
        );
        assert_eq!(found.unwrap_err().to_string(), message);
    }
    service("memory_limit = 512", expect![[""]]);
    service("mem_limit = \"512MB\"", expect![[""]]);
    service("MemoryMax = \"512MB\"", expect![[""]]);
}

#[test]
fn amounts_are_counted_as_they_are_written() {
    let bytes = |text: &str| ensconce_manifest::Size::try_from(text.to_owned()).unwrap().bytes();
    assert_eq!(bytes("512MB"), 512_000_000);
    assert_eq!(bytes("512MiB"), 512 << 20);
    assert_eq!(bytes("999999999GiB"), 999_999_999 << 30);
}
