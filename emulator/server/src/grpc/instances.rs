//! The methods of `Instances`.

use bytes::Bytes;
use hpcs_engine::Answer;
use hpcs_grpc::emulator::v1::{self as wire, ListInstancesRequest, ListInstancesResponse};
use hpcs_service::{Instance, Operation, Refusal};
use prost::Message;

use super::registry::{Decoded, decoded};

pub(super) fn list(message: &Bytes) -> Result<Decoded, Refusal> {
    let ListInstancesRequest {} = decoded(message)?;
    Ok((Operation::ListInstances, None))
}

pub(super) fn listed(answer: Answer) -> Result<Vec<u8>, Refusal> {
    let Answer::Instances(instances) = answer else { return Err(Refusal::Internal) };
    Ok(ListInstancesResponse { instances: instances.iter().map(instance).collect() }.encode_to_vec())
}

fn instance(instance: &Instance) -> wire::Instance {
    wire::Instance {
        id: instance.id.to_string(),
        crn: instance.crn().to_string(),
        region: instance.region.to_string(),
        plan: instance.plan.as_str().to_owned(),
        account: instance.account.to_string(),
    }
}
