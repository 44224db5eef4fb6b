//! Where the request came from (1.6).

use std::net::IpAddr;

use super::Caller;
use crate::validate::family::Family;
use crate::validate::json::quoted;
use crate::validate::members::{self, Kind, Member, Rest};
use crate::validate::report::Findings;
use crate::validate::subject::Subject;
use crate::validate::{PrivateHost, RuleId};

pub(super) fn check(subject: &Subject<'_>, caller: Option<Caller>, findings: &mut Findings) {
    let Some(host) = subject.object("initiator.host") else { return };
    members::check("initiator.host", host, &members_of(subject), Rest::Refused, findings);
    check_type(subject, findings);
    check_address(subject, caller, findings);
    check_agent(subject, caller, findings);
}

/// In order. An address may be empty only where configured so.
fn members_of(subject: &Subject<'_>) -> [Member<'static>; 3] {
    let address = match subject.options.private_host {
        PrivateHost::Omit => Kind::Text,
        PrivateHost::Empty => Kind::TextOrEmpty,
    };
    [
        Member::optional("address", address),
        Member::always("addressType", Kind::Text),
        Member::optional("agent", Kind::Text),
    ]
}

fn check_type(subject: &Subject<'_>, findings: &mut Findings) {
    let Some(found) = subject.text(TYPE).filter(|found| !found.is_empty()) else { return };
    let vmware = subject.entry().is_some_and(|entry| entry.family == Family::KmipVmware);
    let by_address = subject.text(ADDRESS).and_then(|address| address.parse::<IpAddr>().ok()).map(type_of);
    let expected = match (found, by_address) {
        (PRIVATE, _) => return,
        _ if vmware => "\"CSE\" for KMIP for VMware",
        ("IPv4" | "IPv6", None) => return,
        ("IPv4" | "IPv6", Some(expected)) if expected == found => return,
        (_, Some("IPv6")) => "\"IPv6\" for this address, or \"CSE\"",
        (_, Some(_)) => "\"IPv4\" for this address, or \"CSE\"",
        (_, None) => "\"IPv4\", \"IPv6\" or \"CSE\"",
    };
    findings.add(RuleId::AddressType, TYPE, expected, quoted(found));
}

fn check_address(subject: &Subject<'_>, caller: Option<Caller>, findings: &mut Findings) {
    let private = subject.text(TYPE) == Some(PRIVATE);
    let certificate = caller == Some(Caller::Certificate);
    let empty = subject.options.private_host == PrivateHost::Empty;
    let Some(address) = subject.at(ADDRESS) else {
        let hidden = if private { !empty || certificate } else { may_be_hidden(subject, caller) };
        if !hidden {
            findings.add(RuleId::MissingMember, ADDRESS, "the address of the caller", "no such member");
        }
        return;
    };
    let Some(address) = address.as_text() else { return };
    let expected = match address.parse::<IpAddr>() {
        _ if address.is_empty() && (!empty || private || may_be_hidden(subject, caller)) => return,
        _ if certificate => "no address of a caller with a certificate",
        _ if private && empty => "an empty string on the private network",
        _ if private => "no such member on the private network",
        Err(_) => "an IP address",
        Ok(address) if address.to_canonical().is_loopback() => "an address that is not a loopback address",
        Ok(_) => return,
    };
    findings.add(RuleId::HostAddress, ADDRESS, expected, quoted(address));
}

fn check_agent(subject: &Subject<'_>, caller: Option<Caller>, findings: &mut Findings) {
    let vmware = subject.entry().is_some_and(|entry| entry.family == Family::KmipVmware);
    if let Some(agent) = subject.at(AGENT).filter(|_| vmware || caller == Some(Caller::TheService)) {
        findings.add(RuleId::HostAgent, AGENT, "no such member", agent.brief());
    }
}

/// Services and callers with certificates show no address even outside the private network.
fn may_be_hidden(subject: &Subject<'_>, caller: Option<Caller>) -> bool {
    matches!(caller, Some(Caller::Certificate | Caller::TheService | Caller::OtherService))
        || subject.text("initiator.name") == Some("IBM")
        || subject.text("initiator.credential.type") == Some("s2s-authorization")
}

fn type_of(address: IpAddr) -> &'static str {
    if address.is_ipv6() { "IPv6" } else { "IPv4" }
}

const PRIVATE: &str = "CSE";
const ADDRESS: &str = "initiator.host.address";
const TYPE: &str = "initiator.host.addressType";
const AGENT: &str = "initiator.host.agent";
