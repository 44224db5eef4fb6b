//! The methods of `Events`.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use hpcs_grpc::emulator::v1::{Event, ReadEventsRequest, WaitForEventsRequest, WaitForEventsResponse};
use hpcs_service::{Operation, Refusal};
use hpcs_store::StoredEvent;
use prost::Message;

use super::registry::{Decoded, Then, decoded};
use super::reply;
use crate::surface::event_source::{Batch, Waited};
use crate::surface::event_stream::EventFormat;
use crate::surface::reading::{Names, Terms};
use crate::surface::stream::{Pieces, ReaderGone};

const NAMES: Names = Names {
    instances: "instances",
    from: "from",
    resume: "resume",
    last: "last",
    follow: "follow",
    outcomes: "outcomes",
    severities: "severities",
    since: "since",
    until: "until",
    count: "count",
    timeout: "timeout_millis",
};

pub(super) fn read(message: &Bytes) -> Result<Decoded, Refusal> {
    let (instances, reading) = terms(decoded(message)?).reading(&NAMES)?;
    Ok((Operation::ReadEvents { instances }, Then::Read(reading)))
}

pub(super) fn wait(message: &Bytes) -> Result<Decoded, Refusal> {
    let WaitForEventsRequest { events, count, timeout_millis } = decoded(message)?;
    let timeout = match timeout_millis {
        0 => DEFAULT_WAIT,
        millis => Duration::from_millis(millis.into()),
    };
    let terms = terms(events.unwrap_or_default());
    let (instances, waiting) = terms.waiting(count.max(1), timeout, &NAMES)?;
    Ok((Operation::ReadEvents { instances }, Then::Wait(waiting)))
}

pub(super) fn waited(waited: &Waited) -> Vec<u8> {
    let events = waited.batch.with_tokens().map(|(event, resume)| wire(event, resume)).collect();
    WaitForEventsResponse { complete: waited.complete, events }.encode_to_vec()
}

/// Events as messages of a stream.
pub(super) struct Messages;

impl EventFormat for Messages {
    fn batch(&self, batch: &Batch) -> Bytes {
        let mut frames = BytesMut::new();
        for (event, resume) in batch.with_tokens() {
            reply::put(&mut frames, &wire(event, resume).encode_to_vec());
        }
        frames.freeze()
    }

    /// HTTP/2 has pings.
    fn heartbeat(&self) -> Option<Bytes> {
        None
    }

    async fn end(&self, end: Result<(), Refusal>, pieces: &Pieces) -> Result<(), ReaderGone> {
        let trailers = match end {
            Ok(()) => reply::success(),
            Err(refusal) => reply::failure(&refusal),
        };
        pieces.trailers(trailers).await
    }
}

fn terms(request: ReadEventsRequest) -> Terms {
    let ReadEventsRequest { instances, from, follow, actions, outcomes, severities, since, until, resume, last } =
        request;
    let last = (last > 0).then_some(last);
    Terms { instances, from, resume, last, follow, actions, outcomes, severities, since, until }
}

fn wire(event: &StoredEvent, resume: String) -> Event {
    let StoredEvent { instance, sequence, line, .. } = event;
    Event { sequence: *sequence, json: line.clone(), instance: instance.to_string(), resume }
}

/// How long `Wait` waits when nothing is said.
const DEFAULT_WAIT: Duration = Duration::from_secs(5);
