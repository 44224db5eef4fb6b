//! Administrators in documents.

use hpcs_ep11::{AdminCertificate, P521KeyPair, RsaKeyPair, SigningKey};
use hpcs_hsm::Administrator;
use serde::{Deserialize, Serialize};

use super::{Blob, DocumentFault, Secret, Why};

/// An administrator: either `certificate`, or `name` and `private_key`.
///
/// A certificate of an administrator is signed by its own key, so a public key alone is not enough to make one.
#[derive(Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AdministratorDocument {
    /// The name in the certificate: 1 to 30 printable characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The certificate as it was installed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub certificate: Option<Blob>,
    /// The key to make the certificate with, as the client makes it: a P-521 scalar of 66 bytes, an `ECPrivateKey` of
    /// SEC 1 on P-521, or an `RSAPrivateKey` of PKCS#1. The unit does not keep it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub private_key: Option<Secret>,
}

impl AdministratorDocument {
    /// The document of an installed administrator.
    pub fn of(administrator: &Administrator) -> Self {
        AdministratorDocument {
            name: Some(administrator.name().to_owned()),
            certificate: Some(Blob::new(administrator.certificate().to_vec())),
            private_key: None,
        }
    }

    /// The certificate to install.
    pub(super) fn to_certificate(&self) -> Result<Vec<u8>, DocumentFault> {
        match (&self.certificate, &self.private_key) {
            (Some(_), Some(_)) => {
                Err(DocumentFault::new("private_key", Why::Conflict("give either a certificate or a private key")))
            }
            (None, None) => Err(DocumentFault::new("certificate", Why::Missing)),
            (Some(certificate), None) => {
                certificate.bytes().map(<[u8]>::to_vec).map_err(|why| DocumentFault::new("certificate", why))
            }
            (None, Some(private_key)) => {
                let name = self.name.as_deref().ok_or_else(|| DocumentFault::new("name", Why::Missing))?;
                let key =
                    private_key.expose().and_then(signing_key).map_err(|why| DocumentFault::new("private_key", why))?;
                let built = if is_name(name) { AdminCertificate::build(name, &key).ok() } else { None };
                built.ok_or_else(|| DocumentFault::new("name", Why::Expected("1 to 30 printable ASCII characters")))
            }
        }
    }
}

fn signing_key(bytes: &[u8]) -> Result<SigningKey, Why> {
    if bytes.len() == P521KeyPair::SCALAR_SIZE {
        return P521KeyPair::from_scalar(bytes).map(SigningKey::P521).map_err(Why::Bytes);
    }
    P521KeyPair::from_sec1_der(bytes)
        .map(SigningKey::P521)
        .or_else(|_| RsaKeyPair::from_pkcs1_der(bytes).map(SigningKey::Rsa))
        .map_err(|_| Why::Expected("a P-521 scalar of 66 bytes, an ECPrivateKey on P-521 or an RSAPrivateKey"))
}

/// The rule of the clients.
fn is_name(name: &str) -> bool {
    let printable = name.bytes().all(|byte| byte == b' ' || byte.is_ascii_graphic());
    !name.is_empty() && printable && name.trim() == name
}
