//! Actions of Unified Key Orchestrator that a rule singles out, by name.

use super::{Row, named};

/// A managed key was created or changed; critical when the change destroys it (section 2.1, step 3).
pub const MANAGED_KEY_WRITE: &Row = named("hs-crypto.managed-keys.write");
