//! Cloud resource names.

use std::fmt;

use crate::{AccountId, InstanceId, Region, Uuid};

/// The service segment of a CRN.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ServiceName {
    /// Hyper Protect Crypto Services.
    HsCrypto,
    /// Key Protect.
    Kms,
}

impl ServiceName {
    /// The segment's text: `hs-crypto` or `kms`.
    pub fn as_str(self) -> &'static str {
        match self {
            ServiceName::HsCrypto => "hs-crypto",
            ServiceName::Kms => "kms",
        }
    }
}

/// A cloud resource name of ten parts:
/// `crn:v1:bluemix:public:<service>:<region>:a/<account>:<instance>:<type>:<id>`.
///
/// Type and id are empty when the CRN names the service instance itself. The text is made once: every event writes it
/// several times.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Crn {
    text: String,
    service: ServiceName,
    instance: InstanceId,
}

impl Crn {
    /// The CRN of a service instance; `region` is the instance's, wherever its crypto units are.
    pub fn instance(service: ServiceName, region: &Region, account: &AccountId, instance: InstanceId) -> Self {
        let text = format!("crn:v1:bluemix:public:{}:{region}:a/{account}:{instance}::", service.as_str());
        Crn { text, service, instance }
    }

    /// The CRN of a resource of the same instance, for example type `tke-cryptounit` and the unit's id.
    #[must_use]
    pub fn resource(&self, kind: &'static str, id: Uuid) -> Self {
        let owner = self.text.splitn(9, ':').take(8).map(|part| part.len() + 1).sum::<usize>();
        let text = format!("{}{kind}:{id}", self.text.get(..owner).unwrap_or_default());
        Crn { text, ..*self }
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The service segment.
    pub fn service(&self) -> ServiceName {
        self.service
    }

    /// The instance segment.
    pub fn instance_id(&self) -> InstanceId {
        self.instance
    }
}

impl fmt::Display for Crn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instance_and_resource_have_ten_parts() {
        let instance = Crn::instance(
            ServiceName::HsCrypto,
            &"us-east".parse().unwrap(),
            &"4e1a9f0c7b2d4a5e8f3c6b1d9e0a7c52".parse().unwrap(),
            "7f3c2b1a-5d4e-4f6a-9b8c-0d1e2f3a4b5c".parse().unwrap(),
        );
        let unit = instance.resource("tke-cryptounit", "3d9a6c14-2f7b-4e83-8a51-c60e9b72d4f8".parse().unwrap());
        assert_eq!(
            instance.to_string(),
            "crn:v1:bluemix:public:hs-crypto:us-east:a/4e1a9f0c7b2d4a5e8f3c6b1d9e0a7c52:7f3c2b1a-5d4e-4f6a-9b8c-0d1e2f3a4b5c::"
        );
        assert_eq!(
            unit.to_string(),
            instance.to_string().trim_end_matches(':').to_owned()
                + ":tke-cryptounit:3d9a6c14-2f7b-4e83-8a51-c60e9b72d4f8"
        );
        assert_eq!(unit.resource("tke-cryptounit", "3d9a6c14-2f7b-4e83-8a51-c60e9b72d4f8".parse().unwrap()), unit);
        assert_eq!(unit.to_string().split(':').count(), 10);
        assert_eq!(instance.to_string().split(':').count(), 10);
    }
}
