//! A look at `SubmitRequest` messages that cannot be decoded.
//!
//! Whatever is wrong with a message, its event needs to know which crypto unit it was for and what it asked. Nothing is
//! decided on what is found here.

use bytes::Bytes;
use hpcs_names::{CryptoUnitId, InstanceId};

/// What a message says at its beginning.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Glimpse {
    pub(super) instance: InstanceId,
    pub(super) unit: CryptoUnitId,
    /// As much of the payload as there is; may be empty.
    pub(super) payload: Bytes,
}

/// Looks at the fields of a `SubmitRequest` until they end or make no sense.
///
/// `None` when the instance or the unit is not among them. The last field may be cut off.
pub(super) fn glimpse(message: &Bytes) -> Option<Glimpse> {
    let (mut instance, mut unit, mut payload) = (None, None, Bytes::new());
    for field in Fields(message) {
        match field {
            Field { number: INSTANCE, content, whole: true } => instance = uuid(content),
            Field { number: UNIT, content, whole: true } => unit = uuid(content),
            Field { number: PAYLOAD, content, .. } => payload = message.slice_ref(content),
            Field { .. } => {}
        }
    }
    Some(Glimpse { instance: InstanceId(instance?), unit: CryptoUnitId(unit?), payload })
}

fn uuid(content: &[u8]) -> Option<hpcs_names::Uuid> {
    std::str::from_utf8(content).ok()?.parse().ok()
}

/// A field with a length; others are stepped over.
struct Field<'a> {
    number: u64,
    content: &'a [u8],
    /// Whether all of the content is there.
    whole: bool,
}

/// The bytes not looked at yet.
struct Fields<'a>(&'a [u8]);

impl<'a> Iterator for Fields<'a> {
    type Item = Field<'a>;

    fn next(&mut self) -> Option<Field<'a>> {
        loop {
            let key = self.varint()?;
            let skipped = match key & 7 {
                0 => {
                    self.varint()?;
                    continue;
                }
                1 => 8,
                2 => {
                    let length = usize::try_from(self.varint()?).unwrap_or(usize::MAX);
                    let (content, rest) = self.0.split_at(length.min(self.0.len()));
                    self.0 = rest;
                    return Some(Field { number: key >> 3, content, whole: content.len() == length });
                }
                5 => 4,
                _ => return None,
            };
            self.0 = self.0.get(skipped..)?;
        }
    }
}

impl Fields<'_> {
    fn varint(&mut self) -> Option<u64> {
        let mut value = 0;
        for shift in (0..64).step_by(7) {
            let (byte, rest) = self.0.split_first()?;
            self.0 = rest;
            value |= u64::from(byte & 0x7F) << shift;
            if byte & 0x80 == 0 {
                return Some(value);
            }
        }
        None
    }
}

const INSTANCE: u64 = 1;
const UNIT: u64 = 2;
const PAYLOAD: u64 = 3;

#[cfg(test)]
mod tests {
    use hpcs_grpc::emulator::v1::SubmitRequest;
    use prost::Message;

    use super::*;

    const INSTANCE_ID: &str = "7f3c2b1a-5d4e-4f6a-9b8c-0d1e2f3a4b5c";
    const UNIT_ID: &str = "3d9a6c14-2f7b-4e83-8a51-c60e9b72d4f8";

    fn message() -> Vec<u8> {
        let payload = Bytes::from_static(b"245;PCI request;");
        SubmitRequest { instance: INSTANCE_ID.into(), unit: UNIT_ID.into(), payload }.encode_to_vec()
    }

    fn seen(bytes: Vec<u8>) -> Option<(String, String, Bytes)> {
        let Glimpse { instance, unit, payload } = glimpse(&Bytes::from(bytes))?;
        Some((instance.to_string(), unit.to_string(), payload))
    }

    #[test]
    fn the_payload_may_be_cut_off_anywhere() {
        let whole = message();
        let identifiers = 2 * (2 + 36);
        for end in 0..=whole.len() {
            let expected = whole.get(identifiers + 2..end).unwrap_or_default().to_vec();
            let found = seen(whole[..end].to_vec());
            let expected =
                (end >= identifiers).then(|| (INSTANCE_ID.to_owned(), UNIT_ID.to_owned(), Bytes::from(expected)));
            assert_eq!(found, expected, "{end}");
        }
    }

    #[test]
    fn unknown_fields_are_stepped_over_and_nonsense_ends_the_look() {
        let unknown = [&[0x20, 0xFF, 0x01][..], &[0x29, 1, 2, 3, 4, 5, 6, 7, 8], &[0x35, 1, 2, 3, 4], &[0x3A, 1, 9]];
        let before = [&unknown.concat()[..], &message()].concat();
        assert_eq!(seen(before), seen(message()));
        let after = [&message()[..], &[0xFF; 12]].concat();
        assert_eq!(seen(after), seen(message()));
    }

    #[test]
    fn identifiers_that_are_none_are_not_guessed() {
        for (instance, unit) in [("x", UNIT_ID), (INSTANCE_ID, ""), ("", "")] {
            let request = SubmitRequest { instance: instance.into(), unit: unit.into(), payload: Bytes::new() };
            assert_eq!(seen(request.encode_to_vec()), None);
        }
    }

    #[test]
    fn no_bytes_panic() {
        let mut state = 1_u32;
        for length in 0..400 {
            let bytes = (0..length).map(|_| {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                (state >> 24) as u8
            });
            glimpse(&Bytes::from(bytes.collect::<Vec<_>>()));
        }
    }
}
