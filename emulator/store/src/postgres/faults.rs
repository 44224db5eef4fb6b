//! Steps that can fail on purpose.

use super::failure::Failure;
use crate::{Fault, FaultPoint, Faults};

/// Leave to take a step.
#[must_use]
pub(super) struct Gate {
    point: FaultPoint,
    answer_is_lost: bool,
}

impl Gate {
    /// Asks for leave. A fault that keeps the step from being taken is an error; one that makes it wait is waited for.
    pub(super) async fn pass(faults: &dyn Faults, point: FaultPoint) -> Result<Self, Failure> {
        match faults.at(point) {
            Fault::None => {}
            Fault::Fail => return Err(Failure::Refused(format!("a fault on purpose at '{point}'"))),
            Fault::StepLost => return Err(Failure::Lost(format!("the step was lost on purpose at '{point}'"))),
            Fault::AnswerLost => return Ok(Gate { point, answer_is_lost: true }),
            Fault::Hang(until) => until.await,
        }
        Ok(Gate { point, answer_is_lost: false })
    }

    /// What is known of a step that was taken.
    pub(super) fn answer<T>(self, answer: Result<T, Failure>) -> Result<T, Failure> {
        match answer {
            Ok(_) if self.answer_is_lost => {
                Err(Failure::Lost(format!("the answer was lost on purpose at '{}'", self.point)))
            }
            answer => answer,
        }
    }
}
