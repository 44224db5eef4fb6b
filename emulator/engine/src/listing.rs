//! Which instances there are, for whoever runs the emulator: health checks know no caller.

use hpcs_service::{Instance, Record, RecordKey, Refusal};

use crate::{Engine, unavailable};

impl Engine {
    /// The instances of all accounts that are not deleted, in ascending order of id.
    ///
    /// # Errors
    /// [`Refusal::StoreUnavailable`].
    pub async fn instances(&self) -> Result<Vec<Instance>, Refusal> {
        let store = &self.0.store;
        let directory = store.load(&[RecordKey::Directory]).await.map_err(unavailable)?.pop().flatten();
        let keys: Vec<_> = match directory.as_ref().map(|found| &*found.value) {
            Some(Record::Directory(directory)) => {
                directory.instances.iter().map(|id| RecordKey::Instance(*id)).collect()
            }
            _ => Vec::new(),
        };
        let records = store.load(&keys).await.map_err(unavailable)?;
        let active = records.into_iter().flatten().filter_map(|found| match &*found.value {
            Record::Instance(instance) if !instance.deleted => Some(instance.clone()),
            _ => None,
        });
        Ok(active.collect())
    }
}
