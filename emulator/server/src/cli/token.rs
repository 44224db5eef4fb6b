//! `token`: an access token for an API key.

use clap::Args;

use super::client::{Client, ClientArgs};
use super::{Failure, Surroundings};

/// Flags of `token`.
#[derive(Args)]
#[command(after_help = "\
Tokens live one hour, and no longer than the emulator that issued them.

Example:
  grpcurl -plaintext -H \"authorization: Bearer $(hpcs-emulator token)\" 127.0.0.1:9876 \\
      hpcs.emulator.v1.Instances/List")]
pub(super) struct TokenArgs {
    #[command(flatten)]
    client: ClientArgs,
}

/// Prints a token.
pub(super) async fn run(arguments: TokenArgs, here: &mut Surroundings<'_>) -> Result<u8, Failure> {
    let client = Client::connect(arguments.client, &here.environment()?).await?;
    writeln!(here.stdout, "{}", client.token().await?)?;
    here.stdout.flush()?;
    Ok(0)
}
