//! What holds when nothing is said.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use hpcs_audit::Style;
use hpcs_names::Region;
use hpcs_service::{ApiKey, Identity, InstanceSpec, Knobs, Plan, Role};

use super::{ApiKeyConfig, Config, Declared, EventsTo, InstanceConfig, Limits, StoreConfig, TlsConfig};

/// The documented API key of the default administrator.
pub const DEFAULT_API_KEY: &str = "hpcs-emulator-manager-key";

/// The documented API key of the default reader.
pub const DEFAULT_READER_KEY: &str = "hpcs-emulator-reader-key";

pub(super) const IP: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
pub(super) const PORT: u16 = 9876;

/// 100 MiB.
pub(super) const MAX_BYTES: u64 = 100 * 1024 * 1024;
pub(super) const KEEP: u32 = 5;

pub(super) const ACCOUNT: &str = "4e1a9f0c7b2d4a5e8f3c6b1d9e0a7c52";
pub(super) const ACCOUNT_NAME: &str = "Emulator account";

impl Default for Config {
    fn default() -> Self {
        let manager = identity("IBMid-270000EXM1", "ceremony.admin@example.com", MANAGER_ROLES);
        let reader = identity("IBMid-550000EXM2", "reader@example.com", READER_ROLES);
        let keys = [(DEFAULT_API_KEY, manager), (DEFAULT_READER_KEY, reader)];
        Config {
            file: None,
            listen: SocketAddr::new(IP, PORT),
            private: false,
            tls: TlsConfig::default(),
            seed: None,
            seed_file: None,
            store: StoreConfig::default(),
            events: EventsTo::Log,
            style: Style::default(),
            knobs: Knobs::default(),
            instances: vec![InstanceConfig { spec: instance(0), declared: Declared::Default }],
            api_keys: keys
                .into_iter()
                .map(|(key, identity)| ApiKeyConfig { key: ApiKey::new(key.to_owned()), identity, is_default: true })
                .collect(),
            limits: Limits::default(),
        }
    }
}

/// An instance as it is when its table says nothing; `number` is its place among all.
#[expect(clippy::expect_used, reason = "a constant; a test makes it")]
pub(crate) fn instance(number: u32) -> InstanceSpec {
    InstanceSpec {
        number,
        id: None,
        region: Region::of("us-south"),
        plan: Plan::Standard,
        account: ACCOUNT.parse().expect("a valid account"),
        profile: None,
        operational: 2,
        recovery: true,
        failover: 0,
    }
}

/// Whom cryptographic calls count as that come without TLS and without a token.
pub(super) fn local_client() -> Identity {
    identity("iam-ServiceId-6d1f0b5e-3c2a-4f7d-9e48-1b0a7c5d2e93", "grep11-local", &[Role::Manager])
}

#[expect(clippy::expect_used, reason = "a constant; a test makes it")]
fn identity(iam_id: &str, name: &str, roles: &[Role]) -> Identity {
    Identity {
        iam_id: iam_id.to_owned(),
        name: name.to_owned(),
        account: ACCOUNT.parse().expect("a valid account"),
        account_name: ACCOUNT_NAME.to_owned(),
        roles: roles.to_vec(),
        expires_at: None,
    }
}

pub(super) const MANAGER_ROLES: &[Role] =
    &[Role::Manager, Role::CryptoUnitAdministrator, Role::EventReader, Role::EmulatorOperator];

const READER_ROLES: &[Role] = &[Role::Reader, Role::EventReader];
