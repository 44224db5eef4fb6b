//! TLS with certificates of the development CA, and tunnels to the hosts of the cloud.
#![allow(clippy::unwrap_used, clippy::panic)]

mod support;

use std::sync::Arc;

use hpcs_emulator::Emulator;
use hpcs_emulator::config::{Config, TlsConfig, TlsMode};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use support::{MANAGER, Server};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

const TKE: &str = "tke.us-south.hs-crypto.cloud.ibm.com";

/// A connector that trusts the CA of this emulator and nobody else.
async fn connector(server: &Server, alpn: &[&[u8]]) -> TlsConnector {
    let trusted = server.stranger().get("/_emulator/ca").await.json();
    let certificate = CertificateDer::from_pem_slice(trusted["certificate"].as_str().unwrap().as_bytes()).unwrap();
    let mut roots = RootCertStore::empty();
    roots.add(certificate).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let mut config = builder.with_root_certificates(roots).with_no_client_auth();
    config.alpn_protocols = alpn.iter().map(|name| name.to_vec()).collect();
    TlsConnector::from(Arc::new(config))
}

async fn shake<S: AsyncRead + AsyncWrite + Unpin>(
    connector: &TlsConnector,
    name: &str,
    stream: S,
) -> std::io::Result<TlsStream<S>> {
    connector.connect(ServerName::try_from(name.to_owned()).unwrap(), stream).await
}

async fn tcp(emulator: &Emulator) -> TcpStream {
    TcpStream::connect(emulator.address()).await.unwrap()
}

/// Sends a request that ends the connection and reads all of the answer.
async fn exchange<S: AsyncRead + AsyncWrite + Unpin>(mut stream: S, request: &str) -> String {
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer).await;
    String::from_utf8_lossy(&answer).into_owned()
}

/// The answer to a CONNECT, and the stream behind it.
async fn connect(server: &Server, target: &str) -> (String, TcpStream) {
    let mut stream = tcp(&server.emulator).await;
    stream.write_all(format!("CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n\r\n").as_bytes()).await.unwrap();
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        match stream.read_u8().await {
            Ok(byte) => head.push(byte),
            Err(_) => break,
        }
    }
    (String::from_utf8(head).unwrap(), stream)
}

fn get(path: &str, host: &str, token: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nhost: {host}\r\nauthorization: {token}\r\nconnection: close\r\n\r\n")
}

#[tokio::test]
async fn any_name_that_is_asked_for_has_a_certificate() {
    let server = Server::start().await;
    let connector = connector(&server, &[]).await;
    for name in [TKE, "localhost", "127.0.0.1", "anything.example.com"] {
        let stream = shake(&connector, name, tcp(&server.emulator).await).await.unwrap();
        let answer = exchange(stream, &get("/healthz", name, "")).await;
        assert!(answer.starts_with("HTTP/1.1 200"), "{name}: {answer}");
    }
    // Who names no host gets a certificate of this machine, not of another address.
    assert!(shake(&connector, "192.0.2.7", tcp(&server.emulator).await).await.is_err());
}

#[tokio::test]
async fn the_protocol_is_agreed_on() {
    let server = Server::start().await;
    for (offered, agreed) in
        [(&[&b"h2"[..], b"http/1.1"][..], Some(&b"h2"[..])), (&[&b"http/1.1"[..]], Some(b"http/1.1")), (&[], None)]
    {
        let connector = connector(&server, offered).await;
        let stream = shake(&connector, TKE, tcp(&server.emulator).await).await.unwrap();
        assert_eq!(stream.get_ref().1.alpn_protocol(), agreed);
    }
}

#[tokio::test]
async fn a_tunnel_to_a_host_of_the_cloud_ends_here() {
    let server = Server::start().await;
    let connector = connector(&server, &[]).await;
    let (head, stream) = connect(&server, &format!("{TKE}:443")).await;
    assert!(head.starts_with("HTTP/1.1 200"), "{head}");
    let stream = shake(&connector, TKE, stream).await.unwrap();
    let token = server.token(MANAGER).await;
    let path = format!("/v1/tke/{}/hsms", server.instance());
    let answer = exchange(stream, &get(&path, TKE, &token)).await;
    assert!(answer.starts_with("HTTP/1.1 200") && answer.contains("source_hsms"), "{answer}");
}

