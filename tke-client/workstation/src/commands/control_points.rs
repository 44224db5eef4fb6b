//! Turning control points on and off.

use hpcs_ep11::{AdminFunction, ControlPoints};

use crate::unit::output_array;
use crate::{PreparedCommand, Signer, UnitClient, UnitError};

impl UnitClient {
    /// Turns on the control points with these numbers (0 to 127) and leaves the others. Signed by signature-threshold
    /// many, or once when the permissions say so. The answer is the resulting set.
    ///
    /// # Errors
    /// [`UnitError::Refused`] with 80/46 when the unit forbids it, 80/45 for control points that cannot be turned on;
    /// any other [`UnitError`].
    pub async fn enable_control_points(&self, numbers: &[u8], signers: &[&Signer]) -> Result<ControlPoints, UnitError> {
        let command = self.prepare_enable_control_points(numbers).await?;
        result(&self.send_signed(&command, signers).await?)
    }

    /// The bytes to sign for [`UnitClient::enable_control_points`].
    ///
    /// # Errors
    /// Any [`UnitError`] of the query.
    pub async fn prepare_enable_control_points(&self, numbers: &[u8]) -> Result<PreparedCommand, UnitError> {
        self.prepare(AdminFunction::ADD_CONTROL_POINTS, ControlPoints::of(numbers).0.to_vec()).await
    }

    /// Turns off the control points with these numbers; otherwise as [`UnitClient::enable_control_points`].
    ///
    /// # Errors
    /// [`UnitError::Refused`] with 80/47 when the unit forbids it; any other [`UnitError`].
    pub async fn disable_control_points(
        &self,
        numbers: &[u8],
        signers: &[&Signer],
    ) -> Result<ControlPoints, UnitError> {
        let command = self.prepare_disable_control_points(numbers).await?;
        result(&self.send_signed(&command, signers).await?)
    }

    /// The bytes to sign for [`UnitClient::disable_control_points`].
    ///
    /// # Errors
    /// Any [`UnitError`] of the query.
    pub async fn prepare_disable_control_points(&self, numbers: &[u8]) -> Result<PreparedCommand, UnitError> {
        self.prepare(AdminFunction::DELETE_CONTROL_POINTS, ControlPoints::of(numbers).0.to_vec()).await
    }
}

fn result(output: &[u8]) -> Result<ControlPoints, UnitError> {
    output_array(output, "control points").map(ControlPoints)
}
