//! Instances in documents.

use std::convert::Infallible;
use std::str::FromStr;

use hpcs_audit::EventTime;
use hpcs_hsm::{Profile, Unit};
use hpcs_names::{AccountId, InstanceId, Region};
use serde::{Deserialize, Serialize};

use super::unit::{given, open};
use super::{DocumentFault, ModuleDocument, RotationDocument, Secret, UnitDocument, Why, moment, moment_text};
use crate::sealing::{Opener, Sealer};
use crate::{CryptoUnitKind, Instance, InstanceSpec, Plan, Rotation};

/// A service instance with its crypto units.
///
/// `operational`, `recovery` and `failover` say how to lay it out; without them the kinds of the units do, if all of them
/// name theirs.
#[derive(Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct InstanceDocument {
    /// The instance's UUID.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Its number among those of the emulator, from 0; places and identifiers derive from it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub number: Option<u32>,
    /// When it was made, RFC 3339.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created: Option<String>,
    /// Whether it was deleted and only its log is left; not when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deleted: Option<bool>,
    /// Its region: `us-south`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// Its plan: `standard` or `hpcs-hourly-uko`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub plan: Option<String>,
    /// Its owner: 32 hexadecimal digits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// Generation of its crypto modules: `CEX5` to `CEX8`; that of the region when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub profile: Option<String>,
    /// How many operational units it has.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub operational: Option<u32>,
    /// Whether it has its two recovery units.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recovery: Option<bool>,
    /// How many failover units it has.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failover: Option<u32>,
    /// Its crypto units in listing order: operational, recovery, failover. Those at the end may be left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub units: Option<Vec<UnitDocument>>,
    /// The rotation of its master key that was started last; none when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rotation: Option<RotationDocument>,
}

