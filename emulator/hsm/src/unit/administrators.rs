//! The administrators of a crypto unit.

use std::sync::Arc;

use hpcs_ep11::{AdminCertificate, DecodeError, Fault, PublicKey, SubjectKeyId};

use crate::UnitRefusal;

/// An installed administrator.
pub struct Administrator {
    id: SubjectKeyId,
    name: String,
    key: PublicKey,
    certificate: Vec<u8>,
}

impl Administrator {
    /// Reads a certificate; the identifier is computed from its key, whatever its extension says.
    ///
    /// # Errors
    /// [`UnitRefusal::CERTIFICATE`] when it cannot be read or its RSA key is shorter than 2048 bits,
    /// [`UnitRefusal::CERTIFICATE_KEY`] when its key is neither P-521 nor RSA.
    pub fn from_certificate(certificate: &[u8]) -> Result<Self, UnitRefusal> {
        Administrator::read(certificate.to_vec()).map_err(|error| match (error.field, error.fault) {
            ("algorithm", Fault::Unsupported(_)) => UnitRefusal::CERTIFICATE_KEY,
            _ => UnitRefusal::CERTIFICATE,
        })
    }

    /// The same, with what exactly is wrong. What the certificate's own signature covers does not matter to a unit, so
    /// nobody verifies it.
    pub(crate) fn read(certificate: Vec<u8>) -> Result<Self, DecodeError> {
        let (name, key) = AdminCertificate::name_and_key(&certificate)?;
        Ok(Administrator { id: key.subject_key_id(), name, key, certificate })
    }

    /// The subject key identifier: SHA-256 of the public key.
    pub fn id(&self) -> SubjectKeyId {
        self.id
    }

    /// The name in the certificate, without the padding.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The key that verifies this administrator's signatures.
    pub fn key(&self) -> &PublicKey {
        &self.key
    }

    /// The certificate exactly as it was installed.
    pub fn certificate(&self) -> &[u8] {
        &self.certificate
    }
}

/// Up to eight administrators in the order of installation. Identifiers are unique; names need not be.
#[derive(Clone, Default)]
pub struct Administrators(Vec<Arc<Administrator>>);

impl Administrators {
    /// How many fit.
    pub const CAPACITY: usize = 8;

    /// A list of at most [`Administrators::CAPACITY`] that the caller found to be distinct.
    pub(crate) fn from_distinct(list: Vec<Administrator>) -> Self {
        Administrators(list.into_iter().map(Arc::new).collect())
    }

    /// Number of installed administrators, 0 to 8.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether none is installed.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The administrators in the order of installation.
    pub fn iter(&self) -> impl Iterator<Item = &Administrator> {
        self.0.iter().map(Arc::as_ref)
    }

    /// The administrator with this identifier.
    pub fn find(&self, id: SubjectKeyId) -> Option<&Administrator> {
        self.iter().find(|administrator| administrator.id == id)
    }

    /// All identifiers, 32 bytes each, in the order of installation.
    pub fn packed_ids(&self) -> Vec<u8> {
        self.iter().flat_map(|administrator| administrator.id.0).collect()
    }

    /// The list with one more at the end.
    ///
    /// # Errors
    /// [`UnitRefusal::ADMINISTRATOR_INSTALLED`], then [`UnitRefusal::ADMINISTRATORS_FULL`].
    pub fn with(&self, administrator: Administrator) -> Result<Self, UnitRefusal> {
        if self.find(administrator.id).is_some() {
            return Err(UnitRefusal::ADMINISTRATOR_INSTALLED);
        }
        if self.len() == Self::CAPACITY {
            return Err(UnitRefusal::ADMINISTRATORS_FULL);
        }
        let mut list = self.0.clone();
        list.push(Arc::new(administrator));
        Ok(Administrators(list))
    }

    /// The list without the administrator of this identifier.
    #[must_use]
    pub fn without(&self, id: SubjectKeyId) -> Self {
        Administrators(self.0.iter().filter(|administrator| administrator.id != id).cloned().collect())
    }
}
