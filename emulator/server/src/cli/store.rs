//! `store`: looks at a store without an emulator around it.

use std::io::{self, Write};
use std::pin::pin;
use std::time::Duration;

use clap::{Args, Subcommand};
use hpcs_service::RecordKey;
use hpcs_service::document::moment_text;
use hpcs_store::{Checked, Retention, Unavailable};
use tokio::sync::mpsc;
use tokio::time::interval;

use super::configuration::ConfigArgs;
use super::failure::REFUSED;
use super::{Failure, Surroundings};
use crate::config::{Config, Settings, StorePlace};
use crate::store::{self, Opened, info};
use crate::{Log, StartError, World};

/// Flags of `store`.
#[derive(Args)]
pub(super) struct StoreArgs {
    #[command(subcommand)]
    command: StoreCommand,
}

#[derive(Subcommand)]
enum StoreCommand {
    /// Check that everything is there and nothing was changed: records, logs, digests
    #[command(after_help = "\
Examples:
  hpcs-emulator store check --data-dir data
  HPCS_EMULATOR_STORE=postgres://... hpcs-emulator store check --store-key-file key

Exit code 1 when there are findings, each a line of stdout, whether anybody
reads them or not. A data directory is looked at when no emulator works on it.
Opening a store of an older schema brings it to the newest one.")]
    Check(ConfigArgs),
    /// Tell what is in a store: instances, their logs, sizes
    #[command(after_help = "\
A data directory is looked at when no emulator works on it. Opening a store
of an older schema brings it to the newest one.")]
    Info(ConfigArgs),
}

/// Checks a store, or tells what is in it.
pub(super) async fn run(arguments: StoreArgs, here: &mut Surroundings<'_>) -> Result<u8, Failure> {
    match arguments.command {
        StoreCommand::Check(config) => check(config, here).await,
        StoreCommand::Info(config) => tell(config, here).await,
    }
}

async fn check(config: ConfigArgs, here: &mut Surroundings<'_>) -> Result<u8, Failure> {
    let (_, opened) = open(config, here).await?;
    let (sender, mut findings) = mpsc::unbounded_channel();
    let mut work = pin!(store::check::check(&opened, sender));
    let mut waited = interval(PROGRESS);
    // The first tick is at once.
    waited.tick().await;
    let mut told = Ok(());
    let totals = loop {
        tokio::select! {
            // Findings first: they were sent before the work ended.
            biased;
            Some(finding) = findings.recv() => told = told.and_then(|()| writeln!(here.stdout, "{finding}")),
            totals = &mut work => break totals,
            _ = waited.tick() => writeln!(here.stderr, "still checking")?,
        }
    };
    while let Ok(finding) = findings.try_recv() {
        told = told.and_then(|()| writeln!(here.stdout, "{finding}"));
    }
    close(&opened).await?;
    let Checked { records, logs, events, chained, findings } = totals.map_err(Failure::refused)?;
    let noun = if findings == 1 { "finding" } else { "findings" };
    let last =
        format_args!("{findings} {noun} in {records} records, {logs} logs, {events} events, {chained} of them chained");
    let verdict = if findings == 0 { 0 } else { REFUSED };
    match told.and_then(|()| writeln!(here.stdout, "{last}")) {
        // Who reads no further has the verdict all the same.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(verdict),
        told => told.map(|()| verdict).map_err(Failure::from),
    }
}

async fn tell(config: ConfigArgs, here: &mut Surroundings<'_>) -> Result<u8, Failure> {
    let (config, opened) = open(config, here).await?;
    let store = &opened.store;
    let unreadable = |cause: Unavailable| Failure::refused(cause);
    let out = &mut here.stdout;
    writeln!(out, "Store: {}", store.name())?;
    // The one record that every store has and that only its key opens.
    let key = store.load(&[RecordKey::Service]).await;
    if let Some(version) = opened.schema_version() {
        writeln!(out, "  schema version  {version}")?;
    }
    if let StorePlace::Directory { path, .. } = &config.store.place {
        for (file, bytes) in info::files(path) {
            writeln!(out, "  {file:<16}  {bytes} bytes")?;
        }
    }
    for instance in info::instances(store).await.map_err(unreadable)? {
        let info::InstanceInfo { id, region, plan, units, deleted, log } = instance;
        let deleted = if deleted { "  deleted" } else { "" };
        writeln!(out, "Instance {id}  {region}  {plan}  {units} crypto units{deleted}")?;
        match log {
            None => writeln!(out, "  no events yet")?,
            Some(log) if log.is_empty() => writeln!(out, "  no events; the next one is {}", log.first())?,
            Some(log) => {
                let (first, last) = (log.first(), log.last.sequence);
                writeln!(
                    out,
                    "  {} events, {first} to {last}, {} bytes; the last one of {}",
                    log.len(),
                    log.bytes,
                    moment_text(log.last.time)
                )?;
            }
        }
        if let Some(digest) = log.and_then(|log| log.last.digest) {
            writeln!(out, "  digest of the chain's head: {}", hex::encode(digest))?;
        }
    }
    close(&opened).await?;
    // Told last: what the key has no part in is worth knowing too.
    key.map(|_| 0).map_err(unreadable)
}

/// Opens the store alone: an engine would refuse one whose first record is damaged.
async fn open(arguments: ConfigArgs, here: &Surroundings<'_>) -> Result<(Config, Opened), Failure> {
    let mut config = arguments.resolve(Settings::default(), here)?;
    require_store(&config.store.place)?;
    // Everything that is there is looked at, whether the emulator would still show it or not.
    config.store.retention = Retention::default();
    let World { clock, sealing, .. } = (here.world)(config.seed)?;
    // What goes wrong is a finding, or ends the command: no line in the log besides.
    let opened = store::open(&config.store, config.style.clone(), clock, sealing, &Log::silent()).await;
    Ok((config, opened.map_err(StartError::Store)?))
}

/// Refuses a place where no store is yet.
pub(super) fn require_store(place: &StorePlace) -> Result<(), Failure> {
    match place {
        StorePlace::Memory => Err(Failure::usage("which store? --data-dir DIR or --store URL names it")),
        place if !store::exists(place) => Err(Failure::usage(format_args!("{place} holds no store"))),
        _ => Ok(()),
    }
}

async fn close(opened: &Opened) -> Result<(), Failure> {
    opened.store.close().await.map_err(Failure::refused)
}

/// The user hears of progress this often.
const PROGRESS: Duration = Duration::from_secs(10);