impl InstanceDocument {
    /// The document of an instance and its units, in the order of the instance's cards; secrets are in the clear.
    pub fn of<'a>(instance: &Instance, units: impl IntoIterator<Item = &'a Unit>) -> Self {
        let units = instance.units.iter().zip(units).map(|(card, unit)| UnitDocument::of(unit).with_card(card));
        InstanceDocument { units: Some(units.collect()), ..InstanceDocument::head(instance) }
    }

    /// The document of an instance without the state of its units: what its own record holds.
    pub fn of_cards(instance: &Instance) -> Self {
        let units = instance.units.iter().map(|card| {
            let module = ModuleDocument { serial: Some(card.serial.to_string()), ..ModuleDocument::default() };
            UnitDocument { module: Some(module), ..UnitDocument::default() }.with_card(card)
        });
        InstanceDocument { units: Some(units.collect()), ..InstanceDocument::head(instance) }
    }

    fn head(instance: &Instance) -> Self {
        InstanceDocument {
            id: Some(instance.id.to_string()),
            number: Some(instance.number),
            created: Some(moment_text(instance.created)),
            deleted: instance.deleted.then_some(true),
            region: Some(instance.region.to_string()),
            plan: Some(instance.plan.as_str().to_owned()),
            account: Some(instance.account.to_string()),
            profile: instance.profile.map(|profile| profile.as_str().to_owned()),
            rotation: instance.rotation.as_ref().map(RotationDocument::of),
            ..InstanceDocument::default()
        }
    }

    /// The instance alone, from what [`InstanceDocument::of_cards`] made: everything has to be there. Its incarnation, which
    /// is no matter of documents, is 0; nobody is logged in.
    ///
    /// # Errors
    /// [`DocumentFault`] with the path of the first value that is missing or cannot be.
    pub fn to_instance(&self) -> Result<Instance, DocumentFault> {
        let card = |(index, document): (usize, &UnitDocument)| {
            document.to_card().map_err(|fault| fault.inside(format!("units[{index}]")))
        };
        Ok(Instance {
            id: given("id", parsed("id", self.id.as_deref(), UUID)?)?,
            number: given("number", self.number)?,
            incarnation: 0,
            region: given("region", parsed("region", self.region.as_deref(), REGION)?)?,
            plan: given("plan", parsed("plan", self.plan.as_deref(), PLAN)?)?,
            account: given("account", self.account()?)?,
            profile: self.profile()?,
            units: given("units", self.units.as_ref())?.iter().enumerate().map(card).collect::<Result<_, _>>()?,
            created: given("created", self.created()?)?,
            deleted: self.deleted.unwrap_or_default(),
            rotation: self.rotation()?,
            sessions: Vec::new(),
        })
    }

    /// The rotation that was started last, if the document has one.
    ///
    /// # Errors
    /// [`DocumentFault`] with the path of the first value that is missing or cannot be.
    pub fn rotation(&self) -> Result<Option<Rotation>, DocumentFault> {
        let rotation = self.rotation.as_ref().map(RotationDocument::to_rotation).transpose();
        rotation.map_err(|fault| fault.inside("rotation"))
    }

    /// When the instance was made, if the document says so.
    ///
    /// # Errors
    /// [`Why::Expected`] when the text is not RFC 3339.
    pub fn created(&self) -> Result<Option<EventTime>, DocumentFault> {
        let read = |text: &String| {
            moment(text)
                .ok_or_else(|| DocumentFault::new("created", Why::Expected("a time such as 2026-01-01T00:00:00Z")))
        };
        self.created.as_ref().map(read).transpose()
    }

    /// Whether what the document says of the instance itself is so: for an instance that does not become what a document
    /// says.
    ///
    /// # Errors
    /// [`DocumentFault`] with the path of the first value that is another one, or that cannot be.
    pub fn agrees_with(&self, instance: &Instance) -> Result<(), DocumentFault> {
        let same = |kind, count: Option<u32>| count.is_none_or(|count| count == instance.count(kind));
        let recovery = instance.count(CryptoUnitKind::Recovery) > 0;
        let agreeing = [
            ("id", parsed("id", self.id.as_deref(), UUID)?.is_none_or(|id: InstanceId| id == instance.id)),
            ("number", self.number.is_none_or(|number| number == instance.number)),
            ("created", self.created()?.is_none_or(|created| created == instance.created)),
            ("deleted", self.deleted.is_none_or(|deleted| deleted == instance.deleted)),
            (
                "region",
                parsed("region", self.region.as_deref(), REGION)?.is_none_or(|own: Region| own == instance.region),
            ),
            ("plan", parsed("plan", self.plan.as_deref(), PLAN)?.is_none_or(|own: Plan| own == instance.plan)),
            ("account", self.account()?.is_none_or(|own| own == instance.account)),
            ("profile", self.profile()?.is_none_or(|own| Some(own) == instance.module_profile())),
            ("operational", same(CryptoUnitKind::Operational, self.operational)),
            ("recovery", self.recovery.is_none_or(|own| own == recovery)),
            ("failover", same(CryptoUnitKind::Failover, self.failover)),
        ];
        match agreeing.into_iter().find(|(_, agrees)| !agrees) {
            Some((field, _)) => Err(DocumentFault::new(field, Why::Conflict("is not the instance's; leave it out"))),
            None => Ok(()),
        }
    }

    /// Whether the document is of an instance that is not deleted: no other can be made.
    ///
    /// # Errors
    /// [`Why::Conflict`] at `deleted`.
    pub fn is_active(&self) -> Result<(), DocumentFault> {
        if self.deleted == Some(true) {
            return Err(DocumentFault::new("deleted", Why::Conflict("a deleted instance cannot be made")));
        }
        Ok(())
    }

    /// The owner, if the document says so.
    ///
    /// # Errors
    /// [`Why::Expected`] when the text is no account.
    pub fn account(&self) -> Result<Option<AccountId>, DocumentFault> {
        parsed("account", self.account.as_deref(), ACCOUNT)
    }

    fn profile(&self) -> Result<Option<Profile>, DocumentFault> {
        parsed("profile", self.profile.as_deref(), PROFILE)
    }

    /// How to lay out the instance of this document; `defaults` says what it does not.
    ///
    /// # Errors
    /// [`DocumentFault`] when a value is not what it should be. Whether such an instance is possible,
    /// [`lay_out`](crate::lay_out) says.
    pub fn spec(&self, defaults: InstanceSpec) -> Result<InstanceSpec, DocumentFault> {
        let kinds = self.kinds()?;
        let count = |kind| {
            let kinds = kinds.as_ref()?;
            u32::try_from(kinds.iter().filter(|other| **other == kind).count()).ok()
        };
        Ok(InstanceSpec {
            number: self.number.unwrap_or(defaults.number),
            id: parsed("id", self.id.as_deref(), UUID)?.or(defaults.id),
            region: parsed("region", self.region.as_deref(), REGION)?.unwrap_or(defaults.region),
            plan: parsed("plan", self.plan.as_deref(), PLAN)?.unwrap_or(defaults.plan),
            account: self.account()?.unwrap_or(defaults.account),
            profile: self.profile()?.or(defaults.profile),
            operational: self.operational.or(count(CryptoUnitKind::Operational)).unwrap_or(defaults.operational),
            recovery: self
                .recovery
                .or(count(CryptoUnitKind::Recovery).map(|count| count > 0))
                .unwrap_or(defaults.recovery),
            failover: self.failover.or(count(CryptoUnitKind::Failover)).unwrap_or(defaults.failover),
        })
    }

    /// Seals every secret for its path in this document.
    pub fn seal(&mut self, sealer: &mut dyn Sealer) {
        let Ok(()) = self.each_secret(&mut |path, secret| -> Result<(), Infallible> {
            secret.seal(path, sealer);
            Ok(())
        });
    }

    /// Opens every sealed secret.
    ///
    /// # Errors
    /// [`Why::Seal`] with the path of the first that does not open.
    pub fn open(&mut self, opener: &dyn Opener) -> Result<(), DocumentFault> {
        self.each_secret(&mut |path, secret| open(path, secret, opener))
    }

    /// Lets every secret be written in the clear. Only for whoever was told in so many words to do that.
    pub fn disclose(&mut self) {
        let Ok(()) = self.each_secret(&mut |_, secret| -> Result<(), Infallible> {
            secret.disclose();
            Ok(())
        });
    }

    /// The kinds of all units, if there are units and each names its kind.
    fn kinds(&self) -> Result<Option<Vec<CryptoUnitKind>>, DocumentFault> {
        let Some(units) = self.units.as_ref().filter(|units| !units.is_empty()) else { return Ok(None) };
        let kind = |(index, unit): (usize, &UnitDocument)| {
            let name = unit.kind.as_deref();
            name.map(|name| named_kind(name).map_err(|fault| fault.inside(format!("units[{index}]")))).transpose()
        };
        units.iter().enumerate().map(kind).collect()
    }

    fn each_secret<E>(&mut self, visit: &mut dyn FnMut(&str, &mut Secret) -> Result<(), E>) -> Result<(), E> {
        for (index, unit) in self.units.iter_mut().flatten().enumerate() {
            unit.each_secret(&format!("units[{index}]."), visit)?;
        }
        Ok(())
    }
}

