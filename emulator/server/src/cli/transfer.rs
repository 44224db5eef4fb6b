//! `export`, `import`: an instance with its event log out of a store and into another.
//!
//! The store is opened here, without an emulator around it: no other emulator may work on a data directory then. With
//! `--server` it is a running emulator that writes or takes the file.

use std::path::{Path, PathBuf};

use bytes::Bytes;
use clap::Args;
use futures_util::stream;
use hpcs_engine::{ExportSecrets, TransferFault, TransferWhy};
use hpcs_names::InstanceId;
use hpcs_service::Instance;
use zeroize::Zeroizing;

use super::configuration::ConfigArgs;
use super::export_file::ExportFile;
use super::remote_transfer::{self, RemoteArgs};
use super::store::require_store;
use super::{Failure, Surroundings, passphrase};
use crate::config::{Settings, StorePlace};
use crate::emulator::{self, OpenedEngine};
use crate::store::info;

/// Flags of `export`.
#[derive(Args)]
#[command(after_help = "\
Examples:
  hpcs-emulator export --data-dir data > instance.ndjson
  hpcs-emulator export --data-dir data --passphrase-file secret > instance.ndjson
  hpcs-emulator export --server http://127.0.0.1:9876 > instance.ndjson

Without --passphrase-file the passphrase is asked for on the terminal, twice.")]
pub(super) struct ExportArgs {
    #[command(flatten)]
    config: ConfigArgs,
    #[command(flatten)]
    remote: RemoteArgs,
    /// The instance; needed when the store has several
    #[arg(long, value_name = "ID")]
    instance: Option<InstanceId>,
    /// Seal the secrets in the file under the passphrase in the first line of this file
    #[arg(long, value_name = "FILE")]
    passphrase_file: Option<PathBuf>,
    /// Write key material as it is: whoever reads the file has the keys
    #[arg(long, conflicts_with = "passphrase_file")]
    secrets_in_the_clear: bool,
}

/// Flags of `import`.
#[derive(Args)]
#[command(after_help = "\
Examples:
  hpcs-emulator import --data-dir other instance.ndjson
  hpcs-emulator import --data-dir other --passphrase-file secret instance.ndjson
  hpcs-emulator import --server http://127.0.0.1:9876 instance.ndjson

All of the file is taken in or nothing. The store is made when it is not there
yet; an instance of the same id must not be in it.")]
pub(super) struct ImportArgs {
    #[command(flatten)]
    config: ConfigArgs,
    #[command(flatten)]
    remote: RemoteArgs,
    /// The passphrase of the file is in the first line of this one
    #[arg(long, value_name = "FILE")]
    passphrase_file: Option<PathBuf>,
    /// What `export` wrote
    #[arg(value_name = "FILE")]
    file: PathBuf,
}

/// Writes an instance to standard output.
pub(super) async fn export(arguments: ExportArgs, here: &mut Surroundings<'_>) -> Result<u8, Failure> {
    let ExportArgs { config, remote, instance, passphrase_file, secrets_in_the_clear } = arguments;
    if let Some(emulator) = remote.given(&config, here)? {
        let file = passphrase_file.as_deref();
        let passphrase = if secrets_in_the_clear { None } else { Some(passphrase::new(file, here)?) };
        return remote_transfer::export(emulator, instance, passphrase, here).await.map(|()| 0);
    }
    let config = config.resolve(Settings::default(), here)?;
    require_store(&config.store.place)?;
    let secrets = if secrets_in_the_clear {
        ExportSecrets::InTheClear
    } else {
        ExportSecrets::Passphrase(passphrase::new(passphrase_file.as_deref(), here)?)
    };
    let world = (here.world)(config.seed)?;
    let opened = emulator::open(&config, world, &here.log).await?;
    let written = write(&opened, instance, secrets, here).await;
    finish(opened, written).await.map(|()| 0)
}

async fn write(
    opened: &OpenedEngine,
    instance: Option<InstanceId>,
    secrets: ExportSecrets,
    here: &mut Surroundings<'_>,
) -> Result<(), Failure> {
    let instance = match instance {
        Some(id) => id,
        None => only_instance(opened).await?,
    };
    let mut export = opened.engine.export(instance, None, secrets).await.map_err(Failure::refused)?;
    while let Some(lines) = export.next().await.map_err(Failure::refused)? {
        here.stdout.write_all(&lines)?;
    }
    Ok(here.stdout.flush()?)
}

async fn only_instance(opened: &OpenedEngine) -> Result<InstanceId, Failure> {
    let instances = info::instances(&opened.store).await.map_err(Failure::refused)?;
    let mut active = instances.into_iter().filter(|instance| !instance.deleted).map(|instance| instance.id);
    match (active.next(), active.next()) {
        (Some(only), None) => Ok(only),
        (None, _) => Err(Failure::refused("the store has no instance")),
        (Some(first), Some(second)) => Err(Failure::usage(format_args!(
            "which instance? The store has {first}, {second}{}; --instance ID names one",
            if active.next().is_some() { " and more" } else { "" }
        ))),
    }
}

/// Takes an instance in.
pub(super) async fn import(arguments: ImportArgs, here: &mut Surroundings<'_>) -> Result<u8, Failure> {
    let ImportArgs { config, remote, passphrase_file, file } = arguments;
    if let Some(emulator) = remote.given(&config, here)? {
        return remote_transfer::import(emulator, &file, passphrase_file.as_deref(), here).await.map(|()| 0);
    }
    let config = config.resolve(Settings::default(), here)?;
    if config.store.place == StorePlace::Memory {
        return require_store(&config.store.place).map(|()| 0);
    }
    // Before a store is made: the file, and what can be read of it.
    let source = ExportFile::open(&file)?;
    let passphrase = source.passphrase(passphrase_file.as_deref(), here)?;
    let world = (here.world)(config.seed)?;
    let opened = emulator::open(&config, world, &here.log).await?;
    let taken = read(&opened, source, &file, passphrase, here).await;
    finish(opened, taken).await.map(|()| 0)
}

async fn read(
    opened: &OpenedEngine,
    source: ExportFile,
    path: &Path,
    passphrase: Option<Zeroizing<String>>,
    here: &mut Surroundings<'_>,
) -> Result<(), Failure> {
    // Reading the file blocks, and there is nothing else to do meanwhile.
    let pieces = stream::iter(source.pieces().map(|piece| piece.map(Bytes::from)));
    let taken = opened.engine.import(pieces, passphrase, None).await;
    let Instance { id, .. } = taken.map_err(|fault| refused(path, &fault))?;
    let log = opened.store.log(id).await.map_err(Failure::refused)?;
    let (events, next) = log.map_or((0, 1), |log| (log.len(), log.last.sequence + 1));
    writeln!(here.stderr, "Instance {id} was imported with {events} events; the next one is {next}.")?;
    Ok(())
}

fn refused(path: &Path, fault: &TransferFault) -> Failure {
    let text = match fault.line {
        0 => format!("{}: {}", path.display(), fault.why),
        line => format!("{}:{line}: {}", path.display(), fault.why),
    };
    match &fault.why {
        TransferWhy::Exists(_) | TransferWhy::UnitExists(_) | TransferWhy::Refused(_) => Failure::refused(text),
        _ => Failure::usage(text),
    }
}

/// The store is closed whatever came of the work; a failure of the work counts first.
async fn finish(opened: OpenedEngine, result: Result<(), Failure>) -> Result<(), Failure> {
    let closed = opened.engine.close().await.map_err(Failure::refused);
    result.and(closed)
}
