//! What is declared to be there: by the configuration and by the seed file.

use std::collections::BTreeSet;

use hpcs_audit::EventTime;
use hpcs_engine::{Beginning, DeclaredInstance, Prepared, ServiceStore};
use hpcs_service::{ApiKeyDigest, Identity, Instance, Record, RecordKey};
use hpcs_store::ClockChange;

use super::{OpenedEngine, StartError};
use crate::config::{ApiKeyConfig, Config, Declared as Place, InstanceConfig};
use crate::seed_file::{self, SeedFile, SeededInstance};
use crate::store;

/// Instances and API keys that are there after the start.
pub(super) struct Declared {
    beginning: Beginning,
    /// The time at which a new store begins.
    start: Option<EventTime>,
}

impl Declared {
    /// Takes them out of the configuration and the seed file it names. `now` is what times in that file are relative to
    /// when it sets none.
    pub(super) fn of(config: &mut Config, now: EventTime) -> Result<Self, StartError> {
        let mut instances = std::mem::take(&mut config.instances);
        let mut api_keys = std::mem::take(&mut config.api_keys);
        let mut beginning = Beginning::default();
        let mut start = None;
        if let Some(path) = &config.seed_file {
            let read = seed_file::open(path).and_then(|text| SeedFile::read(path, &text, now));
            let seed = read.map_err(StartError::SeedFile)?;
            // As in the configuration file: who declares one wants the default one no more.
            if !seed.instances.is_empty() {
                instances.retain(|instance| instance.declared != Place::Default);
            }
            if !seed.api_keys.is_empty() {
                api_keys.retain(|key| !key.is_default);
            }
            start = seed.start;
            beginning.instances.extend(seed.instances.into_iter().map(seeded));
            beginning.api_keys = seed.api_keys;
        }
        beginning.instances.extend(instances.into_iter().map(configured));
        beginning.api_keys.extend(api_keys.into_iter().map(api_key));
        Ok(Declared { beginning, start })
    }

    /// Makes what is not there yet, and replaces the API keys of the configuration before. Gives the declared instances,
    /// and what the operator should know.
    pub(super) async fn prepare(self, opened: &OpenedEngine) -> Result<(Vec<Instance>, Vec<String>), StartError> {
        let OpenedEngine { engine, store, clock, .. } = opened;
        let Declared { beginning, start } = self;
        let keys: BTreeSet<ApiKeyDigest> = beginning.api_keys.iter().map(|(digest, _)| *digest).collect();
        let before = configured_keys(store).await?;
        // A store that goes on does so at its own time: the beginning is over.
        if let Some(time) = start
            && store::directory(store).await.map_err(StartError::Read)?.is_empty()
        {
            clock.change(ClockChange { time: Some(time), ..ClockChange::default() });
        }
        let Prepared { instances, .. } = engine.prepare(beginning).await.map_err(StartError::Prepare)?;
        let replaced = before.filter(|before| *before != keys).map(|before| {
            let (gone, new) = (before.difference(&keys).count(), keys.difference(&before).count());
            format!("API keys of the configuration: {gone} do not count any more, {new} are new.")
        });
        Ok((instances, replaced.into_iter().collect()))
    }
}

/// The API keys of the configuration before; `None` when there was none.
async fn configured_keys(store: &ServiceStore) -> Result<Option<BTreeSet<ApiKeyDigest>>, StartError> {
    let found = store.load(&[RecordKey::Configured]).await.map_err(StartError::Read)?.pop().flatten();
    Ok(match found.as_ref().map(|found| &*found.value) {
        Some(Record::Configured(keys)) => Some(keys.iter().copied().collect()),
        _ => None,
    })
}

fn seeded(SeededInstance { declared, spec, document }: SeededInstance) -> DeclaredInstance {
    DeclaredInstance { declared, spec, document: Some(document) }
}

fn configured(InstanceConfig { spec, declared }: InstanceConfig) -> DeclaredInstance {
    DeclaredInstance { declared: declared.to_string(), spec, document: None }
}

fn api_key(ApiKeyConfig { key, identity, .. }: ApiKeyConfig) -> (ApiKeyDigest, Identity) {
    (key.digest(), identity)
}
