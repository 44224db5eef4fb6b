//! A client of plain HTTP, over HTTP/1.1 or HTTP/2.

use std::convert::Infallible;
use std::net::SocketAddr;

use bytes::{Bytes, BytesMut};
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::client::conn::{http1, http2};
use hyper::http::request::Builder;
use hyper::{HeaderMap, Method, Request, Response};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::net::TcpStream;

pub type Content = BoxBody<Bytes, Infallible>;

/// Someone with a token, or with none.
pub struct Client {
    address: SocketAddr,
    token: Option<String>,
}

/// A complete answer.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub content: Bytes,
}

/// An answer whose content is still to come.
pub struct Stream {
    pub status: u16,
    pub headers: HeaderMap,
    body: Incoming,
    read: BytesMut,
}

impl Client {
    pub fn new(address: SocketAddr, token: Option<String>) -> Self {
        Client { address, token }
    }

    pub fn request(&self, method: Method, path: &str) -> Builder {
        let request = Request::builder().method(method).uri(format!("http://{}{path}", self.address));
        match &self.token {
            Some(token) => request.header("authorization", format!("Bearer {token}")),
            None => request,
        }
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.send(self.request(Method::GET, path).body(nothing()).unwrap()).await
    }

    pub async fn delete(&self, path: &str) -> Answer {
        self.send(self.request(Method::DELETE, path).body(nothing()).unwrap()).await
    }

    pub async fn post(&self, path: &str, content: &str) -> Answer {
        self.with_json(Method::POST, path, content).await
    }

    pub async fn put(&self, path: &str, content: &str) -> Answer {
        self.with_json(Method::PUT, path, content).await
    }

    async fn with_json(&self, method: Method, path: &str, content: &str) -> Answer {
        let request = self.request(method, path).header("content-type", "application/json");
        self.send(request.body(full(content)).unwrap()).await
    }

    /// Sends over HTTP/1.1 and reads the answer to its end.
    pub async fn send(&self, request: Request<Content>) -> Answer {
        let stream = self.open(request).await;
        let (status, headers) = (stream.status, stream.headers.clone());
        Answer { status, headers, content: stream.rest().await.unwrap() }
    }

    /// Sends over HTTP/2 and reads the answer to its end.
    pub async fn send_h2(&self, request: Request<Content>) -> Answer {
        let stream = Stream::of(self.connect_h2().await.send_request(request).await.unwrap());
        let (status, headers) = (stream.status, stream.headers.clone());
        Answer { status, headers, content: stream.rest().await.unwrap() }
    }

    /// A connection of HTTP/2.
    pub async fn connect_h2(&self) -> http2::SendRequest<Content> {
        let socket = TokioIo::new(TcpStream::connect(self.address).await.unwrap());
        let (sender, connection) = http2::handshake(TokioExecutor::new(), socket).await.unwrap();
        tokio::spawn(connection);
        sender
    }

    /// Sends over HTTP/1.1 and reads the head of the answer.
    pub async fn open(&self, request: Request<Content>) -> Stream {
        let socket = TokioIo::new(TcpStream::connect(self.address).await.unwrap());
        let (mut sender, connection) = http1::handshake(socket).await.unwrap();
        tokio::spawn(connection);
        Stream::of(sender.send_request(request).await.unwrap())
    }

    /// Follows events; `accept` chooses the framing.
    pub async fn follow(&self, path: &str, accept: &str) -> Stream {
        self.open(self.request(Method::GET, path).header("accept", accept).body(nothing()).unwrap()).await
    }
}

impl Answer {
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.content).unwrap()
    }

    pub fn lines(&self) -> Vec<String> {
        std::str::from_utf8(&self.content).unwrap().lines().map(str::to_owned).collect()
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers[name].to_str().unwrap()
    }

    /// Status, code and message of an error.
    pub fn error(&self) -> (u64, String, String) {
        let error = &self.json()["error"];
        let text = |name: &str| error[name].as_str().unwrap().to_owned();
        assert_eq!(error["status"], self.status);
        (error["status"].as_u64().unwrap(), text("code"), text("message"))
    }
}

impl Stream {
    fn of(response: Response<Incoming>) -> Self {
        let (parts, body) = response.into_parts();
        Stream { status: parts.status.as_u16(), headers: parts.headers, body, read: BytesMut::new() }
    }

    /// The content up to and without `end`; `None` when the content ends before.
    pub async fn until(&mut self, end: &str) -> Option<String> {
        loop {
            if let Some(at) = self.read.windows(end.len()).position(|found| found == end.as_bytes()) {
                let piece = self.read.split_to(at + end.len());
                return Some(String::from_utf8(piece[..at].to_vec()).unwrap());
            }
            self.read.extend_from_slice(&self.body.frame().await?.unwrap().into_data().unwrap());
        }
    }

    /// The next server-sent event that is one: its fields by name.
    pub async fn event(&mut self) -> Option<Vec<(String, String)>> {
        let text = self.until("\n\n").await?;
        let field = |line: &str| line.split_once(": ").map(|(name, value)| (name.to_owned(), value.to_owned()));
        Some(text.lines().filter_map(field).collect())
    }

    /// All that is left, or what went wrong.
    pub async fn rest(mut self) -> Result<Bytes, hyper::Error> {
        while let Some(frame) = self.body.frame().await {
            if let Ok(data) = frame?.into_data() {
                self.read.extend_from_slice(&data);
            }
        }
        Ok(self.read.freeze())
    }
}

pub fn nothing() -> Content {
    full("")
}

pub fn full(content: &str) -> Content {
    Full::from(content.to_owned()).boxed()
}
