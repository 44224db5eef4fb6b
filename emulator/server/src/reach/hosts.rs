//! The hosts of the cloud that the emulator stands in for, as data, and what their names say.

use hpcs_names::{InstanceId, Region};

/// Domains whose hosts are named by service, network and region: `tke.private.us-south`, `tke.us-south`.
const DOMAINS: &[&str] = &["hs-crypto.cloud.ibm.com", "hs-crypto.test.cloud.ibm.com", "hs-crypto.appdomain.cloud"];

/// Single hosts: Identity and Access Management.
const HOSTS: &[&str] =
    &["iam.cloud.ibm.com", "private.iam.cloud.ibm.com", "iam.test.cloud.ibm.com", "private.iam.test.cloud.ibm.com"];

/// The label of endpoints on the private network.
const PRIVATE: &str = "private";

/// What the name of a host says about who is asked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Endpoint {
    /// The region of the endpoint: the last label before the domain.
    pub(crate) region: Option<Region>,
    /// Whether it is on the private network.
    pub(crate) private: bool,
    /// The instance whose own endpoint it is: the first label.
    pub(crate) instance: Option<InstanceId>,
}

impl Endpoint {
    /// What this name says; nothing when it is none of the documented ones. Case and a dot at the end do not count.
    pub(crate) fn named(host: &str) -> Self {
        let host = normal(host);
        let Some(labels) = labels(&host) else {
            let private = HOSTS.contains(&&*host) && host.starts_with(PRIVATE);
            return Endpoint { region: None, private, instance: None };
        };
        let region = labels.rsplit('.').next().and_then(|label| label.parse().ok());
        let instance = labels.split('.').next().and_then(|label| label.parse().ok());
        Endpoint { region, private: labels.split('.').any(|label| label == PRIVATE), instance }
    }
}

/// Whether the emulator stands in for this host.
pub(crate) fn is_documented(host: &str) -> bool {
    let host = normal(host);
    HOSTS.contains(&&*host) || labels(&host).is_some()
}

fn normal(host: &str) -> String {
    host.strip_suffix('.').unwrap_or(host).to_ascii_lowercase()
}

/// The labels in front of one of the domains.
fn labels(host: &str) -> Option<&str> {
    let in_front = |domain: &&str| host.strip_suffix(domain)?.strip_suffix('.');
    DOMAINS.iter().find_map(in_front).filter(|labels| !labels.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hosts_of_the_documented_clients_are_known() {
        for host in [
            "tke.us-south.hs-crypto.cloud.ibm.com",
            "tke.private.us-south.hs-crypto.cloud.ibm.com",
            "tke.us-south.hs-crypto.test.cloud.ibm.com",
            "TKE.US-SOUTH.HS-CRYPTO.CLOUD.IBM.COM.",
            "7f3c2b1a.ep11.us-south.hs-crypto.appdomain.cloud",
            "iam.cloud.ibm.com",
        ] {
            assert!(is_documented(host), "{host}");
        }
        for host in [
            "",
            ".",
            "cloud.ibm.com",
            "hs-crypto.cloud.ibm.com",
            ".hs-crypto.cloud.ibm.com",
            "hs-crypto.cloud.ibm.com.example.com",
            "evilhs-crypto.cloud.ibm.com",
            "eviliam.cloud.ibm.com",
            "example.com",
            "127.0.0.1",
        ] {
            assert!(!is_documented(host), "{host}");
        }
    }

    #[test]
    fn a_name_tells_region_and_network() {
        let endpoint = |host| {
            let Endpoint { region, private, .. } = Endpoint::named(host);
            (region.map(|region| region.to_string()).unwrap_or_default(), private)
        };
        for (host, region, private) in [
            ("tke.us-south.hs-crypto.cloud.ibm.com", "us-south", false),
            ("tke.private.eu-de.hs-crypto.cloud.ibm.com", "eu-de", true),
            ("tke.vpc.private.jp-tok.hs-crypto.cloud.ibm.com", "jp-tok", true),
            ("x.ep11.us-east.hs-crypto.appdomain.cloud", "us-east", false),
            ("private.iam.cloud.ibm.com", "", true),
            ("iam.cloud.ibm.com", "", false),
            ("private.example.com", "", false),
            ("127.0.0.1", "", false),
            ("localhost", "", false),
        ] {
            assert_eq!(endpoint(host), (region.to_owned(), private), "{host}");
        }
    }

    #[test]
    fn the_endpoint_of_an_instance_names_it() {
        let instance = |host: &str| Endpoint::named(host).instance.map(|instance| instance.to_string());
        let id = "7f3c2b1a-5d4e-4f6a-9b8c-0d1e2f3a4b5c";
        for rest in [
            "ep11.us-south.hs-crypto.appdomain.cloud",
            "ep11.private.us-south.hs-crypto.appdomain.cloud",
            "ep11.hs-crypto.appdomain.cloud",
        ] {
            let host = format!("{id}.{rest}");
            assert_eq!(instance(&host).as_deref(), Some(id));
        }
        assert_eq!(instance("ep11.us-south.hs-crypto.cloud.ibm.com"), None);
        assert_eq!(instance(&format!("{id}.example.com")), None);
    }
}
