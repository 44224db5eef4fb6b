//! A crypto module: the card that carries crypto units.

use std::sync::Arc;

use hpcs_ep11::{ModuleId, OaCertificateSpec, OaKey, P521KeyPair, P521PublicKey, sign_response};
use rand_core::CryptoRng;

use crate::Profile;

/// A crypto module: identity, generation, and the keys that prove its answers.
///
/// Every administration answer is signed by the epoch key. The certificate of the epoch key is signed by the device key,
/// that of the device key by the manufacturer's root, which is not stored in the module.
pub struct Module {
    pub(crate) id: ModuleId,
    pub(crate) profile: Profile,
    pub(crate) epoch: Arc<P521KeyPair>,
    pub(crate) certificates: Vec<Vec<u8>>,
    pub(crate) configuration_hashes: [[u8; 32]; 3],
}

/// Real metadata of certificates is not public; clients read none of it.
const SIGNING_TIME: [u8; 16] = *b"2020010100000000";

impl Module {
    /// Makes a module whose certificate chain, in the layout of its generation, ends at `root`.
    pub fn manufacture(profile: Profile, id: ModuleId, root: &P521KeyPair, rng: &mut impl CryptoRng) -> Self {
        let device = P521KeyPair::generate(rng);
        let epoch = P521KeyPair::generate(rng);
        let spec = OaCertificateSpec {
            adapter_type: profile.adapter_type(),
            serial: id.serial,
            boot_count: 1,
            issuing_segment: 2,
            subject_segment: 3,
            key_type: 1,
            signing_time: SIGNING_TIME,
        };
        let issue = |key, subject: &P521KeyPair, signer: &P521KeyPair| {
            spec.issue(profile.oa_generation(), key, &subject.public(), signer, signer.public().oa_key_id())
        };
        let certificates = vec![issue(OaKey::Epoch, &epoch, &device), issue(OaKey::Device, &device, root)];
        let mut configuration_hashes = [[0; 32]; 3];
        configuration_hashes.iter_mut().for_each(|hash| rng.fill_bytes(hash));
        Module { id, profile, epoch: Arc::new(epoch), certificates, configuration_hashes }
    }

    /// Serial number and module instance.
    pub fn id(&self) -> ModuleId {
        self.id
    }

    /// The module's generation.
    pub fn profile(&self) -> Profile {
        self.profile
    }

    /// The outbound authentication certificates: the epoch key's first, then its parents.
    pub fn certificates(&self) -> &[Vec<u8>] {
        &self.certificates
    }

    /// The public epoch key, which verifies every answer.
    pub fn epoch_key(&self) -> P521PublicKey {
        self.epoch.public()
    }

    /// Hashes of the firmware, EP11 and CSP configurations: stable, otherwise without meaning.
    pub(crate) fn configuration_hashes(&self) -> &[[u8; 32]; 3] {
        &self.configuration_hashes
    }

    /// A SignerInfo by the epoch key over `bytes`.
    pub(crate) fn sign(&self, bytes: &[u8]) -> Vec<u8> {
        sign_response(bytes, &self.epoch)
    }
}
