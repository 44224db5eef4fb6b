//! Stored keys once a rotation of the master key was started.
//!
//! The start is committed first: from then on whoever stores or updates a key stores it under both master keys. So the
//! keys that are there then are all that is left to wrap. Each is an operation of its own with its own event; a process
//! that ends meanwhile leaves the rest to the next start of the same rotation.

use std::sync::Arc;

use hpcs_names::InstanceId;
use hpcs_service::operations::keystore::instance_keystore_records;
use hpcs_service::{Authentication, Operation, RecordKey, Refusal, Who};

use crate::Inner;

impl Inner {
    /// Wraps every stored key of an instance under the next master key, in the name of who started the rotation. What a
    /// unit refuses has its event and does not keep the others.
    ///
    /// # Errors
    /// Those of the store.
    pub(crate) async fn rewrap_stored_keys(self: &Arc<Self>, who: &Who, instance: InstanceId) -> Result<(), Refusal> {
        let Authentication::Known(caller) = &who.authentication else { return Ok(()) };
        let (_, versions) = self.gather(|view| instance_keystore_records(view, instance)).await?;
        let mut keys: Vec<_> = versions
            .into_keys()
            .filter_map(|key| if let RecordKey::StoredKey(_, id) = key { Some(id) } else { None })
            .collect();
        keys.sort_unstable();
        // One after the other, so that equal runs leave equal logs.
        for key in keys {
            let authentication = Authentication::Known(caller.clone());
            let who = Who { authentication, origin: who.origin.clone() };
            match self.clone().settle(Arc::new((who, Operation::RewrapKey { instance, key }))).await {
                Ok(_) | Err(Refusal::Ep11 { .. }) => {}
                Err(refusal) => return Err(refusal),
            }
        }
        Ok(())
    }
}
