//! TLS towards the service and towards signing services: rustls with ring, and the roots of this machine.
//!
//! The roots are those in the file that `SSL_CERT_FILE` names, or in the directories of `SSL_CERT_DIR`, else those of the
//! operating system.

use std::error::Error;
use std::fmt;
use std::io;
use std::sync::Arc;

use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::{self, ClientConfig, RootCertStore};
use tonic::transport::{ClientTlsConfig, Endpoint};

use crate::texts;

/// The same endpoint, with TLS when its scheme is `https`.
///
/// # Errors
/// [`NoRoots`] when this machine has no root certificates.
pub fn with_tls(endpoint: Endpoint) -> Result<Endpoint, NoRoots> {
    match endpoint.uri().scheme_str() {
        Some("https") => endpoint.tls_config(ClientTlsConfig::new().with_native_roots()).map_err(|_| NoRoots),
        _ => Ok(endpoint),
    }
}

/// Whether a connection failed because the certificate of the other side is not trusted, and what to do about it.
#[must_use]
pub fn untrusted_certificate(error: &(dyn Error + 'static)) -> Option<&'static str> {
    std::iter::successors(Some(error), |error: &&(dyn Error + 'static)| (*error).source())
        .any(|cause| is_untrusted(cause) || carries_untrusted(cause))
        .then_some(texts::UNTRUSTED)
}

/// TLS for HTTP/1.1 with the roots of this machine.
pub(crate) fn connector() -> Result<TlsConnector, NoRoots> {
    let mut roots = RootCertStore::empty();
    // Roots that cannot be read are left out; without any, nobody is trusted.
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if roots.is_empty() { Err(NoRoots) } else { connector_with(roots) }
}

/// TLS for HTTP/1.1 with these roots.
pub(crate) fn connector_with(roots: RootCertStore) -> Result<TlsConnector, NoRoots> {
    let builder = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()));
    let mut config = builder
        .with_safe_default_protocol_versions()
        .map_err(|_| NoRoots)?
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(TlsConnector::from(Arc::new(config)))
}

/// This machine has no root certificates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoRoots;

impl fmt::Display for NoRoots {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(texts::NO_ROOTS)
    }
}

impl Error for NoRoots {}

fn is_untrusted(error: &(dyn Error + 'static)) -> bool {
    matches!(error.downcast_ref(), Some(rustls::Error::InvalidCertificate(_)))
}

/// An I/O error names the cause of what it carries, and not what it carries, as its own cause.
fn carries_untrusted(error: &(dyn Error + 'static)) -> bool {
    let carried = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
    carried.is_some_and(|carried| matches!(carried.downcast_ref(), Some(rustls::Error::InvalidCertificate(_))))
}

#[cfg(test)]
mod tests {
    use tokio_rustls::rustls::CertificateError;

    use super::*;

    #[test]
    fn only_a_certificate_that_is_not_trusted_speaks_of_ssl_cert_file() {
        let carried = |error: rustls::Error| {
            let error = tonic::ConnectError(Box::new(io::Error::new(io::ErrorKind::InvalidData, error)));
            untrusted_certificate(&error)
        };
        let hint = carried(rustls::Error::InvalidCertificate(CertificateError::UnknownIssuer)).unwrap();
        assert!(hint.contains("SSL_CERT_FILE"));
        assert_eq!(carried(rustls::Error::HandshakeNotComplete), None);
    }
}
