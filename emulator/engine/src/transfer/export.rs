//! An instance goes out.

use std::io;
use std::sync::Arc;

use bytes::Bytes;
use hpcs_hsm::Unit;
use hpcs_names::{AccountId, InstanceId};
use hpcs_service::document::{InstanceDocument, KeyDocument, KeystoreDocument};
use hpcs_service::operations::keystore::instance_keystore_records;
use hpcs_service::sealing::PassphraseSealer;
use hpcs_service::{Instance, Record, RecordKey, Refusal, View};
use hpcs_store::{Anchor, EventPage, EventQuery, LogState, StoredEvent, Version};
use serde::Serialize;
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use super::format::{CREATED_BY, End, EventLine, FORMAT, Head, KeyLine, KeystoreLine, Last, LogHead, VERSION};
use crate::run::Versions;
use crate::{Engine, Inner, MAX_ATTEMPTS, unavailable};

/// What becomes of the secrets in a file.
pub enum ExportSecrets {
    /// They are sealed under a key made of this passphrase.
    Passphrase(Zeroizing<String>),
    /// They stand in the file as they are. For whoever was told so.
    InTheClear,
}

/// A file on its way out; see [`Engine::export`].
pub struct Export {
    engine: Engine,
    instance: InstanceId,
    incarnation: u32,
    extent: Extent,
    /// The first line, until it was taken.
    head: Option<Vec<u8>>,
    /// Keystores and their keys, as far as they were not taken.
    holdings: std::vec::IntoIter<RecordKey>,
    records: View,
    /// The first events, until they were taken: they are the next to be too old for readers.
    first: Vec<StoredEvent>,
    next: u64,
    sum: Sha256,
    ended: bool,
}

/// An instance, its units and its log, all of one moment.
struct Snapshot {
    instance: Instance,
    units: Vec<Unit>,
    /// Keystores, then their keys; all of them are in the records.
    holdings: Vec<RecordKey>,
    records: View,
    extent: Extent,
    /// The first page of the log.
    first: Vec<StoredEvent>,
}

/// The part of a log that goes out.
#[derive(Clone, Copy)]
struct Extent {
    /// What the first event follows.
    anchor: Anchor,
    /// The last event.
    last: Anchor,
}

impl Engine {
    /// The file of an instance as it is now. What is committed while it is read is not in it, nor is what retention hides.
    /// With an `account`, the instance has to be that one's: an id that was purged may be another one's by now.
    ///
    /// Whether the caller may is decided before, by
    /// [`Operation::ExportInstance`](hpcs_service::Operation::ExportInstance).
    ///
    /// # Errors
    /// [`Refusal::NoSuchInstance`], [`Refusal::Busy`] when others kept changing it, [`Refusal::StoreUnavailable`].
    pub async fn export(
        &self,
        instance: InstanceId,
        account: Option<&AccountId>,
        secrets: ExportSecrets,
    ) -> Result<Export, Refusal> {
        let mut snapshot = self.0.snapshot(instance, account).await?;
        let (extent, incarnation) = (snapshot.extent, snapshot.instance.incarnation);
        let first = std::mem::take(&mut snapshot.first);
        let holdings = std::mem::take(&mut snapshot.holdings).into_iter();
        let tally = snapshot.records.key_tally(instance);
        let records = std::mem::take(&mut snapshot.records);
        let written = Some(tally.written).filter(|written| *written > 0);
        let pool = match secrets {
            ExportSecrets::Passphrase(_) => &self.0.derivations,
            ExportSecrets::InTheClear => &self.0.pool,
        };
        let inner = self.0.clone();
        let head = pool.run(move || inner.head(&snapshot, written, &secrets)).await??;
        Ok(Export {
            engine: self.clone(),
            instance,
            incarnation,
            extent,
            head: Some(head),
            holdings,
            records,
            first,
            next: extent.anchor.sequence + 1,
            sum: Sha256::new(),
            ended: false,
        })
    }
}

