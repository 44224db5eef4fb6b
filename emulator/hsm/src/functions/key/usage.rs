//! What a key may be used for: what its kind allows, what it gets when nothing is said, and what a template asks for.

use hpcs_crypto::ec::{Curve, Family};
use hpcs_ep11::pkcs11::{AttributeType, KeyType, ObjectClass, ReturnValue};

use super::word::{AttributeWord, BOOLEANS};
use crate::functions::Outcome;
use crate::functions::context::Context;
use crate::functions::template::Template;

/// Where a key comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    /// Made here.
    Generated,
    /// Made here, from other keys.
    Derived,
    /// Taken in.
    Unwrapped,
}

/// Usages that apply to a kind of key; a template's others are accepted and ignored (section 5.2).
#[derive(Clone, Copy)]
pub(crate) struct Usage {
    pub(crate) applicable: AttributeWord,
    pub(crate) default: AttributeWord,
}

impl Usage {
    /// The usages of this kind of key.
    pub(crate) fn of(class: ObjectClass, key_type: KeyType, curve: Option<Curve>) -> Self {
        use AttributeWord as Word;
        let signing = if class == ObjectClass::PUBLIC_KEY { Word::VERIFY } else { Word::SIGN };
        let (applicable, default) = match (class, key_type) {
            (ObjectClass::SECRET_KEY, KeyType::GENERIC_SECRET) => {
                let both = Word::SIGN.with(Word::VERIFY);
                (both.with(Word::DERIVE), both)
            }
            (ObjectClass::SECRET_KEY, _) => {
                let default = Word::ENCRYPT.with(Word::DECRYPT).with(Word::SIGN).with(Word::VERIFY);
                (default.with(Word::WRAP).with(Word::UNWRAP).with(Word::DERIVE), default)
            }
            (ObjectClass::PUBLIC_KEY, KeyType::RSA) => {
                let default = Word::ENCRYPT.with(Word::VERIFY);
                (default.with(Word::WRAP), default)
            }
            (_, KeyType::RSA) => {
                let default = Word::DECRYPT.with(Word::SIGN);
                (default.with(Word::UNWRAP), default)
            }
            (_, KeyType::EC) if curve.is_some_and(|curve| curve.family() == Family::Montgomery) => {
                (Word::DERIVE, Word::NONE)
            }
            (_, KeyType::EC) => (signing.with(Word::DERIVE), signing),
            (ObjectClass::PUBLIC_KEY, KeyType::DH) => (Word::NONE, Word::NONE),
            (_, KeyType::DH) => (Word::DERIVE, Word::DERIVE),
            (ObjectClass::PUBLIC_KEY, KeyType::IBM_KYBER) => {
                let both = Word::ENCRYPT.with(Word::DERIVE);
                (both, both)
            }
            (_, KeyType::IBM_KYBER) => {
                let both = Word::DECRYPT.with(Word::DERIVE);
                (both, both)
            }
            (_, _) => (signing, signing),
        };
        Usage { applicable, default }
    }

    /// The word without usages that do not apply.
    pub(crate) fn clean(self, word: AttributeWord) -> AttributeWord {
        word.without(USAGES.without(self.applicable))
    }
}

/// Every bit that says what a key may be used for.
const USAGES: AttributeWord = AttributeWord::SIGN
    .with(AttributeWord::DECRYPT)
    .with(AttributeWord::ENCRYPT)
    .with(AttributeWord::DERIVE)
    .with(AttributeWord::UNWRAP)
    .with(AttributeWord::WRAP)
    .with(AttributeWord::VERIFY);

/// Attributes that only the unit sets.
const READ_ONLY: [AttributeType; 6] = [
    AttributeType::ALWAYS_SENSITIVE,
    AttributeType::KEY_GEN_MECHANISM,
    AttributeType::CHECK_VALUE,
    AttributeType::PUBLIC_KEY_INFO,
    AttributeType::IBM_LOGIN_SESSION,
    AttributeType::IBM_PROTKEY_NEVER_EXTRACTABLE,
];

