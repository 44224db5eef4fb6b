//! TLS: a certificate for whatever name a client asks for.

use std::fmt;
use std::io;
use std::net::IpAddr;
use std::sync::Arc;

use rustls::ServerConfig;
use rustls::crypto::ring::{default_provider, sign};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use super::{Authority, AuthorityError};

/// Ends TLS with certificates of an authority.
#[derive(Clone)]
pub(crate) struct Tls(TlsAcceptor);

impl Tls {
    /// TLS 1.2 and 1.3; HTTP/2 and HTTP/1.1 are offered. `address` is where the emulator listens: clients that name no
    /// host look for it in the certificate.
    ///
    /// # Errors
    /// [`AuthorityError::Failed`]: the cryptography lacks what TLS needs.
    pub(crate) fn new(authority: Arc<Authority>, address: IpAddr) -> Result<Self, AuthorityError> {
        let certificates = Arc::new(Certificates { authority, address });
        let builder = ServerConfig::builder_with_provider(Arc::new(default_provider()));
        let builder = builder.with_safe_default_protocol_versions().map_err(|_| AuthorityError::Failed)?;
        let mut config = builder.with_no_client_auth().with_cert_resolver(certificates);
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Ok(Tls(TlsAcceptor::from(Arc::new(config))))
    }

    /// Shakes hands.
    ///
    /// # Errors
    /// What the client did or does not like.
    pub(crate) async fn accept<S: AsyncRead + AsyncWrite + Unpin>(&self, stream: S) -> io::Result<TlsStream<S>> {
        self.0.accept(stream).await
    }
}

/// Makes a certificate for each handshake: that is cheaper than to remember them, and no client can fill a memory.
struct Certificates {
    authority: Arc<Authority>,
    address: IpAddr,
}

impl ResolvesServerCert for Certificates {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        let address = Some(self.address).filter(|address| !address.is_unspecified());
        let issued = self.authority.issue(hello.server_name(), address).ok()?;
        let key = sign::any_supported_type(&issued.key).ok()?;
        Some(Arc::new(CertifiedKey::new(vec![issued.certificate], key)))
    }
}

impl fmt::Debug for Certificates {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Certificates").finish_non_exhaustive()
    }
}
