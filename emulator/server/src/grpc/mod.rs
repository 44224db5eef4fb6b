//! The gRPC surface: one generic adapter for every method of `hpcs.emulator.v1`, and one for those of
//! the interfaces of an instance, `grep11.Crypto` and `hpcs.keystore.v1.Keystore`.
//!
//! ```text
//! headers -> caller -> body -> message (prefix, limits) -> row of the registry -> Operation -> engine -> answer
//!                                                                                                   or stream
//! ```
//!
//! The caller is looked at first, because it decides how much of the message is read: from a caller that nobody knows no
//! more than the event of its refusal needs.
//!
//! The adapter reads raw bytes itself, so that a message that is too large, cut off or not protobuf at all is an
//! operation like any other: its sender is looked at first, and it leaves an event where the documents name one.

mod clock;
mod crypto_units;
mod endpoint;
mod events;
mod glimpse;
mod grep11;
mod identity;
mod instances;
mod keystore;
mod message;
mod operations;
mod registry;
mod reply;
mod rotation;
mod transfer;

use std::fmt::Display;
use std::future::ready;
use std::sync::Arc;

use bytes::Bytes;
use futures_util::future::BoxFuture;
use hpcs_engine::Answer;
use hpcs_names::AccountId;
use hpcs_service::{Authentication, EventScope, Origin, Refusal, Who};
use http::request::Parts;
use http::{HeaderMap, Request, Response};
use http_body::Body;

use crate::surface::calls::{Calls, MAX_MESSAGE};
use crate::surface::event_source::{self, EventSource};
use crate::surface::event_stream;
use crate::surface::importing;
use endpoint::ToldApart;
use message::{Broken, Messages};
use registry::{Anyone, Method, Then};

pub(crate) use registry::{SERVICES, is_served};

/// Serves the methods of the registry.
pub(crate) struct GrpcSurface {
    calls: Arc<Calls>,
}

impl GrpcSurface {
    pub(crate) fn new(calls: Arc<Calls>) -> Self {
        GrpcSurface { calls }
    }

    /// Answers a call of a method under this path.
    ///
    /// Here it is no more than sorted: this runs in the task of the connection, and all other streams wait.
    pub(crate) fn call<B>(&self, request: Request<B>, origin: Origin) -> BoxFuture<'static, Response<tonic::body::Body>>
    where
        B: Body<Data = Bytes> + Send + Unpin + 'static,
        B::Error: Display + Send,
    {
        let (Parts { uri, headers, .. }, body) = request.into_parts();
        let (calls, messages) = (self.calls.clone(), Messages::new(body));
        if endpoint::is_served(uri.path()) {
            return match endpoint::Method::find(uri.path()) {
                Some(method) => Box::pin(calls.of_instance(method, headers, origin, messages)),
                None => Box::pin(ready(endpoint::refused(&Refusal::NoSuchMethod))),
            };
        }
        let Some(method) = registry::find(uri.path()) else {
            return Box::pin(ready(reply::refused(&Refusal::NoSuchMethod)));
        };
        let answer = calls.of_emulator(method, headers, origin, messages);
        Box::pin(async move { answer.await.unwrap_or_else(|refusal| reply::refused(&refusal)) })
    }
}

impl Calls {
    /// Answers a call of an interface of an instance.
    async fn of_instance<B>(
        self: Arc<Self>,
        method: endpoint::Method,
        headers: HeaderMap,
        origin: Origin,
        mut messages: Messages<B>,
    ) -> Response<tonic::body::Body>
    where
        B: Body<Data = Bytes> + Send + Unpin + 'static,
        B::Error: Display + Send,
    {
        let addressed = endpoint::addressed(&headers, &origin);
        let who = self.crypto_caller(&headers, origin);
        // The rest of the call need not carry them along.
        drop(headers);
        let mut held = self.held(&who);
        let message = messages.only(limit(&who), self.patience, &mut held).await;
        let told_apart = if self.engine.is_reproducible() { ToldApart::ByContent } else { ToldApart::ByNumber };
        let operation = method.operation(message, addressed, told_apart);
        match self.execute(operation, who, held).await.and_then(|answer| method.encode(answer)) {
            Ok(message) => reply::message(message),
            Err(refusal) => endpoint::refused(&refusal),
        }
    }

