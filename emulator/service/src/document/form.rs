//! What serde says of a document, without the document's values.

/// The message of a serde error with every value of the document taken out.
///
/// Serde's own texts repeat what they found: `invalid type: string "0f3a...", expected u32`. A key in the wrong place
/// would end in a log. Names of fields and what was expected stay, and so does the position in the text.
pub fn without_values(message: &str) -> String {
    let repeats = ["invalid type: ", "invalid value: ", "unknown variant "];
    match repeats.iter().find(|start| message.contains(*start)) {
        // What was expected is a text of ours and comes last, so a value cannot pass for it.
        Some(start) => match message.rsplit_once(", expected ") {
            Some((_, expected)) => format!("{}, expected {expected}", start.trim_end_matches([' ', ':'])),
            None => (*start).trim_end_matches([' ', ':']).to_owned(),
        },
        None => message.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::UnitDocument;
    use super::*;

    fn message(json: &str) -> String {
        without_values(&serde_json::from_str::<UnitDocument>(json).err().unwrap().to_string())
    }

    #[test]
    fn a_key_in_the_wrong_place_is_not_repeated() {
        for json in [
            r#"{"signature_threshold":"5ec2e7"}"#,
            r#"{"current_master_key":"5ec2e7"}"#,
            r#"{"new_master_key":{"parts":"5ec2e7"}}"#,
            r#"{"new_master_key":{"committed":"5ec2e7"}}"#,
            r#"{"new_master_key":{"key":{"sealed":["5ec2e7"]}}}"#,
            r#"{"new_master_key":{"key":["5ec2e7"]}}"#,
            r#"{"new_master_key":{"key":{"5ec2e7":""}}}"#,
            r#"{"new_master_key":{"key":{"sealed":"","5ec2e7":""}}}"#,
            r#"{"new_master_key":{"key":523527}}"#,
            r#"{"importer_key":"5ec2e7, expected 5ec2e7"}"#,
            r#"{"administrators":["5ec2e7"]}"#,
            r#"{"administrators":[{"certificate":{"5ec2e7":1}}]}"#,
            r#"{"transaction_counter":"5ec2e7"}"#,
            r#"{"permissions":"5ec2e7 "}"#,
            r#"{"domain_instance":5e27}"#,
        ] {
            let text = message(json);
            let told = ["5ec2e7", "523527", "5e27"].iter().any(|value| text.contains(value));
            assert!(!told && text.contains("line 1"), "{json}: {text}");
        }
    }

    #[test]
    fn names_and_expectations_stay() {
        let text = message(r#"{"signatur_threshold":1}"#);
        assert!(text.starts_with("unknown field `signatur_threshold`, expected one of `id`"), "{text}");
        assert_eq!(message(r#"{"signature_threshold":"1"}"#), "invalid type, expected u32 at line 1 column 26");
    }
}
