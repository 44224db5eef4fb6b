//! `DOMAINS`: the crypto units that the workstation has seen, and which of them are selected.
//!
//! The list is refreshed from the service each time units are listed: [`refresh_domains`] numbers the units anew and
//! keeps the selection by the unit's id.

use hpcs_ep11::SerialNumber;
use hpcs_names::{CryptoUnitId, InstanceId, Location};
use serde::{Deserialize, Serialize};

use super::json::{read_array, to_json};
use super::{FieldFault, FilesError, WorkstationFiles, atomic};
use crate::{CryptoUnitInfo, CryptoUnitKind};

/// A crypto unit as the workstation knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DomainEntry {
    /// Its CRYPTO UNIT NUM, from 1 over all instances.
    pub number: u32,
    /// Its id.
    pub unit: CryptoUnitId,
    /// The instance it belongs to.
    pub instance: InstanceId,
    /// Where it is.
    pub location: Location,
    /// The serial number of its crypto module.
    pub serial: SerialNumber,
    /// The public key of its crypto module in hexadecimal, once it is known.
    pub public_key: Option<String>,
    /// What it is for.
    pub kind: CryptoUnitKind,
    /// Whether commands work on it.
    pub selected: bool,
}

impl DomainEntry {
    /// The unit as the service lists it.
    #[must_use]
    pub fn info(&self) -> CryptoUnitInfo {
        CryptoUnitInfo { id: self.unit, kind: self.kind, location: self.location.clone(), serial: self.serial }
    }
}

impl WorkstationFiles {
    /// The crypto units seen, in the order of the file; none when there is no file.
    ///
    /// # Errors
    /// [`FilesError::Damaged`], [`FilesError::Io`].
    pub fn domains(&self) -> Result<Vec<DomainEntry>, FilesError> {
        let path = self.root().join(NAME);
        let stored: Vec<StoredDomain> = read_array(&path)?;
        let damaged = |field| FilesError::Damaged { path: path.clone(), field, fault: FieldFault::Malformed };
        stored.into_iter().map(|domain| domain.parse().map_err(damaged)).collect()
    }

    /// Replaces the list of crypto units.
    ///
    /// # Errors
    /// [`FilesError::Io`].
    pub fn save_domains(&self, domains: &[DomainEntry]) -> Result<(), FilesError> {
        let stored: Vec<StoredDomain> = domains.iter().map(StoredDomain::from).collect();
        atomic::write_atomically(&self.root().join(NAME), &to_json(&stored))
    }
}

/// The units that the service lists, with what the workstation knew about them.
///
/// Units are numbered from 1 over all instances: instances in ascending order of id; within one, operational units
/// first, then recovery and failover units, each kind in the service's order. A unit keeps its selection and its module
/// key when its id was known. Units that are no longer listed are dropped, and with them their selection.
#[must_use]
pub fn refresh_domains(known: &[DomainEntry], listed: &[(InstanceId, Vec<CryptoUnitInfo>)]) -> Vec<DomainEntry> {
    let mut units: Vec<(InstanceId, &CryptoUnitInfo)> =
        listed.iter().flat_map(|(instance, units)| units.iter().map(|unit| (*instance, unit))).collect();
    // The sort is stable: within a kind the service's order stays.
    units.sort_by_key(|(instance, unit)| (*instance, unit.kind));
    let numbered = (1..).zip(units);
    numbered
        .map(|(number, (instance, unit))| {
            let before = known.iter().find(|entry| entry.unit == unit.id);
            DomainEntry {
                number,
                unit: unit.id,
                instance,
                location: unit.location.clone(),
                serial: unit.serial,
                public_key: before
                    .filter(|entry| entry.serial == unit.serial)
                    .and_then(|entry| entry.public_key.clone()),
                kind: unit.kind,
                selected: before.is_some_and(|entry| entry.selected),
            }
        })
        .collect()
}

/// The members in the order in which the real command writes them.
#[derive(Deserialize, Serialize)]
struct StoredDomain {
    domain_num: u32,
    hsm_id: String,
    crypto_instance_id: String,
    location: String,
    serial_num: String,
    public_key: String,
    /// Absent in the oldest files, which know operational units only.
    #[serde(rename = "type", default = "operational")]
    kind: String,
    selected: bool,
}

impl StoredDomain {
    /// The entry, or the name of the member that is malformed.
    fn parse(self) -> Result<DomainEntry, &'static str> {
        Ok(DomainEntry {
            number: self.domain_num,
            unit: self.hsm_id.parse().map_err(|_| "hsm_id")?,
            instance: self.crypto_instance_id.parse().map_err(|_| "crypto_instance_id")?,
            location: self.location.parse().map_err(|_| "location")?,
            serial: self.serial_num.parse().map_err(|_| "serial_num")?,
            public_key: Some(self.public_key).filter(|key| key != NO_KEY),
            kind: CryptoUnitKind::from_stored(&self.kind).ok_or("type")?,
            selected: self.selected,
        })
    }
}

impl From<&DomainEntry> for StoredDomain {
    fn from(domain: &DomainEntry) -> Self {
        Self {
            domain_num: domain.number,
            hsm_id: domain.unit.to_string(),
            crypto_instance_id: domain.instance.to_string(),
            location: domain.location.to_string(),
            serial_num: domain.serial.to_string(),
            public_key: domain.public_key.clone().unwrap_or_else(|| NO_KEY.to_owned()),
            kind: domain.kind.as_str().to_owned(),
            selected: domain.selected,
        }
    }
}

