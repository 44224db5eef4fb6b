//! Control points: switches for what a domain's keys may be used for.
//!
//! Specification: TKE administration protocol, section 6.7.

use std::fmt;

use crate::hexadecimal;

/// The set of control points that are on: 128 bits, number 0 first.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct ControlPoints(pub [u8; 16]);

impl ControlPoints {
    /// None.
    pub const NONE: Self = Self([0; 16]);
    /// The set of a new or zeroized domain with present firmware.
    pub const DEFAULT: Self = Self::of(&[
        0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 16, 17, 18, 20, 24, 25, 26, 27, 28, 29, 30, 31, 32, 33, 34,
        35, 36, 37, 38, 39, 40, 41, 42, 43, 44, 45, 46, 47, 48, 55, 60, 61, 64, 65, 66, 67,
    ]);
    /// Those that can never be turned on.
    pub const NEVER_ENABLED: Self = Self::of(&[15, 19, 21, 22, 23]);
    /// Those that have a meaning.
    pub const DEFINED: Self = defined();

    /// Number of the control point without which none can be turned on.
    pub const ADD: u8 = 0;
    /// Number of the control point without which none can be turned off.
    pub const DELETE: u8 = 1;

    /// The set of these numbers; numbers above 127 are left out.
    pub const fn of(numbers: &[u8]) -> Self {
        let mut set = Self::NONE;
        let mut at = 0;
        while at < numbers.len() {
            set.set(numbers[at]);
            at += 1;
        }
        set
    }

    /// Whether control point `number` is on. Numbers above 127 never are.
    pub fn get(&self, number: u8) -> bool {
        self.0.get(usize::from(number / 8)).is_some_and(|byte| byte & mask(number) != 0)
    }

    /// Turns control point `number` on. Numbers above 127 change nothing.
    pub const fn set(&mut self, number: u8) {
        let byte = (number / 8) as usize;
        if byte < self.0.len() {
            self.0[byte] |= mask(number);
        }
    }

    /// Those in one of the sets or in both.
    #[must_use]
    pub fn union(&self, other: &Self) -> Self {
        self.combine(other, |one, two| one | two)
    }

    /// Those in both sets.
    #[must_use]
    pub fn intersection(&self, other: &Self) -> Self {
        self.combine(other, |one, two| one & two)
    }

    /// Those in this set and not in the other.
    #[must_use]
    pub fn minus(&self, other: &Self) -> Self {
        self.combine(other, |one, two| one & !two)
    }

    /// Whether there is none in the set.
    pub fn is_empty(&self) -> bool {
        *self == Self::NONE
    }

    /// The name of control point `number`: `XCP_CPB_BTC`.
    pub fn name(number: u8) -> Option<&'static str> {
        NAMES.iter().find(|(known, _)| *known == number).map(|(_, name)| *name)
    }

    /// Number and name of every control point that has a meaning, ascending.
    pub fn names() -> &'static [(u8, &'static str)] {
        NAMES
    }

    fn combine(&self, other: &Self, combine: impl Fn(u8, u8) -> u8) -> Self {
        let mut combined = *self;
        for (byte, other) in combined.0.iter_mut().zip(other.0) {
            *byte = combine(*byte, other);
        }
        combined
    }
}

impl fmt::Display for ControlPoints {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        hexadecimal::fmt_lower(&self.0, f)
    }
}

impl fmt::Debug for ControlPoints {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ControlPoints({self})")
    }
}

const fn mask(number: u8) -> u8 {
    0x80 >> (number % 8)
}

const fn defined() -> ControlPoints {
    let mut set = ControlPoints::NONE;
    let mut at = 0;
    while at < NAMES.len() {
        set.set(NAMES[at].0);
        at += 1;
    }
    set
}

