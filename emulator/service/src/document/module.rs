//! Crypto modules in documents.

use std::sync::Arc;

use hpcs_ep11::{ModuleId, ModuleInstance, P521KeyPair, SerialNumber};
use hpcs_hsm::{Module, ModuleParts, Profile};
use serde::{Deserialize, Serialize};

use super::instance::PROFILE;
use super::unit::{Ground, given};
use super::{Blob, DocumentFault, Secret, Why};

/// A crypto module.
///
/// A document of a person that gives the module another serial number, instance or profile and no keys gets a module
/// that is manufactured anew: certificates name the serial number.
#[derive(Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ModuleDocument {
    /// Serial number: eight digits or upper-case letters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub serial: Option<String>,
    /// Module instance: 16 hexadecimal digits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instance: Option<Blob>,
    /// Generation: `CEX5` to `CEX8`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub profile: Option<String>,
    /// The epoch key: the scalar, 66 bytes, and, as exports have it, the public point, 133 bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub epoch_key: Option<Secret>,
    /// Outbound authentication certificates: the epoch key's first, then its parents.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub certificates: Option<Vec<Blob>>,
    /// Hashes of the firmware, EP11 and CSP configurations: 32 bytes each.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub configuration_hashes: Option<[Blob; 3]>,
}

impl ModuleDocument {
    /// The document of a module, its epoch key in the clear.
    pub fn of(module: &Module) -> Self {
        let parts = module.parts();
        ModuleDocument {
            serial: Some(parts.id.serial.to_string()),
            instance: Some(Blob::new(parts.id.instance.0.to_vec())),
            profile: Some(parts.profile.as_str().to_owned()),
            epoch_key: Some(Secret::clear(parts.epoch.to_stored())),
            certificates: Some(parts.certificates.into_iter().map(Blob::new).collect()),
            configuration_hashes: Some(parts.configuration_hashes.map(|hash| Blob::new(hash.to_vec()))),
        }
    }

    /// The module, and what is wrong as the unit's document sees it. What is not given is that of the ground.
    pub(super) fn to_module(&self, ground: Option<&Ground<'_>>) -> Result<Module, DocumentFault> {
        let parts = self.to_parts(ground).map_err(|fault| fault.inside("module"))?;
        let of_a_person = ground.is_some_and(|ground| !ground.factory.exported) && self.has_keys();
        let module = if of_a_person { Module::from_parts(parts)? } else { Module::from_kept_parts(parts)? };
        if ground.is_some() && self.has_keys() {
            module.check_keys()?;
        }
        Ok(module)
    }

    fn to_parts(&self, ground: Option<&Ground<'_>>) -> Result<ModuleParts, DocumentFault> {
        let base = ground.map(|ground| ground.base.module());
        let id = self.id(base.map(|base| base.id()))?;
        let profile = self.profile(base.map(|base| base.profile()))?;
        let base = match (ground, base) {
            (Some(ground), Some(base)) if !self.has_keys() && (id, profile) != (base.id(), base.profile()) => {
                Some(ground.factory.module(profile, id).parts())
            }
            (_, base) => base.map(|base| base.parts()),
        };
        let (epoch, certificates, hashes) = match base {
            Some(base) => (Some(base.epoch), Some(base.certificates), Some(base.configuration_hashes)),
            None => (None, None, None),
        };
        Ok(ModuleParts {
            id,
            profile,
            epoch: given("epoch_key", self.epoch()?.or(epoch))?,
            certificates: given("certificates", self.certificates()?.or(certificates))?,
            configuration_hashes: given("configuration_hashes", self.hashes()?.or(hashes))?,
        })
    }

    fn has_keys(&self) -> bool {
        self.epoch_key.is_some() || self.certificates.is_some()
    }

    fn id(&self, base: Option<ModuleId>) -> Result<ModuleId, DocumentFault> {
        let serial = match &self.serial {
            Some(text) => Some(text.parse::<SerialNumber>().map_err(|_| {
                DocumentFault::new("serial", Why::Expected("a serial number of eight digits or upper-case letters"))
            })?),
            None => base.map(|id| id.serial),
        };
        let instance = match &self.instance {
            Some(blob) => {
                let bytes = blob.array("8").map_err(|why| DocumentFault::new("instance", why))?;
                Some(ModuleInstance(bytes))
            }
            None => base.map(|id| id.instance),
        };
        Ok(ModuleId { serial: given("serial", serial)?, instance: given("instance", instance)? })
    }

    fn profile(&self, base: Option<Profile>) -> Result<Profile, DocumentFault> {
        let own = self
            .profile
            .as_deref()
            .map(|name| Profile::named(name).ok_or_else(|| DocumentFault::new("profile", Why::Expected(PROFILE))));
        given("profile", own.transpose()?.or(base))
    }

    fn epoch(&self) -> Result<Option<Arc<P521KeyPair>>, DocumentFault> {
        let Some(secret) = &self.epoch_key else { return Ok(None) };
        let key = secret.expose().and_then(|bytes| match bytes.len() {
            P521KeyPair::SCALAR_SIZE => P521KeyPair::from_scalar(bytes).map_err(Why::Bytes),
            P521KeyPair::STORED_SIZE => P521KeyPair::from_stored(bytes).map_err(Why::Bytes),
            found => Err(Why::Size { expected: "66 or 199", found }),
        });
        key.map(|key| Some(Arc::new(key))).map_err(|why| DocumentFault::new("epoch_key", why))
    }

    fn certificates(&self) -> Result<Option<Vec<Vec<u8>>>, DocumentFault> {
        let Some(blobs) = &self.certificates else { return Ok(None) };
        let mut certificates = Vec::with_capacity(blobs.len());
        for (index, blob) in blobs.iter().enumerate() {
            let bytes = blob.bytes().map_err(|why| DocumentFault::new(format!("certificates[{index}]"), why))?;
            certificates.push(bytes.to_vec());
        }
        Ok(Some(certificates))
    }

    fn hashes(&self) -> Result<Option<[[u8; 32]; 3]>, DocumentFault> {
        let Some(blobs) = &self.configuration_hashes else { return Ok(None) };
        let mut hashes = [[0; 32]; 3];
        for (index, (hash, blob)) in hashes.iter_mut().zip(blobs).enumerate() {
            *hash =
                blob.array("32").map_err(|why| DocumentFault::new(format!("configuration_hashes[{index}]"), why))?;
        }
        Ok(Some(hashes))
    }
}
