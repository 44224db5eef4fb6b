//! YAML with places: every value, key and fault knows its line and column.
//!
//! The parser (`saphyr-parser`, see docs/decisions/0007-yaml.md) gives events; [`Tree`] makes bounded trees of them; serde
//! reads the trees. Texts are zeroized with the tree, and no fault repeats one: they may be key material.

mod deserialize;
mod fault;
mod tree;

pub(super) use fault::Fault;
pub(super) use tree::Tree;

/// A place in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Position {
    /// From 1.
    pub(super) line: usize,
    /// In characters, from 1.
    pub(super) column: usize,
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Default, PartialEq, Deserialize)]
    #[serde(deny_unknown_fields, default)]
    struct Garden {
        name: Option<String>,
        beds: Vec<Bed>,
        sunny: bool,
        kind: Option<Kind>,
        notes: BTreeMap<String, String>,
    }

    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Bed {
        plants: u8,
        #[serde(default)]
        depth: i32,
    }

    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(rename_all = "lowercase")]
    enum Kind {
        Kitchen,
        Flower,
        Mixed(u8),
    }

    fn read(text: &str) -> Result<Garden, String> {
        let shown = |Fault { field, at, why }: Fault| {
            let Position { line, column } = at.expect("every fault has a place");
            format!("{line}:{column}: {field}: {why}")
        };
        Tree::parse(text).map_err(shown)?.read().map_err(shown)
    }

    fn fault(text: &str) -> String {
        read(text).unwrap_err()
    }

    #[test]
    fn values_are_read_by_the_core_schema() {
        let garden =
            read("name: 'null'\nbeds:\n- {plants: 0x10, depth: -3}\n- plants: 007\nsunny: true\nnotes: {a: yes}");
        let garden = garden.unwrap();
        assert_eq!(garden.name.as_deref(), Some("null"));
        assert_eq!(garden.beds, [Bed { plants: 16, depth: -3 }, Bed { plants: 7, depth: 0 }]);
        assert_eq!((garden.sunny, garden.notes["a"].as_str()), (true, "yes"));
        assert_eq!(read("name:\nkind: flower").unwrap(), Garden { kind: Some(Kind::Flower), ..Garden::default() });
        assert_eq!(read("kind: {mixed: 2}").unwrap().kind, Some(Kind::Mixed(2)));
        assert_eq!(read("{\"name\": \"json \\u00e9\"}").unwrap().name.as_deref(), Some("json é"));
        assert_eq!(read("\u{feff}sunny: true").unwrap(), Garden { sunny: true, ..Garden::default() });
    }

    #[test]
    fn wrong_types_are_named_with_field_line_and_column() {
        for (text, expected) in [
            ("name: 12", "1:7: name: expected text, found a number; put it in quotes"),
            ("name: true", "1:7: name: expected text, found true or false; put it in quotes"),
            ("name: [a]", "1:7: name: expected text, found a list"),
            ("sunny: 'true'", "1:8: sunny: expected true or false, found text"),
            ("beds: 7", "1:7: beds: expected a list, found a number"),
            ("beds:\n  - plants: many", "2:13: beds[0].plants: expected a whole number from 0 to 255, found text"),
            ("beds:\n  - plants: 300", "2:13: beds[0].plants: expected a whole number from 0 to 255, found 300"),
            ("beds:\n  - plants: 1.5", "2:13: beds[0].plants: expected a whole number from 0 to 255, found a number"),
            ("beds:\n  - plants:", "2:11: beds[0].plants: expected a whole number from 0 to 255, found nothing"),
            ("beds:\n  - depth: 1", "2:5: beds[0].plants: is missing"),
            ("beds: [{plants: 1}, 3]", "1:21: beds[1]: expected keys and values, found a number"),
            ("kind: kitchn", "1:7: kind: not one of kitchen, flower, mixed; did you mean kitchen?"),
            ("kind: {kitchen: 1}", "1:8: kind.kitchen: takes no value"),
            ("- 1", "1:1: : expected keys and values, found a list"),
        ] {
            assert_eq!(fault(text), expected, "{text}");
        }
    }

    #[test]
    fn unknown_and_repeated_keys_stand_where_the_key_stands() {
        assert_eq!(
            fault("sunny: true\nbeds:\n  - plants: 1\n    dept: 2"),
            "4:5: beds[0].dept: there is no such key; did you mean depth?"
        );
        assert_eq!(fault("colour: red"), "1:1: colour: there is no such key; keys are name, beds, sunny, kind, notes");
        assert_eq!(fault("name: a\nsunny: true\nname: b"), "3:1: name: is given twice");
        assert_eq!(fault("notes: {a: b, a: c}"), "1:15: a: is given twice");
        assert_eq!(fault("notes: {[a]: b}"), "1:9: : a key is a text");
    }

    #[test]
    fn an_alias_stands_for_its_anchor_and_faults_are_where_the_anchor_is() {
        let garden = read("beds:\n- &bed {plants: 3}\n- *bed").unwrap();
        assert_eq!(garden.beds.len(), 2);
        assert_eq!(garden.beds[0], garden.beds[1]);
        assert_eq!(
            fault("notes: &x {a: b}\nbeds: [*x]"),
            "1:12: beds[0].a: there is no such key; keys are plants, depth"
        );
        assert_eq!(fault("beds: &b [*b]"), "1:11: : the alias is inside of what it stands for");
    }

    #[test]
    fn what_is_not_one_plain_document_is_refused() {
        assert_eq!(fault(""), "1:1: : the file is empty");
        assert_eq!(fault("# nothing\n"), "1:1: : the file is empty");
        assert_eq!(fault("name: a\n---\nname: b"), "2:1: : a second document; the file has only one");
        assert_eq!(fault("name: !!str 5"), "1:7: : tags (!name) have no meaning here");
        assert!(fault("name: 'a").starts_with("1:"));
        assert!(fault("beds:\n\t- a").starts_with("2:"));
        assert!(fault("name: *nobody").starts_with("1:7: : "));
    }

    #[test]
    fn aliases_of_aliases_do_not_grow_without_bound() {
        let mut bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
        for level in 1..12 {
            let below = format!("*a{}", level - 1);
            bomb += &format!("a{level}: &a{level} [{}]\n", [below.as_str(); 10].join(", "));
        }
        assert!(fault(&bomb).contains("more than 200000 values"));
        let mut tower = "a0: &a0 [x]\n".to_owned();
        for level in 1..40 {
            tower += &format!("a{level}: &a{level} [*a{}]\n", level - 1);
        }
        assert!(fault(&tower).contains("more than 32 levels"));
        assert!(fault(&"[".repeat(40)).contains("more than 32 levels"));
    }

    #[test]
    fn a_path_is_found_as_far_as_it_goes() {
        let tree = Tree::parse("beds:\n  - plants: 1\n  - plants: 2\n").unwrap_or_else(|_| panic!("well-formed"));
        let at = |field| {
            let Position { line, column } = tree.find(field);
            (line, column)
        };
        assert_eq!(at("beds[1].plants"), (3, 13));
        assert_eq!(at("beds[1].depth"), (3, 5));
        assert_eq!(at("beds[7].plants"), (2, 3));
        assert_eq!(at(""), (1, 1));
    }
}
