//! CONTROL POINTS: the three that the product exposes.

use hpcs_ep11::ControlPoints;

use crate::console::Paint;
use crate::table::Table;
use crate::texts;
use crate::views::{Block, recovery_footnote, section};

/// The listed control points of one crypto unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ControlPointRow {
    pub(crate) ec_25519: bool,
    pub(crate) btc: bool,
    pub(crate) ecdsa_other: bool,
}

impl ControlPointRow {
    /// The three of them in the mask.
    pub(crate) fn of(points: &ControlPoints) -> Self {
        let [(ec_25519, _), (btc, _), (ecdsa_other, _)] = CONTROL_POINTS;
        ControlPointRow { ec_25519: points.get(ec_25519), btc: points.get(btc), ecdsa_other: points.get(ecdsa_other) }
    }
}

/// Their numbers and names.
const CONTROL_POINTS: [(u8, &str); 3] =
    [(55, "XCP_CPB_ALG_EC_25519"), (66, "XCP_CPB_BTC"), (67, "XCP_CPB_ECDSA_OTHER")];

/// How a control point is called: by its name when the product exposes it, else by its number.
pub(crate) fn control_point_name(number: u8) -> String {
    let named = CONTROL_POINTS.iter().find(|(known, _)| *known == number);
    named.map_or_else(|| number.to_string(), |(_, name)| (*name).to_owned())
}

/// The section with the control points of all units.
pub(super) fn control_points(blocks: &[Block<ControlPointRow>], paint: Paint) -> String {
    section(texts::CONTROL_POINTS, blocks, &recovery_footnote(blocks), paint, |block| {
        let [(_, ec_25519), (_, btc), (_, ecdsa_other)] = CONTROL_POINTS;
        let mut table = Table::new(["CRYPTO UNIT NUM", ec_25519, btc, ecdsa_other]);
        let cell = |set| texts::set_or_not(set).to_owned();
        for (label, row) in &block.units {
            table.row([label.text(), cell(row.ec_25519), cell(row.btc), cell(row.ecdsa_other)]);
        }
        table
    })
}
