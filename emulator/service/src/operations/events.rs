//! Leave to read event logs. Reading leaves no event.

use hpcs_names::{AccountId, InstanceId};

use crate::{Caller, Instance, Refusal, Reply, View};

/// Whose events may be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EventScope {
    /// Those of these instances, deleted or not, as long as they are this account's.
    Instances {
        /// The account: an id that was purged may be made again in another one.
        account: AccountId,
        /// The instances.
        instances: Vec<InstanceId>,
    },
    /// Those of every instance of the account: deleted ones, and those that are made later.
    Account(AccountId),
}

/// Decides whose events may be read; the reading itself follows the logs.
pub(crate) fn read(view: &View, caller: &Caller, instances: &[InstanceId]) -> Result<Reply, Refusal> {
    let account = &caller.claims().account;
    if instances.is_empty() {
        return Ok(Reply::EventsOf(EventScope::Account(account.clone())));
    }
    let own = |instance: &Instance| instance.account == *account;
    if instances.iter().any(|id| !view.instance_or_tombstone(*id).is_some_and(own)) {
        return Err(Refusal::NoSuchInstance);
    }
    let mut distinct = instances.to_vec();
    distinct.sort_unstable();
    distinct.dedup();
    Ok(Reply::EventsOf(EventScope::Instances { account: account.clone(), instances: distinct }))
}