    /// Answers a call of the emulator's own services.
    async fn of_emulator<B>(
        self: Arc<Self>,
        method: &Method,
        headers: HeaderMap,
        origin: Origin,
        mut messages: Messages<B>,
    ) -> Result<Response<tonic::body::Body>, Refusal>
    where
        B: Body<Data = Bytes> + Send + Unpin + 'static,
        B::Error: Display + Send,
    {
        let who = self.who(&headers, origin);
        drop(headers);
        let limit = limit(&who);
        let (mut held, rest) = (self.held(&who), self.held(&who));
        let decoded = match messages.only(limit, self.patience, &mut held).await {
            Ok(message) => (method.decode)(&message).map_err(|refusal| Broken { head: message, refusal }),
            Err(broken) => Err(broken),
        };
        let (operation, then) = match (decoded, method.anyone) {
            (Ok(decoded), _) => decoded,
            // Nobody has to be known to hear what is wrong.
            (Err(broken), Anyone::May) => return Err(broken.refusal),
            (Err(broken), Anyone::MayNot) => ((method.unreadable)(broken), Then::Answer),
        };
        // From the message to the first await everything happens at once: a call whose message arrived is carried out.
        let answer = self.execute(operation, who, held).await?;
        match then {
            Then::Answer => (method.encode)(answer).map(reply::message),
            Then::Read(reading) => {
                let source = EventSource::open(&self, scope(answer)?, reading).await?;
                Ok(reply::response(event_stream::body(source, events::Messages)))
            }
            Then::Wait(waiting) => {
                let waited = event_source::wait(&self, scope(answer)?, waiting).await?;
                Ok(reply::message(events::waited(&waited)))
            }
            Then::Export(instance, secrets) => {
                let export = self.engine.export(instance, Some(&account(answer)?), secrets).await?;
                Ok(reply::response(transfer::exported(export)))
            }
            Then::Import { passphrase, content } => {
                let file = transfer::file(content, messages, self.patience, rest);
                let imported = importing::import(&self, file, passphrase, account(answer)?).await?;
                (method.encode)(Answer::Instance(imported)).map(reply::message)
            }
        }
    }
}

/// How much of a message is read: of a caller that nobody knows no more than the event of the refusal needs.
fn limit(who: &Who) -> usize {
    match who.authentication {
        Authentication::Known(_) => MAX_MESSAGE,
        Authentication::Rejected { .. } => message::HEAD,
    }
}

/// Whose events the caller may read.
fn scope(answer: Answer) -> Result<EventScope, Refusal> {
    match answer {
        Answer::EventsOf(scope) => Ok(scope),
        _ => Err(Refusal::Internal),
    }
}

/// For which account the rest is done.
fn account(answer: Answer) -> Result<AccountId, Refusal> {
    match answer {
        Answer::Granted(account) => Ok(account),
        _ => Err(Refusal::Internal),
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::time::Duration;

    use http_body::Frame;
    use http_body_util::StreamBody;
    use tokio_util::sync::CancellationToken;

    use super::*;
    use crate::surface::around::Around;
    use crate::{Config, Emulator, Log, World};

    /// Sends a command of a megabyte and gives its status and how many bytes of it were read.
    async fn send(surface: &GrpcSurface, path: &str) -> (String, usize) {
        let mut left = vec![0; 1 << 20];
        left[..5].copy_from_slice(&[0, 0, 0x0f, 0xff, 0xfb]);
        let pieces: Vec<_> = left.chunks(1000).map(Bytes::copy_from_slice).collect();
        let read = Arc::new(AtomicUsize::new(0));
        let counter = read.clone();
        let frames = tokio_stream::iter(pieces.into_iter().map(move |piece| {
            counter.fetch_add(piece.len(), Ordering::Relaxed);
            Ok::<_, Infallible>(Frame::data(piece))
        }));
        let request = Request::post(path).body(StreamBody::new(frames)).unwrap();
        let response = surface.call(request, Origin::default()).await;
        (response.headers()["grpc-status"].to_str().unwrap().to_owned(), read.load(Ordering::Relaxed))
    }

    #[tokio::test]
    async fn of_a_caller_that_nobody_knows_only_the_head_is_read() {
        let config = Config { listen: "127.0.0.1:0".parse().unwrap(), ..Config::default() };
        let emulator = Emulator::start(config, World::reproducible(1), Log::silent()).await.unwrap();
        let calls =
            Calls::new(emulator.engine().clone(), Around::default(), Duration::from_secs(1), CancellationToken::new());
        let surface = GrpcSurface::new(Arc::new(calls));
        let (status, read) = send(&surface, "/hpcs.emulator.v1.CryptoUnits/Submit").await;
        assert_eq!(status, "16");
        assert!(read <= message::HEAD + 1000, "{read}");
        let (status, read) = send(&surface, "/hpcs.emulator.v1.Identity/IssueToken").await;
        assert_eq!(status, "8");
        assert!(read <= message::HEAD + 1000, "{read}");
    }
}
