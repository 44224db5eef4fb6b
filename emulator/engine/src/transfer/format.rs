//! The lines of a file.

use bytes::Bytes;
use hpcs_audit::event::TimeStyle;
use hpcs_audit::{EventTime, Outcome, Severity, catalogue};
use hpcs_names::InstanceId;
use hpcs_service::document::{InstanceDocument, KeyDocument, KeystoreDocument, moment, moment_text};
use hpcs_service::sealing::PassphraseHeader;
use hpcs_store::{Anchor, StoredEvent};
use serde::{Deserialize, Serialize};

use super::TransferWhy;

/// The first line.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Head {
    pub(super) format: String,
    pub(super) version: u64,
    pub(super) created_by: String,
    /// How secrets are sealed; `null` when they are in the clear.
    pub(super) sealed: Option<PassphraseHeader>,
    pub(super) instance: InstanceDocument,
    pub(super) log: LogHead,
    /// [`KeyTally::written`](hpcs_service::keystore::KeyTally); only when there ever was a keystore.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) keystores_written: Option<u64>,
}

/// What the log is: what its first event follows, and its last event.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct LogHead {
    anchor: Mark,
    last: Mark,
    /// Whether the last event carries a digest.
    chain: bool,
}

/// A place in the log.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Mark {
    sequence: u64,
    time: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    digest: Option<String>,
}

/// A keystore.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct KeystoreLine {
    pub(super) keystore: KeystoreDocument,
}

/// A key of one of the keystores before it.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct KeyLine {
    pub(super) key: KeyDocument,
}

/// An event.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct EventLine<'a> {
    sequence: u64,
    time: String,
    #[serde(borrow)]
    line: std::borrow::Cow<'a, str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    digest: Option<String>,
}

/// The last line.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Last {
    pub(super) end: End,
}

/// What the file should have had before its last line.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct End {
    pub(super) events: u64,
    pub(super) sha256: String,
}

/// What of an event's own line the log is searched by, and what has to be as the file says.
#[derive(Deserialize)]
struct Searched<'a> {
    #[serde(borrow, rename = "eventTime")]
    time: std::borrow::Cow<'a, str>,
    #[serde(borrow, rename = "logSourceCRN")]
    source: std::borrow::Cow<'a, str>,
    #[serde(borrow)]
    action: std::borrow::Cow<'a, str>,
    #[serde(borrow)]
    outcome: std::borrow::Cow<'a, str>,
    severity: Severity,
}

impl LogHead {
    pub(super) fn of(anchor: &Anchor, last: &Anchor) -> Self {
        LogHead { anchor: Mark::of(anchor), last: Mark::of(last), chain: last.digest.is_some() }
    }

    /// What the first event follows.
    pub(super) fn anchor(&self) -> Result<Anchor, TransferWhy> {
        let anchor = self.anchor.anchor().ok_or(TransferWhy::Event("log.anchor"))?;
        if anchor.sequence > Anchor::MAX_SEQUENCE { Err(TransferWhy::Event("log.anchor")) } else { Ok(anchor) }
    }

    /// The last event.
    pub(super) fn last(&self) -> Result<Anchor, TransferWhy> {
        let last = self.last.anchor().ok_or(TransferWhy::Event("log.last"))?;
        if self.chain == last.digest.is_some() { Ok(last) } else { Err(TransferWhy::Event("log.chain")) }
    }
}

impl Mark {
    fn of(anchor: &Anchor) -> Self {
        Mark { sequence: anchor.sequence, time: moment_text(anchor.time), digest: anchor.digest.map(hex::encode) }
    }

    fn anchor(&self) -> Option<Anchor> {
        let digest = self.digest.as_deref().map(digest).transpose().ok()?;
        Some(Anchor { sequence: self.sequence, time: moment(&self.time)?, digest })
    }
}

impl<'a> EventLine<'a> {
    /// The line of an event; `None` when it is not text, which no event is.
    pub(super) fn of(event: &'a StoredEvent) -> Option<Self> {
        Some(EventLine {
            sequence: event.sequence,
            time: moment_text(event.time),
            line: std::str::from_utf8(&event.line).ok()?.into(),
            digest: event.digest.map(hex::encode),
        })
    }

    /// The event, as it goes into the log of `instance`.
    pub(super) fn event(&self, instance: InstanceId) -> Result<StoredEvent, TransferWhy> {
        let time: EventTime = moment(&self.time).ok_or(TransferWhy::Event("time"))?;
        let digest = self.digest.as_deref().map(digest).transpose().map_err(|()| TransferWhy::Event("digest"))?;
        if self.line.contains(char::is_control) {
            return Err(TransferWhy::Event("line"));
        }
        let searched: Searched<'_> = serde_json::from_str(&self.line).map_err(|_| TransferWhy::Event("line"))?;
        let is_own_time = |style| time.display(style).to_string() == searched.time;
        if ![TimeStyle::GoTrim, TimeStyle::Centis].into_iter().any(is_own_time) {
            return Err(TransferWhy::Event("line.eventTime"));
        }
        if searched.source.split(':').nth(INSTANCE_OF_CRN) != Some(instance.to_string().as_str()) {
            return Err(TransferWhy::Event("line.logSourceCRN"));
        }
        let row = catalogue::find(&searched.action).ok_or(TransferWhy::Event("line.action"))?;
        Ok(StoredEvent {
            instance,
            sequence: self.sequence,
            time,
            action: row.action,
            outcome: outcome(&searched.outcome).ok_or(TransferWhy::Event("line.outcome"))?,
            severity: searched.severity,
            line: Bytes::copy_from_slice(self.line.as_bytes()),
            digest,
        })
    }
}

fn outcome(text: &str) -> Option<Outcome> {
    match text {
        "success" => Some(Outcome::Success),
        "failure" => Some(Outcome::Failure),
        _ => None,
    }
}

fn digest(text: &str) -> Result<[u8; 32], ()> {
    let mut digest = [0; 32];
    hex::decode_to_slice(text, &mut digest).map_err(|_| ())?;
    Ok(digest)
}

/// Which part of a CRN names the instance, from 0.
const INSTANCE_OF_CRN: usize = 7;

pub(super) const FORMAT: &str = "hpcs-emulator-instance";
pub(super) const VERSION: u64 = 1;
pub(super) const CREATED_BY: &str = concat!("hpcs-emulator ", env!("CARGO_PKG_VERSION"));
/// How the line of a keystore begins.
pub(super) const KEYSTORE: &[u8] = b"{\"keystore\"";
/// How the line of a key begins.
pub(super) const KEY: &[u8] = b"{\"key\"";
/// How a last line begins, and no line of an event.
pub(super) const LAST: &[u8] = b"{\"end\"";
