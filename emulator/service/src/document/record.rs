//! The value of a unit's record in the store: a version, the sealed data key, and the unit with sealed secrets.

use hpcs_hsm::Unit;
use rand_core::CryptoRng;
use serde::{Deserialize, Serialize};

use super::{Blob, DocumentFault, UnitDocument, Why, without_values};
use crate::sealing::{RecordOpener, RecordSealer, StoreKey};

/// The record's value for a unit: compact JSON, its secrets under a data key from `rng`.
///
/// `record` names the record; what is sealed opens under this name alone.
#[expect(clippy::expect_used, reason = "writing to memory fails only for a secret that was not sealed; a test has all")]
pub fn encode_unit(unit: &Unit, record: &str, store_key: &StoreKey, rng: &mut dyn CryptoRng) -> Vec<u8> {
    let mut sealer = RecordSealer::new(store_key, record, rng);
    let mut unit = UnitDocument::of(unit);
    unit.seal(&mut sealer);
    let value = UnitRecord { version: VERSION, data_key: Blob::new(sealer.sealed_data_key().to_vec()), unit };
    let mut bytes = Vec::with_capacity(USUAL_SIZE);
    serde_json::to_writer(&mut bytes, &value).expect("every secret is sealed");
    bytes
}

/// The unit in a record's value. Costs no public-key arithmetic: what was sealed nobody else has changed.
///
/// # Errors
/// [`Why::ForeignVersion`], [`Why::Form`] when the value is no such JSON, [`Why::Seal`] when a secret does not open, and
/// the faults of the values.
pub fn decode_unit(value: &[u8], record: &str, store_key: &StoreKey) -> Result<Unit, DocumentFault> {
    let UnitRecord { version, data_key, mut unit } =
        serde_json::from_slice(value).map_err(|error| form(value, &error))?;
    if version != VERSION {
        return Err(DocumentFault::new("version", Why::ForeignVersion(version)));
    }
    let data_key = data_key.bytes().map_err(|why| DocumentFault::new("data_key", why))?;
    let opener = RecordOpener::new(store_key, record, data_key)
        .map_err(|fault| DocumentFault::new("data_key", Why::Seal(fault)))?;
    unit.open(&opener).and_then(|()| unit.to_unit(None)).map_err(|fault| fault.inside("unit"))
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct UnitRecord {
    version: u64,
    data_key: Blob,
    unit: UnitDocument,
}

/// A version that is not known may have another form, so that the version alone is read once more.
fn form(value: &[u8], error: &serde_json::Error) -> DocumentFault {
    #[derive(Deserialize)]
    struct VersionAlone {
        version: u64,
    }
    match serde_json::from_slice(value) {
        Ok(VersionAlone { version }) if version != VERSION => {
            DocumentFault::new("version", Why::ForeignVersion(version))
        }
        _ => DocumentFault::new("", Why::Form(without_values(&error.to_string()))),
    }
}

const VERSION: u64 = 1;
/// A secured unit with three administrators and both registers full, bytes.
const USUAL_SIZE: usize = 8 * 1024;

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use hpcs_ep11::{
        AdminBlock, AdminDomain, AdminFunction, AdminRequest, ControlPoints, DomainIndex, DomainInstance, FunctionWord,
        ImporterKeyType, TransactionCounter,
    };
    use hpcs_hsm::{Profile, Request, UnitParts};
    use proptest::prelude::*;

    use super::super::testing::{
        assert_same, every_kind_of_state, factory_unit_of, full, full_parts, importer, rng, store_key,
        with_oa2_certificates,
    };
    use super::*;
    use crate::sealing::SealFault;

    fn encoded(unit: &Unit) -> Vec<u8> {
        encode_unit(unit, "unit/1", &store_key(), &mut rng(1))
    }

    fn decoded(value: &[u8]) -> Result<Unit, DocumentFault> {
        decode_unit(value, "unit/1", &store_key())
    }

    fn fault(value: &[u8]) -> DocumentFault {
        decoded(value).err().unwrap()
    }

    /// The value after a change to its JSON.
    fn changed(change: impl FnOnce(&mut serde_json::Value)) -> Vec<u8> {
        let mut json = serde_json::from_slice(&encoded(&full())).unwrap();
        change(&mut json);
        json.to_string().into_bytes()
    }

    #[test]
    fn every_kind_of_state_comes_back() {
        for unit in every_kind_of_state() {
            assert_same(&decoded(&encoded(&unit)).unwrap_or_else(|fault| panic!("{fault}")), &unit);
        }
    }

    #[test]
    fn modules_of_every_generation_come_back() {
        for profile in Profile::ALL {
            let unit =
                Unit::from_parts(UnitParts { module: factory_unit_of(profile).module().clone(), ..full_parts() });
            let unit = unit.unwrap();
            assert_same(&decoded(&encoded(&unit)).unwrap_or_else(|fault| panic!("{fault}")), &unit);
        }
    }

    #[test]
    fn modules_that_earlier_versions_made_with_oa2_certificates_come_back_as_they_are() {
        for profile in [Profile::Cex5, Profile::Cex8] {
            let unit = UnitParts { module: Arc::new(with_oa2_certificates(profile)), ..full_parts() };
            let unit = Unit::from_parts(unit).unwrap();
            assert_same(&decoded(&encoded(&unit)).unwrap_or_else(|fault| panic!("{fault}")), &unit);
        }
    }

    #[test]
    fn a_unit_from_its_record_answers_the_same_bytes() {
        let unit = full();
        let (function, index) = (AdminFunction::QUERY_ADMINISTRATORS.to_bytes(), unit.domain().index.to_bytes());
        let place = [index, [0; 4]].concat();
        let block = AdminBlock { function: &function, domain: &place, module: &[], counter: &[], input: &[] }.encode();
        let word = FunctionWord::sdk(FunctionWord::ADMIN);
        let query = AdminRequest { function: word, domain: &index, block: &block, signatures: &[] }.encode();
        let answer = |unit: &Unit| match Request::decode(&query, unit) {
            Ok(Request::Query(query)) => query.answer(unit).0.into_payload(),
            _ => panic!("not a query"),
        };
        assert_eq!(answer(&decoded(&encoded(&unit)).ok().unwrap()), answer(&unit));
    }

    #[test]
    fn no_secret_stands_in_the_value() {
        let unit = full();
        let text = String::from_utf8(encoded(&unit)).unwrap();
        let epoch = unit.module().parts().epoch.to_stored();
        let importer = importer(ImporterKeyType::P521).to_stored();
        for secret in [&[0x51; 32][..], &[0x52; 32], &epoch[..66], &importer[..66]] {
            assert!(!text.contains(&hex::encode(&secret[..16])));
        }
        assert_eq!(text.matches("\"sealed\"").count(), 4);
    }

    #[test]
    fn a_value_opens_under_its_own_name_and_key_alone() {
        let value = encoded(&full());
        let damaged = DocumentFault::new("data_key", Why::Seal(SealFault::Damaged));
        assert_eq!(decode_unit(&value, "unit/2", &store_key()).err(), Some(damaged.clone()));
        let other = StoreKey::new(&zeroize::Zeroizing::new([2; 32]));
        assert_eq!(decode_unit(&value, "unit/1", &other).err(), Some(damaged));
    }

    #[test]
    fn a_sealed_secret_does_not_open_in_another_field_or_write() {
        let swapped = changed(|json| {
            let key = json["unit"]["current_master_key"]["key"].take();
            json["unit"]["current_master_key"]["key"] = json["unit"]["new_master_key"]["key"].take();
            json["unit"]["new_master_key"]["key"] = key;
        });
        let damaged = Why::Seal(SealFault::Damaged);
        assert_eq!(fault(&swapped), DocumentFault::new("unit.current_master_key.key", damaged.clone()));
        let later = encode_unit(&full(), "unit/1", &store_key(), &mut rng(2));
        let later: serde_json::Value = serde_json::from_slice(&later).unwrap();
        let mixed = changed(|json| json["unit"]["importer_key"]["key"] = later["unit"]["importer_key"]["key"].clone());
        assert_eq!(fault(&mixed), DocumentFault::new("unit.importer_key.key", damaged));
    }

    #[test]
    fn two_writes_of_one_state_differ_in_everything_sealed() {
        let (one, other) = (encoded(&full()), encode_unit(&full(), "unit/1", &store_key(), &mut rng(2)));
        let sealed = |value: &[u8]| {
            let json: serde_json::Value = serde_json::from_slice(value).unwrap();
            let unit = &json["unit"];
            [&json["data_key"], &unit["current_master_key"], &unit["new_master_key"]["key"], &unit["importer_key"]]
                .map(ToString::to_string)
        };
        assert!(sealed(&one).iter().zip(&sealed(&other)).all(|(one, other)| one != other));
    }

    #[test]
    fn another_version_is_told_even_when_its_form_is_another() {
        let version = |number| DocumentFault::new("version", Why::ForeignVersion(number));
        assert_eq!(fault(&changed(|json| json["version"] = 2.into())), version(2));
        assert_eq!(fault(br#"{"version":3,"state":{}}"#), version(3));
        assert!(matches!(fault(br#"{"version":1,"state":{}}"#).why, Why::Form(_)));
        assert!(matches!(fault(b"").why, Why::Form(_)));
    }

    #[test]
    fn what_is_missing_is_named() {
        for field in [
            "domain_index",
            "domain_instance",
            "transaction_counter",
            "signature_threshold",
            "revocation_signature_threshold",
            "permissions",
            "control_points",
            "administrators",
            "module",
        ] {
            let cut = changed(|json| drop(json["unit"].as_object_mut().unwrap().remove(field)));
            assert_eq!(fault(&cut), DocumentFault::new(format!("unit.{field}"), Why::Missing));
        }
        for field in ["serial", "instance", "profile", "epoch_key", "certificates", "configuration_hashes"] {
            let cut = changed(|json| drop(json["unit"]["module"].as_object_mut().unwrap().remove(field)));
            assert_eq!(fault(&cut), DocumentFault::new(format!("unit.module.{field}"), Why::Missing));
        }
    }

    #[test]
    fn a_unit_that_cannot_be_is_refused_with_its_rule() {
        let above = changed(|json| json["unit"]["signature_threshold"] = 3.into());
        assert_eq!(fault(&above).to_string(), "unit.signature_threshold: 3 is above the number of administrators, 2");
        let twice = changed(|json| {
            let first = json["unit"]["administrators"][0].clone();
            json["unit"]["administrators"][1] = first;
        });
        assert_eq!(fault(&twice).path, "unit.administrators[1].certificate");
    }

    proptest! {
        #[test]
        fn numbers_of_any_size_come_back(counter: u128, instance: u32, index: u32, control_points: [u8; 16]) {
            let base = full_parts();
            let possible = base.control_points;
            let unit = Unit::from_parts(UnitParts {
                counter: TransactionCounter(counter),
                domain: AdminDomain {
                    index: DomainIndex(index),
                    instance: DomainInstance(instance.to_be_bytes()),
                },
                control_points: ControlPoints(control_points).intersection(&possible),
                ..base
            });
            let unit = unit.unwrap();
            assert_same(&decoded(&encoded(&unit)).unwrap(), &unit);
        }

        #[test]
        fn a_damaged_value_is_a_fault_or_the_same_unit(at: prop::sample::Index, byte: u8, cut: bool) {
            let value = encoded(&full());
            let at = at.index(value.len());
            let damaged = if cut { value[..at].to_vec() } else {
                let mut damaged = value.clone();
                damaged[at] = byte;
                damaged
            };
            match decoded(&damaged) {
                // The clear text fields are not sealed: a digit of the counter may change.
                Ok(unit) => prop_assert!(!cut && unit.administrators().len() == 2),
                Err(fault) => prop_assert!(!fault.to_string().contains(&hex::encode([0x51; 8]))),
            }
        }
    }
}
