//! One connection, from its first byte to its end.

use std::convert::Infallible;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use hpcs_service::Origin;
use http::{Request, Response};
use hyper::body::Incoming;
use hyper::server::conn::{http1, http2};
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tonic::Status;
use tonic::body::Body;

use super::Limits;
use super::opening::Opening;
use super::replay::Replay;
use super::streams::{OpenStreams, Tracked};
use crate::Log;
use crate::seldom::Seldom;
use crate::surface::Surface;

/// What every connection of a listener shares.
pub(super) struct Connection {
    pub(super) surface: Arc<Surface>,
    pub(super) limits: Limits,
    pub(super) log: Log,
    /// Clients that speak TLS.
    pub(super) tls_hellos: Seldom,
    /// The tasks of HTTP/2 streams.
    pub(super) streams: TaskTracker,
    /// Whether the listener counts as being on the private network.
    pub(super) private: bool,
    /// Requests in progress are finished, nothing new is taken.
    pub(super) closing: CancellationToken,
    /// The grace period is over.
    pub(super) killing: CancellationToken,
}

impl Connection {
    /// Serves the connection to its end. What goes wrong on it is its client's affair.
    pub(super) async fn run<S>(self: Arc<Self>, mut stream: S, peer: IpAddr)
    where
        S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    {
        let opening = tokio::select! {
            opening = tokio::time::timeout(self.limits.head, Opening::read(&mut stream)) => opening,
            () = self.closing.cancelled() => return,
        };
        match opening {
            // On the heap: a connection that says nothing should not carry the size of one that does.
            Ok(Ok(Opening::Http2(first))) => Box::pin(self.http2(Replay::new(first, stream), peer)).await,
            Ok(Ok(Opening::Http1(first))) => Box::pin(self.http1(Replay::new(first, stream), peer)).await,
            Ok(Ok(Opening::Tls)) => self.report_tls(peer),
            // It left, it broke, or it said nothing in time.
            Ok(Ok(Opening::Nothing) | Err(_)) | Err(_) => {}
        }
    }

    fn report_tls(&self, peer: IpAddr) {
        match self.tls_hellos.due() {
            None => {}
            Some(0) => self.log.line(format_args!("{peer}: TLS is not served here yet; use http://")),
            Some(others) => {
                self.log.line(format_args!("{peer} and {others} before it: TLS is not served here yet; use http://"));
            }
        }
    }

    async fn http2<S>(self: Arc<Self>, stream: Replay<S>, peer: IpAddr)
    where
        S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    {
        let Limits { head, idle, grace, .. } = self.limits;
        let streams = OpenStreams::new();
        let mut builder = http2::Builder::new(Tracked(self.streams.clone()));
        builder
            .timer(TokioTimer::new())
            .max_concurrent_streams(CONCURRENT_CALLS)
            .initial_stream_window_size(STREAM_WINDOW)
            .initial_connection_window_size(CONNECTION_WINDOW)
            .keep_alive_interval(PING_INTERVAL)
            .keep_alive_timeout(PING_TIMEOUT);
        let service = service_fn(|request| {
            let (connection, stream) = (self.clone(), streams.open());
            async move { connection.answer(request, peer).await.map(|response| stream.until_sent(response)) }
        });
        let mut serving = std::pin::pin!(builder.serve_connection(TokioIo::new(stream), service));
        tokio::select! {
            _ = serving.as_mut() => return,
            () = streams.idle(head, idle) => {}
            () = self.closing.cancelled() => {}
        }
        serving.as_mut().graceful_shutdown();
        tokio::select! {
            _ = serving => {}
            // The client does not take part in ending.
            () = streams.idle(grace, grace) => {}
            () = self.killing.cancelled() => {}
        }
    }

