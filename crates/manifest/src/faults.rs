//! The parts of a manifest that have not the right shape, and the manifest without them.

use std::collections::{HashMap, HashSet};

use toml::Spanned;
use toml::de::{DeArray, DeTable, DeValue};

/// The first two steps of the way to each faulty part; the second is empty where a whole section
/// is faulty.
#[derive(Debug, Default)]
pub(crate) struct Faults(HashMap<String, HashSet<String>>);

/// The sections whose entries can be read one by one.
const ENTRIES: [&str; 3] = ["service", "task", "secret"];

/// What stands in for faulty sections that a manifest must have.
const STAND_INS: &str = "app = { id = 'a.b', name = 'a', version = '0.0.0' }\nui = {}";

impl Faults {
    pub(crate) fn add(&mut self, section: String, entry: String) {
        self.0.entry(section).or_default().insert(entry);
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Tells whether anything in a section is faulty.
    pub(crate) fn in_section(&self, section: &str) -> bool {
        self.0.contains_key(section)
    }

    /// Tells whether a whole section is faulty.
    pub(crate) fn is_section(&self, section: &str) -> bool {
        self.0.get(section).is_some_and(|entries| entries.contains(""))
    }

    /// Tells whether an entry of a section, such as a service, is faulty.
    pub(crate) fn in_entry(&self, section: &str, entry: &str) -> bool {
        let entries = self.0.get(section);
        entries.is_some_and(|entries| entries.contains(entry) || entries.contains(""))
    }

    /// Gives the manifest without its faulty parts, so that the rest can be read.
    pub(crate) fn taken_from<'a>(&self, table: &DeTable<'a>) -> DeTable<'a> {
        let mut sound = table.clone();
        if self.is_empty() {
            return sound;
        }
        let sections = sound.into_iter();
        sound = sections.filter_map(|(name, value)| self.section(name, value)).collect();
        let stand_ins = DeTable::parse_recoverable(STAND_INS).0.into_inner();
        for (section, stand_in) in stand_ins {
            sound.entry(section).or_insert(stand_in);
        }
        sound
    }

    fn section<'a, K: AsRef<S>, S: AsRef<str>>(
        &self,
        name: K,
        mut value: Spanned<DeValue<'a>>,
    ) -> Option<(K, Spanned<DeValue<'a>>)> {
        let section = name.as_ref().as_ref();
        if self.is_section(section) {
            return None;
        }
        match value.get_mut() {
            DeValue::Table(entries) if ENTRIES.contains(&section) => {
                let all = std::mem::take(entries).into_iter();
                *entries =
                    all.filter(|(name, _)| !self.in_entry(section, name.get_ref())).collect();
            }
            DeValue::Array(items) => {
                let all = std::mem::replace(items, DeArray::new()).into_iter().enumerate();
                let sound = |index: &usize| !self.in_entry(section, &index.to_string());
                *items = all.filter(|(index, _)| sound(index)).map(|(_, item)| item).collect();
            }
            _ if self.in_section(section) => return None,
            _ => {}
        }
        Some((name, value))
    }
}
