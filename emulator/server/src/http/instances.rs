//! `/_emulator/instances`: list, create, reset, delete, export, import.
//!
//! An instance is described by its document, in the form of a seed file; `{}` is the default instance. The passphrase of
//! an import comes in the header `hpcs-passphrase`, because its body is the file.

use hpcs_engine::Answer;
use hpcs_names::InstanceId;
use hpcs_service::document::moment_text;
use hpcs_service::{Instance, Operation, Refusal};
use http::{Response, StatusCode};
use serde::{Deserialize, Serialize};
use tonic::body::Body;
use zeroize::Zeroizing;

use super::registry::{Decoded, Input, Then};
use super::reply;
use crate::surface::control::{document, export_secrets, new_instance};

/// An instance, as every answer shows it.
#[derive(Serialize)]
struct Card {
    id: String,
    crn: String,
    region: String,
    plan: &'static str,
    account: String,
    created: String,
}

#[derive(Serialize)]
struct Cards {
    instances: Vec<Card>,
}

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Export {
    passphrase: String,
    secrets: Option<Secrets>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Secrets {
    InTheClear,
}

pub(super) fn list(_: &Input) -> Result<Decoded, Refusal> {
    Ok((Operation::ListInstances, Then::Answer))
}

pub(super) fn listed(answer: Answer) -> Result<Response<Body>, Refusal> {
    let Answer::Instances(instances) = answer else { return Err(Refusal::Internal) };
    Ok(reply::json(StatusCode::OK, &Cards { instances: instances.iter().map(card).collect() }))
}

pub(super) fn create(input: &Input) -> Result<Decoded, Refusal> {
    let new = new_instance(document(&input.body)?)?;
    Ok((Operation::CreateInstance(Box::new(new)), Then::Answer))
}

pub(super) fn created(answer: Answer) -> Result<Response<Body>, Refusal> {
    let mut response = is(answer)?;
    *response.status_mut() = StatusCode::CREATED;
    Ok(response)
}

pub(super) fn reset(input: &Input) -> Result<Decoded, Refusal> {
    let document = match &input.body[..] {
        [] => None,
        json => Some(Box::new(document(json)?)),
    };
    Ok((Operation::ResetInstance { instance: input.identifier()?, document }, Then::Answer))
}

pub(super) fn is(answer: Answer) -> Result<Response<Body>, Refusal> {
    let Answer::Instance(instance) = answer else { return Err(Refusal::Internal) };
    Ok(reply::json(StatusCode::OK, &card(&instance)))
}

pub(super) fn delete(input: &Input) -> Result<Decoded, Refusal> {
    let purge = input.query.flag("purge")?.unwrap_or(false);
    Ok((Operation::DeleteInstance { instance: input.identifier()?, purge }, Then::Answer))
}

pub(super) fn deleted(answer: Answer) -> Result<Response<Body>, Refusal> {
    let Answer::Deleted = answer else { return Err(Refusal::Internal) };
    Ok(reply::empty())
}

pub(super) fn export(input: &Input) -> Result<Decoded, Refusal> {
    let instance: InstanceId = input.identifier()?;
    let Export { passphrase, secrets } = input.json()?;
    let secrets = export_secrets(Zeroizing::new(passphrase), matches!(secrets, Some(Secrets::InTheClear)))?;
    Ok((Operation::ExportInstance { instance }, Then::Export(instance, secrets)))
}

pub(super) fn import(input: &Input) -> Result<Decoded, Refusal> {
    let passphrase = match input.headers.get("hpcs-passphrase").map(|value| std::str::from_utf8(value.as_bytes())) {
        None => None,
        Some(Ok(passphrase)) => Some(Zeroizing::new(passphrase.to_owned())),
        Some(Err(_)) => {
            let why = "it is not UTF-8".to_owned();
            return Err(Refusal::InvalidArgument { field: "hpcs-passphrase", why });
        }
    };
    Ok((Operation::ImportInstance, Then::Import(passphrase)))
}

fn card(instance: &Instance) -> Card {
    Card {
        id: instance.id.to_string(),
        crn: instance.crn().to_string(),
        region: instance.region.to_string(),
        plan: instance.plan.as_str(),
        account: instance.account.to_string(),
        created: moment_text(instance.created),
    }
}
