//! The gRPC surface: one generic adapter for every method of `hpcs.emulator.v1`.
//!
//! ```text
//! headers -> caller -> body -> message (prefix, limits) -> row of the registry -> Operation -> engine -> answer or stream
//! ```
//!
//! The caller is looked at first, because it decides how much of the message is read: from a caller that nobody knows no
//! more than the event of its refusal needs.
//!
//! The adapter reads raw bytes itself, so that a message that is too large, cut off or not protobuf at all is an
//! operation like any other: its sender is looked at first, and it leaves an event where the documents name one.

mod budget;
mod crypto_units;
mod event_stream;
mod events;
mod glimpse;
mod identity;
mod instances;
mod message;
mod registry;
mod reply;

use std::fmt::Display;
use std::time::Duration;

use bytes::Bytes;
use hpcs_engine::{Answer, Engine};
use hpcs_service::{Authentication, Operation, Origin, Refusal, Who};
use http::{HeaderMap, Request, Response, header};
use http_body::Body;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use budget::{Budget, Held};
use message::Broken;
use registry::{Anyone, Method, Reading};

pub(crate) use registry::{SERVICES, is_served};

/// Largest message that is taken, bytes.
pub(crate) const MAX_MESSAGE: usize = 4 * 1024 * 1024;

/// Serves the methods of the registry.
pub(crate) struct GrpcSurface {
    engine: Engine,
    /// How long a message may take to arrive.
    patience: Duration,
    /// Bytes of messages of callers with a valid token.
    known: Budget,
    /// Bytes of all other messages: strangers cannot use up the room of those who are known.
    strangers: Budget,
    /// Calls in progress; a client that left is not waited for, its call is.
    calls: TaskTracker,
    /// Cancelled when the emulator ends; event streams then finish.
    closing: CancellationToken,
}

impl GrpcSurface {
    pub(crate) fn new(engine: Engine, patience: Duration, closing: CancellationToken) -> Self {
        GrpcSurface {
            engine,
            patience,
            known: Budget::new(KNOWN_BYTES),
            strangers: Budget::new(STRANGER_BYTES),
            calls: TaskTracker::new(),
            closing,
        }
    }

    /// Answers a call of a method under this path.
    pub(crate) async fn call<B>(&self, request: Request<B>, origin: Origin) -> Response<tonic::body::Body>
    where
        B: Body<Data = Bytes> + Unpin,
        B::Error: Display,
    {
        let (parts, body) = request.into_parts();
        let Some(method) = registry::find(parts.uri.path()) else { return reply::refused(&Refusal::NoSuchMethod) };
        let who = self.who(&parts.headers, origin);
        let (limit, mut held) = match who.authentication {
            Authentication::Known(_) => (MAX_MESSAGE, self.known.held()),
            Authentication::Rejected { .. } => (message::HEAD, self.strangers.held()),
        };
        let message = message::read(body, limit, self.patience, &mut held).await;
        // From here to the first await everything happens at once: a call whose message arrived is carried out.
        match self.answer(method, message, who, held).await {
            Ok(response) => response,
            Err(refusal) => reply::refused(&refusal),
        }
    }

    /// Waits for calls whose clients have left.
    pub(crate) async fn finish(&self) {
        self.calls.close();
        self.calls.wait().await;
    }

    async fn answer(
        &self,
        method: &Method,
        message: Result<Bytes, Broken>,
        who: Who,
        held: Held,
    ) -> Result<Response<tonic::body::Body>, Refusal> {
        let decoded = match message {
            Ok(message) => (method.decode)(&message).map_err(|refusal| Broken { head: message, refusal }),
            Err(broken) => Err(broken),
        };
        let (operation, reading) = match (decoded, method.anyone) {
            (Ok(decoded), _) => decoded,
            // Nobody has to be known to hear what is wrong.
            (Err(broken), Anyone::May) => return Err(broken.refusal),
            (Err(broken), Anyone::MayNot) => ((method.unreadable)(broken), None),
        };
        let answer = self.execute(operation, who, held).await?;
        match (answer, reading) {
            (Answer::EventsOf(instance), Some(Reading { from, follow, filter })) => {
                let stream = event_stream::EventStream { instance, from, follow, filter };
                Ok(stream.start(self.engine.clone(), self.closing.clone()))
            }
            (answer, _) => (method.encode)(answer).map(reply::message),
        }
    }

