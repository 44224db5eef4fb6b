//! The listing of `cryptounit-compare`: all sections and the verdict.

use hpcs_ep11::SubjectKeyId;

use crate::console::Paint;
use crate::texts;
use crate::views::control_points::control_points;
use crate::views::{
    AdministratorRow, Block, ControlPointRow, Register, ThresholdRow, administrators, current_registers, new_registers,
    thresholds,
};

/// Everything that is compared between crypto units.
#[derive(Clone, Debug)]
pub(crate) struct UnitState {
    pub(crate) thresholds: ThresholdRow,
    pub(crate) administrators: Vec<AdministratorRow>,
    pub(crate) new: Register,
    pub(crate) current: Register,
    pub(crate) control_points: ControlPointRow,
}

impl UnitState {
    /// Whether both units are configured the same. Names of administrators and their order do not count: the subject
    /// key identifiers decide.
    fn agrees_with(&self, other: &UnitState) -> bool {
        let keys = |state: &UnitState| {
            let mut keys: Vec<SubjectKeyId> = state.administrators.iter().map(|row| row.ski).collect();
            keys.sort_unstable();
            keys
        };
        self.thresholds == other.thresholds
            && keys(self) == keys(other)
            && self.new.agrees_with(&other.new)
            && self.current.agrees_with(&other.current)
            && self.control_points == other.control_points
    }
}

/// All sections, two blank lines apart, and whether the units are configured the same.
pub(crate) fn compare(blocks: &[Block<UnitState>], paint: Paint) -> String {
    let sections = [
        thresholds(&project(blocks, |state| state.thresholds), paint),
        administrators(&project(blocks, |state| state.administrators.clone()), paint),
        new_registers(&project(blocks, |state| state.new), paint),
        current_registers(&project(blocks, |state| state.current), paint),
        control_points(&project(blocks, |state| state.control_points), paint),
    ];
    format!("{}\n{}\n", sections.join("\n"), verdict(blocks))
}

fn project<T>(blocks: &[Block<UnitState>], value: impl Fn(&UnitState) -> T) -> Vec<Block<T>> {
    blocks.iter().map(|block| block.map(&value)).collect()
}

fn verdict(blocks: &[Block<UnitState>]) -> &'static str {
    let mut states = blocks.iter().flat_map(|block| &block.units).map(|(_, state)| state);
    let first = states.next();
    if first.is_none_or(|first| states.all(|state| state.agrees_with(first))) {
        texts::CONFIGURED_THE_SAME
    } else {
        texts::CONFIGURED_DIFFERENTLY
    }
}

#[cfg(test)]
mod tests {
    use hpcs_ep11::VerificationPattern;

    use super::*;
    use crate::views::RegisterStatus;
    use crate::views::fixtures::{block, padded};

    fn initialised() -> UnitState {
        let admin = |name: &str, ski: &str| {
            let ski = format!("{ski:0<64}").parse().unwrap();
            AdministratorRow { name: name.into(), ski }
        };
        let pattern = "875ee76406167498a2c6474f19a611c95e5bf22ae9b63da133cd8170f620aef4".parse().unwrap();
        UnitState {
            thresholds: ThresholdRow { signature: 2, revocation: 2 },
            administrators: vec![
                admin("admin1", "2ce6f22b1d965eb480b1646bdd1886"),
                admin("admin2", "232cbaf94ecf66680af5d2f7eab212"),
            ],
            new: Register { status: RegisterStatus::Empty, pattern: VerificationPattern([0; 32]) },
            current: Register { status: RegisterStatus::Valid, pattern },
            control_points: ControlPointRow { ec_25519: true, btc: true, ecdsa_other: true },
        }
    }

    #[test]
    fn the_published_transcript_is_reproduced() {
        let rows = ["CRYPTO UNIT NUM", "1", "2", "3*", "4*", " "];
        assert_eq!(compare(&block(true, &initialised()), Paint::Plain), padded(TRANSCRIPT, &rows));
    }

