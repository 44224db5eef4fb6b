//! Loading the new master key register from key parts.
//!
//! The unit makes an importer key; each part is encrypted for it and stands in an inner request of its own, signed by one
//! administrator; one outer request, not signed, carries them. The unit combines the parts: the complete key never exists
//! on a workstation. Part of the specification: TKE administration protocol 5.9, 5.12, 8.

use hpcs_ep11::{
    AdminFunction, AdminRequest, FunctionWord, ImporterKeyType, KeyPart, PublicKey, SigningKey, VerificationPattern,
    seal_key_part,
};
use rand_core::CryptoRng;

use super::pattern;
use crate::{AttributeReport, PreparedCommand, UnitClient, UnitError};

impl UnitClient {
    /// Loads the new register with the key that `parts` make together. `signer` signs the request for an importer key
    /// and each part. The answer is the verification pattern of the whole key.
    ///
    /// # Errors
    /// [`UnitError::KeyPartCount`] for other numbers than 1 to 3; [`UnitError::Refused`] with 179/34 in imprint mode,
    /// 80/80 or 80/81 when the permissions forbid it, 32 when the key is the current one; any other [`UnitError`].
    pub async fn load_master_key(
        &self,
        parts: &[&KeyPart],
        signer: &SigningKey,
        rng: &mut (impl CryptoRng + ?Sized),
    ) -> Result<VerificationPattern, UnitError> {
        if !(1..=MAX_PARTS).contains(&parts.len()) {
            return Err(UnitError::KeyPartCount { count: parts.len() });
        }
        let importer = self.generate_importer(signer).await?;
        let seal = |part: &&KeyPart| seal_key_part(part, &importer, &mut *rng).map_err(|_| UnitError::Importer);
        let sealed = parts.iter().map(seal).collect::<Result<Vec<_>, _>>()?;
        self.import(&sealed, signer).await
    }

    /// Makes the unit generate a P-521 importer key. Its answer is signed by the module, so the key is the unit's own.
    pub(super) async fn generate_importer(&self, signer: &SigningKey) -> Result<PublicKey, UnitError> {
        let kind = (ImporterKeyType::P521 as u32).to_be_bytes();
        let command = self.prepare(AdminFunction::GENERATE_IMPORTER, kind.to_vec()).await?;
        let spki = self.send_signed(&command, &[signer]).await?;
        Ok(PublicKey::from_spki(&spki)?)
    }

    /// Hands encrypted key parts, complete RecipientInfos, to the unit.
    pub(super) async fn import(
        &self,
        sealed: &[Vec<u8>],
        signer: &SigningKey,
    ) -> Result<VerificationPattern, UnitError> {
        let command = import_command(&self.attributes().await?, sealed, signer);
        pattern(&self.send(&command, &[]).await?)
    }
}

/// The outer command. All inner ones share its domain, module and counter.
fn import_command(report: &AttributeReport, sealed: &[Vec<u8>], signer: &SigningKey) -> PreparedCommand {
    let inner = sealed.iter().flat_map(|recipient_info| {
        let part = PreparedCommand::new(report, AdminFunction::IMPORT_WK, recipient_info);
        AdminRequest {
            function: FunctionWord::sdk(FunctionWord::ADMIN),
            domain: &report.domain.index.to_bytes(),
            block: &part.block,
            signatures: &part.sign(signer),
        }
        .encode()
    });
    PreparedCommand::new(report, AdminFunction::IMPORT_WK, &inner.collect::<Vec<u8>>())
}

/// The most parts that this library loads. Units take up to 20.
const MAX_PARTS: usize = 3;

#[cfg(test)]
mod tests {
    use hpcs_ep11::{AdminBlock, SignerInfo};

    use super::*;
    use crate::testing::{report, signing_key};

    #[test]
    fn each_part_is_signed_inside_a_request_of_its_own() {
        let signer = signing_key(5);
        let sealed = [vec![0x30, 0x01, 0xAA], vec![0x30, 0x01, 0xBB]];
        let outer = import_command(&report(), &sealed, &signer);
        let outer_block = AdminBlock::decode(&outer.block).unwrap();
        let inner = AdminRequest::sequence(outer_block.input).unwrap();
        assert_eq!(inner.len(), 2);
        for (bytes, part) in inner.iter().zip(&sealed) {
            let request = AdminRequest::decode(bytes).unwrap();
            assert_eq!(request.domain, report().domain.index.to_bytes());
            let block = AdminBlock::decode(request.block).unwrap();
            assert_eq!(AdminBlock { input: part, ..outer_block }, block);
            let info = SignerInfo::sequence(request.signatures).unwrap()[0];
            assert!(signer.public().verify(info.scheme, request.block, info.signature));
        }
    }
}