fn operational() -> String {
    CryptoUnitKind::Operational.as_str().to_owned()
}

const NAME: &str = "DOMAINS";
/// What stands for a public key that is not known.
const NO_KEY: &str = "not available";

#[cfg(test)]
mod tests {
    use super::super::testing::workspace;
    use super::*;

    fn instance(digit: char) -> InstanceId {
        "00000000-0000-4000-8000-00000000000X".replace('X', &digit.to_string()).parse().unwrap()
    }

    fn unit(digit: char, kind: CryptoUnitKind) -> CryptoUnitInfo {
        CryptoUnitInfo {
            id: "11111111-0000-4000-8000-00000000000X".replace('X', &digit.to_string()).parse().unwrap(),
            kind,
            location: "[us-south].[AZ1-CS7].[01].[13]".parse().unwrap(),
            serial: "93AABC01".parse().unwrap(),
        }
    }

    fn listed() -> Vec<(InstanceId, Vec<CryptoUnitInfo>)> {
        use CryptoUnitKind::{Failover, Operational, Recovery};
        vec![
            (instance('b'), vec![unit('9', Operational)]),
            (
                instance('a'),
                vec![unit('1', Failover), unit('2', Operational), unit('3', Recovery), unit('0', Operational)],
            ),
        ]
    }

    fn ids(domains: &[DomainEntry]) -> Vec<char> {
        domains.iter().map(|domain| domain.unit.to_string().chars().last().unwrap()).collect()
    }

    #[test]
    fn units_are_numbered_by_instance_then_kind_then_the_services_order() {
        let domains = refresh_domains(&[], &listed());
        assert_eq!(ids(&domains), ['2', '0', '3', '1', '9']);
        assert_eq!(domains.iter().map(|domain| domain.number).collect::<Vec<_>>(), [1, 2, 3, 4, 5]);
        assert!(domains.iter().all(|domain| !domain.selected && domain.public_key.is_none()));
    }

    #[test]
    fn the_selection_survives_by_unit_id_and_vanished_units_are_dropped() {
        let mut known = refresh_domains(&[], &listed());
        known[1].selected = true;
        known[1].public_key = Some("04ab".to_owned());
        known[4].selected = true;
        let mut now = listed();
        now.remove(0);
        now[0].1.rotate_left(3);
        let refreshed = refresh_domains(&known, &now);
        assert_eq!(ids(&refreshed), ['0', '2', '3', '1']);
        assert_eq!(refreshed.iter().map(|domain| domain.selected).collect::<Vec<_>>(), [true, false, false, false]);
        assert_eq!(refreshed[0].public_key.as_deref(), Some("04ab"));
    }

    #[test]
    fn the_key_of_another_module_is_forgotten() {
        let mut known = refresh_domains(&[], &listed());
        known[0].public_key = Some("04ab".to_owned());
        let mut now = listed();
        now[1].1[1].serial = "93AABC02".parse().unwrap();
        assert_eq!(refresh_domains(&known, &now)[0].public_key, None);
    }

    #[test]
    fn the_file_has_the_documented_members_in_order() {
        let workspace = workspace();
        let domains = refresh_domains(&[], &[(instance('a'), vec![unit('2', CryptoUnitKind::Recovery)])]);
        workspace.files.save_domains(&domains).unwrap();
        let content = std::fs::read_to_string(workspace.files.root().join(NAME)).unwrap();
        assert_eq!(
            content,
            "[{\"domain_num\":1,\"hsm_id\":\"11111111-0000-4000-8000-000000000002\",\"crypto_instance_id\":\
             \"00000000-0000-4000-8000-00000000000a\",\"location\":\"[us-south].[AZ1-CS7].[01].[13]\",\"serial_num\":\
             \"93AABC01\",\"public_key\":\"not available\",\"type\":\"recovery\",\"selected\":false}]\n"
        );
        assert_eq!(workspace.files.domains().unwrap(), domains);
    }

    #[test]
    fn the_oldest_form_without_a_type_is_read() {
        let workspace = workspace();
        let domains = refresh_domains(&[], &[(instance('a'), vec![unit('2', CryptoUnitKind::Operational)])]);
        workspace.files.save_domains(&domains).unwrap();
        let path = workspace.files.root().join(NAME);
        let content = std::fs::read_to_string(&path).unwrap().replace("\"type\":\"operational\",", "");
        std::fs::write(&path, content).unwrap();
        assert_eq!(workspace.files.domains().unwrap(), domains);
    }

    #[test]
    fn a_malformed_member_is_named() {
        let workspace = workspace();
        let domains = refresh_domains(&[], &[(instance('a'), vec![unit('2', CryptoUnitKind::Operational)])]);
        workspace.files.save_domains(&domains).unwrap();
        let path = workspace.files.root().join(NAME);
        let content = std::fs::read_to_string(&path).unwrap().replace("[01].[13]", "01.13");
        std::fs::write(&path, content).unwrap();
        assert!(matches!(workspace.files.domains(), Err(FilesError::Damaged { field: "location", .. })));
    }
}
