//! `export --url`, `import --url`: an instance out of a running emulator and into another.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use clap::Args;
use futures_util::stream;
use hpcs_grpc::emulator::v1::instances_client::InstancesClient;
use hpcs_grpc::emulator::v1::{ExportInstanceRequest, ImportInstanceRequest, ListInstancesRequest};
use hpcs_names::InstanceId;
use serde::Deserialize;
use serde::de::IgnoredAny;
use tonic::transport::Channel;
use zeroize::Zeroizing;

use super::client::{Client, ClientArgs};
use super::{Failure, Surroundings, passphrase};

/// Flags that name a running emulator in place of a store.
#[derive(Args)]
pub(super) struct RemoteArgs {
    /// A running emulator in place of a store; its API key needs the role EmulatorOperator
    #[arg(long, value_name = "URL", conflicts_with_all = ["config", "data_dir", "store", "store_key_file"])]
    url: Option<String>,
    /// Who signs in there [default: the documented administrator] [env: HPCS_EMULATOR_API_KEY]
    #[arg(long, value_name = "KEY", requires = "url")]
    api_key: Option<String>,
}

impl RemoteArgs {
    /// The emulator, if one is named.
    pub(super) fn given(self) -> Option<ClientArgs> {
        let RemoteArgs { url, api_key } = self;
        url.map(|url| ClientArgs::new(Some(url), api_key))
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
    let unreadable = |error: io::Error| Failure::usage(format_args!("{}: {error}", path.display()));
    let mut file = BufReader::new(File::open(path).map_err(unreadable)?);
    let head = head(&mut file).map_err(unreadable)?;
    let passphrase = match (passphrase_file, is_sealed(&head)) {
        (None, false) => None,
        (file, _) => Some(passphrase::present(file, here)?),
    };
    let client = Client::connect_patiently(emulator, &here.environment()?).await?;
    let broken = Arc::new(Mutex::new(None));
    let first = ImportInstanceRequest {
        passphrase: passphrase.map(|text| text.to_string()).unwrap_or_default(),
        ..ImportInstanceRequest::default()
    };
    let pieces = Pieces { rest: io::Cursor::new(head).chain(file), broken: broken.clone() };
    let request = client.request(stream::iter(std::iter::once(first).chain(pieces))).await?;
    let answer = InstancesClient::new(client.channel.clone()).import(request).await;
    if let Some(error) = broken.lock().unwrap_or_else(PoisonError::into_inner).take() {
        return Err(unreadable(error));
    }
    let instance = answer.map_err(|status| client.failed(&status))?.into_inner();
    writeln!(here.stderr, "Instance {} was imported.", instance.id)?;
    Ok(())
}

/// The first line of an export file, as far as it is a line of bounded size.
fn head(file: &mut impl BufRead) -> io::Result<Vec<u8>> {
    let mut line = Vec::new();
    file.take(LONGEST_HEAD).read_until(b'\n', &mut line)?;
    Ok(line)
}

/// Whether a passphrase is needed. Of a head that cannot be read the emulator says what is wrong.
fn is_sealed(head: &[u8]) -> bool {
    #[derive(Deserialize)]
    struct Head {
        sealed: Option<IgnoredAny>,
    }
    serde_json::from_slice::<Head>(head).is_ok_and(|head| head.sealed.is_some())
}

/// A file as messages of bounded size. Reading it blocks, and there is nothing else to do meanwhile.
struct Pieces<R> {
    rest: R,
    /// Why the file ended too early; the emulator refuses a file without its end.
    broken: Arc<Mutex<Option<io::Error>>>,
}

impl<R: Read> Iterator for Pieces<R> {
    type Item = ImportInstanceRequest;

    fn next(&mut self) -> Option<ImportInstanceRequest> {
        let mut content = vec![0; PIECE];
        let read = loop {
            match self.rest.read(&mut content) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                read => break read,
            }
        };
        match read {
            Ok(0) => None,
            Ok(size) => {
                content.truncate(size);
                Some(ImportInstanceRequest { content: content.into(), ..ImportInstanceRequest::default() })
            }
            Err(error) => {
                *self.broken.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
                None
            }
        }
    }
}

/// Bytes read and sent at once.
const PIECE: usize = 64 * 1024;

/// 16 MiB: an instance with all that its crypto units hold is far smaller.
const LONGEST_HEAD: u64 = 16 * 1024 * 1024;
