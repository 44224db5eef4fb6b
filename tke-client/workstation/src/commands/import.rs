//! Loading the new master key register from key parts.
//!
//! The unit makes an importer key; each part is encrypted for it and stands in an inner request of its own, signed by one
//! administrator; one outer request, not signed, carries them. The unit combines the parts. The workstation combines them
//! too, for as long as it takes to compute the verification pattern that the unit must answer with. Part of the specification: TKE administration protocol 5.9, 5.12, 8.

use hpcs_ep11::{
    AdminFunction, AdminRequest, FunctionWord, ImporterKeyType, KeyPart, PatternTail, PublicKey, VerificationPattern,
    seal_key_part,
};
use rand_core::CryptoRng;

use super::pattern;
use crate::{AttributeReport, PreparedCommand, Signer, UnitClient, UnitError};

impl UnitClient {
    /// Loads the new register with the key that `parts` make together. `signer` signs the request for an importer key
    /// and each part. The answer is the verification pattern of the whole key, and it is the one that these parts make.
    ///
    /// # Errors
    /// As [`combined_pattern`], before anything is sent; [`UnitError::Refused`] with 179/34 in imprint mode, 80/80 or
    /// 80/81 when the permissions forbid it, 32 when the key is the current one; [`UnitError::PatternMiscompare`] when
    /// the unit loaded another key; any other [`UnitError`].
    pub async fn load_master_key(
        &self,
        parts: &[&KeyPart],
        signer: &Signer,
        rng: &mut (impl CryptoRng + ?Sized),
    ) -> Result<VerificationPattern, UnitError> {
        let expected = combined_pattern(parts)?;
        let importer = self.generate_importer(signer).await?;
        let seal = |part: &&KeyPart| seal_key_part(part, &importer, &mut *rng).map_err(|_| UnitError::Importer);
        let sealed = parts.iter().map(seal).collect::<Result<Vec<_>, _>>()?;
        confirmed(expected, self.import(&sealed, signer).await?)
    }

    /// Makes the unit generate a P-521 importer key. Its answer is signed by the module, so the key is the unit's own.
    pub(super) async fn generate_importer(&self, signer: &Signer) -> Result<PublicKey, UnitError> {
        let kind = (ImporterKeyType::P521 as u32).to_be_bytes();
        let command = self.prepare(AdminFunction::GENERATE_IMPORTER, kind.to_vec()).await?;
        let spki = self.send_signed(&command, &[signer]).await?;
        Ok(PublicKey::from_spki(&spki)?)
    }

    /// Hands encrypted key parts, complete RecipientInfos, to the unit.
    pub(super) async fn import(&self, sealed: &[Vec<u8>], signer: &Signer) -> Result<VerificationPattern, UnitError> {
        let command = import_command(&self.attributes().await?, sealed, signer).await?;
        pattern(&self.send(&command, &[]).await?)
    }
}

/// The verification pattern of the key that `parts` make together. Patterns of units are compared with it by
/// [`VerificationPattern::matches`], because only some units keep the last four bytes.
///
/// # Errors
/// [`UnitError::KeyPartCount`] for other numbers than 1 to 3; [`UnitError::SameKeyPart`] when a part is there twice: two
/// copies cancel each other out; [`UnitError::ZeroKey`] when the whole key is all zeros.
pub fn combined_pattern(parts: &[&KeyPart]) -> Result<VerificationPattern, UnitError> {
    let count = parts.len();
    if !(1..=MAX_PARTS).contains(&count) {
        return Err(UnitError::KeyPartCount { count });
    }
    let mut others = parts.iter();
    while let Some(part) = others.next() {
        if others.clone().any(|other| part.ct_eq(other)) {
            return Err(UnitError::SameKeyPart);
        }
    }
    let key = KeyPart::combine(parts.iter().copied()).ok_or(UnitError::KeyPartCount { count })?;
    if key.ct_eq(&KeyPart::from(Box::new([0; KeyPart::SIZE]))) {
        return Err(UnitError::ZeroKey);
    }
    Ok(key.verification_pattern(PatternTail::Kept))
}

/// The unit's pattern, if it is the expected one.
fn confirmed(expected: VerificationPattern, found: VerificationPattern) -> Result<VerificationPattern, UnitError> {
    if expected.matches(&found) { Ok(found) } else { Err(UnitError::PatternMiscompare { expected, found }) }
}

/// The outer command. All inner ones share its domain, module and counter.
async fn import_command(
    report: &AttributeReport,
    sealed: &[Vec<u8>],
    signer: &Signer,
) -> Result<PreparedCommand, UnitError> {
    let mut inner = Vec::new();
    for recipient_info in sealed {
        let part = PreparedCommand::new(report, AdminFunction::IMPORT_WK, recipient_info);
        let request = AdminRequest {
            function: FunctionWord::sdk(FunctionWord::ADMIN),
            domain: &report.domain.index.to_bytes(),
            block: &part.block,
            signatures: &part.sign(signer).await?,
        };
        inner.extend(request.encode());
    }
    Ok(PreparedCommand::new(report, AdminFunction::IMPORT_WK, &inner))
}

/// The most parts that this library loads. Units take up to 20.
const MAX_PARTS: usize = 3;

#[cfg(test)]
mod tests {
    use hpcs_ep11::{AdminBlock, SignerInfo};

    use super::*;
    use crate::testing::{report, signer, wait};

    fn part(byte: u8) -> KeyPart {
        KeyPart::from(Box::new([byte; KeyPart::SIZE]))
    }

    #[test]
    fn a_part_that_is_there_twice_is_refused() {
        for parts in [vec![&part(1), &part(1)], vec![&part(1), &part(2), &part(1)], vec![&part(2), &part(1), &part(1)]]
        {
            assert!(matches!(combined_pattern(&parts), Err(UnitError::SameKeyPart)));
        }
    }

    #[test]
    fn a_key_of_zeros_is_refused() {
        for parts in [vec![&part(0)], vec![&part(1), &part(2), &part(3)]] {
            assert!(matches!(combined_pattern(&parts), Err(UnitError::ZeroKey)));
        }
    }

    #[test]
    fn one_to_three_parts_make_a_key() {
        let parts = [&part(1), &part(2), &part(4), &part(8)];
        for count in [0, 4] {
            assert!(matches!(combined_pattern(&parts[..count]), Err(UnitError::KeyPartCount { .. })));
        }
        let expected = part(7).verification_pattern(PatternTail::Kept);
        assert_eq!(combined_pattern(&parts[..3]).unwrap(), expected);
    }

    #[test]
    fn another_pattern_than_that_of_the_parts_is_an_error() {
        let expected = part(1).verification_pattern(PatternTail::Kept);
        let zeroed = expected.with_tail(PatternTail::Zeroed);
        assert_eq!(confirmed(expected, zeroed).unwrap(), zeroed);
        let error = confirmed(expected, part(2).verification_pattern(PatternTail::Kept)).unwrap_err();
        assert!(error.to_string().starts_with("The crypto unit loaded another master key"));
    }

    #[test]
    fn each_part_is_signed_inside_a_request_of_its_own() {
        let signer = signer(5);
        let sealed = [vec![0x30, 0x01, 0xAA], vec![0x30, 0x01, 0xBB]];
        let outer = wait(import_command(&report(), &sealed, &signer)).unwrap();
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
