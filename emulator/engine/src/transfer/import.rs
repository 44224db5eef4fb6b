//! An instance comes in.

use std::sync::{Arc, PoisonError};

use bytes::Bytes;
use futures_util::Stream;
use hpcs_ep11::development_root;
use hpcs_hsm::Unit;
use hpcs_names::{AccountId, InstanceId};
use hpcs_service::document::{DocumentFault, Factory, InstanceDocument, Why, without_values};
use hpcs_service::keystore::Holdings;
use hpcs_service::sealing::PassphraseOpener;
use hpcs_service::{Directory, Instance, InstanceSpec, Record, RecordKey, Refusal, UnitIds, lay_out};
use hpcs_store::{Anchor, Change, CommitError, CommitUnit, LogChange, LogState, StoredEvent, Version, Versioned};
use serde::Deserialize;
use zeroize::Zeroizing;

use super::format::{EventLine, FORMAT, Head, KEY, KEYSTORE, KeyLine, KeystoreLine, LAST, Last, VERSION};
use super::lines::Lines;
use super::{TransferFault, TransferWhy};
use crate::{Engine, Inner, MAX_ATTEMPTS, refusal, unavailable};

impl Engine {
    /// Takes in the file that [`Engine::export`] gave: a stream of its bytes, in chunks of any size.
    ///
    /// All of it comes in or nothing. Until the last line was checked, nobody can see the instance; when this fails, or the
    /// process ends meanwhile, it was never there, and a repeated call starts from the beginning. Memory is bounded.
    ///
    /// With an `account`, the instance has to be that one's; without one it may be anyone's, for whoever has the store.
    ///
    /// Whether the caller may is decided before, by
    /// [`Operation::ImportInstance`](hpcs_service::Operation::ImportInstance).
    ///
    /// # Errors
    /// [`TransferFault`] with the line.
    pub async fn import<S, E>(
        &self,
        source: S,
        passphrase: Option<Zeroizing<String>>,
        account: Option<AccountId>,
    ) -> Result<Instance, TransferFault>
    where
        S: Stream<Item = Result<Bytes, E>> + Unpin,
        E: std::fmt::Display,
    {
        let mut lines = Lines::of(source);
        let head = head(lines.next().await?)?;
        // Before anything is computed or written.
        check(&head.instance, account.as_ref()).map_err(|fault| TransferFault::at(1, invalid(fault)))?;
        let pool = if head.sealed.is_some() { &self.0.derivations } else { &self.0.pool };
        let inner = self.0.clone();
        let head = pool.run(move || inner.open_head(head, passphrase.as_deref().map(String::as_str)));
        let head = head.await??;
        let claim = Claim::of(&self.0, head.instance.id)?;
        let result = self.0.take_in(&mut lines, head).await;
        if result.is_err() {
            claim.clean_up().await;
        }
        result
    }
}

/// What the first line says, checked.
struct OpenHead {
    instance: Instance,
    units: Vec<Unit>,
    anchor: Anchor,
    last: Anchor,
    holdings: Holdings,
}

fn head(line: Option<&[u8]>) -> Result<Head, TransferFault> {
    /// Enough to tell whose file it is.
    #[derive(Deserialize)]
    struct Format {
        format: String,
        version: u64,
    }
    let at = |why| TransferFault::at(1, why);
    let line = line.ok_or_else(|| at(TransferWhy::Truncated))?;
    match serde_json::from_slice::<Format>(line) {
        Ok(head) if head.format == FORMAT && head.version == VERSION => {}
        Ok(head) if head.format == FORMAT => return Err(at(TransferWhy::ForeignVersion(head.version))),
        _ => return Err(at(TransferWhy::ForeignFormat)),
    }
    serde_json::from_slice(line).map_err(|error| at(form(&error)))
}

