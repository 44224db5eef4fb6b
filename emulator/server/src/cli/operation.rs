//! `operation`: what became of an operation whose outcome was unknown.

use clap::Args;
use hpcs_grpc::emulator::v1::operations_client::OperationsClient;
use hpcs_grpc::emulator::v1::{OperationOutcome, OperationOutcomeRequest};
use hpcs_store::OperationId;

use super::client::{Client, ClientArgs};
use super::{Failure, Surroundings};

/// Flags of `operation`.
#[derive(Args)]
#[command(after_help = "\
When the store goes away during a commit, the refusal names the operation; this tells what became of it:
  committed      it happened, with its event
  not-committed  it did not happen, and will not; it can be sent again
  unsettled      nobody can tell yet; ask again when the store is back

Example:
  hpcs-emulator operation 5f3c0a9be2d41786-12")]
pub(super) struct OperationArgs {
    /// The operation, as the refusal named it
    #[arg(value_name = "ID")]
    operation: OperationId,
    #[command(flatten)]
    client: ClientArgs,
}

/// Prints one word.
pub(super) async fn run(arguments: OperationArgs, here: &mut Surroundings<'_>) -> Result<u8, Failure> {
    let OperationArgs { operation, client } = arguments;
    let client = Client::connect(client, &here.environment()?).await?;
    let request = client.request(OperationOutcomeRequest { operation: operation.to_string() }).await?;
    let answer = OperationsClient::new(client.channel.clone()).outcome(request).await;
    let answer = answer.map_err(|status| client.failed(&status))?.into_inner();
    let word = match answer.outcome() {
        OperationOutcome::Committed => "committed",
        OperationOutcome::NotCommitted => "not-committed",
        OperationOutcome::Unsettled => "unsettled",
        OperationOutcome::Unspecified => {
            return Err(Failure::refused("the answer is one that this program does not know"));
        }
    };
    writeln!(here.stdout, "{word}")?;
    here.stdout.flush()?;
    Ok(0)
}
