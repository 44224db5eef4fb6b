//! Leave to read an event log. Reading leaves no event.

use hpcs_names::InstanceId;

use super::instance_of;
use crate::{Caller, Refusal, Reply, View};

/// Decides whose events may be read; the reading itself follows the log.
pub(crate) fn read(view: &View, caller: &Caller, instance: Option<InstanceId>) -> Result<Reply, Refusal> {
    if let Some(id) = instance {
        return instance_of(view, caller, id).map(|instance| Reply::EventsOf(instance.id));
    }
    let mut own = view.directory().iter().filter_map(|id| instance_of(view, caller, *id).ok());
    match (own.next(), own.next()) {
        (Some(only), None) => Ok(Reply::EventsOf(only.id)),
        (None, _) => Err(Refusal::NoSuchInstance),
        (Some(_), Some(_)) => Err(Refusal::InvalidArgument {
            field: "instance",
            why: "the account has several instances; name one".to_owned(),
        }),
    }
}
