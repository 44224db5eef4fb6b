//! Import master key, 0000000C: 1 to 20 encrypted key parts, each signed on its own.

use std::sync::Arc;

use hpcs_ep11::{
    AdminBlock, AdminFunction, AdminRequest, DecodeError, Fault, FunctionWord, ImporterKey, KeyPart, OpenError,
    PatternTail, Permissions, RecipientInfo, VerificationPattern, open_key_part,
};

use super::{Applied, Command, ImprintRule, Quorum, permitted, secured, with_secured};
use crate::signatures::verify_signers;
use crate::{Admitted, CallEnv, MasterKey, PendingKey, Secured, Trust, Unit, UnitRefusal};

/// Input: inner requests, one a key part. Output: the verification pattern of the combined key.
///
/// The outer block carries no signature; each inner one carries one at least. Inner blocks repeat domain, module and
/// counter of the outer block. The parts are combined by XOR into the new register.
/// Refusals: 102/1, 80/80, 32/2, 32/75, 80/81, then per part the checks of [`Part::read`] and of opening it, and at last
/// 32 when the combined key is already the current one.
pub(super) struct ImportMasterKey;

/// The most key parts a unit takes.
pub(crate) const MAX_PARTS: usize = 20;

/// A checked import: the opened parts, in load order.
pub(super) struct Import(Vec<KeyPart>);

impl Command for ImportMasterKey {
    const FUNCTION: AdminFunction = AdminFunction::IMPORT_WK;
    const NAME: &'static str = "load new master key register";
    const IMPRINT: ImprintRule = ImprintRule::Refused;
    const SECURED: Quorum = Quorum::None;
    type Input = Import;

    fn check(unit: &Unit, input: &[u8], trust: Trust) -> Result<Import, UnitRefusal> {
        let importer = importer(unit)?;
        permitted(unit, Permissions::WK_IMPORT, UnitRefusal::IMPORT_PROHIBITED)?;
        let requests = AdminRequest::sequence(input).map_err(|_| UnitRefusal::PART_ENVELOPE)?;
        match requests.len() {
            0 => return Err(UnitRefusal::NO_KEY_PARTS),
            1 => permitted(unit, Permissions::WK_1PART, UnitRefusal::SINGLE_PART_IMPORT)?,
            count if count > MAX_PARTS => return Err(UnitRefusal::TOO_MANY_PARTS),
            _ => {}
        }
        let mut parts = Vec::with_capacity(requests.len());
        for request in requests {
            let part = Part::read(unit, request, trust)?;
            parts.push(part.open(&importer)?);
        }
        Ok(Import(parts))
    }

    fn effect(unit: &Unit, Import(parts): Import, _: &mut CallEnv) -> Applied {
        let part_patterns = patterns(&parts);
        let key = MasterKey::new(KeyPart::combine(parts.iter()).ok_or(UnitRefusal::NO_KEY_PARTS)?);
        let output = unit.report_pattern(key.pattern()).0.to_vec();
        let secured = secured(unit)?.clone();
        let registers = secured.registers.load(PendingKey { key, part_patterns })?;
        Ok((with_secured(unit, Secured { registers, ..secured }), output))
    }
}

/// The patterns of the key parts of an import that was refused after its parts had been opened: the combined key is
/// already the current one. `None` for every other command and refusal; nothing is opened for those.
///
/// For the audit trail, which names the parts of a refused load where the unit came to know them.
pub fn opened_part_patterns(
    unit: &Unit,
    admitted: &Admitted,
    refusal: UnitRefusal,
) -> Option<Vec<VerificationPattern>> {
    if admitted.row().function != ImportMasterKey::FUNCTION || refusal != UnitRefusal::DATA_INVALID {
        return None;
    }
    ImportMasterKey::check(unit, &admitted.input, admitted.trust).ok().map(|Import(parts)| patterns(&parts))
}

/// One inner request that passed its checks.
struct Part<'a>(RecipientInfo<'a>);

impl<'a> Part<'a> {
    /// # Errors
    /// 32/3, 32/65, 32/6, 32/8 or 32/10, 32/5, 32/11, 32/7, 32/20, 32/17, 163/19, 32/9, those of signatures, 32/23.
    fn read(unit: &Unit, request: &'a [u8], trust: Trust) -> Result<Self, UnitRefusal> {
        let request = AdminRequest::decode(request).map_err(envelope_refusal)?;
        if request.function.function != FunctionWord::ADMIN {
            return Err(UnitRefusal::PART_FUNCTION);
        }
        if request.block.is_empty() {
            return Err(UnitRefusal::PART_BLOCK_MISSING);
        }
        let block = AdminBlock::decode(request.block).map_err(|error| block_refusal(&error, request.block.len()))?;
        if block.function != AdminFunction::IMPORT_WK.0.to_be_bytes() {
            return Err(UnitRefusal::PART_NOT_IMPORT);
        }
        let domain = unit.domain.to_bytes();
        if request.domain != &domain[..4] || !block.domain.starts_with(&domain[..4]) {
            return Err(UnitRefusal::PART_DOMAIN);
        }
        if block.domain != domain {
            return Err(UnitRefusal::PART_DOMAIN_INSTANCE);
        }
        if block.module != unit.module().id().to_bytes() {
            return Err(UnitRefusal::MODULE_SERIAL);
        }
        if let Trust::Verify(counter) = trust {
            if block.counter != counter.to_bytes() {
                return Err(UnitRefusal::COUNTER_PASSED);
            }
            if request.signatures.is_empty() {
                return Err(UnitRefusal::PART_UNSIGNED);
            }
            verify_signers(unit, request.block, request.signatures, 1)?;
        }
        RecipientInfo::decode(block.input).map(Part).map_err(|_| UnitRefusal::RECIPIENT_INFO)
    }

    fn open(&self, importer: &ImporterKey) -> Result<KeyPart, UnitRefusal> {
        open_key_part(&self.0, importer).map_err(|error| match error {
            OpenError::Size => UnitRefusal::ENCRYPTED_PART_SIZE,
            OpenError::Point => UnitRefusal::ECDH_POINT,
            OpenError::Unwrap => UnitRefusal::UNWRAP,
            OpenError::PartSize => UnitRefusal::PART_SIZE,
            OpenError::Rsa | OpenError::KeyMismatch => UnitRefusal::RECIPIENT_INFO,
        })
    }
}

fn envelope_refusal(error: DecodeError) -> UnitRefusal {
    match (error.field, error.fault) {
        ("function", Fault::WrongSize { .. }) => UnitRefusal::PART_FUNCTION_SIZE,
        _ => UnitRefusal::PART_ENVELOPE,
    }
}

/// A block of `size` bytes has too few fields when it ends where one should start, and too many when bytes follow the
/// last; a field that is cut is malformed.
fn block_refusal(error: &DecodeError, size: usize) -> UnitRefusal {
    match (error.field, &error.fault) {
        ("end", Fault::TrailingBytes) => UnitRefusal::PART_FIELD_COUNT,
        (_, Fault::Truncated) if error.offset == size => UnitRefusal::PART_FIELD_COUNT,
        _ => UnitRefusal::PART_BLOCK_MALFORMED,
    }
}

fn importer(unit: &Unit) -> Result<Arc<ImporterKey>, UnitRefusal> {
    secured(unit)?.importer.clone().ok_or(UnitRefusal::NO_IMPORTER_KEY)
}

fn patterns(parts: &[KeyPart]) -> Vec<VerificationPattern> {
    parts.iter().map(|part| part.verification_pattern(PatternTail::Kept)).collect()
}
