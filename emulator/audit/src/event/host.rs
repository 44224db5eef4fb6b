//! Where a request came from (section 1.6).

use std::net::IpAddr;

use serde::ser::{Serialize, SerializeStruct, Serializer};

use super::{PrivateHost, Style};

/// The caller's host.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Host {
    /// The peer's address; none for IBM services and for the service itself.
    pub address: Option<IpAddr>,
    /// Whether the request came in through a private listener. The listener decides, not the address.
    pub private: bool,
    /// The `User-Agent` header or `user-agent` metadata.
    pub agent: Option<String>,
}

impl Host {
    pub(super) fn rendered<'a>(&'a self, style: &'a Style) -> impl Serialize + 'a {
        Rendered { host: self, style }
    }

    /// The address that may be shown: none on a private network, and never a loopback address.
    fn shown_address(&self, style: &Style) -> Option<IpAddr> {
        // A listener on both address families reports IPv4 peers in IPv6 form.
        let address = self.address.filter(|_| !self.private)?.to_canonical();
        Some(if address.is_loopback() { style.loopback_as } else { address })
    }
}

struct Rendered<'a> {
    host: &'a Host,
    style: &'a Style,
}

impl Serialize for Rendered<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Rendered { host, style } = self;
        let address = host.shown_address(style);
        let mut object = serializer.serialize_struct("Host", 3)?;
        match address {
            Some(address) => object.serialize_field("address", &address)?,
            None if host.private && style.private_host == PrivateHost::Empty => {
                object.serialize_field("address", "")?
            }
            None => {}
        }
        let address_type = match address {
            _ if host.private => "CSE",
            Some(IpAddr::V6(_)) => "IPv6",
            Some(IpAddr::V4(_)) | None => "IPv4",
        };
        object.serialize_field("addressType", address_type)?;
        if let Some(agent) = host.agent.as_deref().filter(|agent| !agent.is_empty()) {
            object.serialize_field("agent", agent)?;
        }
        object.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn json(address: &str, private: bool, style: &Style) -> String {
        let host = Host { address: address.parse().ok(), private, agent: Some("curl/8.5.0".to_owned()) };
        serde_json::to_string(&host.rendered(style)).unwrap()
    }

    #[test]
    fn address_type_follows_the_address() {
        let style = Style::default();
        for (address, expected) in [
            ("203.0.113.24", r#"{"address":"203.0.113.24","addressType":"IPv4","agent":"curl/8.5.0"}"#),
            ("2001:db8::24", r#"{"address":"2001:db8::24","addressType":"IPv6","agent":"curl/8.5.0"}"#),
            ("::ffff:203.0.113.24", r#"{"address":"203.0.113.24","addressType":"IPv4","agent":"curl/8.5.0"}"#),
            ("none", r#"{"addressType":"IPv4","agent":"curl/8.5.0"}"#),
        ] {
            assert_eq!(json(address, false, &style), expected);
        }
    }

    #[test]
    fn a_private_listener_hides_every_address() {
        let empty = Style { private_host: PrivateHost::Empty, ..Style::default() };
        for address in ["203.0.113.24", "2001:db8::24", "127.0.0.1", "none"] {
            assert_eq!(json(address, true, &Style::default()), r#"{"addressType":"CSE","agent":"curl/8.5.0"}"#);
            assert_eq!(json(address, true, &empty), r#"{"address":"","addressType":"CSE","agent":"curl/8.5.0"}"#);
        }
    }

    #[test]
    fn loopback_addresses_are_replaced() {
        let style = Style { loopback_as: "2001:db8::10".parse().unwrap(), ..Style::default() };
        for address in ["127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1"] {
            assert!(
                json(address, false, &Style::default())
                    .starts_with(r#"{"address":"203.0.113.10","addressType":"IPv4""#)
            );
            assert!(json(address, false, &style).starts_with(r#"{"address":"2001:db8::10","addressType":"IPv6""#));
        }
    }

    #[test]
    fn an_empty_agent_is_left_out() {
        let host = Host { agent: Some(String::new()), ..Host::default() };
        assert_eq!(serde_json::to_string(&host.rendered(&Style::default())).unwrap(), r#"{"addressType":"IPv4"}"#);
    }
}
