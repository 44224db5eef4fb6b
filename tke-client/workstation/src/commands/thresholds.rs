//! Setting the signature thresholds, which is also how a unit leaves imprint mode.

use hpcs_ep11::{AdminFunction, AttributeList};

use crate::{AttributeReport, CryptoUnitKind, PreparedCommand, Signer, Thresholds, UnitClient, UnitError};

impl UnitClient {
    /// Sets both thresholds and, as the published SDK does, the permissions that a unit of its kind gets. Signed by as
    /// many as the present signature threshold says; in imprint mode by as many as the new one says.
    ///
    /// # Errors
    /// [`UnitError::Refused`] with a reason of 209 for values that the unit does not take, 208/21 when too few signed;
    /// any other [`UnitError`].
    pub async fn set_thresholds(&self, thresholds: Thresholds, signers: &[&Signer]) -> Result<(), UnitError> {
        let command = self.prepare_set_thresholds(thresholds).await?;
        self.send_signed(&command, signers).await.map(drop)
    }

    /// The bytes to sign for [`UnitClient::set_thresholds`].
    ///
    /// # Errors
    /// Any [`UnitError`] of the query.
    pub async fn prepare_set_thresholds(&self, thresholds: Thresholds) -> Result<PreparedCommand, UnitError> {
        let report = self.attributes().await?;
        let attributes = attributes(&report, thresholds, self.info().kind);
        Ok(PreparedCommand::new(&report, AdminFunction::SET_ATTRIBUTES, &attributes.encode()))
    }
}

/// The four attributes that the SDK sends; the operational mode is the one that the unit reports.
fn attributes(report: &AttributeReport, thresholds: Thresholds, kind: CryptoUnitKind) -> AttributeList {
    let permissions = match kind {
        CryptoUnitKind::Operational | CryptoUnitKind::Failover => report.permissions.sdk_operational(),
        CryptoUnitKind::Recovery => report.permissions.sdk_recovery(),
    };
    AttributeList(vec![
        (AttributeList::SIGNATURE_THRESHOLD, thresholds.signature),
        (AttributeList::REVOCATION_THRESHOLD, thresholds.revocation),
        (AttributeList::PERMISSIONS, permissions.0),
        (AttributeList::MODE, report.mode),
    ])
}

#[cfg(test)]
mod tests {
    use hpcs_ep11::Permissions;

    use super::*;
    use crate::testing::report;

    #[test]
    fn a_factory_unit_gets_the_permissions_of_its_kind() {
        let report = AttributeReport { permissions: Permissions::FACTORY, ..report() };
        for (kind, permissions) in [
            (CryptoUnitKind::Operational, 0x01FF_2055),
            (CryptoUnitKind::Failover, 0x01FF_2055),
            (CryptoUnitKind::Recovery, 0x01FF_205F),
        ] {
            let sent = attributes(&report, Thresholds { signature: 2, revocation: 1 }, kind);
            assert_eq!(sent.0, [(1, 2), (2, 1), (3, permissions), (4, report.mode)]);
        }
    }
}
