//! The one server stream: committed events, as far as they are there and then as they come.

use bytes::{Bytes, BytesMut};
use hpcs_engine::Engine;
use hpcs_grpc::emulator::v1::Event;
use hpcs_names::InstanceId;
use hpcs_service::Refusal;
use hpcs_store::{EventFilter, EventPage, EventQuery, Start, StoredEvent};
use http::{HeaderMap, Response};
use http_body::Frame;
use http_body_util::StreamBody;
use prost::Message;
use tokio::sync::mpsc;
use tokio_stream::StreamExt;
use tokio_stream::wrappers::ReceiverStream;
use tokio_util::sync::CancellationToken;
use tonic::body::Body;

use super::reply;

/// What is read, by someone who may.
pub(super) struct EventStream {
    pub(super) instance: InstanceId,
    /// The next sequence number to look at.
    pub(super) from: u64,
    pub(super) follow: bool,
    pub(super) filter: EventFilter,
}

impl EventStream {
    /// A response that sends the events. It ends at the end of the log or, when following, as the emulator closes: then
    /// what is committed by then is still sent. A reader that is slow or leaves holds up nobody else.
    pub(super) fn start(self, engine: Engine, closing: CancellationToken) -> Response<Body> {
        let (sender, receiver) = mpsc::channel(BATCHES_AHEAD);
        tokio::spawn(async move {
            // A reader that left has no use for trailers.
            if let Ok(trailers) = self.send(&engine, &closing, &sender).await {
                let _ = sender.send(Frame::trailers(trailers)).await;
            }
        });
        let frames = ReceiverStream::new(receiver).map(Ok::<_, std::convert::Infallible>);
        reply::response(Body::new(StreamBody::new(frames)))
    }

    /// Sends until the end; gives the trailers, or [`ReaderGone`].
    async fn send(
        mut self,
        engine: &Engine,
        closing: &CancellationToken,
        sender: &mpsc::Sender<Frame<Bytes>>,
    ) -> Result<HeaderMap, ReaderGone> {
        let mut changes = engine.event_changes();
        loop {
            // Both before reading: what comes after is seen in the next round.
            changes.mark_unchanged();
            let last_round = !self.follow || closing.is_cancelled();
            let query = EventQuery {
                instance: self.instance,
                start: Start::From(self.from),
                filter: self.filter.clone(),
                limit: BATCH,
            };
            let EventPage { events, next, more, .. } = match engine.events(&query).await {
                Ok(read) => read,
                Err(refusal) => return Ok(reply::failure(&refusal)),
            };
            self.from = next;
            if !events.is_empty() {
                sender.send(Frame::data(batch(&events))).await.map_err(|_| ReaderGone)?;
            }
            if more {
                continue;
            }
            if last_round {
                return Ok(reply::success());
            }
            tokio::select! {
                changed = changes.changed() => if changed.is_err() { return Ok(reply::failure(&Refusal::Internal)) },
                () = closing.cancelled() => {}
                () = sender.closed() => return Err(ReaderGone),
            }
        }
    }
}

/// The client went away.
struct ReaderGone;

/// Several messages, one after the other.
fn batch(events: &[StoredEvent]) -> Bytes {
    let mut frames = BytesMut::new();
    for StoredEvent { sequence, line, .. } in events {
        let event = Event { sequence: *sequence, json: line.to_vec() };
        reply::put(&mut frames, &event.encode_to_vec());
    }
    frames.freeze()
}

/// Events read from the log at once.
const BATCH: usize = 128;

/// Batches that wait for a slow reader; reading goes on when it has taken one.
const BATCHES_AHEAD: usize = 2;
