//! The schemas that are kept, and documents held against them.

use serde_json::Value as Json;

/// One of the schemas that are kept.
pub(crate) fn schema(name: &str) -> Json {
    let path = format!("{}/schemas/{name}.json", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

/// Fails where a document is not what that schema says.
#[track_caller]
pub(crate) fn valid_against(name: &str, document: &Json) {
    let validator = jsonschema::validator_for(&schema(name)).unwrap();
    let faults: Vec<String> =
        validator.iter_errors(document).map(|fault| format!("at `{}`: {fault:.300}", fault.instance_path())).collect();
    assert!(faults.is_empty(), "{document:.2000}\nis no {name}:\n{}", faults.join("\n"));
}
