//! One connection, from its first byte to its end.

use std::convert::Infallible;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use hpcs_service::Origin;
use http::Request;
use hyper::body::Incoming;
use hyper::server::conn::{http1, http2};
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use tokio::net::TcpStream;
use tokio_util::sync::CancellationToken;

use super::Limits;
use super::opening::Opening;
use super::replay::Replay;
use crate::Log;
use crate::surface::Surface;

/// What every connection of a listener shares.
pub(super) struct Connection {
    pub(super) surface: Arc<Surface>,
    pub(super) limits: Limits,
    pub(super) log: Log,
    /// Whether the listener counts as being on the private network.
    pub(super) private: bool,
    /// Requests in progress are finished, nothing new is taken.
    pub(super) closing: CancellationToken,
    /// The grace period is over.
    pub(super) killing: CancellationToken,
}

impl Connection {
    /// Serves the connection to its end. What goes wrong on it is its client's affair.
    pub(super) async fn run(self: Arc<Self>, mut stream: TcpStream, peer: IpAddr) {
        // Answers are small and should leave at once. A stream that cannot be told so still works.
        let _ = stream.set_nodelay(true);
        let opening = tokio::select! {
            opening = tokio::time::timeout(self.limits.head, Opening::read(&mut stream)) => opening,
            () = self.closing.cancelled() => return,
        };
        match opening {
            // On the heap: a connection that says nothing should not carry the size of one that does.
            Ok(Ok(Opening::Http2(first))) => Box::pin(self.http2(Replay::new(first, stream), peer)).await,
            Ok(Ok(Opening::Http1(first))) => Box::pin(self.http1(Replay::new(first, stream), peer)).await,
            Ok(Ok(Opening::Tls)) => self.log.line(format_args!("{peer}: TLS is not served here yet; use http://")),
            // It left, it broke, or it said nothing in time.
            Ok(Ok(Opening::Nothing) | Err(_)) | Err(_) => {}
        }
    }

    async fn http2(self: Arc<Self>, stream: Replay<TcpStream>, peer: IpAddr) {
        let mut builder = http2::Builder::new(TokioExecutor::new());
        builder
            .timer(TokioTimer::new())
            .max_concurrent_streams(CONCURRENT_CALLS)
            .keep_alive_interval(PING_INTERVAL)
            .keep_alive_timeout(PING_TIMEOUT);
        let service = service_fn(|request| self.clone().answer(request, peer));
        let mut serving = std::pin::pin!(builder.serve_connection(TokioIo::new(stream), service));
        tokio::select! {
            _ = serving.as_mut() => return,
            () = self.closing.cancelled() => serving.as_mut().graceful_shutdown(),
        }
        tokio::select! {
            _ = serving => {}
            () = self.killing.cancelled() => {}
        }
    }

    async fn http1(self: Arc<Self>, stream: Replay<TcpStream>, peer: IpAddr) {
        let mut builder = http1::Builder::new();
        builder.timer(TokioTimer::new()).header_read_timeout(self.limits.head).max_buf_size(LARGEST_HEAD);
        let service = service_fn(|request| self.clone().answer(request, peer));
        let mut serving = std::pin::pin!(builder.serve_connection(TokioIo::new(stream), service));
        tokio::select! {
            _ = serving.as_mut() => return,
            () = self.closing.cancelled() => serving.as_mut().graceful_shutdown(),
        }
        tokio::select! {
            _ = serving => {}
            () = self.killing.cancelled() => {}
        }
    }

    async fn answer(
        self: Arc<Self>,
        request: Request<Incoming>,
        peer: IpAddr,
    ) -> Result<http::Response<tonic::body::Body>, Infallible> {
        let origin = Origin { address: Some(peer), private: self.private, agent: None };
        Ok(self.surface.answer(request, origin).await)
    }
}

/// Calls in progress on one connection.
const CONCURRENT_CALLS: u32 = 256;

/// A peer that is gone without a word is noticed by its silence.
const PING_INTERVAL: Duration = Duration::from_secs(60);

const PING_TIMEOUT: Duration = Duration::from_secs(20);

/// Bytes of an HTTP/1.1 head.
const LARGEST_HEAD: usize = 64 * 1024;
