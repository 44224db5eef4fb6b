//! serde over a tree. Plain scalars follow the core schema of YAML 1.2: `yes` is text, and `007` a number.

use std::rc::Rc;

use serde::de::value::StrDeserializer;
use serde::de::{self, DeserializeSeed, Deserializer, IntoDeserializer, Unexpected, Visitor};
use serde::forward_to_deserialize_any;

use super::Fault;
use super::tree::{Content, Entry, Node, Scalar};

impl<'de> Deserializer<'de> for &'de Node {
    type Error = Fault;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        let value = match &self.content {
            Content::Sequence(items) => visitor.visit_seq(Items { items: items.iter(), index: 0 }),
            Content::Mapping(entries) => visitor.visit_map(Entries { entries: entries.iter(), value: None }),
            Content::Scalar(scalar) => match scalar.meaning() {
                Meaning::Nothing => visitor.visit_unit(),
                Meaning::Truth(value) => visitor.visit_bool(value),
                Meaning::Unsigned(value) => visitor.visit_u64(value),
                Meaning::Signed(value) => visitor.visit_i64(value),
                Meaning::Float(value) => visitor.visit_f64(value),
                Meaning::Text(text) => visitor.visit_str(text),
            },
        };
        value.map_err(|fault| fault.at(self.at))
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        let value = if self.is_nothing() { visitor.visit_none() } else { visitor.visit_some(self) };
        value.map_err(|fault| fault.at(self.at))
    }

    /// serde would read a list as the fields of a structure in their order.
    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        match &self.content {
            Content::Sequence(_) => Err(<Fault as de::Error>::invalid_type(Unexpected::Seq, &visitor).at(self.at)),
            Content::Mapping(_) | Content::Scalar(_) => self.deserialize_any(visitor),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Fault> {
        visitor.visit_newtype_struct(self).map_err(|fault| fault.at(self.at))
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        let value = match &self.content {
            Content::Scalar(Scalar { text, .. }) if !self.is_nothing() => {
                visitor.visit_enum(IntoDeserializer::<Fault>::into_deserializer(text.as_str()))
            }
            Content::Mapping(entries) => match &entries[..] {
                [entry] => visitor.visit_enum(Choice(entry)),
                _ => Err(Fault::new("exactly one key is needed")),
            },
            Content::Scalar(_) => Err(de::Error::invalid_type(Unexpected::Unit, &visitor)),
            Content::Sequence(_) => Err(de::Error::invalid_type(Unexpected::Seq, &visitor)),
        };
        value.map_err(|fault| fault.at(self.at))
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        visitor.visit_unit()
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct seq tuple
        tuple_struct map identifier
    }
}

impl Node {
    fn is_nothing(&self) -> bool {
        matches!(&self.content, Content::Scalar(scalar) if matches!(scalar.meaning(), Meaning::Nothing))
    }
}

/// What a scalar is.
enum Meaning<'a> {
    Nothing,
    Truth(bool),
    Unsigned(u64),
    Signed(i64),
    Float(f64),
    Text(&'a str),
}

impl Scalar {
    fn meaning(&self) -> Meaning<'_> {
        let text = self.text.as_str();
        if !self.plain {
            return Meaning::Text(text);
        }
        match text {
            "" | "~" | "null" | "Null" | "NULL" => Meaning::Nothing,
            "true" | "True" | "TRUE" => Meaning::Truth(true),
            "false" | "False" | "FALSE" => Meaning::Truth(false),
            _ => number(text).unwrap_or(Meaning::Text(text)),
        }
    }
}

/// A number of the core schema; one that is too large for 64 bits becomes a float.
fn number(text: &str) -> Option<Meaning<'static>> {
    let based = |digits: &str, base| u64::from_str_radix(digits, base).ok().map(Meaning::Unsigned);
    if let Some(digits) = text.strip_prefix("0x").filter(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit())) {
        return based(digits, 16);
    }
    if let Some(digits) = text.strip_prefix("0o").filter(|digits| digits.bytes().all(|byte| byte.is_ascii_digit())) {
        return based(digits, 8);
    }
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    if !digits.starts_with(|first: char| first.is_ascii_digit() || first == '.')
        || !digits.bytes().any(|byte| byte.is_ascii_digit())
    {
        return None;
    }
    if digits.bytes().all(|byte| byte.is_ascii_digit()) {
        let unsigned = text.parse().ok().map(Meaning::Unsigned);
        if let Some(number) = unsigned.or_else(|| text.parse().ok().map(Meaning::Signed)) {
            return Some(number);
        }
    }
    let float = digits.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'e' | b'E' | b'+' | b'-'));
    float.then(|| text.parse().ok().map(Meaning::Float)).flatten()
}

struct Items<'de> {
    items: std::slice::Iter<'de, Rc<Node>>,
    index: usize,
}

impl<'de> de::SeqAccess<'de> for Items<'de> {
    type Error = Fault;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Fault> {
        let Some(node) = self.items.next() else { return Ok(None) };
        let index = self.index;
        self.index += 1;
        seed.deserialize(&**node).map(Some).map_err(|fault| fault.at(node.at).in_item(index))
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.items.len())
    }
}

struct Entries<'de> {
    entries: std::slice::Iter<'de, Entry>,
    value: Option<&'de Entry>,
}

impl<'de> de::MapAccess<'de> for Entries<'de> {
    type Error = Fault;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Fault> {
        let Some(entry) = self.entries.next() else { return Ok(None) };
        self.value = Some(entry);
        let key: StrDeserializer<'_, Fault> = entry.key.as_str().into_deserializer();
        seed.deserialize(key).map(Some).map_err(|fault| fault.at(entry.at).in_key(&entry.key))
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, Fault> {
        let Some(entry) = self.value.take() else { return Err(Fault::new("a value without a key")) };
        seed.deserialize(&*entry.value).map_err(|fault| fault.at(entry.value.at).in_key(&entry.key))
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.entries.len())
    }
}

/// A mapping with one key: the variant and what it holds.
struct Choice<'de>(&'de Entry);

impl<'de> de::EnumAccess<'de> for Choice<'de> {
    type Error = Fault;
    type Variant = Self;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Self), Fault> {
        let key: StrDeserializer<'_, Fault> = self.0.key.as_str().into_deserializer();
        let value = seed.deserialize(key).map_err(|fault| fault.at(self.0.at).in_key(&self.0.key))?;
        Ok((value, self))
    }
}

impl<'de> de::VariantAccess<'de> for Choice<'de> {
    type Error = Fault;

    fn unit_variant(self) -> Result<(), Fault> {
        Err(Fault::new("takes no value").at(self.0.at).in_key(&self.0.key))
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, Fault> {
        seed.deserialize(&*self.0.value).map_err(|fault| fault.at(self.0.value.at).in_key(&self.0.key))
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Fault> {
        self.0.value.deserialize_any(visitor).map_err(|fault| fault.in_key(&self.0.key))
    }

    fn struct_variant<V: Visitor<'de>>(self, _: &'static [&'static str], visitor: V) -> Result<V::Value, Fault> {
        self.0.value.deserialize_any(visitor).map_err(|fault| fault.in_key(&self.0.key))
    }
}
