//! Checks the routes.

use std::collections::HashMap;

use super::address::check_authority;
use super::context::{Context, Named};
use super::place::Place;
use super::variants::{VARIANTS, about, in_each};
use crate::diagnostics::Finding;
use crate::model::{Listen, Route};
use crate::words::quote;

const SAY_WHERE: &str = "Use `{port}` in its command, or set `listen` or `port`";

pub(super) fn check(context: &Context<'_>) -> Vec<Finding> {
    let routes = || context.manifest.routes.iter().zip(places(context));
    let mut findings = duplicates(routes());
    for (route, place) in routes() {
        findings.extend(host(route, &place));
        findings.extend(listens_for(
            context,
            &route.service,
            &place.get("service"),
            "is routed to",
        ));
    }
    findings
}

/// Returns the places of the routes that have the right shape.
fn places<'a>(context: &Context<'a>) -> impl Iterator<Item = Place<'a>> {
    let list = context.root.get("route");
    let whole = (0..).map(move |index| (index, list.item(index)));
    let existing = whole.take_while(|(_, place)| place.exists());
    existing
        .filter(|(index, _)| !context.faults.in_entry("route", &index.to_string()))
        .map(|(_, place)| place)
}

fn duplicates<'r>(routes: impl Iterator<Item = (&'r Route, Place<'r>)>) -> Vec<Finding> {
    let mut seen: HashMap<(&str, Option<String>), &str> = HashMap::new();
    let mut findings = Vec::new();
    for (route, place) in routes {
        let path = route.path.trim_end_matches('/');
        let host = route.host.as_ref().map(|host| host.to_ascii_lowercase());
        if let Some(first) = seen.get(&(path, host.clone())) {
            findings.push(duplicate(route, &place, first));
        } else {
            seen.insert((path, host), &route.service);
        }
    }
    findings
}

fn duplicate(route: &Route, place: &Place<'_>, first: &str) -> Finding {
    let of = route.host.as_ref().map_or(String::new(), |host| format!(" of {}", quote(host)));
    let message = format!("Second route for {}{of}", quote(&route.path));
    Finding::new(place.get("path").range(), message)
        .hint(format!("The first one leads to {}", quote(first)))
}

fn host(route: &Route, place: &Place<'_>) -> Option<Finding> {
    let host = route.host.as_ref()?;
    let why = check_authority(host).err()?;
    let message = format!("{} is not a valid `host:port`: {why}", quote(host));
    Some(Finding::new(place.get("host").range(), message).hint("Write it as `localhost:8000`"))
}

/// Checks that a service exists and listens, for what needs to reach it.
pub(super) fn listens_for(
    context: &Context<'_>,
    name: &str,
    place: &Place<'_>,
    what: &str,
) -> Vec<Finding> {
    if context.named(name) != Named::Service {
        return context.no_service(name, place.range()).into_iter().collect();
    }
    in_each(&VARIANTS, |variant| match context.listening(name, variant) {
        Some(Listen::None) => {
            let rest = format!("{what}, but does not say where it listens");
            vec![about(name, place.range(), &rest).hint(SAY_WHERE)]
        }
        _ => Vec::new(),
    })
}
