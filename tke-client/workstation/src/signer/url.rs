//! Where a signing service is, and one exchange with it.

use std::error::Error;
use std::net::IpAddr;
use std::time::Duration;

use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Bytes;
use hyper::client::conn::http1;
use hyper::{Request, StatusCode, Uri};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::ServerName;

use super::SigningServiceError;
use crate::{texts, tls};

/// The base URL of a service: `http` or `https`, a host, perhaps a port, perhaps a path.
pub(super) struct BaseUrl {
    text: String,
    /// Without brackets.
    host: String,
    port: u16,
    /// Host and port as they were written: the header `Host`.
    authority: String,
    /// Without a slash at its end.
    path: String,
    tls: Option<TlsConnector>,
}

/// The text without what stands before an `@`: it may be a password.
fn without_credentials(text: &str) -> String {
    match text.rsplit_once('@') {
        Some((before, after)) => {
            let scheme = before.find("://").map_or("", |end| &before[..end + 3]);
            format!("{scheme}...@{after}")
        }
        None => text.to_owned(),
    }
}

/// A failure on the way, of any kind.
pub(super) type Trouble = Box<dyn Error + Send + Sync>;

impl BaseUrl {
    pub(super) fn parse(text: &str) -> Result<Self, SigningServiceError> {
        Self::with_tls(text, tls::connector)
    }

    /// `tls` is asked only for https.
    pub(super) fn with_tls(
        text: &str,
        tls: impl FnOnce() -> Result<TlsConnector, tls::NoRoots>,
    ) -> Result<Self, SigningServiceError> {
        let bad = || SigningServiceError::BadUrl { url: without_credentials(text) };
        let uri: Uri = text.parse().map_err(|_| bad())?;
        let authority = uri.authority().filter(|authority| !authority.as_str().contains('@')).ok_or_else(bad)?;
        let secure = match uri.scheme_str() {
            Some("http") => false,
            Some("https") => true,
            _ => return Err(bad()),
        };
        let host = authority.host().trim_start_matches('[').trim_end_matches(']');
        if host.is_empty() || uri.query().is_some() {
            return Err(bad());
        }
        Ok(Self {
            text: text.to_owned(),
            host: host.to_owned(),
            port: authority.port_u16().unwrap_or(if secure { 443 } else { 80 }),
            authority: authority.as_str().to_owned(),
            path: uri.path().trim_end_matches('/').to_owned(),
            tls: if secure { Some(tls()?) } else { None },
        })
    }

    pub(super) fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether what is sent leaves this machine without encryption.
    pub(super) fn is_exposed(&self) -> bool {
        let loopback = self.host == "localhost" || self.host.parse::<IpAddr>().is_ok_and(|host| host.is_loopback());
        self.tls.is_none() && !loopback
    }

    /// The header `Host`.
    pub(super) fn authority(&self) -> &str {
        &self.authority
    }

    /// The path of a call; `name` consists of characters that stand for themselves.
    pub(super) fn path(&self, call: &str, name: &str) -> String {
        format!("{}/{call}/{name}", self.path)
    }

    /// Sends one request over a connection of its own. Gives status and body, of which at most 64 KiB are taken.
    pub(super) async fn exchange(&self, request: Request<Full<Bytes>>) -> Result<(StatusCode, Bytes), Trouble> {
        let answer = timeout(CALL_TIMEOUT, self.connect_and_send(request)).await;
        answer.unwrap_or_else(|_| Err(format!("{}{}", texts::SIGNING_SERVICE_TIMED_OUT, self.text).into()))
    }

    async fn connect_and_send(&self, request: Request<Full<Bytes>>) -> Result<(StatusCode, Bytes), Trouble> {
        let late = |_| format!("{}{}", texts::SIGNING_SERVICE_TIMED_OUT, self.text);
        let stream =
            timeout(CONNECT_TIMEOUT, TcpStream::connect((self.host.as_str(), self.port))).await.map_err(late)??;
        match &self.tls {
            None => send(stream, request).await,
            Some(tls) => {
                let name = ServerName::try_from(self.host.clone())?;
                let stream = timeout(CONNECT_TIMEOUT, tls.connect(name, stream)).await.map_err(late)??;
                send(stream, request).await
            }
        }
    }
}

async fn send(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    request: Request<Full<Bytes>>,
) -> Result<(StatusCode, Bytes), Trouble> {
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    // Dropping the set ends the connection, whatever becomes of the answer.
    let mut carrier = JoinSet::new();
    carrier.spawn(connection);
    let (head, body) = sender.send_request(request).await?.into_parts();
    let body = Limited::new(body, MAX_ANSWER).collect().await?.to_bytes();
    Ok((head.status, body))
}

/// How long to wait for a connection, and for the handshake of TLS: the published SDK has the same limit for the latter.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// How long to wait for an answer, connecting included. The published SDK waits for ever.
const CALL_TIMEOUT: Duration = Duration::from_secs(60);
/// The most bytes of an answer.
const MAX_ANSWER: usize = 64 * 1024;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_does_not_repeat_what_may_be_a_password() {
        for (text, shown) in [
            ("https://me:secret@example.com/sign", "https://...@example.com/sign"),
            ("me:sec@ret@example.com", "...@example.com"),
        ] {
            match BaseUrl::parse(text) {
                Err(SigningServiceError::BadUrl { url }) => assert_eq!(url, shown),
                _ => panic!("{text}"),
            }
        }
    }

    #[test]
    fn urls_have_a_scheme_a_host_and_nothing_that_would_be_lost() {
        for text in
            ["", "127.0.0.1:9877", "ftp://host", "http://", "http://user@host", "http://host/?x=1", "http://a b"]
        {
            assert!(matches!(BaseUrl::parse(text), Err(SigningServiceError::BadUrl { .. })), "{text}");
        }
    }

    #[test]
    fn ports_and_paths_are_those_of_the_url() {
        for (text, port, path) in [
            ("http://host:9877", 9877, "/keys/a"),
            ("http://host/", 80, "/keys/a"),
            ("http://[::1]:1/signing/v1/", 1, "/signing/v1/keys/a"),
        ] {
            let url = BaseUrl::parse(text).unwrap();
            assert_eq!((url.port, url.path("keys", "a").as_str()), (port, path));
        }
    }

    #[test]
    fn only_what_leaves_this_machine_unencrypted_is_exposed() {
        for (text, exposed) in [("http://127.0.0.1:1", false), ("http://[::1]:1", false), ("http://example.com", true)]
        {
            assert_eq!(BaseUrl::parse(text).unwrap().is_exposed(), exposed, "{text}");
        }
    }
}
