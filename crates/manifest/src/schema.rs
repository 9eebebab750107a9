//! The JSON Schema of `ensconce.toml`, made from the types: for editors, and for the walk.

use serde_json::{Map, Value};

use crate::model::Manifest;

/// Returns the JSON Schema of `ensconce.toml`.
pub fn schema() -> Value {
    let mut schema = schemars::schema_for!(Manifest).to_value();
    tidy(&mut schema);
    if let Some(root) = schema.as_object_mut() {
        root.insert("title".to_owned(), "ensconce.toml".into());
    }
    schema
}

/// Removes what TOML cannot express, and line breaks of the source code.
fn tidy(schema: &mut Value) {
    match schema {
        Value::Object(object) => {
            drop_null(object);
            join_lines(object);
            object.values_mut().for_each(tidy);
        }
        Value::Array(list) => list.iter_mut().for_each(tidy),
        _ => {}
    }
}

/// TOML has no null: what may be null may be absent.
fn drop_null(object: &mut Map<String, Value>) {
    object.get_mut("default").map(drop_empty);
    object.retain(|key, value| !(key == "default" && is_empty_default(value)));
    if let Some(Value::Array(types)) = object.get_mut("type") {
        types.retain(|kind| kind != "null");
        if let [only] = types.as_mut_slice() {
            let only = only.take();
            object.insert("type".to_owned(), only);
        }
    }
    if let Some(Value::Array(variants)) = object.get_mut("anyOf") {
        variants.retain(|variant| variant.get("type") != Some(&"null".into()));
        if let [Value::Object(only)] = variants.as_mut_slice() {
            let only = std::mem::take(only);
            object.shift_remove("anyOf");
            only.into_iter().for_each(|(key, value)| {
                object.entry(key).or_insert(value);
            });
        }
    }
}

/// Removes from a default what says nothing.
fn drop_empty(default: &mut Value) {
    if let Value::Object(defaults) = default {
        defaults.values_mut().for_each(drop_empty);
        defaults.retain(|_, value| !is_empty_default(value));
    }
}

fn is_empty_default(value: &Value) -> bool {
    value.is_null() || value == &Value::Array(Vec::new()) || value == &Value::Object(Map::new())
}

fn join_lines(object: &mut Map<String, Value>) {
    if let Some(Value::String(description)) = object.get_mut("description") {
        *description = description.replace('\n', " ");
    }
}
