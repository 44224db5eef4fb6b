//! One connection, from its first byte to its end.
//!
//! ```text
//! first bytes -> TLS ClientHello -> handshake -> first bytes -> HTTP/2 or HTTP/1.1
//!             -> HTTP/2 preface  -> HTTP/2
//!             -> anything else   -> HTTP/1.1 -> CONNECT to a host of the cloud -> first bytes, as above
//! ```

use std::convert::Infallible;
use std::future::ready;
use std::io;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use hpcs_service::Origin;
use http::{Method, Request, Response, header};
use hyper::body::Incoming;
use hyper::server::conn::{http1, http2};
use hyper::service::service_fn;
use hyper::upgrade::OnUpgrade;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tonic::Status;
use tonic::body::Body;

use super::opening::Opening;
use super::replay::Replay;
use super::streams::{OpenStreams, Tracked};
use super::tunnel::{self, Tunnel};
use super::{Limits, Security};
use crate::Log;
use crate::http::CA_PATH;
use crate::reach::Endpoint;
use crate::seldom::Seldom;
use crate::surface::Surface;

/// What every connection of a listener shares.
pub(super) struct Connection {
    pub(super) surface: Arc<Surface>,
    pub(super) limits: Limits,
    pub(super) log: Log,
    /// Whether TLS is served.
    pub(super) security: Security,
    /// Handshakes that came to nothing, and clients that speak TLS where it is not served.
    pub(super) failed_handshakes: Seldom,
    /// Tunnels that were refused.
    pub(super) refused_tunnels: Seldom,
    /// The tasks of HTTP/2 streams.
    pub(super) streams: TaskTracker,
    /// Whether the listener counts as being on the private network.
    pub(super) private: bool,
    /// Requests in progress are finished, nothing new is taken.
    pub(super) closing: CancellationToken,
    /// The grace period is over.
    pub(super) killing: CancellationToken,
}

/// The bytes of a connection, whatever they came through.
type Wire = Box<dyn Stream>;

trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<S: AsyncRead + AsyncWrite + Send + Unpin> Stream for S {}

/// What the bytes of a connection came through so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Through {
    tls: bool,
    tunnel: bool,
}

impl Connection {
    /// Serves the connection to its end. What goes wrong on it is its client's affair.
    pub(super) async fn run<S>(self: Arc<Self>, stream: S, peer: IpAddr)
    where
        S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    {
        self.serve(Box::new(stream), peer, Through::default()).await;
    }

    async fn serve(self: Arc<Self>, mut stream: Wire, peer: IpAddr, through: Through) {
        let opening = tokio::select! {
            opening = tokio::time::timeout(self.limits.head, Opening::read(&mut stream)) => opening,
            () = self.closing.cancelled() => return,
        };
        match opening {
            // On the heap: a connection that says nothing should not carry the size of one that does.
            Ok(Ok(Opening::Tls(first))) if !through.tls => {
                Box::pin(self.tls(Replay::new(first, stream), peer, through)).await;
            }
            Ok(Ok(Opening::Http2(first))) => {
                Box::pin(self.http2(Box::new(Replay::new(first, stream)), peer, through)).await
            }
            Ok(Ok(Opening::Http1(first) | Opening::Tls(first))) => {
                Box::pin(self.http1(Box::new(Replay::new(first, stream)), peer, through)).await;
            }
            // It left, it broke, or it said nothing in time.
            Ok(Ok(Opening::Nothing) | Err(_)) | Err(_) => {}
        }
    }

    async fn tls(self: Arc<Self>, stream: Replay<Wire>, peer: IpAddr, through: Through) {
        let Some(tls) = self.security.tls() else { return self.report(peer, "TLS is not served here; use http://") };
        let shaken = tokio::select! {
            shaken = tokio::time::timeout(self.limits.head, tls.accept(stream)) => shaken,
            () = self.closing.cancelled() => return,
        };
        match shaken {
            Ok(Ok(stream)) => {
                let (_, session) = stream.get_ref();
                let http2 = session.alpn_protocol() == Some(b"h2");
                let through = Through { tls: true, ..through };
                if http2 {
                    // It was agreed on, whatever comes.
                    self.http2(Box::new(stream), peer, through).await;
                } else {
                    self.serve(Box::new(stream), peer, through).await;
                }
            }
            // A client that left says nothing of its reasons.
            Ok(Err(error)) if error.kind() == io::ErrorKind::UnexpectedEof => {}
            Ok(Err(error)) => {
                self.report(peer, &format!("TLS: {error}; `hpcs-emulator env` prints what makes clients trust it"));
            }
            Err(_) => {}
        }
    }

