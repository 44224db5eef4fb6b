//! What rotating and recovering a master key check before anything is sent. Part of the specification: TKE workflows 2.6.

use hpcs_ep11::VerificationPattern;

use crate::targets::{self, Targets};
use crate::views::{Register, RegisterStatus};
use crate::{Failure, texts};

/// All units have left imprint mode and have the same signature threshold. Revocation thresholds do not matter here.
///
/// # Errors
/// The refusal of the first of these checks that fails.
pub(crate) fn administered_alike(targets: &Targets) -> Result<(), Failure> {
    if targets.iter().any(|unit| unit.authority.imprint_mode()) {
        return Err(Failure::new(texts::SOME_IN_IMPRINT_MODE));
    }
    let mut thresholds = targets.iter().map(|unit| unit.authority.thresholds.signature);
    let first = thresholds.next();
    if thresholds.any(|other| Some(other) != first) {
        return Err(Failure::new(texts::THRESHOLDS_DIFFER));
    }
    Ok(())
}

/// Both master key registers of all units, as they are now.
pub(crate) struct Registers {
    current: Vec<Register>,
    new: Vec<Register>,
}

impl Registers {
    /// Asks all units.
    ///
    /// # Errors
    /// The failure of the first unit that fails.
    pub(crate) async fn read(units: &Targets) -> Result<Self, Failure> {
        let mut registers = Registers { current: Vec::new(), new: Vec::new() };
        for unit in units.iter() {
            let info = unit.client.domain_info().await?;
            registers.current.push(targets::current_register(&info));
            registers.new.push(targets::new_register(&info));
        }
        Ok(registers)
    }

    /// The master key that is current in all units.
    ///
    /// # Errors
    /// A refusal when there is none.
    pub(crate) fn current(&self) -> Result<VerificationPattern, Failure> {
        common(&self.current, RegisterStatus::Valid).ok_or_else(|| Failure::new(texts::CURRENT_NOT_THE_SAME))
    }

    /// The master key that is committed in all units.
    ///
    /// # Errors
    /// A refusal when there is none.
    pub(crate) fn committed(&self) -> Result<VerificationPattern, Failure> {
        common(&self.new, RegisterStatus::FullCommitted).ok_or_else(|| Failure::new(texts::NEW_NOT_COMMITTED))
    }
}

/// The pattern of registers that all have this status and the same pattern.
fn common(registers: &[Register], status: RegisterStatus) -> Option<VerificationPattern> {
    let first = registers.first().filter(|first| first.status == status)?;
    registers.iter().all(|other| other.agrees_with(first)).then_some(first.pattern)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn registers_are_common_when_status_and_pattern_are() {
        let register = |status, byte| Register { status, pattern: VerificationPattern([byte; 32]) };
        let (valid, empty) = (RegisterStatus::Valid, RegisterStatus::Empty);
        let pattern = Some(VerificationPattern([1; 32]));
        assert_eq!(common(&[register(valid, 1), register(valid, 1)], valid), pattern);
        assert_eq!(common(&[register(valid, 1), register(valid, 2)], valid), None);
        assert_eq!(common(&[register(valid, 1), register(empty, 1)], valid), None);
        assert_eq!(common(&[register(empty, 0), register(empty, 0)], valid), None);
        assert_eq!(common(&[], valid), None);
    }
}
