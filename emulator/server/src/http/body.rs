//! Request bodies: whole and small, or piece by piece without end.

use std::fmt::Display;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use hpcs_service::Refusal;
use http_body::Body;
use http_body_util::BodyExt;

use crate::surface::broken::{Broken, HEAD};
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

    /// All of the body. No more than `limit` bytes are kept and a piece of them, and none before `held` has room for them.
    ///
    /// # Errors
    /// What had arrived by then, and why the rest did not. Of a body that is too large, at least [`HEAD`] bytes.
    pub(super) async fn whole(&mut self, limit: usize, patience: Duration, held: &mut Held) -> Result<Bytes, Broken> {
        let declared = self.0.size_hint().lower();
        let mut bytes = BytesMut::new();
        let read = in_time(patience, async {
            while let Some(piece) = self.next(held).await? {
                bytes.extend_from_slice(&piece);
                let too_large = bytes.len() > limit || declared > limit as u64;
                if too_large && bytes.len() >= HEAD {
                    return Err(Refusal::TooLarge { limit });
                }
            }
            if bytes.len() > limit { Err(Refusal::TooLarge { limit }) } else { Ok(()) }
        })
        .await;
        let head = bytes.freeze();
        match read {
            Ok(()) => Ok(head),
            Err(refusal) => Err(Broken { head, refusal }),
        }
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
        let too_large = Refusal::TooLarge { limit: LIMIT };
        for (length, expected) in [
            (LIMIT, Ok(LIMIT)),
            (LIMIT + 1, Err((LIMIT + 1, too_large.clone()))),
            (100 * LIMIT, Err((999 * HEAD.div_ceil(999), too_large))),
        ] {
            let mut body = Incoming::new(StreamBody::new(pieces(&vec![b'x'; length], 999)));
            let read = body.whole(LIMIT, PATIENCE, &mut budget.held()).await;
            let read = read.map(|bytes| bytes.len()).map_err(|broken| (broken.head.len(), broken.refusal));
            assert_eq!(read, expected);
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
        let broken = stalled().whole(LIMIT, PATIENCE, &mut budget.held()).await.unwrap_err();
        assert_eq!(broken.head, "{");
        assert!(broken.refusal.to_string().ends_with("within 30 s"));
        let (mut body, mut held) = (stalled(), budget.held());
        assert_eq!(body.piece(PATIENCE, &mut held).await.unwrap().unwrap(), "{");
        assert!(body.piece(PATIENCE, &mut held).await.unwrap_err().to_string().ends_with("within 30 s"));
    }
}
