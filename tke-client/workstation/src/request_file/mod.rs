//! Requests that administrators on several workstations sign.
//!
//! ```text
//! create on one workstation -> copies -> each administrator reads the words and signs -> merge -> send
//! ```
//!
//! The file holds the bytes to be signed and says in words what they do. Nobody trusts the words: they are derived again
//! from the bytes each time the file is read, and a file whose words or numbers say something else is refused. Instance,
//! unit and location only say where the request goes: a unit refuses bytes that are made for another one. The real
//! service has no such file; it collects signatures on one workstation.

mod disk;
mod error;
mod signature;
mod stored;

use std::collections::BTreeSet;

use hpcs_names::{CryptoUnitId, InstanceId, Location};
use sha2::{Digest, Sha256};

use crate::{Explanation, PreparedCommand, Signer, UnitClient, explain};
use stored::StoredRequest;

pub use error::RequestError;
pub use signature::RequestSignature;

/// A command for one unit with the signatures collected so far. All of them are valid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestFile {
    instance: InstanceId,
    unit: CryptoUnitId,
    location: Location,
    command: PreparedCommand,
    explanation: Explanation,
    signatures: Vec<RequestSignature>,
}

impl RequestFile {
    /// A request for `unit` that nobody has signed yet.
    ///
    /// # Errors
    /// [`RequestError::Unexplained`] when the command cannot be put into words, [`RequestError::Mismatch`] when it is
    /// made for another domain or module.
    pub fn create(unit: &UnitClient, command: PreparedCommand) -> Result<Self, RequestError> {
        let info = unit.info();
        if command.module.serial != info.serial {
            return Err(RequestError::Mismatch { member: "module" });
        }
        Self::new(unit.instance(), info.id, info.location.clone(), command)
    }

    /// Reads a file and verifies all of it.
    ///
    /// # Errors
    /// [`RequestError::Unreadable`] for another form, [`RequestError::Unexplained`] when the bytes cannot be put into
    /// words, [`RequestError::Mismatch`] with the first member that says something else than the bytes,
    /// [`RequestError::BadSignature`], [`RequestError::BadName`], [`RequestError::SignedAlready`] for the same administrator twice.
    pub fn from_json(text: &str) -> Result<Self, RequestError> {
        StoredRequest::parse(text)?.verify()
    }

    /// The content of the file: JSON, one member a line.
    #[must_use]
    pub fn to_json(&self) -> String {
        StoredRequest::from(self).to_json()
    }

    /// The instance of the unit.
    #[must_use]
    pub fn instance(&self) -> InstanceId {
        self.instance
    }

    /// The unit.
    #[must_use]
    pub fn unit(&self) -> CryptoUnitId {
        self.unit
    }

    /// Where the unit is.
    #[must_use]
    pub fn location(&self) -> &Location {
        &self.location
    }

    /// The command and the bytes to be signed.
    #[must_use]
    pub fn command(&self) -> &PreparedCommand {
        &self.command
    }

    /// What the command does, derived from the bytes.
    #[must_use]
    pub fn explanation(&self) -> &Explanation {
        &self.explanation
    }

    /// SHA-256 over the bytes, in hexadecimal: what administrators compare over the telephone.
    #[must_use]
    pub fn digest(&self) -> String {
        hex::encode(Sha256::digest(&self.command.block))
    }

    /// The signatures so far, in the order in which they were made or merged.
    #[must_use]
    pub fn signatures(&self) -> &[RequestSignature] {
        &self.signatures
    }

    /// The complete SignerInfos for [`UnitClient::send`].
    #[must_use]
    pub fn signer_infos(&self) -> Vec<Vec<u8>> {
        self.signatures.iter().map(|signature| signature.signer_info().to_vec()).collect()
    }

    /// Adds the signature of the administrator called `name`.
    ///
    /// # Errors
    /// [`RequestError::BadName`], [`RequestError::SignedAlready`], [`RequestError::Full`],
    /// [`RequestError::SigningService`].
    pub async fn sign(&mut self, name: &str, signer: &Signer) -> Result<(), RequestError> {
        self.push(RequestSignature::make(name, signer, &self.command).await?)
    }

    /// Takes over the signatures that `other`, a copy of the same request, has and this one does not. Says how many.
    ///
    /// # Errors
    /// [`RequestError::Different`] when `other` is another request, [`RequestError::Full`]: then nothing changes.
    pub fn merge(&mut self, other: &Self) -> Result<usize, RequestError> {
        let same = (self.instance, self.unit, &self.location, &self.command)
            == (other.instance, other.unit, &other.location, &other.command);
        if !same {
            return Err(RequestError::Different);
        }
        let present: BTreeSet<_> = self.signatures.iter().map(|signature| signature.ski).collect();
        let added: Vec<_> = other.signatures.iter().filter(|new| !present.contains(&new.ski)).cloned().collect();
        if self.signatures.len() + added.len() > MAX_SIGNATURES {
            return Err(RequestError::Full);
        }
        let count = added.len();
        self.signatures.extend(added);
        Ok(count)
    }

