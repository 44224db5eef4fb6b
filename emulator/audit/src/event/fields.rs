//! Members of `requestData` and `responseData`.

use serde::ser::{Serialize, SerializeMap, Serializer};

/// What a request asked for; the instance is added when the event is rendered.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RequestData {
    /// Path and query as received, or `/<package>.<Service>/<Method>`; none where the protocol has no URI.
    pub request_uri: Option<String>,
    /// The members peculiar to the action, in the order of section 4.
    pub fields: Fields,
}

/// Named values in the order in which they are written.
///
/// ```
/// use hpcs_audit::event::Fields;
///
/// let fields = Fields::new().with("keyType", "rootKey").with("keyState", 1);
/// assert_eq!(serde_json::to_string(&fields).unwrap(), r#"{"keyType":"rootKey","keyState":1}"#);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fields(Vec<(&'static str, Value)>);

impl Fields {
    /// No members.
    pub const fn new() -> Self {
        Fields(Vec::new())
    }

    /// These and one more; a second value for a name takes the place of the first.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Into<Value>) -> Self {
        let value = value.into();
        match self.0.iter_mut().find(|(known, _)| *known == name) {
            Some((_, known)) => *known = value,
            None => self.0.push((name, value)),
        }
        self
    }

    /// The members that are written: all but empty texts and objects without members.
    pub(super) fn written(&self) -> impl Iterator<Item = (&'static str, &Value)> {
        self.0.iter().filter(|(_, value)| value.is_written()).map(|(name, value)| (*name, value))
    }
}

/// The value of a member.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// A text; left out when empty.
    Text(String),
    /// A whole number.
    Integer(i64),
    /// A truth value.
    Boolean(bool),
    /// A list of texts; written even when empty.
    Texts(Vec<String>),
    /// Members of a nested object; left out when there are none.
    Object(Fields),
}

impl Value {
    fn is_written(&self) -> bool {
        match self {
            Value::Text(text) => !text.is_empty(),
            Value::Object(fields) => fields.written().next().is_some(),
            Value::Integer(_) | Value::Boolean(_) | Value::Texts(_) => true,
        }
    }
}

impl Serialize for Fields {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for (name, value) in self.written() {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Value::Text(text) => serializer.serialize_str(text),
            Value::Integer(number) => serializer.serialize_i64(*number),
            Value::Boolean(flag) => serializer.serialize_bool(*flag),
            Value::Texts(texts) => serializer.collect_seq(texts),
            Value::Object(fields) => fields.serialize(serializer),
        }
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Value::Text(text)
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Value::Text(text.to_owned())
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Value::Integer(number)
    }
}

impl From<bool> for Value {
    fn from(flag: bool) -> Self {
        Value::Boolean(flag)
    }
}

impl From<Vec<String>> for Value {
    fn from(texts: Vec<String>) -> Self {
        Value::Texts(texts)
    }
}

impl From<Fields> for Value {
    fn from(fields: Fields) -> Self {
        Value::Object(fields)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn json(fields: &Fields) -> String {
        serde_json::to_string(fields).unwrap()
    }

    #[test]
    fn members_keep_their_order_and_types() {
        let fields = Fields::new()
            .with("b", true)
            .with("a", "x")
            .with("n", -3)
            .with("list", vec!["1".to_owned(), "2".to_owned()])
            .with("object", Fields::new().with("inner", 0));
        assert_eq!(json(&fields), r#"{"b":true,"a":"x","n":-3,"list":["1","2"],"object":{"inner":0}}"#);
    }

    #[test]
    fn a_second_value_replaces_the_first_in_its_place() {
        assert_eq!(json(&Fields::new().with("a", 1).with("b", 2).with("a", 3)), r#"{"a":3,"b":2}"#);
    }

    #[test]
    fn empty_texts_and_objects_are_left_out_and_empty_lists_are_not() {
        let hollow = Fields::new().with("inner", Fields::new().with("text", ""));
        let fields = Fields::new().with("text", "").with("object", hollow).with("list", Vec::<String>::new());
        assert_eq!(json(&fields), r#"{"list":[]}"#);
    }
}
