//! JSON with its members in the order of the line, duplicates included.

use std::collections::HashSet;
use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::Number;

use super::RuleId;
use super::report::Findings;

/// A JSON value. Unlike `serde_json::Value` it keeps what a consumer of the line could notice: order and duplicates.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Json {
    Null,
    Flag(bool),
    Number(Number),
    Text(String),
    List(Vec<Json>),
    Object(Vec<(String, Json)>),
}

impl Json {
    pub(super) fn as_text(&self) -> Option<&str> {
        match self {
            Json::Text(text) => Some(text),
            _ => None,
        }
    }

    pub(super) fn as_object(&self) -> Option<&[(String, Json)]> {
        match self {
            Json::Object(members) => Some(members),
            _ => None,
        }
    }

    pub(super) fn as_list(&self) -> Option<&[Json]> {
        match self {
            Json::List(items) => Some(items),
            _ => None,
        }
    }

    /// The type in words, for members whose value no finding should repeat: it may be a secret.
    pub(super) fn type_words(&self) -> &'static str {
        match self {
            Json::Null => "null",
            Json::Flag(_) => "a boolean",
            Json::Number(_) => "a number",
            Json::Text(_) => "a string",
            Json::List(_) => "an array",
            Json::Object(_) => "an object",
        }
    }

    /// The value as compact JSON, shortened.
    pub(super) fn brief(&self) -> String {
        let mut text = serde_json::to_string(self).unwrap_or_default();
        if let Some((cut, _)) = text.char_indices().nth(BRIEF) {
            text.truncate(cut);
            text.push('…');
        }
        text
    }
}

/// `text` as a JSON string, shortened.
pub(super) fn quoted(text: &str) -> String {
    Json::Text(text.to_owned()).brief()
}

/// The path of member `name` inside the object at `path`.
pub(super) fn join(path: &str, name: &str) -> String {
    if path == "$" { name.to_owned() } else { format!("{path}.{name}") }
}

/// Reports every member whose name occurs earlier in the same object, at any depth.
pub(super) fn check_duplicates(json: &Json, findings: &mut Findings) {
    walk("$", json, &mut |path, value| {
        let mut seen = HashSet::new();
        for (name, value) in value.as_object().unwrap_or_default() {
            if !seen.insert(name) {
                findings.add(RuleId::DuplicateMember, join(path, name), "one member of this name", value.type_words());
            }
        }
    });
}

/// Visits `json` and everything inside it, parents first.
pub(super) fn walk(path: &str, json: &Json, visit: &mut impl FnMut(&str, &Json)) {
    visit(path, json);
    for (name, value) in json.as_object().unwrap_or_default() {
        walk(&join(path, name), value, visit);
    }
    for (at, value) in json.as_list().unwrap_or_default().iter().enumerate() {
        walk(&format!("{path}[{at}]"), value, visit);
    }
}

impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(JsonVisitor)
    }
}

struct JsonVisitor;

impl<'de> Visitor<'de> for JsonVisitor {
    type Value = Json;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Json, E> {
        Ok(Json::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Json, E> {
        Ok(Json::Flag(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Json, E> {
        Ok(Json::Number(value.into()))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Json, E> {
        Ok(Json::Number(value.into()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Json, E> {
        Ok(Number::from_f64(value).map_or(Json::Null, Json::Number))
    }

    fn visit_str<E>(self, value: &str) -> Result<Json, E> {
        Ok(Json::Text(value.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Json, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element()? {
            list.push(item);
        }
        Ok(Json::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Json, A::Error> {
        let mut members = Vec::new();
        while let Some(member) = entries.next_entry()? {
            members.push(member);
        }
        Ok(Json::Object(members))
    }
}

impl Serialize for Json {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Json::Null => serializer.serialize_unit(),
            Json::Flag(value) => serializer.serialize_bool(*value),
            Json::Number(value) => value.serialize(serializer),
            Json::Text(value) => serializer.serialize_str(value),
            Json::List(items) => serializer.collect_seq(items),
            Json::Object(members) => {
                let mut map = serializer.serialize_map(Some(members.len()))?;
                for (name, value) in members {
                    map.serialize_entry(name, value)?;
                }
                map.end()
            }
        }
    }
}

/// Characters of a found value that a deviation shows.
const BRIEF: usize = 200;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_and_duplicates_survive_a_round_trip() {
        let text = r#"{"b":1,"a":[null,true,-2,1.5,"x"],"b":{}}"#;
        let json: Json = serde_json::from_str(text).unwrap();
        assert_eq!(json.brief(), text);
    }

    #[test]
    fn duplicates_are_named_with_their_path() {
        let json: Json = serde_json::from_str(r#"{"a":[{"x":1,"x":2}],"a":3}"#).unwrap();
        let mut findings = Findings::default();
        check_duplicates(&json, &mut findings);
        let members: Vec<_> = findings.into_report(None).deviations.into_iter().map(|found| found.member).collect();
        assert_eq!(members, ["a", "a[0].x"]);
    }

    #[test]
    fn long_values_are_shortened_at_a_character() {
        let brief = quoted(&"é".repeat(500));
        assert!(brief.ends_with('…') && brief.chars().count() == BRIEF + 1);
    }
}
