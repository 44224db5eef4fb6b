//! How a master key rotation stands.

/// The state of a master key rotation of an instance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RotationState {
    /// In a word.
    pub status: RotationStatus,
    /// In a sentence of the service.
    pub message: String,
}

/// The state of a master key rotation in a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RotationStatus {
    /// None was ever started.
    None,
    /// Key storage is being rewrapped.
    Running,
    /// Key storage is rewrapped, and crypto units wait for being set immediately.
    Waiting,
    /// The new master key is current in all operational and failover units.
    Done,
    /// A unit holds the new master key no longer.
    Failed,
}

impl RotationStatus {
    /// The state that this word of the service names.
    pub(super) fn from_word(word: &str) -> Option<Self> {
        Some(match word {
            "none" => Self::None,
            "running" => Self::Running,
            "waiting" => Self::Waiting,
            "done" => Self::Done,
            "failed" => Self::Failed,
            _ => return None,
        })
    }
}
