//! Records, events and clocks as the tests use them.

use hpcs_audit::catalogue::{Row, tke};
use hpcs_audit::event::{Credential, Fields, Host, Initiator, InitiatorKind, RequestData, Target};
use hpcs_audit::{EventDraft, EventTime, Reason};
use hpcs_names::{AccountId, Crn, InstanceId, ServiceName};
use hpcs_store::{Codec, CodecError};

/// The moment at which the clocks of the tests begin.
pub const START: EventTime = EventTime::from_unix_millis(1_000_000);

/// Records are numbers under short names, and are written as their digits.
pub struct Digits;

impl Codec<&'static str, u32> for Digits {
    fn name(&self, key: &&'static str) -> String {
        (*key).to_owned()
    }

    fn encode(&self, _: &str, record: &u32) -> Result<Vec<u8>, CodecError> {
        Ok(record.to_string().into_bytes())
    }

    fn decode(&self, name: &str, value: &[u8]) -> Result<u32, CodecError> {
        let number = std::str::from_utf8(value).ok().and_then(|text| text.parse().ok());
        number.ok_or_else(|| CodecError(format!("record '{name}' is not a number")))
    }
}

/// One of some instances.
pub fn instance(digit: char) -> InstanceId {
    format!("{digit}f3c2b1a-5d4e-4f6a-9b8c-0d1e2f3a4b5c").parse().unwrap()
}

/// An event: someone reset a crypto unit.
pub fn event(instance: InstanceId) -> EventDraft {
    event_of(instance, tke::RESET, Reason::OK)
}

/// An event of another action and with another end.
pub fn event_of(instance: InstanceId, action: &'static Row, reason: Reason) -> EventDraft {
    let account: AccountId = "4e1a9f0c7b2d4a5e8f3c6b1d9e0a7c52".parse().unwrap();
    let source = Crn::instance(ServiceName::HsCrypto, &"us-east".parse().unwrap(), &account, instance);
    EventDraft {
        action,
        initiator: Initiator {
            id: "IBMid-270000EXM1".into(),
            name: "someone@example.com".into(),
            kind: InitiatorKind::User,
            credential: Credential::Token,
            authn: None,
            host: Host { address: None, private: true, agent: None },
        },
        target: Target { id: source.clone(), name: "[us-east].[AZ1-CS1].[01].[01]".into(), alias: None },
        reason,
        request_data: RequestData { request_uri: None, fields: Fields::new() },
        response_data: Fields::new(),
        key_destroyed: false,
        correlation_id: None,
        source,
    }
}
