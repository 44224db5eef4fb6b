//! A mechanism with its parameter.

use bytes::Bytes;
use hpcs_ep11::pkcs11::MechanismType;

/// A mechanism as a caller names it.
#[derive(Clone)]
pub struct Mechanism {
    /// Which.
    pub kind: MechanismType,
    /// How.
    pub parameter: Parameter,
}

/// The parameter of a mechanism. Numbers are those of EP11; what they mean is for the mechanism to say.
#[derive(Clone, Default)]
pub enum Parameter {
    /// None.
    #[default]
    None,
    /// Bytes: an initialisation vector, or the other party's public key.
    Bytes(Bytes),
    /// RSA-OAEP.
    Oaep(OaepParameter),
    /// RSA-PSS.
    Pss(PssParameter),
    /// ECDH.
    Derive(DeriveParameter),
    /// Hierarchical keys: BIP32 and SLIP-0010.
    Hd(HdParameter),
    /// Which other signature of elliptic curves, a `CK_IBM_ECSG`.
    OtherSignature(u64),
    /// Key encapsulation.
    Kem(KemParameter),
    /// Aggregation of BLS signatures and public keys.
    Aggregate(AggregateParameter),
}

/// The parameter of RSA-OAEP.
#[derive(Clone)]
pub struct OaepParameter {
    /// The hash, as a mechanism.
    pub hash: u64,
    /// The mask generation function, a `CKG`.
    pub mgf: u64,
    /// Whether there is a label, a `CKZ`.
    pub source: u64,
    /// The label.
    pub label: Bytes,
}

/// The parameter of RSA-PSS.
#[derive(Clone)]
pub struct PssParameter {
    /// The hash, as a mechanism.
    pub hash: u64,
    /// The mask generation function, a `CKG`.
    pub mgf: u64,
    /// Bytes of salt; [`PssParameter::SALT_OF_HASH_LENGTH`] for as many as the hash has.
    pub salt_length: u64,
}

impl PssParameter {
    /// Stands for the length of the hash.
    pub const SALT_OF_HASH_LENGTH: u64 = 0xFFFF_FFFF;
}

/// The parameter of ECDH.
#[derive(Clone)]
pub struct DeriveParameter {
    /// The key derivation function, a `CKD`.
    pub kdf: u64,
    /// What goes into the function beside the shared secret.
    pub shared: Bytes,
    /// The other party's public key.
    pub public: Bytes,
}

/// The parameter of BIP32 and SLIP-0010.
#[derive(Clone)]
pub struct HdParameter {
    /// Which derivation.
    pub kind: u64,
    /// Which child.
    pub index: u64,
    /// The parent's chain code.
    pub chain_code: Bytes,
    /// Version of the parameter.
    pub version: u64,
}

/// The parameter of key encapsulation.
#[derive(Clone)]
pub struct KemParameter {
    /// Version of the parameter.
    pub version: u64,
    /// Whether to encapsulate or to decapsulate.
    pub mode: u64,
    /// The key derivation function, a `CKD`.
    pub kdf: u64,
    /// Whether the key in `blob` comes before the encapsulated secret.
    pub prepend: bool,
    /// What to decapsulate.
    pub ciphertext: Bytes,
    /// What goes into the function beside the secrets.
    pub shared: Bytes,
    /// A key blob with another secret.
    pub blob: Bytes,
}

/// The parameter of aggregation.
#[derive(Clone)]
pub struct AggregateParameter {
    /// Version of the parameter.
    pub version: u64,
    /// Signatures or public keys.
    pub mode: u64,
    /// Bytes of an element.
    pub element_size: u64,
    /// The elements, one after the other.
    pub elements: Bytes,
}
