//! A module taken apart.

use std::sync::Arc;

use hpcs_ep11::{ModuleId, OaCertificate, OaGeneration, P521KeyPair};

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
    /// Everything that is cheap is checked: the certificates can be read, are in the layout of the module's generation
    /// and name this module, the first is that of the public epoch key. Nothing is signed or verified, so that a
    /// thousand modules load in no time; [`Module::check_keys`] does that for parts from outside.
    ///
    /// # Errors
    /// [`PartsFault`].
    pub fn from_parts(parts: ModuleParts) -> Result<Module, PartsFault> {
        put_together(parts, |profile| vec![profile.oa_generation()])
    }

    /// Puts a module together that an emulator has kept, perhaps an earlier one.
    ///
    /// Earlier versions made modules of every generation with OA2 certificates. CEX5 and CEX8 modules that have them keep
    /// them: keys and chains are as good as ever, clients go by what they see, and whoever knows the module's key finds
    /// it again. Everything else is as in [`Module::from_parts`].
    ///
    /// # Errors
    /// [`PartsFault`].
    pub fn from_kept_parts(parts: ModuleParts) -> Result<Module, PartsFault> {
        put_together(parts, |profile| vec![profile.oa_generation(), OaGeneration::Oa2])
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
            if !read(index, subject)?.verify(read(index + 1, signer)?.key()) {
                return Err(fault(index, PartsRule::WrongSignature));
            }
        }
        Ok(())
    }
}

/// The module of these parts, whose certificates are all in one of the layouts that `layouts` gives for its generation.
fn put_together(parts: ModuleParts, layouts: impl FnOnce(Profile) -> Vec<OaGeneration>) -> Result<Module, PartsFault> {
    let ModuleParts { id, profile, epoch, certificates, configuration_hashes } = parts;
    let Some(first) = certificates.first() else {
        return Err(PartsFault::new(PartsField::ModuleCertificates, PartsRule::NoCertificate));
    };
    if certificates.len() > MAX_CERTIFICATES {
        let rule = PartsRule::TooMany { most: MAX_CERTIFICATES, found: certificates.len() };
        return Err(PartsFault::new(PartsField::ModuleCertificates, rule));
    }
    let own = OaGeneration::of(first);
    let expected = if layouts(profile).contains(&own) { own } else { profile.oa_generation() };
    for (index, certificate) in certificates.iter().enumerate() {
        let fault = |rule| PartsFault::new(PartsField::ModuleCertificate(index), rule);
        if certificate.len() > MAX_CERTIFICATE {
            return Err(fault(PartsRule::CertificateSize { most: MAX_CERTIFICATE, found: certificate.len() }));
        }
        let found = OaGeneration::of(certificate);
        if found != expected {
            return Err(fault(PartsRule::OtherGeneration { profile, expected, found }));
        }
        let certificate = OaCertificate::decode(certificate).map_err(|error| fault(PartsRule::Certificate(error)))?;
        if !certificate.names(id.serial) {
            return Err(fault(PartsRule::OtherModule));
        }
        if index == 0 && *certificate.key() != epoch.public() {
            return Err(fault(PartsRule::OtherKey));
        }
    }
    Ok(Module { id, profile, epoch, certificates, configuration_hashes })
}

/// The epoch key's and the device key's.
const MAX_CERTIFICATES: usize = 2;

/// Bytes: the largest certificate of any generation, one of CEX8. Every write of a unit holds its module's certificates.
const MAX_CERTIFICATE: usize = OaGeneration::LARGEST;