    /// A request without signatures whose bytes fit its place.
    fn new(
        instance: InstanceId,
        unit: CryptoUnitId,
        location: Location,
        command: PreparedCommand,
    ) -> Result<Self, RequestError> {
        if command.domain.index.0 != location.domain() {
            return Err(RequestError::Mismatch { member: "location" });
        }
        let explanation = explain(&command.block).map_err(RequestError::Unexplained)?;
        Ok(Self { instance, unit, location, command, explanation, signatures: Vec::new() })
    }

    /// Adds a signature that is known to be valid.
    fn push(&mut self, signature: RequestSignature) -> Result<(), RequestError> {
        if self.signatures.iter().any(|present| present.ski == signature.ski) {
            return Err(RequestError::SignedAlready);
        }
        if self.signatures.len() >= MAX_SIGNATURES {
            return Err(RequestError::Full);
        }
        self.signatures.push(signature);
        Ok(())
    }
}

/// As many as a unit accepts: it has at most eight administrators.
const MAX_SIGNATURES: usize = 8;

#[cfg(test)]
mod tests {
    use hpcs_ep11::{AdminFunction, AttributeList};
    use serde_json::{Value, json};

    use super::*;
    use crate::testing::{report, signer, wait};

    pub(super) fn request() -> RequestFile {
        let thresholds = AttributeList(vec![(1, 2), (2, 2), (3, 0x01FF_2055), (4, 1)]).encode();
        request_for(PreparedCommand::new(&report(), AdminFunction::SET_ATTRIBUTES, &thresholds)).unwrap()
    }

    fn request_for(command: PreparedCommand) -> Result<RequestFile, RequestError> {
        RequestFile::new(
            "7f3c2b1a-5d4e-4f6a-9b8c-0d1e2f3a4b5c".parse().unwrap(),
            "3d9a6c14-2f7b-4e83-8a51-c60e9b72d4f8".parse().unwrap(),
            "[us-south].[AZ1-CS7].[01].[13]".parse().unwrap(),
            command,
        )
    }

    pub(super) fn signed(scalars: &[u8]) -> RequestFile {
        let mut request = request();
        for scalar in scalars {
            wait(request.sign(&format!("admin{scalar}"), &signer(*scalar))).unwrap();
        }
        request
    }

    /// What reading the file says after `change`.
    fn changed(change: impl FnOnce(&mut Value)) -> RequestError {
        let mut file: Value = serde_json::from_str(&signed(&[1, 2]).to_json()).unwrap();
        change(&mut file);
        RequestFile::from_json(&file.to_string()).unwrap_err()
    }

    #[test]
    fn a_request_signed_on_two_copies_is_merged_and_read_again() {
        let first = RequestFile::from_json(&request().to_json()).unwrap();
        let second = first.clone();
        let (mut first, mut second) = (first, second);
        wait(first.sign("admin1", &signer(1))).unwrap();
        wait(second.sign("admin2", &signer(2))).unwrap();
        assert_eq!(first.merge(&second).unwrap(), 1);
        assert_eq!(first.merge(&second).unwrap(), 0);
        let read = RequestFile::from_json(&first.to_json()).unwrap();
        assert_eq!(read, first);
        assert_eq!(
            read.signatures().iter().map(|signature| signature.name.as_str()).collect::<Vec<_>>(),
            ["admin1", "admin2"]
        );
        let expected = wait(read.command().sign_all(&[&signer(1), &signer(2)])).unwrap();
        assert_eq!(read.signer_infos(), expected);
    }

    #[test]
    fn the_words_come_from_the_bytes() {
        let explanation = request().explanation().to_string();
        assert!(explanation.starts_with("Set signature thresholds and permissions\nSignature threshold: 2\n"));
        assert!(explanation.ends_with("\nTransaction counter: 256"));
    }

    #[test]
    fn the_same_administrator_signs_once() {
        let mut request = signed(&[1]);
        assert!(matches!(wait(request.sign("other name", &signer(1))), Err(RequestError::SignedAlready)));
        assert_eq!(request.signatures().len(), 1);
    }

    #[test]
    fn a_ninth_signature_is_refused() {
        let mut request = signed(&[1, 2, 3, 4, 5, 6, 7, 8]);
        assert!(matches!(wait(request.sign("admin9", &signer(9))), Err(RequestError::Full)));
        assert!(matches!(request.merge(&signed(&[9])), Err(RequestError::Full)));
        assert_eq!(request.signatures().len(), 8);
    }

