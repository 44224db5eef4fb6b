//! The body of every response that follows logs.

use std::time::Duration;

use bytes::Bytes;
use hpcs_service::Refusal;
use tonic::body::Body;

use super::event_source::{Batch, EventSource, Progress};
use super::stream::{Pieces, ReaderGone, streamed};

/// How a protocol writes events.
pub(crate) trait EventFormat: Send + Sync + 'static {
    /// Events that follow each other.
    fn batch(&self, batch: &Batch) -> Bytes;

    /// What is sent now and then while nothing happens, so that the connection is not taken for dead.
    fn heartbeat(&self) -> Option<Bytes>;

    /// What comes last: all was sent, or this stood in the way.
    fn end(&self, end: Result<(), Refusal>, pieces: &Pieces) -> impl Future<Output = Result<(), ReaderGone>> + Send;
}

/// A body that sends what the source gives. A reader that is slow or leaves holds up nobody else: some batches wait for
/// it, and the log is read on when it has taken them.
pub(crate) fn body(source: EventSource, format: impl EventFormat) -> Body {
    streamed(move |pieces| async move {
        match send(source, &format, &pieces).await {
            Ok(()) => format.end(Ok(()), &pieces).await,
            Err(Stopped::Refused(refusal)) => format.end(Err(refusal), &pieces).await,
            Err(Stopped::ReaderGone) => Err(ReaderGone),
        }
    })
}

/// Why not everything was sent.
enum Stopped {
    Refused(Refusal),
    ReaderGone,
}

impl From<Refusal> for Stopped {
    fn from(refusal: Refusal) -> Self {
        Stopped::Refused(refusal)
    }
}

impl From<ReaderGone> for Stopped {
    fn from(_: ReaderGone) -> Self {
        Stopped::ReaderGone
    }
}

async fn send(mut source: EventSource, format: &impl EventFormat, pieces: &Pieces) -> Result<(), Stopped> {
    loop {
        match source.next().await? {
            Progress::Events(batch) => pieces.data(format.batch(&batch)).await?,
            Progress::CaughtUp => rest(&mut source, format, pieces).await?,
            Progress::End => return Ok(()),
        }
    }
}

/// Waits until there may be more.
async fn rest(source: &mut EventSource, format: &impl EventFormat, pieces: &Pieces) -> Result<(), Stopped> {
    loop {
        tokio::select! {
            changed = source.changed() => return Ok(changed?),
            () = pieces.reader_gone() => return Err(Stopped::ReaderGone),
            () = tokio::time::sleep(HEARTBEAT) => {
                if let Some(beat) = format.heartbeat() {
                    pieces.data(beat).await?;
                }
            }
        }
    }
}

/// Proxies close connections that are silent for a minute, some for half a minute.
const HEARTBEAT: Duration = Duration::from_secs(15);

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use hpcs_engine::FeedStart;
    use hpcs_service::{EventScope, Instance};
    use hpcs_store::EventFilter;
    use http_body_util::BodyExt;
    use tokio::time::Instant;
    use tokio_util::sync::CancellationToken;

    use super::*;
    use crate::surface::around::Around;
    use crate::surface::calls::Calls;
    use crate::surface::reading::{Portion, Reading};
    use crate::{Config, Emulator, Log, World};

    struct Beats;

    impl EventFormat for Beats {
        fn batch(&self, batch: &Batch) -> Bytes {
            Bytes::from(vec![b'e'; batch.events.len()])
        }

        fn heartbeat(&self) -> Option<Bytes> {
            Some(Bytes::from_static(b"beat"))
        }

        async fn end(&self, _: Result<(), Refusal>, pieces: &Pieces) -> Result<(), ReaderGone> {
            pieces.data(Bytes::from_static(b"end")).await
        }
    }

    async fn following(emulator: &Emulator, closing: CancellationToken) -> Body {
        let calls = Arc::new(Calls::new(emulator.engine().clone(), Around::default(), HEARTBEAT, closing));
        let portion = Portion::From(FeedStart::Beginning);
        let reading = Reading { portion, follow: true, filter: EventFilter::default() };
        let Instance { id, account, .. } = emulator.instances()[0].clone();
        let scope = EventScope::Instances { account, instances: vec![id] };
        body(EventSource::open(&calls, scope, reading).await.unwrap(), Beats)
    }

    #[tokio::test(start_paused = true)]
    async fn a_silent_stream_beats_until_the_emulator_closes() {
        let config = Config { listen: "127.0.0.1:0".parse().unwrap(), ..Config::default() };
        let emulator = Emulator::start(config, World::reproducible(1), Log::silent()).await.unwrap();
        let closing = CancellationToken::new();
        let mut body = following(&emulator, closing.clone()).await;
        let start = Instant::now();
        for beat in 1..=3 {
            assert_eq!(body.frame().await.unwrap().unwrap().into_data().unwrap(), "beat");
            assert_eq!(start.elapsed(), beat * HEARTBEAT);
        }
        closing.cancel();
        assert_eq!(body.frame().await.unwrap().unwrap().into_data().unwrap(), "end");
        assert!(body.frame().await.is_none());
    }
}
