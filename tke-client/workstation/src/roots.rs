//! The roots that the workstation trusts.

use hpcs_ep11::{TrustedRoot, development_root};

/// The development root of the emulator: the one root under which emulated modules are certified.
///
/// Its private key is public knowledge. Whoever connects to anything but an emulator passes other roots to
/// [`UnitClient::connect`](crate::UnitClient::connect).
#[must_use]
pub fn trusted_roots() -> Vec<TrustedRoot> {
    let key = development_root().public();
    vec![TrustedRoot { id: key.oa_key_id(), key }]
}
