//! The form of single values: identifiers, and every member of `requestData` and `responseData` (4.13).

use hpcs_names::Region;

use super::json::Json;
use super::members::Kind;
use super::{crn, time};

/// The form of one documented member of `requestData` or `responseData`.
pub(super) struct Form {
    name: &'static str,
    pub(super) kind: Kind,
    pub(super) words: &'static str,
    fits: fn(&Json) -> bool,
}

impl Form {
    /// The form of the member of that name; the same wherever it occurs.
    pub(super) fn of(name: &str) -> Option<&'static Form> {
        FORMS.iter().find(|form| form.name == name)
    }

    /// `value` has the right type and the wrong form.
    pub(super) fn refuses(&self, value: &Json) -> bool {
        self.kind.fault(value).is_none() && !(self.fits)(value)
    }
}

/// A UUID in lower case, of any version.
pub(super) fn is_uuid(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => is_lower_hex(byte),
        })
}

/// A UUID of version 4 in lower case.
pub(super) fn is_uuid_v4(text: &str) -> bool {
    let at = |at: usize| text.as_bytes().get(at).copied();
    is_uuid(text) && at(14) == Some(b'4') && matches!(at(19), Some(b'8' | b'9' | b'a' | b'b'))
}

/// 64 lower-case hexadecimal digits: an administrator's key identifier, a verification pattern, a fingerprint.
pub(super) fn is_digest(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(is_lower_hex)
}

/// `[region].[zone].[module].[domain]`, indices decimal and at least two digits wide (4.9).
pub(super) fn is_location(text: &str) -> bool {
    let inner = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or_default();
    let parts: Vec<&str> = inner.split("].[").collect();
    let [region, zone, module, domain] = parts[..] else { return false };
    let index = |part: &str| part.len() >= 2 && part.bytes().all(|byte| byte.is_ascii_digit());
    region.parse::<Region>().is_ok()
        && !zone.is_empty()
        && !zone.contains(['[', ']', '.'])
        && index(module)
        && index(domain)
}

/// Path and query as received: no scheme, no host, nothing that a request line cannot hold.
pub(super) fn is_request_uri(text: &str) -> bool {
    text.starts_with('/') && !text.starts_with("//") && text.bytes().all(|byte| byte.is_ascii_graphic())
}

fn is_lower_hex(byte: u8) -> bool {
    byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte)
}

const fn text(name: &'static str, words: &'static str, fits: fn(&Json) -> bool) -> Form {
    Form { name, kind: Kind::Text, words, fits }
}

const fn flag(name: &'static str) -> Form {
    Form { name, kind: Kind::Flag, words: "true or false", fits: |_| true }
}

const fn integer(name: &'static str, words: &'static str, fits: fn(&Json) -> bool) -> Form {
    Form { name, kind: Kind::Integer, words, fits }
}

const fn digests(name: &'static str) -> Form {
    let words = "an array of strings of 64 lower-case hexadecimal digits";
    Form { name, kind: Kind::Texts, words, fits: |value| value.as_list().unwrap_or_default().iter().all(digest) }
}

const fn uuid(name: &'static str) -> Form {
    text(name, "a UUID in lower case", |value| value.as_text().is_some_and(is_uuid))
}

const fn date(name: &'static str) -> Form {
    text(name, "a moment such as 2026-03-02T12:00:00Z", |value| value.as_text().is_some_and(time::is_date_time))
}

fn digest(value: &Json) -> bool {
    value.as_text().is_some_and(is_digest)
}

fn whole(value: &Json) -> Option<u64> {
    match value {
        Json::Number(number) => number.as_u64(),
        _ => None,
    }
}

fn threshold(value: &Json) -> bool {
    whole(value).is_some_and(|count| count <= 8)
}

fn count(value: &Json) -> bool {
    whole(value).is_some()
}

fn one_of(value: &Json, words: &[&str]) -> bool {
    value.as_text().is_some_and(|text| words.contains(&text))
}

fn long(value: &Json, least: usize, most: usize) -> bool {
    value.as_text().is_some_and(|text| (least..=most).contains(&text.chars().count()))
}

const THRESHOLD: &str = "an integer from 0 to 8";
const COUNT: &str = "an integer, 0 or more";
const DIGEST: &str = "64 lower-case hexadecimal digits";
const TEXT: &str = "a string";

