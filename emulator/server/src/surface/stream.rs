//! Response bodies that are made while they are sent.

use bytes::Bytes;
use http::HeaderMap;
use http_body::Frame;
use http_body_util::StreamBody;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::Status;
use tonic::body::Body;

/// Where the maker of a body puts its pieces. A piece waits until the reader has taken those before it.
pub(crate) struct Pieces(mpsc::Sender<Result<Frame<Bytes>, Status>>);

/// The client went away: nothing more needs to be made.
#[derive(Debug)]
pub(crate) struct ReaderGone;

/// A body whose pieces `make` gives, in a task of its own. It ends when `make` does.
pub(crate) fn streamed<F>(make: impl FnOnce(Pieces) -> F) -> Body
where
    F: Future<Output = Result<(), ReaderGone>> + Send + 'static,
{
    let (sender, receiver) = mpsc::channel(PIECES_AHEAD);
    tokio::spawn(make(Pieces(sender)));
    Body::new(StreamBody::new(ReceiverStream::new(receiver)))
}

impl Pieces {
    /// Sends bytes of the body.
    pub(crate) async fn data(&self, bytes: Bytes) -> Result<(), ReaderGone> {
        self.send(Ok(Frame::data(bytes))).await
    }

    /// Sends the trailers of a body that is complete.
    pub(crate) async fn trailers(&self, trailers: HeaderMap) -> Result<(), ReaderGone> {
        self.send(Ok(Frame::trailers(trailers))).await
    }

    /// Breaks the body off, so that nobody takes it for complete.
    pub(crate) async fn broken(&self, why: Status) -> Result<(), ReaderGone> {
        self.send(Err(why)).await
    }

    /// Waits until the client has gone away.
    pub(crate) async fn reader_gone(&self) {
        self.0.closed().await;
    }

    async fn send(&self, frame: Result<Frame<Bytes>, Status>) -> Result<(), ReaderGone> {
        self.0.send(frame).await.map_err(|_| ReaderGone)
    }
}

/// Pieces that wait for a slow reader; making goes on when it has taken one.
const PIECES_AHEAD: usize = 2;

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use http_body_util::BodyExt;

    use super::*;

    /// A body without end that counts its pieces.
    fn endless() -> (Body, Arc<AtomicUsize>) {
        let made = Arc::new(AtomicUsize::new(0));
        let counter = made.clone();
        let body = streamed(move |pieces| async move {
            loop {
                counter.fetch_add(1, Ordering::Relaxed);
                pieces.data(Bytes::from_static(b"piece")).await?;
            }
        });
        (body, made)
    }

    async fn let_others_run() {
        for _ in 0..100 {
            tokio::task::yield_now().await;
        }
    }

    #[tokio::test]
    async fn no_more_is_made_than_a_slow_reader_takes_and_a_few_pieces() {
        let (mut body, made) = endless();
        for taken in 0..10 {
            let_others_run().await;
            assert_eq!(made.load(Ordering::Relaxed), taken + PIECES_AHEAD + 1);
            assert_eq!(body.frame().await.unwrap().unwrap().into_data().unwrap(), "piece");
        }
    }

    #[tokio::test]
    async fn making_ends_when_the_reader_leaves() {
        let (body, made) = endless();
        let_others_run().await;
        drop(body);
        let_others_run().await;
        // The maker is gone, and its counter with it.
        assert_eq!(Arc::strong_count(&made), 1);
    }

    #[tokio::test]
    async fn a_broken_body_is_not_taken_for_a_complete_one() {
        let body = streamed(|pieces| async move {
            pieces.data(Bytes::from_static(b"half")).await?;
            pieces.broken(Status::unavailable("the store is gone")).await
        });
        assert!(body.collect().await.is_err());
    }
}
