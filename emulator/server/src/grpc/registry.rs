//! The registry: one row a method.

use bytes::Bytes;
use hpcs_engine::{Answer, ExportSecrets};
use hpcs_names::InstanceId;
use hpcs_service::{Operation, Refusal};
use prost::Message;
use zeroize::Zeroizing;

use super::message::Broken;
use super::{clock, crypto_units, events, identity, instances, operations, rotation};
use crate::surface::reading::{Reading, Waiting};

/// How one method is read and answered.
pub(super) struct Method {
    /// `/package.Service/Method`.
    pub(super) path: &'static str,
    pub(super) anyone: Anyone,
    pub(super) decode: fn(&Bytes) -> Result<Decoded, Refusal>,
    /// The operation that a message stands for which cannot be read.
    pub(super) unreadable: fn(Broken) -> Operation,
    pub(super) encode: fn(Answer) -> Result<Vec<u8>, Refusal>,
}

/// Whether a method takes calls without a token.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Anyone {
    May,
    MayNot,
}

/// The operation, and what is done once it is allowed.
pub(super) type Decoded = (Operation, Then);

/// What follows an operation.
pub(super) enum Then {
    /// Its answer is encoded.
    Answer,
    /// Events are sent.
    Read(Reading),
    /// Events are waited for.
    Wait(Waiting),
    /// An instance is sent.
    Export(InstanceId, ExportSecrets),
    /// An instance is received: this, and what the messages bring that follow.
    Import { passphrase: Option<Zeroizing<String>>, content: Bytes },
}

static METHODS: &[Method] = &[
    Method {
        path: "/hpcs.emulator.v1.Instances/List",
        anyone: Anyone::MayNot,
        decode: instances::list,
        unreadable,
        encode: instances::listed,
    },
    Method {
        path: "/hpcs.emulator.v1.Instances/Create",
        anyone: Anyone::MayNot,
        decode: instances::create,
        unreadable,
        encode: instances::is,
    },
    Method {
        path: "/hpcs.emulator.v1.Instances/Reset",
        anyone: Anyone::MayNot,
        decode: instances::reset,
        unreadable,
        encode: instances::is,
    },
    Method {
        path: "/hpcs.emulator.v1.Instances/Delete",
        anyone: Anyone::MayNot,
        decode: instances::delete,
        unreadable,
        encode: instances::deleted,
    },
    Method {
        path: "/hpcs.emulator.v1.Instances/Export",
        anyone: Anyone::MayNot,
        decode: instances::export,
        unreadable,
        encode: no_message,
    },
    Method {
        path: "/hpcs.emulator.v1.Instances/Import",
        anyone: Anyone::MayNot,
        decode: instances::import,
        unreadable,
        encode: instances::is,
    },
    Method {
        path: "/hpcs.emulator.v1.Instances/EnableFailover",
        anyone: Anyone::MayNot,
        decode: instances::enable_failover,
        unreadable,
        encode: instances::failover_enabled,
    },
    Method {
        path: "/hpcs.emulator.v1.Instances/StartRotation",
        anyone: Anyone::MayNot,
        decode: rotation::start,
        unreadable,
        encode: rotation::is,
    },
    Method {
        path: "/hpcs.emulator.v1.Instances/ReadRotation",
        anyone: Anyone::MayNot,
        decode: rotation::read,
        unreadable,
        encode: rotation::is,
    },
    Method {
        path: "/hpcs.emulator.v1.CryptoUnits/List",
        anyone: Anyone::MayNot,
        decode: crypto_units::list,
        unreadable,
        encode: crypto_units::listed,
    },
    Method {
        path: "/hpcs.emulator.v1.CryptoUnits/Inspect",
        anyone: Anyone::MayNot,
        decode: crypto_units::inspect,
        unreadable,
        encode: crypto_units::inspected,
    },
    Method {
        path: "/hpcs.emulator.v1.CryptoUnits/Submit",
        anyone: Anyone::MayNot,
        decode: crypto_units::submit,
        unreadable: crypto_units::broken,
        encode: crypto_units::submitted,
    },
    Method {
        path: "/hpcs.emulator.v1.Identity/IssueToken",
        anyone: Anyone::May,
        decode: identity::issue_token,
        unreadable,
        encode: identity::issued,
    },
    Method {
        path: "/hpcs.emulator.v1.Identity/WhoAmI",
        anyone: Anyone::MayNot,
        decode: identity::who_am_i,
        unreadable,
        encode: identity::is,
    },
    Method {
        path: "/hpcs.emulator.v1.Events/Read",
        anyone: Anyone::MayNot,
        decode: events::read,
        unreadable,
        encode: no_message,
    },
    Method {
        path: "/hpcs.emulator.v1.Events/Wait",
        anyone: Anyone::MayNot,
        decode: events::wait,
        unreadable,
        encode: no_message,
    },
    Method {
        path: "/hpcs.emulator.v1.Clock/Get",
        anyone: Anyone::MayNot,
        decode: clock::get,
        unreadable,
        encode: clock::is,
    },
    Method {
        path: "/hpcs.emulator.v1.Clock/Set",
        anyone: Anyone::MayNot,
        decode: clock::set,
        unreadable,
        encode: clock::is,
    },
    Method {
        path: "/hpcs.emulator.v1.Operations/Outcome",
        anyone: Anyone::MayNot,
        decode: operations::outcome,
        unreadable,
        encode: operations::is,
    },
];

