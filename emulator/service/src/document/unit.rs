//! Crypto units in documents.

use std::convert::Infallible;
use std::sync::Arc;

use hpcs_ep11::{AdminDomain, ControlPoints, DomainIndex, DomainInstance, ImporterKey};
use hpcs_hsm::{Module, PartsRule, Unit, UnitParts};
use serde::{Deserialize, Serialize};

use super::{
    AdministratorDocument, Blob, Counter, CurrentMasterKeyDocument, DocumentFault, Factory, ImporterKeyDocument,
    ModuleDocument, NewMasterKeyDocument, PermissionWord, Secret, Why,
};
use crate::CryptoUnitCard;
use crate::sealing::{Opener, Sealer};

/// A crypto unit: what a listing says of it (`id`, `kind`, `location`) and its state.
///
/// The signature threshold decides whether the unit is in imprint mode: 0 is, and then there are no keys.
#[derive(Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct UnitDocument {
    /// The unit's UUID.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// `operational`, `recovery` or `failover`. The layout decides it; a document may only repeat it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// `[us-south].[AZ1-CS7].[01].[13]`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub location: Option<String>,
    /// Domain index within the module: the last part of the location.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub domain_index: Option<u32>,
    /// How often the unit was zeroized, plus 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub domain_instance: Option<u32>,
    /// The counter of the last command that took effect.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub transaction_counter: Option<Counter>,
    /// 0, which is imprint mode, or 1 to 8.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub signature_threshold: Option<u32>,
    /// 1 to 8; in imprint mode also 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub revocation_signature_threshold: Option<u32>,
    /// The permission word.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub permissions: Option<PermissionWord>,
    /// Which control points are enabled: 16 bytes, number 0 first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub control_points: Option<Blob>,
    /// Installed administrators in the order of installation, at most 8.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub administrators: Option<Vec<AdministratorDocument>>,
    /// The current master key register; absent when it is empty.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub current_master_key: Option<CurrentMasterKeyDocument>,
    /// The new master key register; absent when it is empty.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub new_master_key: Option<NewMasterKeyDocument>,
    /// The importer key; absent when there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub importer_key: Option<ImporterKeyDocument>,
    /// The crypto module.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub module: Option<ModuleDocument>,
}

/// What a document of a person stands on. A record has none: it is complete, and nobody but this program wrote it.
pub(super) struct Ground<'a> {
    /// The unit as it was laid out.
    pub(super) base: &'a Unit,
    /// Where modules come from.
    pub(super) factory: &'a Factory<'a>,
}

impl UnitDocument {
    /// The document of a unit's state, its secrets in the clear.
    pub fn of(unit: &Unit) -> Self {
        let parts = unit.parts();
        UnitDocument {
            id: None,
            kind: None,
            location: None,
            domain_index: Some(parts.domain.index.0),
            domain_instance: Some(u32::from_be_bytes(parts.domain.instance.0)),
            transaction_counter: Some(Counter(parts.counter)),
            signature_threshold: Some(parts.signature_threshold.into()),
            revocation_signature_threshold: Some(parts.revocation_threshold.into()),
            permissions: Some(PermissionWord(parts.permissions)),
            control_points: Some(Blob::new(parts.control_points.0.to_vec())),
            administrators: Some(unit.administrators().iter().map(AdministratorDocument::of).collect()),
            current_master_key: parts.current_master_key.as_deref().map(CurrentMasterKeyDocument::of),
            new_master_key: parts.new_master_key.as_ref().map(NewMasterKeyDocument::of),
            importer_key: parts.importer_key.as_deref().map(ImporterKeyDocument::of),
            module: Some(ModuleDocument::of(unit.module())),
        }
    }

    /// With what a listing says of the unit.
    #[must_use]
    pub(super) fn with_card(self, card: &CryptoUnitCard) -> Self {
        UnitDocument {
            id: Some(card.id.to_string()),
            kind: Some(super::instance::kind_name(card.kind).to_owned()),
            location: Some(card.location.to_string()),
            ..self
        }
    }

    /// Seals every secret for its field.
    pub fn seal(&mut self, sealer: &mut dyn Sealer) {
        let Ok(()) = self.each_secret("", &mut |path, secret| -> Result<(), Infallible> {
            secret.seal(path, sealer);
            Ok(())
        });
    }

    /// Opens every sealed secret.
    ///
    /// # Errors
    /// [`Why::Seal`] with the path of the first that does not open.
    pub fn open(&mut self, opener: &dyn Opener) -> Result<(), DocumentFault> {
        self.each_secret("", &mut |path, secret| open(path, secret, opener))
    }

    /// Visits every secret with its path, which begins with `prefix`. Every field of the kind [`Secret`] has its line here.
    pub(super) fn each_secret<E>(
        &mut self,
        prefix: &str,
        visit: &mut dyn FnMut(&str, &mut Secret) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut one = |field: &str, secret: Option<&mut Secret>| match secret {
            Some(secret) if prefix.is_empty() => visit(field, secret),
            Some(secret) => visit(&format!("{prefix}{field}"), secret),
            None => Ok(()),
        };
        for (index, administrator) in self.administrators.iter_mut().flatten().enumerate() {
            if let Some(private_key) = &mut administrator.private_key {
                one(&format!("administrators[{index}].private_key"), Some(private_key))?;
            }
        }
        if let Some(register) = &mut self.current_master_key {
            one("current_master_key.key", register.key.as_mut())?;
            for (index, part) in register.parts.iter_mut().flatten().enumerate() {
                one(&format!("current_master_key.parts[{index}]"), Some(part))?;
            }
        }
        if let Some(register) = &mut self.new_master_key {
            one("new_master_key.key", register.key.as_mut())?;
            for (index, part) in register.parts.iter_mut().flatten().enumerate() {
                one(&format!("new_master_key.parts[{index}]"), Some(part))?;
            }
        }
        one("importer_key.key", self.importer_key.as_mut().and_then(|importer| importer.key.as_mut()))?;
        one("module.epoch_key", self.module.as_mut().and_then(|module| module.epoch_key.as_mut()))
    }

