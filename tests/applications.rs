//! Applications that keep their keys outside the crypto units, while administrators change the master key with `tke`.
#![allow(clippy::unwrap_used, clippy::panic)]

mod fleet;
mod support;
#[path = "../tke-client/tke/tests/workstation/mod.rs"]
mod workstation;

use std::collections::BTreeMap;

use fleet::*;
use hpcs_grpc::grep11::attribute_value::OneAttr;
use hpcs_grpc::grep11::crypto_client::CryptoClient;
use hpcs_grpc::grep11::mechanism::Parameter;
use hpcs_grpc::grep11::{
    AttributeValue, DecryptSingleRequest, EncryptInitRequest, EncryptRequest, EncryptSingleRequest,
    GenerateKeyPairRequest, GenerateKeyRequest, KeyBlob, Mechanism, RewrapKeyBlobRequest, SignSingleRequest,
    VerifySingleRequest,
};
use support::{Client, Server};
use tonic::transport::Channel;
use tonic::{Response, Status};

/// An application with a token, and what its calls must leave in the log.
struct Application<'a> {
    server: &'a Server,
    client: Client,
    crypto: CryptoClient<Channel>,
}

/// The answer, or the name of the return value.
type Answer<T> = Result<T, String>;

macro_rules! calls {
    ($($name:ident $method:ident $request:ident $answer:ty;)*) => {
        impl Application<'_> {
            $(fn $name(&self, message: hpcs_grpc::grep11::$request) -> Answer<$answer> {
                let mut crypto = self.crypto.clone();
                answer(self.server.run(crypto.$method(self.client.request(message))))
            })*
        }
    };
}

calls! {
    generate generate_key GenerateKeyRequest hpcs_grpc::grep11::GenerateKeyResponse;
    generate_pair generate_key_pair GenerateKeyPairRequest hpcs_grpc::grep11::GenerateKeyPairResponse;
    encrypt encrypt_single EncryptSingleRequest hpcs_grpc::grep11::EncryptSingleResponse;
    decrypt decrypt_single DecryptSingleRequest hpcs_grpc::grep11::DecryptSingleResponse;
    begin encrypt_init EncryptInitRequest hpcs_grpc::grep11::EncryptInitResponse;
    go_on encrypt EncryptRequest hpcs_grpc::grep11::EncryptResponse;
    sign sign_single SignSingleRequest hpcs_grpc::grep11::SignSingleResponse;
    verify verify_single VerifySingleRequest hpcs_grpc::grep11::VerifySingleResponse;
    rewrap rewrap_key_blob RewrapKeyBlobRequest hpcs_grpc::grep11::RewrapKeyBlobResponse;
}

fn answer<T>(answer: Result<Response<T>, Status>) -> Answer<T> {
    answer.map(Response::into_inner).map_err(|status| {
        let named = status.message().strip_prefix("Got error ").and_then(|text| text.split(", from").next());
        named.unwrap_or_else(|| panic!("{status}")).to_owned()
    })
}

impl<'a> Application<'a> {
    fn of(server: &'a Server) -> Self {
        let client = server.client();
        let crypto = CryptoClient::new(client.channel.clone());
        Application { server, client, crypto }
    }

    fn aes(&self) -> KeyBlob {
        let template = BTreeMap::from([(VALUE_LEN, value(OneAttr::AttributeI(32)))]);
        self.generate(GenerateKeyRequest { mech: mechanism(AES_KEY_GEN), template }).unwrap().key.unwrap()
    }

    /// Private and public key on P-256.
    fn pair(&self) -> (KeyBlob, KeyBlob) {
        let p256 = &[0x06, 0x08, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x03, 0x01, 0x07][..];
        let curve = BTreeMap::from([(EC_PARAMS, value(OneAttr::AttributeB(p256.into())))]);
        let request = GenerateKeyPairRequest {
            mech: mechanism(EC_KEY_PAIR_GEN),
            pub_key_template: curve,
            ..GenerateKeyPairRequest::default()
        };
        let pair = self.generate_pair(request).unwrap();
        (pair.priv_key.unwrap(), pair.pub_key.unwrap())
    }