/// Whether the instance may come in for this account.
fn check(document: &InstanceDocument, account: Option<&AccountId>) -> Result<(), DocumentFault> {
    document.is_active()?;
    match (document.account()?, account) {
        (Some(own), Some(account)) if own != *account => {
            let why = Why::Conflict("is not the caller's account");
            Err(DocumentFault { path: "account".to_owned(), why })
        }
        _ => Ok(()),
    }
}

fn invalid(fault: DocumentFault) -> TransferWhy {
    TransferWhy::Instance(fault.into())
}

impl Inner {
    /// Opens the secrets and makes the instance of its document. Milliseconds of public-key arithmetic, and the
    /// derivation of a key from the passphrase.
    fn open_head(&self, head: Head, passphrase: Option<&str>) -> Result<OpenHead, TransferFault> {
        let at = |why| TransferFault::at(1, why);
        let invalid = |fault| at(invalid(fault));
        let mut document = head.instance;
        if let Some(sealed) = &head.sealed {
            let passphrase = passphrase.ok_or_else(|| at(TransferWhy::NoPassphrase))?;
            let opener = PassphraseOpener::new(passphrase, sealed).map_err(|fault| at(TransferWhy::Seal(fault)))?;
            document.open(&opener).map_err(invalid)?;
        }
        let (anchor, last) = (head.log.anchor().map_err(at)?, head.log.last().map_err(at)?);
        let (instance, units) = self.made_of(&document).map_err(invalid)?;
        let holdings = Holdings::new(head.keystores_written.unwrap_or_default());
        Ok(OpenHead { instance, units, anchor, last, holdings })
    }

    /// The instance of a complete document.
    fn made_of(&self, document: &InstanceDocument) -> Result<(Instance, Vec<Unit>), DocumentFault> {
        // Everything that makes the instance is there, or this says what is not.
        let instance = document.to_instance()?;
        let spec = document.spec(InstanceSpec {
            number: instance.number,
            id: Some(instance.id),
            region: instance.region.clone(),
            plan: instance.plan,
            account: instance.account.clone(),
            profile: instance.profile,
            operational: 1,
            recovery: false,
            failover: 0,
        })?;
        let manufacturer = development_root();
        let base = lay_out(&spec, UnitIds::OfInstance, instance.created, &self.root, &manufacturer)
            .map_err(|error| DocumentFault { path: String::new(), why: Why::Layout(error) })?;
        let factory = Factory { root: &self.root, manufacturer: &manufacturer, exported: true };
        let (_, units) = document.apply(base, &factory)?;
        if units.len() != instance.units.len() {
            return Err(DocumentFault { path: "units".to_owned(), why: Why::Missing });
        }
        Ok((instance, units))
    }