const NAMES: &[(u8, &str)] = &[
    (0, "XCP_CPB_ADD_CPBS"),
    (1, "XCP_CPB_DELETE_CPBS"),
    (2, "XCP_CPB_SIGN_ASYMM"),
    (3, "XCP_CPB_SIGN_SYMM"),
    (4, "XCP_CPB_SIGVERIFY_SYMM"),
    (5, "XCP_CPB_ENCRYPT_SYMM"),
    (6, "XCP_CPB_DECRYPT_ASYMM"),
    (7, "XCP_CPB_DECRYPT_SYMM"),
    (8, "XCP_CPB_WRAP_ASYMM"),
    (9, "XCP_CPB_WRAP_SYMM"),
    (10, "XCP_CPB_UNWRAP_ASYMM"),
    (11, "XCP_CPB_UNWRAP_SYMM"),
    (12, "XCP_CPB_KEYGEN_ASYMM"),
    (13, "XCP_CPB_KEYGEN_SYMM"),
    (14, "XCP_CPB_RETAINKEYS"),
    (15, "XCP_CPB_SKIP_KEYTESTS"),
    (16, "XCP_CPB_NON_ATTRBOUND"),
    (17, "XCP_CPB_MODIFY_OBJECTS"),
    (18, "XCP_CPB_RNG_SEED"),
    (19, "XCP_CPB_ALG_RAW_RSA"),
    (20, "XCP_CPB_ALG_NFIPS2009"),
    (21, "XCP_CPB_ALG_NBSI2009"),
    (22, "XCP_CPB_KEYSZ_HMAC_ANY"),
    (23, "XCP_CPB_KEYSZ_BELOW80BIT"),
    (24, "XCP_CPB_KEYSZ_80BIT"),
    (25, "XCP_CPB_KEYSZ_112BIT"),
    (26, "XCP_CPB_KEYSZ_128BIT"),
    (27, "XCP_CPB_KEYSZ_192BIT"),
    (28, "XCP_CPB_KEYSZ_256BIT"),
    (29, "XCP_CPB_KEYSZ_RSA65536"),
    (30, "XCP_CPB_ALG_RSA"),
    (31, "XCP_CPB_ALG_DSA"),
    (32, "XCP_CPB_ALG_EC"),
    (33, "XCP_CPB_ALG_EC_BPOOLCRV"),
    (34, "XCP_CPB_ALG_EC_NISTCRV"),
    (35, "XCP_CPB_ALG_NFIPS2011"),
    (36, "XCP_CPB_ALG_NBSI2011"),
    (37, "XCP_CPB_USER_SET_TRUSTED"),
    (38, "XCP_CPB_ALG_SKIP_CROSSCHK"),
    (39, "XCP_CPB_WRAP_CRYPT_KEYS"),
    (40, "XCP_CPB_SIGN_CRYPT_KEYS"),
    (41, "XCP_CPB_WRAP_SIGN_KEYS"),
    (42, "XCP_CPB_USER_SET_ATTRBOUND"),
    (43, "XCP_CPB_ALLOW_PASSPHRASE"),
    (44, "XCP_CPB_WRAP_STRONGER_KEY"),
    (45, "XCP_CPB_WRAP_WITH_RAW_SPKI"),
    (46, "XCP_CPB_ALG_DH"),
    (47, "XCP_CPB_DERIVE"),
    (48, "XCP_CPB_ALLOW_NONSESSION"),
    (55, "XCP_CPB_ALG_EC_25519"),
    (60, "XCP_CPB_ALG_EC_SECGCRV"),
    (61, "XCP_CPB_ALG_NBSI2017"),
    (64, "XCP_CPB_CPACF_PK"),
    (65, "XCP_CPB_ALG_PQC"),
    (66, "XCP_CPB_BTC"),
    (67, "XCP_CPB_ECDSA_OTHER"),
    (68, "XCP_CPB_ALG_NFIPS2021"),
    (69, "XCP_CPB_ALG_NFIPS2024"),
    (70, "XCP_CPB_COMPAT_LEGACY_SHA3"),
    (71, "XCP_CPB_DSA_PARAMETER_GEN"),
    (72, "XCP_CPB_DERIVE_NON_AB_KEYS"),
    (73, "XCP_CPB_ALLOW_LOGIN_PRE_F2021"),
    (74, "XCP_CPB_ALG_RSA_OAEP"),
    (75, "XCP_CPB_ALLOW_COMBINED_EXTRACT"),
    (76, "XCP_CPB_ALG_EC_PAIRING_FRIENDLY"),
    (77, "XCP_CPB_ALG_DILITHIUM"),
    (78, "XCP_CPB_ALG_KYBER"),
    (79, "XCP_CPB_ALG_ML_DSA"),
    (80, "XCP_CPB_ALG_ML_KEM"),
];

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Specification, section 6.7.
    #[test]
    fn the_default_mask() {
        assert_eq!(ControlPoints::DEFAULT.to_string(), "fffee8ffffff810cf000000000000000");
        assert!(ControlPoints::DEFAULT.intersection(&ControlPoints::NEVER_ENABLED).is_empty());
        assert!(ControlPoints::DEFAULT.minus(&ControlPoints::DEFINED).is_empty());
    }

    #[test]
    fn bit_0_is_the_highest_bit_of_the_first_byte() {
        let set = ControlPoints::of(&[0, 9, 127]);
        assert_eq!(set.to_string(), "80400000000000000000000000000001");
        assert!(set.get(9) && !set.get(8));
    }

    #[test]
    fn numbers_above_127_are_never_on() {
        assert_eq!(ControlPoints::of(&[128, 255]), ControlPoints::NONE);
        assert!(!ControlPoints([0xFF; 16]).get(128));
    }

    #[test]
    fn names_are_found_by_number_and_ascend() {
        assert_eq!(ControlPoints::name(66), Some("XCP_CPB_BTC"));
        assert_eq!(ControlPoints::name(49), None);
        assert!(ControlPoints::names().windows(2).all(|pair| pair[0].0 < pair[1].0));
    }

    proptest! {
        #[test]
        fn union_and_minus_work_bit_by_bit(one: [u8; 16], two: [u8; 16], number in 0_u8..128) {
            let (one, two) = (ControlPoints(one), ControlPoints(two));
            prop_assert_eq!(one.union(&two).get(number), one.get(number) || two.get(number));
            prop_assert_eq!(one.minus(&two).get(number), one.get(number) && !two.get(number));
        }
    }
}
