//! Restarts, health checks, memory limits, and what happens when a need goes away.

use expect_test::{Expect, expect};

use super::check;

/// Checks a service that listens, with these lines; the first is line 3.
#[track_caller]
fn service(lines: &str, expect: Expect) {
    check(&format!("[service.api]\ncommand = [\"x\", \"{{port}}\"]\n{lines}\n"), expect);
}

/// What is said about a manifest that is wrong.
fn said(body: &str) -> String {
    let found = ensconce_manifest::parse("ensconce.toml", &super::complete(body));
    found.unwrap_err().to_string()
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
    service(
        "restart = \"on_failure\"",
        expect![[r#"
        ensconce.toml:3:11: Unknown value `on_failure` for `service.api.restart`
          hint: Did you mean `on-failure`?"#]],
    );
    service(
        "restart = \"unless-stopped\"",
        expect![[r#"
        ensconce.toml:3:11: Unknown value `unless-stopped` for `service.api.restart`
          hint: Write `always`, `on-failure` or `no`"#]],
    );
    service(
        "restart = \"on-failure:3\"",
        expect![[r#"
        ensconce.toml:3:11: Unknown value `on-failure:3` for `service.api.restart`
          hint: Did you mean `on-failure`?"#]],
    );
    service(
        "restart = false",
        expect![[r#"
        ensconce.toml:3:11: `service.api.restart`: expected a string or a table, found a boolean
          hint: Write `always`, `on-failure` or `no`"#]],
    );
    service(
        "restart = 5",
        expect![[r#"
        ensconce.toml:3:11: `service.api.restart`: expected a string or a table, found a whole number
          hint: Write `always`, `on-failure` or `no`"#]],
    );
    service(
        "restart_policy = \"always\"",
        expect![[r#"
        ensconce.toml:3:1: Unknown key `restart_policy` in `service.api`
          hint: Did you mean `restart`?"#]],
    );
}

#[test]
fn a_restart_table_fits_together() {
    service(
        "restart = { delay = \"1m\", max_delay = \"30s\" }",
        expect![[r#"
        ensconce.toml:3:21: `delay` is longer than `max_delay`
          hint: `delay` is the first pause, and `max_delay` the longest"#]],
    );
    service(
        "restart = { policy = \"no\", limit = 3 }",
        expect![[r#"
        ensconce.toml:3:36: `limit` has no effect without restarts
          hint: Write `policy = "on-failure"`, or only `restart = "no"`"#]],
    );
    service(
        "restart = { policy = \"no\", delay = \"1s\" }",
        expect![[r#"
        ensconce.toml:3:36: `delay` has no effect without restarts
          hint: Write `policy = "on-failure"`, or only `restart = "no"`"#]],
    );
    service(
        "restart = { limit = 0 }",
        expect!["ensconce.toml:3:21: `service.api.restart.limit` must be at least 1, found `0`"],
    );
    service(
        "restart = { limit = \"5\" }",
        expect![[r#"
        ensconce.toml:3:21: `service.api.restart.limit`: expected a whole number, found a string
          hint: Write it without quotes: `5`"#]],
    );
    service(
        "restart = { delay = 5 }",
        expect![[r#"
        ensconce.toml:3:21: `service.api.restart.delay`: expected a string, found a whole number
          hint: Write it with a unit: `"5s"`"#]],
    );
    service(
        "restart = { delay = \"5\" }",
        expect![
            "ensconce.toml:3:21: Expected a duration such as `10s`, `500ms` or `5m`, found `5`"
        ],
    );
    service(
        "restart = { never_after = 125 }",
        expect![
            "ensconce.toml:3:27: `service.api.restart.never_after`: expected a list of whole numbers, found a whole number"
        ],
    );
    service(
        "restart = { never_after = [0] }",
        expect![
            "ensconce.toml:3:28: `service.api.restart.never_after` must be from 1 to 255, found `0`"
        ],
    );
    service(
        "restart = { never_after = [3, 4, 3] }",
        expect!["ensconce.toml:3:34: Exit code 3 occurs twice in `never_after`"],
    );
    service(
        "restart = { policy = \"alway\" }",
        expect![[r#"
        ensconce.toml:3:22: Unknown value `alway` for `service.api.restart.policy`
          hint: Did you mean `always`?"#]],
    );
    service(
        "restart = { RestartSec = \"1s\", StartLimitBurst = 3 }",
        expect![[r#"
        ensconce.toml:3:13: Unknown key `RestartSec` in `service.api.restart`
          hint: Did you mean `delay`?
        ensconce.toml:3:32: Unknown key `StartLimitBurst` in `service.api.restart`
          hint: Did you mean `limit`?"#]],
    );
}

#[test]
fn something_must_be_needed_to_go_away() {
    let cache = "[service.cache]\ncommand = [\"x\"]\n";
    let task = "[task.seed]\ncommand = [\"x\"]\n";
    for word in ["continue", "restart", "stop"] {
        let needs = format!("needs = [\"cache\"]\non_dependency_exit = \"{word}\"\n{cache}");
        service(&needs, expect!["valid"]);
    }
    let both =
        format!("needs = [\"cache\", \"seed\"]\non_dependency_exit = \"stop\"\n{cache}{task}");
    service(&both, expect!["valid"]);
    service("on_dependency_exit = \"continue\"", expect!["valid"]);
    service(
        "on_dependency_exit = \"stop\"",
        expect![[r#"
            ensconce.toml:3:22: `api` has `on_dependency_exit = "stop"`, but has no `needs`
              hint: List its dependencies in `needs`, or remove `on_dependency_exit`"#]],
    );
    service(
        "needs = []\non_dependency_exit = \"restart\"",
        expect![[r#"
            ensconce.toml:4:22: `api` has `on_dependency_exit = "restart"`, but has no `needs`
              hint: List its dependencies in `needs`, or remove `on_dependency_exit`"#]],
    );
    service(
        &format!("needs = [\"seed\"]\non_dependency_exit = \"stop\"\n{task}"),
        expect![[r#"
            ensconce.toml:4:22: `api` has `on_dependency_exit = "stop"`, but needs only tasks
              hint: Add a service to `needs` of `api`"#]],
    );
    service(
        &format!("needs = [\"cache\"]\non_dependency_exit = \"stop\"\nwindows.needs = []\n{cache}"),
        expect![[r#"
            ensconce.toml:4:22: `api` has `on_dependency_exit = "stop"`, but has no `needs`
              hint: List its dependencies in `needs`, or remove `on_dependency_exit`
              hint: This applies on Windows"#]],
    );
    service(
        &format!("needs = [\"cache\"]\non_dependency_exit = \"wait\"\n{cache}"),
        expect![[r#"
            ensconce.toml:4:22: Unknown value `wait` for `service.api.on_dependency_exit`
              hint: Write `continue`, `restart` or `stop`"#]],
    );
    service(
        "on_dependency_exit = true",
        expect![[r#"
            ensconce.toml:3:22: `service.api.on_dependency_exit`: expected a string, found a boolean
              hint: Write `continue`, `restart` or `stop`"#]],
    );
    service(
        "bindsTo = \"cache\"",
        expect![[r#"
        ensconce.toml:3:1: Unknown key `bindsTo` in `service.api`
          hint: Did you mean `on_dependency_exit`?"#]],
    );
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
    ] {
        service(valid, expect!["valid"]);
    }
    service(
        "liveness = {}",
        expect![
            "ensconce.toml:3:12: `service.api.liveness` needs one of the keys `http`, `tcp` or `watchdog`"
        ],
    );
    service(
        "liveness = { period = \"1s\" }",
        expect![
            "ensconce.toml:3:12: `service.api.liveness` needs one of the keys `http`, `tcp` or `watchdog`"
        ],
    );
    service(
        "liveness = \"http\"",
        expect![[r#"
        ensconce.toml:3:12: Unknown value `http` for `service.api.liveness`
          hint: Write `tcp` or `none`"#]],
    );
    service(
        "liveness = true",
        expect![[r#"
        ensconce.toml:3:12: `service.api.liveness`: expected a string or a table, found a boolean
          hint: Write `tcp` or `none`"#]],
    );
    service(
        "liveness = { htpp = \"/\" }",
        expect![[r#"
        ensconce.toml:3:14: Unknown key `htpp` in `service.api.liveness`
          hint: Did you mean `http`?"#]],
    );
    service(
        "liveness = { http = \"health\" }",
        expect!["ensconce.toml:3:21: Expected a path that begins with `/`, found `health`"],
    );
    service(
        "liveness = { http = \"/\", timeout = \"1.5s\" }",
        expect![
            "ensconce.toml:3:36: Expected a duration such as `10s`, `500ms` or `5m`, found `1.5s`"
        ],
    );
    service(
        "liveness = { http = \"/\", failures = 0 }",
        expect![
            "ensconce.toml:3:37: `service.api.liveness.failures` must be at least 1, found `0`"
        ],
    );
    service(
        "liveness = { http = \"/\", retries = 3 }",
        expect![[r#"
        ensconce.toml:3:26: Unknown key `retries` in `service.api.liveness`
          hint: Did you mean `failures`?"#]],
    );
    service(
        "liveness = { http = \"/\", status = 20 }",
        expect![
            "ensconce.toml:3:35: `service.api.liveness.status` must be from 100 to 599, found `20`"
        ],
    );
    service(
        "liveness = { watchdog = 30 }",
        expect![[r#"
        ensconce.toml:3:25: `service.api.liveness.watchdog`: expected a string, found a whole number
          hint: Write it with a unit: `"30s"`"#]],
    );
    service(
        "liveness = { watchdog = \"30s\", failures = 2 }",
        expect![[r#"
        ensconce.toml:3:32: Unknown key `failures` in `service.api.liveness`
          hint: Possible here: `watchdog`"#]],
    );
    service(
        "livenessProbe = { http = \"/\" }",
        expect![[r#"
        ensconce.toml:3:1: Unknown key `livenessProbe` in `service.api`
          hint: Did you mean `liveness`?"#]],
    );
}

#[test]
fn a_health_check_can_fail_and_can_succeed() {
    service(
        "liveness = { tcp = false }",
        expect![[r#"
        ensconce.toml:3:20: `tcp = false` checks nothing
          hint: Write `tcp = true`, or remove `liveness`"#]],
    );
    let passed = "[service.api]\ncommand = [\"x\"]\nlisten = \"fd\"\n";
    for liveness in ["{ tcp = true }", "\"tcp\""] {
        let always_open = "\
            ensconce.toml:4:12: `api` gets an open socket, which accepts connections even when it hangs\n  \
              hint: Write `liveness = { http = \"/health\" }`";
        assert_eq!(said(&format!("{passed}liveness = {liveness}")), always_open);
    }
    check(&format!("{passed}liveness = {{ http = \"/\" }}"), expect!["valid"]);
    service(
        "liveness = { http = \"/\", period = \"0s\", timeout = \"0ms\" }",
        expect![[r#"
        ensconce.toml:3:35: `period` must be longer than 0
        ensconce.toml:3:51: `timeout` must be longer than 0"#]],
    );
    service(
        "liveness = { tcp = true, period = \"0s\" }",
        expect!["ensconce.toml:3:35: `period` must be longer than 0"],
    );
    service(
        "liveness = { watchdog = \"0s\" }",
        expect!["ensconce.toml:3:25: `watchdog` must be longer than 0"],
    );
    let nowhere = "[service.api]\ncommand = [\"x\"]\n";
    for liveness in ["{ http = \"/\" }", "{ tcp = true }", "\"tcp\""] {
        let no_address = "\
            ensconce.toml:3:12: `api` has a health check, but does not say where it listens\n  \
              hint: Use `{port}` in its command, set `listen` or `port`, or use a watchdog";
        assert_eq!(said(&format!("{nowhere}liveness = {liveness}")), no_address);
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
            "ensconce.toml:3:16: Expected a size such as `512MB` or `2GiB`, \
             found `{wrong}`"
        );
        assert_eq!(said(&format!("[service.api]\ncommand = [\"x\"]\n{line}\n")), message);
    }
    service(
        "memory_limit = 512",
        expect![[r#"
        ensconce.toml:3:16: `service.api.memory_limit`: expected a string, found a whole number
          hint: Write it with a unit: `"512MB"`"#]],
    );
    service(
        "mem_limit = \"512MB\"",
        expect![[r#"
        ensconce.toml:3:1: Unknown key `mem_limit` in `service.api`
          hint: Did you mean `memory_limit`?"#]],
    );
    service(
        "MemoryMax = \"512MB\"",
        expect![[r#"
        ensconce.toml:3:1: Unknown key `MemoryMax` in `service.api`
          hint: Did you mean `memory_limit`?"#]],
    );
}

#[test]
fn amounts_are_counted_as_they_are_written() {
    let bytes = |text: &str| ensconce_manifest::Size::try_from(text.to_owned()).unwrap().bytes();
    assert_eq!(bytes("512MB"), 512_000_000);
    assert_eq!(bytes("512MiB"), 512 << 20);
    assert_eq!(bytes("999999999GiB"), 999_999_999 << 30);
}
