//! Finds the places of keys and values in the text.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// A place in a manifest. Going to something that does not exist stays at the same place.
#[derive(Debug, Clone)]
pub(crate) struct Place<'a> {
    node: Option<Node<'a>>,
    range: Range<usize>,
    key: Range<usize>,
}

#[derive(Debug, Clone, Copy)]
enum Node<'a> {
    Root(&'a DeTable<'a>),
    Value(&'a DeValue<'a>),
}

impl<'a> Place<'a> {
    pub(crate) fn root(table: &'a DeTable<'a>) -> Self {
        Self { node: Some(Node::Root(table)), range: 0..0, key: 0..0 }
    }

    /// Goes to the value of a key.
    pub(crate) fn get(&self, key: &str) -> Self {
        match self.table().and_then(|table| table.get_key_value(key)) {
            Some((key, value)) => Self::new(key.span(), value),
            None => self.nowhere(),
        }
    }

    /// Goes to an item of a list.
    pub(crate) fn item(&self, index: usize) -> Self {
        match self.node {
            Some(Node::Value(DeValue::Array(items))) => {
                items.get(index).map_or_else(|| self.nowhere(), |item| Self::new(item.span(), item))
            }
            _ => self.nowhere(),
        }
    }

    /// Returns whether there is a value.
    pub(crate) fn exists(&self) -> bool {
        self.node.is_some()
    }

    /// Returns the range of the value.
    pub(crate) fn range(&self) -> Range<usize> {
        self.range.clone()
    }

    /// Returns the range of the key, or of an item of a list.
    pub(crate) fn key_range(&self) -> Range<usize> {
        self.key.clone()
    }

    /// Returns the value, if it is a string.
    pub(crate) fn text(&self) -> Option<&'a str> {
        match self.node {
            Some(Node::Value(DeValue::String(text))) => Some(text),
            _ => None,
        }
    }

    /// Returns the range of a part of a string, as exactly as its spelling allows.
    pub(crate) fn part(&self, source: &str, text: &str, part: &Range<usize>) -> Range<usize> {
        let spelled = source.get(self.range()).unwrap_or_default();
        let marks =
            if ["\"\"\"", "'''"].iter().any(|marks| spelled.starts_with(marks)) { 3 } else { 1 };
        let inner = spelled.get(marks..spelled.len().saturating_sub(marks)).unwrap_or_default();
        // A line break right after the opening quotes is not part of the string.
        match inner.strip_suffix(text).unwrap_or("-") {
            before @ ("" | "\n" | "\r\n") => {
                let start = self.range.start + marks + before.len();
                start + part.start..start + part.end
            }
            _ => self.range(),
        }
    }

    /// Returns the keys of a table.
    pub(crate) fn keys(&self) -> impl Iterator<Item = &'a str> + use<'a> {
        self.table().into_iter().flat_map(|table| table.keys().map(|key| key.get_ref().as_ref()))
    }

    fn table(&self) -> Option<&'a DeTable<'a>> {
        match self.node {
            Some(Node::Root(table) | Node::Value(DeValue::Table(table))) => Some(table),
            _ => None,
        }
    }

    fn new(key: Range<usize>, value: &'a Spanned<DeValue<'a>>) -> Self {
        let range = if value.span().is_empty() { key.clone() } else { value.span() };
        Self { node: Some(Node::Value(value.get_ref())), range, key }
    }

    fn nowhere(&self) -> Self {
        Self { node: None, ..self.clone() }
    }
}
