//! The bytes of a real client: all of them decode, its signatures verify, and what it encodes canonically is encoded
//! here byte for byte the same.
//!
//! `fixtures/README.md` says where the bytes come from. The client's lines are the reference; the answers beside them
//! only had to satisfy it.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a fixture that does not decode is a failed test"
)]

mod support;

use std::collections::{BTreeMap, BTreeSet};

use hpcs_ep11::{
    AdminCertificate, AdminFunction, AttributeList, DomainInfo, HtpRequest, KphCertificate, Oa2Certificate,
    P521PublicKey, ParameterMap, PublicKey, RecipientInfo, SelfSignature, SignatureScheme, SigningKey, SubjectKeyId,
    TransactionCounter, TrustedRoot, XcpInfoRequest, XcpInfoResponse, verify_chain, verify_response,
};
use p521::ecdsa::{Signature, VerifyingKey};
use sha2::{Digest, Sha512};
use support::conversation::{Exchange, Sent, administrators, exchanges, module_certificates};
use support::sigkey;

/// Tags of the parameter map, section 8.4 of the protocol.
const ENCRYPTED_KEY_PART: u16 = 0x0019;
const KPH_CERTIFICATE: u16 = 0x001D;

#[test]
fn every_client_message_is_encoded_byte_for_byte_the_same() {
    for exchange in exchanges() {
        let request = HtpRequest::decode(exchange.request.as_bytes()).unwrap();
        assert_eq!(request.encode(), exchange.request);
        let cprb = exchange.request_cprb();
        assert_eq!(cprb.encode(), request.cprb);
        match exchange.sent() {
            Some(sent) => {
                assert_request_is_canonical(&sent, cprb.payload);
                for (inner, received) in sent.inner() {
                    assert_request_is_canonical(&inner, received);
                }
            }
            None => assert_eq!(XcpInfoRequest::decode(cprb.payload).unwrap().encode(), cprb.payload),
        }
    }
}

fn assert_request_is_canonical(sent: &Sent<'_>, received: &[u8]) {
    assert_eq!(sent.request.encode(), received);
    assert_eq!(sent.block.encode(), sent.request.block);
    let signatures: Vec<u8> = sent.signers().iter().flat_map(|signer| signer.encode()).collect();
    assert_eq!(signatures, sent.request.signatures);
}

#[test]
fn every_administrator_signature_verifies() {
    let exchanges = exchanges();
    let administrators: BTreeMap<SubjectKeyId, PublicKey> = administrators(&exchanges)
        .into_iter()
        .map(|(ski, certificate)| (ski, AdminCertificate::decode(&certificate).unwrap().key))
        .collect();
    let mut schemes = Vec::new();
    for sent in exchanges.iter().filter_map(Exchange::sent) {
        let inner = sent.inner();
        for signed in std::iter::once(&sent).chain(inner.iter().map(|(inner, _)| inner)) {
            for signer in signed.signers() {
                let key = &administrators[&signer.ski];
                assert!(key.verify(signer.scheme, signed.request.block, signer.signature));
                assert!(!key.verify(signer.scheme, &signed.request.block[1..], signer.signature));
                schemes.push(signer.scheme);
            }
        }
    }
    let count = |wanted| schemes.iter().filter(|scheme| **scheme == wanted).count();
    assert_eq!((count(SignatureScheme::EcdsaP521Sha512), count(SignatureScheme::RsaX931Sha256)), (94, 34));
}

#[test]
fn key_files_hold_administrators_of_the_conversation() {
    let certificates = administrators(&exchanges());
    for (stated, key) in sigkey::all() {
        assert_eq!(key.public().subject_key_id(), stated);
        assert!(certificates.contains_key(&stated));
    }
}

#[test]
fn administrators_of_a_signing_service_have_doubly_hashed_signatures() {
    let key_files: BTreeSet<SubjectKeyId> = sigkey::all().into_iter().map(|(stated, _)| stated).collect();
    let mut certificates = administrators(&exchanges());
    certificates.retain(|ski, _| !key_files.contains(ski));
    let signatures: Vec<SelfSignature> = certificates
        .values()
        .map(|certificate| AdminCertificate::decode(certificate).unwrap().self_signature)
        .collect();
    assert_eq!(signatures, [SelfSignature::DoubleHashed; 2]);
}

#[test]
fn administrator_certificates_are_rebuilt_byte_for_byte() {
    let certificates = administrators(&exchanges());
    for (ski, key) in sigkey::all() {
        let sent = &certificates[&ski];
        let decoded = AdminCertificate::decode(sent).unwrap();
        let built = AdminCertificate::build(&decoded.name, &key).unwrap();
        match key {
            SigningKey::Rsa(_) => {
                assert_eq!(decoded.self_signature, SelfSignature::EmptyMessage);
                assert_eq!((&built, built.len()), (sent, 824));
            }
            // The signature has a random nonce and so a varying length; all before it is fixed.
            SigningKey::P521(_) => {
                assert_eq!(decoded.self_signature, SelfSignature::Tbs);
                assert_eq!(built[4..4 + 409 + 12], sent[4..4 + 409 + 12]);
                assert!((567..=569).contains(&sent.len()));
            }
        }
    }
}

