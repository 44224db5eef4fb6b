//! Attributes of a domain: thresholds, permissions, mode.
//!
//! Specification: TKE administration protocol, sections 5.3, 6.1 and 6.2.

use std::fmt;

use crate::der::Reader;
use crate::{DecodeError, Fault};

/// Attributes as they are sent: pairs of index and value.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AttributeList(pub Vec<(u32, u32)>);

impl AttributeList {
    /// Index of the signature threshold.
    pub const SIGNATURE_THRESHOLD: u32 = 1;
    /// Index of the revocation signature threshold.
    pub const REVOCATION_THRESHOLD: u32 = 2;
    /// Index of the [`Permissions`].
    pub const PERMISSIONS: u32 = 3;
    /// Index of the operational mode.
    pub const MODE: u32 = 4;
    /// Index of the standards compliance.
    pub const COMPLIANCE: u32 = 5;

    /// The largest number of bytes that is read.
    pub const MAX_SIZE: usize = 8 * 1024;

    /// Reads pairs of four-byte numbers. No bytes are no pairs; indexes may repeat and have any value.
    ///
    /// # Errors
    /// When the bytes are not pairs, or more than [`MAX_SIZE`](Self::MAX_SIZE).
    pub fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = Reader::new("attributes", bytes);
        if bytes.len() > Self::MAX_SIZE {
            return Err(reader.error("list", Fault::OutOfRange));
        }
        let mut pairs = Vec::with_capacity(bytes.len() / 8);
        while !reader.is_empty() {
            pairs.push((reader.u32("index")?, reader.u32("value")?));
        }
        Ok(Self(pairs))
    }

    /// The bytes, in the order given.
    pub fn encode(&self) -> Vec<u8> {
        self.0.iter().flat_map(|(index, value)| [index.to_be_bytes(), value.to_be_bytes()]).flatten().collect()
    }

    /// The value of the first pair with this index.
    pub fn get(&self, index: u32) -> Option<u32> {
        self.0.iter().find(|pair| pair.0 == index).map(|pair| pair.1)
    }
}

/// What is allowed on a domain, and which of that may still change: attribute 3. Bits without a name are kept.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Permissions(pub u32);

impl Permissions {
    /// The permissions of a new or zeroized domain.
    pub const FACTORY: Self = Self(0x81FF_0011);

    /// A wrapping key (master key) may be imported.
    pub const WK_IMPORT: Self = Self(0x0000_0001);
    /// A wrapping key may be exported.
    pub const WK_EXPORT: Self = Self(0x0000_0002);
    /// A wrapping key may be imported or exported in one part.
    pub const WK_1PART: Self = Self(0x0000_0004);
    /// A random wrapping key may be made.
    pub const WK_RANDOM: Self = Self(0x0000_0008);
    /// Thresholds of 1 are allowed.
    pub const ONE_SIGN: Self = Self(0x0000_0010);
    /// Control points may be changed with one signature.
    pub const CP_1SIGN: Self = Self(0x0000_0020);
    /// The domain may be zeroized with one signature.
    pub const ZERO_1SIGN: Self = Self(0x0000_0040);
    /// Signatures of card administrators count for zeroize only.
    pub const DO_NOT_DISTURB: Self = Self(0x0000_2000);

    /// [`WK_IMPORT`](Self::WK_IMPORT) may change.
    pub const CHG_WK_IMPORT: Self = Self(0x0001_0000);
    /// [`WK_EXPORT`](Self::WK_EXPORT) may change.
    pub const CHG_WK_EXPORT: Self = Self(0x0002_0000);
    /// [`WK_1PART`](Self::WK_1PART) may change.
    pub const CHG_WK_1PART: Self = Self(0x0004_0000);
    /// [`WK_RANDOM`](Self::WK_RANDOM) may change.
    pub const CHG_WK_RANDOM: Self = Self(0x0008_0000);
    /// The signature threshold may change.
    pub const CHG_SIGN_THR: Self = Self(0x0010_0000);
    /// The revocation signature threshold may change.
    pub const CHG_REVOKE_THR: Self = Self(0x0020_0000);
    /// [`ONE_SIGN`](Self::ONE_SIGN) may change.
    pub const CHG_ONE_SIGN: Self = Self(0x0040_0000);
    /// [`CP_1SIGN`](Self::CP_1SIGN) may change.
    pub const CHG_CP_1SIGN: Self = Self(0x0080_0000);
    /// [`ZERO_1SIGN`](Self::ZERO_1SIGN) may change.
    pub const CHG_ZERO_1SIGN: Self = Self(0x0100_0000);
    /// [`DO_NOT_DISTURB`](Self::DO_NOT_DISTURB) may change.
    pub const CHG_DO_NOT_DISTURB: Self = Self(0x8000_0000);

    /// The bits that control changes. They can be cleared, and set again only by zeroize.
    pub const CHANGE_CONTROL: Self = Self(0xFFFF_0000);
    /// The bits that exist for cards only. A domain keeps them 0 and ignores them in input.
    pub const CARD_ONLY: Self = Self(0x0000_0080 | 0x0000_0100 | 0x0000_0200 | 0x0000_0400);

    /// Whether all of these bits are set.
    pub fn contains(self, bits: Self) -> bool {
        self.0 & bits.0 == bits.0
    }

    /// These and the bits set there.
    #[must_use]
    pub fn union(self, bits: Self) -> Self {
        Self(self.0 | bits.0)
    }