#[tokio::test]
async fn no_tunnel_leads_elsewhere() {
    let server = Server::start().await;
    for (target, status) in [
        ("example.com:443", "403"),
        ("127.0.0.1:443", "403"),
        ("tke.us-south.hs-crypto.cloud.ibm.com.example.com:443", "403"),
        ("tke.us-south.hs-crypto.cloud.ibm.com:22", "403"),
        ("iam.cloud.ibm.com:443", "200"),
    ] {
        let (head, _) = connect(&server, target).await;
        assert!(head.starts_with(&format!("HTTP/1.1 {status}")), "{target}: {head}");
    }
    // Nor does one inside TLS, or inside a tunnel.
    let connector = connector(&server, &[]).await;
    let nested = format!("CONNECT {TKE}:443 HTTP/1.1\r\nHost: x\r\nconnection: close\r\n\r\n");
    let stream = shake(&connector, "localhost", tcp(&server.emulator).await).await.unwrap();
    assert!(exchange(stream, &nested).await.starts_with("HTTP/1.1 405"));
    let (_, stream) = connect(&server, &format!("{TKE}:443")).await;
    assert!(exchange(stream, &nested).await.starts_with("HTTP/1.1 405"));
}

#[tokio::test]
async fn grpc_goes_through_tls() {
    let server = Server::start().await;
    let connector = connector(&server, &[b"h2"]).await;
    let stream = shake(&connector, "localhost", tcp(&server.emulator).await).await.unwrap();
    let (mut sender, connection) = hyper::client::conn::http2::handshake(
        hyper_util::rt::TokioExecutor::new(),
        hyper_util::rt::TokioIo::new(stream),
    )
    .await
    .unwrap();
    tokio::spawn(connection);
    let message = http_body_util::Full::new(bytes::Bytes::from_static(&[0; 5]));
    let request = hyper::Request::post("https://localhost/hpcs.emulator.v1.Identity/WhoAmI")
        .header("content-type", "application/grpc")
        .header("te", "trailers")
        .header("authorization", server.token(MANAGER).await)
        .body(message)
        .unwrap();
    let response = sender.send_request(request).await.unwrap();
    assert_eq!(response.status(), 200);
    assert_eq!(response.headers().get("grpc-status"), None, "the status of an answer comes behind it");
}

#[tokio::test]
async fn where_tls_is_required_nothing_else_is_served_and_where_it_is_off_it_is_not() {
    let with = |mode| Config { tls: TlsConfig { mode, directory: None }, ..Config::default() };
    let required = Server::with(with(TlsMode::Required)).await;
    let plain = required.stranger().get("/healthz").await;
    assert_eq!((plain.status, &plain.content[..]), (400, &b"this listener takes TLS only; use https://\n"[..]));
    let connector = connector(&required, &[]).await;
    let stream = shake(&connector, "localhost", tcp(&required.emulator).await).await.unwrap();
    assert!(exchange(stream, &get("/healthz", "localhost", "")).await.starts_with("HTTP/1.1 200"));
    let (head, _) = connect(&required, &format!("{TKE}:443")).await;
    assert!(head.starts_with("HTTP/1.1 200"), "{head}");

    let off = Server::with(with(TlsMode::Off)).await;
    assert_eq!(off.stranger().get("/_emulator/ca").await.error().0, 404);
    assert!(shake(&connector, "localhost", tcp(&off.emulator).await).await.is_err());
}

#[tokio::test]
async fn a_directory_keeps_the_authority_over_restarts() {
    let directory = tempfile::tempdir().unwrap();
    let config = || {
        let tls = TlsConfig { mode: TlsMode::Auto, directory: Some(directory.path().to_owned()) };
        Config { tls, ..Config::default() }
    };
    let first = Server::with(config()).await;
    let trusted = connector(&first, &[]).await;
    let kept = first.stranger().get("/_emulator/ca").await.json();
    assert_eq!(std::fs::read_to_string(kept["file"].as_str().unwrap()).unwrap(), kept["certificate"].as_str().unwrap());
    first.emulator.shutdown().await.unwrap();
    let second = Server::with(config()).await;
    assert!(shake(&trusted, TKE, tcp(&second.emulator).await).await.is_ok());
    let stranger = Server::start().await;
    assert!(shake(&trusted, TKE, tcp(&stranger.emulator).await).await.is_err());
}
