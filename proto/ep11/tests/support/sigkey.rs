//! Opens signature key files of the SDK: JSON with a PEM text under AES-256-GCM, the key from PBKDF2.

use aes_gcm::aead::Aead;
use aes_gcm::{Aes256Gcm, KeyInit};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hpcs_ep11::{P521KeyPair, RsaKeyPair, SigningKey, SubjectKeyId};
use sha2::Sha256;

/// The three key files of the recording with the identifiers that they state.
pub(crate) fn all() -> Vec<(SubjectKeyId, SigningKey)> {
    let files = [
        include_str!("../fixtures/1.sigkey"),
        include_str!("../fixtures/2.sigkey"),
        include_str!("../fixtures/3.sigkey"),
    ];
    files.into_iter().map(open).collect()
}

fn open(file: &str) -> (SubjectKeyId, SigningKey) {
    let json: serde_json::Value = serde_json::from_str(file).unwrap();
    let text = |field: &str| json[field].as_str().unwrap_or_else(|| panic!("{field} is missing"));
    let bytes = |field: &str| hex::decode(text(field)).unwrap();

    let mut key = [0; 32];
    pbkdf2::pbkdf2_hmac::<Sha256>(b"pw", &bytes("seaSalt"), 4096, &mut key);
    let sealed = bytes("enckey");
    let (nonce, ciphertext) = sealed.split_at(12);
    let nonce: [u8; 12] = nonce.try_into().unwrap();
    let pem = Aes256Gcm::new(&key.into()).decrypt(&nonce.into(), ciphertext).expect("the password");
    let pem = String::from_utf8(pem).unwrap();
    let der = STANDARD.decode(pem.lines().filter(|line| !line.starts_with("-----")).collect::<String>()).unwrap();

    let key = match text("keyType") {
        "p521ec" => SigningKey::P521(P521KeyPair::from_sec1_der(&der).unwrap()),
        _ => SigningKey::Rsa(RsaKeyPair::from_pkcs1_der(&der).unwrap()),
    };
    (text("ski").parse().unwrap(), key)
}
