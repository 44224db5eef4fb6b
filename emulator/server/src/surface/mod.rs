//! A request's way by path: our gRPC methods, health and reflection, plain HTTP; and what all of them share.

pub(crate) mod around;
pub(crate) mod at_once;
pub(crate) mod broken;
pub(crate) mod budget;
pub(crate) mod calls;
pub(crate) mod control;
mod ending;
pub(crate) mod event_source;
pub(crate) mod event_stream;
pub(crate) mod importing;
pub(crate) mod reading;
mod standard;
pub(crate) mod stream;
pub(crate) mod timings;

use std::future::ready;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::future::BoxFuture;
use hpcs_engine::Engine;
use hpcs_service::Origin;
use http::{HeaderMap, Request, Response, header};
use tokio_util::sync::CancellationToken;
use tonic::Status;
use tonic::body::Body;

use crate::grpc::{self, GrpcSurface};
use crate::http::HttpSurface;
use crate::reach::Authority;
use around::Around;
use calls::Calls;
use standard::StandardServices;

/// Everything that is served on a connection.
pub(crate) struct Surface {
    calls: Arc<Calls>,
    grpc: GrpcSurface,
    standard: StandardServices,
    http: HttpSurface,
}

impl Surface {
    /// A surface over this engine. `authority` is whom clients have to trust for TLS, where that is served;
    /// `message_deadline` is how long a message may take to arrive.
    pub(crate) async fn new(
        engine: Engine,
        around: Around,
        authority: Option<Arc<Authority>>,
        message_deadline: Duration,
    ) -> Self {
        let closing = CancellationToken::new();
        let calls = Arc::new(Calls::new(engine, around, message_deadline, closing.clone()));
        Surface {
            grpc: GrpcSurface::new(calls.clone()),
            standard: StandardServices::new(closing).await,
            http: HttpSurface::new(calls.clone(), authority),
            calls,
        }
    }

    /// Answers one request. All of the answer's state is on the heap.
    pub(crate) fn answer<B>(self: &Arc<Self>, request: Request<B>, origin: Origin) -> BoxFuture<'static, Response<Body>>
    where
        B: http_body::Body<Data = Bytes> + Send + Unpin + 'static,
        B::Error: Into<Box<dyn std::error::Error + Send + Sync>> + std::fmt::Display + Send,
    {
        let path = request.uri().path();
        if !is_grpc(request.headers()) {
            let surface = self.clone();
            Box::pin(async move { surface.http.call(request, origin).await })
        } else if grpc::is_served(path) {
            self.grpc.call(request, origin)
        } else if StandardServices::serves(path) {
            let (surface, request) = (self.clone(), request.map(Body::new));
            Box::pin(async move { surface.standard.call(request).await })
        } else {
            Box::pin(ready(Status::unimplemented("no such service").into_http()))
        }
    }

    /// Says that nothing more is served, and lets streams end.
    pub(crate) async fn close(&self) {
        self.standard.not_serving().await;
        self.calls.closing.cancel();
    }

    /// Waits for calls whose clients have left.
    pub(crate) async fn finish(&self) {
        self.calls.finish().await;
    }
}

fn is_grpc(headers: &HeaderMap) -> bool {
    headers.get(header::CONTENT_TYPE).is_some_and(|value| value.as_bytes().starts_with(b"application/grpc"))
}
