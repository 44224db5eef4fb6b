//! Clients that ask the same again and again.
//!
//! They send bytes that were encoded once and look at nothing but the status, so that they are faster than what they
//! measure. Their thread never sleeps: the faster of two services would find it awake, and the slower one would have to
//! wake it for nearly every answer, which is a twentieth of the work of a call where the processors are virtual.

use std::time::{Duration, Instant};

use bytes::Bytes;
use http::{HeaderMap, Method, Request};
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http2::{self, SendRequest};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::net::TcpStream;

use crate::place::Process;

/// A call as it is sent.
pub struct Call {
    /// `SignSingle`.
    pub method: &'static str,
    /// The message with its prefix.
    pub body: Bytes,
    pub token: String,
}

/// Clients of one service, each with a connection.
pub struct Clients<'a> {
    process: &'a Process,
    senders: Vec<SendRequest<Full<Bytes>>>,
    request: Request<Full<Bytes>>,
}

/// What one round gave.
pub struct Measured {
    /// How long each call took, ascending.
    latencies: Vec<Duration>,
    /// The whole round.
    elapsed: Duration,
    /// How long the service worked meanwhile, seconds.
    worked: f64,
}

impl Measured {
    /// Calls a second.
    pub fn rate(&self) -> f64 {
        self.latencies.len() as f64 / self.elapsed.as_secs_f64()
    }

    /// The service's share of its processor.
    pub fn busy(&self) -> f64 {
        self.worked / self.elapsed.as_secs_f64()
    }

    /// The time within which this share of the calls was answered.
    pub fn latency(&self, share: f64) -> Duration {
        let last = self.latencies.len() - 1;
        self.latencies[(last as f64 * share).round() as usize]
    }
}

impl<'a> Clients<'a> {
    pub async fn connect(process: &'a Process, call: &Call, count: usize) -> Self {
        let mut senders = Vec::new();
        for _ in 0..count {
            let stream = TcpStream::connect(process.url.trim_start_matches("http://")).await.unwrap();
            stream.set_nodelay(true).unwrap();
            let (sender, connection) = http2::handshake(TokioExecutor::new(), TokioIo::new(stream)).await.unwrap();
            tokio::spawn(connection);
            senders.push(sender);
        }
        Clients { process, senders, request: request(&process.url, call) }
    }

    /// Has all clients call for this long.
    pub async fn measure(&mut self, time: Duration) -> Measured {
        let (begun, before) = (Instant::now(), self.process.worked());
        let client = |sender: &SendRequest<_>| tokio::spawn(again(sender.clone(), self.request.clone(), begun + time));
        let tasks: Vec<_> = self.senders.iter().map(client).collect();
        let awake = tokio::spawn(async move {
            while Instant::now() < begun + time {
                tokio::task::yield_now().await;
            }
        });
        let mut latencies = Vec::new();
        for task in tasks {
            latencies.append(&mut task.await.unwrap());
        }
        awake.await.unwrap();
        let (elapsed, worked) = (begun.elapsed(), self.process.worked() - before);
        latencies.sort_unstable();
        Measured { latencies, elapsed, worked }
    }
}

/// One client: a call, and when it is answered the next.
async fn again(mut sender: SendRequest<Full<Bytes>>, request: Request<Full<Bytes>>, end: Instant) -> Vec<Duration> {
    let mut latencies = Vec::new();
    let mut begun = Instant::now();
    while begun < end {
        let response = sender.send_request(request.clone()).await.unwrap();
        let (head, body) = response.into_parts();
        let body = body.collect().await.unwrap();
        let status = |headers: &HeaderMap| headers.get("grpc-status").map(|status| status == "0");
        assert_eq!(body.trailers().and_then(status).or(status(&head.headers)), Some(true), "the call is answered");
        let answered = Instant::now();
        latencies.push(answered - begun);
        begun = answered;
    }
    latencies
}

fn request(url: &str, call: &Call) -> Request<Full<Bytes>> {
    let request = Request::builder()
        .method(Method::POST)
        .uri(format!("{url}/grep11.Crypto/{}", call.method))
        .header("content-type", "application/grpc")
        .header("te", "trailers")
        .header("authorization", format!("Bearer {}", call.token));
    request.body(Full::new(call.body.clone())).unwrap()
}
