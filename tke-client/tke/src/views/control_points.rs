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
    /// Bits 55, 66 and 67 of the mask.
    pub(crate) fn of(points: &ControlPoints) -> Self {
        ControlPointRow { ec_25519: points.get(55), btc: points.get(66), ecdsa_other: points.get(67) }
    }
}

/// The section with the control points of all units.
pub(super) fn control_points(blocks: &[Block<ControlPointRow>], paint: Paint) -> String {
    section(texts::CONTROL_POINTS, blocks, &recovery_footnote(blocks), paint, |block| {
        let mut table = Table::new(["CRYPTO UNIT NUM", "XCP_CPB_ALG_EC_25519", "XCP_CPB_BTC", "XCP_CPB_ECDSA_OTHER"]);
        let cell = |set: bool| if set { "Set" } else { "Not Set" }.to_owned();
        for (label, row) in &block.units {
            table.row([label.text(), cell(row.ec_25519), cell(row.btc), cell(row.ecdsa_other)]);
        }
        table
    })
}
