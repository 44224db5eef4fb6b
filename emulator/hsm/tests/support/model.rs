//! What a crypto unit does, written a second time by hand from the specification. It shares nothing with the unit.
//!
//! The rehearsed unit has at most four administrators, signature threshold 3 and revocation threshold 2.

use super::Code;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum New {
    Empty,
    Uncommitted,
    Committed,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct State {
    pub(crate) secured: bool,
    pub(crate) current: bool,
    pub(crate) new: New,
    pub(crate) importer: bool,
    /// Whether the permissions for random keys and for export are on; both always go together here.
    pub(crate) permissive: bool,
    pub(crate) administrators: u8,
}

pub(crate) const FACTORY: State =
    State { secured: false, current: false, new: New::Empty, importer: false, permissive: false, administrators: 0 };

macro_rules! listed {
    ($name:ident { $($variant:ident),+ $(,)? }) => {
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub(crate) enum $name { $($variant),+ }
        impl $name {
            pub(crate) const ALL: &'static [$name] = &[$($name::$variant),+];
        }
    };
}

// Attributes: thresholds 3/2 with either set of permissions, signature threshold 0, and thresholds 5/2.
// ImportSignedOutside carries the signers in the outer request and administrator 1 in the inner one.
#[rustfmt::skip]
listed!(Command {
    AddAdministrator, RemoveAdministrator, SetRestricted, SetPermissive, SetThresholdZero, SetThresholdFive,
    GenerateImporter, Random, ExportCurrent, ExportNew, Import, ImportSignedOutside, Commit, CommitWrongPattern,
    SetImmediate, SetImmediateWrongPattern, Zeroize, SetControlPoints, AddControlPoints, DeleteControlPoints,
    ClearCurrent, ClearNew,
});

listed!(Signers { None, One, BelowThreshold, Threshold, Foreign, SameTwice, Invalid });

impl Signers {
    /// Administrators by number, in the order of signing. The first signature of `Invalid` is wrong.
    pub(crate) fn numbers(self) -> &'static [u8] {
        match self {
            Signers::None => &[],
            Signers::One => &[1],
            Signers::BelowThreshold => &[1, 2],
            Signers::Threshold | Signers::Invalid => &[1, 2, 3],
            Signers::Foreign => &[1, 2, super::FOREIGN],
            Signers::SameTwice => &[1, 2, 2],
        }
    }
}

/// The next state, or the refusal.
pub(crate) fn predict(state: State, command: Command, signers: Signers) -> Result<State, Code> {
    use Command::*;
    let sets = matches!(command, SetRestricted | SetPermissive | SetThresholdZero | SetThresholdFive);
    if !state.secured {
        if !sets && !matches!(command, AddAdministrator | RemoveAdministrator | Zeroize) {
            return Err((179, Some(34)));
        }
        if sets {
            set_attributes(state, command)?;
        }
    }
    match command {
        Import => {}
        _ => check_signatures(state, signers, needed(state, command))?,
    }
    effect(state, command, signers)
}

fn needed(state: State, command: Command) -> usize {
    use Command::*;
    match command {
        SetRestricted | SetPermissive => 3,
        _ if !state.secured => 0,
        SetImmediate | SetImmediateWrongPattern | Import | ImportSignedOutside => 0,
        GenerateImporter | Random | ClearCurrent | ClearNew | Zeroize => 1,
        RemoveAdministrator => 2,
        _ => 3,
    }
}

fn check_signatures(state: State, signers: Signers, needed: usize) -> Result<(), Code> {
    let distinct = if signers == Signers::SameTwice { 2 } else { signers.numbers().len() };
    match signers {
        _ if signers.numbers().iter().any(|number| *number > state.administrators) => Err((257, Some(33))),
        Signers::Invalid => Err((192, Some(22))),
        _ if distinct < needed => Err((208, Some(21))),
        _ => Ok(()),
    }
}

fn set_attributes(state: State, command: Command) -> Result<State, Code> {
    match command {
        Command::SetThresholdZero if state.secured => Err((209, Some(76))),
        Command::SetThresholdZero => Ok(state),
        Command::SetThresholdFive => Err((209, Some(57))),
        _ if state.administrators < 3 => Err((209, Some(57))),
        _ => Ok(State { secured: true, permissive: command == Command::SetPermissive, ..state }),
    }
}

fn effect(state: State, command: Command, signers: Signers) -> Result<State, Code> {
    use Command::*;
    let administrators = state.administrators;
    match command {
        AddAdministrator if administrators == 4 => Err((256, Some(38))),
        AddAdministrator => Ok(State { administrators: administrators + 1, ..state }),
        RemoveAdministrator if administrators == 0 => Err((32, Some(32))),
        RemoveAdministrator if state.secured && administrators == 3 => Err((209, Some(66))),
        RemoveAdministrator => Ok(State { administrators: administrators - 1, ..state }),
        SetRestricted | SetPermissive | SetThresholdZero | SetThresholdFive => set_attributes(state, command),
        GenerateImporter => Ok(State { importer: true, ..state }),
        Random if !state.permissive => Err((80, Some(52))),
        Random if !state.current => Ok(State { current: true, ..state }),
        Random if state.new != New::Empty => Err((80, Some(53))),
        Random => Ok(State { new: New::Uncommitted, ..state }),
        ExportCurrent if !state.current => Err((102, Some(49))),
        ExportNew if state.new == New::Empty => Err((102, Some(50))),
        ExportCurrent | ExportNew if !state.permissive => Err((80, Some(131))),
        Import | ImportSignedOutside if !state.importer => Err((102, Some(1))),
        Import if signers == Signers::None => Err((32, Some(9))),
        Import => check_signatures(state, signers, 1).map(|()| State { new: New::Uncommitted, ..state }),
        ImportSignedOutside => Ok(State { new: New::Uncommitted, ..state }),
        Commit | CommitWrongPattern if state.new == New::Empty => Err((102, Some(50))),
        SetImmediate | SetImmediateWrongPattern if state.new != New::Committed => Err((102, Some(64))),
        CommitWrongPattern | SetImmediateWrongPattern => Err((101, Some(48))),
        Commit => Ok(State { new: New::Committed, ..state }),
        SetImmediate => Ok(State { current: true, new: New::Empty, ..state }),
        Zeroize => Ok(FACTORY),
        ClearCurrent => Ok(State { current: false, ..state }),
        ClearNew => Ok(State { new: New::Empty, ..state }),
        ExportCurrent | ExportNew | SetControlPoints | AddControlPoints | DeleteControlPoints => Ok(state),
    }
}
