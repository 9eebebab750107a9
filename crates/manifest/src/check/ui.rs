//! Checks `[ui]`.

use super::address::{Why, check_allowed, check_origin, check_url};
use super::context::Context;
use super::place::Place;
use super::routes::listens_for;
use crate::diagnostics::Finding;
use crate::words::{and_list, quote};

/// The keys of which one says where the pages come from.
const SOURCES: [&str; 3] = ["static", "service", "url"];

pub(super) fn check(context: &Context<'_>) -> Vec<Finding> {
    if context.faults.in_section("ui") {
        return Vec::new();
    }
    let place = context.root.get("ui");
    let mut findings = Vec::new();
    findings.extend(one_source(&place));
    findings.extend(service(context, &place));
    findings.extend(addresses(context, &place));
    findings.extend(development(context, &place.get("dev")));
    findings
}

fn one_source(place: &Place<'_>) -> Option<Finding> {
    let present: Vec<&str> = SOURCES.into_iter().filter(|key| place.get(key).exists()).collect();
    match present.as_slice() {
        [] => Some(
            Finding::new(place.range(), "`ui` does not say where the pages come from")
                .hint("Write `static = \"dist\"`, `service = \"NAME\"` or `url = \"https://…\"`"),
        ),
        [_] => None,
        [.., last] => {
            let message =
                format!("`ui` has {}, but only one is allowed", and_list(present.iter().copied()));
            Some(Finding::new(place.get(last).key_range(), message).hint("Keep one of them"))
        }
    }
}

fn service(context: &Context<'_>, place: &Place<'_>) -> Vec<Finding> {
    match &context.manifest.ui.service {
        Some(name) => listens_for(context, name, &place.get("service"), "serves the pages"),
        None => Vec::new(),
    }
}

fn addresses(context: &Context<'_>, place: &Place<'_>) -> Vec<Finding> {
    let ui = &context.manifest.ui;
    let url = ui
        .url
        .iter()
        .filter_map(|url| bad(&place.get("url"), url, "URL", check_url, "https://app.example.com"));
    let origin = ui.origin.iter().filter_map(|origin| {
        bad(&place.get("origin"), origin, "origin", check_origin, "http://localhost:8000")
    });
    let allow = ui.allow.iter().enumerate().filter_map(|(index, allowed)| {
        let place = place.get("allow").item(index);
        bad(&place, allowed, "origin", check_allowed, "https://*.example.com")
    });
    url.chain(origin).chain(allow).collect()
}

fn bad(
    place: &Place<'_>,
    text: &str,
    kind: &str,
    check: fn(&str) -> Result<(), Why>,
    example: &str,
) -> Option<Finding> {
    let why = check(text).err()?;
    let message = format!("{} is not a valid {kind}: {why}", quote(text));
    Some(Finding::new(place.range(), message).hint(format!("Write it as `{example}`")))
}

fn development(context: &Context<'_>, place: &Place<'_>) -> Vec<Finding> {
    let Some(dev) = &context.manifest.ui.dev else { return Vec::new() };
    let program = super::jobs::empty_program(&dev.command, &place.get("command"));
    let needs = dev.needs.iter().enumerate();
    let unknown = needs.filter_map(|(index, name)| {
        super::needs::unknown(context, name, &place.get("needs").item(index))
    });
    program.into_iter().chain(unknown).collect()
}
