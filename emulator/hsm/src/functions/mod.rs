//! The cryptographic functions of a crypto unit: what applications ask for, once administrators have given it a master
//! key.
//!
//! A unit keeps no application key. Every key leaves it as a *key blob*, encrypted and authenticated under the current
//! master key, and comes back with each call; an operation of several calls travels as an *operation state* in the same
//! way. So [`perform`] is a function of the unit, the question and randomness, and any unit with the same master key
//! continues what another began. Governed by the GREP11 API, sections 3 to 6 and 9.
//!
//! # Layout
//! - `function`: what can be asked ([`Function`]) and answered ([`Output`]); `mechanism`, `template`: its parameters.
//! - `registry`: one row a mechanism ([`MECHANISMS`]); the list, the info, the dispatch and the documentation read it.
//! - `policy`: what control points and the module's generation leave of the registry.
//! - `key`: keys, their attributes, and their two protected forms.
//! - `process`: digest, encrypt, decrypt, sign and verify in one call or several; `state`: what travels between calls.
//! - `cost`: what carrying out a function takes, known before it is carried out.
//! - `generate`, `derive`, `wrap`, `unwrap`, `attributes`, `rewrap`: the other functions.
//! - `check`, `login`: what keystores and sessions need of a unit.
//! - `families`: the mechanisms themselves, one file a family.

mod attributes;
mod check;
mod context;
mod cost;
mod counted;
mod derive;
mod evidence;
mod families;
mod function;
mod generate;
mod key;
mod login;
mod mechanism;
mod parameter_codec;
mod policy;
mod process;
mod registry;
mod rewrap;
mod state;
mod template;
mod unwrap;
mod wrap;

use hpcs_ep11::pkcs11::{MechanismType, ReturnValue};

pub use check::{check_blob, is_value, rewrap_stored, truth};
pub use context::{SessionId, Terms};
pub use cost::{Cost, cost};
pub use evidence::Evidence;
pub use function::{Function, NewKey, Output, Purpose};
pub(crate) use key::BlobKeys;
pub use login::{PinBlob, is_login, login};
pub use mechanism::{
    AggregateParameter, DeriveParameter, HdParameter, KemParameter, Mechanism, OaepParameter, Parameter, PssParameter,
};
pub use registry::{MECHANISMS, MechanismRow};
pub use template::{AttributeValue, Template};

use crate::{CallEnv, Unit};
use context::Context;

/// The answer of a step on the way of a function.
pub(crate) type Outcome<T> = Result<T, ReturnValue>;

/// Carries out `function` on `unit`. Changes nothing: what is made is in the answer.
///
/// # Errors
/// The return value that a crypto unit refuses with. The order of checks is that of section 6.4 for key blobs, and
/// mechanism, parameter, key, data otherwise.
pub fn perform(unit: &Unit, terms: &Terms<'_>, function: &Function, env: &mut CallEnv) -> Result<Output, ReturnValue> {
    let context = &Context::new(unit, terms);
    match function {
        Function::GenerateRandom { length } => generate::random(*length, env),
        Function::Init { purpose, mechanism, key } => process::init(context, *purpose, mechanism, key.as_deref(), env),
        Function::Update { purpose, state, data } => process::update(context, *purpose, state, data, env),
        Function::DigestKey { state, key } => process::digest_key(context, state, key.as_deref(), env),
        Function::Final { purpose, state, signature } => process::finish(context, *purpose, state, signature, env),
        Function::OneShot { purpose, state, data, signature } => {
            process::one_shot(context, *purpose, state, data, signature, env)
        }
        Function::Single { purpose, mechanism, key, data, signature } => {
            process::single(context, *purpose, mechanism, key.as_deref(), data, signature, env)
        }
        Function::Reencrypt { from, from_key, to, to_key, data } => {
            process::reencrypt(context, (from, from_key.as_deref()), (to, to_key.as_deref()), data, env)
        }
        Function::GenerateKey { mechanism, template } => generate::key(context, mechanism, template, env),
        Function::GenerateKeyPair { mechanism, private, public } => {
            generate::key_pair(context, mechanism, private, public, env)
        }
        Function::WrapKey { mechanism, key, kek, mac_key } => {
            wrap::wrap(context, mechanism, key.as_deref(), kek.as_deref(), mac_key.as_deref(), env)
        }
        Function::UnwrapKey { mechanism, wrapped, kek, mac_key, template } => {
            let keys = unwrap::Keys { kek: kek.as_deref(), mac_key: mac_key.as_deref() };
            unwrap::unwrap(context, mechanism, wrapped, keys, template, env)
        }
        Function::DeriveKey { mechanism, base_key, data, template } => {
            derive::derive(context, mechanism, base_key.as_deref(), data, template, env)
        }
        Function::GetMechanismList => Ok(Output::Mechanisms(policy::list(context))),
        Function::GetMechanismInfo { mechanism } => policy::info(context, MechanismType(*mechanism)),
        Function::GetAttributeValue { object, asked } => attributes::get(context, object, asked, env),
        Function::SetAttributeValue { object, changes } => attributes::set(context, object, changes, env),
        Function::RewrapKeyBlob { blob } => rewrap::rewrap(context, blob.as_deref(), env),
    }
}