    #[test]
    fn a_member_that_says_something_else_than_the_bytes_is_named() {
        let cases: [(&str, Value); 8] = [
            ("function", json!("Zeroize the crypto unit")),
            ("explanation", json!(["Signature threshold: 1"])),
            ("module", json!("00".repeat(16))),
            ("domain", json!("0000000d00000002")),
            ("counter", json!("00000000000000000000000000000101")),
            ("digest", json!("00".repeat(32))),
            ("location", json!("[us-south].[AZ1-CS7].[01].[14]")),
            ("block", json!("00")),
        ];
        for (name, value) in cases {
            match changed(|file| file[name] = value) {
                RequestError::Mismatch { member } => assert_eq!(member, name),
                RequestError::Unexplained(_) => assert_eq!(name, "block"),
                other => panic!("{name}: {other}"),
            }
        }
    }

    #[test]
    fn other_bytes_need_other_words_and_other_signatures() {
        let other = PreparedCommand::new(&report(), AdminFunction::ZEROIZE, &[]);
        let fresh: Value = serde_json::from_str(&request_for(other).unwrap().to_json()).unwrap();
        let error = changed(|file| file["block"] = fresh["block"].clone());
        assert!(matches!(error, RequestError::Mismatch { .. }));
        let error = changed(|file| {
            for member in ["function", "explanation", "block", "digest"] {
                file[member] = fresh[member].clone();
            }
        });
        assert!(matches!(error, RequestError::BadSignature { name } if name == "admin1"));
    }

    #[test]
    fn signatures_that_do_not_belong_to_their_key_are_refused() {
        let swapped = changed(|file| {
            let other = file["signatures"][1]["signer_info"].clone();
            file["signatures"][0]["signer_info"] = other;
        });
        assert!(matches!(swapped, RequestError::BadSignature { name } if name == "admin1"));
        let foreign_key = changed(|file| {
            let other = file["signatures"][0]["public_key"].clone();
            file["signatures"][1]["public_key"] = other;
        });
        assert!(matches!(foreign_key, RequestError::BadSignature { name } if name == "admin2"));
        let foreign_id = changed(|file| file["signatures"][0]["ski"] = json!("00".repeat(32)));
        assert!(matches!(foreign_id, RequestError::BadSignature { .. }));
        let twice = changed(|file| file["signatures"][1] = file["signatures"][0].clone());
        assert!(matches!(twice, RequestError::SignedAlready));
    }

    #[test]
    fn names_that_could_forge_output_are_refused() {
        for name in ["admin1\nSigned by: everybody", "\u{1b}[2K", "a\u{202e}b", &"x".repeat(31)] {
            let error = changed(|file| file["signatures"][0]["name"] = json!(name));
            assert_eq!(error, RequestError::BadName, "{name:?}");
            assert_eq!(wait(request().sign(name, &signer(1))), Err(RequestError::BadName), "{name:?}");
        }
        assert_eq!(wait(request().sign("", &signer(1))), Ok(()));
    }

    #[test]
    fn the_reason_why_a_file_is_unreadable_cannot_steer_the_terminal() {
        let text = changed(|file| file["\u{1b}[2K\nx"] = json!("hello")).to_string();
        assert!(text.contains("\\u{1b}[2K\\u{a}x"), "{text}");
        assert_eq!(text.lines().count(), 2);
    }

    #[test]
    fn the_recorded_file_is_what_is_written_today() {
        let recorded = include_str!("../../tests/fixtures/request.json");
        let read = RequestFile::from_json(recorded).unwrap();
        assert_eq!(read.to_json(), recorded);
        assert_eq!((read.command(), read.signatures().len()), (request().command(), 2));
    }

    #[test]
    fn unknown_members_and_versions_are_refused() {
        assert!(matches!(changed(|file| file["note"] = json!("hello")), RequestError::Unreadable { .. }));
        assert!(matches!(changed(|file| file["version"] = json!(2)), RequestError::Unreadable { .. }));
        assert!(matches!(changed(|file| file["unit"] = json!("x")), RequestError::Unreadable { .. }));
    }

    #[test]
    fn copies_of_different_requests_do_not_merge() {
        let mut request = signed(&[1]);
        let later = PreparedCommand::new(&report(), AdminFunction::ZEROIZE, &[]);
        assert!(matches!(request.merge(&request_for(later).unwrap()), Err(RequestError::Different)));
    }

    #[test]
    fn a_command_that_cannot_be_explained_has_no_request() {
        let command = PreparedCommand::new(&report(), AdminFunction(0x1E), &[]);
        assert!(matches!(request_for(command), Err(RequestError::Unexplained(_))));
    }
}