#[test]
fn rsa_signatures_are_remade_byte_for_byte() {
    let keys: BTreeMap<SubjectKeyId, SigningKey> = sigkey::all().into_iter().collect();
    let mut remade = 0;
    for sent in exchanges().iter().filter_map(Exchange::sent) {
        for signer in sent.signers().iter().filter(|signer| signer.scheme == SignatureScheme::RsaX931Sha256) {
            assert_eq!(keys[&signer.ski].signer_info(sent.request.block), signer.encode());
            remade += 1;
        }
    }
    assert_eq!(remade, 34);
}

#[test]
fn exports_are_addressed_to_the_importer_key_just_generated() {
    let mut importer = None;
    let mut exports = 0;
    for exchange in exchanges() {
        match exchange.function() {
            Some(AdminFunction::GENERATE_IMPORTER) => {
                let spki = exchange.answered().unwrap().content.output.to_vec();
                let key = PublicKey::from_spki(&spki).unwrap();
                assert_eq!(key.to_spki(), spki);
                importer = Some(key);
            }
            Some(AdminFunction::EXPORT_WK) => {
                let sent = exchange.sent().unwrap();
                let map = ParameterMap::decode(sent.block.input).unwrap();
                assert_eq!((map.encode(), sent.block.input.len()), (sent.block.input.to_vec(), 339));
                let certificate = map.first(KPH_CERTIFICATE).unwrap().data;
                let key = KphCertificate::decode(certificate).unwrap();
                assert_eq!(Some(&key), importer.as_ref());
                let PublicKey::P521(key) = key else { panic!("a key on P-521") };
                assert_eq!(KphCertificate::encode_sdk(&key)[..], *certificate);
                exports += 1;
            }
            _ => {}
        }
    }
    assert_eq!(exports, 8);
}

#[test]
fn imports_carry_exported_key_parts_under_the_outer_counter() {
    let exchanges = exchanges();
    let exported: BTreeSet<Vec<u8>> = exchanges
        .iter()
        .filter(|exchange| exchange.function() == Some(AdminFunction::EXPORT_WK))
        .map(|exchange| {
            let answered = exchange.answered().unwrap();
            let map = ParameterMap::decode(answered.content.output).unwrap();
            map.first(ENCRYPTED_KEY_PART).unwrap().data.to_vec()
        })
        .collect();
    let mut imported = BTreeSet::new();
    for sent in exchanges.iter().filter_map(Exchange::sent) {
        for (inner, _) in sent.inner() {
            assert_eq!(sent.request.signatures, &[] as &[u8]);
            assert_eq!(inner.signers().len(), 1);
            assert_eq!((inner.block.domain, inner.block.module), (sent.block.domain, sent.block.module));
            assert_eq!(inner.block.counter, sent.block.counter);
            assert_eq!(RecipientInfo::decode(inner.block.input).unwrap().encode(), inner.block.input);
            assert_eq!(inner.block.input.len(), 313);
            imported.insert(inner.block.input.to_vec());
        }
    }
    assert_eq!((imported.len(), imported), (8, exported));
}

#[test]
fn message_sizes_are_those_seen_from_the_client() {
    for exchange in exchanges() {
        let size = exchange.request.len();
        let Some(sent) = exchange.sent() else {
            assert_eq!(size, 152);
            continue;
        };
        let (signers, input) = (sent.signers(), sent.block.input.len());
        let rsa = signers.iter().filter(|signer| signer.scheme == SignatureScheme::RsaX931Sha256).count();
        // ECDSA signatures vary by some bytes, and so do the certificates that hold one.
        let expected = match (sent.function(), signers.len(), rsa) {
            (AdminFunction::QUERY_ATTRIBUTES, 0, 0) => 184..=184,
            (AdminFunction::QUERY_ADMINISTRATORS, 0, 0) if input == 0 => 184..=184,
            (AdminFunction::QUERY_ADMINISTRATORS, 0, 0) => 248..=248,
            (AdminFunction::QUERY_DEVICE_CERTIFICATE, 0, 0) => 192..=192,
            (AdminFunction::ZEROIZE, 0, 0) => 248..=248,
            (AdminFunction::ZEROIZE, 1, 0) => 672..=678,
            (AdminFunction::ZEROIZE, 1, 1) => 918..=918,
            (AdminFunction::ADD_ADMINISTRATOR, 0, 0) if input == 824 => 1913..=1913,
            (AdminFunction::ADD_ADMINISTRATOR, 0, 0) => 1397..=1403,
            (AdminFunction::ADD_ADMINISTRATOR, 2, 1) => 2479..=2491,
            (AdminFunction::REMOVE_ADMINISTRATOR | AdminFunction::SET_ATTRIBUTES, 2, 1) => 1399..=1407,
            (AdminFunction::COMMIT_WK, 2, 1) => 1399..=1407,
            (AdminFunction::SET_ATTRIBUTES | AdminFunction::COMMIT_WK, 2, 0) => 1157..=1169,
            (AdminFunction::GENERATE_IMPORTER, 1, 0) => 678..=686,
            (AdminFunction::RANDOM_WK, 1, 0) => 672..=678,
            (AdminFunction::EXPORT_WK, 2, 1) => 2025..=2033,
            (AdminFunction::EXPORT_WK, 2, 0) => 1783..=1795,
            (AdminFunction::IMPORT_WK, 0, 0) => 1473..=1481,
            (AdminFunction::FINALIZE_WK, 1, 0) => 736..=742,
            other => panic!("an unexpected message: {other:?}"),
        };
        assert!(expected.contains(&size), "{:?}: {size}", sent.function());
    }
}

