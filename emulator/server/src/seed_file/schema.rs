//! The JSON Schema of seed files: for editors, and for whoever writes the files with a program.

/// JSON Schema, draft 2020-12; `docs/schema/seed-file.schema.json`.
///
/// It knows names, types and forms. What depends on other values, such as a threshold above the number of
/// administrators, only [`SeedFile::read`](super::SeedFile::read) finds.
pub const SCHEMA: &str = include_str!("../../../../docs/schema/seed-file.schema.json");

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    use hpcs_audit::EventTime;
    use hpcs_service::Role;
    use serde_json::Value;

    use super::*;
    use crate::seed_file::SeedFile;

    fn schema() -> Value {
        serde_json::from_str(SCHEMA).unwrap()
    }

    /// What the types say of a file in which `{}` stands for one object.
    fn fault(file: &str, object: &str) -> String {
        let file = file.replacen("{}", object, 1);
        match SeedFile::read(Path::new("f"), &file, EventTime::from_unix_millis(0)) {
            Ok(_) => String::new(),
            Err(fault) => fault.to_string(),
        }
    }

    fn names(value: &Value) -> BTreeSet<String> {
        match value {
            Value::Object(members) => members.keys().cloned().collect(),
            Value::Array(items) => items.iter().map(|item| item.as_str().unwrap().to_owned()).collect(),
            _ => BTreeSet::new(),
        }
    }

    #[test]
    fn schema_and_types_know_the_same_keys() {
        for (pointer, file) in OBJECTS {
            let schema = schema();
            let object = schema.pointer(pointer).unwrap();
            let said = fault(file, "{no_such_key: 1, version: 1}");
            let (_, keys) = said.split_once("keys are ").unwrap_or_else(|| panic!("{pointer}: {said}"));
            let known: BTreeSet<String> = keys.split(", ").map(str::to_owned).collect();
            assert_eq!(names(&object["properties"]), known, "{pointer}");
            assert_eq!(object["additionalProperties"], false, "{pointer}");
        }
    }

    #[test]
    fn every_object_of_the_schema_is_held_against_a_type() {
        let objects = schema()["$defs"].as_object().unwrap().values().filter(|one| one["type"] == "object").count();
        assert_eq!(objects + 1, OBJECTS.len());
    }

    #[test]
    fn schema_and_types_require_the_same_keys() {
        for (pointer, file) in OBJECTS {
            let schema = schema();
            let required = names(&schema.pointer(pointer).unwrap()["required"]);
            let mut found = BTreeSet::<String>::new();
            while let Some(key) = missing(file, &found).filter(|_| REQUIRED_BY_FORM.contains(pointer)) {
                assert!(found.insert(key), "{pointer}: {found:?}");
            }
            assert_eq!(required, found, "{pointer}");
        }
    }

    #[test]
    fn schema_and_types_know_the_same_roles() {
        assert_eq!(names(&schema()["$defs"]["role"]["enum"]), Role::ALL.iter().map(Role::to_string).collect());
    }

    /// The key that the types miss in an object of these keys.
    fn missing(file: &str, given: &BTreeSet<String>) -> Option<String> {
        let given: Vec<String> = given.iter().map(|key| format!("{key}: {}", example(key))).collect();
        // "f:1:25: api_keys[0].iam_id: is missing"
        let said = fault(file, &format!("{{{}}}", given.join(", ")));
        let key = said.strip_suffix(": is missing")?.rsplit(['.', ' ']).next()?;
        Some(key.to_owned())
    }

    fn example(key: &str) -> &'static str {
        match key {
            "version" => "1",
            "iam_id" => "IBMid-1",
            _ => "text",
        }
    }

    /// Objects of the schema, and files in which `{}` stands for one.
    const OBJECTS: &[(&str, &str)] = &[
        ("", "{}"),
        ("/$defs/instance", "{version: 1, instances: [{}]}"),
        ("/$defs/rotation", "{version: 1, instances: [{rotation: {}}]}"),
        ("/$defs/unit", "{version: 1, instances: [{units: [{}]}]}"),
        ("/$defs/administrator", "{version: 1, instances: [{units: [{administrators: [{}]}]}]}"),
        ("/$defs/current_master_key", "{version: 1, instances: [{units: [{current_master_key: {}}]}]}"),
        ("/$defs/new_master_key", "{version: 1, instances: [{units: [{new_master_key: {}}]}]}"),
        ("/$defs/importer_key", "{version: 1, instances: [{units: [{importer_key: {}}]}]}"),
        ("/$defs/module", "{version: 1, instances: [{units: [{module: {}}]}]}"),
        ("/$defs/identity", "{version: 1, identities: [{}]}"),
        ("/$defs/api_key", "{version: 1, api_keys: [{}]}"),
    ];

    /// Where a missing key is a fault of the form; elsewhere it depends on the other keys.
    const REQUIRED_BY_FORM: &[&str] = &["", "/$defs/identity", "/$defs/api_key"];
}
