//! Copying a master key from one unit to another, without a workstation ever seeing it.
//!
//! ```text
//! target: generate importer key  -- public key -->  source: export, encrypted for it  -- key part -->  target: import
//! ```
//!
//! Part of the specification: TKE administration protocol 8.1, 12.4.

use hpcs_ep11::{
    AdminFunction, KphCertificate, P521PublicKey, Parameter, ParameterMap, PublicKey, VerificationPattern,
};

use crate::{Signer, UnitClient, UnitError};

/// A master key register.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MasterKeyRegister {
    /// The master key in use.
    Current,
    /// The master key that waits for being set.
    New,
}

impl UnitClient {
    /// Copies the master key in `register` of this unit, a recovery unit, into the new register of `target`. The export
    /// is signed by signature-threshold many, the import once. The answer is the verification pattern at the target,
    /// which is still to be committed.
    ///
    /// # Errors
    /// [`UnitError::Refused`] with 102/49 or 102/50 when the register is empty, 80/131 when this unit may not export;
    /// whatever [`UnitClient::load_master_key`] ends with; any other [`UnitError`].
    pub async fn transfer_master_key(
        &self,
        target: &UnitClient,
        register: MasterKeyRegister,
        export_signers: &[&Signer],
        import_signer: &Signer,
    ) -> Result<VerificationPattern, UnitError> {
        let PublicKey::P521(importer) = target.generate_importer(import_signer).await? else {
            return Err(UnitError::Importer);
        };
        let command = self.prepare(register.export_function(), export_input(&importer)).await?;
        let output = self.send_signed(&command, export_signers).await?;
        target.import(&[key_part(&output)?], import_signer).await
    }
}

impl MasterKeyRegister {
    fn export_function(self) -> AdminFunction {
        match self {
            Self::Current => AdminFunction::EXPORT_WK,
            Self::New => AdminFunction::EXPORT_NEXT_WK,
        }
    }
}

/// One key part, for one holder; certificates are left out of the output, which would be too long for the host program.
fn export_input(importer: &P521PublicKey) -> Vec<u8> {
    let scope = Parameter::SCOPE_WITHOUT_KPH_CERTIFICATES | Parameter::SCOPE_WITHOUT_OA_CERTIFICATES;
    let certificate = KphCertificate::encode_sdk(importer);
    ParameterMap(vec![
        Parameter::number(Parameter::KEY_PARTS_NEEDED, 1),
        Parameter { tag: Parameter::KPH_CERTIFICATE, index: 0, data: &certificate },
        Parameter::number(Parameter::SCOPE, scope),
    ])
    .encode()
}

/// The RecipientInfo in the output of an export, unchanged.
fn key_part(output: &[u8]) -> Result<Vec<u8>, UnitError> {
    let parameters = ParameterMap::decode(output)?;
    let part = parameters.all(Parameter::ENCRYPTED_KEY_PART).find(|parameter| parameter.index == 0);
    part.map(|part| part.data.to_vec()).ok_or(UnitError::Foreign { field: "encrypted key part" })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::key_pair;

    #[test]
    fn an_export_request_has_the_size_of_the_published_clients() {
        assert_eq!(export_input(&key_pair(3).public()).len(), 339);
    }

    #[test]
    fn the_first_key_part_is_taken_wherever_it_stands() {
        let part = |index, data| Parameter { tag: Parameter::ENCRYPTED_KEY_PART, index, data };
        let map =
            ParameterMap(vec![part(1, b"second"), Parameter::number(Parameter::KEY_PART_COUNT, 2), part(0, b"first")]);
        assert_eq!(key_part(&map.encode()).unwrap(), b"first");
    }

    #[test]
    fn an_output_without_a_key_part_is_foreign() {
        let output = ParameterMap(vec![Parameter::number(Parameter::KEY_PART_COUNT, 1)]).encode();
        assert!(matches!(key_part(&output), Err(UnitError::Foreign { .. })));
    }
}
