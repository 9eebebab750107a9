//! The reference page for app developers.

use ensconce_manifest::{parse, schema};

const PAGE: &str = include_str!("../../../../docs/manifest.md");

#[test]
fn every_key_and_word_stands_in_the_reference() {
    let schema = schema();
    let tables = schema["$defs"].as_object().unwrap().values().chain([&schema]);
    for table in tables {
        let properties = table.get("properties").and_then(|known| known.as_object());
        for key in properties.into_iter().flat_map(|known| known.keys()) {
            assert!(PAGE.contains(key.as_str()), "`{key}` is missing");
        }
        let words = table.get("oneOf").and_then(|words| words.as_array());
        for word in words.into_iter().flatten().filter_map(|word| word["const"].as_str()) {
            assert!(PAGE.contains(word), "`{word}` is missing");
        }
    }
}

#[test]
fn the_first_example_is_valid() {
    let (_, rest) = PAGE.split_once("```toml\n").unwrap();
    let (example, _) = rest.split_once("```").unwrap();
    assert_eq!(parse("ensconce.toml", example).map(|manifest| manifest.app.name).unwrap(), "Notes");

    let wrong = example.replace("command =", "comand =");
    let shown = parse("ensconce.toml", &wrong).unwrap_err().render();
    assert!(PAGE.contains(&shown), "{shown}");
}
