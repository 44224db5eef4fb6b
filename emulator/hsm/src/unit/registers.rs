//! The two master key registers. Each transition consumes the registers and gives the next ones.

use hpcs_ep11::VerificationPattern;

use crate::{MasterKey, UnitRefusal};

/// Both master key registers of a unit.
///
/// | Transition | New register before | Refusal otherwise | After |
/// |---|---|---|---|
/// | [`load`](Self::load) | any, with another key than current | 32 | new: uncommitted |
/// | [`fill_random`](Self::fill_random) | empty, or current empty | 80/53 | current if that was empty, else new: uncommitted |
/// | [`commit`](Self::commit) | full | 102/50, 101/48 | new: committed |
/// | [`activate`](Self::activate) | committed | 102/64, 101/48 | current: what new was; new: empty |
/// | [`clear_new`](Self::clear_new), [`clear_current`](Self::clear_current) | any | | that one empty |
#[derive(Clone, Default)]
pub struct Registers {
    /// The register whose key protects everything.
    pub current: CurrentRegister,
    /// The register that holds the next key.
    pub new: NewRegister,
}

/// The current master key register.
#[derive(Clone, Default)]
pub enum CurrentRegister {
    /// No key.
    #[default]
    Empty,
    /// The key in use.
    Valid(MasterKey),
}

/// The new master key register.
#[derive(Clone, Default)]
pub enum NewRegister {
    /// No key.
    #[default]
    Empty,
    /// Full uncommitted: loaded, not yet accepted by the administrators.
    Uncommitted(PendingKey),
    /// Full committed: ready to become current.
    Committed(PendingKey),
}

/// A key that waits in the new register.
#[derive(Clone)]
pub struct PendingKey {
    /// The key.
    pub key: MasterKey,
    /// Patterns of the parts it was combined from, in load order, tails kept; none for a random key.
    pub part_patterns: Vec<VerificationPattern>,
}

impl Registers {
    /// Puts a key into the new register, over whatever was there.
    ///
    /// Overwriting a full register is a choice: the documents speak of it for automatic rotation only.
    ///
    /// # Errors
    /// [`UnitRefusal::DATA_INVALID`] when the key is the current one.
    pub fn load(self, pending: PendingKey) -> Result<Self, UnitRefusal> {
        let repeats = self.current.key().is_some_and(|current| current.is_same_key(pending.key.expose_key()));
        if repeats {
            return Err(UnitRefusal::DATA_INVALID);
        }
        Ok(Registers { new: NewRegister::Uncommitted(pending), ..self })
    }

    /// Puts a random key into the current register if that is empty, else into the new one.
    ///
    /// # Errors
    /// [`UnitRefusal::BOTH_REGISTERS_FULL`]; [`UnitRefusal::DATA_INVALID`] if chance repeats the current key.
    pub fn fill_random(self, key: MasterKey) -> Result<Self, UnitRefusal> {
        match (&self.current, &self.new) {
            (CurrentRegister::Empty, _) => Ok(Registers { current: CurrentRegister::Valid(key), ..self }),
            (_, NewRegister::Empty) => self.load(PendingKey { key, part_patterns: Vec::new() }),
            _ => Err(UnitRefusal::BOTH_REGISTERS_FULL),
        }
    }

    /// Accepts the key in the new register; accepting it again changes nothing.
    ///
    /// # Errors
    /// [`UnitRefusal::NEW_EMPTY`], then [`UnitRefusal::PATTERN_MISMATCH`] unless `pattern` is the new key's.
    pub fn commit(self, pattern: &[u8]) -> Result<Self, UnitRefusal> {
        match self.new {
            NewRegister::Empty => Err(UnitRefusal::NEW_EMPTY),
            NewRegister::Uncommitted(pending) | NewRegister::Committed(pending) => {
                pending.check_pattern(pattern)?;
                Ok(Registers { new: NewRegister::Committed(pending), current: self.current })
            }
        }
    }

    /// Makes the committed key current and empties the new register; the old current key is gone.
    ///
    /// # Errors
    /// [`UnitRefusal::NOT_COMMITTED`], then [`UnitRefusal::PATTERN_MISMATCH`] unless `pattern` is the new key's.
    pub fn activate(self, pattern: &[u8]) -> Result<Self, UnitRefusal> {
        match self.new {
            NewRegister::Empty | NewRegister::Uncommitted(_) => Err(UnitRefusal::NOT_COMMITTED),
            NewRegister::Committed(pending) => {
                pending.check_pattern(pattern)?;
                Ok(Registers { current: CurrentRegister::Valid(pending.key), new: NewRegister::Empty })
            }
        }
    }

    /// Empties the new register; clearing an empty one is allowed.
    #[must_use]
    pub fn clear_new(self) -> Self {
        Registers { new: NewRegister::Empty, ..self }
    }

    /// Empties the current register; clearing an empty one is allowed.
    #[must_use]
    pub fn clear_current(self) -> Self {
        Registers { current: CurrentRegister::Empty, ..self }
    }
}

impl CurrentRegister {
    /// The key, unless the register is empty.
    pub fn key(&self) -> Option<&MasterKey> {
        match self {
            CurrentRegister::Empty => None,
            CurrentRegister::Valid(key) => Some(key),
        }
    }
}

impl NewRegister {
    /// The waiting key, unless the register is empty.
    pub fn pending(&self) -> Option<&PendingKey> {
        match self {
            NewRegister::Empty => None,
            NewRegister::Uncommitted(pending) | NewRegister::Committed(pending) => Some(pending),
        }
    }

    /// Whether the register is full committed.
    pub fn is_committed(&self) -> bool {
        matches!(self, NewRegister::Committed(_))
    }
}

impl PendingKey {
    /// The first 28 bytes decide: generations differ in the last four.
    fn check_pattern(&self, pattern: &[u8]) -> Result<(), UnitRefusal> {
        match <[u8; 32]>::try_from(pattern) {
            Ok(bytes) if self.key.pattern().matches(&VerificationPattern(bytes)) => Ok(()),
            _ => Err(UnitRefusal::PATTERN_MISMATCH),
        }
    }
}