    fn rewrapped(&self, key: &KeyBlob) -> Answer<KeyBlob> {
        let request = RewrapKeyBlobRequest { wrapped_key: Some(key.clone()), ..RewrapKeyBlobRequest::default() };
        self.rewrap(request).map(|answer| answer.rewrapped_key.unwrap())
    }

    fn encrypted(&self, key: &KeyBlob) -> Answer<Vec<u8>> {
        let (mech, key) = (cbc_pad(), Some(key.clone()));
        let request = EncryptSingleRequest { mech, key, plain: TEXT.into(), ..EncryptSingleRequest::default() };
        self.encrypt(request).map(|answer| answer.ciphered.to_vec())
    }

    fn decrypted(&self, key: &KeyBlob, ciphered: &[u8]) -> Answer<Vec<u8>> {
        let (mech, key, ciphered) = (cbc_pad(), Some(key.clone()), ciphered.to_vec().into());
        self.decrypt(DecryptSingleRequest { mech, key, ciphered, ..DecryptSingleRequest::default() })
            .map(|answer| answer.plain.to_vec())
    }

    fn signature(&self, private: &KeyBlob) -> Answer<Vec<u8>> {
        let (mech, priv_key) = (mechanism(ECDSA_SHA256), Some(private.clone()));
        self.sign(SignSingleRequest { mech, priv_key, data: TEXT.into(), ..SignSingleRequest::default() })
            .map(|answer| answer.signature.to_vec())
    }

    fn verified(&self, public: &KeyBlob, signature: &[u8]) -> Answer<()> {
        let (mech, pub_key, signature) = (mechanism(ECDSA_SHA256), Some(public.clone()), signature.to_vec().into());
        let data = TEXT.into();
        self.verify(VerifySingleRequest { mech, pub_key, data, signature, ..VerifySingleRequest::default() })
            .map(|_| ())
    }
}

fn value(value: OneAttr) -> AttributeValue {
    AttributeValue { one_attr: Some(value) }
}

fn mechanism(mechanism: u64) -> Option<Mechanism> {
    Some(Mechanism { mechanism, parameter: None })
}

fn cbc_pad() -> Option<Mechanism> {
    Some(Mechanism { mechanism: AES_CBC_PAD, parameter: Some(Parameter::ParameterB(vec![9; 16].into())) })
}

fn bytes(key: &KeyBlob) -> &[u8] {
    let [bytes] = &key.key_blobs[..] else { panic!("{} blobs", key.key_blobs.len()) };
    bytes
}

fn refused<T>(why: &str) -> Answer<T> {
    Err(why.to_owned())
}

/// The event of a call of the instance.
fn used(server: &Server, method: &str, outcome: &str) -> Event {
    (format!("/grep11.Crypto/{method}"), server.client().instance.to_string(), outcome.to_owned())
}

const TEXT: &[u8] = b"Hello, this is a very long and creative message";
const VALUE_LEN: u64 = 0x161;
const KEY_GEN_MECHANISM: u64 = 0x166;
const EC_PARAMS: u64 = 0x180;
const EC_KEY_PAIR_GEN: u64 = 0x1040;
const ECDSA_SHA256: u64 = 0x1044;
const AES_KEY_GEN: u64 = 0x1080;
const AES_CBC_PAD: u64 = 0x1085;
const MISMATCH: &str = "CKR_IBM_WKID_MISMATCH";
const NO_MASTER_KEY: &str = "CKR_IBM_WK_NOT_INITIALIZED";

