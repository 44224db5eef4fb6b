//! The list of all crypto units, and the header block above it.

use hpcs_names::{InstanceId, Location};
use hpcs_workstation::CryptoUnitKind;

use crate::console::Paint;
use crate::table::Table;
use crate::texts;
use crate::views::Block;

/// Whose crypto units are listed, and from where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Header {
    pub(crate) endpoint: String,
    pub(crate) region: String,
    pub(crate) user: String,
    pub(crate) account_name: String,
    pub(crate) account: String,
}

/// A crypto unit in the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ListedUnit {
    pub(crate) selected: bool,
    pub(crate) kind: CryptoUnitKind,
    pub(crate) location: Location,
}

/// The header block with the blank line before it. The emulator has one resource group.
pub(crate) fn header(header: &Header) -> String {
    let Header { endpoint, region, user, account_name, account } = header;
    format!(
        "\nAPI endpoint:     {endpoint}\n\
         Region:           {region}\n\
         User:             {user}\n\
         Account:          {account_name} ({account})\n\
         Resource group:   Default\n"
    )
}

/// One table for each instance, a blank line before each, and the note.
pub(crate) fn inventory(blocks: &[Block<ListedUnit>], paint: Paint) -> String {
    let mut text = String::new();
    for block in blocks {
        let mut table = Table::new(["CRYPTO UNIT NUM", "SELECTED", "TYPE", "LOCATION"]);
        for (label, unit) in &block.units {
            // Recovery units carry no star here: the column TYPE says it.
            table.row([
                label.number.to_string(),
                unit.selected.to_string(),
                unit.kind.to_string(),
                unit.location.to_string(),
            ]);
        }
        text.push_str(&format!("\n{}\n{}", texts::service_instance(block.instance), table.render(paint)));
    }
    format!("{text}\n{}\n", texts::CONFIGURE_NOTE.join("\n"))
}

/// The instances to choose from, numbered from 1 on.
pub(crate) fn instances(ids: &[InstanceId], paint: Paint) -> String {
    let mut table = Table::new(["INSTANCE NUM", "INSTANCE ID"]);
    for (id, number) in ids.iter().zip(1_u32..) {
        table.row([number.to_string(), id.to_string()]);
    }
    table.render(paint)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::views::UnitLabel;
    use crate::views::fixtures::padded;

    #[test]
    fn the_published_listing_is_reproduced() {
        let unit = |number, kind, location: &str| {
            let label = UnitLabel { number, recovery: kind == CryptoUnitKind::Recovery };
            (label, ListedUnit { selected: false, kind, location: location.parse().unwrap() })
        };
        let units = vec![
            unit(1, CryptoUnitKind::Operational, "[us-south].[AZ2-CS5].[02].[06]"),
            unit(2, CryptoUnitKind::Operational, "[us-south].[AZ3-CS9].[01].[15]"),
            unit(3, CryptoUnitKind::Recovery, "[us-south].[AZ3-CS9].[01].[14]"),
            unit(4, CryptoUnitKind::Recovery, "[us-east].[AZ1-CS1].[01].[07]"),
        ];
        let blocks = [Block { instance: "4dd3b774-ddce-4b20-bb12-fd01d84fb92f".parse().unwrap(), units }];
        let head = Header {
            endpoint: "https://cloud.ibm.com".into(),
            region: "us-south".into(),
            user: "user@example.com".into(),
            account_name: "Example Account".into(),
            account: "0123456789abcdef0123456789abcdef".into(),
        };
        let text = header(&head) + &inventory(&blocks, Paint::Plain);
        assert_eq!(text, padded(TRANSCRIPT, &["CRYPTO UNIT NUM", "1", "2", "3", "4"]));
    }

    #[test]
    fn the_published_choice_of_instances_is_reproduced() {
        let ids = ["0a08af7e-02d0-4122-9146-4179b15f9bfb", "0f130264-12f5-45bf-9bac-975cdb605804"];
        let expected = "INSTANCE NUM   INSTANCE ID
1              0a08af7e-02d0-4122-9146-4179b15f9bfb
2              0f130264-12f5-45bf-9bac-975cdb605804
";
        let rows = ["INSTANCE NUM", "1", "2"];
        assert_eq!(instances(&ids.map(|id| id.parse().unwrap()), Paint::Plain), padded(expected, &rows));
    }

    const TRANSCRIPT: &str = "
API endpoint:     https://cloud.ibm.com
Region:           us-south
User:             user@example.com
Account:          Example Account (0123456789abcdef0123456789abcdef)
Resource group:   Default

SERVICE INSTANCE: 4dd3b774-ddce-4b20-bb12-fd01d84fb92f
CRYPTO UNIT NUM   SELECTED   TYPE          LOCATION
1                 false      OPERATIONAL   [us-south].[AZ2-CS5].[02].[06]
2                 false      OPERATIONAL   [us-south].[AZ3-CS9].[01].[15]
3                 false      RECOVERY      [us-south].[AZ3-CS9].[01].[14]
4                 false      RECOVERY      [us-east].[AZ1-CS1].[01].[07]

Note: all operational crypto units in a service instance must be configured the same.
Use 'ibmcloud tke cryptounit-compare' to check how crypto units are configured.
";
}
