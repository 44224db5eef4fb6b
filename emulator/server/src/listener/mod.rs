//! The listener: accepts connections and serves TLS, gRPC (HTTP/2) and HTTP/1.1 on one port.
//!
//! ```text
//! accept -> first bytes (deadline) -> HTTP/2 preface   -> HTTP/2, keep-alive pings, deadline while no call is open
//!                                  -> TLS ClientHello  -> handshake (deadline), then HTTP/2 or HTTP/1.1
//!                                  -> anything else    -> HTTP/1.1, deadline for each head; CONNECT opens a tunnel,
//!                                                         in which all begins anew
//! ```
//!
//! A connection that sends nothing costs a socket and a small task until its deadline; none waits for another. When the
//! greatest number of connections is open, the newest are closed at once: those at work are worth more than those that
//! have said nothing yet, and those that say nothing end by their deadline.

mod connection;
mod opening;
mod replay;
mod streams;
mod tunnel;

use std::sync::Arc;
use std::time::Duration;

use socket2::{SockRef, TcpKeepalive};
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::Log;
use crate::reach::Tls;
use crate::seldom::Seldom;
use crate::surface::Surface;
use connection::Connection;

/// Deadlines and numbers of a listener.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// How long a connection may take to say what it is, an HTTP/2 client to make its first call, and an HTTP/1.1 client
    /// to send each request's head.
    pub head: Duration,
    /// How long an HTTP/2 connection may stay without a call after its first.
    pub idle: Duration,
    /// How long one message may take to arrive.
    pub message: Duration,
    /// How long requests in progress may take once the emulator ends.
    pub grace: Duration,
    /// Connections open at once.
    pub connections: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            head: Duration::from_secs(10),
            idle: Duration::from_secs(300),
            message: Duration::from_secs(60),
            grace: Duration::from_secs(5),
            connections: 4096,
        }
    }
}

/// Whether a listener takes TLS.
pub(crate) enum Security {
    /// It does not.
    Plain,
    /// What a connection begins with decides.
    Either(Tls),
    /// Requests without it are refused.
    Required(Tls),
}

impl Security {
    fn tls(&self) -> Option<&Tls> {
        match self {
            Security::Plain => None,
            Security::Either(tls) | Security::Required(tls) => Some(tls),
        }
    }

    fn is_required(&self) -> bool {
        matches!(self, Security::Required(_))
    }
}

/// Serves until `shutdown` is done; then finishes requests in progress, ends streams, and closes what is left when the
/// grace period is over.
pub(crate) async fn serve(
    listener: TcpListener,
    surface: Arc<Surface>,
    security: Security,
    private: bool,
    limits: Limits,
    log: Log,
    shutdown: impl Future<Output = ()>,
) {
    let closing = CancellationToken::new();
    let killing = CancellationToken::new();
    let tasks = TaskTracker::new();
    let streams = TaskTracker::new();
    let connection = Arc::new(Connection {
        surface: surface.clone(),
        limits: limits.clone(),
        log: log.clone(),
        security,
        failed_handshakes: Seldom::new(REPORT_PERIOD),
        refused_tunnels: Seldom::new(REPORT_PERIOD),
        streams: streams.clone(),
        private,
        closing: closing.clone(),
        killing: killing.clone(),
    });
    tokio::select! {
        () = accept(&listener, &connection, &tasks) => {}
        () = shutdown => {}
    }
    drop(listener);
    surface.close().await;
    closing.cancel();
    tasks.close();
    streams.close();
    // A stream's task may outlive its connection. What it commits must be there when the sink looks for the last time.
    let ended = async { tokio::join!(tasks.wait(), streams.wait()) };
    if tokio::time::timeout(limits.grace, ended).await.is_err() {
        log.line(format_args!("{} connections are closed before their requests were answered", tasks.len()));
        killing.cancel();
        tokio::join!(tasks.wait(), streams.wait());
    }
    surface.finish().await;
}

async fn accept(listener: &TcpListener, connection: &Arc<Connection>, tasks: &TaskTracker) {
    let places = Arc::new(Semaphore::new(connection.limits.connections.min(Semaphore::MAX_PERMITS)));
    let log = &connection.log;
    let mut full = false;
    loop {
        let (stream, peer) = match listener.accept().await {
            Ok(accepted) => accepted,
            Err(error) => {
                // Out of sockets, or the client left meanwhile. Neither is helped by trying again at once.
                log.line(format_args!("a connection cannot be accepted: {error}"));
                tokio::time::sleep(PAUSE).await;
                continue;
            }
        };
        let Ok(place) = places.clone().try_acquire_owned() else {
            if !full {
                log.line(format_args!(
                    "{} connections are open; new ones are closed until one ends",
                    connection.limits.connections
                ));
            }
            full = true;
            continue;
        };
        full = false;
        // Answers are small and should leave at once. A stream that cannot be told so still works.
        let _ = stream.set_nodelay(true);
        // A client whose machine went away says nothing more; it would hold its place for ever.
        let _ = SockRef::from(&stream).set_tcp_keepalive(&TcpKeepalive::new().with_time(KEEPALIVE));
        let connection = connection.clone();
        tasks.spawn(async move {
            connection.run(stream, peer.ip()).await;
            drop(place);
        });
    }
}

/// How long accepting rests after a failure.
const PAUSE: Duration = Duration::from_millis(100);

/// A connection on which nothing was said for so long is asked whether somebody is there.
const KEEPALIVE: Duration = Duration::from_secs(60);

/// How often the log speaks of handshakes that failed, and of tunnels that were refused.
const REPORT_PERIOD: Duration = Duration::from_secs(60);
