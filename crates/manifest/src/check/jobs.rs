//! Checks the names and commands of services and tasks.

use super::context::Context;
use super::place::Place;
use super::variants::{Layers, VARIANTS, Variant, in_each, platforms};
use crate::diagnostics::Finding;
use crate::model::{Mode, Platform};
use crate::words::quote;

pub(super) fn check(context: &Context<'_>) -> Vec<Finding> {
    let manifest = context.manifest;
    let mut findings = clashes(context);
    for (name, service) in &manifest.services {
        let command = |platform, mode| service.resolve(platform, mode).command;
        findings.extend(job(context, "service", name, command));
    }
    for (name, task) in &manifest.tasks {
        let command = |platform, mode| task.resolve(platform, mode).command;
        findings.extend(job(context, "task", name, command));
    }
    findings
}

fn clashes(context: &Context<'_>) -> Vec<Finding> {
    let names = context.manifest.tasks.keys().map(String::as_str);
    let both = names.filter(|name| context.manifest.services.contains_key(*name));
    both.map(|name| {
        let places = [context.task(name).key_range(), context.service(name).key_range()];
        let [_, later] = sorted(places);
        Finding::new(later, format!("{} is both a task and a service", quote(name)))
            .hint("`needs` could mean either: rename one of them")
    })
    .collect()
}

fn sorted(mut places: [std::ops::Range<usize>; 2]) -> [std::ops::Range<usize>; 2] {
    places.sort_by_key(|place| place.start);
    places
}

fn job(
    context: &Context<'_>,
    kind: &str,
    name: &str,
    command: impl Fn(Platform, Mode) -> Option<Vec<String>>,
) -> Vec<Finding> {
    let place = &context.root.get(kind).get(name);
    let without =
        VARIANTS.into_iter().filter(|(platform, mode)| command(*platform, *mode).is_none());
    let missing = missing_command(kind, name, place, &without.collect::<Vec<_>>())
        .filter(|_| !context.faults.in_entry(kind, name));
    let empty = in_each(&VARIANTS, |variant| {
        let command = command(variant.0, variant.1).unwrap_or_default();
        let place = Layers::new(place, variant).get("command");
        empty_program(&command, &place).into_iter().collect()
    });
    missing.into_iter().chain(empty).collect()
}

fn missing_command(
    kind: &str,
    name: &str,
    place: &Place<'_>,
    without: &[Variant],
) -> Option<Finding> {
    let in_run = without.iter().filter(|(_, mode)| *mode == Mode::Run).count();
    let in_dev = without.len() - in_run;
    let who = format!("The {kind} {}", quote(name));
    let message = match (in_run, in_dev) {
        (0, _) => return None,
        (3, 3) => format!("{who} has no `command`"),
        (3, 0) => format!("{who} has a `command` only for `ensconce dev`"),
        _ => format!("{who} has no `command` on {}", platforms(without)),
    };
    let hint = format!("Write `command = [\"program\", \"argument\"]` in `[{kind}.{name}]`");
    Some(Finding::new(place.range(), message).hint(hint))
}

/// Finds a command whose program has no name.
pub(super) fn empty_program(command: &[String], place: &Place<'_>) -> Option<Finding> {
    let program = command.first()?;
    program.trim().is_empty().then(|| {
        Finding::new(place.item(0).range(), "The program in `command` has no name")
            .hint("Write `command = [\"program\", \"argument\"]`")
    })
}
