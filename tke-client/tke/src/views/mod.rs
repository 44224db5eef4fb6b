//! The tables of the listings: what was read from crypto units and files, laid out as the plug-in prints it.
//!
//! Views are pure: they take values and give text, so that the published transcripts can be compared byte for byte.

mod administrators;
mod compare;
mod control_points;
mod files;
mod inventory;
mod registers;
mod sources;
mod thresholds;

use hpcs_names::InstanceId;

use crate::table::Table;
use crate::{console::Paint, texts};

pub(crate) use administrators::{AdministratorRow, administrators, administrators_or_none};
pub(crate) use compare::{UnitState, compare};
pub(crate) use control_points::{ControlPointRow, control_point_name};
pub(crate) use files::{
    KeyPartRow, SignatureKeyRow, key_parts, numbered_administrators, signature_key_files, signature_keys,
};
pub(crate) use inventory::{Header, ListedUnit, header, instances, inventory};
pub(crate) use registers::{Register, RegisterStatus, current_registers, new_registers};
pub(crate) use sources::{SourceRow, sources};
pub(crate) use thresholds::{ThresholdRow, thresholds};

/// The rows of one service instance: one value a crypto unit.
pub(crate) struct Block<T> {
    pub(crate) instance: InstanceId,
    pub(crate) units: Vec<(UnitLabel, T)>,
}

impl<T> Block<T> {
    /// The same units with another value each.
    fn map<U>(&self, value: impl Fn(&T) -> U) -> Block<U> {
        let units = self.units.iter().map(|(label, state)| (*label, value(state))).collect();
        Block { instance: self.instance, units }
    }
}

/// A crypto unit in a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct UnitLabel {
    /// CRYPTO UNIT NUM, from 1 on over all instances.
    pub(crate) number: u32,
    /// Recovery crypto units carry a star.
    pub(crate) recovery: bool,
}

impl UnitLabel {
    fn text(self) -> String {
        format!("{}{}", self.number, if self.recovery { "*" } else { "" })
    }
}

/// A section: a blank line, the title, one table for each instance, the footnotes.
fn section<T>(
    title: &str,
    blocks: &[Block<T>],
    footnotes: &[&str],
    paint: Paint,
    table: impl Fn(&Block<T>) -> Table,
) -> String {
    let mut text = format!("\n{title}\n");
    for (number, block) in blocks.iter().enumerate() {
        if number > 0 {
            text.push('\n');
        }
        text.push_str(&format!("{}\n", texts::service_instance(block.instance)));
        text.push_str(&table(block).render(paint));
    }
    for footnote in footnotes {
        text.push_str(&format!("\n{footnote}\n"));
    }
    text
}

/// The footnote about recovery units when one of them is in the table.
fn recovery_footnote<T>(blocks: &[Block<T>]) -> Vec<&'static str> {
    let starred = blocks.iter().flat_map(|block| &block.units).any(|(label, _)| label.recovery);
    if starred { vec![texts::RECOVERY_FOOTNOTE] } else { Vec::new() }
}

#[cfg(test)]
pub(crate) mod fixtures {
    //! The units of the published transcripts.

    use super::*;

    /// One block of units 1 and 2, and with `recovery` also 3 and 4, all with the same value.
    pub(crate) fn block<T: Clone>(recovery: bool, value: &T) -> Vec<Block<T>> {
        let last = if recovery { 4 } else { 2 };
        let units = (1..=last).map(|number| (UnitLabel { number, recovery: number > 2 }, value.clone())).collect();
        vec![Block { instance: "3395bd87-0814-42e1-9800-3ce199cf769b".parse().unwrap(), units }]
    }

    /// The lines of a transcript with the three blanks that end every table row.
    pub(crate) fn padded(transcript: &str, rows: &[&str]) -> String {
        let pad = |line: &str| {
            let row = rows.iter().any(|start| line.starts_with(start));
            format!("{line}{}\n", if row { "   " } else { "" })
        };
        transcript.lines().map(pad).collect()
    }
}
