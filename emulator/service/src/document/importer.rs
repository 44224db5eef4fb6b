//! Importer keys in documents.

use std::sync::Arc;

use hpcs_ep11::{ImporterKey, ImporterKeyType};
use serde::{Deserialize, Serialize};

use super::{DocumentFault, Secret, Why};

/// The private key that opens imported key parts.
#[derive(Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ImporterKeyDocument {
    /// `p521`, which is meant when absent, or `rsa2048`.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// P-521: the scalar, 66 bytes, and, as exports have it, the public point, 133 bytes. RSA: `RSAPrivateKey` of PKCS#1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<Secret>,
}

impl ImporterKeyDocument {
    pub(super) fn of(key: &ImporterKey) -> Self {
        let name = TYPES.iter().find(|(kind, _)| *kind == key.kind()).map(|(_, name)| (*name).to_owned());
        ImporterKeyDocument { kind: name, key: Some(Secret::clear(key.to_stored())) }
    }

    pub(super) fn to_key(&self) -> Result<Arc<ImporterKey>, DocumentFault> {
        let name = self.kind.as_deref().unwrap_or(P521);
        let (kind, _) = TYPES
            .iter()
            .find(|(_, known)| *known == name)
            .ok_or_else(|| DocumentFault::new("type", Why::Expected("a type of importer key: p521 or rsa2048")))?;
        let key = self.key.as_ref().ok_or_else(|| DocumentFault::new("key", Why::Missing))?;
        let fault = |why| DocumentFault::new("key", why);
        let bytes = key.expose().map_err(fault)?;
        if *kind == ImporterKeyType::P521 && !matches!(bytes.len(), 66 | 199) {
            return Err(fault(Why::Size { expected: "66 or 199", found: bytes.len() }));
        }
        ImporterKey::from_stored(*kind, bytes).map(Arc::new).map_err(|error| fault(Why::Bytes(error)))
    }
}

const P521: &str = "p521";
const TYPES: [(ImporterKeyType, &str); 2] = [(ImporterKeyType::P521, P521), (ImporterKeyType::Rsa2048, "rsa2048")];
