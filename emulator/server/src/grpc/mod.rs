//! The gRPC surface: one generic adapter for every method of `hpcs.emulator.v1`.
//!
//! ```text
//! body -> message (5-byte prefix, size limit) -> row of the registry -> Operation -> engine -> answer or event stream
//! ```
//!
//! The adapter reads raw bytes itself, so that a message that is too large, cut off or not protobuf at all is an
//! operation like any other: its sender is looked at first, and it leaves an event where the documents name one.

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
use hpcs_engine::{Answer, Call, Engine};
use hpcs_service::{Operation, Origin, Refusal};
use http::{HeaderMap, Request, Response, header};
use http_body::Body;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

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
    /// Calls in progress; a client that left is not waited for, its call is.
    calls: TaskTracker,
    /// Cancelled when the emulator ends; event streams then finish.
    closing: CancellationToken,
}

impl GrpcSurface {
    pub(crate) fn new(engine: Engine, patience: Duration, closing: CancellationToken) -> Self {
        GrpcSurface { engine, patience, calls: TaskTracker::new(), closing }
    }

    /// Answers a call of a method under this path.
    pub(crate) async fn call<B>(&self, request: Request<B>, origin: Origin) -> Response<tonic::body::Body>
    where
        B: Body<Data = Bytes> + Unpin,
        B::Error: Display,
    {
        let (parts, body) = request.into_parts();
        let Some(method) = registry::find(parts.uri.path()) else { return reply::refused(&Refusal::NoSuchMethod) };
        let message = message::read(body, MAX_MESSAGE, self.patience).await;
        // From here to the first await everything happens at once: a call whose message arrived is carried out.
        match self.answer(method, message, &parts.headers, origin).await {
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
        headers: &HeaderMap,
        origin: Origin,
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
        let answer = self.execute(operation, headers, origin).await?;
        match (answer, reading) {
            (Answer::EventsOf(instance), Some(Reading { from, follow, filter })) => {
                let stream = event_stream::EventStream { instance, from, follow, filter };
                Ok(stream.start(self.engine.clone(), self.closing.clone()))
            }
            (answer, _) => (method.encode)(answer).map(reply::message),
        }
    }

    /// Carries the operation out in a task that outlives the client's interest.
    async fn execute(&self, operation: Operation, headers: &HeaderMap, origin: Origin) -> Result<Answer, Refusal> {
        let authorization = text(headers, header::AUTHORIZATION);
        let origin = Origin { agent: text(headers, header::USER_AGENT), ..origin };
        let engine = self.engine.clone();
        let call = async move { engine.execute(Call { authorization, origin, operation }).await };
        self.calls.spawn(call).await.unwrap_or(Err(Refusal::Internal))
    }
}

/// A header as text; what is not UTF-8 is shown as such.
fn text(headers: &HeaderMap, name: header::HeaderName) -> Option<String> {
    headers.get(name).map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned())
}
