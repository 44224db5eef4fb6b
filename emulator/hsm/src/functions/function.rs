//! What can be asked of a crypto unit, and what it answers.

use bytes::Bytes;
use hpcs_ep11::pkcs11::AttributeType;
use zeroize::Zeroizing;

use super::mechanism::Mechanism;
use super::template::{AttributeValue, Template};

/// A cryptographic function with its arguments. Absent keys are `None`.
#[allow(missing_docs, reason = "the fields are the arguments of the function of that name; section 1.2")]
pub enum Function {
    /// Random bytes.
    GenerateRandom { length: u64 },
    /// Begins an operation.
    Init { purpose: Purpose, mechanism: Mechanism, key: Option<Bytes> },
    /// Goes on with an operation.
    Update { purpose: Purpose, state: Bytes, data: Bytes },
    /// Goes on with a digest over the value of a key.
    DigestKey { state: Bytes, key: Option<Bytes> },
    /// Ends an operation that had updates. Only verifying has a signature.
    Final { purpose: Purpose, state: Bytes, signature: Bytes },
    /// Ends an operation that had none, with all of its data.
    OneShot { purpose: Purpose, state: Bytes, data: Bytes, signature: Bytes },
    /// A whole operation in one call.
    Single { purpose: Purpose, mechanism: Mechanism, key: Option<Bytes>, data: Bytes, signature: Bytes },
    /// Decrypts and encrypts again, so that the plaintext stays inside.
    Reencrypt { from: Mechanism, from_key: Option<Bytes>, to: Mechanism, to_key: Option<Bytes>, data: Bytes },
    /// Makes a secret key or domain parameters.
    GenerateKey { mechanism: Mechanism, template: Template },
    /// Makes a pair of keys.
    GenerateKeyPair { mechanism: Mechanism, private: Template, public: Template },
    /// Encrypts a key under another one, for the world outside.
    WrapKey { mechanism: Mechanism, key: Option<Bytes>, kek: Option<Bytes>, mac_key: Option<Bytes> },
    /// Takes a key in.
    UnwrapKey { mechanism: Mechanism, wrapped: Bytes, kek: Option<Bytes>, mac_key: Option<Bytes>, template: Template },
    /// Makes a key out of another one.
    DeriveKey { mechanism: Mechanism, base_key: Option<Bytes>, data: Bytes, template: Template },
    /// Which mechanisms there are.
    GetMechanismList,
    /// What a mechanism can do.
    GetMechanismInfo { mechanism: u64 },
    /// Attributes of a key: those asked for, or all that can be read.
    GetAttributeValue { object: Bytes, asked: Vec<AttributeType> },
    /// The key with other attributes.
    SetAttributeValue { object: Bytes, changes: Template },
    /// The key under the committed new master key.
    RewrapKeyBlob { blob: Option<Bytes> },
}

/// What an operation of one call or several is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "each variant is the word for it")]
pub enum Purpose {
    Digest,
    Encrypt,
    Decrypt,
    Sign,
    Verify,
}

impl Purpose {
    /// Every purpose.
    pub const ALL: [Purpose; 5] = [Purpose::Digest, Purpose::Encrypt, Purpose::Decrypt, Purpose::Sign, Purpose::Verify];
}

/// What a function answers.
pub enum Output {
    /// That it is so.
    Done,
    /// Random bytes, a digest, a ciphertext, a plaintext, a signature, a wrapped key.
    Bytes(Zeroizing<Vec<u8>>),
    /// An operation state, and what the operation has given so far.
    State {
        /// The state.
        state: Vec<u8>,
        /// The next piece of the result; empty where updates give none.
        bytes: Zeroizing<Vec<u8>>,
    },
    /// A key, and its checksum in the form of section 5.7.
    Key {
        /// The key.
        key: NewKey,
        /// The checksum.
        checksum: Vec<u8>,
    },
    /// A pair of keys.
    KeyPair {
        /// The private key.
        private: NewKey,
        /// The public key.
        public: NewKey,
    },
    /// Numbers of mechanisms, in the order of the registry.
    Mechanisms(Vec<u64>),
    /// What a mechanism can do.
    MechanismInfo {
        /// Smallest key, in the unit of its family.
        min: u64,
        /// Largest key.
        max: u64,
        /// Flags of `CK_MECHANISM_INFO`.
        flags: u64,
    },
    /// Attributes of a key, ascending.
    Attributes(Vec<(AttributeType, AttributeValue)>),
    /// A key blob.
    Blob(Vec<u8>),
}

/// A key as it leaves the unit.
pub struct NewKey {
    /// The key blob; for public keys the authenticated public key information.
    pub blob: Vec<u8>,
    /// Every attribute that can be read, ascending.
    pub attributes: Vec<(AttributeType, AttributeValue)>,
}

impl Function {
    /// The name of the function, which is that of its remote call: `EncryptInit`.
    pub fn name(&self) -> &'static str {
        use Purpose::{Decrypt, Digest, Encrypt, Sign, Verify};
        match self {
            Function::GenerateRandom { .. } => "GenerateRandom",
            Function::Init { purpose, .. } => match purpose {
                Digest => "DigestInit",
                Encrypt => "EncryptInit",
                Decrypt => "DecryptInit",
                Sign => "SignInit",
                Verify => "VerifyInit",
            },
            Function::Update { purpose, .. } => match purpose {
                Digest => "DigestUpdate",
                Encrypt => "EncryptUpdate",
                Decrypt => "DecryptUpdate",
                Sign => "SignUpdate",
                Verify => "VerifyUpdate",
            },
            Function::DigestKey { .. } => "DigestKey",
            Function::Final { purpose, .. } => match purpose {
                Digest => "DigestFinal",
                Encrypt => "EncryptFinal",
                Decrypt => "DecryptFinal",
                Sign => "SignFinal",
                Verify => "VerifyFinal",
            },
            Function::OneShot { purpose, .. } => match purpose {
                Digest => "Digest",
                Encrypt => "Encrypt",
                Decrypt => "Decrypt",
                Sign => "Sign",
                Verify => "Verify",
            },
            Function::Single { purpose, .. } => match purpose {
                Digest => "DigestSingle",
                Encrypt => "EncryptSingle",
                Decrypt => "DecryptSingle",
                Sign => "SignSingle",
                Verify => "VerifySingle",
            },
            Function::Reencrypt { .. } => "ReencryptSingle",
            Function::GenerateKey { .. } => "GenerateKey",
            Function::GenerateKeyPair { .. } => "GenerateKeyPair",
            Function::WrapKey { .. } => "WrapKey",
            Function::UnwrapKey { .. } => "UnwrapKey",
            Function::DeriveKey { .. } => "DeriveKey",
            Function::GetMechanismList => "GetMechanismList",
            Function::GetMechanismInfo { .. } => "GetMechanismInfo",
            Function::GetAttributeValue { .. } => "GetAttributeValue",
            Function::SetAttributeValue { .. } => "SetAttributeValue",
            Function::RewrapKeyBlob { .. } => "RewrapKeyBlob",
        }
    }
}
