//! A client without a token: each call is refused, leaves an event and changes nothing. Such events are committed fast and
//! in large groups.

use std::error::Error as _;
use std::sync::Arc;

use hpcs_grpc::emulator::v1::SubmitRequest;
use hpcs_grpc::emulator::v1::crypto_units_client::CryptoUnitsClient;
use hpcs_names::{CryptoUnitId, InstanceId};
use tonic::Code;
use tonic::transport::Channel;

use crate::{Failure, Pulse};

/// How many refusals one unit's stranger was told of since the last comparison, and how many it never heard of.
#[derive(Default)]
pub(crate) struct Stranger {
    pub(crate) told: u64,
    pub(crate) under_way: u64,
}

impl Stranger {
    /// Calls until nobody answers any more, or until told to stop.
    pub(crate) async fn work(
        mut self,
        channel: Channel,
        instance: InstanceId,
        unit: CryptoUnitId,
        pulse: Arc<Pulse>,
    ) -> Result<Self, Failure> {
        let mut client = CryptoUnitsClient::new(channel);
        let payload = ZEROIZE.as_bytes().to_vec();
        let message = SubmitRequest { instance: instance.to_string(), unit: unit.to_string(), payload: payload.into() };
        while pulse.beat() {
            match client.submit(message.clone()).await {
                Err(status) if status.code() == Code::Unauthenticated => self.told += 1,
                // The connection broke, or the outcome is unknown.
                Err(status) if status.source().is_some() || status.code() == Code::Unknown => {
                    self.under_way += 1;
                    break;
                }
                // Nothing was committed, says the service; the comparison will tell.
                Err(status) if matches!(status.code(), Code::Unavailable | Code::Aborted) => {}
                Err(status) => return Err(status.into()),
                Ok(_) => return Err("a call without a token was answered".into()),
            }
        }
        Ok(self)
    }
}

/// A request string whose command can be made out: zeroize.
const ZEROIZE: &str = "245;PCI request;XPNUM   ;1;        ;00200400008054340000000000000003000000000000000000000000\
                       0000004A304804040001002904040000000304383036040400000010040800000003000000010410393341414243\
                       3031001122334455667704100000000000000000000000000000000104000400";
