//! Walks a manifest along the JSON Schema, and finds everything that has the wrong shape.
//!
//! It knows JSON Schema as [`schema`](crate::schema) writes it, but no key of the manifest; what
//! the keys mean together is for [`check`](crate::check).

mod kind;
mod mismatch;
mod text;
mod unknown;

use std::collections::HashMap;
use std::ops::Range;

use regex::Regex;
use serde_json::{Map, Value};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::diagnostics::Finding;
use crate::faults::Faults;
use crate::near::nearest;
use crate::words::{or_list, quote};

use kind::{Kind, kind_of};

/// What a walk found.
#[derive(Debug, Default)]
pub(crate) struct Walked {
    /// Everything that has the wrong shape.
    pub(crate) findings: Vec<Finding>,
    /// Where it was found.
    pub(crate) faults: Faults,
}

/// Walks a whole manifest.
pub(crate) fn walk(schema: &Value, table: &DeTable<'_>) -> Walked {
    let mut walker = Walker {
        root: schema,
        steps: Vec::new(),
        patterns: HashMap::new(),
        walked: Walked::default(),
    };
    walker.table(walker.resolve(schema), table, 0..0);
    walker.walked
}

/// A segment of the path from the root to a value.
#[derive(Debug, Clone, Copy)]
enum Step<'a> {
    Key(&'a str),
    Index(usize),
}

impl Step<'_> {
    fn name(&self) -> String {
        match self {
            Self::Key(key) => (*key).to_owned(),
            Self::Index(index) => index.to_string(),
        }
    }
}

struct Walker<'a> {
    root: &'a Value,
    steps: Vec<Step<'a>>,
    patterns: HashMap<&'a str, Option<Regex>>,
    walked: Walked,
}

impl<'a> Walker<'a> {
    fn value(&mut self, schema: &'a Value, value: &'a Spanned<DeValue<'a>>, key: &Range<usize>) {
        let alternatives = self.alternatives(schema);
        let found = Kind::of(value.get_ref());
        let fitting: Vec<_> =
            alternatives.iter().copied().filter(|one| kind_of(one).accepts(found)).collect();
        match fitting.as_slice() {
            [] => self.mismatch(&alternatives, value),
            [schema] => self.fitting(schema, value, key),
            several => self.one_of(several, value, key),
        }
    }