    /// The unit. What is not given is that of the ground; without one it is missing.
    pub(super) fn to_unit(&self, ground: Option<&Ground<'_>>) -> Result<Unit, DocumentFault> {
        let base = ground.map(|ground| ground.base.parts());
        let base = base.as_ref();
        let unit = Unit::from_parts(UnitParts {
            module: self.module(ground)?,
            domain: self.domain(base.map(|base| base.domain))?,
            counter: given(
                "transaction_counter",
                self.transaction_counter.map(|counter| counter.0).or(base.map(|base| base.counter)),
            )?,
            administrators: match &self.administrators {
                Some(documents) => certificates(documents)?,
                None => given("administrators", base.map(|base| base.administrators.clone()))?,
            },
            permissions: given(
                "permissions",
                self.permissions.map(|word| word.0).or(base.map(|base| base.permissions)),
            )?,
            control_points: given("control_points", self.control_points()?.or(base.map(|base| base.control_points)))?,
            signature_threshold: threshold(
                "signature_threshold",
                self.signature_threshold,
                base.map(|base| base.signature_threshold),
            )?,
            revocation_threshold: threshold(
                "revocation_signature_threshold",
                self.revocation_signature_threshold,
                base.map(|base| base.revocation_threshold),
            )?,
            current_master_key: within("current_master_key", &self.current_master_key, |one| one.to_key())?,
            new_master_key: within("new_master_key", &self.new_master_key, |one| one.to_register())?,
            importer_key: self.importer_key(ground)?,
        })?;
        self.check_names(&unit)?;
        Ok(unit)
    }

    fn module(&self, ground: Option<&Ground<'_>>) -> Result<Arc<Module>, DocumentFault> {
        match (&self.module, ground) {
            (Some(document), ground) => document.to_module(ground).map(Arc::new),
            (None, Some(ground)) => Ok(ground.base.module().clone()),
            (None, None) => Err(DocumentFault::new("module", Why::Missing)),
        }
    }

    fn domain(&self, base: Option<AdminDomain>) -> Result<AdminDomain, DocumentFault> {
        let index = self.domain_index.map(DomainIndex).or(base.map(|base| base.index));
        let instance = self.domain_instance.map(|number| DomainInstance(number.to_be_bytes()));
        Ok(AdminDomain {
            index: given("domain_index", index)?,
            instance: given("domain_instance", instance.or(base.map(|base| base.instance)))?,
        })
    }

    fn control_points(&self) -> Result<Option<ControlPoints>, DocumentFault> {
        let Some(blob) = &self.control_points else { return Ok(None) };
        let bytes = blob.array("16").map_err(|why| DocumentFault::new("control_points", why))?;
        Ok(Some(ControlPoints(bytes)))
    }

    fn importer_key(&self, ground: Option<&Ground<'_>>) -> Result<Option<Arc<ImporterKey>>, DocumentFault> {
        let key = within("importer_key", &self.importer_key, |one| one.to_key())?;
        if ground.is_some() && key.as_ref().is_some_and(|key| !key.is_pair()) {
            return Err(DocumentFault::new("importer_key.key", Why::Unit(PartsRule::NoPair)));
        }
        Ok(key)
    }

    /// A name beside a certificate only repeats what the certificate says.
    fn check_names(&self, unit: &Unit) -> Result<(), DocumentFault> {
        let documents = self.administrators.iter().flatten();
        for (index, (document, installed)) in documents.zip(unit.administrators().iter()).enumerate() {
            if document.certificate.is_some() && document.name.as_deref().is_some_and(|name| name != installed.name()) {
                let why = Why::Conflict("is not the name in the certificate");
                return Err(DocumentFault::new(format!("administrators[{index}].name"), why));
            }
        }
        Ok(())
    }
}

/// Opens one secret; its path goes into the fault.
pub(super) fn open(path: &str, secret: &mut Secret, opener: &dyn Opener) -> Result<(), DocumentFault> {
    secret.open(path, opener).map_err(|fault| DocumentFault::new(path, Why::Seal(fault)))
}

/// What is there, or the fault that it is not.
pub(super) fn given<T>(field: &'static str, value: Option<T>) -> Result<T, DocumentFault> {
    value.ok_or_else(|| DocumentFault::new(field, Why::Missing))
}

fn within<D, T>(
    field: &'static str,
    document: &Option<D>,
    read: impl FnOnce(&D) -> Result<T, DocumentFault>,
) -> Result<Option<T>, DocumentFault> {
    document.as_ref().map(read).transpose().map_err(|fault| fault.inside(field))
}

fn certificates(documents: &[AdministratorDocument]) -> Result<Vec<Vec<u8>>, DocumentFault> {
    let read = |(index, document): (usize, &AdministratorDocument)| {
        document.to_certificate().map_err(|fault| fault.inside(format!("administrators[{index}]")))
    };
    documents.iter().enumerate().map(read).collect()
}

fn threshold(field: &'static str, own: Option<u32>, base: Option<u8>) -> Result<u8, DocumentFault> {
    match own {
        Some(number) => u8::try_from(number).map_err(|_| DocumentFault::new(field, Why::Expected("0 to 8"))),
        None => given(field, base),
    }
}
