//! Checks what the app asks its user, and the databases that Ensconce backs up.

use std::collections::HashMap;
use std::ops::Range;

use regex::Regex;

use super::context::{Context, Named};
use super::graph::{Cycle, Edge, Graph};
use super::place::Place;
use crate::diagnostics::Finding;
use crate::model::{Check, CheckHttp, Field, FieldKind, Scalar};
use crate::near::nearest;
use crate::words::quote;

pub(super) fn check(context: &Context<'_>) -> Vec<Finding> {
    let mut findings: Vec<Finding> = no_pages(context).into_iter().collect();
    findings.extend(databases(context));
    if context.faults.in_section("setup") {
        return findings;
    }
    findings.extend(names(context));
    for (field, place) in fields(context) {
        findings.extend(answers(field, &place));
        findings.extend(conditions(context, field, &place));
        findings.extend(
            field.check.iter().flat_map(|check| reachable(context, check, &place.get("check"))),
        );
    }
    findings.extend(condition_cycles(context));
    let list = context.root.get("setup").get("page");
    for (index, page) in context.manifest.setup.pages.iter().enumerate() {
        let place = list.item(index).get("check");
        findings.extend(page.check.iter().flat_map(|check| reachable(context, check, &place)));
    }
    findings
}

/// Returns all fields with their places.
pub(super) fn fields<'a>(context: &Context<'a>) -> Vec<(&'a Field, Place<'a>)> {
    let list = context.root.get("setup").get("page");
    let pages = context.manifest.setup.pages.iter().enumerate();
    pages
        .flat_map(|(index, page)| {
            let place = list.item(index).get("fields");
            page.fields.iter().enumerate().map(move |(at, field)| (field, place.item(at)))
        })
        .collect()
}

fn no_pages(context: &Context<'_>) -> Option<Finding> {
    let place = context.root.get("setup");
    let asks = !context.manifest.setup.pages.is_empty() || context.faults.in_section("setup");
    (place.exists() && !asks).then(|| {
        Finding::new(place.key_range(), "`[setup]` asks nothing")
            .hint("Add a table `[[setup.page]]`, or remove `[setup]`")
    })
}

fn names(context: &Context<'_>) -> Vec<Finding> {
    let mut seen: HashMap<&str, Range<usize>> = HashMap::new();
    let mut findings = Vec::new();
    for (field, place) in fields(context) {
        let range = place.get("name").range();
        if seen.insert(&field.name, range.clone()).is_some() {
            findings.push(Finding::new(range, format!("Duplicate field {}", quote(&field.name))));
        } else if context.manifest.secrets.contains_key(&field.name) {
            let message = format!("{} is both a field and a secret", quote(&field.name));
            let hint = "An answer needs no table `[secret.NAME]`: use it as `{setup.NAME}`";
            findings.push(Finding::new(range, message).hint(hint));
        }
    }
    findings
}

/// Checks that kind, default, choices and limits fit each other.
fn answers(field: &Field, place: &Place<'_>) -> Vec<Finding> {
    let kind = field.kind;
    let mut findings = Vec::new();
    let mut only_for = |key: &str, is_set: bool, fits: bool, kinds: &str| {
        if is_set && !fits {
            let message = format!("`{key}` is only for {kinds}");
            findings.push(Finding::new(place.get(key).range(), message));
        }
    };
    let is_number = kind == FieldKind::Number;
    only_for("min", field.min.is_some(), is_number, "fields of type `number`");
    only_for("max", field.max.is_some(), is_number, "fields of type `number`");
    let is_choice = kind == FieldKind::Choice;
    only_for("choices", !field.choices.is_empty(), is_choice, "fields of type `choice`");
    let is_file = kind == FieldKind::File;
    only_for("extensions", !field.extensions.is_empty(), is_file, "fields of type `file`");
    let is_line = matches!(
        kind,
        FieldKind::Text
            | FieldKind::Secret
            | FieldKind::Url
            | FieldKind::Email
            | FieldKind::Database
    );
    only_for("pattern", field.pattern.is_some(), is_line, "fields with one line of text");
    if let Some(Err(error)) = field.pattern.as_deref().map(Regex::new) {
        let why = error.to_string();
        let why = why.lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned();
        let message = format!("`pattern` is not a valid regular expression: {why}");
        findings.push(Finding::new(place.get("pattern").range(), message));
    }
    if is_choice && field.choices.is_empty() {
        let message = format!("{} has no `choices`", quote(&field.name));
        let hint = "Write `choices = [\"one\", \"other\"]`";
        findings.push(Finding::new(place.get("name").range(), message).hint(hint));
    }
    findings.extend(default(field, place));
    findings
}

fn default(field: &Field, place: &Place<'_>) -> Option<Finding> {
    let value = field.default.as_ref()?;
    let expected = match (field.kind, value) {
        (FieldKind::Secret | FieldKind::Database, _) => {
            return Some(
                Finding::new(place.get("default").range(), "A secret cannot have a default")
                    .hint("Everyone who has the app would know it"),
            );
        }
        (FieldKind::Switch, Scalar::Boolean(_)) => return None,
        (FieldKind::Switch, _) => "`true` or `false`",
        (FieldKind::Number, Scalar::Integer(_) | Scalar::Float(_)) => return None,
        (FieldKind::Number, _) => "a number",
        (FieldKind::Choice, value) => return not_among(field, value, place.get("default").range()),
        (_, Scalar::String(_)) => return None,
        _ => "text",
    };
    let message = format!("The default of {} must be {expected}", quote(&field.name));
    Some(Finding::new(place.get("default").range(), message))
}