/// The attribute word of a new key.
///
/// # Errors
/// `ATTRIBUTE_READ_ONLY` for what only the unit sets, `TEMPLATE_INCONSISTENT` for what contradicts itself,
/// `ATTRIBUTE_VALUE_INVALID` for what is no truth value.
pub(crate) fn attribute_word(
    context: &Context<'_>,
    template: &Template,
    class: ObjectClass,
    usage: Usage,
    origin: Origin,
) -> Outcome<AttributeWord> {
    if READ_ONLY.iter().any(|attribute| template.has(*attribute)) {
        return Err(ReturnValue::ATTRIBUTE_READ_ONLY);
    }
    let mut stated = AttributeWord::NONE;
    let mut word = beginning(usage, origin);
    for row in BOOLEANS {
        let Some(on) = template.boolean(row.attribute)? else { continue };
        if !row.stated {
            return Err(ReturnValue::ATTRIBUTE_READ_ONLY);
        }
        stated = stated.with(row.bit);
        word = word.set(row.bit, on);
    }
    if origin == Origin::Unwrapped && !stated.has_any(USAGES) {
        word = word.with(usage.default);
    }
    word = usage.clean(word);
    if class == ObjectClass::PUBLIC_KEY {
        word = word.without(AttributeWord::EXTRACTABLE);
    } else if origin != Origin::Unwrapped && !word.has(AttributeWord::EXTRACTABLE) {
        word = word.with(AttributeWord::NEVER_EXTRACTABLE);
    }
    check(context, template, word)?;
    Ok(word)
}

/// What a key has before its template is looked at.
fn beginning(usage: Usage, origin: Origin) -> AttributeWord {
    use AttributeWord as Word;
    match origin {
        Origin::Generated => usage.default.with(Word::MODIFIABLE).with(Word::LOCAL),
        Origin::Derived => usage.default.with(Word::MODIFIABLE).with(Word::EXTRACTABLE),
        Origin::Unwrapped => Word::EXTRACTABLE,
    }
}

fn check(context: &Context<'_>, template: &Template, word: AttributeWord) -> Outcome<()> {
    use AttributeWord as Word;
    if word.has(Word::TRUSTED) && !context.allows(USER_SET_TRUSTED) {
        return Err(ReturnValue::ATTRIBUTE_READ_ONLY);
    }
    if word.has(Word::PROTKEY_EXTRACTABLE) {
        context.require(CPACF_PK)?;
    }
    let sensitive = template.boolean(AttributeType::SENSITIVE)? != Some(false);
    if word.has(Word::ATTRBOUND) && !sensitive {
        return Err(ReturnValue::TEMPLATE_INCONSISTENT);
    }
    if combined(context, word) { Err(ReturnValue::TEMPLATE_INCONSISTENT) } else { Ok(()) }
}

/// Whether the key combines usages that the control points keep apart.
pub(crate) fn combined(context: &Context<'_>, word: AttributeWord) -> bool {
    use AttributeWord as Word;
    let wraps = Word::WRAP.with(Word::UNWRAP);
    let crypts = Word::ENCRYPT.with(Word::DECRYPT);
    let signs = Word::SIGN.with(Word::VERIFY);
    [(WRAP_CRYPT_KEYS, wraps, crypts), (SIGN_CRYPT_KEYS, signs, crypts), (WRAP_SIGN_KEYS, wraps, signs)]
        .into_iter()
        .any(|(point, one, other)| !context.allows(point) && word.has_any(one) && word.has_any(other))
}

const USER_SET_TRUSTED: u8 = 37;
const WRAP_CRYPT_KEYS: u8 = 39;
const SIGN_CRYPT_KEYS: u8 = 40;
const WRAP_SIGN_KEYS: u8 = 41;
const CPACF_PK: u8 = 64;
