//! Setting the signature thresholds, which is also how a unit leaves imprint mode.

use hpcs_ep11::{AdminFunction, AttributeList, Permissions};

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

    /// As [`UnitClient::set_thresholds`], and for good: no later command changes the thresholds, only zeroizing does. The
    /// published plug-in up to version 0.0.11 did so.
    ///
    /// # Errors
    /// As [`UnitClient::set_thresholds`].
    pub async fn lock_thresholds(&self, thresholds: Thresholds, signers: &[&Signer]) -> Result<(), UnitError> {
        let report = self.attributes().await?;
        let attributes = attributes(&report, thresholds, self.info().kind, THRESHOLD_CHANGES);
        let command = PreparedCommand::new(&report, AdminFunction::SET_ATTRIBUTES, &attributes.encode());
        self.send_signed(&command, signers).await.map(drop)
    }

    /// The bytes to sign for [`UnitClient::set_thresholds`].
    ///
    /// # Errors
    /// Any [`UnitError`] of the query.
    pub async fn prepare_set_thresholds(&self, thresholds: Thresholds) -> Result<PreparedCommand, UnitError> {
        let report = self.attributes().await?;
        let attributes = attributes(&report, thresholds, self.info().kind, Permissions(0));
        Ok(PreparedCommand::new(&report, AdminFunction::SET_ATTRIBUTES, &attributes.encode()))
    }
}

/// The four attributes that the SDK sends, without the `dropped` permissions; the operational mode is the one that the
/// unit reports.
fn attributes(
    report: &AttributeReport,
    thresholds: Thresholds,
    kind: CryptoUnitKind,
    dropped: Permissions,
) -> AttributeList {
    let permissions = match kind {
        CryptoUnitKind::Operational | CryptoUnitKind::Failover => report.permissions.sdk_operational(),
        CryptoUnitKind::Recovery => report.permissions.sdk_recovery(),
    };
    AttributeList(vec![
        (AttributeList::SIGNATURE_THRESHOLD, thresholds.signature),
        (AttributeList::REVOCATION_THRESHOLD, thresholds.revocation),
        (AttributeList::PERMISSIONS, permissions.minus(dropped).0),
        (AttributeList::MODE, report.mode),
    ])
}

/// The permissions to change either threshold.
const THRESHOLD_CHANGES: Permissions = Permissions(Permissions::CHG_SIGN_THR.0 | Permissions::CHG_REVOKE_THR.0);

#[cfg(test)]
mod tests {
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
            let sent = |dropped| attributes(&report, Thresholds { signature: 2, revocation: 1 }, kind, dropped).0;
            assert_eq!(sent(Permissions(0)), [(1, 2), (2, 1), (3, permissions), (4, report.mode)]);
            assert_eq!(sent(THRESHOLD_CHANGES)[2], (3, permissions & !0x0030_0000));
        }
    }
}