/// Finds an answer that is not among the choices.
fn not_among(field: &Field, value: &Scalar, range: Range<usize>) -> Option<Finding> {
    let value = value.to_string();
    let known = || field.choices.iter().map(|choice| choice.value());
    if known().any(|known| known == value) || field.choices.is_empty() {
        return None;
    }
    let message = format!("{} is not one of the choices of {}", quote(&value), quote(&field.name));
    let finding = Finding::new(range, message);
    let meant = nearest(&value, known());
    Some(finding.maybe_hint(meant.map(|meant| format!("Did you mean {}?", quote(meant)))))
}

fn conditions(context: &Context<'_>, field: &Field, place: &Place<'_>) -> Vec<Finding> {
    let all = fields(context);
    let place = place.get("show_if");
    let mut findings = Vec::new();
    for (name, answers) in &field.show_if {
        let range = place.get(name).key_range();
        let other = all.iter().find(|(other, _)| other.name == *name && other.name != field.name);
        let Some((other, _)) = other else {
            let message = if *name == field.name {
                format!("{} depends on its own answer", quote(name))
            } else {
                format!("Unknown field {}", quote(name))
            };
            let known = all.iter().map(|(field, _)| field.name.as_str());
            let meant = nearest(name, known.filter(|known| known != name));
            let hint = meant.map(|meant| format!("Did you mean {}?", quote(meant)));
            findings.push(Finding::new(range, message).maybe_hint(hint));
            continue;
        };
        if other.kind.is_secret() {
            let message =
                format!("{} is a secret, so no other field can depend on it", quote(name));
            findings.push(Finding::new(range, message));
        } else if other.kind == FieldKind::Choice {
            let range = place.get(name).range();
            let wrong = |value| not_among(other, value, range.clone());
            findings.extend(answers.values().iter().filter_map(wrong));
        }
    }
    findings
}

/// Reports fields whose conditions depend on each other in a cycle, so that none is ever shown.
///
/// The pages and the terminal follow conditions recursively, which ends because there is no cycle.
fn condition_cycles(context: &Context<'_>) -> Vec<Finding> {
    let mut graph = Graph::default();
    for (field, place) in fields(context) {
        let place = place.get("show_if");
        let edge = |name: &String| Edge { to: name.clone(), place: place.get(name) };
        // A field that depends on itself is reported as such.
        let others = field.show_if.keys().filter(|name| **name != field.name);
        graph.add(&field.name, others.map(edge).collect());
    }
    let cycles = graph.cycles();
    let finding = |cycle: &Cycle<'_, '_>| {
        let message = format!("Cycle in `show_if`: {}", cycle.path());
        let hint = "None of them could be shown; remove one of these conditions";
        Finding::new(cycle.closing.place.key_range(), message).hint(hint)
    };
    cycles.iter().map(finding).collect()
}

/// Checks that a route leads to the service that a check asks.
fn reachable(context: &Context<'_>, check: &Check, place: &Place<'_>) -> Option<Finding> {
    let Check::Http(CheckHttp { http, .. }) = check else { return None };
    let range = place.get("http").range();
    if !http.starts_with('/') {
        let is_address = ["http://", "https://", "{"].iter().any(|start| http.starts_with(start));
        return (!is_address).then(|| {
            let message = format!("{} is neither a path nor an address", quote(http));
            let hint = "Write `/api/check`, or `https://api.example.com/check`";
            Finding::new(range, message).hint(hint)
        });
    }
    let manifest = context.manifest;
    let is_routed = manifest.ui.service.is_some()
        || context.faults.in_section("route")
        || context.faults.in_section("ui")
        || manifest.routes.iter().any(|route| covers(&route.path, http));
    (!is_routed).then(|| {
        Finding::new(range, format!("No route leads from {} to a service", quote(http)))
            .hint("Add a table `[[route]]` with its `path` and `service`")
    })
}

/// Returns whether a route takes a path.
fn covers(route: &str, path: &str) -> bool {
    let route = route.trim_end_matches('/');
    let path = path.split('?').next().unwrap_or_default();
    path.strip_prefix(route).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

fn databases(context: &Context<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (name, database) in &context.manifest.databases {
        let place = context.root.get("database").get(name);
        let Some(task) = &database.migrate else { continue };
        let range = place.get("migrate").range();
        match context.named(task) {
            Named::Task | Named::Faulty => {}
            Named::Service => {
                let message = format!("{} is a service, not a task", quote(task));
                let hint = "`migrate` names the task that changes the database's schema";
                findings.push(Finding::new(range, message).hint(hint));
            }
            Named::Nothing => {
                let finding = Finding::new(range, format!("Unknown task {}", quote(task)));
                findings.push(finding.hint(context.instead_of("task", task)));
            }
        }
    }
    findings
}
