//! One administrator's signature in a request file.

use hpcs_ep11::{PublicKey, SignerInfo, SubjectKeyId};

use super::RequestError;
use crate::{PreparedCommand, Signer, files};

/// A valid signature and whose it is. The name is what the signer's key file says; only the identifier counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestSignature {
    /// The subject key identifier of the signer's key.
    pub ski: SubjectKeyId,
    /// The administrator name.
    pub name: String,
    public_key: PublicKey,
    signer_info: Vec<u8>,
}

impl RequestSignature {
    /// The public key that verifies it.
    #[must_use]
    pub fn public_key(&self) -> &PublicKey {
        &self.public_key
    }

    /// The complete SignerInfo.
    #[must_use]
    pub fn signer_info(&self) -> &[u8] {
        &self.signer_info
    }

    /// Signs.
    pub(super) async fn make(name: &str, signer: &Signer, command: &PreparedCommand) -> Result<Self, RequestError> {
        check_name(name)?;
        let signer_info = signer.signer_info(&command.block).await?;
        let (ski, public_key) = (signer.subject_key_id(), signer.public());
        Ok(Self { ski, name: name.to_owned(), public_key, signer_info })
    }

    /// A signature by the key `public_key`, whose identifier must be `ski`; `None` if it is not one over the command.
    pub(super) fn verified(
        ski: SubjectKeyId,
        name: &str,
        public_key: PublicKey,
        signer_info: Vec<u8>,
        command: &PreparedCommand,
    ) -> Option<Self> {
        let infos = SignerInfo::sequence(&signer_info).ok()?;
        let [info] = infos.as_slice() else { return None };
        let same_key = public_key.subject_key_id() == ski && info.ski == ski;
        let valid = same_key && public_key.verify(info.scheme, &command.block, info.signature);
        valid.then(|| Self { ski, name: name.to_owned(), public_key, signer_info })
    }
}

/// Names are not signed, and are shown. Key files of other programs may have none.
pub(super) fn check_name(name: &str) -> Result<(), RequestError> {
    if name.is_empty() { Ok(()) } else { files::check_name(name).map_err(|_| RequestError::BadName) }
}
