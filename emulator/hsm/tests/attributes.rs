//! Set domain attributes (administration protocol, 5.8): each rule, their order, and what is in force afterwards.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a fixture that cannot be made is a failed test")]

mod support;

use hpcs_ep11::{AdminFunction, AttributeList, Permissions};
use hpcs_hsm::Unit;
use support::message::ask;
use support::{
    Code, OPERATIONAL, RECOVERY, administered, assume, attributes, output, pairs, refused, secured, shared_factory,
    try_assume,
};

const SET: AdminFunction = AdminFunction::SET_ATTRIBUTES;
const SIGNATURE: u32 = AttributeList::SIGNATURE_THRESHOLD;
const REVOCATION: u32 = AttributeList::REVOCATION_THRESHOLD;
const PERMISSIONS: u32 = AttributeList::PERMISSIONS;
const MODE: u32 = AttributeList::MODE;

#[test]
fn the_factory_reports_five_attributes() {
    let factory = pairs(&[(1, 0), (2, 0), (3, 0x81FF_0011), (4, 0), (5, 1)]);
    assert_eq!(ask(&shared_factory(), AdminFunction::QUERY_ATTRIBUTES, &[]).unwrap(), factory);
    assert_eq!(ask(&shared_factory(), AdminFunction::QUERY_ATTRIBUTES, &[0]), Err((33, None)));
    assert_eq!(Permissions::FACTORY.sdk_operational(), OPERATIONAL);
    assert_eq!(Permissions::FACTORY.sdk_recovery(), RECOVERY);
}

#[test]
fn leaving_imprint_mode_reports_the_new_list() {
    let unit = administered(shared_factory(), 2);
    for (permissions, value) in [(OPERATIONAL, 0x01FF_2055), (RECOVERY, 0x01FF_205F)] {
        let list = output(&unit, SET, &attributes(2, 1, permissions));
        assert_eq!(list, pairs(&[(1, 2), (2, 1), (3, value), (4, 1), (5, 1)]));
    }
}

/// One row of the table in 5.8: what is in force, what is asked, the refusal.
struct Row {
    rule: &'static str,
    /// Thresholds in force; 0 is imprint mode. There are three administrators.
    thresholds: (u32, u32),
    permissions: u32,
    input: Vec<u8>,
    code: Code,
}

fn row(rule: &'static str, thresholds: (u32, u32), permissions: u32, input: &[(u32, u32)], reason: u32) -> Row {
    Row { rule, thresholds, permissions, input: pairs(input), code: (209, Some(reason)) }
}

#[test]
fn each_rule_on_attributes_has_its_code() {
    const SDK: u32 = OPERATIONAL.0;
    let without = |bits: u32| SDK & !bits;
    let rows = [
        Row { rule: "empty", thresholds: (2, 2), permissions: SDK, input: vec![], code: (33, Some(41)) },
        Row { rule: "cut", thresholds: (2, 2), permissions: SDK, input: vec![0; 7], code: (33, Some(41)) },
        row("index 0", (2, 2), SDK, &[(0, 1)], 42),
        row("read-only index", (2, 2), SDK, &[(5, 1)], 42),
        row("index of newer firmware", (2, 2), SDK, &[(10, 1)], 42),
        row("index above all", (2, 2), SDK, &[(11, 1)], 89),
        row("index twice", (2, 2), SDK, &[(MODE, 1), (MODE, 1)], 43),
        row("signature threshold to 0", (2, 2), SDK, &[(SIGNATURE, 0)], 76),
        row("revocation threshold to 0", (2, 2), SDK, &[(REVOCATION, 0)], 77),
        row("leaving without revocation threshold", (0, 0), SDK, &[(SIGNATURE, 1)], 56),
        row("signature threshold of 4", (2, 2), SDK, &[(SIGNATURE, 4)], 57),
        row("signature threshold of 2^32 - 1", (0, 0), SDK, &[(SIGNATURE, u32::MAX), (REVOCATION, 1)], 57),
        row("revocation threshold of 4", (2, 2), SDK, &[(REVOCATION, 4)], 58),
        row("revocation threshold of 4 in imprint mode", (0, 0), SDK, &[(REVOCATION, 4)], 58),
        row("locked signature threshold", (2, 2), without(0x0010_0000), &[(SIGNATURE, 3)], 71),
        row("locked revocation threshold", (2, 2), without(0x0020_0000), &[(REVOCATION, 3)], 71),
        row("change bit back on", (2, 2), SDK, &[(PERMISSIONS, SDK | 0x8000_0000)], 69),
        row("change bit of cards on", (2, 2), SDK, &[(PERMISSIONS, SDK | 0x0200_0000)], 69),
        row("locked random", (2, 2), without(0x0008_0000), &[(PERMISSIONS, without(0x0008_0000) | 0x08)], 70),
        row("locked do not disturb", (2, 2), SDK, &[(PERMISSIONS, SDK & !0x2000)], 70),
        row("locked and cleared together", (2, 2), without(0x0001_0000), &[(PERMISSIONS, without(0x0001_0001))], 70),
        row("single sign in use", (1, 2), SDK, &[(PERMISSIONS, SDK & !0x10)], 74),
        row("single sign in use for removal", (2, 1), SDK, &[(PERMISSIONS, SDK & !0x10)], 74),
        row("signature threshold of 1", (2, 2), without(0x10), &[(SIGNATURE, 1)], 78),
        row("revocation threshold of 1", (2, 2), without(0x10), &[(REVOCATION, 1)], 79),
        row("mode", (2, 2), SDK, &[(MODE, 3)], 72),
        // Of two faults the earlier in the table wins.
        row("56 before 57", (0, 0), SDK, &[(SIGNATURE, 4)], 56),
        row("57 before 58", (2, 2), SDK, &[(REVOCATION, 4), (SIGNATURE, 4)], 57),
        row("76 before 58", (2, 2), SDK, &[(REVOCATION, 4), (SIGNATURE, 0)], 76),
        row("58 before 71", (2, 2), without(0x0010_0000), &[(SIGNATURE, 3), (REVOCATION, 4)], 58),
        row("71 before 69", (2, 2), without(0x0010_0000), &[(SIGNATURE, 3), (PERMISSIONS, u32::MAX)], 71),
        row("69 before 70", (2, 2), without(0x0008_0000), &[(PERMISSIONS, SDK | 0x08)], 69),
        row("70 before 74", (1, 2), without(0x0040_0000), &[(PERMISSIONS, without(0x0040_0010))], 70),
        row("74 before 78", (2, 2), SDK, &[(SIGNATURE, 1), (PERMISSIONS, SDK & !0x10)], 74),
        row("78 before 79", (2, 2), without(0x10), &[(SIGNATURE, 1), (REVOCATION, 1)], 78),
        row("79 before 72", (2, 2), without(0x10), &[(MODE, 3), (REVOCATION, 1)], 79),
    ];
    for Row { rule, thresholds: (signature, revocation), permissions, input, code } in rows {
        let permissions = Permissions(permissions);
        let unit = secured_or_imprint(signature, revocation, permissions);
        assert_eq!(refused(&unit, SET, &input), code, "{rule}");
    }
}

