//! `tke` over https: the program itself, because the roots come from the variable `SSL_CERT_FILE` of a process.
#![allow(clippy::unwrap_used)]

use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;

/// A server that ends each connection after the handshake. Gives its port, its certificate in PEM, and what the first
/// handshake came to: the protocol that was agreed on, if it succeeded.
async fn server() -> (u16, String, JoinHandle<Option<Vec<u8>>>) {
    let certified = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let key = PrivateKeyDer::try_from(certified.signing_key.serialize_der()).unwrap();
    let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certified.cert.der().clone()], key)
        .unwrap();
    config.alpn_protocols = vec![b"h2".to_vec()];
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let handshake = tokio::spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        let stream = acceptor.accept(stream).await.ok()?;
        stream.get_ref().1.alpn_protocol().map(<[u8]>::to_vec)
    });
    (port, certified.cert.pem(), handshake)
}

/// What `tke cryptounits` says on standard error, with these roots.
fn run(directory: &Path, port: u16, roots: &str) -> String {
    let file = directory.join("roots.pem");
    std::fs::write(&file, roots).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_tke"))
        .args(["cryptounits", "--server", &format!("https://localhost:{port}")])
        .env_clear()
        .env("CLOUDTKEFILES", directory)
        .env("SSL_CERT_FILE", file)
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    String::from_utf8(output.stderr).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_under_the_given_roots_is_trusted() {
    let directory = tempfile::tempdir().unwrap();
    let (port, certificate, handshake) = server().await;
    let said = run(directory.path(), port, &certificate);
    assert_eq!(handshake.await.unwrap().as_deref(), Some(&b"h2"[..]), "{said}");
    assert!(!said.contains("SSL_CERT_FILE") && !said.contains("without encryption"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_of_somebody_else_is_refused_and_the_remedy_named() {
    let directory = tempfile::tempdir().unwrap();
    let (port, _, handshake) = server().await;
    let other = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let said = run(directory.path(), port, &other.cert.pem());
    assert_eq!(handshake.await.unwrap(), None);
    assert!(said.contains("The certificate is not trusted.  Set the SSL_CERT_FILE environment variable"), "{said}");
    assert!(said.contains(&format!("The service cannot be reached: https://localhost:{port}")), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_roots_https_is_refused_before_anything_is_sent() {
    let directory = tempfile::tempdir().unwrap();
    let (port, _, handshake) = server().await;
    let said = run(directory.path(), port, "no certificate");
    assert!(said.contains("This workstation has no root certificates"), "{said}");
    handshake.abort();
}
