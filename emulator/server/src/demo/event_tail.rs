//! Reads the event log as it grows, like any other client.

use std::io::Write;

use hpcs_grpc::emulator::v1::ReadEventsRequest;
use hpcs_grpc::emulator::v1::events_client::EventsClient;
use hpcs_workstation::Token;
use tonic::metadata::{Ascii, MetadataValue};
use tonic::transport::{Channel, Endpoint};

use super::DemoError;
use super::story::Story;

/// Writes new events to a stream, one line each.
pub(super) struct EventTail<'a> {
    client: EventsClient<Channel>,
    authorization: MetadataValue<Ascii>,
    written: u64,
    /// The resume token of the last event; empty before the first.
    resume: String,
    out: &'a mut dyn Write,
}

impl<'a> EventTail<'a> {
    pub(super) async fn connect(address: &str, token: &Token, out: &'a mut dyn Write) -> Result<Self, DemoError> {
        let endpoint = Endpoint::from_shared(address.to_owned()).map_err(DemoError::Transport)?;
        let channel = endpoint.connect().await.map_err(DemoError::Transport)?;
        let bearer = format!("Bearer {}", token.expose());
        let authorization = bearer
            .parse()
            .map_err(|_| DemoError::Events(Box::new(tonic::Status::unauthenticated("the token is not ASCII"))))?;
        Ok(EventTail { client: EventsClient::new(channel), authorization, written: 0, resume: String::new(), out })
    }

    /// Writes what came since the last call, and tells it.
    pub(super) async fn write_new(&mut self, story: &mut Story<'_>) -> Result<(), DemoError> {
        let resume = self.resume.clone();
        let mut request = tonic::Request::new(ReadEventsRequest { resume, ..ReadEventsRequest::default() });
        request.metadata_mut().insert("authorization", self.authorization.clone());
        let failed = |status| DemoError::Events(Box::new(status));
        let mut events = self.client.read(request).await.map_err(failed)?.into_inner();
        while let Some(event) = events.message().await.map_err(failed)? {
            self.out.write_all(&event.json).and_then(|()| self.out.write_all(b"\n")).map_err(DemoError::Output)?;
            let summary = serde_json::from_slice::<Summary>(&event.json).unwrap_or_default();
            story.line(&format!("  event {:>2}  {}  {}", event.sequence, summary.outcome, summary.action))?;
            self.written += 1;
            self.resume = event.resume;
        }
        self.out.flush().map_err(DemoError::Output)
    }

    /// How many events were written.
    pub(super) fn written(&self) -> u64 {
        self.written
    }
}

/// The members that the story tells.
#[derive(Default, serde::Deserialize)]
struct Summary {
    outcome: String,
    action: String,
}
