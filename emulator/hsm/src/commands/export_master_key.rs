//! Export master key: current register (0000000B), new register (00000026).

use std::marker::PhantomData;

use hpcs_ep11::{AdminFunction, KphCertificate, Parameter, ParameterMap, Permissions, PublicKey, seal_key_part};

use super::{Applied, Command, ImprintRule, Quorum, permitted, secured};
use crate::{CallEnv, MasterKey, Registers, Trust, Unit, UnitRefusal};

/// Exports the key of a register.
pub(super) struct ExportKey<R>(PhantomData<R>);

/// The current master key register.
pub(super) struct Current;
/// The new master key register, committed or not.
pub(super) struct New;

/// Which register is exported.
pub(super) trait Exported {
    const FUNCTION: AdminFunction;
    const NAME: &'static str;
    const EMPTY: UnitRefusal;

    fn key(registers: &Registers) -> Option<&MasterKey>;
}

impl Exported for Current {
    const FUNCTION: AdminFunction = AdminFunction::EXPORT_WK;
    const NAME: &'static str = "export current master key";
    const EMPTY: UnitRefusal = UnitRefusal::CURRENT_EMPTY;

    fn key(registers: &Registers) -> Option<&MasterKey> {
        registers.current.key()
    }
}

impl Exported for New {
    const FUNCTION: AdminFunction = AdminFunction::EXPORT_NEXT_WK;
    const NAME: &'static str = "export new master key";
    const EMPTY: UnitRefusal = UnitRefusal::NEW_EMPTY;

    fn key(registers: &Registers) -> Option<&MasterKey> {
        registers.new.pending().map(|pending| &pending.key)
    }
}

/// A checked export: the key, for whom, and what the answer leaves out.
pub(super) struct Export {
    key: MasterKey,
    holders: Vec<Holder>,
    scope: u32,
}

struct Holder {
    key: PublicKey,
    certificate: Vec<u8>,
}

impl<R: Exported> Command for ExportKey<R> {
    const FUNCTION: AdminFunction = R::FUNCTION;
    const NAME: &'static str = R::NAME;
    const IMPRINT: ImprintRule = ImprintRule::Refused;
    const SECURED: Quorum = Quorum::SignatureThreshold;
    type Input = Export;

    fn check(unit: &Unit, input: &[u8], _: Trust) -> Result<Export, UnitRefusal> {
        let key = R::key(&secured(unit)?.registers).cloned().ok_or(R::EMPTY)?;
        check_export(unit, key, input)
    }

    fn effect(unit: &Unit, export: Export, env: &mut CallEnv) -> Applied {
        Ok((unit.clone(), export.output(unit, env)?))
    }
}

/// Input of both: a parameter map with the number of parts needed (M) and the KPH certificates (N). Output: a map with
/// one encrypted key part per KPH.
///
/// Only M = 1 is supported: how real modules share a key among several holders is not public.
///
/// # Errors
/// 102/49 or 102/50 (in the caller), 80/131, 32/103, 32/96, 80/110, 3/102, 32/101, 32/120, in this order.
fn check_export(unit: &Unit, key: MasterKey, input: &[u8]) -> Result<Export, UnitRefusal> {
    permitted(unit, Permissions::WK_EXPORT, UnitRefusal::EXPORT_PROHIBITED)?;
    let map = ParameterMap::decode(input).map_err(|_| UnitRefusal::PARAMETERS)?;
    let certificates: Vec<_> = map.all(Parameter::KPH_CERTIFICATE).collect();
    let needed = map.first(Parameter::KEY_PARTS_NEEDED).map_or(0, |parameter| parameter.index);
    if needed != 1 || certificates.is_empty() {
        return Err(UnitRefusal::PART_POLICY);
    }
    permitted(unit, Permissions::WK_1PART, UnitRefusal::SINGLE_PART_EXPORT)?;
    let mut holders = Vec::with_capacity(certificates.len());
    for parameter in &certificates {
        let key = KphCertificate::decode(parameter.data).map_err(|_| UnitRefusal::KPH_CERTIFICATE)?;
        holders.push((parameter.index, Holder { key, certificate: parameter.data.to_vec() }));
    }
    holders.sort_by_key(|(index, _)| *index);
    if holders.iter().enumerate().any(|(at, (index, _))| *index as usize != at) {
        return Err(UnitRefusal::PART_INDEX);
    }
    let scope = map.first(Parameter::SCOPE).map_or(0, |parameter| parameter.index);
    if scope & !Parameter::SCOPE_KNOWN != 0 {
        return Err(UnitRefusal::SCOPE);
    }
    Ok(Export { key, holders: holders.into_iter().map(|(_, holder)| holder).collect(), scope })
}

impl Export {
    /// The exact set of elements in real answers is not public; clients need the encrypted part alone.
    fn output(&self, unit: &Unit, env: &mut CallEnv) -> Result<Vec<u8>, UnitRefusal> {
        let mut parts = Vec::with_capacity(self.holders.len());
        for holder in &self.holders {
            let sealed = seal_key_part(self.key.expose_key(), &holder.key, &mut env.rng)
                .map_err(|_| UnitRefusal::KPH_CERTIFICATE)?;
            let signature = unit.module().sign(&sealed);
            parts.push((sealed, signature));
        }
        let mut elements = vec![
            Parameter::number(Parameter::KEY_PART_COUNT, self.holders.len() as u32),
            Parameter::number(Parameter::KEY_PARTS_NEEDED, 1),
        ];
        for (index, (sealed, signature)) in (0..).zip(&parts) {
            elements.push(Parameter { tag: Parameter::ENCRYPTED_KEY_PART, index, data: sealed });
            elements.push(Parameter { tag: Parameter::KEY_PART_SIGNATURE, index, data: signature });
        }
        if self.scope & Parameter::SCOPE_WITHOUT_KPH_CERTIFICATES == 0 {
            for (index, holder) in (0..).zip(&self.holders) {
                elements.push(Parameter { tag: Parameter::KPH_CERTIFICATE, index, data: &holder.certificate });
            }
        }
        if self.scope & Parameter::SCOPE_WITHOUT_OA_CERTIFICATES == 0 {
            for (index, certificate) in (0..).zip(unit.module().certificates()) {
                elements.push(Parameter { tag: Parameter::OA_CERTIFICATE, index, data: certificate });
            }
        }
        Ok(ParameterMap(elements).encode())
    }
}
