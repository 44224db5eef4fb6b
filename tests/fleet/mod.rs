//! An instance with recovery units, initialised by `tke auto-init`, and the events of its crypto units.
#![allow(dead_code, reason = "each test program uses its part")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a fault here is a failed test")]

use crate::support::Server;
use crate::workstation::Workstation;

/// Where the crypto units of the default instance are, by their numbers from 1: two operational, two recovery, and two
/// failover units once they are enabled.
pub(crate) const LOCATIONS: [&str; 6] = [
    "[us-south].[AZ1-CS7].[01].[13]",
    "[us-south].[AZ3-CS9].[01].[39]",
    "[us-south].[AZ3-CS9].[01].[38]",
    "[us-east].[AZ3-CS3].[01].[12]",
    "[us-east].[AZ1-CS1].[01].[05]",
    "[us-east].[AZ2-CS2].[01].[11]",
];

/// The passwords of both administrators, as they are asked.
pub(crate) const BOTH: &str = "pw-admin1\npw-admin2\n";

/// An event: action without its prefix, location, outcome.
pub(crate) type Event = (String, String, String);

pub(crate) fn desk(server: &Server) -> Workstation {
    Workstation::seeded(1).with("TKE_PRIVATE_ADDR", &server.address)
}

/// A workstation with the keys of two administrators, both selected.
pub(crate) fn desk_of_two(server: &Server) -> Workstation {
    let mut desk = desk(server);
    for name in ["admin1", "admin2"] {
        desk.add_signature_key(name);
    }
    desk.run("sigkey-sel", &format!("1 2\n{BOTH}")).success();
    desk
}

/// The drills' `REC4`: administrators admin1 and admin2, thresholds 2/2, the same master key in all four units, which are
/// selected.
pub(crate) fn rec4(server: &Server) -> Workstation {
    let mut desk = desk_of_two(server);
    desk.run("auto-init --signature 2 --revocation 2 --admins 2 -y", &format!("1 2\n{BOTH}")).success();
    desk
}

/// The drills' `FAIL6`: as `REC4`, and two failover units in imprint mode.
pub(crate) fn fail6(server: &Server) -> Workstation {
    let mut desk = rec4(server);
    desk.run("failover-enable --failover 2 -y", "").success();
    desk
}

/// The drills' `INIT2`, with two administrators: thresholds 2/2 and a master key of two parts in the two operational
/// units, which are selected; recovery units in imprint mode. Key parts 1 and 2 are loaded, 3 and 4 are other ones.
pub(crate) fn init2(server: &Server) -> Workstation {
    let mut desk = desk_of_two(server);
    desk.run("cryptounit-add", "1 2\n").success();
    for keynum in ["1", "2"] {
        desk.run("cryptounit-admin-add", &format!("{keynum}\npw-admin{keynum}\n")).success();
    }
    desk.run("cryptounit-thrhld-set", &format!("2\n2\n{BOTH}")).success();
    for part in ["first", "second", "third", "fourth"] {
        desk.run("mk-add --random", &format!("{part}\npw\npw\n")).success();
    }
    desk.run("cryptounit-mk-load", "1 2\npw-admin1\npw\npw\n").success();
    desk.run("cryptounit-mk-commit", BOTH).success();
    desk.run("cryptounit-mk-setimm", "y\npw-admin1\n").success();
    desk
}

/// Loads and commits the two other key parts in the selected units.
pub(crate) fn commit_other_parts(desk: &mut Workstation) {
    desk.run("cryptounit-mk-load", "3 4\npw-admin1\npw\npw\n").success();
    desk.run("cryptounit-mk-commit", BOTH).success();
}

/// Selects these units and no others.
pub(crate) fn select(desk: &mut Workstation, units: &str) {
    desk.run("cryptounit-rm", "1 2 3 4\n").success();
    desk.run("cryptounit-add", &format!("{units}\n")).success();
}

/// Each action on all of these units, in their order, successful.
pub(crate) fn on(units: &[usize], actions: &[&str]) -> Vec<Event> {
    actions.iter().flat_map(|action| units.iter().map(|unit| event(action, *unit, "success"))).collect()
}

/// All of these actions on one unit after the other, successful.
pub(crate) fn each(units: &[usize], actions: &[&str]) -> Vec<Event> {
    units.iter().flat_map(|unit| actions.iter().map(|action| event(action, *unit, "success"))).collect()
}

pub(crate) fn event(action: &str, unit: usize, outcome: &str) -> Event {
    (action.to_owned(), LOCATIONS[unit - 1].to_owned(), outcome.to_owned())
}

/// Whether the selected units are configured the same.
pub(crate) fn are_the_same(desk: &mut Workstation) -> bool {
    let compared = desk.run("cryptounit-compare", "").success();
    let same = compared.contains("==> All crypto units are configured the same. <==");
    assert!(same || compared.contains("==> WARNING: Crypto units are configured differently. <=="), "{compared}");
    same
}

pub(crate) const ADD: &str = "-admin.add";
pub(crate) const THRESHOLDS: &str = "-threshold.set";
pub(crate) const LOAD: &str = "-master-key-register.add";
pub(crate) const COMMIT: &str = "-master-key-register.commit";
pub(crate) const ACTIVATE: &str = "-master-key-register.activate";
pub(crate) const CLEAR_NEW: &str = "-new-master-key-register.clear";
pub(crate) const CLEAR_CURRENT: &str = "-current-master-key-register.clear";
pub(crate) const RESET: &str = ".reset";