#[test]
fn thresholds_and_permissions_are_four_attributes_in_ascending_order() {
    let mut permissions = BTreeSet::new();
    for sent in exchanges().iter().filter_map(Exchange::sent) {
        if sent.function() == AdminFunction::SET_ATTRIBUTES {
            let attributes = AttributeList::decode(sent.block.input).unwrap();
            assert_eq!(attributes.encode(), sent.block.input);
            assert_eq!(attributes.0.iter().map(|(index, _)| *index).collect::<Vec<_>>(), [1, 2, 3, 4]);
            permissions.insert(attributes.get(3).unwrap());
        }
    }
    assert_eq!(permissions, BTreeSet::from([0x01FF_2055, 0x01FF_205F]));
}

#[test]
fn a_command_answer_carries_the_counter_of_the_command() {
    for exchange in exchanges() {
        let (Some(sent), Some(answered)) = (exchange.sent(), exchange.answered()) else { continue };
        assert_eq!(answered.content.function, sent.function());
        if !sent.function().is_query() && sent.function() != AdminFunction::ZEROIZE {
            let counter = TransactionCounter::from_bytes(sent.block.counter.try_into().unwrap());
            assert_eq!(answered.content.counter, counter);
        }
    }
}

#[test]
fn domain_information_answers_read_back() {
    let mut seen = 0;
    for exchange in exchanges().iter().filter(|exchange| exchange.sent().is_none()) {
        let answer = exchange.response_cprb();
        let answer = XcpInfoResponse::decode(answer.payload).unwrap();
        let info = DomainInfo::decode(answer.payload).unwrap();
        assert_eq!((info.domain, info.encode()), (exchange.request_cprb().domain, answer.payload.to_vec()));
        seen += 1;
    }
    assert_eq!(seen, 5);
}

#[test]
fn module_certificates_lead_to_one_root_and_sign_every_answer() {
    let exchanges = exchanges();
    let chains = module_certificates(&exchanges);
    let mut module_keys = BTreeMap::new();
    let mut roots = BTreeSet::new();
    for (module, chain) in &chains {
        let root = recover_root(chain.last().unwrap());
        let key = verify_chain(chain, std::slice::from_ref(&root)).unwrap();
        assert!(verify_chain(&chain[1..], std::slice::from_ref(&root)).is_ok());
        assert!(verify_chain(&chain[..1], std::slice::from_ref(&root)).is_err());
        roots.insert(root.id);
        module_keys.insert(*module, key);
    }
    assert_eq!((module_keys.len(), roots.len()), (2, 1));

    for exchange in &exchanges {
        if let Some(answered) = exchange.answered() {
            let key = &module_keys[&exchange.module_index];
            assert!(verify_response(answered.block, answered.signatures, key), "{}", exchange.response);
            let other = &module_keys[&(1 - exchange.module_index)];
            assert!(!verify_response(answered.block, answered.signatures, other));
        }
    }
}

/// The root that signed `certificate`. A signature fits few public keys, and only one of them has the identifier that
/// the certificate names.
fn recover_root(certificate: &[u8]) -> TrustedRoot {
    let id = Oa2Certificate::decode(certificate).unwrap().signer;
    let (signed, signer_info) = certificate.split_at(464);
    let signature = Signature::from_slice(&[&signer_info[73..139], &signer_info[141..207]].concat()).unwrap();
    let digest = Sha512::digest(signed);
    (0_u8..4)
        .filter_map(|guess| VerifyingKey::recover_from_prehash(&digest, &signature, guess.try_into().unwrap()).ok())
        .map(|key| P521PublicKey::from_point(key.to_sec1_point(false).as_bytes()).unwrap())
        .find(|key| key.oa_key_id() == id)
        .map(|key| TrustedRoot { id, key })
        .expect("a key with the identifier that the certificate names")
}