    fn report(&self, peer: IpAddr, what: &str) {
        match self.failed_handshakes.due() {
            None => {}
            Some(0) => self.log.line(format_args!("{peer}: {what}")),
            Some(others) => self.log.line(format_args!("{peer} and {others} before it: {what}")),
        }
    }

    async fn http2(self: Arc<Self>, stream: Wire, peer: IpAddr, through: Through) {
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
            let (answer, stream) = (self.clone().answer(request, peer, through), streams.open());
            async move { Ok::<_, Infallible>(stream.until_sent(answer.await)) }
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

    async fn http1(self: Arc<Self>, stream: Wire, peer: IpAddr, through: Through) {
        let mut builder = http1::Builder::new();
        builder.timer(TokioTimer::new()).header_read_timeout(self.limits.head).max_buf_size(LARGEST_HEAD);
        let opened = Tunnel::default();
        let service = service_fn(|request| {
            let (connection, opened) = (self.clone(), opened.clone());
            async move {
                if request.method() == Method::CONNECT {
                    return Ok(connection.connect(request, peer, through, &opened));
                }
                Ok::<_, Infallible>(connection.answer(request, peer, through).await)
            }
        });
        let mut serving = std::pin::pin!(builder.serve_connection(TokioIo::new(stream), service).with_upgrades());
        tokio::select! {
            _ = serving.as_mut() => {}
            () = self.closing.cancelled() => {
                serving.as_mut().graceful_shutdown();
                tokio::select! {
                    _ = serving => {}
                    () = self.killing.cancelled() => {}
                }
                return;
            }
        }
        if let Some(upgrade) = opened.take() {
            self.tunnelled(upgrade, peer).await;
        }
    }

    /// The answer to a `CONNECT`. A tunnel that is opened is served once the answer was sent.
    fn connect(&self, request: Request<Incoming>, peer: IpAddr, through: Through, opened: &Tunnel) -> Response<Body> {
        match tunnel::check(request.uri(), through.tunnel || through.tls) {
            Ok(()) => {
                opened.put(hyper::upgrade::on(request));
                Response::new(Body::empty())
            }
            Err(refused) => {
                if self.refused_tunnels.due().is_some() {
                    self.log.line(format_args!("{peer}: {refused}"));
                }
                refused.response()
            }
        }
    }

    async fn tunnelled(self: Arc<Self>, upgrade: OnUpgrade, peer: IpAddr) {
        let upgraded = tokio::select! {
            upgraded = upgrade => upgraded,
            () = self.closing.cancelled() => return,
        };
        // A client that left meanwhile has no use for it.
        let Ok(stream) = upgraded else { return };
        Box::pin(self.serve(Box::new(TokioIo::new(stream)), peer, Through { tunnel: true, tls: false })).await;
    }

    /// The answer to a request. What waits for it is small, as the task of a stream is moved about when it begins.
    fn answer(
        self: Arc<Self>,
        request: Request<Incoming>,
        peer: IpAddr,
        through: Through,
    ) -> impl Future<Output = Response<Body>> + Send + 'static {
        let response = if self.security.is_required() && !through.tls && request.uri().path() != CA_PATH {
            Box::pin(ready(tunnel::insecure()))
        } else {
            let Endpoint { region, private, instance } = Endpoint::named(host(&request).unwrap_or_default());
            let private = self.private || private;
            let plaintext = !through.tls;
            let origin = Origin { address: Some(peer), private, region, instance, plaintext, ..Origin::default() };
            self.surface.answer(request, origin)
        };
        async move {
            // The task of a stream does not end with its connection by itself; a call that began is carried out all the
            // same.
            tokio::select! {
                biased;
                response = response => response,
                () = self.killing.cancelled() => Status::unavailable("the emulator ends").into_http(),
            }
        }
    }
}

/// The host that a request is for, without its port: HTTP/2 has it in the address, HTTP/1.1 in a header.
fn host<B>(request: &Request<B>) -> Option<&str> {
    if let Some(host) = request.uri().host() {
        return Some(host);
    }
    let text = request.headers().get(header::HOST)?.to_str().ok()?;
    // Addresses in brackets name no endpoint.
    Some(text.rsplit_once(':').map_or(text, |(host, _)| host))
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
        let surface = Arc::new(Surface::new(emulator.engine().clone(), Around::default(), None, limits.message).await);
        let connection = Connection {
            surface,
            limits,
            log,
            security: Security::Plain,
            failed_handshakes: Seldom::new(Duration::from_secs(60)),
            refused_tunnels: Seldom::new(Duration::from_secs(60)),
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
        assert_eq!(text, "hpcs-emulator: 127.0.0.1: TLS is not served here; use http://\n");
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
