//! The Dilithium half of an OA3 certificate.
//!
//! This is the one place that says it: the emulator has no Dilithium. Public key, nonce, signature and the identifiers
//! of keys are zeros of the right size in the right frame. Clients step over them by offsets and verify P-521 alone
//! (section 9.5); one that verified Dilithium too would refuse these certificates.

use super::super::OaCertificateSpec;
use super::super::common::{SIGNER_INFO_VERSION, write_algorithm};
use super::issue::write_key_info;
use super::layout::Form;
use crate::SubjectKeyId;
use crate::der::{self, Writer};
use crate::keys::{oid, spki};

/// The SignerInfo of Dilithium.
pub(super) fn write_signer_info(certificate: &mut Writer, spec: &OaCertificateSpec, form: Form) {
    certificate.sequence(|info| {
        info.unsigned_integer(&[SIGNER_INFO_VERSION]).element(der::context(0), NO_KEY.as_bytes());
        write_algorithm(info, oid::SHA512);
        info.nested(der::constructed(0), |attributes| {
            write_key_info(attributes, spec, form, NO_KEY);
            attributes.sequence(write_public_key);
        });
        write_algorithm(info, oid::DILITHIUM);
        info.nested(der::OCTET_STRING, |value| {
            write_algorithm_with_null(value);
            spki::write_bit_string(value, &NO_SIGNATURE);
        });
    });
}

fn write_public_key(key: &mut Writer) {
    write_algorithm_with_null(key);
    let mut parts = Writer::new();
    parts.sequence(|parts| {
        spki::write_bit_string(parts, &NO_NONCE);
        spki::write_bit_string(parts, &NO_T1);
    });
    spki::write_bit_string(key, &parts.into_bytes());
}

fn write_algorithm_with_null(writer: &mut Writer) {
    writer.sequence(|algorithm| {
        algorithm.element(der::OID, oid::DILITHIUM).element(der::NULL, &[]);
    });
}

/// The identifier of a key that does not exist.
const NO_KEY: SubjectKeyId = SubjectKeyId([0; 32]);
const NO_NONCE: [u8; 32] = [0; 32];
const NO_T1: [u8; 2304] = [0; 2304];
const NO_SIGNATURE: [u8; 4668] = [0; 4668];
