//! `events`: reads the event logs of a running emulator.

use std::io::Write;
use std::time::Duration;

use clap::Args;
use hpcs_engine::FeedPosition;
use hpcs_grpc::emulator::v1::events_client::EventsClient;
use hpcs_grpc::emulator::v1::{Event, ReadEventsRequest};
use hpcs_names::InstanceId;
use tonic::Streaming;

use super::client::{Client, ClientArgs};
use super::moment::Moment;
use super::{Failure, Surroundings};
use crate::config::Environment;

/// Flags of `events`.
#[derive(Args)]
#[command(after_help = "\
Examples:
  hpcs-emulator events                               all events so far
  hpcs-emulator events --follow --severity critical  and those to come
  hpcs-emulator events --last 10 --outcome failure   the newest ten failures
  hpcs-emulator events --outcome failure --wait 3 --timeout 30

The last one ends with exit code 0 as soon as it has printed three failures,
and with exit code 3 after 30 seconds.

With --with-position each line is {\"position\":..,\"instance\":..,\"sequence\":..,\"event\":..};
the position is what --after takes to go on behind that event. A position
outlives restarts of this program and, with a data directory, of the emulator.")]
pub(super) struct EventsArgs {
    #[command(flatten)]
    client: ClientArgs,
    /// Only this instance, deleted or not; can be repeated [default: all of the account]
    #[arg(long = "instance", value_name = "ID")]
    instances: Vec<InstanceId>,
    /// Begin at this sequence number of the one instance
    #[arg(long, value_name = "SEQUENCE", requires = "instances", conflicts_with_all = ["after", "last"])]
    from: Option<u64>,
    /// Begin behind the event that had this position
    #[arg(long, value_name = "POSITION", conflicts_with = "last")]
    after: Option<FeedPosition>,
    /// Only the newest events that match: this many of each instance, at most 1000
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u32).range(1..=1000))]
    last: Option<u32>,
    /// Only events of this time or later, RFC 3339
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    since: Option<Moment>,
    /// Only events before this time, RFC 3339
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    until: Option<Moment>,
    /// Only this action; a trailing * matches any ending; can be repeated
    #[arg(long = "action", value_name = "ACTION")]
    actions: Vec<String>,
    /// Only this outcome: success, failure; can be repeated
    #[arg(long = "outcome", value_name = "OUTCOME", value_parser = ["success", "failure"], hide_possible_values = true)]
    outcomes: Vec<String>,
    /// Only this severity: normal, warning, critical; can be repeated
    #[arg(
        long = "severity",
        value_name = "SEVERITY",
        value_parser = ["normal", "warning", "critical"],
        hide_possible_values = true
    )]
    severities: Vec<String>,
    /// Print the position of each event beside it
    #[arg(long)]
    with_position: bool,
    /// Wait for new events until Ctrl-C
    #[arg(long)]
    follow: bool,
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
    let timeout = arguments.timeout;
    let mut printer = Printer { wanted: arguments.wait, printed: 0, with_position: arguments.with_position };
    let (client, request) = arguments.split();
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

impl EventsArgs {
    /// Whom to ask, and for what.
    fn split(self) -> (ClientArgs, ReadEventsRequest) {
        let request = ReadEventsRequest {
            instances: self.instances.iter().map(InstanceId::to_string).collect(),
            from: self.from.unwrap_or_default(),
            follow: self.follow || self.wait.is_some(),
            actions: self.actions,
            outcomes: self.outcomes,
            severities: self.severities,
            since: self.since.map(Moment::into_text).unwrap_or_default(),
            until: self.until.map(Moment::into_text).unwrap_or_default(),
            resume: self.after.map(|position| position.to_string()).unwrap_or_default(),
            last: self.last.unwrap_or_default(),
        };
        (self.client, request)
    }
}

struct Printer {
    wanted: Option<u64>,
    printed: u64,
    with_position: bool,
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
        let request = client.request(request).await?;
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
            self.line(&event, out)?;
            out.flush()?;
            self.printed += 1;
            if self.wanted == Some(self.printed) {
                return Ok(Ended::Complete);
            }
        }
        Ok(Ended::ByServer)
    }

    /// The event's line is not touched: it stands in the object as it is.
    fn line(&self, event: &Event, out: &mut dyn Write) -> std::io::Result<()> {
        let Event { sequence, json, instance, resume } = event;
        if !self.with_position {
            out.write_all(json)?;
            return out.write_all(b"\n");
        }
        out.write_all(b"{\"position\":")?;
        serde_json::to_writer(&mut *out, resume)?;
        out.write_all(b",\"instance\":")?;
        serde_json::to_writer(&mut *out, instance)?;
        write!(out, ",\"sequence\":{sequence},\"event\":")?;
        out.write_all(json)?;
        out.write_all(b"}\n")
    }
}