    async fn http1<S>(self: Arc<Self>, stream: Replay<S>, peer: IpAddr)
    where
        S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    {
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

    async fn answer(self: Arc<Self>, request: Request<Incoming>, peer: IpAddr) -> Result<Response<Body>, Infallible> {
        let origin = Origin { address: Some(peer), private: self.private, agent: None };
        // The task of a stream does not end with its connection by itself; a call that began is carried out all the same.
        tokio::select! {
            biased;
            response = self.surface.answer(request, origin) => Ok(response),
            () = self.killing.cancelled() => Ok(Status::unavailable("the emulator ends").into_http()),
        }
    }
}

/// Calls in progress on one connection.
const CONCURRENT_CALLS: u32 = 64;

/// Bytes that one call's client may send before they are read.
const STREAM_WINDOW: u32 = 64 * 1024;

/// Bytes that one connection's client may send before they are read: with the greatest number of connections this is what
/// clients can make the emulator hold at most beside the messages being read.
const CONNECTION_WINDOW: u32 = 128 * 1024;

/// A peer that is gone without a word is noticed by its silence.
const PING_INTERVAL: Duration = Duration::from_secs(60);

const PING_TIMEOUT: Duration = Duration::from_secs(20);

/// Bytes of an HTTP/1.1 head.
const LARGEST_HEAD: usize = 64 * 1024;

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};
    use tokio::time::Instant;

    use super::*;
    use crate::surface::around::Around;
    use crate::{Config, Emulator, World};

    const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
    const SETTINGS: &[u8] = &[0, 0, 0, 4, 0, 0, 0, 0, 0];
    const PING: &[u8] = &[0, 0, 8, 6, 0, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8];

    async fn connection(log: Log) -> (Emulator, Arc<Connection>) {
        let config = Config { listen: "127.0.0.1:0".parse().unwrap(), ..Config::default() };
        let emulator = Emulator::start(config, World::reproducible(1), Log::silent()).await.unwrap();
        let limits = Limits::default();
        let surface = Arc::new(Surface::new(emulator.engine().clone(), Around::default(), limits.message).await);
        let connection = Connection {
            surface,
            limits,
            log,
            tls_hellos: Seldom::new(Duration::from_secs(60)),
            streams: TaskTracker::new(),
            private: false,
            closing: CancellationToken::new(),
            killing: CancellationToken::new(),
        };
        (emulator, Arc::new(connection))
    }

    /// The head of a call of `Submit`; its message does not come.
    fn open_call() -> Vec<u8> {
        let path = b"/hpcs.emulator.v1.CryptoUnits/Submit";
        // POST, http, then two literal fields whose names are in the static table: 4 `:path`, 31 `content-type`.
        let mut block = vec![0x83, 0x86, 0x04, path.len() as u8];
        block.extend_from_slice(path);
        block.extend_from_slice(&[0x0f, 0x10, 16]);
        block.extend_from_slice(b"application/grpc");
        [&[0, 0, block.len() as u8, 1, 4, 0, 0, 0, 1], &block[..]].concat()
    }

    /// Reads up to the answer to [`PING`].
    async fn pong(client: &mut DuplexStream) {
        loop {
            let mut head = [0; 9];
            client.read_exact(&mut head).await.unwrap();
            let mut payload = vec![0; u32::from_be_bytes([0, head[0], head[1], head[2]]) as usize];
            client.read_exact(&mut payload).await.unwrap();
            if head[3] == 6 && head[4] == 1 && payload == PING[9..] {
                return;
            }
        }
    }

    #[tokio::test(start_paused = true)]
    async fn clients_that_speak_tls_are_reported_once_a_period() {
        let (mut lines, out) = std::io::pipe().unwrap();
        let (_emulator, connection) = connection(Log::new(out)).await;
        for _ in 0..3 {
            let (mut client, server) = tokio::io::duplex(64);
            client.write_all(b"\x16\x03\x01").await.unwrap();
            connection.clone().run(server, [127, 0, 0, 1].into()).await;
        }
        drop(connection);
        let mut text = String::new();
        std::io::Read::read_to_string(&mut lines, &mut text).unwrap();
        assert_eq!(text, "hpcs-emulator: 127.0.0.1: TLS is not served here yet; use http://\n");
    }

    #[tokio::test]
    async fn the_task_of_a_stream_can_be_waited_for() {
        let (_emulator, connection) = connection(Log::silent()).await;
        let (mut client, server) = tokio::io::duplex(64 * 1024);
        let serving = tokio::spawn(connection.clone().run(server, [127, 0, 0, 1].into()));
        client.write_all(&[PREFACE, SETTINGS, &open_call(), PING].concat()).await.unwrap();
        pong(&mut client).await;
        assert_eq!(connection.streams.len(), 1);
        connection.killing.cancel();
        connection.closing.cancel();
        connection.streams.close();
        connection.streams.wait().await;
        serving.await.unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn a_connection_without_a_call_is_closed_at_the_deadline() {
        let (_emulator, connection) = connection(Log::silent()).await;
        let (mut client, server) = tokio::io::duplex(64 * 1024);
        let limits = connection.limits.clone();
        let start = Instant::now();
        let serving = tokio::spawn(connection.run(server, [127, 0, 0, 1].into()));
        client.write_all(&[PREFACE, SETTINGS, PING].concat()).await.unwrap();
        pong(&mut client).await;
        serving.await.unwrap();
        assert!((limits.head..=limits.head + limits.grace).contains(&start.elapsed()), "{:?}", start.elapsed());
    }
}
