//! Checks the rules for services that end, hang, grow, or lose a dependency.

use std::collections::HashSet;

use super::context::Context;
use super::variants::{Layers, VARIANTS, Variant, about, in_each};
use crate::diagnostics::Finding;
use crate::duration::Duration;
use crate::listen::surely_listening;
use crate::model::{
    Listen, Liveness, LivenessKind, OnDependencyExit, Restart, RestartPolicy, RestartRule,
    ServiceSettings,
};
use crate::words::quote;

pub(super) fn check(context: &Context<'_>) -> Vec<Finding> {
    let services = context.manifest.services.iter();
    services
        .filter(|(name, _)| !context.faults.in_entry("service", name))
        .flat_map(|(name, service)| {
            let settings = |(platform, mode): Variant| service.resolve(platform, mode);
            in_each(&VARIANTS, |variant| {
                let layers = Layers::new(&context.service(name), variant);
                let settings = settings(variant);
                let mut findings = liveness(name, &settings, &layers);
                findings.extend(restart(&settings, &layers));
                findings.extend(on_dependency_exit(context, name, &settings, &layers));
                findings
            })
        })
        .collect()
}

fn liveness(name: &str, settings: &ServiceSettings, layers: &Layers<'_>) -> Vec<Finding> {
    let Some(liveness) = &settings.liveness else { return Vec::new() };
    let place = layers.get("liveness");
    let listen = surely_listening(settings);
    let finding = |rest: &str| about(name, place.range(), rest);
    let nowhere = || {
        finding("has a health check, but does not say where it listens")
            .hint("Use `{port}` in its command, set `listen` or `port`, or use a watchdog")
    };
    let zero = |key: &str, span: Option<Duration>| {
        span.filter(|span| span.0.is_zero()).map(|_| {
            let message = format!("`{key}` must be longer than 0");
            Finding::new(place.get(key).range(), message)
        })
    };
    let always_open = || {
        finding("gets an open socket, which accepts connections even when it hangs")
            .hint("Write `liveness = { http = \"/health\" }`")
    };
    let mut found = Vec::new();
    match liveness {
        Liveness::Kind(LivenessKind::None) => {}
        Liveness::Kind(LivenessKind::Tcp) => {
            found.extend((listen == Some(Listen::None)).then(nowhere));
            found.extend((listen == Some(Listen::Fd)).then(always_open));
        }
        Liveness::Http(http) => {
            found.extend((listen == Some(Listen::None)).then(nowhere));
            found.extend(zero("period", http.period));
            found.extend(zero("timeout", http.timeout));
        }
        Liveness::Tcp(tcp) => {
            if !tcp.tcp {
                let message = "`tcp = false` checks nothing";
                let hint = "Write `tcp = true`, or remove `liveness`";
                found.push(Finding::new(place.get("tcp").range(), message).hint(hint));
            }
            found.extend((tcp.tcp && listen == Some(Listen::Fd)).then(always_open));
            found.extend((listen == Some(Listen::None)).then(nowhere));
            found.extend(zero("period", tcp.period));
            found.extend(zero("timeout", tcp.timeout));
        }
        Liveness::Watchdog(watchdog) => found.extend(zero("watchdog", Some(watchdog.watchdog))),
    }
    found
}

fn restart(settings: &ServiceSettings, layers: &Layers<'_>) -> Vec<Finding> {
    let Some(Restart::Rule(rule)) = &settings.restart else { return Vec::new() };
    let place = layers.get("restart");
    let mut found = Vec::new();
    if let (Some(delay), Some(longest)) = (rule.delay, rule.max_delay)
        && delay.0 > longest.0
    {
        let message = "`delay` is longer than `max_delay`";
        let hint = "`delay` is the first pause, and `max_delay` the longest";
        found.push(Finding::new(place.get("delay").range(), message).hint(hint));
    }
    if rule.policy == Some(RestartPolicy::No)
        && let Some(key) = without_effect(rule)
    {
        let message = format!("`{key}` has no effect without restarts");
        let hint = "Write `policy = \"on-failure\"`, or only `restart = \"no\"`";
        found.push(Finding::new(place.get(key).range(), message).hint(hint));
    }
    let mut codes = HashSet::new();
    let list = rule.never_after.iter().flatten().enumerate();
    found.extend(list.filter(|(_, code)| !codes.insert(**code)).map(|(index, code)| {
        let range = place.get("never_after").item(index).range();
        Finding::new(range, format!("Exit code {code} occurs twice in `never_after`"))
    }));
    found
}

/// Returns the name of a setting that matters only if there are restarts.
fn without_effect(rule: &RestartRule) -> Option<&'static str> {
    [
        ("delay", rule.delay.is_some()),
        ("max_delay", rule.max_delay.is_some()),
        ("limit", rule.limit.is_some()),
        ("window", rule.window.is_some()),
    ]
    .into_iter()
    .find(|(_, is_set)| *is_set)
    .map(|(key, _)| key)
}

fn on_dependency_exit(
    context: &Context<'_>,
    name: &str,
    settings: &ServiceSettings,
    layers: &Layers<'_>,
) -> Option<Finding> {
    let does = settings.on_dependency_exit.filter(|does| *does != OnDependencyExit::Continue)?;
    let needs = settings.needs.as_deref().unwrap_or_default();
    let place = layers.get("on_dependency_exit");
    if needs.is_empty() {
        let rest = format!("has `on_dependency_exit = {}`, but has no `needs`", quoted(does));
        let hint = "List its dependencies in `needs`, or remove `on_dependency_exit`";
        return Some(about(name, place.range(), &rest).hint(hint));
    }
    let only_tasks = needs.iter().all(|need| context.manifest.tasks.contains_key(need));
    only_tasks.then(|| {
        let rest = format!("has `on_dependency_exit = {}`, but needs only tasks", quoted(does));
        let hint = format!("Add a service to `needs` of {}", quote(name));
        about(name, place.range(), &rest).hint(hint)
    })
}

fn quoted(does: OnDependencyExit) -> &'static str {
    match does {
        OnDependencyExit::Continue => "\"continue\"",
        OnDependencyExit::Restart => "\"restart\"",
        OnDependencyExit::Stop => "\"stop\"",
    }
}