#[rustfmt::skip]
const FORMS: &[Form] = &[
    text("requestURI", "a path with query, no scheme and host", |value| value.as_text().is_some_and(is_request_uri)),
    uuid("instanceID"), uuid("instanceId"),
    text("keyRingId", "2 to 100 characters", |value| long(value, 2, 100)),
    text("keyType", "\"rootKey\" or \"standardKey\"", |value| one_of(value, &["rootKey", "standardKey"])),
    uuid("keyId"), uuid("keyVersionId"), uuid("rewrappedKeyVersionId"), uuid("objectId"), uuid("adapterId"), uuid("eventId"),
    uuid("newKeyVersionId"), uuid("oldKeyVersionId"),
    date("keyVersionCreationDate"), date("expirationDate"), date("authExpiration"), date("deletionDate"),
    date("purgeAllowedFrom"), date("purgeEligibleOn"), date("newKeyVersionCreationDate"), date("oldKeyVersionCreationDate"),
    date("eventAckTimeStamp"),
    integer("keyState", "0, 1, 2, 3 or 5", |value| matches!(whole(value), Some(0 | 1 | 2 | 3 | 5))),
    integer("totalResources", COUNT, count),
    integer("maxAllowedRetrievals", COUNT, count), integer("remainingRetrievals", COUNT, count),
    integer("expiration", COUNT, count),
    text("authID", TEXT, |_| true),
    text("alias", "2 to 90 characters", |value| long(value, 2, 90)),
    flag("preventKeyDeletion"),
    text("resourceCRN", "a CRN", |value| value.as_text().is_some_and(crn::is_foreign)),
    text("eventType", "rotate, restore, enable, disable or delete",
        |value| one_of(value, &["rotate", "restore", "enable", "disable", "delete"])),
    text("reasonForFailure", TEXT, |_| true),
    text("location", "[region].[zone].[module].[domain]", |value| value.as_text().is_some_and(is_location)),
    text("adminId", DIGEST, digest), digests("adminIds"),
    integer("signatureThreshold", THRESHOLD, threshold), integer("revocationSignatureThreshold", THRESHOLD, threshold),
    digests("masterKeyIds"), text("verificationPattern", DIGEST, digest),
    text("accountId", TEXT, |_| true), text("certificateId", TEXT, |_| true), text("action", TEXT, |_| true),
    flag("policyAllowedNetworkEnabled"),
    text("policyAllowedNetworkAttribute", "\"public-and-private\" or \"private-only\"",
        |value| one_of(value, &["public-and-private", "private-only"])),
    flag("policyDualAuthDeleteEnabled"), flag("policyAllowedIPAttribute"),
    flag("PolicyKCIAEnabled"), flag("PolicyKCIAAttrCRK"), flag("PolicyKCIAAttrCSK"), flag("PolicyKCIAAttrIRK"),
    flag("PolicyKCIAAttrISK"), flag("PolicyKCIAAttrET"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn locations_follow_the_pattern() {
        for (text, fits) in [
            ("[us-east].[AZ2-CSSTAG2].[03].[22]", true),
            ("[eu-de].[AZ2-fra2-qz1-sr3-rk007-a04].[06].[103]", true),
            ("[us-east].[AZ2].[3].[22]", false),
            ("[us-east].[AZ.2].[03].[22]", false),
            ("[us-east].[].[03].[22]", false),
            ("[US-east].[AZ2].[03].[22]", false),
            ("[us-east].[AZ2].[03]", false),
            ("us-east.AZ2.03.22", false),
            ("[us-east].[AZ2].[03].[22] ", false),
        ] {
            assert_eq!(is_location(text), fits, "{text}");
        }
    }

    #[test]
    fn uuids_are_in_lower_case_and_instances_of_version_4() {
        assert!(is_uuid("7f3c2b1a-5d4e-1f6a-0b8c-0d1e2f3a4b5c"));
        assert!(!is_uuid_v4("7f3c2b1a-5d4e-1f6a-9b8c-0d1e2f3a4b5c"));
        assert!(!is_uuid_v4("7f3c2b1a-5d4e-4f6a-0b8c-0d1e2f3a4b5c"));
        assert!(is_uuid_v4("7f3c2b1a-5d4e-4f6a-9b8c-0d1e2f3a4b5c"));
        assert!(!is_uuid("7F3C2B1A-5d4e-4f6a-9b8c-0d1e2f3a4b5c"));
    }

    #[test]
    fn thresholds_end_at_eight() {
        let form = Form::of("signatureThreshold").unwrap();
        assert!(form.refuses(&Json::Number(9.into())) && form.refuses(&Json::Number((-1).into())));
        assert!(!form.refuses(&Json::Number(0.into())) && !form.refuses(&Json::Number(8.into())));
    }
}
