//! What a store holds.

use std::fs::{self, DirEntry, Metadata};
use std::path::Path;

use hpcs_engine::ServiceStore;
use hpcs_names::InstanceId;
use hpcs_service::{Record, RecordKey};
use hpcs_store::{LogState, Unavailable};

/// An instance in a store.
pub(crate) struct InstanceInfo {
    pub(crate) id: InstanceId,
    pub(crate) region: String,
    pub(crate) plan: &'static str,
    pub(crate) units: usize,
    pub(crate) deleted: bool,
    /// `None` when nothing has happened yet.
    pub(crate) log: Option<LogState>,
}

/// Every instance, deleted ones too.
///
/// # Errors
/// [`Unavailable`] when the store cannot be read.
pub(crate) async fn instances(store: &ServiceStore) -> Result<Vec<InstanceInfo>, Unavailable> {
    let ids = super::directory(store).await?;
    let keys: Vec<_> = ids.into_iter().map(RecordKey::Instance).collect();
    let mut all = Vec::new();
    for found in store.load(&keys).await?.into_iter().flatten() {
        if let Record::Instance(instance) = &*found.value {
            all.push(InstanceInfo {
                id: instance.id,
                region: instance.region.to_string(),
                plan: instance.plan.as_str(),
                units: instance.units.len(),
                deleted: instance.deleted,
                log: store.log(instance.id).await?,
            });
        }
    }
    Ok(all)
}

/// The files of a data directory with their sizes in bytes, the largest part of a store's cost.
pub(crate) fn files(directory: &Path) -> Vec<(String, u64)> {
    let sized = |entry: DirEntry| {
        let data = entry.metadata().ok().filter(Metadata::is_file)?;
        Some((entry.file_name().to_string_lossy().into_owned(), data.len()))
    };
    let mut files: Vec<_> = fs::read_dir(directory).into_iter().flatten().flatten().filter_map(sized).collect();
    files.sort();
    files
}