impl Export {
    /// The next lines, each with its line end; `None` after the last. A page of events at a time.
    ///
    /// # Errors
    /// [`Refusal::EventsGone`] when retention overtook the reader, [`Refusal::NoSuchInstance`] when the instance was
    /// purged; [`Refusal::StoreUnavailable`].
    pub async fn next(&mut self) -> Result<Option<Bytes>, Refusal> {
        if self.ended {
            return Ok(None);
        }
        if let Some(head) = self.head.take() {
            return Ok(Some(self.counted(head)));
        }
        let holdings: Vec<_> = self.holdings.by_ref().take(PAGE).collect();
        if !holdings.is_empty() {
            let lines = self.holding_lines(&holdings)?;
            return Ok(Some(self.counted(lines)));
        }
        let first = std::mem::take(&mut self.first);
        if let Some(last) = first.last() {
            self.next = last.sequence + 1;
            let lines = lines(&first)?;
            return Ok(Some(self.counted(lines)));
        }
        while self.next <= self.extent.last.sequence {
            let query = EventQuery::all(self.instance, self.next, PAGE);
            let EventPage { mut events, next, first, .. } =
                self.engine.0.store.events(&query).await.map_err(unavailable)?;
            // After reading: what was read is of this log then.
            if self.engine.0.incarnation(self.instance).await? != Some(self.incarnation) {
                return Err(Refusal::NoSuchInstance);
            }
            if first > self.next {
                return Err(Refusal::EventsGone { instance: self.instance, wanted: self.next, first });
            }
            if next <= self.next {
                // Its log went while it was read.
                return Err(Refusal::NoSuchInstance);
            }
            self.next = next;
            events.retain(|event| event.sequence <= self.extent.last.sequence);
            let lines = lines(&events)?;
            if !lines.is_empty() {
                return Ok(Some(self.counted(lines)));
            }
        }
        self.ended = true;
        let sha256 = hex::encode(self.sum.clone().finalize());
        let last = Last { end: End { events: self.extent.last.sequence - self.extent.anchor.sequence, sha256 } };
        let mut line = Vec::new();
        put(&mut line, &last)?;
        Ok(Some(line.into()))
    }

    fn holding_lines(&self, keys: &[RecordKey]) -> Result<Vec<u8>, Refusal> {
        let mut lines = Vec::new();
        for key in keys {
            match key {
                RecordKey::Keystore(instance, id) => {
                    let keystore = self.records.keystore(*instance, *id).ok_or(Refusal::Internal)?;
                    put(&mut lines, &KeystoreLine { keystore: KeystoreDocument::of(keystore) })?;
                }
                RecordKey::StoredKey(instance, id) => {
                    let key = self.records.stored_key(*instance, *id).ok_or(Refusal::Internal)?;
                    put(&mut lines, &KeyLine { key: KeyDocument::of(key) })?;
                }
                _ => return Err(Refusal::Internal),
            }
        }
        Ok(lines)
    }

    fn counted(&mut self, lines: Vec<u8>) -> Bytes {
        self.sum.update(&lines);
        lines.into()
    }
}

impl Inner {
    /// Reads until nothing was changed between the records and the log.
    async fn snapshot(&self, id: InstanceId, account: Option<&AccountId>) -> Result<Snapshot, Refusal> {
        for _ in 0..MAX_ATTEMPTS {
            let (instance, units, before) = self.instance(id, account).await?;
            let (records, keystores) = self.gather(|view| instance_keystore_records(view, id)).await?;
            let log = self.store.log(id).await.map_err(unavailable)?.unwrap_or(LogState::after(Anchor::BEGINNING));
            let page = self.store.events(&EventQuery::all(id, 1, PAGE)).await.map_err(unavailable)?;
            let (_, _, after) = self.instance(id, account).await?;
            if before == after
                && self.is_as_before(&keystores).await?
                && let Some((extent, first)) = visible(&log, page)
            {
                return Ok(Snapshot { instance, units, holdings: holdings(&keystores), records, extent, first });
            }
        }
        Err(Refusal::Busy)
    }

    /// Whether all records still have these versions.
    async fn is_as_before(&self, versions: &Versions) -> Result<bool, Refusal> {
        let (keys, before): (Vec<_>, Vec<_>) = versions.iter().unzip();
        let now = self.store.load(&keys).await.map_err(unavailable)?;
        let now = now.into_iter().map(|found| found.map_or(Version::ABSENT, |found| found.version));
        Ok(now.eq(before))
    }

    /// Which instance has this id now, deleted or not.
    async fn incarnation(&self, id: InstanceId) -> Result<Option<u32>, Refusal> {
        let found = self.store.load(&[RecordKey::Instance(id)]).await.map_err(unavailable)?.pop().flatten();
        Ok(found.and_then(|found| match &*found.value {
            Record::Instance(instance) => Some(instance.incarnation),
            _ => None,
        }))
    }

    async fn instance(
        &self,
        id: InstanceId,
        account: Option<&AccountId>,
    ) -> Result<(Instance, Vec<Unit>, Vec<Version>), Refusal> {
        let found = self.store.load(&[RecordKey::Instance(id)]).await.map_err(unavailable)?.pop().flatten();
        let found = found.ok_or(Refusal::NoSuchInstance)?;
        let Record::Instance(instance) = &*found.value else { return Err(Refusal::Internal) };
        if instance.deleted || account.is_some_and(|account| *account != instance.account) {
            return Err(Refusal::NoSuchInstance);
        }
        let keys: Vec<_> = instance.units.iter().map(|card| RecordKey::CryptoUnit(card.id)).collect();
        let (mut units, mut versions) = (Vec::with_capacity(keys.len()), vec![found.version]);
        for unit in self.store.load(&keys).await.map_err(unavailable)? {
            // It may have been deleted since; then its version tells.
            let Some(unit) = unit else { continue };
            versions.push(unit.version);
            if let Record::CryptoUnit(state) = &*unit.value {
                units.push(state.clone());
            }
        }
        if units.len() != keys.len() {
            return Err(Refusal::Busy);
        }
        Ok((instance.clone(), units, versions))
    }

