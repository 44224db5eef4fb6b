//! What the configuration declares is there afterwards: instances and API keys.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt;
use std::sync::Arc;

use hpcs_ep11::development_root;
use hpcs_hsm::{Profile, Unit};
use hpcs_names::{CryptoUnitId, InstanceId};
use hpcs_service::document::{DocumentFault, Factory, InstanceDocument};
use hpcs_service::{
    ApiKeyDigest, CryptoUnitKind, Directory, Identity, Instance, InstanceSpec, Record, RecordKey, Refusal, SpecError,
    UnitIds, instance_records, lay_out,
};
use hpcs_store::{Change, CommitError, CommitUnit, LogChange, Version, Versioned};

use crate::{Engine, Inner, MAX_ATTEMPTS, refusal, unavailable};

/// What the configuration declares.
#[derive(Default)]
pub struct Beginning {
    /// The instances, in the order of their numbers.
    pub instances: Vec<DeclaredInstance>,
    /// The API keys; they replace those of the configuration before. Keys that were made otherwise stay.
    pub api_keys: Vec<(ApiKeyDigest, Identity)>,
}

/// An instance that the configuration declares.
pub struct DeclaredInstance {
    /// Where it is declared, for error texts.
    pub declared: String,
    /// How it is laid out when it is not there yet.
    pub spec: InstanceSpec,
    /// What is otherwise than laid out then.
    pub document: Option<InstanceDocument>,
}

/// What is there now.
#[derive(Debug)]
pub struct Prepared {
    /// The declared instances, in the order of their declaration.
    pub instances: Vec<Instance>,
    /// How many of them were made now; the others were there.
    pub created: usize,
}

/// Why the declared things cannot be.
#[derive(Debug, PartialEq, Eq)]
pub enum PrepareError {
    /// An instance cannot be laid out so.
    Spec {
        /// Where it is declared.
        declared: String,
        /// What is wrong.
        error: SpecError,
    },
    /// The document of an instance describes nothing that can be.
    Document {
        /// Where it is declared.
        declared: String,
        /// What is wrong.
        fault: Box<DocumentFault>,
    },
    /// Two declarations are about the same instance.
    Twice {
        /// Where the second one is.
        declared: String,
        /// The instance.
        instance: InstanceId,
    },
    /// A crypto unit gets the id of another one.
    UnitTaken {
        /// Where it is declared.
        declared: String,
        /// The position of the unit in its instance, from 0.
        index: usize,
        /// The id.
        unit: CryptoUnitId,
        /// The instance that has the other one.
        instance: InstanceId,
    },
    /// The instance is in the store, and is not what is declared.
    Contradiction {
        /// Where it is declared.
        declared: String,
        /// The instance.
        instance: InstanceId,
        /// In which respect.
        field: &'static str,
        /// What is declared.
        configured: String,
        /// What is in the store.
        stored: String,
    },
    /// The store does not take the records.
    Store(Refusal),
}

impl fmt::Display for PrepareError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            PrepareError::Spec { declared, error } => write!(f, "{declared}: {error}"),
            PrepareError::Document { declared, fault } => write!(f, "{declared}: {fault}"),
            PrepareError::Twice { declared, instance } => {
                write!(f, "{declared}: id: instance {instance} is declared before already")
            }
            PrepareError::UnitTaken { declared, index, unit, instance } => {
                write!(f, "{declared}: units[{index}].id: {unit} is that of a crypto unit of instance {instance}")
            }
            PrepareError::Contradiction { declared, instance, field, configured, stored } => write!(
                f,
                "{declared}: {field}: instance {instance} is declared with {configured}, and the store has it with \
                 {stored}; change the declaration, or delete and purge the instance"
            ),
            PrepareError::Store(refusal) => write!(f, "the store does not take the first records: {refusal}"),
        }
    }
}

impl std::error::Error for PrepareError {}

impl Engine {
    /// Makes the declared instances that are not there, deleted ones included, and replaces the API keys of the
    /// configuration before. What is there stays as it is. One commit does it all, or none when nothing is missing;
    /// replicas may start together.
    ///
    /// # Errors
    /// [`PrepareError`]; then nothing was changed.
    pub async fn prepare(&self, beginning: Beginning) -> Result<Prepared, PrepareError> {
        let beginning = Arc::new(beginning);
        for _ in 0..MAX_ATTEMPTS {
            let before = self.0.state(&beginning).await.map_err(PrepareError::Store)?;
            let (inner, beginning) = (self.0.clone(), beginning.clone());
            let plan =
                self.0.pool.run(move || inner.plan(&before, &beginning)).await.map_err(PrepareError::Store)??;
            let Plan { unit, prepared } = plan;
            if unit.is_idle() {
                return Ok(prepared);
            }
            match self.0.store.commit(unit).await {
                Ok(_) => return Ok(prepared),
                // What another replica, or this commit after all, has made is seen in the next round.
                Err(CommitError::Conflict | CommitError::OutcomeUnknown { .. }) => {}
                Err(error) => return Err(PrepareError::Store(refusal(error))),
            }
        }
        Err(PrepareError::Store(Refusal::Busy))
    }
}

