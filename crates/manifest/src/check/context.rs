//! What the checks look at.

use std::cell::RefCell;
use std::collections::{HashMap, HashSet};
use std::ops::Range;

use toml::de::DeTable;

use super::place::Place;
use super::variants::Variant;
use crate::diagnostics::Finding;
use crate::faults::Faults;
use crate::listen::surely_listening;
use crate::model::{Listen, Manifest};
use crate::near::nearest;
use crate::words::quote;

/// A manifest with its text, and what is known to be wrong in it.
pub(crate) struct Context<'a> {
    pub(crate) source: &'a str,
    pub(crate) manifest: &'a Manifest,
    pub(crate) faults: &'a Faults,
    pub(crate) root: Place<'a>,
    /// Names in tables that do not exist: below a misspelt `[servce.api]`, `api` is not reported as
    /// unknown.
    misplaced: HashSet<&'a str>,
    /// Suggestions that were looked for already, by section and name.
    near_misses: RefCell<HashMap<(&'static str, String), Option<String>>>,
}

/// Wrong names beyond this number get no suggestion, so that a huge manifest is not slow.
const MOST_NEAR_MISSES: usize = 200;

/// What a name in the manifest refers to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Named {
    Service,
    Task,
    /// Something that is reported elsewhere.
    Faulty,
    Nothing,
}

impl<'a> Context<'a> {
    pub(crate) fn new(
        source: &'a str,
        table: &'a DeTable<'a>,
        manifest: &'a Manifest,
        faults: &'a Faults,
    ) -> Self {
        let root = Place::root(table);
        let faulty = root.keys().filter(|section| faults.is_section(section));
        let misplaced = faulty.flat_map(|section| root.get(section).keys()).collect();
        Self { source, manifest, faults, root, misplaced, near_misses: RefCell::default() }
    }

    /// Goes to a service.
    pub(crate) fn service(&self, name: &str) -> Place<'a> {
        self.root.get("service").get(name)
    }

    /// Goes to a task.
    pub(crate) fn task(&self, name: &str) -> Place<'a> {
        self.root.get("task").get(name)
    }

    /// Returns what a name refers to, where services and tasks are named.
    pub(crate) fn named(&self, name: &str) -> Named {
        if self.manifest.services.contains_key(name) {
            Named::Service
        } else if self.manifest.tasks.contains_key(name) {
            Named::Task
        } else if self.is_faulty("service", name) || self.is_faulty("task", name) {
            Named::Faulty
        } else {
            Named::Nothing
        }
    }

    /// Returns whether a name may refer to something that is reported elsewhere.
    pub(crate) fn is_faulty(&self, section: &str, name: &str) -> bool {
        self.faults.in_entry(section, name) || self.misplaced.contains(name)
    }

    /// Returns where a service listens in a variant; nothing if a fault may hide it.
    pub(crate) fn listening(&self, name: &str, (platform, mode): Variant) -> Option<Listen> {
        if self.faults.in_entry("service", name) {
            return None;
        }
        let settings = self.manifest.services.get(name)?.resolve(platform, mode);
        settings.command.as_ref()?;
        surely_listening(&settings)
    }

    /// Finds out why a name is not a service.
    pub(crate) fn no_service(&self, name: &str, range: Range<usize>) -> Option<Finding> {
        match self.named(name) {
            Named::Service | Named::Faulty => None,
            Named::Task => {
                Some(Finding::new(range, format!("{} is a task, not a service", quote(name))))
            }
            Named::Nothing => {
                let unknown = Finding::new(range, format!("Unknown service {}", quote(name)));
                Some(unknown.hint(self.instead_of("service", name)))
            }
        }
    }

    /// Suggests what to write instead of a name that refers to nothing in a section.
    pub(crate) fn instead_of(&self, section: &'static str, name: &str) -> String {
        match self.near_miss(section, name) {
            Some(known) => format!("Did you mean {}?", quote(&known)),
            None if section == "task" => {
                let [service, task] = ["service", "task"].map(|kind| table(kind, name));
                format!("Add a table {service} or {task}")
            }
            None if section == "setup" => {
                format!("Add a field with `name = \"{name}\"` to a `[[setup.page]]`")
            }
            None => format!("Add a table {}", table(section, name)),
        }
    }

    /// Looks for the name that was meant, but only for the first of very many wrong names.
    fn near_miss(&self, section: &'static str, name: &str) -> Option<String> {
        let mut known = self.near_misses.borrow_mut();
        let key = (section, name.to_owned());
        if known.len() >= MOST_NEAR_MISSES && !known.contains_key(&key) {
            return None;
        }
        known.entry(key).or_insert_with(|| self.nearest(section, name)).clone()
    }

    fn nearest(&self, section: &str, name: &str) -> Option<String> {
        let Manifest { services, tasks, secrets, .. } = self.manifest;
        let found = match section {
            "secret" => nearest(name, secrets.keys().map(String::as_str)),
            "task" => nearest(name, services.keys().chain(tasks.keys()).map(String::as_str)),
            "setup" => nearest(name, self.manifest.setup.fields().map(|field| field.name.as_str())),
            _ => nearest(name, services.keys().map(String::as_str)),
        };
        found.map(str::to_owned)
    }
}

fn table(section: &str, name: &str) -> String {
    quote(&format!("[{section}.{name}]"))
}
