//! Signatures of administrators.

use hpcs_ep11::SignerInfo;

use crate::{Administrators, Unit, UnitRefusal};

/// Checks the concatenated SignerInfos over `signed` against the unit's administrators.
///
/// Signatures beyond the needed number are allowed; every one that is present must be valid, in imprint mode too. The
/// same administrator signing twice counts once.
///
/// # Errors
/// 193, 193/87, 257/33, 192/22, 208/21, in this order.
pub(crate) fn verify_signers(unit: &Unit, signed: &[u8], signatures: &[u8], needed: usize) -> Result<(), UnitRefusal> {
    let signers = SignerInfo::sequence(signatures).map_err(|_| UnitRefusal::SIGNATURE_MALFORMED)?;
    if signers.len() > Administrators::CAPACITY {
        return Err(UnitRefusal::TOO_MANY_SIGNATURES);
    }
    let mut keys = Vec::with_capacity(signers.len());
    for signer in &signers {
        let administrator = unit.administrators.find(signer.ski).ok_or(UnitRefusal::SIGNER_UNKNOWN)?;
        keys.push(administrator.key());
    }
    for (signer, key) in signers.iter().zip(keys) {
        if !key.verify(signer.scheme, signed, signer.signature) {
            return Err(UnitRefusal::SIGNATURE_INVALID);
        }
    }
    let mut distinct: Vec<_> = signers.iter().map(|signer| signer.ski).collect();
    distinct.sort_unstable();
    distinct.dedup();
    if distinct.len() < needed { Err(UnitRefusal::TOO_FEW_SIGNATURES) } else { Ok(()) }
}
