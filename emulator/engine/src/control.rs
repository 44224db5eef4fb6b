//! What a decision only grants and is done here: the clock, the fate of operations.

use hpcs_names::AccountId;
use hpcs_service::{HtpReply, Operation, OperationFate, Refusal, Reply};
use hpcs_store::{Fate, OperationId, OperationIdError};

use crate::{Inner, clock, unavailable};

impl Inner {
    /// Does what was granted. What is granted for a call of its own, such as an export, stays that.
    pub(crate) async fn granted(&self, account: AccountId, operation: &Operation) -> Result<Reply<HtpReply>, Refusal> {
        match operation {
            Operation::ReadClock => Ok(Reply::Clock(clock::report(&self.clock))),
            Operation::SetClock(setting) => Ok(Reply::Clock(clock::set(&self.clock, setting))),
            Operation::ReadFate { operation } => self.fate(operation).await.map(Reply::Fate),
            _ => Ok(Reply::Granted(account)),
        }
    }

    async fn fate(&self, operation: &str) -> Result<OperationFate, Refusal> {
        let invalid = |error: OperationIdError| Refusal::InvalidArgument { field: "operation", why: error.to_string() };
        let id: OperationId = operation.parse().map_err(invalid)?;
        let fate = self.store.fate(id).await.map_err(unavailable)?;
        Ok(match fate {
            Fate::Committed => OperationFate::Committed,
            Fate::NotCommitted => OperationFate::NotCommitted,
            Fate::Unsettled => OperationFate::Unsettled,
        })
    }
}
