//! What the checks look at.

use std::collections::HashSet;
use std::ops::Range;

use indexmap::IndexMap;
use toml::de::DeTable;

use super::place::Place;
use super::variants::Variant;
use crate::diagnostics::Finding;
use crate::faults::Faults;
use crate::listen::listening;
use crate::model::{Listen, Manifest, ServiceSettings};
use crate::near::nearest;
use crate::words::quote;

/// A manifest with its text, and what is known to be wrong in it.
pub(crate) struct Context<'a> {
    pub(crate) source: &'a str,
    pub(crate) manifest: &'a Manifest,
    pub(crate) faults: &'a Faults,
    pub(crate) root: Place<'a>,
    /// Names in tables that do not exist: below a misspelt `[servce.api]`, `api` is not unknown.
    misplaced: HashSet<&'a str>,
}

/// What a name of the manifest stands for.
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
        Self { source, manifest, faults, root, misplaced }
    }

    /// Goes to a service.
    pub(crate) fn service(&self, name: &str) -> Place<'a> {
        self.root.get("service").get(name)
    }

    /// Goes to a task.
    pub(crate) fn task(&self, name: &str) -> Place<'a> {
        self.root.get("task").get(name)
    }

    /// Tells what a name stands for, where services and tasks are named.
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

    /// Tells whether a name may stand for something that is reported elsewhere.
    pub(crate) fn is_faulty(&self, section: &str, name: &str) -> bool {
        self.faults.in_entry(section, name) || self.misplaced.contains(name)
    }

    /// Gives the services of a variant that have a command, with their settings.
    pub(crate) fn services(&self, (platform, mode): Variant) -> IndexMap<&'a str, ServiceSettings> {
        let services = self.manifest.services.iter();
        services
            .map(|(name, service)| (name.as_str(), service.resolve(platform, mode)))
            .filter(|(_, settings)| settings.command.is_some())
            .collect()
    }

    /// Tells where a service listens in a variant; nothing of a service that is faulty.
    pub(crate) fn listening(&self, name: &str, (platform, mode): Variant) -> Option<Listen> {
        let settings = self.manifest.services.get(name)?.resolve(platform, mode);
        settings.command.is_some().then(|| listening(&settings))
    }

    /// Finds out why a name is no service.
    pub(crate) fn no_service(&self, name: &str, range: Range<usize>) -> Option<Finding> {
        let finding = |message: String| Some(Finding::new(range, message));
        match self.named(name) {
            Named::Service | Named::Faulty => None,
            Named::Task => finding(format!("{} is a task, not a service", quote(name))),
            Named::Nothing => {
                let names = self.manifest.services.keys().map(String::as_str);
                let hint = did_you_mean(name, names).unwrap_or_else(|| {
                    format!("Add a table {}", quote(&format!("[service.{name}]")))
                });
                finding(format!("Unknown service {}", quote(name))).map(|found| found.hint(hint))
            }
        }
    }
}

/// Asks for the name that is most like a name.
pub(crate) fn did_you_mean<'n>(
    name: &str,
    names: impl IntoIterator<Item = &'n str>,
) -> Option<String> {
    nearest(name, names).map(|known| format!("Did you mean {}?", quote(known)))
}