fn secured_or_imprint(signature: u32, revocation: u32, permissions: Permissions) -> Unit {
    assume(&administered(shared_factory(), 3), SET, &attributes(signature, revocation, permissions))
}

#[test]
fn absent_attributes_keep_their_values() {
    let unit = secured(3, 2, 2, OPERATIONAL);
    let unit = assume(&unit, SET, &pairs(&[(SIGNATURE, 3)]));
    assert_eq!((unit.signature_threshold(), unit.revocation_threshold()), (3, 2));
    let unit = assume(&unit, SET, &pairs(&[(PERMISSIONS, RECOVERY.0)]));
    assert_eq!((unit.signature_threshold(), unit.permissions()), (3, RECOVERY));
}

#[test]
fn a_revocation_threshold_set_in_imprint_mode_is_kept() {
    let unit = assume(&administered(shared_factory(), 2), SET, &pairs(&[(REVOCATION, 2)]));
    assert_eq!((unit.mode(), unit.revocation_threshold()), (0, 2));
    let unit = assume(&unit, SET, &pairs(&[(SIGNATURE, 1)]));
    assert_eq!((unit.mode(), unit.signature_threshold(), unit.revocation_threshold()), (1, 1, 2));
}

#[test]
fn the_unit_alone_sets_the_mode_bit() {
    for mode in [0, 1] {
        let unit = administered(shared_factory(), 1);
        let unit = assume(&unit, SET, &pairs(&[(SIGNATURE, 1), (REVOCATION, 1), (MODE, mode)]));
        assert_eq!(unit.mode(), 1);
        assert_eq!(assume(&unit, SET, &pairs(&[(MODE, mode)])).mode(), 1);
    }
    assert_eq!(assume(&shared_factory(), SET, &pairs(&[(MODE, 1)])).mode(), 0);
}

#[test]
fn permissions_of_cards_are_ignored() {
    let unit = secured(1, 1, 1, OPERATIONAL);
    let unit = assume(&unit, SET, &pairs(&[(PERMISSIONS, OPERATIONAL.0 | 0x780)]));
    assert_eq!(unit.permissions(), OPERATIONAL);
}

#[test]
fn a_change_bit_goes_off_with_the_permission_that_it_guards() {
    let unit = secured(1, 1, 1, OPERATIONAL);
    let locked = OPERATIONAL.union(Permissions::WK_RANDOM).minus(Permissions::CHG_WK_RANDOM);
    let unit = assume(&unit, SET, &pairs(&[(PERMISSIONS, locked.0)]));
    let back = locked.minus(Permissions::WK_RANDOM);
    assert_eq!(refused(&unit, SET, &pairs(&[(PERMISSIONS, back.0)])), (209, Some(70)));
}

/// Old tools cleared both change bits with thresholds 1/1; only zeroize helps.
#[test]
fn thresholds_locked_by_an_old_tool_are_freed_by_zeroize_only() {
    let locked = OPERATIONAL.minus(Permissions::CHG_SIGN_THR).minus(Permissions::CHG_REVOKE_THR);
    let unit = secured(2, 1, 1, locked);
    assert_eq!(refused(&unit, SET, &attributes(2, 1, locked)), (209, Some(71)));
    assert_eq!(refused(&unit, SET, &attributes(1, 2, locked)), (209, Some(71)));
    assert_eq!(refused(&unit, SET, &attributes(1, 1, OPERATIONAL)), (209, Some(69)));
    assert!(try_assume(&unit, SET, &attributes(1, 1, locked)).is_ok());
    let unit = administered(assume(&unit, AdminFunction::ZEROIZE, &[]), 2);
    assert_eq!(assume(&unit, SET, &attributes(2, 1, OPERATIONAL)).signature_threshold(), 2);
}
