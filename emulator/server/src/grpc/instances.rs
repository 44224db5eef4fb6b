//! The methods of `Instances`.

use bytes::Bytes;
use hpcs_engine::Answer;
use hpcs_grpc::emulator::v1::{
    self as wire, CreateInstanceRequest, DeleteInstanceRequest, DeleteInstanceResponse, EnableFailoverRequest,
    EnableFailoverResponse, ExportInstanceRequest, ImportInstanceRequest, ListInstancesRequest, ListInstancesResponse,
    ResetInstanceRequest,
};
use hpcs_names::InstanceId;
use hpcs_service::document::{InstanceDocument, moment_text};
use hpcs_service::{Instance, Operation, Refusal};
use prost::Message;
use zeroize::Zeroizing;

use super::crypto_units;
use super::registry::{Decoded, Then, decoded, identifier};
use crate::surface::control::{document, export_secrets, new_instance};

pub(super) fn list(message: &Bytes) -> Result<Decoded, Refusal> {
    let ListInstancesRequest {} = decoded(message)?;
    Ok((Operation::ListInstances, Then::Answer))
}

pub(super) fn listed(answer: Answer) -> Result<Vec<u8>, Refusal> {
    let Answer::Instances(instances) = answer else { return Err(Refusal::Internal) };
    Ok(ListInstancesResponse { instances: instances.iter().map(instance).collect() }.encode_to_vec())
}

pub(super) fn create(message: &Bytes) -> Result<Decoded, Refusal> {
    let CreateInstanceRequest { id, region, plan, operational, recovery, failover, document: json, profile } =
        decoded(message)?;
    let given = |text: String| (!text.is_empty()).then_some(text);
    let said = document(&json)?;
    let new = new_instance(InstanceDocument {
        id: given(id).or(said.id),
        region: given(region).or(said.region),
        plan: given(plan).or(said.plan),
        profile: given(profile).or(said.profile),
        operational: operational.or(said.operational),
        recovery: recovery.or(said.recovery),
        failover: failover.or(said.failover),
        ..said
    })?;
    Ok((Operation::CreateInstance(Box::new(new)), Then::Answer))
}

pub(super) fn reset(message: &Bytes) -> Result<Decoded, Refusal> {
    let ResetInstanceRequest { instance, document: json } = decoded(message)?;
    let document = if json.is_empty() { None } else { Some(Box::new(document(&json)?)) };
    Ok((Operation::ResetInstance { instance: identifier("instance", &instance)?, document }, Then::Answer))
}

pub(super) fn is(answer: Answer) -> Result<Vec<u8>, Refusal> {
    let Answer::Instance(found) = answer else { return Err(Refusal::Internal) };
    Ok(instance(&found).encode_to_vec())
}

pub(super) fn delete(message: &Bytes) -> Result<Decoded, Refusal> {
    let DeleteInstanceRequest { instance, purge } = decoded(message)?;
    Ok((Operation::DeleteInstance { instance: identifier("instance", &instance)?, purge }, Then::Answer))
}

pub(super) fn deleted(answer: Answer) -> Result<Vec<u8>, Refusal> {
    let Answer::Deleted = answer else { return Err(Refusal::Internal) };
    Ok(DeleteInstanceResponse {}.encode_to_vec())
}

pub(super) fn enable_failover(message: &Bytes) -> Result<Decoded, Refusal> {
    let EnableFailoverRequest { instance, failover } = decoded(message)?;
    Ok((Operation::EnableFailover { instance: identifier("instance", &instance)?, total: failover }, Then::Answer))
}

pub(super) fn failover_enabled(answer: Answer) -> Result<Vec<u8>, Refusal> {
    let Answer::CryptoUnits(units) = answer else { return Err(Refusal::Internal) };
    Ok(EnableFailoverResponse { units: units.iter().map(crypto_units::unit).collect() }.encode_to_vec())
}

pub(super) fn export(message: &Bytes) -> Result<Decoded, Refusal> {
    let ExportInstanceRequest { instance, passphrase, secrets_in_the_clear } = decoded(message)?;
    let secrets = export_secrets(Zeroizing::new(passphrase), secrets_in_the_clear)?;
    let instance: InstanceId = identifier("instance", &instance)?;
    Ok((Operation::ExportInstance { instance }, Then::Export(instance, secrets)))
}

/// The first message of an import. Those after it hold content alone.
pub(super) fn import(message: &Bytes) -> Result<Decoded, Refusal> {
    let ImportInstanceRequest { passphrase, content } = decoded(message)?;
    let passphrase = (!passphrase.is_empty()).then(|| Zeroizing::new(passphrase));
    Ok((Operation::ImportInstance, Then::Import { passphrase, content }))
}

fn instance(instance: &Instance) -> wire::Instance {
    wire::Instance {
        id: instance.id.to_string(),
        crn: instance.crn().to_string(),
        region: instance.region.to_string(),
        plan: instance.plan.as_str().to_owned(),
        account: instance.account.to_string(),
        created: moment_text(instance.created),
    }
}
