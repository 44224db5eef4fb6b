//! The layouts of certificates and how clients tell them apart (section 9.1).

use std::fmt;

use super::{oa2, oa3};

/// A layout of outbound authentication certificates, after the modules that brought it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum OaGeneration {
    /// That of CEX5 modules (section 9.4).
    Cex5,
    /// OA2, that of CEX6 and CEX7 modules (section 9.3).
    Oa2,
    /// OA3, that of CEX8 modules (section 9.5).
    Oa3,
}

impl OaGeneration {
    /// Every layout, the oldest first.
    pub const ALL: [OaGeneration; 3] = [OaGeneration::Cex5, OaGeneration::Oa2, OaGeneration::Oa3];

    /// The layout of a certificate as clients recognise it: OA3 by its two sizes, OA2 by its first byte, and everything
    /// else is taken for CEX5.
    pub fn of(certificate: &[u8]) -> Self {
        if oa3::is_size(certificate.len()) {
            OaGeneration::Oa3
        } else if certificate.first() == Some(&oa2::MAGIC) {
            OaGeneration::Oa2
        } else {
            OaGeneration::Cex5
        }
    }

    /// Size of the largest certificate of any layout that is issued here, in bytes.
    pub const LARGEST: usize = oa3::LARGEST;
}

impl fmt::Display for OaGeneration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            OaGeneration::Cex5 => "CEX5",
            OaGeneration::Oa2 => "OA2",
            OaGeneration::Oa3 => "OA3",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn size_comes_before_the_first_byte() {
        let of = |first: u8, size: usize| OaGeneration::of(&[vec![first], vec![0; size - 1]].concat());
        assert_eq!(of(0x45, 7973), OaGeneration::Oa3);
        assert_eq!(of(0x30, 7810), OaGeneration::Oa3);
        assert_eq!(of(0x45, 7811), OaGeneration::Oa2);
        assert_eq!(of(0x45, 1), OaGeneration::Oa2);
        assert_eq!(of(0x30, 672), OaGeneration::Cex5);
        assert_eq!(OaGeneration::of(&[]), OaGeneration::Cex5);
    }
}