    async fn take_in<S, E>(&self, lines: &mut Lines<S>, head: OpenHead) -> Result<Instance, TransferFault>
    where
        S: Stream<Item = Result<Bytes, E>> + Unpin,
        E: std::fmt::Display,
    {
        let OpenHead { instance, units, anchor, last, mut holdings } = head;
        let id = instance.id;
        self.absent(id).await?;
        // A log that an import left when its process ended goes first.
        self.write_log(id, vec![LogChange::Drop(id), LogChange::Begin { instance: id, anchor }]).await?;
        let mut log = LogState::after(anchor);
        // There is always something left for the last commit, so that the log itself tells of others who write to it.
        let mut waiting = Waiting::default();
        let end = loop {
            let Some(line) = lines.next().await?.map(<[u8]>::to_vec) else {
                return Err(TransferFault::at(lines.number() + 1, TransferWhy::Truncated));
            };
            let at = |why| TransferFault::at(lines.number(), why);
            if line.starts_with(LAST) {
                break serde_json::from_slice::<Last>(&line).map_err(|error| at(form(&error)))?.end;
            }
            if line.starts_with(KEYSTORE) || line.starts_with(KEY) {
                if !log.is_empty() {
                    return Err(at(TransferWhy::Holding("comes after the first event".to_owned())));
                }
                hold(&mut holdings, &line).map_err(at)?;
                continue;
            }
            let event: EventLine<'_> = serde_json::from_slice(&line).map_err(|error| at(form(&error)))?;
            let event = event.event(id).map_err(at)?;
            let before = log.last;
            log.follow(&event).map_err(|broken| at(TransferWhy::Broken(broken)))?;
            if waiting.is_full() {
                let events = waiting.take(before);
                self.write_log(id, vec![LogChange::Append { instance: id, events }]).await?;
            }
            waiting.push(event);
        };
        let at = |why| TransferFault::at(lines.number(), why);
        if end.events != log.len() {
            return Err(at(TransferWhy::Count { said: end.events, found: log.len() }));
        }
        if end.sha256 != hex::encode(lines.sum_before()) {
            return Err(at(TransferWhy::Checksum));
        }
        if log.last != last {
            return Err(at(TransferWhy::LastEvent));
        }
        if lines.next().await?.is_some() {
            return Err(TransferFault::at(lines.number(), TransferWhy::AfterTheEnd));
        }
        let written = waiting.after.unwrap_or(anchor);
        let rest = if waiting.events.is_empty() {
            vec![LogChange::Drop(id), LogChange::Begin { instance: id, anchor }]
        } else {
            vec![LogChange::Append { instance: id, events: waiting.events }]
        };
        let mut records = holdings.into_records(id);
        records.extend(keyed_units(&instance, units));
        self.show(instance, records, written, rest).await
    }

    /// Whether the instance may come in.
    async fn absent(&self, id: InstanceId) -> Result<(), TransferFault> {
        let (directory, _) = self.directory().await?;
        if directory.contains(id) { Err(TransferFault::at(0, TransferWhy::Exists(id))) } else { Ok(()) }
    }

    /// Writes to the log of an instance that is not there. One that is made meanwhile keeps its own.
    async fn write_log(&self, id: InstanceId, logs: Vec<LogChange>) -> Result<(), TransferFault> {
        let guards = vec![(RecordKey::Instance(id), Version::ABSENT)];
        match self.store.commit(CommitUnit { guards, logs, ..CommitUnit::default() }).await {
            Ok(_) => Ok(()),
            Err(CommitError::Conflict) => {
                self.absent(id).await?;
                // Another replica is taking it in too.
                Err(Refusal::Busy.into())
            }
            Err(error) => Err(refusal(error).into()),
        }
    }

    /// The last commit: the instance is there, with its units and its log, which ends with `written` and gets the `rest`.
    async fn show(
        &self,
        mut instance: Instance,
        records: Vec<(RecordKey, Record)>,
        written: Anchor,
        rest: Vec<LogChange>,
    ) -> Result<Instance, TransferFault> {
        let id = instance.id;
        let records: Vec<_> = records.into_iter().map(|(key, record)| (key, Arc::new(record))).collect();
        for _ in 0..MAX_ATTEMPTS {
            let log = self.store.log(id).await.map_err(unavailable)?;
            if log.is_none_or(|log| log.last != written) {
                self.absent(id).await?;
                // As above.
                return Err(Refusal::Busy.into());
            }
            let (mut directory, version) = self.directory().await?;
            if directory.contains(id) {
                return Err(TransferFault::at(0, TransferWhy::Exists(id)));
            }
            self.distinct(&instance).await?;
            directory.enter(&mut instance, None);
            let new = |key, value| Change { key, expected: Version::ABSENT, value: Some(value) };
            let mut changes: Vec<_> = records.iter().map(|(key, record)| new(*key, record.clone())).collect();
            changes.push(new(RecordKey::Instance(id), Arc::new(Record::Instance(instance.clone()))));
            let list = Some(Arc::new(Record::Directory(directory)));
            changes.push(Change { key: RecordKey::Directory, expected: version, value: list });
            let unit = CommitUnit { changes, logs: rest.clone(), ..CommitUnit::default() };
            match self.store.commit(unit).await {
                Ok(_) => return Ok(instance),
                Err(CommitError::Conflict) => {}
                Err(error) => return Err(refusal(error).into()),
            }
        }
        Err(Refusal::Busy.into())
    }

