//! A module taken apart.

use std::sync::Arc;

use hpcs_ep11::{ModuleId, OaCertificate, P521KeyPair};

use super::{PartsFault, PartsField, PartsRule};
use crate::{Module, Profile};

/// What a [`Module`] is made of. The epoch key is shared with the module, not copied.
pub struct ModuleParts {
    /// Serial number and module instance.
    pub id: ModuleId,
    /// The module's generation.
    pub profile: Profile,
    /// The key that signs every answer.
    pub epoch: Arc<P521KeyPair>,
    /// The outbound authentication certificates: the epoch key's first, then its parents.
    pub certificates: Vec<Vec<u8>>,
    /// Hashes of the firmware, EP11 and CSP configurations.
    pub configuration_hashes: [[u8; 32]; 3],
}

impl Module {
    /// Takes the module apart.
    pub fn parts(&self) -> ModuleParts {
        ModuleParts {
            id: self.id,
            profile: self.profile,
            epoch: self.epoch.clone(),
            certificates: self.certificates.clone(),
            configuration_hashes: self.configuration_hashes,
        }
    }

    /// Puts a module together.
    ///
    /// Everything that is cheap is checked: the certificates can be read and name this module, the first is that of the
    /// public epoch key. Nothing is signed or verified, so that a thousand modules load in no time;
    /// [`Module::check_keys`] does that for parts from outside.
    ///
    /// # Errors
    /// [`PartsFault`].
    pub fn from_parts(parts: ModuleParts) -> Result<Module, PartsFault> {
        let ModuleParts { id, profile, epoch, certificates, configuration_hashes } = parts;
        if certificates.is_empty() {
            return Err(PartsFault::new(PartsField::ModuleCertificates, PartsRule::NoCertificate));
        }
        if certificates.len() > MAX_CERTIFICATES {
            let rule = PartsRule::TooMany { most: MAX_CERTIFICATES, found: certificates.len() };
            return Err(PartsFault::new(PartsField::ModuleCertificates, rule));
        }
        for (index, certificate) in certificates.iter().enumerate() {
            let fault = |rule| PartsFault::new(PartsField::ModuleCertificate(index), rule);
            if certificate.len() > MAX_CERTIFICATE {
                return Err(fault(PartsRule::CertificateSize { most: MAX_CERTIFICATE, found: certificate.len() }));
            }
            let certificate =
                OaCertificate::decode(certificate).map_err(|error| fault(PartsRule::Certificate(error)))?;
            if !certificate.adapter_id.starts_with(id.serial.as_bytes()) {
                return Err(fault(PartsRule::OtherModule));
            }
            if index == 0 && certificate.key != epoch.public() {
                return Err(fault(PartsRule::OtherKey));
            }
        }
        Ok(Module { id, profile, epoch, certificates, configuration_hashes })
    }

    /// Checks what takes public-key arithmetic, a millisecond or so: the epoch key is a pair, and each certificate is
    /// signed by the key of the next. The signer of the last one, a root, is not in the module.
    ///
    /// # Errors
    /// [`PartsFault`] with [`PartsRule::NoPair`] or [`PartsRule::WrongSignature`].
    pub fn check_keys(&self) -> Result<(), PartsFault> {
        if !self.epoch.is_pair() {
            return Err(PartsFault::new(PartsField::EpochKey, PartsRule::NoPair));
        }
        for (index, pair) in self.certificates.windows(2).enumerate() {
            let fault = |index, rule| PartsFault::new(PartsField::ModuleCertificate(index), rule);
            let [subject, signer] = pair else { continue };
            let read = |index, bytes: &[u8]| {
                OaCertificate::decode(bytes).map_err(|error| fault(index, PartsRule::Certificate(error)))
            };
            if !read(index, subject)?.verify(&read(index + 1, signer)?.key) {
                return Err(fault(index, PartsRule::WrongSignature));
            }
        }
        Ok(())
    }
}

/// The epoch key's and the device key's.
const MAX_CERTIFICATES: usize = 2;

/// Bytes; those that are manufactured here have some 500. Every write of a unit holds its module's certificates.
const MAX_CERTIFICATE: usize = 4096;
