//! The file as it is written: JSON, version 1.
//!
//! Everything but the bytes, the place and the signatures is there for people to read, and is checked against the bytes.
//! The wording of explanations is part of the version.

use hpcs_ep11::PublicKey;
use serde::{Deserialize, Serialize};

use super::{RequestError, RequestFile, RequestSignature};
use crate::{PreparedCommand, printable};

/// The members in the order in which they are written.
#[derive(Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct StoredRequest {
    version: u32,
    instance: String,
    unit: String,
    location: String,
    function: String,
    explanation: Vec<String>,
    /// Serial number and instance of the module, 32 hexadecimal digits.
    module: String,
    /// Index and instance of the domain, 16 hexadecimal digits.
    domain: String,
    /// 32 hexadecimal digits.
    counter: String,
    /// The bytes to be signed.
    block: String,
    /// SHA-256 over them.
    digest: String,
    signatures: Vec<StoredSignature>,
}

#[derive(Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
struct StoredSignature {
    ski: String,
    name: String,
    /// SubjectPublicKeyInfo: a SignerInfo names its key but does not bring it.
    public_key: String,
    signer_info: String,
}

impl StoredRequest {
    /// Reads the members; none of them is believed yet.
    pub(super) fn parse(text: &str) -> Result<Self, RequestError> {
        let stored: Self = serde_json::from_str(text)
            .map_err(|error| RequestError::Unreadable { fault: printable(&error.to_string()) })?;
        if stored.version == VERSION { Ok(stored) } else { Err(unreadable("version")) }
    }

    /// The request that the bytes make, if all members say the same.
    pub(super) fn verify(&self) -> Result<RequestFile, RequestError> {
        let command = PreparedCommand::from_block(&bytes(&self.block, "block")?).map_err(RequestError::Unexplained)?;
        let mut request = RequestFile::new(
            self.instance.parse().map_err(|_| unreadable("instance"))?,
            self.unit.parse().map_err(|_| unreadable("unit"))?,
            self.location.parse().map_err(|_| unreadable("location"))?,
            command,
        )?;
        self.compare(&Self::from(&request))?;
        for signature in &self.signatures {
            let verified = signature.verify(request.command())?;
            request.push(verified)?;
        }
        Ok(request)
    }

    /// The content of the file.
    #[expect(clippy::expect_used, reason = "only maps with keys that are not strings fail, and there is none")]
    pub(super) fn to_json(&self) -> String {
        let mut text = serde_json::to_string_pretty(self).expect("a request is made of strings, numbers and lists");
        text.push('\n');
        text
    }

    fn compare(&self, derived: &Self) -> Result<(), RequestError> {
        let members = [
            ("function", self.function == derived.function),
            ("explanation", self.explanation == derived.explanation),
            ("module", self.module == derived.module),
            ("domain", self.domain == derived.domain),
            ("counter", self.counter == derived.counter),
            ("block", self.block == derived.block),
            ("digest", self.digest == derived.digest),
        ];
        match members.into_iter().find(|(_, same)| !same) {
            Some((member, _)) => Err(RequestError::Mismatch { member }),
            None => Ok(()),
        }
    }
}

impl From<&RequestFile> for StoredRequest {
    fn from(request: &RequestFile) -> Self {
        let command = request.command();
        Self {
            version: VERSION,
            instance: request.instance().to_string(),
            unit: request.unit().to_string(),
            location: request.location().to_string(),
            function: request.explanation().title.clone(),
            explanation: request.explanation().lines.clone(),
            module: hex::encode(command.module.to_bytes()),
            domain: hex::encode(command.domain.to_bytes()),
            counter: hex::encode(command.counter.to_bytes()),
            block: hex::encode(&command.block),
            digest: request.digest(),
            signatures: request.signatures().iter().map(StoredSignature::from).collect(),
        }
    }
}

impl StoredSignature {
    fn verify(&self, command: &PreparedCommand) -> Result<RequestSignature, RequestError> {
        super::signature::check_name(&self.name)?;
        let bad = || RequestError::BadSignature { name: self.name.clone() };
        let ski = self.ski.parse().map_err(|_| unreadable("ski"))?;
        let key = PublicKey::from_spki(&bytes(&self.public_key, "public_key")?).map_err(|_| bad())?;
        let signer_info = bytes(&self.signer_info, "signer_info")?;
        RequestSignature::verified(ski, &self.name, key, signer_info, command).ok_or_else(bad)
    }
}

impl From<&RequestSignature> for StoredSignature {
    fn from(signature: &RequestSignature) -> Self {
        Self {
            ski: signature.ski.to_string(),
            name: signature.name.clone(),
            public_key: hex::encode(signature.public_key().to_spki()),
            signer_info: hex::encode(signature.signer_info()),
        }
    }
}

fn bytes(text: &str, member: &'static str) -> Result<Vec<u8>, RequestError> {
    hex::decode(text).map_err(|_| unreadable(member))
}

fn unreadable(member: &'static str) -> RequestError {
    RequestError::Unreadable { fault: member.to_owned() }
}

const VERSION: u32 = 1;
