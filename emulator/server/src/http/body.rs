//! Request bodies: whole and small, or piece by piece without end.

use std::fmt::Display;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use hpcs_service::Refusal;
use http_body::Body;
use http_body_util::BodyExt;

use crate::surface::budget::Held;

/// A request body that is still to be read.
pub(super) struct Incoming<B>(B);

impl<B> Incoming<B>
where
    B: Body<Data = Bytes> + Unpin,
    B::Error: Display,
{
    pub(super) fn new(body: B) -> Self {
        Incoming(body)
    }

    /// All of the body. No more than `limit` bytes are kept, and none before `held` has room for them.
    pub(super) async fn whole(&mut self, limit: usize, patience: Duration, held: &mut Held) -> Result<Bytes, Refusal> {
        if self.0.size_hint().lower() > limit as u64 {
            return Err(Refusal::TooLarge { limit });
        }
        in_time(patience, async {
            let mut bytes = BytesMut::new();
            while let Some(piece) = self.next(held).await? {
                bytes.extend_from_slice(&piece);
                if bytes.len() > limit {
                    return Err(Refusal::TooLarge { limit });
                }
            }
            Ok(bytes.freeze())
        })
        .await
    }

    /// The next piece, which has to arrive in time; `None` at the end. `held` has room for it until the next is asked for.
    pub(super) async fn piece(&mut self, patience: Duration, held: &mut Held) -> Result<Option<Bytes>, Refusal> {
        held.keep(0);
        in_time(patience, self.next(held)).await
    }

    async fn next(&mut self, held: &mut Held) -> Result<Option<Bytes>, Refusal> {
        while let Some(frame) = self.0.frame().await {
            let frame = frame.map_err(|error| Refusal::Undecodable(format!("the request broke off: {error}")))?;
            if let Ok(data) = frame.into_data() {
                held.add(data.len()).await?;
                return Ok(Some(data));
            }
        }
        Ok(None)
    }
}

async fn in_time<T>(patience: Duration, work: impl Future<Output = Result<T, Refusal>>) -> Result<T, Refusal> {
    let late = |_| Err(Refusal::Undecodable(format!("it did not arrive within {} s", patience.as_secs())));
    tokio::time::timeout(patience, work).await.unwrap_or_else(late)
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use http_body::Frame;
    use http_body_util::StreamBody;
    use tokio_stream::{StreamExt, iter, pending};

    use super::*;
    use crate::surface::budget::Budget;

    const LIMIT: usize = 1000;
    const PATIENCE: Duration = Duration::from_secs(30);

    type Piece = Result<Frame<Bytes>, Infallible>;

    fn pieces(content: &[u8], size: usize) -> impl tokio_stream::Stream<Item = Piece> + Unpin + use<> {
        let pieces = content.chunks(size).map(|piece| Ok(Frame::data(Bytes::copy_from_slice(piece))));
        iter(pieces.collect::<Vec<_>>())
    }

    #[tokio::test]
    async fn the_limit_is_the_largest_body() {
        let budget = Budget::new(1 << 20);
        for (length, expected) in [(LIMIT, Ok(LIMIT)), (LIMIT + 1, Err(Refusal::TooLarge { limit: LIMIT }))] {
            let mut body = Incoming::new(StreamBody::new(pieces(&vec![b'x'; length], 999)));
            let read = body.whole(LIMIT, PATIENCE, &mut budget.held()).await;
            assert_eq!(read.map(|bytes| bytes.len()), expected);
        }
    }

    #[tokio::test]
    async fn pieces_of_any_number_need_room_for_one() {
        let budget = Budget::new(10);
        let mut held = budget.held();
        let mut body = Incoming::new(StreamBody::new(pieces(&[b'x'; 4999], 10)));
        let mut length = 0;
        while let Some(piece) = body.piece(PATIENCE, &mut held).await.unwrap() {
            length += piece.len();
        }
        assert_eq!(length, 4999);
    }

    #[tokio::test(start_paused = true)]
    async fn a_client_that_stalls_is_refused_in_time() {
        let stalled = || Incoming::new(StreamBody::new(pieces(b"{", 1).chain(pending())));
        let budget = Budget::new(1 << 20);
        let whole = stalled().whole(LIMIT, PATIENCE, &mut budget.held()).await;
        assert!(whole.unwrap_err().to_string().ends_with("within 30 s"));
        let (mut body, mut held) = (stalled(), budget.held());
        assert_eq!(body.piece(PATIENCE, &mut held).await.unwrap().unwrap(), "{");
        assert!(body.piece(PATIENCE, &mut held).await.unwrap_err().to_string().ends_with("within 30 s"));
    }
}