    /// The sender of a request, by its headers.
    fn who(&self, headers: &HeaderMap, origin: Origin) -> Who {
        let authentication = self.engine.authenticate(text(headers, header::AUTHORIZATION).as_deref());
        let agent = text(headers, header::USER_AGENT).map(|agent| cut(agent, LONGEST_AGENT));
        Who { authentication, origin: Origin { agent, ..origin } }
    }

    /// Carries the operation out in a task that outlives the client's interest. It holds the operation's message, and so
    /// the message's share of the budget.
    async fn execute(&self, operation: Operation, who: Who, held: Held) -> Result<Answer, Refusal> {
        let engine = self.engine.clone();
        let call = async move {
            let answer = engine.execute(who, operation).await;
            drop(held);
            answer
        };
        self.calls.spawn(call).await.unwrap_or(Err(Refusal::Internal))
    }
}

/// A header as text; what is not UTF-8 is shown as such.
fn text(headers: &HeaderMap, name: header::HeaderName) -> Option<String> {
    headers.get(name).map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned())
}

/// The text up to the last character that ends within this many bytes.
fn cut(mut text: String, bytes: usize) -> String {
    if text.len() > bytes {
        let end = (0..=bytes).rev().find(|end| text.is_char_boundary(*end)).unwrap_or(0);
        text.truncate(end);
    }
    text
}

/// Bytes of messages in memory at once, of callers with a valid token.
const KNOWN_BYTES: usize = 256 * 1024 * 1024;

/// Bytes of messages in memory at once, of all other callers.
const STRANGER_BYTES: usize = 32 * 1024 * 1024;

/// Bytes of a `user-agent` that events show: the caller chooses the text, and every event keeps it.
const LONGEST_AGENT: usize = 512;

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use http_body::Frame;
    use http_body_util::StreamBody;

    use super::*;
    use crate::{Config, Emulator, Log, World};

    /// Sends a command of a megabyte and gives its status and how many bytes of it were read.
    async fn send(surface: &GrpcSurface, path: &str) -> (String, usize) {
        let mut left = vec![0; 1 << 20];
        left[..5].copy_from_slice(&[0, 0, 0x0f, 0xff, 0xfb]);
        let mut pieces: Vec<_> = left.chunks(1000).map(Bytes::copy_from_slice).collect();
        pieces.reverse();
        let read = std::sync::atomic::AtomicUsize::new(0);
        let frames = tokio_stream::iter(std::iter::from_fn(|| {
            let piece = pieces.pop()?;
            read.fetch_add(piece.len(), std::sync::atomic::Ordering::Relaxed);
            Some(Ok::<_, Infallible>(Frame::data(piece)))
        }));
        let request = Request::post(path).body(StreamBody::new(frames)).unwrap();
        let response = surface.call(request, Origin::default()).await;
        (response.headers()["grpc-status"].to_str().unwrap().to_owned(), read.into_inner())
    }

    #[tokio::test]
    async fn of_a_caller_that_nobody_knows_only_the_head_is_read() {
        let config = Config { listen: "127.0.0.1:0".parse().unwrap(), ..Config::default() };
        let emulator = Emulator::start(config, World::reproducible(1), Log::silent()).await.unwrap();
        let surface = GrpcSurface::new(emulator.engine().clone(), Duration::from_secs(1), CancellationToken::new());
        let (status, read) = send(&surface, "/hpcs.emulator.v1.CryptoUnits/Submit").await;
        assert_eq!(status, "16");
        assert!(read <= message::HEAD + 1000, "{read}");
        let (status, read) = send(&surface, "/hpcs.emulator.v1.Identity/IssueToken").await;
        assert_eq!(status, "8");
        assert!(read <= message::HEAD + 1000, "{read}");
    }

    #[test]
    fn a_text_is_cut_before_the_character_that_does_not_fit() {
        assert_eq!(cut("tonic/0.14".to_owned(), 512), "tonic/0.14");
        assert_eq!(cut("abc".to_owned(), 3), "abc");
        assert_eq!(cut("ab\u{e9}".to_owned(), 3), "ab");
        assert_eq!(cut("\u{1f511}".repeat(1000), 513).len(), 512);
    }
}
