//! What commands need that talk to a running emulator.

use std::error::Error as _;
use std::time::Duration;

use clap::Args;
use hpcs_grpc::emulator::v1::IssueTokenRequest;
use hpcs_grpc::emulator::v1::identity_client::IdentityClient;
use tonic::metadata::{Ascii, MetadataValue};
use tonic::transport::{Channel, Endpoint};
use tonic::{Code, Request, Status};

use super::Failure;
use crate::config::{DEFAULT_API_KEY, Environment};

/// Flags of every command that talks to a running emulator.
#[derive(Args)]
pub(super) struct ClientArgs {
    /// The emulator, at http:// or https:// [default: http://127.0.0.1:9876] [env: HPCS_EMULATOR_SERVER]
    #[arg(long, value_name = "URL", global = true)]
    server: Option<String>,
    /// Who signs in [default: the documented administrator] [env: HPCS_EMULATOR_API_KEY]
    #[arg(long, value_name = "KEY", global = true)]
    api_key: Option<String>,
}

impl ClientArgs {
    /// The arguments of a command whose flags have other names.
    pub(super) fn new(server: Option<String>, api_key: Option<String>) -> Self {
        ClientArgs { server, api_key }
    }
}

/// A connection to an emulator.
pub(super) struct Client {
    pub(super) channel: Channel,
    server: String,
    api_key: String,
}

impl Client {
    /// Connects; flags count before the environment. An answer has to begin within ten seconds.
    pub(super) async fn connect(arguments: ClientArgs, environment: &Environment) -> Result<Self, Failure> {
        Client::connect_within(arguments, environment, |endpoint| endpoint.timeout(DEADLINE)).await
    }

    /// Connects for calls that are answered when all of a file was sent, however long that takes.
    pub(super) async fn connect_patiently(arguments: ClientArgs, environment: &Environment) -> Result<Self, Failure> {
        Client::connect_within(arguments, environment, |endpoint| endpoint).await
    }

    async fn connect_within(
        arguments: ClientArgs,
        environment: &Environment,
        deadline: fn(Endpoint) -> Endpoint,
    ) -> Result<Self, Failure> {
        let or = |flag: Option<String>, variable: Option<&str>, default: &str| {
            flag.or_else(|| variable.map(str::to_owned)).unwrap_or_else(|| default.to_owned())
        };
        let server = or(arguments.server, environment.server(), DEFAULT_SERVER);
        let api_key = or(arguments.api_key, environment.api_key(), DEFAULT_API_KEY);
        let server = if server.contains("://") { server } else { format!("http://{server}") };
        let endpoint = Endpoint::from_shared(server.clone()).map_err(|_| {
            Failure::usage(format_args!("--server: '{server}' is not an address such as {DEFAULT_SERVER}"))
        })?;
        let endpoint = hpcs_workstation::with_tls(endpoint).map_err(Failure::refused)?;
        let endpoint = deadline(endpoint.connect_timeout(DEADLINE));
        let channel =
            endpoint.connect().await.map_err(|error| match hpcs_workstation::untrusted_certificate(&error) {
                Some(hint) => Failure::refused(format_args!("{server} cannot be reached over TLS. {hint}")),
                None => unreachable(&server),
            })?;
        Ok(Client { channel, server, api_key })
    }

    /// Signs in; gives the token.
    pub(super) async fn token(&self) -> Result<String, Failure> {
        let mut request = Request::new(IssueTokenRequest { api_key: self.api_key.clone() });
        request.set_timeout(DEADLINE);
        let answer = IdentityClient::new(self.channel.clone()).issue_token(request).await;
        Ok(answer.map_err(|status| self.failed(&status))?.into_inner().access_token)
    }

    /// Signs in; gives the `authorization` of later calls.
    pub(super) async fn authorization(&self) -> Result<MetadataValue<Ascii>, Failure> {
        let bearer = format!("Bearer {}", self.token().await?);
        bearer.parse().map_err(|_| Failure::refused("the token cannot stand in a header"))
    }

    /// Signs in; gives the message with the token.
    pub(super) async fn request<T>(&self, message: T) -> Result<Request<T>, Failure> {
        let mut request = Request::new(message);
        request.metadata_mut().insert("authorization", self.authorization().await?);
        Ok(request)
    }

    /// A refused call as a failure.
    pub(super) fn failed(&self, status: &Status) -> Failure {
        let operation = status.metadata().get(OPERATION).and_then(|name| name.to_str().ok());
        let message = by_flag(status.message());
        match status.code() {
            Code::Unknown if operation.is_some() => Failure::refused(format_args!(
                "{message}; `hpcs-emulator operation {}` tells what became of it",
                operation.unwrap_or_default()
            )),
            // The connection broke. What an emulator says of its store comes without a cause of our own.
            Code::Unavailable if status.source().is_some() => unreachable(&self.server),
            Code::Cancelled | Code::DeadlineExceeded => {
                let seconds = DEADLINE.as_secs();
                Failure::refused(format_args!("{} did not answer within {seconds} seconds", self.server))
            }
            _ => Failure::refused(message),
        }
    }
}

/// The message with the flag in front where it has the name of a request's field there.
fn by_flag(message: &str) -> String {
    let flag = message.split_once(": ").and_then(|(field, why)| {
        let (_, flag) = FLAGS.iter().find(|(known, _)| *known == field)?;
        Some(format!("{flag}: {why}"))
    });
    flag.unwrap_or_else(|| message.to_owned())
}

fn unreachable(server: &str) -> Failure {
    Failure::refused(format_args!("there is no emulator at {server}; start one with `hpcs-emulator serve`"))
}

/// The trailer that names an operation whose outcome is unknown.
const OPERATION: &str = "hpcs-operation";

/// Fields of requests, and the flags that fill them.
const FLAGS: &[(&str, &str)] = &[
    ("api_key", "--api-key"),
    ("instances", "--instance"),
    ("from", "--from"),
    ("resume", "--after"),
    ("last", "--last"),
    ("actions", "--action"),
    ("outcomes", "--outcome"),
    ("severities", "--severity"),
    ("since", "--since"),
    ("until", "--until"),
    ("id", "--id"),
    ("region", "--region"),
    ("plan", "--plan"),
    ("profile", "--profile"),
    ("operational", "--operational"),
    ("recovery", "--recovery"),
    ("failover", "--failover"),
    ("document", "--document"),
    ("passphrase", "--passphrase-file"),
];

/// Where an emulator is that nobody told to be elsewhere.
pub(super) const DEFAULT_SERVER: &str = "http://127.0.0.1:9876";

/// Time for a connection, and for the beginning of an answer; a stream may then go on as long as it likes.
const DEADLINE: Duration = Duration::from_secs(10);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_names_the_flag_and_not_the_field() {
        assert_eq!(by_flag("severities: 'x' is none of normal"), "--severity: 'x' is none of normal");
        for other in ["the store: gone", "severities", "SQLite file x: database is locked"] {
            assert_eq!(by_flag(other), other);
        }
    }
}
