//! The truth values of a key, one bit each.

use hpcs_ep11::pkcs11::AttributeType;

/// The boolean attribute word of a key blob (section 6.2). It stands in the clear, authenticated.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct AttributeWord(pub(crate) u64);

impl AttributeWord {
    pub(crate) const NONE: Self = Self(0);
    pub(crate) const EXTRACTABLE: Self = Self(0x1);
    pub(crate) const NEVER_EXTRACTABLE: Self = Self(0x2);
    pub(crate) const MODIFIABLE: Self = Self(0x4);
    pub(crate) const NEVER_MODIFIABLE: Self = Self(0x8);
    pub(crate) const LOCAL: Self = Self(0x20);
    pub(crate) const ATTRBOUND: Self = Self(0x40);
    pub(crate) const USE_AS_DATA: Self = Self(0x80);
    pub(crate) const SIGN: Self = Self(0x100);
    pub(crate) const DECRYPT: Self = Self(0x400);
    pub(crate) const ENCRYPT: Self = Self(0x800);
    pub(crate) const DERIVE: Self = Self(0x1000);
    pub(crate) const UNWRAP: Self = Self(0x2000);
    pub(crate) const WRAP: Self = Self(0x4000);
    pub(crate) const VERIFY: Self = Self(0x8000);
    pub(crate) const TRUSTED: Self = Self(0x2_0000);
    pub(crate) const WRAP_WITH_TRUSTED: Self = Self(0x4_0000);
    pub(crate) const PROTKEY_EXTRACTABLE: Self = Self(0x20_0000);

    /// These and the others.
    #[must_use]
    pub(crate) const fn with(self, others: Self) -> Self {
        Self(self.0 | others.0)
    }

    /// These without the others.
    #[must_use]
    pub(crate) const fn without(self, others: Self) -> Self {
        Self(self.0 & !others.0)
    }

    /// These with the others on or off.
    #[must_use]
    pub(crate) const fn set(self, others: Self, on: bool) -> Self {
        if on { self.with(others) } else { self.without(others) }
    }

    /// Whether all of the others are among these.
    pub(crate) const fn has(self, others: Self) -> bool {
        self.0 & others.0 == others.0
    }

    /// Whether one of the others is among these.
    pub(crate) const fn has_any(self, others: Self) -> bool {
        self.0 & others.0 != 0
    }
}

/// How an attribute may change after the key was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Settable {
    /// Not at all.
    Never,
    /// To false.
    Off,
    /// Both ways.
    Both,
}

/// A truth value: its attribute, its bit, whether a template may state it, and how it may change (section 5.4).
pub(crate) struct Boolean {
    pub(crate) attribute: AttributeType,
    pub(crate) bit: AttributeWord,
    pub(crate) stated: bool,
    pub(crate) settable: Settable,
}

const fn row(attribute: AttributeType, bit: AttributeWord, stated: bool, settable: Settable) -> Boolean {
    Boolean { attribute, bit, stated, settable }
}

/// Every attribute with a bit in the word.
pub(crate) const BOOLEANS: &[Boolean] = &[
    row(AttributeType::EXTRACTABLE, AttributeWord::EXTRACTABLE, true, Settable::Off),
    row(AttributeType::NEVER_EXTRACTABLE, AttributeWord::NEVER_EXTRACTABLE, false, Settable::Never),
    row(AttributeType::MODIFIABLE, AttributeWord::MODIFIABLE, true, Settable::Off),
    row(AttributeType::IBM_NEVER_MODIFIABLE, AttributeWord::NEVER_MODIFIABLE, false, Settable::Never),
    row(AttributeType::LOCAL, AttributeWord::LOCAL, false, Settable::Never),
    row(AttributeType::IBM_ATTRBOUND, AttributeWord::ATTRBOUND, true, Settable::Never),
    row(AttributeType::IBM_USE_AS_DATA, AttributeWord::USE_AS_DATA, true, Settable::Both),
    row(AttributeType::SIGN, AttributeWord::SIGN, true, Settable::Both),
    row(AttributeType::DECRYPT, AttributeWord::DECRYPT, true, Settable::Both),
    row(AttributeType::ENCRYPT, AttributeWord::ENCRYPT, true, Settable::Both),
    row(AttributeType::DERIVE, AttributeWord::DERIVE, true, Settable::Both),
    row(AttributeType::UNWRAP, AttributeWord::UNWRAP, true, Settable::Both),
    row(AttributeType::WRAP, AttributeWord::WRAP, true, Settable::Both),
    row(AttributeType::VERIFY, AttributeWord::VERIFY, true, Settable::Both),
    row(AttributeType::TRUSTED, AttributeWord::TRUSTED, true, Settable::Off),
    row(AttributeType::WRAP_WITH_TRUSTED, AttributeWord::WRAP_WITH_TRUSTED, true, Settable::Both),
    row(AttributeType::IBM_PROTKEY_EXTRACTABLE, AttributeWord::PROTKEY_EXTRACTABLE, true, Settable::Off),
];
