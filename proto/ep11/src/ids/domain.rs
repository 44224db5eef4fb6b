//! Which domain of a module: the wire's word for a crypto unit.

use std::fmt;

use crate::hexadecimal;

/// The number of a domain within its crypto module, 0 to 255 in practice; the last part of a unit's location.
///
/// The product says *crypto unit* where the wire says *domain*.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DomainIndex(pub u32);

impl DomainIndex {
    /// The four bytes, big-endian.
    pub fn to_bytes(self) -> [u8; 4] {
        self.0.to_be_bytes()
    }
}

impl fmt::Display for DomainIndex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

/// Changes when a domain is zeroized, so that commands signed before do not work afterwards. Opaque to clients.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DomainInstance(pub [u8; 4]);

impl DomainInstance {
    /// The instance of a new domain: 1.
    pub const FIRST: Self = Self([0, 0, 0, 1]);
    /// The instance in queries, and of responses that concern the module and not one domain: 0.
    pub const NONE: Self = Self([0; 4]);

    /// The instance after the next zeroize: one more, as a big-endian number that wraps.
    #[must_use]
    pub fn next(self) -> Self {
        Self(u32::from_be_bytes(self.0).wrapping_add(1).to_be_bytes())
    }
}

impl fmt::Display for DomainInstance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        hexadecimal::fmt_lower(&self.0, f)
    }
}

impl fmt::Debug for DomainInstance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DomainInstance({self})")
    }
}

/// The eight-byte administrative domain of command and response blocks: index, then instance.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AdminDomain {
    /// The domain index, first four bytes.
    pub index: DomainIndex,
    /// The domain instance, last four bytes.
    pub instance: DomainInstance,
}

impl AdminDomain {
    /// Eight zero bytes: the module itself, as in queries for its certificates.
    pub const MODULE: Self = Self { index: DomainIndex(0), instance: DomainInstance::NONE };

    /// The domain in these bytes.
    pub fn from_bytes(bytes: [u8; 8]) -> Self {
        let [a, b, c, d, instance @ ..] = bytes;
        Self { index: DomainIndex(u32::from_be_bytes([a, b, c, d])), instance: DomainInstance(instance) }
    }

    /// The eight bytes.
    pub fn to_bytes(self) -> [u8; 8] {
        let [a, b, c, d] = self.index.to_bytes();
        let [e, f, g, h] = self.instance.0;
        [a, b, c, d, e, f, g, h]
    }
}

impl fmt::Display for AdminDomain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.index, self.instance)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instances_count_up_and_wrap() {
        assert_eq!(DomainInstance::FIRST.next(), DomainInstance([0, 0, 0, 2]));
        assert_eq!(DomainInstance([0, 0, 0, 0xFF]).next(), DomainInstance([0, 0, 1, 0]));
        assert_eq!(DomainInstance([0xFF; 4]).next(), DomainInstance::NONE);
    }

    #[test]
    fn admin_domain_is_index_then_instance() {
        let domain = AdminDomain { index: DomainIndex(3), instance: DomainInstance::FIRST };
        assert_eq!(domain.to_bytes(), [0, 0, 0, 3, 0, 0, 0, 1]);
        assert_eq!(AdminDomain::from_bytes(domain.to_bytes()), domain);
        assert_eq!(AdminDomain::MODULE.to_bytes(), [0; 8]);
    }
}
