//! One table of a configuration file, read key by key, so that every fault names its key and line.

use std::path::Path;
use std::str::FromStr;

use serde::de::DeserializeOwned;
use toml::de::{DeTable, DeValue};
use toml::{Spanned, Table, Value};

use super::suggest::suggestion;
use super::{ConfigError, Place};

/// A configuration file that is well-formed TOML.
pub(super) struct Document<'a> {
    path: &'a Path,
    text: &'a str,
    spans: Spanned<DeTable<'a>>,
    values: Table,
}

impl<'a> Document<'a> {
    pub(super) fn parse(path: &'a Path, text: &'a str) -> Result<Self, ConfigError> {
        let syntax = |error: toml::de::Error| {
            let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
            ConfigError::Syntax {
                path: path.to_owned(),
                line: 1 + before.matches('\n').count(),
                column: 1 + before.rsplit('\n').next().unwrap_or_default().chars().count(),
                why: error.message().trim_end().replace('\n', "; "),
            }
        };
        Ok(Document { path, text, spans: DeTable::parse(text).map_err(syntax)?, values: text.parse().map_err(syntax)? })
    }

    /// The table of the whole file.
    pub(super) fn root(&self) -> Section<'_> {
        Section {
            document: self,
            name: String::new(),
            line: 1,
            spans: Some(self.spans.get_ref()),
            values: self.values.clone(),
            asked: Vec::new(),
        }
    }

    /// A key of a table that was read already is wrong.
    pub(super) fn wrong_at(&self, line: usize, key: &str, why: &str) -> ConfigError {
        let place = Place::File { path: self.path.to_owned(), line };
        ConfigError::Value { place, key: key.to_owned(), why: why.to_owned() }
    }

    fn line(&self, offset: usize) -> usize {
        let before = self.text.as_bytes().get(..offset).unwrap_or_default();
        1 + before.iter().filter(|byte| **byte == b'\n').count()
    }
}

/// A table. Keys are taken out; what nobody asked for is a mistake.
pub(super) struct Section<'d> {
    document: &'d Document<'d>,
    /// Path of the table: `events`, `instance`; empty for the whole file.
    name: String,
    /// Where it starts, from 1.
    line: usize,
    spans: Option<&'d DeTable<'d>>,
    values: Table,
    asked: Vec<&'static str>,
}

impl<'d> Section<'d> {
    /// The line that the table starts at.
    pub(super) fn line(&self) -> usize {
        self.line
    }

    /// Takes a value.
    pub(super) fn take<T: DeserializeOwned>(&mut self, key: &'static str) -> Result<Option<T>, ConfigError> {
        let Some(value) = self.take_value(key) else { return Ok(None) };
        let wrong = |error: toml::de::Error| self.wrong(key, error.message().trim_end().to_owned());
        value.try_into().map(Some).map_err(wrong)
    }

    /// Takes a text that has a form of its own.
    pub(super) fn parse<T: FromStr>(&mut self, key: &'static str) -> Result<Option<T>, ConfigError>
    where
        T::Err: std::fmt::Display,
    {
        let Some(text) = self.take::<String>(key)? else { return Ok(None) };
        text.parse().map(Some).map_err(|error: T::Err| self.wrong(key, error.to_string()))
    }

    /// Takes a value as it is.
    pub(super) fn take_value(&mut self, key: &'static str) -> Option<Value> {
        self.asked.push(key);
        self.values.remove(key)
    }

    /// Takes a table; an empty one when there is none.
    pub(super) fn table(&mut self, key: &'static str) -> Result<Section<'d>, ConfigError> {
        let line = self.line_of(key);
        let spans = match self.span_of(key) {
            Some(DeValue::Table(spans)) => Some(spans),
            _ => None,
        };
        let values = self.take::<Table>(key)?.unwrap_or_default();
        Ok(self.child(key, line, spans, values))
    }

    /// Takes an array of tables.
    pub(super) fn tables(&mut self, key: &'static str) -> Result<Vec<Section<'d>>, ConfigError> {
        let starts: Vec<_> = match self.span_of(key) {
            Some(DeValue::Array(items)) => items.iter().map(|item| (item.span().start, item.get_ref())).collect(),
            _ => Vec::new(),
        };
        let tables = self.take::<Vec<Table>>(key)?.unwrap_or_default();
        let section = |(values, (start, spans)): (Table, (usize, &'d DeValue<'d>))| {
            self.child(key, self.document.line(start), spans.as_table(), values)
        };
        Ok(tables.into_iter().zip(starts).map(section).collect())
    }

    /// All keys were asked for; what is left was not meant to be there.
    pub(super) fn finish(self) -> Result<(), ConfigError> {
        let Some(key) = self.values.keys().next() else { return Ok(()) };
        let suggestion = suggestion(key, self.asked.iter().copied()).map(|meant| self.full(meant));
        Err(ConfigError::Unknown { place: self.place(key), key: self.full(key), suggestion })
    }

    /// The value of `key` is wrong.
    pub(super) fn wrong(&self, key: &str, why: impl Into<String>) -> ConfigError {
        ConfigError::Value { place: self.place(key), key: self.full(key), why: why.into() }
    }

    /// `key` has to be there.
    pub(super) fn missing(&self, key: &str) -> ConfigError {
        let place = Place::File { path: self.document.path.to_owned(), line: self.line };
        ConfigError::Missing { place, key: self.full(key) }
    }

    fn child(&self, key: &str, line: usize, spans: Option<&'d DeTable<'d>>, values: Table) -> Section<'d> {
        Section { document: self.document, name: self.full(key), line, spans, values, asked: Vec::new() }
    }

    fn place(&self, key: &str) -> Place {
        Place::File { path: self.document.path.to_owned(), line: self.line_of(key) }
    }

    fn full(&self, key: &str) -> String {
        if self.name.is_empty() { key.to_owned() } else { format!("{}.{key}", self.name) }
    }

    fn line_of(&self, key: &str) -> usize {
        let found = self.spans.and_then(|spans| spans.iter().find(|(name, _)| name.get_ref() == key));
        found.map_or(self.line, |(name, _)| self.document.line(name.span().start))
    }

    fn span_of(&self, key: &str) -> Option<&'d DeValue<'d>> {
        self.spans
            .and_then(|spans| spans.iter().find(|(name, _)| name.get_ref() == key))
            .map(|(_, value)| value.get_ref())
    }
}
