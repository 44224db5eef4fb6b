//! What several tests need: keys and the attributes of a unit.

use hpcs_ep11::{
    AdminDomain, DomainIndex, DomainInstance, ModuleId, ModuleInstance, P521KeyPair, Permissions, SigningKey,
    TransactionCounter,
};

use crate::{AttributeReport, Signer, Thresholds};

/// The key pair with this scalar.
pub(crate) fn key_pair(scalar: u8) -> P521KeyPair {
    P521KeyPair::from_scalar(&[scalar]).unwrap()
}

/// The administrator's key with this scalar.
pub(crate) fn signing_key(scalar: u8) -> SigningKey {
    SigningKey::P521(key_pair(scalar))
}

/// The administrator with the key of this scalar.
pub(crate) fn signer(scalar: u8) -> Signer {
    signing_key(scalar).into()
}

/// What a future comes to that waits for nothing outside this program.
pub(crate) fn wait<F: Future>(future: F) -> F::Output {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
}

/// A unit in domain 13 after 255 commands.
pub(crate) fn report() -> AttributeReport {
    AttributeReport {
        thresholds: Thresholds { signature: 2, revocation: 2 },
        permissions: Permissions(0x01FF_2055),
        mode: 1,
        domain: AdminDomain { index: DomainIndex(13), instance: DomainInstance::FIRST },
        module: ModuleId { serial: "93AABC01".parse().unwrap(), instance: ModuleInstance(*b"00000001") },
        counter: TransactionCounter(255),
    }
}