    /// Returns the schemas of which one must hold, references followed.
    fn alternatives(&self, schema: &'a Value) -> Vec<&'a Value> {
        let schema = self.resolve(schema);
        let variants = ["anyOf", "oneOf"].iter().find_map(|key| schema.get(key)?.as_array());
        match variants {
            Some(variants) => variants.iter().flat_map(|one| self.alternatives(one)).collect(),
            None => vec![schema],
        }
    }

    /// Follows a reference to what it stands for.
    fn resolve(&self, schema: &'a Value) -> &'a Value {
        let reference = schema.get("$ref").and_then(Value::as_str);
        reference
            .and_then(|reference| self.root.pointer(reference.strip_prefix('#')?))
            .unwrap_or(schema)
    }

    /// Checks a value of the right kind.
    fn fitting(&mut self, schema: &'a Value, value: &'a Spanned<DeValue<'a>>, key: &Range<usize>) {
        match value.get_ref() {
            DeValue::Table(table) => {
                let header = if value.span().is_empty() { key.clone() } else { value.span() };
                self.table(schema, table, header);
            }
            DeValue::Array(items) => self.array(schema, items, value.span()),
            DeValue::String(text) if schema.get("const").is_some() => {
                self.choice(&[schema], text, value.span());
            }
            DeValue::String(text) => self.text(schema, text, value.span()),
            DeValue::Integer(number) => {
                let number = i64::from_str_radix(number.as_str(), number.radix()).ok();
                self.number(schema, number, value.span());
            }
            DeValue::Float(_) | DeValue::Boolean(_) | DeValue::Datetime(_) => {}
        }
    }

    /// Checks a value that is of the right kind for several schemas.
    fn one_of(
        &mut self,
        schemas: &[&'a Value],
        value: &'a Spanned<DeValue<'a>>,
        key: &Range<usize>,
    ) {
        match value.get_ref() {
            DeValue::String(text) => self.choice(schemas, text, value.span()),
            DeValue::Table(table) => match most_alike(schemas, table) {
                Some(schema) => self.fitting(schema, value, key),
                None => self.no_variant(schemas, table, value.span()),
            },
            _ => self.fitting(schemas[0], value, key),
        }
    }

    fn table(&mut self, schema: &'a Value, table: &'a DeTable<'a>, header: Range<usize>) {
        let properties = schema.get("properties").and_then(Value::as_object);
        let others = schema.get("additionalProperties").filter(|others| others.is_object());
        let mut misspelt = Vec::new();
        for (key, value) in table {
            self.steps.push(Step::Key(key.get_ref()));
            let known = properties.and_then(|known| known.get(key.get_ref().as_ref()));
            match (known.or(others), properties) {
                (Some(schema), _) => self.value(schema, value, &key.span()),
                (None, Some(properties)) => {
                    misspelt.extend(self.unknown_key(properties, key, value));
                }
                (None, None) => {}
            }
            self.steps.pop();
        }
        self.spread_faults(schema);
        self.property_names(schema, table);
        self.required_keys(schema, table, &misspelt, header);
    }

    /// Marks a table below an entry as faulty if a required key of it is.
    fn spread_faults(&mut self, schema: &'a Value) {
        let way: Vec<String> = self.steps.iter().map(Step::name).collect();
        let is_faulty =
            |name: &str| self.walked.faults.is_whole(way.iter().map(String::as_str).chain([name]));
        if way.len() > 2 && required(schema).any(is_faulty) {
            self.walked.faults.add(way);
        }
    }

    fn property_names(&mut self, schema: &'a Value, table: &'a DeTable<'a>) {
        let Some(names) = schema.get("propertyNames") else { return };
        for key in table.keys() {
            self.steps.push(Step::Key(key.get_ref()));
            self.text(names, key.get_ref(), key.span());
            self.steps.pop();
        }
    }

    /// Reports what is missing; what was misspelt is already reported.
    fn required_keys(
        &mut self,
        schema: &'a Value,
        table: &DeTable<'_>,
        misspelt: &[&str],
        header: Range<usize>,
    ) {
        let is_missing = |name: &&str| !table.contains_key(*name) && !misspelt.contains(name);
        for name in required(schema).filter(is_missing) {
            self.steps.push(Step::Key(name));
            self.missing_key(schema, name, header.clone());
            self.steps.pop();
        }
    }

    fn missing_key(&mut self, schema: &'a Value, name: &'a str, header: Range<usize>) {
        let meant = schema.pointer(&format!("/properties/{name}"));
        let kind = meant.map_or(Kind::Any, |meant| kind_of(self.resolve(meant)));
        let finding = match self.place_of_parent() {
            None if kind == Kind::Table => {
                Finding::new(header, format!("Missing table `[{name}]`"))
            }
            place => {
                let of = place.map_or(String::new(), |place| format!(" in {place}"));
                Finding::new(header, format!("Missing key {}{of}", quote(name)))
            }
        };
        let description = meant.and_then(|meant| meant.get("description")?.as_str());
        self.report(finding.maybe_hint(description.map(|text| format!("{}: {text}", quote(name)))));
    }

    fn array(&mut self, schema: &'a Value, items: &'a [Spanned<DeValue<'a>>], span: Range<usize>) {
        let least = schema.get("minItems").and_then(Value::as_u64).unwrap_or(0);
        if (items.len() as u64) < least {
            let message = format!("{} is empty", self.place());
            self.report(Finding::new(span, message).hint(mismatch::example_of(schema, self.key())));
        }
        let Some(item) = schema.get("items") else { return };
        for (index, value) in items.iter().enumerate() {
            self.steps.push(Step::Index(index));
            self.value(item, value, &value.span());
            self.steps.pop();
        }
    }

    fn choice(&mut self, schemas: &[&'a Value], text: &str, span: Range<usize>) {
        let words: Vec<&str> =
            schemas.iter().filter_map(|one| one.get("const")?.as_str()).collect();
        if words.is_empty() {
            return self.text(schemas[0], text, span);
        }
        if !words.contains(&text) {
            let message = format!("Unknown value {} for {}", quote(text), self.place());
            let hint = match nearest(text, words.iter().copied()) {
                Some(word) => format!("Did you mean {}?", quote(word)),
                None => format!("Write {}", or_list(words)),
            };
            self.report(Finding::new(span, message).hint(hint));
        }
    }

    fn no_variant(&mut self, schemas: &[&'a Value], table: &'a DeTable<'a>, span: Range<usize>) {
        let known: Map<String, Value> = schemas
            .iter()
            .filter_map(|one| one.get("properties")?.as_object())
            .flat_map(|properties| properties.clone())
            .collect();
        for (key, value) in table {
            if !known.contains_key(key.get_ref().as_ref()) {
                self.steps.push(Step::Key(key.get_ref()));
                self.unknown_key(&known, key, value);
                self.steps.pop();
            }
        }
        let keys: Vec<&str> = schemas.iter().filter_map(|one| first_required(one)).collect();
        let message = format!("{} needs one of the keys {}", self.place(), or_list(keys));
        if table.is_empty() || table.keys().all(|key| known.contains_key(key.get_ref().as_ref())) {
            self.report(Finding::new(span, message));
        }
    }

    fn report(&mut self, finding: Finding) {
        self.walked.faults.add(self.steps.iter().map(Step::name));
        self.walked.findings.push(finding);
    }

    /// Returns the last key of the current path.
    fn key(&self) -> &'a str {
        let keys = self.steps.iter().rev().filter_map(|step| match step {
            Step::Key(key) => Some(*key),
            Step::Index(_) => None,
        });
        keys.into_iter().next().unwrap_or_default()
    }

    /// Returns the current path: `service.api.command`.
    fn place(&self) -> String {
        place(&self.steps).unwrap_or_else(|| "the manifest".to_owned())
    }

    /// Returns the path of the table that holds the current value, unless it is the root.
    fn place_of_parent(&self) -> Option<String> {
        place(&self.steps[..self.steps.len().saturating_sub(1)])
    }
}

fn place(steps: &[Step<'_>]) -> Option<String> {
    let keys: Vec<&str> = steps
        .iter()
        .filter_map(|step| match step {
            Step::Key(key) => Some(*key),
            Step::Index(_) => None,
        })
        .collect();
    (!keys.is_empty()).then(|| quote(&keys.join(".")))
}

/// Returns the schema whose required keys a table has.
fn most_alike<'a>(schemas: &[&'a Value], table: &DeTable<'_>) -> Option<&'a Value> {
    let has = |schema: &&Value| first_required(schema).is_some_and(|key| table.contains_key(key));
    schemas.iter().copied().find(has)
}

fn first_required(schema: &Value) -> Option<&str> {
    required(schema).next()
}

fn required(schema: &Value) -> impl Iterator<Item = &str> {
    let names = schema.get("required").and_then(Value::as_array);
    names.into_iter().flatten().filter_map(Value::as_str)
}
