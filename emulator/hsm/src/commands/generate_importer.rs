//! Generate importer key, 00000009.

use std::sync::Arc;

use hpcs_ep11::{AdminFunction, ImporterKey, ImporterKeyType};

use super::{Applied, Command, ImprintRule, Quorum, secured, with_secured};
use crate::{CallEnv, Secured, Trust, Unit, UnitRefusal};

/// Input: the kind of key, 4 bytes. Output: SubjectPublicKeyInfo. Replaces an earlier importer key.
///
/// The key stays until it is replaced or the unit is zeroized; several imports may use it.
/// Refusals: 33/54, 7/55.
pub(super) struct GenerateImporter;

impl Command for GenerateImporter {
    const FUNCTION: AdminFunction = AdminFunction::GENERATE_IMPORTER;
    const NAME: &'static str = "generate importer key";
    const IMPRINT: ImprintRule = ImprintRule::Refused;
    const SECURED: Quorum = Quorum::One;
    type Input = ImporterKeyType;

    fn check(_: &Unit, input: &[u8], _: Trust) -> Result<ImporterKeyType, UnitRefusal> {
        let number = <[u8; 4]>::try_from(input).map_err(|_| UnitRefusal::IMPORTER_LENGTH)?;
        ImporterKeyType::from_u32(u32::from_be_bytes(number)).ok_or(UnitRefusal::IMPORTER_TYPE)
    }

    fn effect(unit: &Unit, kind: ImporterKeyType, env: &mut CallEnv) -> Applied {
        let importer = ImporterKey::generate(kind, &mut env.rng);
        let output = importer.public().to_spki();
        let secured = Secured { importer: Some(Arc::new(importer)), ..secured(unit)?.clone() };
        Ok((with_secured(unit, secured), output))
    }
}
