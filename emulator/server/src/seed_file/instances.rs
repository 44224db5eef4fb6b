//! Instances of a seed file.

use std::collections::BTreeMap;
use std::path::Path;

use hpcs_audit::EventTime;
use hpcs_ep11::development_root;
use hpcs_service::document::{DocumentFault, Factory, InstanceDocument, moment_text};
use hpcs_service::{Instance, InstanceSpec, Seed, ServiceRoot, UnitIds, lay_out};

use super::yaml::{Fault, Position, Tree};
use super::{SeededInstance, fault, moment};
use crate::config::default_instance;

/// Checks all instances as thoroughly as creating them does. `start` is what times are relative to.
pub(super) fn check(
    path: &Path,
    tree: &Tree,
    documents: Vec<InstanceDocument>,
    start: EventTime,
) -> Result<Vec<SeededInstance>, Fault> {
    let mut known = Known::default();
    let mut numbers = Numbers::of(tree, &documents)?;
    let mut checked = Vec::with_capacity(documents.len());
    for (index, mut document) in documents.into_iter().enumerate() {
        let place = format!("instances[{index}]");
        if let Some(created) = &document.created {
            let created =
                moment::relative(created, start).map_err(|why| fault(tree, &format!("{place}.created"), why))?;
            document.created = Some(moment_text(created));
        }
        if let Some(started) = document.rotation.as_mut().and_then(|rotation| rotation.started.as_mut()) {
            let moment = moment::relative(started, start)
                .map_err(|why| fault(tree, &format!("{place}.rotation.started"), why))?;
            *started = moment_text(moment);
        }
        if document.deleted == Some(true) {
            return Err(fault(tree, &format!("{place}.deleted"), "nothing begins deleted"));
        }
        let spec = spec(&document, numbers.next(&document)).map_err(|found| placed(tree, &place, &found))?;
        let instance = rehearse(tree, &place, &spec, &document, start)?;
        known.add(tree, &place, &instance)?;
        let Position { line, column } = tree.find(&place);
        let declared = format!("{}:{line}:{column}: {place}", path.display());
        checked.push(SeededInstance { declared, spec, document });
    }
    Ok(checked)
}

/// How the instance is laid out; `number` is its number when it does not say one.
pub(super) fn spec(document: &InstanceDocument, number: u32) -> Result<InstanceSpec, DocumentFault> {
    document.spec(default_instance(number))
}

/// The fault of a document, at its place in the file.
pub(super) fn placed(tree: &Tree, place: &str, found: &DocumentFault) -> Fault {
    let joint = if place.is_empty() || found.path.is_empty() || found.path.starts_with('[') { "" } else { "." };
    let field = format!("{place}{joint}{}", found.path);
    Fault { at: Some(tree.find(&field)), field, why: found.why.to_string() }
}

/// Makes the instance and throws it away: its modules have other keys than the emulator will give them.
fn rehearse(
    tree: &Tree,
    place: &str,
    spec: &InstanceSpec,
    document: &InstanceDocument,
    start: EventTime,
) -> Result<Instance, Fault> {
    let (root, manufacturer) = (ServiceRoot::of(&Seed::from_number(0)), development_root());
    let laid_out = lay_out(spec, UnitIds::OfNumber, start, &root, &manufacturer);
    let laid_out = laid_out.map_err(|error| {
        // "operational: 7 operational crypto units are not possible"
        let error = error.to_string();
        let (setting, why) = error.split_once(": ").unwrap_or(("", &error));
        fault(tree, &format!("{place}.{setting}"), why)
    })?;
    let factory = Factory { root: &root, manufacturer: &manufacturer, exported: false };
    let applied = document.apply(laid_out, &factory);
    applied.map(|(instance, _)| instance).map_err(|found| placed(tree, place, &found))
}

/// What no two instances or units of a file share, and who has it.
#[derive(Default)]
struct Known {
    instances: BTreeMap<String, String>,
    units: BTreeMap<String, String>,
    locations: BTreeMap<String, String>,
}

impl Known {
    fn add(&mut self, tree: &Tree, place: &str, instance: &Instance) -> Result<(), Fault> {
        let once =
            |known: &mut BTreeMap<String, String>, value: String, place: &str, field: &str, what: &str| match known
                .insert(value, place.to_owned())
            {
                Some(first) => Err(fault(tree, &format!("{place}.{field}"), format!("{first} has the same {what}"))),
                None => Ok(()),
            };
        once(&mut self.instances, instance.id.to_string(), place, "id", "id")?;
        for (index, card) in instance.units.iter().enumerate() {
            let place = format!("{place}.units[{index}]");
            once(&mut self.units, card.id.to_string(), &place, "id", "id")?;
            once(&mut self.locations, card.location.to_string(), &place, "location", "location")?;
        }
        Ok(())
    }
}

/// Numbers of instances: those that the file gives, and the smallest that are left.
struct Numbers {
    given: Vec<u32>,
    next: u32,
}

impl Numbers {
    fn of(tree: &Tree, documents: &[InstanceDocument]) -> Result<Self, Fault> {
        let mut given: Vec<u32> = Vec::new();
        for (index, document) in documents.iter().enumerate() {
            let Some(number) = document.number else { continue };
            let wrong = |why: &str| fault(tree, &format!("instances[{index}].number"), why);
            if number > LARGEST {
                return Err(wrong(&format!("{number} is too large; numbers go from 0 to {LARGEST}")));
            }
            if given.contains(&number) {
                return Err(wrong("an instance before has the same number"));
            }
            given.push(number);
        }
        Ok(Numbers { given, next: 0 })
    }

    /// The number of an instance; what it says itself counts.
    fn next(&mut self, document: &InstanceDocument) -> u32 {
        if let Some(number) = document.number {
            return number;
        }
        while self.given.contains(&self.next) {
            self.next += 1;
        }
        self.next += 1;
        self.next - 1
    }
}

const LARGEST: u32 = InstanceSpec::MOST_NUMBER;
