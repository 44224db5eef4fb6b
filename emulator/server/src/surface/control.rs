//! Requests of the control interface, as far as both protocols read them alike.

use hpcs_engine::ExportSecrets;
use hpcs_service::document::{InstanceDocument, without_values};
use hpcs_service::operations::{NewInstance, NewSpec};
use hpcs_service::{InstanceSpec, Refusal};
use zeroize::Zeroizing;

use crate::config::default_instance;

/// The document of an instance out of its JSON; nothing at all is the document that says nothing.
///
/// # Errors
/// [`Refusal::InvalidDocument`]; the text holds no value of the document.
pub(crate) fn document(json: &[u8]) -> Result<InstanceDocument, Refusal> {
    if json.is_empty() {
        return Ok(InstanceDocument::default());
    }
    let wrong = |why| Refusal::InvalidDocument { path: String::new(), why };
    if !is_object(json) {
        return Err(wrong("not a JSON object".to_owned()));
    }
    serde_json::from_slice(json).map_err(|error| wrong(without_values(&error.to_string())))
}

/// Whether a JSON text is an object, if it is one at all: what reads members by name would take a list of them too.
pub(crate) fn is_object(json: &[u8]) -> bool {
    json.trim_ascii_start().first() == Some(&b'{')
}

/// The instance that a document describes, to be made. What it leaves out is as in the default instance.
///
/// # Errors
/// [`Refusal::InvalidDocument`] names what cannot be.
pub(crate) fn new_instance(document: InstanceDocument) -> Result<NewInstance, Refusal> {
    let InstanceSpec { id, region, plan, profile, operational, recovery, failover, .. } =
        document.spec(default_instance(0))?;
    let spec = NewSpec { region, plan, profile, operational, recovery, failover };
    Ok(NewInstance { id, spec, document: Some(Box::new(document)) })
}

/// How the secrets of an export are written: under a passphrase, or in the clear for whoever says so.
///
/// # Errors
/// [`Refusal::InvalidArgument`]: neither or both.
pub(crate) fn export_secrets(passphrase: Zeroizing<String>, in_the_clear: bool) -> Result<ExportSecrets, Refusal> {
    let invalid = |why: &str| Err(Refusal::InvalidArgument { field: "passphrase", why: why.to_owned() });
    match (passphrase.is_empty(), in_the_clear) {
        (false, false) => Ok(ExportSecrets::Passphrase(passphrase)),
        (true, true) => Ok(ExportSecrets::InTheClear),
        (true, false) => invalid("it is empty; give one, or say that secrets are to be in the clear"),
        (false, true) => invalid("not together with secrets in the clear"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_document_leaves_out_is_as_in_the_default_instance() {
        let NewInstance { id, spec, .. } = new_instance(document(b"").unwrap()).ok().unwrap();
        assert!(id.is_none());
        assert_eq!((spec.region.as_str(), spec.operational, spec.recovery, spec.failover), ("us-south", 2, true, 0));
        let json = br#"{"region":"eu-de","operational":3,"recovery":false}"#;
        let NewInstance { spec, .. } = new_instance(document(json).unwrap()).ok().unwrap();
        assert_eq!((spec.region.as_str(), spec.operational, spec.recovery), ("eu-de", 3, false));
    }

    #[test]
    fn a_document_that_cannot_be_is_refused_without_its_values() {
        let refused = |json: &[u8]| document(json).and_then(new_instance).err().unwrap().to_string();
        assert!(refused(br#"{"colour":"x"}"#).starts_with("document: unknown field `colour`"));
        for list in [&b"[]"[..], b" [null]", b"7", b"null", b" "] {
            assert_eq!(refused(list), "document: not a JSON object");
        }
        assert!(refused(br#"{"plan":"gold"}"#).starts_with("document: plan: "));
        let secret = refused(br#"{"operational":"5ec2e7"}"#);
        assert!(!secret.contains("5ec2e7"), "{secret}");
    }

    #[test]
    fn secrets_are_sealed_or_in_the_clear_but_never_by_default() {
        let secrets = |passphrase: &str, clear| export_secrets(Zeroizing::new(passphrase.to_owned()), clear);
        assert!(matches!(secrets("open sesame", false), Ok(ExportSecrets::Passphrase(_))));
        assert!(matches!(secrets("", true), Ok(ExportSecrets::InTheClear)));
        assert!(secrets("", false).is_err() && secrets("open sesame", true).is_err());
    }
}
