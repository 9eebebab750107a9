//! The parts of a manifest that have the wrong shape, and the manifest without them.

use std::collections::HashMap;

use toml::Spanned;
use toml::de::{DeArray, DeTable, DeValue};

/// The paths to all faulty parts, as a tree.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    /// Whether all of it is faulty, not only something below.
    whole: bool,
    below: HashMap<String, Faults>,
}

/// How much is removed with a faulty part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Grain {
    /// Only the part, if it is in a service, task or secret.
    Part,
    /// All of the service, task or secret.
    Entry,
}

/// The sections whose entries can be read one by one.
const ENTRIES: [&str; 4] = ["service", "task", "secret", "database"];

/// Replaces faulty sections that a manifest must have.
const STAND_INS: &str = "app = { id = 'a.b', name = 'a', version = '0.0.0' }\nui = {}";

impl Faults {
    /// Adds the path to a faulty part.
    pub(crate) fn add(&mut self, way: impl IntoIterator<Item = String>) {
        let mut node = self;
        for step in way {
            node = node.below.entry(step).or_default();
        }
        node.whole = true;
    }

    /// Returns whether exactly the part at the end of a path is faulty.
    pub(crate) fn is_whole<'s>(&self, way: impl IntoIterator<Item = &'s str>) -> bool {
        let mut steps = way.into_iter();
        let end = steps.try_fold(self, |node, step| node.below.get(step));
        end.is_some_and(|node| node.whole)
    }

    pub(crate) fn is_empty(&self) -> bool {
        !self.whole && self.below.is_empty()
    }

    /// Returns whether anything in a section is faulty.
    pub(crate) fn in_section(&self, section: &str) -> bool {
        self.below.contains_key(section)
    }

    /// Returns whether a whole section is faulty.
    pub(crate) fn is_section(&self, section: &str) -> bool {
        self.below.get(section).is_some_and(|section| section.whole)
    }

    /// Returns whether anything in an entry of a section, such as a service, is faulty.
    pub(crate) fn in_entry(&self, section: &str, entry: &str) -> bool {
        let section = self.below.get(section);
        section.is_some_and(|section| section.whole || section.below.contains_key(entry))
    }

    /// Returns the manifest without its faulty parts, so that the rest can be read.
    pub(crate) fn taken_from<'a>(&self, table: &DeTable<'a>, grain: Grain) -> DeTable<'a> {
        let all = table.clone().into_iter();
        let sound = all.filter_map(|(name, mut value)| {
            let is_sound = match self.below.get(name.get_ref().as_ref()) {
                Some(faults) => faults.take_from_section(name.get_ref(), &mut value, grain),
                None => true,
            };
            is_sound.then_some((name, value))
        });
        let mut sound: DeTable<'a> = sound.collect();
        let stand_ins = DeTable::parse_recoverable(STAND_INS).0.into_inner();
        for (section, stand_in) in stand_ins {
            if self.in_section(section.get_ref()) {
                sound.entry(section).or_insert(stand_in);
            }
        }
        sound
    }

    /// Removes what is faulty from a section; returns whether anything is left.
    fn take_from_section(
        &self,
        section: &str,
        value: &mut Spanned<DeValue<'_>>,
        grain: Grain,
    ) -> bool {
        match value.get_mut() {
            _ if self.whole => return false,
            DeValue::Table(entries) if ENTRIES.contains(&section) => {
                self.take_from_table(entries, grain);
            }
            DeValue::Array(items) => self.take_from_list(items),
            _ => return false,
        }
        true
    }

    fn take_from_table(&self, table: &mut DeTable<'_>, grain: Grain) {
        let all = std::mem::take(table).into_iter();
        let sound = all.filter_map(|(name, mut value)| {
            let is_sound = match (self.below.get(name.get_ref().as_ref()), value.get_mut()) {
                (None, _) => true,
                (Some(faults), DeValue::Table(table)) if !faults.whole && grain == Grain::Part => {
                    faults.take_from_table(table, grain);
                    true
                }
                _ => false,
            };
            is_sound.then_some((name, value))
        });
        *table = sound.collect();
    }

    fn take_from_list(&self, items: &mut DeArray<'_>) {
        let all = std::mem::replace(items, DeArray::new()).into_iter().enumerate();
        let sound = all.filter(|(index, _)| !self.below.contains_key(&index.to_string()));
        *items = sound.map(|(_, item)| item).collect();
    }
}
