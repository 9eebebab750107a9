//! The schema that editors use.

use std::path::PathBuf;

use ensconce_manifest::schema;

/// Holds the committed schema equal to the types; `UPDATE_SCHEMA=1` writes it anew.
#[test]
fn the_committed_schema_is_fresh() {
    let path =
        PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../docs/reference/ensconce.schema.json");
    let fresh = format!("{}\n", serde_json::to_string_pretty(&schema()).unwrap());
    if std::env::var_os("UPDATE_SCHEMA").is_some() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, &fresh).unwrap();
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(committed == fresh, "Run the tests once with UPDATE_SCHEMA=1");
}

#[test]
fn the_schema_knows_no_null() {
    assert!(!schema().to_string().contains("null"));
}

#[test]
fn every_key_is_described() {
    let schema = schema();
    let tables = schema["$defs"].as_object().unwrap().values().chain([&schema]);
    for table in tables {
        let properties = table.get("properties").and_then(|known| known.as_object());
        for (key, property) in properties.into_iter().flatten() {
            assert!(property.get("description").is_some(), "`{key}` has no description");
        }
    }
}