    /// Whether no unit of the instance is there already.
    async fn distinct(&self, instance: &Instance) -> Result<(), TransferFault> {
        let keys: Vec<_> = instance.units.iter().map(|card| RecordKey::CryptoUnit(card.id)).collect();
        let found = self.store.load(&keys).await.map_err(unavailable)?;
        match instance.units.iter().zip(found).find(|(_, found)| found.is_some()) {
            Some((card, _)) => Err(TransferFault::at(1, TransferWhy::UnitExists(card.id))),
            None => Ok(()),
        }
    }

    async fn directory(&self) -> Result<(Directory, Version), Refusal> {
        let found = self.store.load(&[RecordKey::Directory]).await.map_err(unavailable)?.pop().flatten();
        Ok(match found {
            Some(Versioned { version, value }) => match &*value {
                Record::Directory(directory) => (directory.clone(), version),
                _ => (Directory::default(), version),
            },
            None => (Directory::default(), Version::ABSENT),
        })
    }
}

/// Takes the keystore or the key of a line in.
fn hold(holdings: &mut Holdings, line: &[u8]) -> Result<(), TransferWhy> {
    let invalid = |why: DocumentFault| TransferWhy::Holding(why.to_string());
    let added = if line.starts_with(KEYSTORE) {
        let line: KeystoreLine = serde_json::from_slice(line).map_err(|error| form(&error))?;
        holdings.add_keystore(line.keystore.into_keystore().map_err(invalid)?)
    } else {
        let line: KeyLine = serde_json::from_slice(line).map_err(|error| form(&error))?;
        holdings.add_key(line.key.into_key().map_err(invalid)?)
    };
    added.map_err(|why| TransferWhy::Holding(why.to_owned()))
}

fn keyed_units(instance: &Instance, units: Vec<Unit>) -> impl Iterator<Item = (RecordKey, Record)> {
    let keys = instance.units.iter().map(|card| RecordKey::CryptoUnit(card.id));
    keys.zip(units.into_iter().map(Record::CryptoUnit))
}

/// Events that were read and not written yet.
#[derive(Default)]
struct Waiting {
    /// The last event that was written.
    after: Option<Anchor>,
    events: Vec<StoredEvent>,
    bytes: usize,
}

impl Waiting {
    fn push(&mut self, event: StoredEvent) {
        self.bytes += event.line.len() + size_of::<StoredEvent>();
        self.events.push(event);
    }

    /// Whether it is enough for a commit.
    fn is_full(&self) -> bool {
        self.bytes >= CHUNK
    }

    /// Everything, to be written; the last of it is `last`.
    fn take(&mut self, last: Anchor) -> Vec<StoredEvent> {
        self.bytes = 0;
        self.after = Some(last);
        std::mem::take(&mut self.events)
    }
}

/// The right to take in an instance of this id; one at a time in a process.
struct Claim {
    inner: Arc<Inner>,
    id: InstanceId,
}

impl Claim {
    fn of(inner: &Arc<Inner>, id: InstanceId) -> Result<Self, TransferFault> {
        if inner.importing.lock().unwrap_or_else(PoisonError::into_inner).insert(id) {
            Ok(Claim { inner: inner.clone(), id })
        } else {
            Err(Refusal::Busy.into())
        }
    }

    /// Drops what came in. Where the store refuses, nobody sees it, and the next import of the id or its creation drops it.
    async fn clean_up(self) {
        let _ = self.inner.write_log(self.id, vec![LogChange::Drop(self.id)]).await;
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        self.inner.importing.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.id);
    }
}

fn form(error: &serde_json::Error) -> TransferWhy {
    TransferWhy::Form(without_values(&error.to_string()))
}

/// Bytes of one commit.
const CHUNK: usize = 1024 * 1024;
