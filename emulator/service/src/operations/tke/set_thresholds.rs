//! `hs-crypto.tke-cryptounit-threshold.set`: thresholds are set, imprint mode is left.

use hpcs_audit::catalogue::tke;
use hpcs_audit::event::Fields;
use hpcs_ep11::{AdminFunction, AttributeList};
use hpcs_hsm::Unit;

use super::{Asked, TkeAction};

/// Request: both thresholds as asked for; one that the command leaves out is reported as it is. Answer: both in force.
pub(super) const ACTION: TkeAction =
    TkeAction { function: AdminFunction::SET_ATTRIBUTES, row: tke::THRESHOLD_SET, asked, answered };

fn asked(fields: Fields, asked: &Asked<'_>) -> Fields {
    let Some(Ok(list)) = asked.input.map(AttributeList::decode) else { return fields };
    let unit = asked.unit;
    let signature = list.get(AttributeList::SIGNATURE_THRESHOLD).unwrap_or(unit.signature_threshold().into());
    let revocation = list.get(AttributeList::REVOCATION_THRESHOLD).unwrap_or(unit.revocation_threshold().into());
    thresholds(fields, signature, revocation)
}

fn answered(_: &Unit, unit: &Unit) -> Fields {
    thresholds(Fields::new(), unit.signature_threshold().into(), unit.revocation_threshold().into())
}

fn thresholds(fields: Fields, signature: u32, revocation: u32) -> Fields {
    fields.with("signatureThreshold", i64::from(signature)).with("revocationSignatureThreshold", i64::from(revocation))
}
