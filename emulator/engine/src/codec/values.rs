//! Values of records without secrets, in the form that stores keep.

use std::collections::BTreeMap;

use hpcs_audit::EventTime;
use hpcs_hsm::functions::PinBlob;
use hpcs_names::InstanceId;
use hpcs_service::document::InstanceDocument;
use hpcs_service::{ApiKeyDigest, Directory, Identity, Instance, LogPlace, Record, Role, Session, SinkPosition};
use serde::{Deserialize, Serialize};

/// What is wrong with a value; names the field.
pub(super) type Fault = String;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct DirectoryValue {
    instances: Vec<String>,
    created: u32,
}

impl DirectoryValue {
    pub(super) fn of(directory: &Directory) -> Self {
        let instances = directory.instances.iter().map(InstanceId::to_string).collect();
        DirectoryValue { instances, created: directory.created }
    }

    pub(super) fn into_record(self) -> Result<Record, Fault> {
        let instances = all("instances", &self.instances)?;
        Ok(Record::Directory(Directory { instances, created: self.created }))
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ConfiguredValue {
    api_keys: Vec<String>,
}

impl ConfiguredValue {
    pub(super) fn of(keys: &[ApiKeyDigest]) -> Self {
        ConfiguredValue { api_keys: keys.iter().map(ApiKeyDigest::to_string).collect() }
    }

    pub(super) fn into_record(self) -> Result<Record, Fault> {
        all("api_keys", &self.api_keys).map(Record::Configured)
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct InstanceValue {
    incarnation: u32,
    instance: InstanceDocument,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    sessions: Vec<SessionValue>,
}

/// An open login. A PIN blob is worth nothing without the master key.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SessionValue {
    iam_id: String,
    store: String,
    blob: String,
}

impl SessionValue {
    fn of(session: &Session) -> Self {
        let (store, blob) = (hex::encode(session.store), hex::encode(session.blob.as_bytes()));
        SessionValue { iam_id: session.iam_id.clone(), store, blob }
    }

    fn into_session(self) -> Result<Session, Fault> {
        let (mut store, mut blob) = ([0; 16], [0; PinBlob::SIZE]);
        hex::decode_to_slice(&self.store, &mut store).map_err(|_| "sessions: store: has not 16 bytes")?;
        hex::decode_to_slice(&self.blob, &mut blob).map_err(|_| "sessions: blob: has another size")?;
        Ok(Session { iam_id: self.iam_id, store, blob: PinBlob::from_bytes(blob) })
    }
}

impl InstanceValue {
    pub(super) fn of(instance: &Instance) -> Self {
        let sessions = instance.sessions.iter().map(SessionValue::of).collect();
        InstanceValue { incarnation: instance.incarnation, instance: InstanceDocument::of_cards(instance), sessions }
    }

    pub(super) fn into_record(self) -> Result<Record, Fault> {
        let instance = self.instance.to_instance().map_err(|fault| fault.to_string())?;
        let sessions = self.sessions.into_iter().map(SessionValue::into_session).collect::<Result<_, _>>()?;
        Ok(Record::Instance(Instance { incarnation: self.incarnation, sessions, ..instance }))
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ApiKeyValue {
    iam_id: String,
    name: String,
    account: String,
    account_name: String,
    roles: Vec<Role>,
    /// Milliseconds since the Unix epoch.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    expires_at: Option<u64>,
}

impl ApiKeyValue {
    pub(super) fn of(identity: &Identity) -> Self {
        let Identity { iam_id, name, account, account_name, roles, expires_at } = identity.clone();
        let (account, expires_at) = (account.to_string(), expires_at.map(EventTime::unix_millis));
        ApiKeyValue { iam_id, name, account, account_name, roles, expires_at }
    }

    pub(super) fn into_record(self) -> Result<Record, Fault> {
        let ApiKeyValue { iam_id, name, account, account_name, roles, expires_at } = self;
        let account = one("account", &account)?;
        let expires_at = expires_at.map(EventTime::from_unix_millis);
        Ok(Record::ApiKey(Identity { iam_id, name, account, account_name, roles, expires_at }))
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SinkValue {
    target: String,
    positions: BTreeMap<String, PlaceValue>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct PlaceValue {
    incarnation: u32,
    next: u64,
}

impl SinkValue {
    pub(super) fn of(position: &SinkPosition) -> Self {
        let place = |LogPlace { incarnation, next }| PlaceValue { incarnation, next };
        let positions = position.positions.iter().map(|(id, next)| (id.to_string(), place(*next)));
        SinkValue { target: position.target.clone(), positions: positions.collect() }
    }

    pub(super) fn into_record(self) -> Result<Record, Fault> {
        let position = |(id, place): (String, PlaceValue)| {
            let PlaceValue { incarnation, next } = place;
            Ok((one("positions", &id)?, LogPlace { incarnation, next }))
        };
        let positions = self.positions.into_iter().map(position).collect::<Result<_, Fault>>()?;
        Ok(Record::SinkPosition(SinkPosition { target: self.target, positions }))
    }
}

pub(super) fn all<T: std::str::FromStr>(field: &str, texts: &[String]) -> Result<Vec<T>, Fault>
where
    T::Err: std::fmt::Display,
{
    texts.iter().map(|text| one(field, text)).collect()
}

pub(super) fn one<T: std::str::FromStr>(field: &str, text: &str) -> Result<T, Fault>
where
    T::Err: std::fmt::Display,
{
    text.parse().map_err(|fault: T::Err| format!("{field}: {fault}"))
}
