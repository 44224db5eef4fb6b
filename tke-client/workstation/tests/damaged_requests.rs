//! Request files and commands come from other people: whatever is in them, reading them does not panic.
#![allow(clippy::unwrap_used)]

use chacha20::ChaCha20Rng;
use chacha20::rand_core::{Rng, SeedableRng};
use hpcs_ep11::{
    AdminBlock, AdminCertificate, AdminDomain, AdminFunction, AttributeList, DomainIndex, DomainInstance,
    KphCertificate, ModuleId, ModuleInstance, P521KeyPair, Parameter, ParameterMap, SigningKey, TransactionCounter,
};
use hpcs_workstation::{RequestFile, explain};

/// Commands of every kind of input.
fn blocks() -> Vec<Vec<u8>> {
    let key = || P521KeyPair::from_scalar(&[5]).unwrap();
    let certificate = AdminCertificate::build("admin1", &SigningKey::P521(key())).unwrap();
    let holder = KphCertificate::encode_sdk(&key().public());
    let export = ParameterMap(vec![
        Parameter::number(Parameter::KEY_PARTS_NEEDED, 1),
        Parameter { tag: Parameter::KPH_CERTIFICATE, index: 0, data: &holder },
        Parameter::number(Parameter::SCOPE, 12),
    ]);
    let module = ModuleId { serial: "93AABC01".parse().unwrap(), instance: ModuleInstance(*b"00000001") };
    let domain = AdminDomain { index: DomainIndex(13), instance: DomainInstance::FIRST };
    let block =
        |function, input: &[u8]| AdminBlock::encode_command(function, domain, module, TransactionCounter(7), input);
    vec![
        block(AdminFunction::ZEROIZE, &[]),
        block(AdminFunction::ADD_ADMINISTRATOR, &certificate),
        block(AdminFunction::SET_ATTRIBUTES, &AttributeList(vec![(1, 2), (2, 2), (3, 0x01FF_2055), (4, 1)]).encode()),
        block(AdminFunction::EXPORT_WK, &export.encode()),
        block(AdminFunction::COMMIT_WK, &[7; 32]),
        block(AdminFunction::ADD_CONTROL_POINTS, &[7; 16]),
    ]
}

/// `input` with up to four bytes changed, inserted or removed, or cut off.
fn damaged(input: &[u8], rng: &mut ChaCha20Rng) -> Vec<u8> {
    let mut output = input.to_vec();
    for _ in 0..=rng.next_u32() % 4 {
        let at = rng.next_u32() as usize % output.len().max(1);
        match rng.next_u32() % 8 {
            0 => output.insert(at, rng.next_u32() as u8),
            1 if !output.is_empty() => drop(output.remove(at)),
            2 => output.truncate(at),
            _ => output.iter_mut().skip(at).take(1).for_each(|byte| *byte ^= rng.next_u32() as u8),
        }
    }
    output
}

#[test]
fn damaged_commands_are_explained_or_refused() {
    let mut rng = ChaCha20Rng::seed_from_u64(12);
    let mut refused = 0;
    for block in blocks() {
        assert!(explain(&block).is_ok());
        for _ in 0..2000 {
            match explain(&damaged(&block, &mut rng)) {
                Ok(words) => assert!(words.lines.iter().all(|line| !line.contains(char::is_control))),
                Err(_) => refused += 1,
            }
        }
    }
    assert!(refused > 1000);
}

#[test]
fn random_bytes_are_no_command() {
    let mut rng = ChaCha20Rng::seed_from_u64(13);
    for size in 0..2000 {
        let mut bytes = vec![0; size];
        rng.fill_bytes(&mut bytes);
        assert!(explain(&bytes).is_err());
    }
}

#[test]
fn damaged_request_files_are_refused() {
    let whole = include_str!("fixtures/request.json");
    let request = RequestFile::from_json(whole).unwrap();
    let mut rng = ChaCha20Rng::seed_from_u64(14);
    let mut refused = 0;
    for _ in 0..1000 {
        let text = String::from_utf8_lossy(&damaged(whole.as_bytes(), &mut rng)).into_owned();
        match RequestFile::from_json(&text) {
            // Instance, unit and names of signers are not signed: the bytes to be signed must be the same.
            Ok(read) => assert_eq!(read.command(), request.command()),
            Err(error) => {
                refused += 1;
                assert!(!error.to_string().contains(|character: char| character.is_control() && character != '\n'));
            }
        }
    }
    assert!(refused > 500);
}
