//! The streams of one HTTP/2 connection: their tasks, and whether any is open.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::Response;
use http_body::{Frame, SizeHint};
use hyper::rt::Executor;
use tokio::sync::watch;
use tokio_util::task::TaskTracker;
use tonic::Status;
use tonic::body::Body;

/// Runs the tasks of streams where they can be waited for.
#[derive(Clone)]
pub(super) struct Tracked(pub(super) TaskTracker);

impl<F> Executor<F> for Tracked
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
{
    fn execute(&self, task: F) {
        self.0.spawn(task);
    }
}

/// How many streams are open on a connection.
pub(super) struct OpenStreams(watch::Sender<Count>);

#[derive(Clone, Copy, Default)]
struct Count {
    open: usize,
    /// Whether there was one yet.
    seen: bool,
}

impl OpenStreams {
    pub(super) fn new() -> Self {
        OpenStreams(watch::Sender::default())
    }

    /// Counts a stream until what is returned is dropped.
    pub(super) fn open(&self) -> OpenStream {
        self.0.send_modify(|count| *count = Count { open: count.open + 1, seen: true });
        OpenStream(self.0.clone())
    }

    /// Waits until no stream has been open for `first`, or for `later` once there was one.
    pub(super) async fn idle(&self, first: Duration, later: Duration) {
        let mut changes = self.0.subscribe();
        loop {
            let Count { open, seen } = *changes.borrow_and_update();
            if open > 0 {
                // The sender is ours: it does not go away.
                let _ = changes.changed().await;
            } else if tokio::time::timeout(if seen { later } else { first }, changes.changed()).await.is_err() {
                return;
            }
        }
    }
}

/// One open stream.
pub(super) struct OpenStream(watch::Sender<Count>);

impl OpenStream {
    /// Keeps the stream open until the response has been sent.
    pub(super) fn until_sent(self, response: Response<Body>) -> Response<Body> {
        response.map(|body| Body::new(Counted { body, _stream: self }))
    }
}

impl Drop for OpenStream {
    fn drop(&mut self) {
        self.0.send_modify(|count| count.open = count.open.saturating_sub(1));
    }
}

/// A body whose stream counts as open.
struct Counted {
    body: Body,
    _stream: OpenStream,
}

impl http_body::Body for Counted {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        Pin::new(&mut self.body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::Instant;

    use super::*;

    const FIRST: Duration = Duration::from_secs(10);
    const LATER: Duration = Duration::from_secs(300);

    #[tokio::test(start_paused = true)]
    async fn the_first_stream_must_come_sooner_than_the_next() {
        let streams = OpenStreams::new();
        let start = Instant::now();
        streams.idle(FIRST, LATER).await;
        assert_eq!(start.elapsed(), FIRST);
        drop(streams.open());
        streams.idle(FIRST, LATER).await;
        assert_eq!(start.elapsed(), FIRST + LATER);
    }

    #[tokio::test(start_paused = true)]
    async fn a_connection_is_not_idle_before_its_last_answer_was_sent() {
        let streams = OpenStreams::new();
        let answer = streams.open().until_sent(Response::new(Body::new(http_body_util::Full::from("answer"))));
        assert!(tokio::time::timeout(10 * LATER, streams.idle(FIRST, LATER)).await.is_err());
        drop(answer);
        assert!(tokio::time::timeout(LATER, streams.idle(FIRST, LATER)).await.is_ok());
    }
}