/// What the store has of the things that are declared, and of those they could meet.
struct State {
    records: HashMap<RecordKey, Versioned<Record>>,
    directory: Directory,
    instances: BTreeMap<InstanceId, Instance>,
    configured: Vec<ApiKeyDigest>,
}

/// What is to be committed, and what is there then.
struct Plan {
    unit: CommitUnit<RecordKey, Record>,
    prepared: Prepared,
}

impl Inner {
    async fn state(&self, beginning: &Beginning) -> Result<State, Refusal> {
        let mut records = HashMap::new();
        self.read(&mut records, vec![RecordKey::Directory, RecordKey::Configured]).await?;
        let value = |key| records.get(&key).map(|found: &Versioned<Record>| found.value.clone());
        let directory = match value(RecordKey::Directory).as_deref() {
            Some(Record::Directory(directory)) => directory.clone(),
            _ => Directory::default(),
        };
        let configured = match value(RecordKey::Configured).as_deref() {
            Some(Record::Configured(keys)) => keys.clone(),
            _ => Vec::new(),
        };
        let mut wanted: Vec<_> = directory.instances.iter().map(|id| RecordKey::Instance(*id)).collect();
        let declared = beginning.api_keys.iter().map(|(digest, _)| digest);
        wanted.extend(configured.iter().chain(declared).map(|digest| RecordKey::ApiKey(*digest)));
        self.read(&mut records, wanted).await?;
        let instances = records.values().filter_map(|found| match &*found.value {
            Record::Instance(instance) => Some((instance.id, instance.clone())),
            _ => None,
        });
        let instances = instances.collect();
        Ok(State { records, directory, instances, configured })
    }

    async fn read(
        &self,
        records: &mut HashMap<RecordKey, Versioned<Record>>,
        keys: Vec<RecordKey>,
    ) -> Result<(), Refusal> {
        let found = self.store.load(&keys).await.map_err(unavailable)?;
        records.extend(keys.into_iter().zip(found).filter_map(|(key, found)| Some((key, found?))));
        Ok(())
    }

    fn plan(&self, before: &State, beginning: &Beginning) -> Result<Plan, PrepareError> {
        let mut changes = Changes { before, unit: CommitUnit::default() };
        let prepared = self.plan_instances(before, &beginning.instances, &mut changes)?;
        plan_api_keys(before, &beginning.api_keys, &mut changes);
        Ok(Plan { unit: changes.unit, prepared })
    }

    fn plan_instances(
        &self,
        before: &State,
        declared: &[DeclaredInstance],
        changes: &mut Changes<'_>,
    ) -> Result<Prepared, PrepareError> {
        let mut directory = before.directory.clone();
        let mut present = before.instances.clone();
        let mut prepared = Prepared { instances: Vec::with_capacity(declared.len()), created: 0 };
        for one in declared {
            let spec = described_spec(one)?;
            let id = spec.derived_id();
            if prepared.instances.iter().any(|other| other.id == id) {
                return Err(PrepareError::Twice { declared: one.declared.clone(), instance: id });
            }
            if let Some(found) = present.get(&id).filter(|found| !found.deleted) {
                compare(&one.declared, &spec, found)?;
                prepared.instances.push(found.clone());
                continue;
            }
            let tombstone = present.get(&id);
            if let Some(found) = tombstone {
                // An id is bound to its account for good: its log is.
                compare_account(&one.declared, &spec, found)?;
            }
            let (mut instance, units) = self.make(one, spec, &present)?;
            if !directory.contains(id) {
                changes.unit.logs.push(LogChange::Drop(id));
            }
            directory.enter(&mut instance, tombstone);
            // The numbers of the configured ones are given away too.
            directory.created = directory.created.max(instance.number + 1);
            present.insert(id, instance.clone());
            prepared.instances.push(instance.clone());
            prepared.created += 1;
            for (key, record) in instance_records(instance, units) {
                changes.put(key, record);
            }
        }
        // A number was given out: it is free as long as the list of instances is the same.
        if prepared.created > 0 {
            changes.put(RecordKey::Directory, Record::Directory(directory));
        }
        Ok(prepared)
    }