/// The services whose methods are in the registry.
pub(crate) const SERVICES: &[&str] = &[
    super::grep11::SERVICE,
    super::keystore::SERVICE,
    "hpcs.emulator.v1.Instances",
    "hpcs.emulator.v1.CryptoUnits",
    "hpcs.emulator.v1.Identity",
    "hpcs.emulator.v1.Events",
    "hpcs.emulator.v1.Clock",
    "hpcs.emulator.v1.Operations",
];

/// The method under this path.
pub(super) fn find(path: &str) -> Option<&'static Method> {
    METHODS.iter().find(|method| method.path == path)
}

/// Whether the path is under one of the services.
pub(crate) fn is_served(path: &str) -> bool {
    let service = path.strip_prefix('/').and_then(|path| path.split_once('/')).map(|(service, _)| service);
    service.is_some_and(|service| SERVICES.contains(&service))
}

/// What is allowed is answered otherwise: by a stream, or by what was waited for.
fn no_message(_: Answer) -> Result<Vec<u8>, Refusal> {
    Err(Refusal::Internal)
}

fn unreadable(broken: Broken) -> Operation {
    Operation::Unreadable(broken.refusal)
}

/// Decodes a message. The texts of faults name message and field and hold nothing of the content.
pub(super) fn decoded<M: Message + Default>(message: &Bytes) -> Result<M, Refusal> {
    M::decode(message.clone()).map_err(|fault| Refusal::Undecodable(fault.to_string()))
}

/// An identifier out of a text field.
pub(super) fn identifier<T: std::str::FromStr>(field: &'static str, text: &str) -> Result<T, Refusal>
where
    T::Err: std::fmt::Display,
{
    text.parse().map_err(|fault: T::Err| Refusal::InvalidArgument { field, why: fault.to_string() })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::super::{endpoint, grep11, keystore};
    use super::*;

    #[test]
    fn every_method_of_the_interface_has_a_row_and_no_row_is_without_a_method() {
        let set = Descriptors::decode(hpcs_grpc::DESCRIPTORS).unwrap();
        let declared: BTreeSet<_> = set
            .files
            .iter()
            .flat_map(|file| file.services.iter().map(move |service| (&file.package, service)))
            .flat_map(|(package, service)| {
                service.methods.iter().map(move |method| format!("/{package}.{}/{}", service.name, method.name))
            })
            .collect();
        let rows: BTreeSet<_> = METHODS.iter().map(|method| method.path.to_owned()).collect();
        let of_instances = grep11::paths().chain(keystore::paths());
        let all: BTreeSet<_> = rows.iter().cloned().chain(of_instances).collect();
        assert_eq!(all, declared);
        for path in &all {
            assert!(is_served(path), "{path}");
            assert_eq!(endpoint::is_served(path), !rows.contains(path), "{path}");
        }
    }

    #[test]
    fn other_services_are_not_served_here() {
        for path in ["/grpc.health.v1.Health/Check", "/hpcs.emulator.v1.Instances", "/", "", "/healthz"] {
            assert!(!is_served(path), "{path}");
        }
        assert!(is_served("/hpcs.emulator.v1.Instances/Destroy"));
        assert!(find("/hpcs.emulator.v1.Instances/Destroy").is_none());
    }

    /// The few fields of a file descriptor set that the test needs.
    #[derive(Clone, PartialEq, Message)]
    struct Descriptors {
        #[prost(message, repeated, tag = "1")]
        files: Vec<File>,
    }

    #[derive(Clone, PartialEq, Message)]
    struct File {
        #[prost(string, tag = "2")]
        package: String,
        #[prost(message, repeated, tag = "6")]
        services: Vec<Service>,
    }

    #[derive(Clone, PartialEq, Message)]
    struct Service {
        #[prost(string, tag = "1")]
        name: String,
        #[prost(message, repeated, tag = "2")]
        methods: Vec<Named>,
    }

    #[derive(Clone, PartialEq, Message)]
    struct Named {
        #[prost(string, tag = "1")]
        name: String,
    }
}
