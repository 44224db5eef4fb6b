//! What the clients were told against what is there.

use std::collections::HashMap;

use bytes::Bytes;
use hpcs_ep11::SubjectKeyId;
use hpcs_grpc::emulator::v1::{CryptoUnitState, Event};
use hpcs_names::InstanceId;
use serde_json::Value;

use crate::commander::{Commander, Look};
use crate::replica::Replica;
use crate::{Clients, Failure, Tally};

/// The log of the instance as far as it was compared.
#[derive(Default)]
pub(crate) struct Log {
    lines: Vec<Bytes>,
}

/// The new events of one unit.
#[derive(Default)]
struct Found {
    /// Action and outcome of commands by someone with a token.
    commands: Vec<(String, String)>,
    refusals: u64,
}

impl Log {
    /// Compares the new part of the log and the present state of all units with what was told, and forgets what was told.
    pub(crate) async fn compare(
        &mut self,
        witness: &Replica,
        instance: InstanceId,
        clients: &mut Clients,
        tally: &mut Tally,
    ) -> Result<(), Failure> {
        let from = self.lines.len() as u64 + 1;
        let mut found = self.take(witness.events(instance, from).await?)?;
        let (_, units) = witness.units().await?;
        for (at, unit) in units.iter().enumerate() {
            let place = unit.location.to_string();
            let Found { commands, refusals } = found.remove(&place).unwrap_or_default();
            let look = look(&witness.inspect(instance, unit.id).await?)?;
            let commander = &mut clients.commanders[at];
            commander.compare(&commands, look, tally).map_err(|fault| format!("{place}: {fault}"))?;
            let stranger = &mut clients.strangers[at];
            let heard_of = stranger.told..=stranger.told + stranger.under_way;
            if !heard_of.contains(&refusals) {
                return Err(format!("{place}: {refusals} refusals in the log, {heard_of:?} were told").into());
            }
            tally.acknowledged += stranger.told;
            tally.committed_unheard += refusals - stranger.told;
            tally.lost_unheard += heard_of.end() - refusals;
            *stranger = Default::default();
        }
        match found.keys().next() {
            Some(place) => Err(format!("{place}: events of a unit that nobody commanded").into()),
            None => Ok(()),
        }
    }

    /// Reads the whole log once more: it must be what was compared, byte for byte. Gives the number of events.
    pub(crate) async fn read_again(&self, witness: &Replica, instance: InstanceId) -> Result<u64, Failure> {
        let events = witness.events(instance, 1).await?;
        for (at, event) in events.iter().enumerate() {
            if event.sequence != at as u64 + 1 || self.lines.get(at) != Some(&event.json) {
                return Err(format!("event {} is not what it was", at + 1).into());
            }
        }
        if events.len() == self.lines.len() {
            Ok(events.len() as u64)
        } else {
            Err(format!("{} events are left of {}", events.len(), self.lines.len()).into())
        }
    }

    /// Sorts new events by unit; their sequence must go on without a gap.
    fn take(&mut self, events: Vec<Event>) -> Result<HashMap<String, Found>, Failure> {
        let mut found: HashMap<String, Found> = HashMap::new();
        for event in events {
            let expected = self.lines.len() as u64 + 1;
            if event.sequence != expected {
                return Err(format!("event {} where {expected} must be", event.sequence).into());
            }
            let content: Value = serde_json::from_slice(&event.json)?;
            let text = |path: &str| content.pointer(path).and_then(Value::as_str).unwrap_or_default().to_owned();
            let of_unit = found.entry(text("/target/name")).or_default();
            if content.pointer("/reason/reasonCode").and_then(Value::as_u64) == Some(401) {
                of_unit.refusals += 1;
            } else {
                of_unit.commands.push((text("/action"), text("/outcome")));
            }
            self.lines.push(event.json);
        }
        Ok(found)
    }
}

impl Commander {
    /// The log must tell what was told, in that order, with or without the operation that was under way; and the unit must
    /// look accordingly.
    fn compare(&mut self, found: &[(String, String)], look: Look, tally: &mut Tally) -> Result<(), Failure> {
        let told = std::mem::take(&mut self.told);
        let equal = |one: &[(String, String)], other: &[(&str, &str)]| {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| one.0 == other.0 && one.1 == other.1)
        };
        tally.acknowledged += told.len() as u64;
        let without = equal(found, &told) && look == self.look;
        if let Some((at, event, after)) = self.under_way.take() {
            let mut with = told.clone();
            with.insert(at, event);
            if equal(found, &with) && look == after {
                self.look = after;
                tally.committed_unheard += 1;
                return Ok(());
            }
            if without {
                tally.lost_unheard += 1;
                return Ok(());
            }
            return Err(format!("told {told:?} and perhaps {event:?}, found {found:?}; the unit is {look:?}").into());
        }
        if without {
            return Ok(());
        }
        Err(format!("told {told:?}, found {found:?}; the unit is {look:?} and should be {:?}", self.look).into())
    }
}

fn look(state: &CryptoUnitState) -> Result<Look, Failure> {
    let administrators = state.administrators.iter().map(|one| id(&one.id)).collect::<Result<_, _>>()?;
    Ok(Look {
        instance: u32::from_str_radix(&state.domain_instance, 16)?,
        counter: u128::from_str_radix(&state.transaction_counter, 16)?,
        administrators,
    })
}

fn id(text: &str) -> Result<SubjectKeyId, Failure> {
    let mut id = [0; 32];
    for (at, byte) in id.iter_mut().enumerate() {
        *byte = u8::from_str_radix(text.get(2 * at..2 * at + 2).ok_or("a short identifier")?, 16)?;
    }
    Ok(SubjectKeyId(id))
}
