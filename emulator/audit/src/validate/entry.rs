//! The catalogue as the validator reads it: the only place that touches the table, and only its data.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::family::Family;
use crate::catalogue::{BaseSeverity, CATALOGUE, Field, Row, Status};

/// What the catalogue and the name itself say about an action.
#[derive(Clone, Copy, Debug)]
pub(super) struct Entry {
    /// The current name.
    pub(super) action: &'static str,
    pub(super) service: &'static str,
    pub(super) object: &'static str,
    pub(super) verb: &'static str,
    pub(super) family: Family,
    pub(super) base_severity: BaseSeverity,
    pub(super) type_uri: &'static str,
    pub(super) data_event: bool,
    pub(super) phrase: &'static str,
    pub(super) request_fields: &'static [Field],
    pub(super) response_fields: &'static [Field],
}

/// What a name in `action` turns out to be.
#[derive(Clone, Copy, Debug)]
pub(super) enum Naming {
    Current(Entry),
    Legacy(Entry),
    Erratum,
    Unknown,
}

impl Naming {
    pub(super) fn of(action: &str) -> Naming {
        let Some(row) = BY_NAME.get(action) else { return Naming::Unknown };
        match Entry::of(row) {
            _ if row.status == Status::Erratum || row.plans.is_empty() => Naming::Erratum,
            Some(entry) if row.action == action => Naming::Current(entry),
            Some(entry) => Naming::Legacy(entry),
            None => Naming::Unknown,
        }
    }

    pub(super) fn entry(&self) -> Option<Entry> {
        match self {
            Naming::Current(entry) | Naming::Legacy(entry) => Some(*entry),
            Naming::Erratum | Naming::Unknown => None,
        }
    }
}

impl Entry {
    fn of(row: &'static Row) -> Option<Entry> {
        let mut segments = row.action.split('.');
        let (service, object, verb) = (segments.next()?, segments.next()?, segments.next()?);
        Some(Entry {
            action: row.action,
            service,
            object,
            verb,
            family: Family::of_object(object)?,
            base_severity: row.base_severity,
            type_uri: row.type_uri,
            data_event: row.data_event,
            phrase: row.phrase,
            request_fields: row.request_fields,
            response_fields: row.response_fields,
        })
    }

    /// The action without its service, for example `secrets.create`.
    pub(super) fn without_service(&self) -> &'static str {
        self.action.split_once('.').map_or("", |(_, rest)| rest)
    }

    /// Completion of a lifecycle action by all adopters, `secrets.ack-...` (3.6).
    pub(super) fn is_completion(&self) -> bool {
        self.object == "secrets" && self.verb.starts_with("ack-")
    }

    /// No request is behind the event: the service itself is its initiator (1.5).
    pub(super) fn is_of_the_service(&self) -> bool {
        self.is_completion() || (self.object == "secrets" && self.verb == "expire")
    }
}

static BY_NAME: LazyLock<HashMap<&'static str, &'static Row>> = LazyLock::new(|| {
    let legacy = CATALOGUE.iter().filter_map(|row| row.legacy_action.map(|name| (name, row)));
    legacy.chain(CATALOGUE.iter().map(|row| (row.action, row))).collect()
});

#[cfg(test)]
mod tests {
    use super::*;
    use crate::validate::grammar::Form;

    #[test]
    fn every_row_that_is_no_erratum_has_an_entry() {
        for row in CATALOGUE {
            let naming = Naming::of(row.action);
            assert_eq!(naming.entry().is_some(), row.status != Status::Erratum, "{}", row.action);
            assert!(!matches!(naming, Naming::Legacy(_)), "{}", row.action);
        }
    }

    #[test]
    fn historical_names_lead_to_the_current_row() {
        let Naming::Legacy(entry) = Naming::of("kms.importtoken.create") else { panic!("not recognised") };
        assert_eq!(entry.action, "kms.import-token.create");
    }

    #[test]
    fn every_documented_member_has_a_form() {
        for field in CATALOGUE.iter().flat_map(|row| row.request_fields.iter().chain(row.response_fields)) {
            let name = field.path.rsplit('.').next().unwrap();
            assert!(name == "*" || Form::of(name).is_some(), "{}", field.path);
        }
    }
}