    fn head(
        self: Arc<Self>,
        snapshot: &Snapshot,
        keystores_written: Option<u64>,
        secrets: &ExportSecrets,
    ) -> Result<Vec<u8>, Refusal> {
        let Snapshot { instance, units, extent, .. } = snapshot;
        let mut document = InstanceDocument::of(instance, units);
        let sealed = match secrets {
            ExportSecrets::InTheClear => {
                document.disclose();
                None
            }
            ExportSecrets::Passphrase(passphrase) => {
                // The same seed, passphrase and salt for other secrets would use a nonce twice, so the salt follows from
                // the secrets too.
                let content = digest(InstanceDocument::of(instance, units))?;
                let path: [&[u8]; 3] = [b"export", instance.id.0.as_bytes(), &content];
                let mut sealer = PassphraseSealer::new(passphrase, &mut self.seed.rng(&path));
                document.seal(&mut sealer);
                Some(sealer.header().clone())
            }
        };
        let head = Head {
            format: FORMAT.to_owned(),
            version: VERSION,
            created_by: CREATED_BY.to_owned(),
            sealed,
            instance: document,
            log: LogHead::of(&extent.anchor, &extent.last),
            keystores_written,
        };
        // Once and whole: what is outgrown would stay in freed memory, and there may be keys in it.
        let mut size = Size(0);
        serde_json::to_writer(&mut size, &head).map_err(|_| Refusal::Internal)?;
        let mut line = Vec::with_capacity(size.0 + 1);
        put(&mut line, &head)?;
        Ok(line)
    }
}

/// Keystores, then keys, each in the order of their ids.
fn holdings(versions: &Versions) -> Vec<RecordKey> {
    let present = versions.iter().filter(|(_, version)| **version != Version::ABSENT).map(|(key, _)| *key);
    let is_line = |key: &RecordKey| matches!(key, RecordKey::Keystore(..) | RecordKey::StoredKey(..));
    let mut keys: Vec<_> = present.filter(is_line).collect();
    // Keystores come before stored keys in the enumeration.
    keys.sort_unstable();
    keys
}

/// What of the log is visible, given its first visible page, and the part of the page in it; `None` when the log changed
/// between the two.
///
/// Retention by age hides events before it cuts them away, so the first visible one may follow an event whose digest
/// nobody can read. A chain then begins after the first visible one instead.
fn visible(log: &LogState, page: EventPage) -> Option<(Extent, Vec<StoredEvent>)> {
    let EventPage { mut events, first, .. } = page;
    let last = log.last;
    events.retain(|event| event.sequence <= last.sequence);
    let anchor = if first == log.first() {
        log.anchor
    } else if first == last.sequence + 1 {
        last
    } else {
        let oldest = events.first().filter(|oldest| oldest.sequence == first)?;
        match oldest.digest {
            Some(_) => {
                let oldest = events.remove(0);
                Anchor { sequence: oldest.sequence, time: oldest.time, digest: oldest.digest }
            }
            None => Anchor { sequence: first - 1, time: oldest.time, digest: None },
        }
    };
    Some((Extent { anchor, last }, events))
}

/// Counts the bytes that are written.
struct Size(usize);

impl io::Write for Size {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 += bytes.len();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Sums up the bytes that are written.
struct Sum(Sha256);

impl io::Write for Sum {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// SHA-256 of a document in the clear.
fn digest(mut document: InstanceDocument) -> Result<[u8; 32], Refusal> {
    document.disclose();
    let mut sum = Sum(Sha256::new());
    serde_json::to_writer(&mut sum, &document).map_err(|_| Refusal::Internal)?;
    Ok(sum.0.finalize().into())
}

fn lines(events: &[StoredEvent]) -> Result<Vec<u8>, Refusal> {
    let mut lines = Vec::new();
    for event in events {
        put(&mut lines, &EventLine::of(event).ok_or(Refusal::Internal)?)?;
    }
    Ok(lines)
}

fn put(lines: &mut Vec<u8>, value: &impl Serialize) -> Result<(), Refusal> {
    serde_json::to_writer(&mut *lines, value).map_err(|_| Refusal::Internal)?;
    lines.push(b'\n');
    Ok(())
}

/// Events read at once, about 1.5 kB each.
const PAGE: usize = 128;
