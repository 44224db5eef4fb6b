//! Whether a store is whole.
//!
//! The store itself knows whether its records decode and its logs follow their anchors without a gap. What belongs
//! together beyond that is looked at here: every instance and crypto unit that is listed has its record.

use hpcs_engine::ServiceStore;
use hpcs_service::{Record, RecordKey};
use hpcs_store::{Checked, Unavailable};
use tokio::sync::mpsc;

use super::{Backend, Opened, StoreError};

/// Looks at everything in a store. Findings go out as they are made, the first thousand of them; all are counted.
///
/// # Errors
/// When the store cannot be read at all.
pub(crate) async fn check(opened: &Opened, findings: mpsc::UnboundedSender<String>) -> Result<Checked, StoreError> {
    let mut out = Out { findings, left: MOST_FINDINGS };
    let checked = match &opened.backend {
        Backend::Memory => Ok(Checked::default()),
        Backend::Sqlite(store) => {
            let store = store.clone();
            let work = move || {
                let checked = store.check(&mut |finding| out.send(finding.to_string()));
                (checked, out)
            };
            let (checked, given_back) = tokio::task::spawn_blocking(work).await.map_err(|_| StoreError::Panicked)?;
            out = given_back;
            checked
        }
        Backend::Postgres(store) => store.check(&mut |finding| out.send(finding.to_string())).await,
    };
    let mut checked = checked.map_err(StoreError::Unreadable)?;
    for finding in missing(&opened.store).await.map_err(StoreError::Unreadable)? {
        checked.findings += 1;
        out.send(finding);
    }
    Ok(checked)
}

/// Where findings go.
struct Out {
    findings: mpsc::UnboundedSender<String>,
    left: usize,
}

impl Out {
    fn send(&mut self, finding: String) {
        if self.left > 0 {
            self.left -= 1;
            // Nobody is left to be told.
            let _ = self.findings.send(finding);
        }
    }
}

/// Records that others speak of and that are not there.
async fn missing(store: &ServiceStore) -> Result<Vec<String>, Unavailable> {
    let mut missing = Vec::new();
    for id in super::directory(store).await? {
        // What is there and cannot be read was found before.
        let Ok(found) = store.load(&[RecordKey::Instance(id)]).await else { continue };
        let Some(found) = found.into_iter().flatten().next() else {
            missing.push(format!("instance {id}: there is no record"));
            continue;
        };
        let Record::Instance(instance) = &*found.value else { continue };
        for unit in instance.units.iter().filter(|_| !instance.deleted) {
            let found = store.load(&[RecordKey::CryptoUnit(unit.id)]).await;
            if found.is_ok_and(|found| found.iter().all(Option::is_none)) {
                missing.push(format!("crypto unit {} of instance {id}: there is no record", unit.id));
            }
        }
    }
    Ok(missing)
}

/// More findings tell nothing new, and would fill the memory.
const MOST_FINDINGS: usize = 1000;