    /// These without the bits set there.
    #[must_use]
    pub fn minus(self, bits: Self) -> Self {
        Self(self.0 & !bits.0)
    }

    /// The bit that must be set before the permission `bit` may change; `None` when there is none.
    pub fn change_bit_of(bit: Self) -> Option<Self> {
        CHANGE_BITS.iter().find(|(permission, _)| *permission == bit).map(|(_, change)| *change)
    }

    /// Every permission with the bit that controls its change.
    pub fn change_bits() -> &'static [(Self, Self)] {
        CHANGE_BITS
    }

    /// The permissions that the published client sets on an operational or failover unit with these.
    #[must_use]
    pub fn sdk_operational(self) -> Self {
        let set = self.union(SDK_ALWAYS).minus(Self::WK_EXPORT);
        if set.contains(Self::CHG_DO_NOT_DISTURB) {
            set.union(Self::DO_NOT_DISTURB).minus(Self::CHG_DO_NOT_DISTURB)
        } else {
            set
        }
    }

    /// The permissions that the published client sets on a recovery unit with these.
    #[must_use]
    pub fn sdk_recovery(self) -> Self {
        let added = Self::WK_RANDOM.union(Self::WK_EXPORT).union(Self::DO_NOT_DISTURB);
        self.union(SDK_ALWAYS).union(added).minus(Self::CHG_DO_NOT_DISTURB)
    }
}

impl fmt::Display for Permissions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "0x{:08X}", self.0)
    }
}

impl fmt::Debug for Permissions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Permissions({self})")
    }
}

/// Set by the published client on units of every type.
const SDK_ALWAYS: Permissions =
    Permissions(Permissions::ZERO_1SIGN.0 | Permissions::WK_IMPORT.0 | Permissions::WK_1PART.0);

/// Section 6.2: permission, the bit that controls its change. The rows without a name concern cards and old firmware.
const CHANGE_BITS: &[(Permissions, Permissions)] = &[
    (Permissions::WK_IMPORT, Permissions::CHG_WK_IMPORT),
    (Permissions::WK_EXPORT, Permissions::CHG_WK_EXPORT),
    (Permissions::WK_1PART, Permissions::CHG_WK_1PART),
    (Permissions::WK_RANDOM, Permissions::CHG_WK_RANDOM),
    (Permissions::ONE_SIGN, Permissions::CHG_ONE_SIGN),
    (Permissions::CP_1SIGN, Permissions::CHG_CP_1SIGN),
    (Permissions::ZERO_1SIGN, Permissions::CHG_ZERO_1SIGN),
    (Permissions(0x0000_0100), Permissions(0x0200_0000)),
    (Permissions(0x0000_0200), Permissions(0x0400_0000)),
    (Permissions(0x0000_0400), Permissions(0x0800_0000)),
    (Permissions(0x0000_0800), Permissions(0x2000_0000)),
    (Permissions(0x0000_1000), Permissions(0x4000_0000)),
    (Permissions::DO_NOT_DISTURB, Permissions::CHG_DO_NOT_DISTURB),
];

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Specification, section 6.2.
    #[test]
    fn permissions_after_the_published_client_set_them() {
        assert_eq!(Permissions::FACTORY.sdk_operational(), Permissions(0x01FF_2055));
        assert_eq!(Permissions::FACTORY.sdk_recovery(), Permissions(0x01FF_205F));
    }

    #[test]
    fn an_operational_unit_keeps_do_not_disturb_once_its_change_bit_is_gone() {
        let locked = Permissions::FACTORY.minus(Permissions::CHG_DO_NOT_DISTURB);
        assert!(!locked.sdk_operational().contains(Permissions::DO_NOT_DISTURB));
        let set = Permissions::FACTORY.sdk_operational();
        assert_eq!(set.sdk_operational(), set);
    }

    #[test]
    fn every_factory_permission_has_a_change_bit_that_is_set() {
        for bit in [Permissions::WK_IMPORT, Permissions::ONE_SIGN] {
            assert!(Permissions::FACTORY.contains(Permissions::change_bit_of(bit).unwrap()));
        }
        assert_eq!(Permissions::change_bit_of(Permissions(0x80)), None);
        let controlled =
            Permissions::change_bits().iter().all(|(_, change)| Permissions::CHANGE_CONTROL.contains(*change));
        assert!(controlled);
    }

    #[test]
    fn lists_are_pairs() {
        let list = AttributeList(vec![(1, 2), (3, 0x81FF_0011)]);
        assert_eq!(hex::encode(list.encode()), "00000001000000020000000381ff0011");
        assert_eq!(list.get(AttributeList::PERMISSIONS), Some(Permissions::FACTORY.0));
        assert_eq!(list.get(AttributeList::MODE), None);
        assert_eq!(AttributeList::decode(&[]), Ok(AttributeList::default()));
    }

    #[test]
    fn half_a_pair_is_refused() {
        let error = AttributeList::decode(&[0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3]).unwrap_err();
        assert_eq!((error.field, error.offset, error.fault), ("value", 12, Fault::Truncated));
    }

    proptest! {
        #[test]
        fn what_is_encoded_is_decoded(pairs: Vec<(u32, u32)>) {
            let list = AttributeList(pairs);
            prop_assert_eq!(AttributeList::decode(&list.encode()), Ok(list));
        }
    }
}
