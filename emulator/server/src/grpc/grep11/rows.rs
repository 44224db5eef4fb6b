//! One row a method.

use hpcs_service::{CryptoAsk, CryptoReply};

use super::{answers, asked};
use crate::grpc::endpoint::{self, read};

pub(super) type Row = endpoint::Row<CryptoAsk, CryptoReply>;

macro_rules! rows {
    ($($method:literal $ask:ident $answer:ident;)*) => {
        /// Every method that there is.
        pub(super) static ROWS: &[Row] = &[$(Row {
            method: $method,
            decode: |message| read(message, asked::$ask),
            encode: answers::$answer,
        }),*];
    };
}

rows! {
    "GenerateRandom" generate_random generate_random;
    "DigestInit" digest_init digest_init;
    "Digest" digest digest;
    "DigestUpdate" digest_update digest_update;
    "DigestKey" digest_key digest_key;
    "DigestFinal" digest_final digest_final;
    "DigestSingle" digest_single digest_single;
    "EncryptInit" encrypt_init encrypt_init;
    "DecryptInit" decrypt_init decrypt_init;
    "EncryptUpdate" encrypt_update encrypt_update;
    "DecryptUpdate" decrypt_update decrypt_update;
    "Encrypt" encrypt encrypt;
    "Decrypt" decrypt decrypt;
    "EncryptFinal" encrypt_final encrypt_final;
    "DecryptFinal" decrypt_final decrypt_final;
    "EncryptSingle" encrypt_single encrypt_single;
    "DecryptSingle" decrypt_single decrypt_single;
    "SignInit" sign_init sign_init;
    "VerifyInit" verify_init verify_init;
    "SignUpdate" sign_update sign_update;
    "VerifyUpdate" verify_update verify_update;
    "SignFinal" sign_final sign_final;
    "VerifyFinal" verify_final verified;
    "Sign" sign sign;
    "Verify" verify verified;
    "SignSingle" sign_single sign_single;
    "VerifySingle" verify_single verified;
    "ReencryptSingle" reencrypt_single reencrypt_single;
    "GenerateKey" generate_key generate_key;
    "GenerateKeyPair" generate_key_pair generate_key_pair;
    "WrapKey" wrap_key wrap_key;
    "UnwrapKey" unwrap_key unwrap_key;
    "DeriveKey" derive_key derive_key;
    "GetMechanismList" get_mechanism_list get_mechanism_list;
    "GetMechanismInfo" get_mechanism_info get_mechanism_info;
    "GetAttributeValue" get_attribute_value get_attribute_value;
    "SetAttributeValue" set_attribute_value set_attribute_value;
    "Login" login login;
    "Logout" logout logout;
    "RewrapKeyBlob" rewrap_key_blob rewrap_key_blob;
}
