//! `events`: reads the event log of a running emulator.

use std::io::Write;
use std::time::Duration;

use clap::Args;
use hpcs_grpc::emulator::v1::events_client::EventsClient;
use hpcs_grpc::emulator::v1::{Event, ReadEventsRequest};
use tonic::{Request, Streaming};

use super::client::{Client, ClientArgs};
use super::{Failure, Surroundings};
use crate::config::Environment;

/// Flags of `events`.
#[derive(Args)]
#[command(after_help = "\
Examples:
  hpcs-emulator events                               all events so far
  hpcs-emulator events --follow --severity critical  and those to come
  hpcs-emulator events --outcome failure --wait 3 --timeout 30

The last one ends with exit code 0 as soon as it has printed three failures,
and with exit code 3 after 30 seconds.")]
pub(super) struct EventsArgs {
    #[command(flatten)]
    client: ClientArgs,
    /// The instance; needed when the account has several
    #[arg(long, value_name = "ID")]
    instance: Option<String>,
    /// The first sequence number
    #[arg(long, value_name = "SEQUENCE", default_value_t = 1)]
    from: u64,
    /// Wait for new events until Ctrl-C
    #[arg(long)]
    follow: bool,
    /// Only this action; a trailing * matches any ending; can be repeated
    #[arg(long = "action", value_name = "ACTION")]
    actions: Vec<String>,
    /// Only this outcome: success, failure; can be repeated
    #[arg(long = "outcome", value_name = "OUTCOME")]
    outcomes: Vec<String>,
    /// Only this severity: normal, warning, critical; can be repeated
    #[arg(long = "severity", value_name = "SEVERITY")]
    severities: Vec<String>,
    /// End when this many events were printed, and wait for them
    #[arg(long, value_name = "NUMBER", conflicts_with = "follow")]
    wait: Option<u64>,
    /// Give up after so many seconds, connecting and signing in included
    #[arg(long, value_name = "SECONDS", requires = "wait")]
    timeout: Option<u64>,
}

/// Prints events, one line each.
pub(super) async fn run(arguments: EventsArgs, here: &mut Surroundings<'_>) -> Result<u8, Failure> {
    let interrupted = (here.interrupted)();
    let environment = here.environment()?;
    let EventsArgs { client, instance, from, follow, actions, outcomes, severities, wait, timeout } = arguments;
    let request = ReadEventsRequest {
        instance: instance.unwrap_or_default(),
        from,
        follow: follow || wait.is_some(),
        actions,
        outcomes,
        severities,
    };
    let mut printer = Printer { wanted: wait, printed: 0 };
    let out_of_time = async {
        match timeout {
            Some(seconds) => tokio::time::sleep(Duration::from_secs(seconds)).await,
            None => std::future::pending().await,
        }
    };
    let reason = tokio::select! {
        printed = printer.run(client, &environment, request, here.stdout) => match printed? {
            Ended::Complete => return Ok(0),
            Ended::ByServer => "the emulator ended",
        },
        () = out_of_time => "the time is over",
        () = interrupted => return Ok(0),
    };
    match printer.wanted {
        Some(wanted) => Err(Failure::timeout(format_args!("{reason}: {} of {wanted} events came", printer.printed))),
        None => Ok(0),
    }
}

struct Printer {
    wanted: Option<u64>,
    printed: u64,
}

/// How printing came to its end.
enum Ended {
    Complete,
    ByServer,
}

impl Printer {
    /// Connects, signs in, and prints what comes.
    async fn run(
        &mut self,
        client: ClientArgs,
        environment: &Environment,
        request: ReadEventsRequest,
        out: &mut dyn Write,
    ) -> Result<Ended, Failure> {
        let client = Client::connect(client, environment).await?;
        let mut request = Request::new(request);
        request.metadata_mut().insert("authorization", client.authorization().await?);
        if self.wanted == Some(0) {
            return Ok(Ended::Complete);
        }
        let events = EventsClient::new(client.channel.clone()).read(request).await;
        let mut events = events.map_err(|status| client.failed(&status))?.into_inner();
        self.print(&mut events, &client, out).await
    }

    async fn print(
        &mut self,
        events: &mut Streaming<Event>,
        client: &Client,
        out: &mut dyn Write,
    ) -> Result<Ended, Failure> {
        while let Some(event) = events.message().await.map_err(|status| client.failed(&status))? {
            out.write_all(&event.json)?;
            out.write_all(b"\n")?;
            out.flush()?;
            self.printed += 1;
            if self.wanted == Some(self.printed) {
                return Ok(Ended::Complete);
            }
        }
        Ok(Ended::ByServer)
    }
}
