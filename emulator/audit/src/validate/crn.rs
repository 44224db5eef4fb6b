//! Cloud resource names (1.7).

use hpcs_names::{AccountId, Region};

use super::grammar::{is_uuid, is_uuid_v4};

/// A CRN of one of the two services, taken apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Crn<'a> {
    pub(super) service: &'a str,
    pub(super) instance: &'a str,
    /// Everything up to the instance, the same for all objects of an instance.
    pub(super) owner: &'a str,
    /// Empty for the instance itself.
    pub(super) kind: &'a str,
    /// Empty for the instance itself.
    pub(super) id: &'a str,
}

impl<'a> Crn<'a> {
    /// Takes `text` apart; the error says what is expected of the first part that is wrong.
    pub(super) fn parse(text: &'a str) -> Result<Crn<'a>, &'static str> {
        let parts: Vec<&str> = text.split(':').collect();
        let [scheme, version, cloud, realm, service, region, account, instance, kind, id] = parts[..] else {
            return Err("a CRN of ten parts");
        };
        let account = account.strip_prefix("a/").unwrap_or_default();
        let demands = [
            (
                [scheme, version, cloud, realm] == ["crn", "v1", "bluemix", "public"],
                "a CRN that starts crn:v1:bluemix:public",
            ),
            (SERVICES.contains(&service), "a CRN of service hs-crypto or kms"),
            (region.parse::<Region>().is_ok(), "a CRN with a region such as us-south"),
            (account.parse::<AccountId>().is_ok(), "a CRN with an account of 32 lower-case hexadecimal digits"),
            (is_uuid_v4(instance), "a CRN with an instance that is a UUID of version 4"),
            (kind.is_empty() == id.is_empty(), "a CRN with both type and id or neither"),
            (kind.is_empty() || !UUID_KINDS.contains(&kind) || is_uuid(id), "a CRN whose id is a UUID"),
        ];
        if let Some((_, expected)) = demands.into_iter().find(|(holds, _)| !holds) {
            return Err(expected);
        }
        let tail = kind.len() + id.len() + 2;
        let owner = text.get(..text.len() - tail).unwrap_or_default();
        Ok(Crn { service, instance, owner, kind, id })
    }

    /// The CRN names the instance itself.
    pub(super) fn is_instance(&self) -> bool {
        self.kind.is_empty()
    }
}

/// `text` has the form of a CRN of any service.
pub(super) fn is_foreign(text: &str) -> bool {
    text.starts_with("crn:v1:") && text.split(':').count() >= 10
}

/// `text` is the CRN of a resource group.
pub(super) fn is_resource_group(text: &str) -> bool {
    let account_and_id = text
        .strip_prefix("crn:v1:bluemix:public:resource-controller::a/")
        .and_then(|rest| rest.split_once("::resource-group:"));
    account_and_id
        .is_some_and(|(account, id)| account.parse::<AccountId>().is_ok() && !id.is_empty() && !id.contains(':'))
}

const SERVICES: [&str; 2] = ["hs-crypto", "kms"];

/// Types whose id is a UUID; ids of key rings and of KMIP keys are names.
const UUID_KINDS: [&str; 10] = [
    "key",
    "policy",
    "tke-cryptounit",
    "keystore",
    "kmip-adapter",
    "kmip-object",
    "managed-key",
    "target-keystore",
    "vault",
    "key-template",
];

#[cfg(test)]
mod tests {
    use super::*;

    const INSTANCE: &str = concat!(
        "crn:v1:bluemix:public:hs-crypto:us-east:a/4e1a9f0c7b2d4a5e8f3c6b1d9e0a7c52:",
        "7f3c2b1a-5d4e-4f6a-9b8c-0d1e2f3a4b5c"
    );

    #[test]
    fn the_owner_is_what_objects_and_instance_share() {
        let object = format!("{INSTANCE}:key:5c8e1f70-3a92-4d6b-b7e4-19a0c2d3f856");
        let instance = format!("{INSTANCE}::");
        assert_eq!(Crn::parse(&object).unwrap().owner, INSTANCE);
        assert_eq!(Crn::parse(&instance).unwrap().owner, INSTANCE);
        assert!(Crn::parse(&instance).unwrap().is_instance() && !Crn::parse(&object).unwrap().is_instance());
    }

    #[test]
    fn each_part_is_checked() {
        let good = format!("{INSTANCE}:key:5c8e1f70-3a92-4d6b-b7e4-19a0c2d3f856");
        for (from, to) in [
            ("crn:v1:", "crn:v2:"),
            ("bluemix:public", "public"),
            (":public", ":private"),
            ("hs-crypto", "secrets-manager"),
            ("us-east", "us_east"),
            ("a/4e1a", "4e1a"),
            ("a/4e1a", "a/4E1A"),
            ("-4f6a-", "-1f6a-"),
            (":key:", "::"),
            (":5c8e1f70-", ":5C8E1F70-"),
            ("f856", "f856:"),
        ] {
            assert!(Crn::parse(&good.replacen(from, to, 1)).is_err(), "{from} -> {to}");
        }
    }

    #[test]
    fn resource_groups_have_their_own_form() {
        let group = "crn:v1:bluemix:public:resource-controller::a/4e1a9f0c7b2d4a5e8f3c6b1d9e0a7c52::resource-group:9f3";
        assert!(is_resource_group(group) && is_foreign(group));
        assert!(!is_resource_group(&group.replace("::resource-group", ":resource-group")));
    }
}
