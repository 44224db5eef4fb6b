//! An instance goes out.

use std::sync::Arc;

use bytes::Bytes;
use hpcs_hsm::Unit;
use hpcs_names::InstanceId;
use hpcs_service::document::InstanceDocument;
use hpcs_service::sealing::PassphraseSealer;
use hpcs_service::{Instance, Record, RecordKey, Refusal};
use hpcs_store::{EventPage, EventQuery, LogState, StoredEvent, Version};
use serde::Serialize;
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use super::format::{CREATED_BY, End, EventLine, FORMAT, Head, Last, LogHead, VERSION};
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
    log: LogState,
    /// The first line, until it was taken.
    head: Option<Vec<u8>>,
    next: u64,
    sum: Sha256,
    ended: bool,
}

/// An instance, its units and how far its log has come, all of one moment.
struct Snapshot {
    instance: Instance,
    units: Vec<Unit>,
    log: LogState,
}

impl Engine {
    /// The file of an instance as it is now. What is committed while it is read is not in it.
    ///
    /// Whether the caller may is decided before, by
    /// [`Operation::ExportInstance`](hpcs_service::Operation::ExportInstance).
    ///
    /// # Errors
    /// [`Refusal::NoSuchInstance`], [`Refusal::Busy`] when others kept changing it, [`Refusal::StoreUnavailable`].
    pub async fn export(&self, instance: InstanceId, secrets: ExportSecrets) -> Result<Export, Refusal> {
        let snapshot = self.0.snapshot(instance).await?;
        let log = snapshot.log;
        let inner = self.0.clone();
        let head = self.0.pool.run(move || inner.head(&snapshot, &secrets)).await??;
        Ok(Export {
            engine: self.clone(),
            instance,
            log,
            head: Some(head),
            next: log.first(),
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
        while self.next <= self.log.last.sequence {
            let query = EventQuery::all(self.instance, self.next, PAGE);
            let EventPage { events, next, first, .. } =
                self.engine.0.store.events(&query).await.map_err(unavailable)?;
            if first > self.next {
                return Err(Refusal::EventsGone { instance: self.instance, wanted: self.next, first });
            }
            if next <= self.next {
                // Its log went while it was read.
                return Err(Refusal::NoSuchInstance);
            }
            self.next = next;
            let lines = lines(&events, self.log.last.sequence)?;
            if !lines.is_empty() {
                return Ok(Some(self.counted(lines)));
            }
        }
        self.ended = true;
        let sha256 = hex::encode(self.sum.clone().finalize());
        let last = Last { end: End { events: self.log.len(), sha256 } };
        let mut line = Vec::new();
        put(&mut line, &last)?;
        Ok(Some(line.into()))
    }

    fn counted(&mut self, lines: Vec<u8>) -> Bytes {
        self.sum.update(&lines);
        lines.into()
    }
}

impl Inner {
    /// Reads until nothing was changed between the records and the log.
    async fn snapshot(&self, id: InstanceId) -> Result<Snapshot, Refusal> {
        for _ in 0..MAX_ATTEMPTS {
            let (instance, units, before) = self.instance(id).await?;
            let log = self.store.log(id).await.map_err(unavailable)?;
            let (_, _, after) = self.instance(id).await?;
            if before == after {
                let log = log.unwrap_or(LogState::after(hpcs_store::Anchor::BEGINNING));
                return Ok(Snapshot { instance, units, log });
            }
        }
        Err(Refusal::Busy)
    }

    async fn instance(&self, id: InstanceId) -> Result<(Instance, Vec<Unit>, Vec<Version>), Refusal> {
        let found = self.store.load(&[RecordKey::Instance(id)]).await.map_err(unavailable)?.pop().flatten();
        let found = found.ok_or(Refusal::NoSuchInstance)?;
        let Record::Instance(instance) = &*found.value else { return Err(Refusal::Internal) };
        if instance.deleted {
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

    fn head(self: Arc<Self>, snapshot: &Snapshot, secrets: &ExportSecrets) -> Result<Vec<u8>, Refusal> {
        let Snapshot { instance, units, log } = snapshot;
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
            log: LogHead::of(log),
        };
        let mut line = Vec::new();
        put(&mut line, &head)?;
        Ok(line)
    }
}

/// SHA-256 of a document in the clear.
fn digest(mut document: InstanceDocument) -> Result<[u8; 32], Refusal> {
    document.disclose();
    let text = Zeroizing::new(serde_json::to_vec(&document).map_err(|_| Refusal::Internal)?);
    Ok(Sha256::digest(&*text).into())
}

/// The lines of the events up to `last`.
fn lines(events: &[StoredEvent], last: u64) -> Result<Vec<u8>, Refusal> {
    let mut lines = Vec::new();
    for event in events.iter().take_while(|event| event.sequence <= last) {
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
