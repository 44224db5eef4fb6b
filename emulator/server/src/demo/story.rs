//! The story of the demo, told on a stream of its own.

use std::io::Write;

use hpcs_workstation::UnitError;

use super::{DemoError, codes};

/// Tells what happens.
pub(super) struct Story<'a> {
    out: &'a mut dyn Write,
}

impl<'a> Story<'a> {
    pub(super) fn new(out: &'a mut dyn Write) -> Self {
        Story { out }
    }

    /// A new step.
    pub(super) fn chapter(&mut self, text: &str) -> Result<(), DemoError> {
        writeln!(self.out, "\n{text}").map_err(DemoError::Story)
    }

    /// A detail of the step.
    pub(super) fn line(&mut self, text: &str) -> Result<(), DemoError> {
        writeln!(self.out, "{text}").map_err(DemoError::Story)
    }

    /// Tells a refusal, and insists that it is the expected one.
    pub(super) fn refusal(&mut self, outcome: Result<(), UnitError>, expected: (u32, u32)) -> Result<(), DemoError> {
        let found = outcome.as_ref().err().and_then(codes);
        match outcome {
            Err(error) if found == Some(expected) => {
                for line in error.to_string().lines() {
                    self.line(&format!("  | {line}"))?;
                }
                Ok(())
            }
            Err(error) => Err(DemoError::Unit(error)),
            Ok(()) => Err(DemoError::NotRefused { expected }),
        }
    }
}
