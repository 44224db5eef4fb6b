//! Connections of the signing service.
//!
//! Number of connections, size of bodies and every wait are bounded. A call's computing happens on the blocking pool.

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use hpcs_workstation::{Password, printable};
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue, Request, Response, StatusCode};
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::answer::{Answer, Call};
use super::faults::{FaultKind, Faults};
use super::keys::KeyDirectory;
use crate::Log;

/// What a signing service is started with.
pub struct Options {
    /// Where it listens; port 0 takes any free one.
    pub listen: SocketAddr,
    /// Its keys. A key that is added later is served, too.
    pub keys: KeyDirectory,
    /// What goes wrong on purpose.
    pub faults: Faults,
    /// Whether each request leaves a line in the log.
    pub log_requests: bool,
}

/// A signing service at work.
pub struct SigningServiceServer {
    address: SocketAddr,
    stop: CancellationToken,
    connections: TaskTracker,
}

impl SigningServiceServer {
    /// Listens and serves.
    ///
    /// # Errors
    /// When the address cannot be listened on.
    pub async fn start(options: Options, log: Log) -> io::Result<Self> {
        let listener = TcpListener::bind(options.listen).await?;
        let address = listener.local_addr()?;
        let (stop, connections) = (CancellationToken::new(), TaskTracker::new());
        let service = Arc::new(Service { options, log });
        connections.spawn(accept(listener, service, stop.clone(), connections.clone()));
        Ok(Self { address, stop, connections })
    }

    /// The URL for `TKE_SIGNSERV_URL`.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Takes no more connections and waits for answers that are on their way, but not for long.
    pub async fn shutdown(self) {
        self.stop.cancel();
        self.connections.close();
        // What is not answered by then is cut off with the process.
        let _ = timeout(LAST_ANSWERS, self.connections.wait()).await;
    }
}

struct Service {
    options: Options,
    log: Log,
}

async fn accept(listener: TcpListener, service: Arc<Service>, stop: CancellationToken, connections: TaskTracker) {
    let room = Arc::new(Semaphore::new(MOST_CONNECTIONS));
    loop {
        let Ok(place) = room.clone().acquire_owned().await else { return };
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = stop.cancelled() => return,
        };
        let Ok((stream, _)) = accepted else {
            // Out of files, mostly: what is open now has to end first.
            sleep(ACCEPT_PAUSE).await;
            continue;
        };
        if service.options.faults.all_down() {
            service.tell(format_args!("a connection: closed (fault down)"));
            continue;
        }
        let (service, stop) = (service.clone(), stop.clone());
        connections.spawn(async move {
            service.serve(stream, stop).await;
            drop(place);
        });
    }
}

impl Service {
    async fn serve(self: Arc<Self>, stream: TcpStream, stop: CancellationToken) {
        let answers = service_fn(move |request| {
            let service = self.clone();
            async move { service.answer(request).await }
        });
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(HEAD_DEADLINE)
            .max_buf_size(MOST_HEAD)
            .serve_connection(TokioIo::new(stream), answers);
        let mut connection = pin!(connection);
        // Errors are those of a client that went away, or the fault that ends a connection.
        let _ = tokio::select! {
            ended = &mut connection => ended,
            () = stop.cancelled() => {
                connection.as_mut().graceful_shutdown();
                connection.await
            }
        };
    }

    async fn answer(&self, request: Request<Incoming>) -> Result<Response<Full<Bytes>>, HangUp> {
        let (head, body) = request.into_parts();
        let answer = match Call::of(&head.method, head.uri.path()) {
            Ok(call) => self.carry_out(&call, &head.headers, body).await,
            Err(refused) => Ok(refused),
        };
        let path: String = head.uri.path().chars().take(SHOWN_PATH).collect();
        let told = (&head.method, printable(&path));
        match &answer {
            Ok(answer) => self.tell(format_args!("{} {} {}", told.0, told.1, answer.status.as_u16())),
            Err(HangUp) => self.tell(format_args!("{} {} closed (fault down)", told.0, told.1)),
        }
        answer.map(response)
    }

    async fn carry_out(&self, call: &Call<'_>, headers: &HeaderMap, body: Incoming) -> Result<Answer, HangUp> {
        let Options { keys, faults, .. } = &self.options;
        if let Some(delay) = faults.delay(call.key()) {
            sleep(delay).await;
        }
        if faults.has(call.key(), FaultKind::Down) {
            return Err(HangUp);
        }
        let body = match timeout(BODY_DEADLINE, Limited::new(body, MOST_BODY).collect()).await {
            Ok(Ok(body)) => body.to_bytes(),
            Ok(Err(error)) if error.is::<LengthLimitError>() => {
                return Ok(Answer::text(StatusCode::PAYLOAD_TOO_LARGE, "the body has more than 65536 bytes"));
            }
            Ok(Err(_)) => return Err(HangUp),
            Err(_) => return Ok(Answer::text(StatusCode::REQUEST_TIMEOUT, "the body did not come in time")),
        };
        let given = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
        let bearer = given.and_then(without_bearer).map(|token| Password::new(token.to_owned()));
        let authorization = given.map(|token| Password::new(token.to_owned()));
        let (keys, faults) = (keys.clone(), faults.clone());
        let (sign, name) = (matches!(call, Call::Sign(_)), call.key().to_owned());
        let answer = tokio::task::spawn_blocking(move || {
            let call = if sign { Call::Sign(&name) } else { Call::PublicKey(&name) };
            call.answer(&keys, &faults, authorization, bearer, &body)
        });
        Ok(answer.await.unwrap_or_else(|_| Answer::text(StatusCode::INTERNAL_SERVER_ERROR, "the call failed")))
    }

    fn tell(&self, line: fmt::Arguments<'_>) {
        if self.options.log_requests {
            self.log.line(line);
        }
    }
}

/// The token after `Bearer`, in any spelling of the word.
fn without_bearer(value: &str) -> Option<&str> {
    let (word, token) = value.split_once(' ')?;
    word.eq_ignore_ascii_case("bearer").then_some(token)
}

fn response(answer: Answer) -> Response<Full<Bytes>> {
    let kind = if answer.status == StatusCode::OK { "application/json" } else { "text/plain; charset=utf-8" };
    let mut response = Response::new(Full::new(Bytes::from(answer.body)));
    *response.status_mut() = answer.status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    response
}

/// The connection is to end without an answer.
#[derive(Debug)]
struct HangUp;

impl fmt::Display for HangUp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the connection ends without an answer")
    }
}

impl std::error::Error for HangUp {}

/// Connections at the same time; others wait to be accepted.
const MOST_CONNECTIONS: usize = 256;
/// Bytes of a body: a command has about 3 kB.
const MOST_BODY: usize = 64 * 1024;
/// Bytes of a request's head.
const MOST_HEAD: usize = 16 * 1024;
/// Time for the head of a request, from the end of the one before.
const HEAD_DEADLINE: Duration = Duration::from_secs(10);
/// Time for the body of a request.
const BODY_DEADLINE: Duration = Duration::from_secs(10);
/// How long the end waits for answers.
const LAST_ANSWERS: Duration = Duration::from_secs(2);
/// Between two attempts to accept when the system refuses.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);
/// Characters of a path in the log.
const SHOWN_PATH: usize = 200;
