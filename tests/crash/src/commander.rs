//! A client that changes one crypto unit, and knows what the unit must look like.

use std::sync::Arc;

use chacha20::ChaCha20Rng;
use hpcs_ep11::{P521KeyPair, SigningKey, SubjectKeyId};
use hpcs_workstation::{ServiceError, Signer, UnitClient, UnitError};
use tonic::Code;

use crate::{Failure, Pulse, below};

/// What the unit looks like to someone who is allowed to look.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Look {
    /// Domain instance, counted up by zeroize.
    pub(crate) instance: u32,
    /// Transaction counter.
    pub(crate) counter: u128,
    /// Administrators in the order of installation.
    pub(crate) administrators: Vec<SubjectKeyId>,
}

/// An event that there must be: action and outcome.
pub(crate) type Told = (&'static str, &'static str);

/// A client of one unit, across all cycles.
pub(crate) struct Commander {
    /// The unit as the acknowledged operations left it.
    pub(crate) look: Look,
    /// Operations that were acknowledged since the last comparison.
    pub(crate) told: Vec<Told>,
    /// The operation that was not, and the unit as it would have left it; with the number of operations told before it.
    pub(crate) under_way: Option<(usize, Told, Look)>,
}

#[derive(Clone, Copy)]
enum Step {
    Add(u8),
    Remove(SubjectKeyId),
    /// Removing someone who is not there is refused, with an event.
    RemoveNobody,
    Zeroize,
}

impl Default for Commander {
    fn default() -> Self {
        let look = Look { instance: 1, counter: 0, administrators: Vec::new() };
        Commander { look, told: Vec::new(), under_way: None }
    }
}

impl Commander {
    /// Commands the unit until it does not answer any more, or until told to stop.
    pub(crate) async fn work(
        mut self,
        unit: UnitClient,
        mut rng: ChaCha20Rng,
        pulse: Arc<Pulse>,
    ) -> Result<Self, Failure> {
        while pulse.beat() {
            let step = self.choose(&mut rng);
            if !self.take(step, &unit).await? {
                break;
            }
        }
        Ok(self)
    }

    /// A refused operation, so that what was under way has come to its end one way or the other.
    pub(crate) async fn settle(&mut self, unit: &UnitClient) -> Result<(), Failure> {
        let step = Step::RemoveNobody;
        match step.send(unit).await {
            Err(UnitError::Refused { .. }) => {
                self.told.push(step.told());
                Ok(())
            }
            Ok(()) => Err("an administrator that is not there was removed".into()),
            Err(error) => Err(error.into()),
        }
    }

    fn choose(&self, rng: &mut ChaCha20Rng) -> Step {
        let present = &self.look.administrators;
        match below(rng, 8) {
            0 => Step::Zeroize,
            1 => Step::RemoveNobody,
            2 | 3 if !present.is_empty() => Step::Remove(present[below(rng, present.len() as u64) as usize]),
            _ => {
                let candidate = 1 + below(rng, 8) as u8;
                if present.contains(&id(candidate)) { Step::Zeroize } else { Step::Add(candidate) }
            }
        }
    }

    /// Takes a step; false when its outcome is not known.
    async fn take(&mut self, step: Step, unit: &UnitClient) -> Result<bool, Failure> {
        match step.send(unit).await {
            Ok(()) => {
                self.look = step.effect(&self.look);
                self.told.push(step.told());
                Ok(true)
            }
            Err(UnitError::Refused { .. }) if matches!(step, Step::RemoveNobody) => {
                self.told.push(step.told());
                Ok(true)
            }
            Err(UnitError::Service(error)) => match &error {
                ServiceError::Unreachable { .. } => Ok(false),
                ServiceError::Lost { .. } | ServiceError::TimedOut { .. } => {
                    self.leave_open(step);
                    Ok(false)
                }
                ServiceError::Refused { status, .. } => match status.code() {
                    Code::Unknown if status.metadata().contains_key(OPERATION) => {
                        self.leave_open(step);
                        Ok(false)
                    }
                    // Nothing was changed, says the service; the comparison will tell.
                    Code::Unavailable | Code::Aborted => Ok(true),
                    _ => Err(error.into()),
                },
                _ => Err(error.into()),
            },
            Err(error) => Err(error.into()),
        }
    }
}

impl Commander {
    /// Nobody knows what becomes of this step.
    fn leave_open(&mut self, step: Step) {
        self.under_way = Some((self.told.len(), step.told(), step.effect(&self.look)));
    }
}

impl Step {
    async fn send(self, unit: &UnitClient) -> Result<(), UnitError> {
        match self {
            Step::Add(scalar) => unit.add_administrator(&format!("a{scalar}"), &key(scalar), &[]).await,
            Step::Remove(id) => unit.remove_administrator(id, &[]).await,
            Step::RemoveNobody => unit.remove_administrator(SubjectKeyId([9; 32]), &[]).await,
            Step::Zeroize => unit.clone().zeroize(&[]).await,
        }
    }

    fn told(self) -> Told {
        match self {
            Step::Add(_) => ("hs-crypto.tke-cryptounit-admin.add", "success"),
            Step::Remove(_) => ("hs-crypto.tke-cryptounit-admin.remove", "success"),
            Step::RemoveNobody => ("hs-crypto.tke-cryptounit-admin.remove", "failure"),
            Step::Zeroize => ("hs-crypto.tke-cryptounit.reset", "success"),
        }
    }

    fn effect(self, before: &Look) -> Look {
        let mut after = Look { counter: before.counter + 1, ..before.clone() };
        match self {
            Step::Add(scalar) => after.administrators.push(id(scalar)),
            Step::Remove(id) => after.administrators.retain(|other| *other != id),
            Step::RemoveNobody => return before.clone(),
            Step::Zeroize => return Look { instance: before.instance + 1, counter: 0, administrators: Vec::new() },
        }
        after
    }
}

/// Names the operation whose outcome is unknown.
const OPERATION: &str = "hpcs-operation";

fn key(scalar: u8) -> Signer {
    #[expect(clippy::unwrap_used, reason = "scalars from 1 to 8 are keys")]
    SigningKey::P521(P521KeyPair::from_scalar(&[scalar]).unwrap()).into()
}

fn id(scalar: u8) -> SubjectKeyId {
    key(scalar).subject_key_id()
}
