//! Parameter maps: input and output of master key exports.
//!
//! The format is that of a module's saved state; most of its tags concern that and are only named here.
//! Specification: TKE administration protocol, section 8.4.

use crate::der::{self, Reader};
use crate::{DecodeError, Fault};

/// One parameter: a tag, an index (for tags that repeat) or number, and data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Parameter<'a> {
    /// What it is; the named ones are constants of this type.
    pub tag: u16,
    /// Index among parameters of the same tag, or the value of one that has no data.
    pub index: u32,
    /// The data; may be empty.
    pub data: &'a [u8],
}

impl Parameter<'_> {
    /// Mask of the domains included, as a number.
    pub const DOMAIN_MASK: u16 = 0x0003;
    /// Number of outbound authentication certificates.
    pub const OA_CERTIFICATE_COUNT: u16 = 0x0014;
    /// An outbound authentication certificate.
    pub const OA_CERTIFICATE: u16 = 0x0015;
    /// An encrypted key part: a RecipientInfo.
    pub const ENCRYPTED_KEY_PART: u16 = 0x0019;
    /// The module's signature over the encrypted key part of the same index: a SignerInfo.
    pub const KEY_PART_SIGNATURE: u16 = 0x001A;
    /// Number of key parts, N.
    pub const KEY_PART_COUNT: u16 = 0x001B;
    /// Number of key parts needed to restore the key, M.
    pub const KEY_PARTS_NEEDED: u16 = 0x001C;
    /// A key part holder certificate.
    pub const KPH_CERTIFICATE: u16 = 0x001D;
    /// Data of a certificate authority; ignored.
    pub const AUTHORITY_DATA: u16 = 0x001E;
    /// Scope restriction, a mask of the `SCOPE` constants.
    pub const SCOPE: u16 = 0x001F;

    /// Scope bit: data of domains only.
    pub const SCOPE_DOMAIN_ONLY: u32 = 0x01;
    /// Scope bit: nothing sensitive.
    pub const SCOPE_NOT_SENSITIVE: u32 = 0x02;
    /// Scope bit: leave the key part holder certificates out of the output.
    pub const SCOPE_WITHOUT_KPH_CERTIFICATES: u32 = 0x04;
    /// Scope bit: leave the outbound authentication certificates out of the output.
    pub const SCOPE_WITHOUT_OA_CERTIFICATES: u32 = 0x08;
    /// Scope bit: signatures that are not quantum-safe are allowed.
    pub const SCOPE_NOT_QUANTUM_SAFE: u32 = 0x20;
    /// Scope bit: quantum-safe signatures are allowed.
    pub const SCOPE_QUANTUM_SAFE: u32 = 0x40;
    /// All scope bits that have a meaning.
    pub const SCOPE_KNOWN: u32 = 0x6F;

    /// A parameter that is a number and has no data.
    pub const fn number(tag: u16, value: u32) -> Self {
        Self { tag, index: value, data: &[] }
    }
}

/// Parameters in the order sent, which means nothing: the published client sends them in random order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ParameterMap<'a>(pub Vec<Parameter<'a>>);

impl<'a> ParameterMap<'a> {
    /// The largest number of parameters that is read.
    pub const MAX_PARAMETERS: usize = 1024;

    /// Reads a map: a SEQUENCE of OCTET STRINGs, each with tag (2 bytes), index (4 bytes) and data.
    ///
    /// # Errors
    /// When the structure differs, a parameter is shorter than six bytes, there are more than
    /// [`MAX_PARAMETERS`](Self::MAX_PARAMETERS), or bytes follow.
    pub fn decode(bytes: &'a [u8]) -> Result<Self, DecodeError> {
        let mut outer = Reader::new("parameter map", bytes);
        let mut elements = outer.sequence("map")?;
        outer.finish("map")?;
        let mut parameters = Vec::new();
        while !elements.is_empty() {
            if parameters.len() == Self::MAX_PARAMETERS {
                return Err(elements.error("number of parameters", Fault::OutOfRange));
            }
            let mut parameter = elements.enter("parameter", der::OCTET_STRING)?;
            parameters.push(Parameter {
                tag: u16::from_be_bytes(parameter.array("tag")?),
                index: parameter.u32("index")?,
                data: parameter.rest(),
            });
        }
        Ok(Self(parameters))
    }

    /// The bytes, in the order given.
    pub fn encode(&self) -> Vec<u8> {
        der::sequence(|map| {
            for parameter in &self.0 {
                map.nested(der::OCTET_STRING, |content| {
                    content.raw(&parameter.tag.to_be_bytes()).raw(&parameter.index.to_be_bytes()).raw(parameter.data);
                });
            }
        })
    }

    /// The first parameter with this tag.
    pub fn first(&self, tag: u16) -> Option<&Parameter<'a>> {
        self.all(tag).next()
    }

    /// All parameters with this tag, in the order sent.
    pub fn all(&self, tag: u16) -> impl Iterator<Item = &Parameter<'a>> {
        self.0.iter().filter(move |parameter| parameter.tag == tag)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn an_export_request_has_339_bytes() {
        let map = ParameterMap(vec![
            Parameter::number(Parameter::KEY_PARTS_NEEDED, 1),
            Parameter { tag: Parameter::KPH_CERTIFICATE, index: 0, data: &[0x4B; 309] },
            Parameter::number(
                Parameter::SCOPE,
                Parameter::SCOPE_WITHOUT_KPH_CERTIFICATES | Parameter::SCOPE_WITHOUT_OA_CERTIFICATES,
            ),
        ]);
        let bytes = map.encode();
        assert_eq!(bytes.len(), 339);
        assert_eq!(hex::encode(&bytes[..22]), "3082014f0406001c00000001".to_owned() + "0482013b001d00000000");
        assert_eq!(hex::encode(&bytes[331..]), "0406001f0000000c");
    }

    #[test]
    fn parameters_are_found_in_any_order_and_number() {
        let map = ParameterMap(vec![
            Parameter { tag: 0x1D, index: 1, data: b"b" },
            Parameter::number(0x1C, 1),
            Parameter { tag: 0x1D, index: 0, data: b"a" },
        ]);
        assert_eq!(map.first(0x1C).unwrap().index, 1);
        assert_eq!(map.all(0x1D).map(|parameter| parameter.index).collect::<Vec<_>>(), [1, 0]);
        assert_eq!(map.first(0x1F), None);
    }

    #[test]
    fn a_parameter_shorter_than_its_header_is_refused() {
        let error = ParameterMap::decode(&[0x30, 0x07, 0x04, 0x05, 0, 0x1C, 0, 0, 0]).unwrap_err();
        assert_eq!((error.field, error.offset, error.fault), ("index", 6, Fault::Truncated));
    }

    #[test]
    fn too_many_parameters_are_refused() {
        let map = ParameterMap(vec![Parameter::number(0, 0); ParameterMap::MAX_PARAMETERS + 1]);
        assert_eq!(ParameterMap::decode(&map.encode()).unwrap_err().field, "number of parameters");
    }

    proptest! {
        #[test]
        fn what_is_encoded_is_decoded(
            parameters in proptest::collection::vec(
                (any::<u16>(), any::<u32>(), proptest::collection::vec(any::<u8>(), 0..200)), 0..8),
        ) {
            let parameters = parameters.iter().map(|(tag, index, data)| Parameter { tag: *tag, index: *index, data });
            let map = ParameterMap(parameters.collect());
            let bytes = map.encode();
            prop_assert_eq!(ParameterMap::decode(&bytes), Ok(map));
        }
    }
}