/// A text of the document as what it stands for.
pub(super) fn parsed<T: FromStr>(
    field: &'static str,
    text: Option<&str>,
    expected: &'static str,
) -> Result<Option<T>, DocumentFault> {
    let parse = |text: &str| text.parse().map_err(|_| DocumentFault::new(field, Why::Expected(expected)));
    text.map(parse).transpose()
}

/// The name of a kind of crypto unit.
pub(super) fn kind_name(kind: CryptoUnitKind) -> &'static str {
    match kind {
        CryptoUnitKind::Operational => "operational",
        CryptoUnitKind::Recovery => "recovery",
        CryptoUnitKind::Failover => "failover",
    }
}

pub(super) fn named_kind(name: &str) -> Result<CryptoUnitKind, DocumentFault> {
    [CryptoUnitKind::Operational, CryptoUnitKind::Recovery, CryptoUnitKind::Failover]
        .into_iter()
        .find(|kind| kind_name(*kind) == name)
        .ok_or_else(|| DocumentFault::new("kind", Why::Expected("operational, recovery or failover")))
}

pub(super) const UUID: &str = "a UUID such as 7f3c2b1a-5d4e-4f6a-9b8c-0d1e2f3a4b5c";
pub(super) const LOCATION: &str = "a location such as [us-south].[AZ1-CS7].[01].[13]";
pub(super) const PROFILE: &str = "a generation of crypto modules: CEX5, CEX6, CEX7 or CEX8";
const REGION: &str = "a region such as us-south";
const PLAN: &str = "a plan: standard or hpcs-hourly-uko";
const ACCOUNT: &str = "an account of 32 lower-case hexadecimal digits";
