//! DSA: domain parameters, pairs and signatures (section 4.8).

use hpcs_crypto::dsa::{DOMAIN_1024_160, DOMAIN_2048_256, DOMAIN_3072_256, DsaDomain, DsaParameters};
use hpcs_ep11::pkcs11::{AttributeType, KeyType, ObjectClass, ReturnValue};
use zeroize::Zeroizing;

use super::discrete::{DiscreteKey, Scheme};
use crate::CallEnv;
use crate::functions::Outcome;
use crate::functions::key::Key;
use crate::functions::template::Template;

const SCHEME: Scheme = Scheme { algorithm: &[0x2A, 0x86, 0x48, 0xCE, 0x38, 4, 1], numbers: 3 };

/// The domain parameters of the size that a template asks for. They are published ones: nobody can tell, and finding new
/// ones takes minutes.
///
/// # Errors
/// `TEMPLATE_INCOMPLETE` without a size, `ATTRIBUTE_VALUE_INVALID` for one that there is not.
pub(crate) fn parameters(template: &Template) -> Outcome<Vec<u8>> {
    let bits = template.number(AttributeType::PRIME_BITS)?.ok_or(ReturnValue::TEMPLATE_INCOMPLETE)?;
    let (DsaDomain { p, q, g }, q_bits) = match bits {
        1024 => (DOMAIN_1024_160, 160),
        2048 => (DOMAIN_2048_256, 256),
        3072 => (DOMAIN_3072_256, 256),
        _ => return Err(ReturnValue::ATTRIBUTE_VALUE_INVALID),
    };
    match template.number(AttributeType::SUBPRIME_BITS)? {
        Some(stated) if stated != q_bits => Err(ReturnValue::ATTRIBUTE_VALUE_INVALID),
        _ => Ok(SCHEME.structure(&[p, q, g])),
    }
}

/// A new pair over the domain in the public template: `PrivateKeyInfo` and `SubjectPublicKeyInfo`.
///
/// # Errors
/// `TEMPLATE_INCOMPLETE` without a domain, `DOMAIN_PARAMS_INVALID` for numbers that are none.
pub(crate) fn generate(public: &Template, env: &mut CallEnv) -> Outcome<(Zeroizing<Vec<u8>>, Vec<u8>)> {
    let invalid = ReturnValue::DOMAIN_PARAMS_INVALID;
    let structure = public.bytes(AttributeType::IBM_STRUCT_PARAMS)?.ok_or(ReturnValue::TEMPLATE_INCOMPLETE)?;
    let domain = SCHEME.domain(&structure).ok_or(invalid)?;
    let parameters = ready(&domain).ok_or(invalid)?;
    let published = [DOMAIN_1024_160, DOMAIN_2048_256, DOMAIN_3072_256];
    if !published.iter().any(|known| [known.p, known.q, known.g].iter().zip(&domain).all(|(one, other)| one == other)) {
        parameters.validate().map_err(|_| invalid)?;
    }
    let pair = parameters.generate(&mut env.rng);
    Ok((SCHEME.private_key_info(&domain, &pair.private), SCHEME.public_key_info(&domain, &pair.public)))
}

/// A key of one half or the other.
pub(crate) struct DsaKey {
    parameters: DsaParameters,
    key: DiscreteKey,
    class: ObjectClass,
}

impl DsaKey {
    pub(crate) fn open(key: &Key) -> Outcome<Self> {
        let inconsistent = ReturnValue::KEY_TYPE_INCONSISTENT;
        if key.key_type != KeyType::DSA {
            return Err(inconsistent);
        }
        let read = match key.class {
            ObjectClass::PRIVATE_KEY => SCHEME.private_key(&key.value),
            _ => SCHEME.public_key(&key.value),
        };
        let discrete = read.ok_or(inconsistent)?;
        let parameters = ready(&discrete.domain).ok_or(inconsistent)?;
        Ok(DsaKey { parameters, key: discrete, class: key.class })
    }

    /// r and s, each as long as the smaller prime.
    ///
    /// # Errors
    /// `KEY_TYPE_INCONSISTENT` when there is only the public key.
    pub(crate) fn sign(&self, digest: &[u8], env: &mut CallEnv) -> Outcome<Vec<u8>> {
        if self.class != ObjectClass::PRIVATE_KEY {
            return Err(ReturnValue::KEY_TYPE_INCONSISTENT);
        }
        self.parameters.sign(&self.key.value, digest, &mut env.rng).ok_or(ReturnValue::FUNCTION_FAILED)
    }

    pub(crate) fn verify(&self, digest: &[u8], signature: &[u8]) -> Outcome<()> {
        if signature.len() != 2 * self.parameters.q_len() {
            return Err(ReturnValue::SIGNATURE_LEN_RANGE);
        }
        let public = match self.class {
            ObjectClass::PRIVATE_KEY => self.parameters.public(&self.key.value),
            _ => Some(self.key.value.to_vec()),
        };
        let holds = public.is_some_and(|public| self.parameters.verify(&public, digest, signature));
        if holds { Ok(()) } else { Err(ReturnValue::SIGNATURE_INVALID) }
    }
}

/// The public key in the form in which it leaves.
pub(crate) fn canonical_public_key(info: &[u8]) -> Option<Vec<u8>> {
    SCHEME.canonical_public_key(info, |domain| ready(domain).is_some())
}

/// The private key in the form in which blobs keep it. It comes from outside, so its domain is looked at closely.
pub(crate) fn canonical_private_key(info: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let key = SCHEME.private_key(info)?;
    let parameters = ready(&key.domain)?;
    parameters.validate().ok()?;
    parameters.public(&key.value)?;
    Some(SCHEME.private_key_info(&key.domain, &key.value))
}

/// The public key information of a private key.
pub(crate) fn public_key_info(private: &[u8]) -> Option<Vec<u8>> {
    let key = SCHEME.private_key(private)?;
    let public = ready(&key.domain)?.public(&key.value)?;
    Some(SCHEME.public_key_info(&key.domain, &public))
}

/// Bits of the modulus of a public key.
pub(crate) fn modulus_bits(info: &[u8]) -> Option<usize> {
    SCHEME.modulus_bits(info)
}

fn ready(domain: &[Vec<u8>]) -> Option<DsaParameters> {
    let [p, q, g] = domain else { return None };
    DsaParameters::new(p, q, g).ok()
}
