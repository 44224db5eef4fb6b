//! Shared by the tests of rendering: the parts that the examples have in common, and JSON that keeps its order.

#![allow(dead_code, reason = "each test binary uses a part")]

use std::fmt;

use hpcs_audit::event::{Credential, EventDraft, Fields, Host, Initiator, InitiatorKind, RequestData, Target};
use hpcs_audit::{Reason, Row};
use hpcs_names::{Crn, ServiceName};
use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};

pub(crate) const ACCOUNT: &str = "4e1a9f0c7b2d4a5e8f3c6b1d9e0a7c52";
pub(crate) const HPCS_INSTANCE: &str = "7f3c2b1a-5d4e-4f6a-9b8c-0d1e2f3a4b5c";
pub(crate) const KEY_PROTECT_INSTANCE: &str = "0b6d4c9e-81f2-4a37-b5d0-92c7e1f4a683";

/// The CRN of the instance that the examples use.
pub(crate) fn instance(service: ServiceName) -> Crn {
    let id = match service {
        ServiceName::HsCrypto => HPCS_INSTANCE,
        ServiceName::Kms => KEY_PROTECT_INSTANCE,
    };
    Crn::instance(service, &"us-east".parse().unwrap(), &ACCOUNT.parse().unwrap(), id.parse().unwrap())
}

/// A person whose request came over the public network.
pub(crate) fn user(id: &str, name: &str, address: &str, agent: &str) -> Initiator {
    Initiator {
        id: id.to_owned(),
        name: name.to_owned(),
        kind: InitiatorKind::User,
        credential: Credential::Token,
        authn: None,
        host: public(address, agent),
    }
}

/// A host on the public network.
pub(crate) fn public(address: &str, agent: &str) -> Host {
    Host { address: Some(address.parse().unwrap()), private: false, agent: Some(agent.to_owned()) }
}

/// A successful event about the instance itself, to be changed by struct update.
pub(crate) fn draft(action: &'static Row) -> EventDraft {
    let source = instance(action.service);
    EventDraft {
        action,
        initiator: user("IBMid-550000EXM2", "key.manager@example.com", "203.0.113.61", "curl/8.5.0"),
        target: Target { id: source.clone(), name: source.instance_id().to_string(), alias: None },
        reason: Reason::OK,
        request_data: RequestData::default(),
        response_data: Fields::new(),
        key_destroyed: false,
        correlation_id: None,
        source,
    }
}

/// JSON whose members keep the order in which they were written.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Ordered {
    Object(Vec<(String, Ordered)>),
    Array(Vec<Ordered>),
    Text(String),
    Integer(i64),
    Boolean(bool),
}

impl Ordered {
    pub(crate) fn read(line: &[u8]) -> Self {
        serde_json::from_slice(line).unwrap_or_else(|fault| panic!("{fault}: {}", String::from_utf8_lossy(line)))
    }

    pub(crate) fn keys(&self) -> Vec<&str> {
        match self {
            Ordered::Object(members) => members.iter().map(|(key, _)| key.as_str()).collect(),
            other => panic!("not an object: {other:?}"),
        }
    }

    pub(crate) fn find(&self, path: &str) -> Option<&Ordered> {
        path.split('.').try_fold(self, |at, step| match at {
            Ordered::Object(members) => members.iter().find(|(key, _)| key == step).map(|(_, value)| value),
            _ => None,
        })
    }

    pub(crate) fn text(&self, path: &str) -> Option<&str> {
        match self.find(path)? {
            Ordered::Text(text) => Some(text),
            other => panic!("{path} is not a text: {other:?}"),
        }
    }
}

impl<'de> Deserialize<'de> for Ordered {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(OrderedVisitor)
    }
}

struct OrderedVisitor;

impl<'de> Visitor<'de> for OrderedVisitor {
    type Value = Ordered;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON as events use it: no null, no fraction")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Ordered, E> {
        Ok(Ordered::Boolean(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Ordered, E> {
        Ok(Ordered::Integer(value))
    }

    fn visit_u64<E: serde::de::Error>(self, value: u64) -> Result<Ordered, E> {
        i64::try_from(value).map(Ordered::Integer).map_err(E::custom)
    }

    fn visit_str<E>(self, value: &str) -> Result<Ordered, E> {
        Ok(Ordered::Text(value.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Ordered, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = seq.next_element()? {
            items.push(item);
        }
        Ok(Ordered::Array(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Ordered, A::Error> {
        let mut members = Vec::new();
        while let Some(member) = map.next_entry()? {
            members.push(member);
        }
        Ok(Ordered::Object(members))
    }
}
