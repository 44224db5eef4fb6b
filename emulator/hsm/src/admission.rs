//! Admission: whether a unit takes a command at all. The order of the checks is data.

use hpcs_ep11::{AdminBlock, FunctionWord, TransactionCounter};

use crate::commands::ImprintRule;
use crate::request::Header;
use crate::signatures::verify_signers;
use crate::{CommandRequest, CommandRow, Response, Unit, UnitRefusal, UnitState};

/// One step of admission.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Check {
    /// The administrative domain is 8 bytes: 3/13.
    DomainSize,
    /// It names this domain: 3/12.
    DomainIndex,
    /// It names the current domain instance: 3/14.
    DomainInstance,
    /// The module identifier is 16 bytes: 32/15.
    ModuleSize,
    /// It names this module's serial number: 32/17.
    ModuleSerial,
    /// It names this module's instance: 32/16.
    ModuleInstance,
    /// The counter is 16 bytes: 163/18.
    CounterSize,
    /// The counter is above the unit's: 163/19.
    CounterAdvances,
    /// The command is allowed in the unit's mode: 179/34.
    Mode,
    /// The command's own rules. Without this step here they run after admission.
    OwnRules,
    /// Signatures parse (193), at most eight (193/87), by installed administrators (257/33), valid (192/22), and enough
    /// distinct administrators signed (208/21).
    Signatures,
}

/// The order for every command, except where a row of the table says otherwise.
///
/// The order inside real firmware is not public; this one makes results deterministic.
pub(crate) const USUAL_ORDER: &[Check] = &[
    Check::DomainSize,
    Check::DomainIndex,
    Check::DomainInstance,
    Check::ModuleSize,
    Check::ModuleSerial,
    Check::ModuleInstance,
    Check::CounterSize,
    Check::CounterAdvances,
    Check::Mode,
    Check::Signatures,
];

/// Own rules before signatures: a threshold above the number of administrators is reported as such, although it could
/// never be signed by enough of them.
pub(crate) const OWN_RULES_FIRST: &[Check] = &[
    Check::DomainSize,
    Check::DomainIndex,
    Check::DomainInstance,
    Check::ModuleSize,
    Check::ModuleSerial,
    Check::ModuleInstance,
    Check::CounterSize,
    Check::CounterAdvances,
    Check::Mode,
    Check::OwnRules,
    Check::Signatures,
];

/// A command that passed admission, ready to be applied.
///
/// [`CommandRequest::admit`] makes one from a signed request; [`Admitted::assume`] makes one without signatures, for
/// whoever enters below the public-key work: generators, models, benchmarks.
pub struct Admitted {
    pub(crate) row: &'static CommandRow,
    pub(crate) input: Vec<u8>,
    pub(crate) counter: TransactionCounter,
    pub(crate) trust: Trust,
}

/// How requests embedded in a command's input are treated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trust {
    /// They must repeat this counter, that of the outer block, and be signed.
    Verify(TransactionCounter),
    /// They are taken for granted.
    Assume,
}

impl Admitted {
    /// A command as if it had passed every check of admission; the unit's counter becomes `counter`.
    pub fn assume(row: &'static CommandRow, input: Vec<u8>, counter: TransactionCounter) -> Self {
        Admitted { row, input, counter, trust: Trust::Assume }
    }

    /// Which command this is.
    pub fn row(&self) -> &'static CommandRow {
        self.row
    }

    /// The command's input.
    pub fn input(&self) -> &[u8] {
        &self.input
    }

    /// The counter the unit takes over.
    pub fn counter(&self) -> TransactionCounter {
        self.counter
    }

    /// The answer of `unit` to a command that entered here; see [`CommandRequest::respond`].
    pub fn respond(&self, unit: &Unit, result: Result<&[u8], UnitRefusal>) -> Response {
        let header = Header { word: FunctionWord::sdk(FunctionWord::ADMIN), function: self.row.function };
        Response::to_command(unit, header, result)
    }
}

impl CommandRequest<'_> {
    /// Runs the checks of admission in the order that the command's row gives for the unit's mode.
    ///
    /// # Errors
    /// The refusal of the first failing check; see [`Check`].
    pub fn admit(&self, unit: &Unit) -> Result<Admitted, UnitRefusal> {
        for check in self.row.order(unit) {
            self.run(*check, unit)?;
        }
        let counter = counter(&self.block)?;
        Ok(Admitted { row: self.row, input: self.block.input.to_vec(), counter, trust: Trust::Verify(counter) })
    }

    fn run(&self, check: Check, unit: &Unit) -> Result<(), UnitRefusal> {
        let AdminBlock { domain, module, input, .. } = self.block;
        let own = unit.module().id().to_bytes();
        let (passed, refusal) = match check {
            Check::DomainSize => (domain.len() == 8, UnitRefusal::DOMAIN_MALFORMED),
            Check::DomainIndex => {
                (domain.starts_with(&unit.domain.index.0.to_be_bytes()), UnitRefusal::DOMAIN_OUT_OF_RANGE)
            }
            Check::DomainInstance => (domain.ends_with(&unit.domain.instance.0), UnitRefusal::DOMAIN_INSTANCE),
            Check::ModuleSize => (module.len() == own.len(), UnitRefusal::MODULE_MALFORMED),
            Check::ModuleSerial => (module.starts_with(&own[..8]), UnitRefusal::MODULE_SERIAL),
            Check::ModuleInstance => (module.ends_with(&own[8..]), UnitRefusal::MODULE_INSTANCE),
            Check::CounterSize => return counter(&self.block).map(|_| ()),
            Check::CounterAdvances => (counter(&self.block)? > unit.counter, UnitRefusal::COUNTER_PASSED),
            Check::Mode => (self.row.allowed_in(unit), UnitRefusal::IMPRINT_MODE),
            Check::OwnRules => return (self.row.check)(unit, input, Trust::Verify(counter(&self.block)?)),
            Check::Signatures => {
                let needed = self.row.signatures_needed(unit, input);
                return verify_signers(unit, self.signed, self.signatures, needed);
            }
        };
        if passed { Ok(()) } else { Err(refusal) }
    }
}

impl CommandRow {
    /// The order of checks for a unit in this mode.
    pub fn order(&self, unit: &Unit) -> &'static [Check] {
        match (unit.state(), self.imprint) {
            (UnitState::Imprint(_), ImprintRule::NewSignatureThreshold) => OWN_RULES_FIRST,
            _ => USUAL_ORDER,
        }
    }
}

fn counter(block: &AdminBlock<'_>) -> Result<TransactionCounter, UnitRefusal> {
    let bytes = <[u8; 16]>::try_from(block.counter).map_err(|_| UnitRefusal::COUNTER_MALFORMED)?;
    Ok(TransactionCounter::from_bytes(bytes))
}
