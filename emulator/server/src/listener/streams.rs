//! The streams of one HTTP/2 connection: their tasks, and whether any is open.

use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::Response;
use http_body::{Frame, SizeHint};
use hyper::rt::Executor;
use tokio::time::Instant;
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
///
/// Nobody is told when one opens or ends: that would wake the connection twice a call. Who waits looks again when its time
/// is over.
pub(super) struct OpenStreams(Arc<Mutex<Count>>);

#[derive(Default)]
struct Count {
    open: usize,
    /// When the last one began or ended; none when there was none yet.
    last: Option<Instant>,
}

impl OpenStreams {
    pub(super) fn new() -> Self {
        OpenStreams(Arc::default())
    }

    /// Counts a stream until what is returned is dropped.
    pub(super) fn open(&self) -> OpenStream {
        change(&self.0, |open| open + 1);
        OpenStream(self.0.clone())
    }

    /// Waits until no stream has been open for `first`, or for `later` once there was one.
    pub(super) async fn idle(&self, first: Duration, later: Duration) {
        let begun = Instant::now();
        loop {
            let until = {
                let Count { open, last } = &*lock(&self.0);
                let limit = if last.is_some() { later } else { first };
                let since = if *open > 0 { Instant::now() } else { last.unwrap_or(begun).max(begun) };
                since + limit
            };
            if until <= Instant::now() {
                return;
            }
            tokio::time::sleep_until(until).await;
        }
    }
}

fn change(count: &Mutex<Count>, change: impl FnOnce(usize) -> usize) {
    let mut count = lock(count);
    *count = Count { open: change(count.open), last: Some(Instant::now()) };
}

/// No panic can leave half a count behind.
fn lock(count: &Mutex<Count>) -> MutexGuard<'_, Count> {
    count.lock().unwrap_or_else(PoisonError::into_inner)
}

/// One open stream.
pub(super) struct OpenStream(Arc<Mutex<Count>>);

impl OpenStream {
    /// Keeps the stream open until the response has been sent.
    pub(super) fn until_sent(self, response: Response<Body>) -> Response<Body> {
        response.map(|body| Body::new(Counted { body, _stream: self }))
    }
}

impl Drop for OpenStream {
    fn drop(&mut self) {
        change(&self.0, |open| open.saturating_sub(1));
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
    async fn a_connection_is_idle_when_its_last_answer_is_long_enough_ago() {
        let streams = OpenStreams::new();
        let start = Instant::now();
        let calls = async {
            for _ in 0..3 {
                tokio::time::sleep(Duration::from_secs(7)).await;
                let stream = streams.open();
                tokio::time::sleep(Duration::from_secs(40)).await;
                drop(stream);
            }
        };
        tokio::join!(streams.idle(FIRST, LATER), calls);
        assert_eq!(start.elapsed(), Duration::from_secs(3 * 47) + LATER);
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
