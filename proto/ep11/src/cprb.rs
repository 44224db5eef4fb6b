//! The CPRB: a 32-byte header in front of every request and response of a crypto module.
//!
//! Specification: TKE administration protocol, section 3.

use crate::der::Reader;
use crate::{DecodeError, DomainIndex, Fault};

/// A message to or from a crypto module: header fields and payload. Both directions have the same layout.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cprb<'a> {
    /// Partition or source id, echoed in the response. Zero from the published client.
    pub partition: u32,
    /// The domain addressed.
    pub domain: DomainIndex,
    /// Zero, or an error that clients show with the reason code and without looking at the payload.
    pub return_code: u16,
    /// The reason belonging to the return code.
    pub reason_code: u16,
    /// The message: an administrative one or `get_xcp_info`.
    pub payload: &'a [u8],
}

impl<'a> Cprb<'a> {
    /// Size of the header in bytes.
    pub const HEADER_SIZE: usize = 32;

    /// A CPRB without errors.
    pub fn new(domain: DomainIndex, payload: &'a [u8]) -> Self {
        Self { partition: 0, domain, return_code: 0, reason_code: 0, payload }
    }

    /// Reads a CPRB. Flags and reserved bytes are not looked at, as no rule for them is known.
    ///
    /// # Errors
    /// When the header is cut off, has another length, version or subtype than this protocol, or names another payload
    /// length than there are bytes.
    pub fn decode(bytes: &'a [u8]) -> Result<Self, DecodeError> {
        let mut reader = Reader::new("CPRB", bytes);
        if reader.array("length")? != LENGTH {
            return Err(DecodeError::new("CPRB", "length", 0, Fault::OutOfRange));
        }
        if reader.array("version")? != VERSION {
            return Err(DecodeError::new("CPRB", "version", 2, Fault::Unsupported("version")));
        }
        reader.bytes("reserved", 2)?;
        reader.bytes("flags", 1)?;
        if reader.array("subtype")? != SUBTYPE {
            return Err(DecodeError::new("CPRB", "subtype", 6, Fault::Unsupported("subtype")));
        }
        let partition = reader.u32("partition")?;
        let domain = DomainIndex(reader.u32("domain")?);
        let return_code = u16::from_be_bytes(reader.array("return code")?);
        let reason_code = u16::from_be_bytes(reader.array("reason code")?);
        reader.bytes("reserved", 8)?;
        let length = usize::try_from(reader.u32("payload length")?)
            .map_err(|_| DecodeError::new("CPRB", "payload length", 28, Fault::BadLength))?;
        let payload = reader.bytes("payload", length)?;
        reader.finish("payload")?;
        Ok(Self { partition, domain, return_code, reason_code, payload })
    }

    /// The bytes, with the flag for administrative messages.
    ///
    /// The length field always names the bytes that follow: a larger one would crash clients.
    pub fn encode(&self) -> Vec<u8> {
        // Payloads come from this crate's encoders, which stay far below four gigabytes.
        let length = u32::try_from(self.payload.len()).unwrap_or(u32::MAX);
        let mut bytes = Vec::with_capacity(Self::HEADER_SIZE + self.payload.len());
        bytes.extend_from_slice(&LENGTH);
        bytes.extend_from_slice(&VERSION);
        bytes.extend_from_slice(&[0; 2]);
        bytes.push(ADMINISTRATIVE);
        bytes.extend_from_slice(&SUBTYPE);
        bytes.extend_from_slice(&self.partition.to_be_bytes());
        bytes.extend_from_slice(&self.domain.to_bytes());
        bytes.extend_from_slice(&self.return_code.to_be_bytes());
        bytes.extend_from_slice(&self.reason_code.to_be_bytes());
        bytes.extend_from_slice(&[0; 8]);
        bytes.extend_from_slice(&length.to_be_bytes());
        bytes.extend_from_slice(self.payload);
        bytes
    }
}

const LENGTH: [u8; 2] = [0x00, 0x20];
const VERSION: [u8; 1] = [0x04];
/// "T4".
const SUBTYPE: [u8; 2] = [0x54, 0x34];
/// Recommended for responses, too; what real modules set there is not known.
const ADMINISTRATIVE: u8 = 0x80;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The header of the unsigned query strings in section 14.3.
    const HEADER: &str = "002004000080543400000000000000030000000000000000000000000000002A";

    #[test]
    fn the_header_of_the_published_client() {
        let payload = [0x30; 0x2A];
        let bytes = Cprb::new(DomainIndex(3), &payload).encode();
        assert_eq!(hex::encode_upper(&bytes[..32]), HEADER);
        assert_eq!(&bytes[32..], payload);
    }

    #[test]
    fn return_and_reason_code_stand_in_two_halves_of_one_field() {
        let cprb = Cprb { return_code: 8, reason_code: 1100, ..Cprb::new(DomainIndex(0), &[]) };
        assert_eq!(cprb.encode()[16..20], [0, 8, 0x04, 0x4C]);
    }

    #[test]
    fn every_fixed_field_is_checked() {
        let valid = Cprb::new(DomainIndex(3), &[1, 2, 3]).encode();
        for (at, field) in [(1, "length"), (2, "version"), (6, "subtype"), (7, "subtype"), (31, "payload")] {
            let mut broken = valid.clone();
            broken[at] ^= 1;
            assert_eq!(Cprb::decode(&broken).unwrap_err().field, field, "byte {at}");
        }
    }

    #[test]
    fn missing_and_additional_payload_are_refused() {
        let valid = Cprb::new(DomainIndex(3), &[1, 2, 3]).encode();
        assert_eq!(Cprb::decode(&valid[..34]).unwrap_err().fault, Fault::Truncated);
        let longer = [valid, vec![0]].concat();
        assert_eq!(Cprb::decode(&longer).unwrap_err(), DecodeError::new("CPRB", "payload", 35, Fault::TrailingBytes));
    }

    proptest! {
        #[test]
        fn what_is_encoded_is_decoded(
            partition: u32, domain: u32, return_code: u16, reason_code: u16,
            payload in proptest::collection::vec(any::<u8>(), 0..600),
        ) {
            let domain = DomainIndex(domain);
            let cprb = Cprb { partition, domain, return_code, reason_code, payload: &payload };
            let bytes = cprb.encode();
            prop_assert_eq!(Cprb::decode(&bytes), Ok(cprb));
        }
    }
}
