//! `export --server`, `import --server`: an instance out of a running emulator and into another.

use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use clap::Args;
use futures_util::stream;
use hpcs_grpc::emulator::v1::instances_client::InstancesClient;
use hpcs_grpc::emulator::v1::{ExportInstanceRequest, ImportInstanceRequest, ListInstancesRequest};
use hpcs_names::InstanceId;
use tonic::transport::Channel;
use zeroize::Zeroizing;

use super::client::{Client, ClientArgs};
use super::configuration::ConfigArgs;
use super::export_file::ExportFile;
use super::{Failure, Surroundings};

/// Flags that name a running emulator in place of a store.
#[derive(Args)]
pub(super) struct RemoteArgs {
    /// A running emulator in place of a store; its API key needs the role EmulatorOperator [env: HPCS_EMULATOR_SERVER]
    #[arg(
        long,
        alias = "url",
        value_name = "URL",
        conflicts_with_all = ["config", "data_dir", "store", "store_key_file"]
    )]
    server: Option<String>,
    /// Who signs in there [default: the documented administrator] [env: HPCS_EMULATOR_API_KEY]
    #[arg(long, value_name = "KEY", conflicts_with_all = ["config", "data_dir", "store", "store_key_file"])]
    api_key: Option<String>,
}

impl RemoteArgs {
    /// The emulator, if one is named. Flags count before the environment; `config` are those that name a store.
    pub(super) fn given(self, config: &ConfigArgs, here: &Surroundings<'_>) -> Result<Option<ClientArgs>, Failure> {
        let RemoteArgs { server, api_key } = self;
        let environment = here.environment()?;
        if server.is_some() {
            return Ok(Some(ClientArgs::new(server, api_key)));
        }
        if config.are_given() {
            return Ok(None);
        }
        match (environment.server(), environment.names_a_store()) {
            (Some(_), false) => Ok(Some(ClientArgs::new(None, api_key))),
            (Some(_), true) => Err(Failure::usage(
                "HPCS_EMULATOR_SERVER names a running emulator, and other variables a store; --server URL or --data-dir \
                 DIR says which is meant",
            )),
            (None, _) if api_key.is_some() => {
                Err(Failure::usage("--api-key: it is for --server URL, which is missing"))
            }
            (None, _) => Ok(None),
        }
    }
}

/// Writes an instance of a running emulator to standard output. Without a passphrase secrets are in the clear.
pub(super) async fn export(
    emulator: ClientArgs,
    instance: Option<InstanceId>,
    passphrase: Option<Zeroizing<String>>,
    here: &mut Surroundings<'_>,
) -> Result<(), Failure> {
    let client = Client::connect(emulator, &here.environment()?).await?;
    let mut instances = InstancesClient::new(client.channel.clone());
    let instance = match instance {
        Some(id) => id.to_string(),
        None => only_instance(&client, &mut instances).await?,
    };
    let secrets_in_the_clear = passphrase.is_none();
    let passphrase = passphrase.map(|text| text.to_string()).unwrap_or_default();
    let request = client.request(ExportInstanceRequest { instance, passphrase, secrets_in_the_clear }).await?;
    let pieces = instances.export(request).await;
    let mut pieces = pieces.map_err(|status| client.failed(&status))?.into_inner();
    while let Some(piece) = pieces.message().await.map_err(|status| client.failed(&status))? {
        here.stdout.write_all(&piece.content)?;
    }
    Ok(here.stdout.flush()?)
}

async fn only_instance(client: &Client, instances: &mut InstancesClient<Channel>) -> Result<String, Failure> {
    let answer = instances.list(client.request(ListInstancesRequest {}).await?).await;
    let mut found = answer.map_err(|status| client.failed(&status))?.into_inner().instances.into_iter();
    match (found.next(), found.next()) {
        (Some(only), None) => Ok(only.id),
        (None, _) => Err(Failure::refused("the account has no instance")),
        (Some(first), Some(second)) => Err(Failure::usage(format_args!(
            "which instance? The account has {}, {}{}; --instance ID names one",
            first.id,
            second.id,
            if found.next().is_some() { " and more" } else { "" }
        ))),
    }
}

/// Sends an export file to a running emulator, which takes all of it in or nothing.
pub(super) async fn import(
    emulator: ClientArgs,
    path: &Path,
    passphrase_file: Option<&Path>,
    here: &mut Surroundings<'_>,
) -> Result<(), Failure> {
    let file = ExportFile::open(path)?;
    let passphrase = file.passphrase(passphrase_file, here)?;
    let client = Client::connect_patiently(emulator, &here.environment()?).await?;
    let broken: Arc<Mutex<Option<io::Error>>> = Arc::default();
    let first = ImportInstanceRequest {
        passphrase: passphrase.map(|text| text.to_string()).unwrap_or_default(),
        ..ImportInstanceRequest::default()
    };
    let told = broken.clone();
    // A file that breaks off is refused for its missing end; here is why it did.
    let pieces = file.pieces().map_while(move |piece| match piece {
        Ok(content) => Some(ImportInstanceRequest { content: content.into(), ..ImportInstanceRequest::default() }),
        Err(error) => {
            *told.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
            None
        }
    });
    let request = client.request(stream::iter(std::iter::once(first).chain(pieces))).await?;
    let answer = InstancesClient::new(client.channel.clone()).import(request).await;
    if let Some(error) = broken.lock().unwrap_or_else(PoisonError::into_inner).take() {
        return Err(Failure::usage(format_args!("{}: {error}", path.display())));
    }
    let instance = answer.map_err(|status| client.failed(&status))?.into_inner();
    writeln!(here.stderr, "Instance {} was imported.", instance.id)?;
    Ok(())
}
