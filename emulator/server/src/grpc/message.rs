//! gRPC messages out of a request body.
//!
//! A message has a prefix of five bytes: a flag (0: not compressed) and its length, big-endian. What follows a message is
//! not looked at before it is asked for, wherever the packets end: most calls take one message.

use std::fmt::Display;
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use bytes::{Buf, Bytes, BytesMut};
use hpcs_service::Refusal;
use http_body::Body;
use http_body_util::BodyExt;

use crate::surface::at_once::at_once;
pub(super) use crate::surface::broken::{Broken, HEAD};
use crate::surface::budget::Held;

/// The messages of a request, one after the other.
pub(super) struct Messages<B> {
    body: B,
    /// What has arrived and was not given out, prefix included.
    bytes: BytesMut,
}

impl<B> Messages<B>
where
    B: Body<Data = Bytes> + Unpin,
    B::Error: Display,
{
    pub(super) fn new(body: B) -> Self {
        Messages { body, bytes: BytesMut::new() }
    }

    /// The next message; `None` when the client has closed its side after the one before.
    ///
    /// No more than `limit` bytes are kept, whatever the prefix says, and none before `held` has room for it. Does not
    /// wait for the client to close its side once the message is whole. Nothing is left to read after an error.
    pub(super) async fn next(
        &mut self,
        limit: usize,
        patience: Duration,
        held: &mut Held,
    ) -> Result<Option<Bytes>, Broken> {
        let whole = {
            let mut filled = pin!(self.fill(limit, held));
            // Most messages are there already, and then no timer is needed.
            match at_once(filled.as_mut()).await {
                Poll::Ready(whole) => Ok(whole),
                Poll::Pending => tokio::time::timeout(patience, filled).await,
            }
        };
        match whole.unwrap_or_else(|_| Err(undecodable(format!("it did not arrive within {} s", patience.as_secs())))) {
            Ok(None) => Ok(None),
            Ok(Some(length)) => {
                self.bytes.advance(PREFIX);
                Ok(Some(self.bytes.split_to(length).freeze()))
            }
            Err(refusal) => {
                let mut head = std::mem::take(&mut self.bytes).freeze();
                head.advance(PREFIX.min(head.len()));
                Err(Broken { head, refusal })
            }
        }
    }

    /// The one message of a request that has no more.
    pub(super) async fn only(&mut self, limit: usize, patience: Duration, held: &mut Held) -> Result<Bytes, Broken> {
        let none = || Broken { head: Bytes::new(), refusal: undecodable("there is no message".into()) };
        self.next(limit, patience, held).await?.ok_or_else(none)
    }

    /// Bytes that have arrived of what comes next.
    pub(super) fn waiting(&self) -> usize {
        self.bytes.len()
    }

    /// Reads until a message is whole, and gives its length.
    async fn fill(&mut self, limit: usize, held: &mut Held) -> Result<Option<usize>, Refusal> {
        loop {
            if let Some(length) = self.length(limit)? {
                return Ok(Some(length));
            }
            match self.body.frame().await {
                Some(Ok(frame)) => {
                    if let Ok(data) = frame.into_data() {
                        held.add(data.len()).await?;
                        self.bytes.extend_from_slice(&data);
                    }
                }
                Some(Err(error)) => return Err(undecodable(format!("the request broke off: {error}"))),
                None if self.bytes.is_empty() => return Ok(None),
                None => return Err(self.ended(limit)),
            }
        }
    }

    /// Flag and length, once the prefix is there.
    fn prefix(&self) -> Option<(u8, usize)> {
        let (&[flag, a, b, c, d], _) = self.bytes.split_first_chunk::<PREFIX>()?;
        Some((flag, u32::from_be_bytes([a, b, c, d]) as usize))
    }

    /// The message's length when it is whole; `None` while more is needed.
    fn length(&self, limit: usize) -> Result<Option<usize>, Refusal> {
        let Some((flag, length)) = self.prefix() else { return Ok(None) };
        let arrived = self.bytes.len() - PREFIX;
        match flag {
            0 => {}
            1 => return Err(undecodable("compressed messages are not taken; send it without compression".into())),
            other => return Err(undecodable(format!("its gRPC prefix starts with {other}, not with 0"))),
        }
        if length > limit {
            return if arrived < HEAD { Ok(None) } else { Err(Refusal::TooLarge { limit }) };
        }
        Ok((arrived >= length).then_some(length))
    }

    /// The body ended before the message did.
    fn ended(&self, limit: usize) -> Refusal {
        match self.prefix() {
            None => undecodable("it ends within its gRPC prefix".into()),
            Some((_, length)) if length > limit => Refusal::TooLarge { limit },
            Some((_, length)) => undecodable(format!("it ends after {} of {length} bytes", self.bytes.len() - PREFIX)),
        }
    }
}

fn undecodable(why: String) -> Refusal {
    Refusal::Undecodable(why)
}

