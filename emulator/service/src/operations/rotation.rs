//! Rotating the master key of an instance: wrapping key storage anew, between committing the new master key and setting it.
//!
//! The units themselves are administered as ever, each with its own event. The documents name none for the rotation.
//! Part of the specification: TKE workflows 2.6, 4.4, 4.5.

use hpcs_ep11::VerificationPattern;
use hpcs_hsm::{NewRegisterStatus, Unit};
use hpcs_names::InstanceId;

use super::{decided, instance_of, units_of};
use crate::decision::Change;
use crate::instance::serving;
use crate::{
    CallEnv, Caller, CryptoUnitCard, Decision, Instance, Record, RecordKey, Refusal, Reply, Rotation, RotationReport,
    RotationStatus, View,
};

/// Starts a rotation to the master key that is committed in all operational and failover units.
///
/// One to the same key that is under way goes on as it was. One to another key is given up: what was rewrapped under that
/// key is unusable, as it is in the cloud, and the report says so from then on. To refuse instead would be kinder, and
/// would hide from whoever rehearses what the mistake costs.
pub(crate) fn start(view: &View, caller: &Caller, id: InstanceId, env: &CallEnv<'_>) -> Decision {
    decided(try_start(view, caller, id, env))
}

fn try_start(view: &View, caller: &Caller, id: InstanceId, env: &CallEnv<'_>) -> Result<Decision, Refusal> {
    let instance = instance_of(view, caller, id)?;
    let units = units_of(view, instance)?;
    let (from, to) = ready(instance.units.iter().zip(&units))?;
    let before = instance.rotation.as_ref().map(|rotation| (rotation, report(rotation, instance, &units, env)));
    let mut given_up = None;
    if let Some((rotation, report)) = before
        && report.status != RotationStatus::Done
    {
        if !rotation.to.matches(&to) {
            given_up = Some(rotation.to);
        } else if report.status != RotationStatus::Failed {
            return Ok(Decision::reply(Ok(Reply::Rotation(report))));
        }
    }
    let rotation = Rotation { started: env.now, from, to, given_up };
    let reply = Reply::Rotation(report(&rotation, instance, &units, env));
    let next = Instance { rotation: Some(rotation), ..instance.clone() };
    let guards = instance.units.iter().map(|card| RecordKey::CryptoUnit(card.id)).collect();
    let changes = vec![Change::put(RecordKey::Instance(id), Record::Instance(next))];
    Ok(Decision { guards, ..Decision::changing(reply, changes) })
}

/// How the rotation that was started last stands.
pub(crate) fn read(view: &View, caller: &Caller, id: InstanceId, env: &CallEnv<'_>) -> Result<Reply, Refusal> {
    let instance = instance_of(view, caller, id)?;
    let units = units_of(view, instance)?;
    let report = instance.rotation.as_ref().map(|rotation| report(rotation, instance, &units, env));
    Ok(Reply::Rotation(report.unwrap_or_else(RotationReport::none)))
}

fn report(rotation: &Rotation, instance: &Instance, units: &[Unit], env: &CallEnv<'_>) -> RotationReport {
    rotation.report(instance.units.iter().zip(units), env.now, env.knobs.rewrap_time)
}

/// The current and the new master key, when all operational and failover units hold the same two, the new one committed.
fn ready<'a>(
    units: impl Iterator<Item = (&'a CryptoUnitCard, &'a Unit)> + Clone,
) -> Result<(VerificationPattern, VerificationPattern), Refusal> {
    let current = |unit: &Unit| unit.status().current_pattern;
    let new = |unit: &Unit| {
        let status = unit.status();
        status.new_pattern.filter(|_| status.new_register == NewRegisterStatus::FullCommitted)
    };
    let refused = |registers: &str| Refusal::InvalidArgument {
        field: "instance",
        why: format!("the {registers} in all operational and failover crypto units with the same verification pattern"),
    };
    let from = common(units.clone(), current).ok_or_else(|| refused("current master key registers are not Valid"))?;
    let to = common(units, new).ok_or_else(|| refused("new master key registers are not Full Committed"))?;
    Ok((from, to))
}

/// The pattern that all serving units have.
fn common<'a>(
    units: impl Iterator<Item = (&'a CryptoUnitCard, &'a Unit)>,
    pattern: impl Fn(&Unit) -> Option<VerificationPattern>,
) -> Option<VerificationPattern> {
    let mut patterns = serving(units).map(|(_, unit)| pattern(unit));
    let first = patterns.next().flatten()?;
    patterns.all(|other| other.is_some_and(|other| other.matches(&first))).then_some(first)
}