/// Section 6.6, step by step.
#[test]
fn keys_are_rewrapped_between_commit_and_activation_and_nothing_is_lost() {
    let server = Server::start();
    let mut desk = init2(&server);
    let before = server.events().len();
    let application = Application::of(&server);
    let aes = application.aes();
    let (private, public) = application.pair();
    let ciphered = application.encrypted(&aes).unwrap();
    let signature = application.signature(&private).unwrap();
    let request = EncryptInitRequest { mech: cbc_pad(), key: Some(aes.clone()), ..EncryptInitRequest::default() };
    let state = application.begin(request).unwrap().state;
    let mut expected: Vec<_> = ["GenerateKey", "GenerateKeyPair", "EncryptSingle", "SignSingle", "EncryptInit"]
        .map(|method| used(&server, method, "success"))
        .into();

    assert_eq!(application.rewrapped(&aes).err().as_deref(), Some(NO_MASTER_KEY));
    desk.run("cryptounit-mk-load", "3 4\npw-admin1\npw\npw\n").success();
    // Loaded is not committed.
    assert_eq!(application.rewrapped(&aes).err().as_deref(), Some(NO_MASTER_KEY));
    expected.push(used(&server, "RewrapKeyBlob", "failure"));
    expected.extend(on(&[1, 2], &[LOAD]));
    expected.push(used(&server, "RewrapKeyBlob", "failure"));
    assert_eq!(server.events()[before..], expected);

    desk.run("cryptounit-mk-commit", BOTH).success();
    let next: Vec<_> =
        [&aes, &private, &public].map(|key| application.rewrapped(key).unwrap_or_else(|why| panic!("{why}"))).into();
    for (old, new) in [&aes, &private, &public].iter().zip(&next) {
        assert_eq!(bytes(old).len(), bytes(new).len());
        assert_ne!(bytes(old), bytes(new));
        // A public key carries its usages and what follows from its value, and nothing else.
        let kept = |attribute: &u64| !old.key_blobs[0].starts_with(&[0x30]) || *attribute != KEY_GEN_MECHANISM;
        let expected = old.attributes.iter().filter(|(attribute, _)| kept(attribute));
        assert!(expected.eq(&new.attributes), "the attributes are not those of the old key");
    }
    assert_eq!(bytes(&application.rewrapped(&next[0]).unwrap_or_else(|why| panic!("{why}"))), bytes(&next[0]));
    // Nothing has changed yet.
    assert_eq!(application.decrypted(&aes, &ciphered), Ok(TEXT.to_vec()));
    assert_eq!(application.decrypted(&next[0], &ciphered), refused(MISMATCH));
    assert_eq!(application.signature(&next[1]), refused(MISMATCH));
    assert_eq!(application.verified(&next[2], &signature), refused(MISMATCH));

    let before = server.events().len();
    desk.run("cryptounit-mk-rotate -y", "pw-admin1\n").success();
    assert_eq!(application.decrypted(&next[0], &ciphered), Ok(TEXT.to_vec()));
    assert_eq!(application.encrypted(&next[0]), Ok(ciphered.clone()));
    assert_eq!(application.verified(&next[2], &signature), Ok(()));
    let again = application.signature(&next[1]).unwrap();
    assert_eq!(application.verified(&next[2], &again), Ok(()));
    assert_eq!(application.decrypted(&aes, &ciphered), refused(MISMATCH));
    assert_eq!(application.signature(&private), refused(MISMATCH));
    assert_eq!(application.verified(&public, &signature), refused(MISMATCH));
    let state = EncryptRequest { state, plain: TEXT.into() };
    assert_eq!(application.go_on(state).err().as_deref(), Some(MISMATCH));
    // Both registers were used up.
    assert_eq!(application.rewrapped(&next[0]).err().as_deref(), Some(NO_MASTER_KEY));
    let mut expected = on(&[1, 2], &[ACTIVATE]);
    for (method, outcome) in [
        ("DecryptSingle", "success"),
        ("EncryptSingle", "success"),
        ("VerifySingle", "success"),
        ("SignSingle", "success"),
        ("VerifySingle", "success"),
        ("DecryptSingle", "failure"),
        ("SignSingle", "failure"),
        ("VerifySingle", "failure"),
        ("Encrypt", "failure"),
        ("RewrapKeyBlob", "failure"),
    ] {
        expected.push(used(&server, method, outcome));
    }
    assert_eq!(server.events()[before..], expected);
}

