//! A manifest is up to six manifests: one for each platform and mode.

use std::ops::Range;

use indexmap::IndexMap;

use super::place::Place;
use crate::diagnostics::Finding;
use crate::model::{Mode, Platform};
use crate::words::{and_list, quote};

/// A platform and a mode.
pub(crate) type Variant = (Platform, Mode);

/// Every platform in every mode.
pub(crate) const VARIANTS: [Variant; 6] = [
    (Platform::Linux, Mode::Run),
    (Platform::Macos, Mode::Run),
    (Platform::Windows, Mode::Run),
    (Platform::Linux, Mode::Dev),
    (Platform::Macos, Mode::Dev),
    (Platform::Windows, Mode::Dev),
];

/// Finds mistakes in several variants, and reports each once, with the variants that it applies to.
pub(crate) fn in_each(
    variants: &[Variant],
    find: impl Fn(Variant) -> Vec<Finding>,
) -> Vec<Finding> {
    let mut found: IndexMap<Finding, Vec<Variant>> = IndexMap::new();
    for variant in variants {
        for finding in find(*variant) {
            let holds = found.entry(finding).or_default();
            if holds.last() != Some(variant) {
                holds.push(*variant);
            }
        }
    }
    let hint = |(finding, holds): (Finding, Vec<Variant>)| match holds.len() == variants.len() {
        true => finding,
        false => finding.hint(format!("This applies {}", where_it_holds(&holds))),
    };
    found.into_iter().map(hint).collect()
}

/// Describes some variants: on Linux, in `ensconce dev`.
pub(crate) fn where_it_holds(variants: &[Variant]) -> String {
    let of_mode = |mode| variants.iter().filter(move |(_, held)| *held == mode);
    let (run, dev) = (of_mode(Mode::Run).count(), of_mode(Mode::Dev).count());
    let mode = match (run, dev) {
        (_, 0) => "outside of `ensconce dev`",
        (0, _) => "in `ensconce dev`",
        _ => "",
    };
    let platforms = match run.max(dev) {
        3 => String::new(),
        _ => format!("on {}", platforms(variants)),
    };
    [platforms.as_str(), mode].join(" ").trim().to_owned()
}

/// Describes the platforms of some variants.
pub(crate) fn platforms(variants: &[Variant]) -> String {
    let mut names: Vec<&str> =
        variants.iter().map(|(platform, _)| platform_name(*platform)).collect();
    names.sort_unstable();
    names.dedup();
    and_list(names).replace('`', "")
}

fn platform_name(platform: Platform) -> &'static str {
    match platform {
        Platform::Linux => "Linux",
        Platform::Macos => "macOS",
        Platform::Windows => "Windows",
    }
}

/// The tables that a service or task is made of in a variant; the first that has a key wins.
pub(crate) struct Layers<'a>(Vec<Place<'a>>);

impl<'a> Layers<'a> {
    pub(crate) fn new(job: &Place<'a>, (platform, mode): Variant) -> Self {
        let platform = match platform {
            Platform::Linux => "linux",
            Platform::Macos => "macos",
            Platform::Windows => "windows",
        };
        let dev = (mode == Mode::Dev).then(|| job.get("dev"));
        Self(dev.into_iter().chain([job.get(platform), job.clone()]).collect())
    }

    /// Goes to the value of a setting.
    pub(crate) fn get(&self, key: &str) -> Place<'a> {
        self.first(|layer| layer.get(key))
    }

    /// Goes to the value of an environment variable.
    pub(crate) fn env(&self, name: &str) -> Place<'a> {
        self.first(|layer| layer.get("env").get(name))
    }

    fn first(&self, step: impl Fn(&Place<'a>) -> Place<'a>) -> Place<'a> {
        let existing = self.0.iter().filter(|layer| layer.exists());
        let mut places = existing.map(step);
        let first = places.next();
        match first {
            Some(place) if !place.exists() => places.find(Place::exists).unwrap_or(place),
            Some(place) => place,
            None => self.0[0].clone(),
        }
    }
}

/// Makes a finding about a service: its name comes first in the message.
pub(crate) fn about(name: &str, range: Range<usize>, rest: &str) -> Finding {
    Finding::new(range, format!("{} {rest}", quote(name)))
}