    #[test]
    fn every_compared_value_alone_makes_a_difference() {
        let changes: [fn(&mut UnitState); 6] = [
            |state| state.thresholds.revocation = 1,
            |state| state.administrators.truncate(1),
            |state| state.new.status = RegisterStatus::FullUncommitted,
            |state| state.current.pattern = VerificationPattern([1; 32]),
            |state| state.control_points.btc = false,
            |state| state.administrators[0].ski = SubjectKeyId([9; 32]),
        ];
        for (number, change) in changes.iter().enumerate() {
            let mut blocks = block(false, &initialised());
            change(&mut blocks[0].units[1].1);
            assert_eq!(verdict(&blocks), texts::CONFIGURED_DIFFERENTLY, "change {number}");
        }
    }

    #[test]
    fn the_order_of_administrators_makes_no_difference() {
        let mut blocks = block(false, &initialised());
        blocks[0].units[1].1.administrators.reverse();
        assert_eq!(verdict(&blocks), texts::CONFIGURED_THE_SAME);
    }

    const TRANSCRIPT: &str = "
SIGNATURE THRESHOLDS
SERVICE INSTANCE: 3395bd87-0814-42e1-9800-3ce199cf769b
CRYPTO UNIT NUM   SIGNATURE THRESHOLD   REVOCATION THRESHOLD
1                 2                     2
2                 2                     2
3*                2                     2
4*                2                     2

* Indicates a recovery crypto unit used only to hold a backup master key value.

==> Crypto units with a signature threshold of 0 are in IMPRINT MODE. <==


CRYPTO UNIT ADMINISTRATORS
SERVICE INSTANCE: 3395bd87-0814-42e1-9800-3ce199cf769b
CRYPTO UNIT NUM   ADMIN NAME   SUBJECT KEY IDENTIFIER
1                 admin1       2ce6f22b1d965eb480b1646bdd1886...
                  admin2       232cbaf94ecf66680af5d2f7eab212...
2                 admin1       2ce6f22b1d965eb480b1646bdd1886...
                  admin2       232cbaf94ecf66680af5d2f7eab212...
3*                admin1       2ce6f22b1d965eb480b1646bdd1886...
                  admin2       232cbaf94ecf66680af5d2f7eab212...
4*                admin1       2ce6f22b1d965eb480b1646bdd1886...
                  admin2       232cbaf94ecf66680af5d2f7eab212...

* Indicates a recovery crypto unit used only to hold a backup master key value.


NEW MASTER KEY REGISTER
SERVICE INSTANCE: 3395bd87-0814-42e1-9800-3ce199cf769b
CRYPTO UNIT NUM   STATUS   VERIFICATION PATTERN
1                 Empty    00000000000000000000000000000000
                           00000000000000000000000000000000
2                 Empty    00000000000000000000000000000000
                           00000000000000000000000000000000
3*                Empty    00000000000000000000000000000000
                           00000000000000000000000000000000
4*                Empty    00000000000000000000000000000000
                           00000000000000000000000000000000


CURRENT MASTER KEY REGISTER
SERVICE INSTANCE: 3395bd87-0814-42e1-9800-3ce199cf769b
CRYPTO UNIT NUM   STATUS   VERIFICATION PATTERN
1                 Valid    875ee76406167498a2c6474f19a611c9
                           5e5bf22ae9b63da133cd8170f620aef4
2                 Valid    875ee76406167498a2c6474f19a611c9
                           5e5bf22ae9b63da133cd8170f620aef4
3*                Valid    875ee76406167498a2c6474f19a611c9
                           5e5bf22ae9b63da133cd8170f620aef4
4*                Valid    875ee76406167498a2c6474f19a611c9
                           5e5bf22ae9b63da133cd8170f620aef4

* Indicates a recovery crypto unit used only to hold a backup master key value.


CONTROL POINTS
SERVICE INSTANCE: 3395bd87-0814-42e1-9800-3ce199cf769b
CRYPTO UNIT NUM   XCP_CPB_ALG_EC_25519   XCP_CPB_BTC   XCP_CPB_ECDSA_OTHER
1                 Set                    Set           Set
2                 Set                    Set           Set
3*                Set                    Set           Set
4*                Set                    Set           Set

* Indicates a recovery crypto unit used only to hold a backup master key value.

==> All crypto units are configured the same. <==
";
}
