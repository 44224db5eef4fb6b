//! Facts about a domain: the state of its master key registers.

use crate::der::Reader;
use crate::{DecodeError, DomainIndex, VerificationPattern};

/// Domain information, 80 bytes. Specification, section 5.20.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DomainInfo {
    /// The domain.
    pub domain: DomainIndex,
    /// Pattern of the current wrapping key (current master key register); zero when that is empty.
    pub current: VerificationPattern,
    /// Pattern of the pending wrapping key (new master key register); zero when that is empty.
    pub next: VerificationPattern,
    /// The state in bits.
    pub flags: DomainFlags,
    /// Operational mode attribute.
    pub mode: u32,
}

impl DomainInfo {
    /// Size in bytes.
    pub const SIZE: usize = 80;

    /// Reads domain information. Clients ask for at least 80 bytes and ignore more; so does this.
    ///
    /// # Errors
    /// When there are fewer.
    pub fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = Reader::new("domain information", bytes);
        let domain = DomainIndex(reader.u32("domain")?);
        let current = VerificationPattern(reader.array("current pattern")?);
        let next = VerificationPattern(reader.array("next pattern")?);
        let flags = DomainFlags(reader.u32("flags")?);
        reader.u32("reserved")?;
        Ok(Self { domain, current, next, flags, mode: reader.u32("mode")? })
    }

    /// The 80 bytes.
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(Self::SIZE);
        bytes.extend_from_slice(&self.domain.to_bytes());
        bytes.extend_from_slice(self.current.as_bytes());
        bytes.extend_from_slice(self.next.as_bytes());
        bytes.extend_from_slice(&self.flags.0.to_be_bytes());
        bytes.extend_from_slice(&[0; 4]);
        bytes.extend_from_slice(&self.mode.to_be_bytes());
        bytes
    }
}

/// The state of a domain in bits. Bits without a name are kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct DomainFlags(pub u32);

impl DomainFlags {
    /// At least one administrator is installed.
    pub const ADMINISTRATORS_PRESENT: Self = Self(0x01);
    /// The current master key register is full.
    pub const CURRENT_PRESENT: Self = Self(0x02);
    /// The new master key register is full.
    pub const NEXT_PRESENT: Self = Self(0x04);
    /// The new master key is committed.
    pub const NEXT_COMMITTED: Self = Self(0x08);
    /// The domain has left imprint mode.
    pub const IMPRINT_LEFT: Self = Self(0x10);
    /// The policy allows protected keys.
    pub const PROTECTED_KEYS: Self = Self(0x20);
    /// The module enforces imprint mode; set on all that support it.
    pub const ENFORCES_IMPRINT: Self = Self(0x8000_0000);

    /// Whether all bits of `flags` are set.
    pub fn contains(self, flags: Self) -> bool {
        self.0 & flags.0 == flags.0
    }

    /// These flags and, on a condition, others.
    #[must_use]
    pub fn with(self, flags: Self, condition: bool) -> Self {
        if condition { Self(self.0 | flags.0) } else { self }
    }

    /// Whether the current master key register is full: clients print `Valid`.
    pub fn current_present(self) -> bool {
        self.contains(Self::CURRENT_PRESENT)
    }

    /// Whether the new master key register is full.
    pub fn next_present(self) -> bool {
        self.contains(Self::NEXT_PRESENT)
    }

    /// Whether the new master key register is full and committed: clients print `Full Committed`.
    pub fn next_committed(self) -> bool {
        self.next_present() && self.contains(Self::NEXT_COMMITTED)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn each_field_has_its_place() {
        let info = DomainInfo {
            domain: DomainIndex(7),
            current: VerificationPattern([0xAA; 32]),
            next: VerificationPattern([0xBB; 32]),
            flags: DomainFlags(0x8000_001F),
            mode: 1,
        };
        let bytes = info.encode();
        assert_eq!((bytes.len(), bytes[3], bytes[4], bytes[35], bytes[36], bytes[67]), (80, 7, 0xAA, 0xAA, 0xBB, 0xBB));
        assert_eq!(bytes[68..], [0x80, 0, 0, 0x1F, 0, 0, 0, 0, 0, 0, 0, 1]);
        assert_eq!(DomainInfo::decode(&bytes[..79]).unwrap_err().field, "mode");
    }

    #[test]
    fn committed_counts_only_when_a_key_is_present() {
        assert!(!DomainFlags::NEXT_COMMITTED.next_committed());
        assert!(DomainFlags::NEXT_COMMITTED.with(DomainFlags::NEXT_PRESENT, true).next_committed());
        assert!(!DomainFlags::default().with(DomainFlags::CURRENT_PRESENT, false).current_present());
    }

    proptest! {
        #[test]
        fn what_is_encoded_is_decoded(domain: u32, current: [u8; 32], next: [u8; 32], flags: u32, mode: u32) {
            let info = DomainInfo {
                domain: DomainIndex(domain),
                current: VerificationPattern(current),
                next: VerificationPattern(next),
                flags: DomainFlags(flags),
                mode,
            };
            prop_assert_eq!(DomainInfo::decode(&info.encode()), Ok(info));
        }
    }
}