    /// Makes a declared instance beside those that are present.
    fn make(
        &self,
        declared: &DeclaredInstance,
        spec: InstanceSpec,
        present: &BTreeMap<InstanceId, Instance>,
    ) -> Result<(Instance, Vec<Unit>), PrepareError> {
        let id = spec.derived_id();
        let others = || present.values().filter(|other| !other.deleted && other.id != id);
        let free = |number: u32| others().all(|other| other.number != number);
        // Units of configured instances are named after its place in the configuration, wherever it stands.
        let (mut unit_ids, mut place) = (UnitIds::OfNumber, spec.number);
        if !free(place) {
            place = (0..).find(|number| free(*number)).unwrap_or_default();
            unit_ids = UnitIds::OfInstance;
        }
        let manufacturer = development_root();
        let document = declared.document.as_ref();
        let in_document =
            |fault: DocumentFault| PrepareError::Document { declared: declared.declared.clone(), fault: fault.into() };
        document.map_or(Ok(()), InstanceDocument::is_active).map_err(in_document)?;
        let created = document.map_or(Ok(None), InstanceDocument::created).map_err(in_document)?;
        let created = created.unwrap_or(self.env().now);
        let fault = |error| PrepareError::Spec { declared: declared.declared.clone(), error };
        let lay_out = |ids| {
            let spec = InstanceSpec { number: place, id: Some(id), ..spec.clone() };
            lay_out(&spec, ids, created, &self.root, &manufacturer).map_err(fault)
        };
        let mut laid_out = lay_out(unit_ids)?;
        let named_like_others = laid_out.0.units.iter().any(|card| others().any(|other| other.unit(card.id).is_some()));
        if named_like_others {
            laid_out = lay_out(UnitIds::OfInstance)?;
        }
        let Some(document) = document else { return Ok(laid_out) };
        let made = document
            .apply(laid_out, &Factory { root: &self.root, manufacturer: &manufacturer, exported: false })
            .map_err(in_document)?;
        // The document may have named units as it likes.
        for (index, card) in made.0.units.iter().enumerate() {
            if let Some(other) = others().find(|other| other.unit(card.id).is_some()) {
                let (declared, unit, instance) = (declared.declared.clone(), card.id, other.id);
                return Err(PrepareError::UnitTaken { declared, index, unit, instance });
            }
        }
        Ok(made)
    }
}

/// The keys of the configuration before that are not declared any more go; declared ones are as declared.
fn plan_api_keys(before: &State, declared: &[(ApiKeyDigest, Identity)], changes: &mut Changes<'_>) {
    let keys: BTreeSet<_> = declared.iter().map(|(digest, _)| *digest).collect();
    for gone in before.configured.iter().filter(|digest| !keys.contains(digest)) {
        changes.delete(RecordKey::ApiKey(*gone));
    }
    for (digest, identity) in declared {
        let key = RecordKey::ApiKey(*digest);
        let found = before.records.get(&key).map(|found| &*found.value);
        if !matches!(found, Some(Record::ApiKey(found)) if found == identity) {
            changes.put(key, Record::ApiKey(identity.clone()));
        }
    }
    let keys: Vec<_> = keys.into_iter().collect();
    if keys != before.configured {
        changes.put(RecordKey::Configured, Record::Configured(keys));
    }
}

/// Changes on what was read.
struct Changes<'a> {
    before: &'a State,
    unit: CommitUnit<RecordKey, Record>,
}

impl Changes<'_> {
    fn put(&mut self, key: RecordKey, record: Record) {
        self.push(key, Some(Arc::new(record)));
    }

    fn delete(&mut self, key: RecordKey) {
        if self.before.records.contains_key(&key) {
            self.push(key, None);
        }
    }

    fn push(&mut self, key: RecordKey, value: Option<Arc<Record>>) {
        let expected = self.before.records.get(&key).map_or(Version::ABSENT, |found| found.version);
        self.unit.changes.retain(|change| change.key != key);
        self.unit.changes.push(Change { key, expected, value });
    }
}

/// The declared layout, with what the document says of the instance itself.
fn described_spec(declared: &DeclaredInstance) -> Result<InstanceSpec, PrepareError> {
    match &declared.document {
        None => Ok(declared.spec.clone()),
        Some(document) => document
            .spec(declared.spec.clone())
            .map_err(|fault| PrepareError::Document { declared: declared.declared.clone(), fault: fault.into() }),
    }
}

/// Whether what is declared is what is there.
fn compare(declared: &str, spec: &InstanceSpec, found: &Instance) -> Result<(), PrepareError> {
    let units = |operational, recovery, failover| {
        format!("{operational} operational, {recovery} recovery and {failover} failover units")
    };
    let count = |kind| found.count(kind);
    let generation = |profile: Option<Profile>| profile.map_or("none", Profile::as_str).to_owned();
    // More failover units may have been assigned since.
    let failover = spec.failover.max(count(CryptoUnitKind::Failover));
    compare_account(declared, spec, found)?;
    let pairs = [
        ("region", spec.region.to_string(), found.region.to_string()),
        ("plan", spec.plan.as_str().to_owned(), found.plan.as_str().to_owned()),
        ("profile", generation(spec.module_profile()), generation(found.module_profile())),
        (
            "units",
            units(spec.operational, if spec.recovery { 2 } else { 0 }, failover),
            units(count(CryptoUnitKind::Operational), count(CryptoUnitKind::Recovery), count(CryptoUnitKind::Failover)),
        ),
    ];
    for (field, configured, stored) in pairs {
        agree(declared, found, field, configured, stored)?;
    }
    Ok(())
}

fn compare_account(declared: &str, spec: &InstanceSpec, found: &Instance) -> Result<(), PrepareError> {
    agree(declared, found, "account", spec.account.to_string(), found.account.to_string())
}

fn agree(
    declared: &str,
    found: &Instance,
    field: &'static str,
    configured: String,
    stored: String,
) -> Result<(), PrepareError> {
    if configured == stored {
        return Ok(());
    }
    let (declared, instance) = (declared.to_owned(), found.id);
    Err(PrepareError::Contradiction { declared, instance, field, configured, stored })
}