/// Bytes in front of a message.
const PREFIX: usize = 5;

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use http_body::Frame;
    use http_body_util::StreamBody;
    use tokio_stream::iter;

    use super::*;
    use crate::surface::budget::Budget;

    const LIMIT: usize = 10_000;

    fn framed(flag: u8, length: u32, content: &[u8]) -> Vec<u8> {
        [&[flag][..], &length.to_be_bytes(), content].concat()
    }

    async fn read_in_pieces(bytes: &[u8], size: usize) -> Result<Bytes, Broken> {
        let pieces: Vec<_> =
            bytes.chunks(size).map(|piece| Ok::<_, Infallible>(Frame::data(Bytes::copy_from_slice(piece)))).collect();
        let mut messages = Messages::new(StreamBody::new(iter(pieces)));
        messages.only(LIMIT, Duration::from_secs(1), &mut Budget::new(1 << 20).held()).await
    }

    async fn refusal(bytes: &[u8]) -> String {
        read_in_pieces(bytes, 7).await.unwrap_err().refusal.to_string()
    }

    #[tokio::test]
    async fn a_message_may_come_in_pieces_of_any_size() {
        let bytes = framed(0, 5, b"hello");
        for size in 1..=bytes.len() {
            assert_eq!(read_in_pieces(&bytes, size).await.unwrap(), "hello");
        }
        assert_eq!(read_in_pieces(&framed(0, 0, b""), 1).await.unwrap(), "");
    }

    #[tokio::test]
    async fn what_is_wrong_is_named() {
        for (bytes, text) in [
            (vec![], "there is no message"),
            (vec![0, 0, 0], "ends within its gRPC prefix"),
            (framed(0, 9, b"hello"), "ends after 5 of 9 bytes"),
            (framed(1, 5, b"hello"), "without compression"),
            (framed(7, 5, b"hello"), "starts with 7"),
        ] {
            assert!(refusal(&bytes).await.contains(text), "{text}");
        }
    }

    #[tokio::test]
    async fn what_follows_the_message_is_ignored_wherever_the_packets_end() {
        let bytes = [framed(0, 5, b"hello"), framed(0, 5, b"world")].concat();
        for size in 1..=bytes.len() {
            assert_eq!(read_in_pieces(&bytes, size).await.unwrap(), "hello", "pieces of {size}");
        }
    }

    #[tokio::test]
    async fn messages_follow_each_other_wherever_the_packets_end() {
        let bytes = [framed(0, 5, b"hello"), framed(0, 0, b""), framed(0, 5, b"world")].concat();
        for size in 1..=bytes.len() {
            let frames =
                bytes.chunks(size).map(|piece| Ok::<_, Infallible>(Frame::data(Bytes::copy_from_slice(piece))));
            let mut messages = Messages::new(StreamBody::new(iter(frames.collect::<Vec<_>>())));
            let budget = Budget::new(1 << 20);
            for expected in ["hello", "", "world"] {
                let mut held = budget.held();
                let next = messages.next(LIMIT, Duration::from_secs(1), &mut held).await.unwrap();
                assert_eq!(next.unwrap(), expected, "pieces of {size}");
            }
            assert_eq!(messages.next(LIMIT, Duration::from_secs(1), &mut budget.held()).await.unwrap(), None);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn bytes_without_room_in_the_budget_wait_and_are_refused_in_time() {
        let budget = Budget::new(24);
        let mut first = budget.held();
        let second = Duration::from_secs(1);
        let messages = || {
            let frame = Ok::<_, Infallible>(Frame::data(Bytes::from(framed(0, 5, b"hello"))));
            Messages::new(StreamBody::new(iter([frame])))
        };
        assert_eq!(messages().only(LIMIT, second, &mut first).await.unwrap(), "hello");
        let mut other = budget.held();
        assert_eq!(messages().only(LIMIT, second, &mut other).await.unwrap(), "hello");
        let broken = messages().only(LIMIT, second, &mut budget.held()).await.unwrap_err();
        assert_eq!(broken.head, "");
        assert!(broken.refusal.to_string().contains("within 1 s"), "{}", broken.refusal);
        drop(first);
        assert!(messages().only(LIMIT, second, &mut budget.held()).await.is_ok());
    }

    #[tokio::test]
    async fn the_limit_is_the_largest_message() {
        let largest = framed(0, LIMIT as u32, &vec![1; LIMIT]);
        assert_eq!(read_in_pieces(&largest, 999).await.unwrap().len(), LIMIT);
        let broken = read_in_pieces(&framed(0, LIMIT as u32 + 1, &vec![1; LIMIT + 1]), 999).await.unwrap_err();
        assert_eq!(broken.refusal, Refusal::TooLarge { limit: LIMIT });
        assert!((HEAD..HEAD + 999).contains(&broken.head.len()), "{}", broken.head.len());
    }

    #[tokio::test]
    async fn a_false_length_is_refused_without_waiting_for_its_bytes() {
        let broken = read_in_pieces(&framed(0, u32::MAX, b"short"), 3).await.unwrap_err();
        assert_eq!((broken.refusal, &broken.head[..]), (Refusal::TooLarge { limit: LIMIT }, &b"short"[..]));
    }

    #[tokio::test(start_paused = true)]
    async fn a_client_that_stalls_is_refused_in_time_and_its_head_is_kept() {
        let first = iter([Ok::<_, Infallible>(Frame::data(Bytes::from(framed(0, 9, b"hello"))))]);
        let stalled = tokio_stream::StreamExt::chain(first, tokio_stream::pending());
        let mut messages = Messages::new(StreamBody::new(stalled));
        let patience = Duration::from_secs(30);
        let broken = messages.only(LIMIT, patience, &mut Budget::new(1 << 20).held()).await.unwrap_err();
        assert_eq!(broken.head, "hello");
        assert!(broken.refusal.to_string().contains("within 30 s"));
    }
}
