//! Remembers which store an app uses, and which secrets are kept where. No value is in it.

use std::collections::BTreeMap;

use ensconce_store::{Document, Kept, Migration, Unusable};
use serde::{Deserialize, Serialize};

use crate::{Listed, Location, Origin, StoreKind};

/// What is remembered of an app's secrets. Keychains cannot reliably list what they hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Index {
    pub(crate) store: StoreKind,
    pub(crate) names: BTreeMap<String, Entry>,
}

/// What is remembered of one secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Entry {
    pub(crate) kept: StoreKind,
    pub(crate) origin: Origin,
}

impl Kept for Index {
    const VERSION: u32 = 2;
    const MIGRATIONS: &'static [Migration] = &[|mut content| {
        // Version 1 had only the store; the next start finds the names.
        content["names"] = serde_json::json!({});
        Ok(content)
    }];
    // Without the index, a full keychain could be taken for an empty one.
    const WHEN_BROKEN: Unusable = Unusable::Refuse;
    const WHEN_NEWER: Unusable = Unusable::Refuse;
}

impl Index {
    pub(crate) fn new(store: StoreKind) -> Self {
        Self { store, names: BTreeMap::new() }
    }

    /// The document of an app.
    pub(crate) fn document(location: &Location) -> Document<Self> {
        Document::open(location.folder.join("vault.json"))
    }

    pub(crate) fn list(&self) -> Vec<Listed> {
        let listed = |(name, entry): (&String, &Entry)| Listed {
            name: name.clone(),
            kept: entry.kept,
            origin: entry.origin,
        };
        self.names.iter().map(listed).collect()
    }
}
