//! What a call may know of the world: time, the seed, and the choices of the operator.

use std::num::NonZeroU32;
use std::time::Duration;

use chacha20::ChaCha20Rng;
use hpcs_audit::EventTime;
use hpcs_ep11::{AdminDomain, TransactionCounter, UnixMillis};
use hpcs_names::{CryptoUnitId, InstanceId, Uuid};
use rand_core::SeedableRng;
use serde::Deserialize;
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::{Identity, ServiceRoot, TokenAuthority};

/// The root of all randomness: 32 bytes, from the operating system or from `--seed`.
///
/// Nothing draws from a shared sequence: each use derives its own bytes from the root and from what the use is, so that
/// equal calls on an equal seed give equal bytes whatever happened between them.
pub struct Seed {
    root: Zeroizing<[u8; 32]>,
    reproducible: bool,
}

impl Seed {
    /// A root of these bytes.
    pub fn new(root: Zeroizing<[u8; 32]>) -> Self {
        Seed { root, reproducible: false }
    }

    /// The root that a number on a command line stands for.
    pub fn from_number(number: u64) -> Self {
        Seed { root: digest(b"hpcs-emulator seed", &[&number.to_be_bytes()]), reproducible: true }
    }

    /// Whether another process can have the same root.
    pub fn is_reproducible(&self) -> bool {
        self.reproducible
    }

    /// The root itself.
    pub(crate) fn expose_root(&self) -> &[u8; 32] {
        &self.root
    }

    /// 32 bytes for this use; `path` names it completely.
    pub fn derive(&self, path: &[&[u8]]) -> Zeroizing<[u8; 32]> {
        digest(&*self.root, path)
    }

    /// A generator for this use.
    pub fn rng(&self, path: &[&[u8]]) -> ChaCha20Rng {
        ChaCha20Rng::from_seed(*self.derive(path))
    }
}

/// A version 4 UUID that follows from its path alone, the same in every run: `instance/0/unit/2`.
pub fn stable_uuid(path: &str) -> Uuid {
    Uuid::from_digest(&digest(b"hpcs-emulator identifier", &[path.as_bytes()]))
}

/// SHA-256 over label and parts, each with its length, so that no two paths run together.
fn digest(label: &[u8], parts: &[&[u8]]) -> Zeroizing<[u8; 32]> {
    let mut hash = Sha256::new();
    for part in std::iter::once(&label).chain(parts) {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    Zeroizing::new(hash.finalize().into())
}

/// Choices of the operator that change what is decided; those that change how events look are in the event style.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Knobs {
    /// Whether a random master key leaves an event; the documents name none.
    pub tke_gen_wk_event: RandomKeyEvent,
    /// Who may list the crypto units of an instance. Not about events, so it is set elsewhere than the others.
    #[serde(skip)]
    pub tke_listing: ListingRoles,
    /// How long a rotation wraps key storage anew, by the emulator's clock. It is configured elsewhere than the others.
    #[serde(skip)]
    pub rewrap_time: Duration,
    /// How many cryptographic calls a crypto unit takes a second; any number without it. It is configured elsewhere than
    /// the others.
    #[serde(skip)]
    pub requests_per_second: Option<NonZeroU32>,
    /// Whom cryptographic calls count as that come without TLS and without a token; where there is nobody, they are
    /// refused. It is configured elsewhere than the others.
    #[serde(skip)]
    pub local_client: Option<Identity>,
}

/// What a random master key leaves in the log.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RandomKeyEvent {
    /// Nothing, as documented.
    #[default]
    None,
    /// `hs-crypto.tke-cryptounit-master-key-register.add` without key parts.
    Add,
}

/// Who may list the crypto units of an instance. The documents give it to managers and do not say how crypto unit
/// administrators, who have to name a unit to command it, come to know the units.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ListingRoles {
    /// Managers and crypto unit administrators.
    #[default]
    Administrators,
    /// Managers only, as the table of roles has it.
    Managers,
}

/// The environment of one call.
pub struct CallEnv<'a> {
    /// The moment of the call.
    pub now: EventTime,
    /// The root of randomness: what happens inside crypto units.
    pub seed: &'a Seed,
    /// The root of what outlives the process: modules.
    pub root: &'a ServiceRoot,
    /// Issues tokens.
    pub authority: &'a TokenAuthority,
    /// The operator's choices.
    pub knobs: &'a Knobs,
}

impl CallEnv<'_> {
    /// The environment of one administration command, derived from unit, domain instance and counter.
    pub fn administration(
        &self,
        unit: CryptoUnitId,
        domain: AdminDomain,
        counter: TransactionCounter,
    ) -> hpcs_hsm::CallEnv {
        let path: [&[u8]; 4] = [b"administration", unit.0.as_bytes(), &domain.to_bytes(), &counter.to_bytes()];
        hpcs_hsm::CallEnv::new(&self.seed.derive(&path))
    }

    /// The environment of one cryptographic call, derived from instance, call and how often it was made.
    pub(crate) fn cryptography(&self, instance: InstanceId, digest: &[u8; 32], occurrence: u64) -> hpcs_hsm::CallEnv {
        hpcs_hsm::CallEnv::new(&self.of_call(b"cryptography", instance, digest, occurrence))
    }

    /// A number by which one cryptographic call finds its unit.
    pub(crate) fn place(&self, instance: InstanceId, digest: &[u8; 32], occurrence: u64) -> u64 {
        let bytes = self.of_call(b"place", instance, digest, occurrence);
        bytes.iter().take(8).fold(0, |number, byte| number << 8 | u64::from(*byte))
    }

    /// The correlation id of one cryptographic call whose caller sent none.
    pub(crate) fn correlation(&self, instance: InstanceId, digest: &[u8; 32], occurrence: u64) -> Uuid {
        Uuid::from_digest(&self.of_call(b"correlation", instance, digest, occurrence))
    }

    fn of_call(&self, label: &[u8], instance: InstanceId, digest: &[u8; 32], occurrence: u64) -> Zeroizing<[u8; 32]> {
        self.seed.derive(&[label, instance.0.as_bytes(), digest, &occurrence.to_be_bytes()])
    }

    /// The moment as modules report it.
    pub fn unix_millis(&self) -> UnixMillis {
        UnixMillis(self.now.unix_millis())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_do_not_run_together() {
        let seed = Seed::from_number(7);
        assert_ne!(seed.derive(&[b"ab", b"c"]), seed.derive(&[b"a", b"bc"]));
        assert_ne!(seed.derive(&[b"a"]), Seed::from_number(8).derive(&[b"a"]));
    }

    #[test]
    fn identifiers_are_the_same_in_every_run() {
        assert_eq!(stable_uuid("instance/0"), stable_uuid("instance/0"));
        assert_ne!(stable_uuid("instance/0"), stable_uuid("instance/1"));
    }
}
