//! Where a feed is: an opaque text that another feed can go on from, after a restart too.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hpcs_names::{InstanceId, Uuid};
use hpcs_service::LogPlace;
use hpcs_store::StoredEvent;
use sha2::{Digest, Sha256};

/// Where each log goes on. As text it is safe in URLs and headers.
///
/// ```text
/// version (1) | instance (16), incarnation (4), next sequence (8), ... | first 4 bytes of the SHA-256 of all before
/// ```
///
/// Numbers are big-endian.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FeedPosition(BTreeMap<InstanceId, LogPlace>);

/// The text is not a position: damaged, cut, or of another version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FeedPositionError;

impl FeedPosition {
    /// After this event too; otherwise the same.
    #[must_use]
    pub fn after(&self, event: &StoredEvent) -> FeedPosition {
        let mut after = self.clone();
        after.set_next(event.instance, event.sequence + 1);
        after
    }

    /// A position of these places.
    pub fn of(places: impl IntoIterator<Item = (InstanceId, LogPlace)>) -> Self {
        FeedPosition(places.into_iter().collect())
    }

    /// Where each log goes on.
    pub fn places(&self) -> impl Iterator<Item = (InstanceId, LogPlace)> {
        self.0.iter().map(|(id, place)| (*id, *place))
    }

    /// The same, but for one log, which goes on with this sequence.
    #[must_use]
    pub fn moved(mut self, id: InstanceId, next: u64) -> Self {
        self.set_next(id, next);
        self
    }

    pub(super) fn get(&self, id: InstanceId) -> Option<LogPlace> {
        self.0.get(&id).copied()
    }

    /// The next sequence of a log; 0 for the first one that is kept.
    pub(super) fn next_of(&self, id: InstanceId) -> u64 {
        self.0.get(&id).map_or(0, |place| place.next)
    }

    pub(super) fn set_next(&mut self, id: InstanceId, next: u64) {
        self.0.entry(id).or_insert(LogPlace { incarnation: 0, next }).next = next;
    }
}

impl fmt::Display for FeedPosition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut bytes = Vec::with_capacity(1 + ENTRY * self.0.len() + CHECKSUM);
        bytes.push(VERSION);
        for (id, LogPlace { incarnation, next }) in &self.0 {
            bytes.extend_from_slice(id.0.as_bytes());
            bytes.extend_from_slice(&incarnation.to_be_bytes());
            bytes.extend_from_slice(&next.to_be_bytes());
        }
        bytes.extend_from_slice(&checksum(&bytes));
        f.write_str(&URL_SAFE_NO_PAD.encode(bytes))
    }
}

impl FromStr for FeedPosition {
    type Err = FeedPositionError;

    fn from_str(text: &str) -> Result<Self, FeedPositionError> {
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| FeedPositionError)?;
        let (content, sum) = bytes.split_last_chunk::<CHECKSUM>().ok_or(FeedPositionError)?;
        let (&VERSION, entries) = content.split_first().ok_or(FeedPositionError)? else {
            return Err(FeedPositionError);
        };
        if checksum(content) != *sum {
            return Err(FeedPositionError);
        }
        let entry = |entry: &[u8]| {
            let (id, place) = entry.split_first_chunk::<16>()?;
            let (incarnation, next) = place.split_first_chunk::<4>()?;
            let incarnation = u32::from_be_bytes(*incarnation);
            let next = u64::from_be_bytes(next.try_into().ok()?);
            Some((InstanceId(uuid(*id)?), LogPlace { incarnation, next }))
        };
        entries.chunks(ENTRY).map(entry).collect::<Option<_>>().map(FeedPosition).ok_or(FeedPositionError)
    }
}

impl fmt::Display for FeedPositionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not a position in the event logs, or a damaged one; take one from an answer as it is")
    }
}

impl std::error::Error for FeedPositionError {}

fn checksum(content: &[u8]) -> [u8; CHECKSUM] {
    let digest: [u8; 32] = Sha256::digest(content).into();
    let [a, b, c, d, ..] = digest;
    [a, b, c, d]
}

/// The UUID of these bytes, through its text, which is the one way in that checks.
fn uuid(bytes: [u8; 16]) -> Option<Uuid> {
    let n = u128::from_be_bytes(bytes);
    let text = format!(
        "{:08x}-{:04x}-{:04x}-{:04x}-{:012x}",
        n >> 96,
        (n >> 80) as u16,
        (n >> 64) as u16,
        (n >> 48) as u16,
        n & 0xffff_ffff_ffff
    );
    text.parse().ok()
}

const VERSION: u8 = 2;
const ENTRY: usize = 28;
const CHECKSUM: usize = 4;

#[cfg(test)]
mod tests {
    use super::*;

    fn position() -> FeedPosition {
        let ids = ["7f3c2b1a-5d4e-4f6a-9b8c-0d1e2f3a4b5c", "00000000-0000-4000-8000-000000000001"];
        let places = [LogPlace { incarnation: 1, next: 7 }, LogPlace { incarnation: u32::MAX, next: u64::MAX }];
        FeedPosition::of(ids.into_iter().map(|id| id.parse().unwrap()).zip(places))
    }

    #[test]
    fn a_position_reads_back_and_is_safe_in_urls() {
        for position in [position(), FeedPosition::default()] {
            let text = position.to_string();
            assert!(text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_'), "{text}");
            assert_eq!(text.parse(), Ok(position));
        }
    }

    #[test]
    fn a_damaged_position_is_refused() {
        let text = position().to_string();
        let bytes = URL_SAFE_NO_PAD.decode(&text).unwrap();
        for at in 0..bytes.len() {
            let mut damaged = bytes.clone();
            damaged[at] ^= 1;
            assert_eq!(URL_SAFE_NO_PAD.encode(&damaged).parse::<FeedPosition>(), Err(FeedPositionError), "byte {at}");
            assert_eq!(
                URL_SAFE_NO_PAD.encode(&bytes[..at]).parse::<FeedPosition>(),
                Err(FeedPositionError),
                "cut {at}"
            );
        }
        for text in ["", "x", "not a position", "7"] {
            assert_eq!(text.parse::<FeedPosition>(), Err(FeedPositionError), "{text}");
        }
    }

    #[test]
    fn another_version_is_refused_though_its_sum_fits() {
        let mut bytes = vec![1];
        bytes.extend_from_slice(&checksum(&bytes));
        assert_eq!(URL_SAFE_NO_PAD.encode(bytes).parse::<FeedPosition>(), Err(FeedPositionError));
    }
}
