//! What carrying out a function takes. It decides where that is done, so that what takes long holds up nothing else.

use super::function::Function;
use super::mechanism::Mechanism;
use super::{registry, state};

/// What work something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cost {
    /// Microseconds; a tenth of a millisecond for ECDSA on the usual curves, which is less than waking a thread for it would
    /// cost in calls a second.
    Light,
    /// Up to some milliseconds: public-key arithmetic, reading large keys, much data.
    Heavy,
    /// Searching primes: seconds.
    Slow,
}

/// What carrying out this function takes, by its mechanism and by how much it is given.
pub fn cost(function: &Function) -> Cost {
    let of = |mechanism: &Mechanism| registry::find(mechanism.kind).map_or(Cost::Light, |row| row.cost);
    let of_state = |state: &[u8]| state::mechanism(state).and_then(registry::find).map_or(Cost::Light, |row| row.cost);
    let (work, given) = match function {
        Function::Init { mechanism, .. } | Function::GenerateKey { mechanism, .. } => (of(mechanism), 0),
        Function::GenerateKeyPair { mechanism, .. } | Function::WrapKey { mechanism, .. } => (of(mechanism), 0),
        Function::DeriveKey { mechanism, .. } => (of(mechanism), 0),
        // Whatever opens it, what comes out may be a large private key to be looked at.
        Function::UnwrapKey { mechanism, .. } => (of(mechanism).max(Cost::Heavy), 0),
        Function::Single { mechanism, data, .. } => (of(mechanism), data.len()),
        Function::Update { state, data, .. } | Function::OneShot { state, data, .. } => (of_state(state), data.len()),
        Function::Final { state, .. } => (of_state(state), 0),
        Function::Reencrypt { from, to, data, .. } => (of(from).max(of(to)), data.len()),
        Function::GenerateRandom { length } => (Cost::Light, usize::try_from(*length).unwrap_or(usize::MAX)),
        Function::GetAttributeValue { object, .. } | Function::SetAttributeValue { object, .. } => (of_key(object), 0),
        Function::RewrapKeyBlob { blob } => (blob.as_deref().map_or(Cost::Light, of_key), 0),
        Function::DigestKey { .. } | Function::GetMechanismList | Function::GetMechanismInfo { .. } => (Cost::Light, 0),
    };
    if given > MUCH_DATA { work.max(Cost::Heavy) } else { work }
}

/// Reading the numbers of a large key takes as long as using a small one.
fn of_key(blob: &[u8]) -> Cost {
    if blob.len() > LARGE_BLOB { Cost::Heavy } else { Cost::Light }
}

/// Bytes that a digest goes through in some hundred microseconds.
const MUCH_DATA: usize = 64 * 1024;

/// Bytes of a blob with more than a key of a curve in it.
const LARGE_BLOB: usize = 600;

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use hpcs_ep11::pkcs11::MechanismType;

    use super::*;
    use crate::functions::{Parameter, Purpose, Template};

    fn single(kind: MechanismType, size: usize) -> Function {
        let mechanism = Mechanism { kind, parameter: Parameter::None };
        let (data, signature) = (Bytes::from(vec![0; size]), Bytes::new());
        Function::Single { purpose: Purpose::Digest, mechanism, key: None, data, signature }
    }

    #[test]
    fn work_follows_from_the_mechanism_and_from_how_much_there_is_to_do() {
        assert_eq!(cost(&single(MechanismType::SHA256, 1024)), Cost::Light);
        assert_eq!(cost(&single(MechanismType::SHA256, 1 << 20)), Cost::Heavy);
        assert_eq!(cost(&single(MechanismType::RSA_PKCS, 32)), Cost::Heavy);
        let mechanism = Mechanism { kind: MechanismType::RSA_PKCS_KEY_PAIR_GEN, parameter: Parameter::None };
        let (private, public) = (Template::default(), Template::default());
        assert_eq!(cost(&Function::GenerateKeyPair { mechanism, private, public }), Cost::Slow);
        assert_eq!(cost(&Function::GenerateRandom { length: u64::MAX }), Cost::Heavy);
    }
}