#[test]
fn a_key_that_nobody_rewrapped_in_time_is_lost_until_the_old_master_key_is_back() {
    let server = Server::start();
    let mut desk = init2(&server);
    let application = Application::of(&server);
    let aes = application.aes();
    let ciphered = application.encrypted(&aes).unwrap();
    commit_other_parts(&mut desk);
    desk.run("cryptounit-mk-setimm", "y\npw-admin1\n").success();
    assert_eq!(application.decrypted(&aes, &ciphered), refused(MISMATCH));
    desk.run("cryptounit-mk-load", "1 2\npw-admin1\npw\npw\n").success();
    desk.run("cryptounit-mk-commit", BOTH).success();
    assert_eq!(application.rewrapped(&aes).map(|key| bytes(&key).to_vec()), Ok(bytes(&aes).to_vec()));
    desk.run("cryptounit-mk-setimm", "y\npw-admin1\n").success();
    assert_eq!(application.decrypted(&aes, &ciphered), Ok(TEXT.to_vec()));
}

#[test]
fn without_a_current_master_key_there_are_no_keys_until_the_same_parts_are_loaded_again() {
    let server = Server::start();
    let mut desk = init2(&server);
    let application = Application::of(&server);
    let aes = application.aes();
    let ciphered = application.encrypted(&aes).unwrap();
    let before = server.events().len();
    desk.run("cryptounit-mk-clrcur", "y\npw-admin1\n").success();
    assert_eq!(application.decrypted(&aes, &ciphered), refused(NO_MASTER_KEY));
    let mut expected = on(&[1, 2], &[CLEAR_CURRENT]);
    expected.push(used(&server, "DecryptSingle", "failure"));
    assert_eq!(server.events()[before..], expected);
    desk.run("cryptounit-mk-load", "1 2\npw-admin1\npw\npw\n").success();
    desk.run("cryptounit-mk-commit", BOTH).success();
    assert_eq!(application.decrypted(&aes, &ciphered), refused(NO_MASTER_KEY));
    desk.run("cryptounit-mk-setimm", "y\npw-admin1\n").success();
    assert_eq!(application.decrypted(&aes, &ciphered), Ok(TEXT.to_vec()));
}

#[test]
fn zeroized_units_know_no_key() {
    let server = Server::start();
    let mut desk = init2(&server);
    let application = Application::of(&server);
    let aes = application.aes();
    let ciphered = application.encrypted(&aes).unwrap();
    let before = server.events().len();
    desk.run("cryptounit-zeroize", "y\npw-admin1\n").success();
    assert_eq!(application.decrypted(&aes, &ciphered), refused(NO_MASTER_KEY));
    assert_eq!(application.encrypted(&aes), refused(NO_MASTER_KEY));
    let mut expected = on(&[1, 2], &[RESET]);
    expected.extend(["DecryptSingle", "EncryptSingle"].map(|method| used(&server, method, "failure")));
    assert_eq!(server.events()[before..], expected);
}

/// Activated in one unit and not yet in the other, each key works where its master key is current.
#[test]
fn between_the_first_and_the_last_activation_calls_depend_on_the_unit_that_they_reach() {
    let server = Server::start();
    let mut desk = init2(&server);
    let application = Application::of(&server);
    let old = application.aes();
    let ciphered = application.encrypted(&old).unwrap();
    commit_other_parts(&mut desk);
    let new = application.rewrapped(&old).unwrap_or_else(|why| panic!("{why}"));
    select(&mut desk, "1");
    desk.run("cryptounit-mk-setimm", "y\npw-admin1\n").success();
    for key in [&old, &new] {
        let answers: Vec<_> = (0..16).map(|_| application.decrypted(key, &ciphered)).collect();
        assert!(answers.contains(&Ok(TEXT.to_vec())) && answers.contains(&refused(MISMATCH)), "{answers:?}");
    }
    select(&mut desk, "2");
    desk.run("cryptounit-mk-setimm", "y\npw-admin1\n").success();
    for _ in 0..8 {
        assert_eq!(application.decrypted(&new, &ciphered), Ok(TEXT.to_vec()));
        assert_eq!(application.decrypted(&old, &ciphered), refused(MISMATCH));
    }
}
