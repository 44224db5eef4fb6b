//! The table, one file for each group of families.

mod build;
mod certificates;
mod ep11;
mod keys;
mod kmip;
mod orchestrator;
mod policies;
mod tke;
mod tokens;

use super::Row;

/// All documented actions of Hyper Protect Crypto Services and Key Protect, in the order of the groups.
pub static CATALOGUE: &[Row] = &ROWS;

static ROWS: [Row; COUNT] = joined(&[
    keys::ROWS,
    policies::ROWS,
    tokens::ROWS,
    kmip::ROWS,
    tke::ROWS,
    certificates::ROWS,
    ep11::ROWS,
    orchestrator::ROWS,
]);

const COUNT: usize = 169;

const fn joined(groups: &[&[Row]]) -> [Row; COUNT] {
    let mut rows = [groups[0][0]; COUNT];
    let mut filled = 0;
    let mut group = 0;
    while group < groups.len() {
        let mut at = 0;
        while at < groups[group].len() {
            rows[filled] = groups[group][at];
            filled += 1;
            at += 1;
        }
        group += 1;
    }
    assert!(filled == COUNT, "the groups do not fill the catalogue");
    rows
}
