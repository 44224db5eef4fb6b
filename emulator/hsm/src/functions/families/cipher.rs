//! Encryption: AES and triple DES in their modes (section 4.5), RSA with its two paddings (section 4.7).

use hpcs_crypto::block::{BlockCipher, CipherFault, CipherKey, CipherStream, Direction, Mode};
use hpcs_ep11::pkcs11::{KeyType, ObjectClass, ReturnValue};
use zeroize::Zeroizing;

use super::rsa::{RsaCipher, RsaEncryption};
use crate::CallEnv;
use crate::functions::Outcome;
use crate::functions::context::Context;
use crate::functions::families::no_parameter;
use crate::functions::function::Purpose;
use crate::functions::key::Key;
use crate::functions::mechanism::Parameter;
use crate::functions::registry::{Family, MechanismRow};

/// An encryption or a decryption in progress.
pub(crate) enum Cipher {
    Block { stream: CipherStream, cipher: BlockCipher, key: Zeroizing<Vec<u8>>, direction: Direction },
    Rsa(RsaCipher),
}

impl Cipher {
    /// Begins with a key; `purpose` is one of encrypt and decrypt.
    pub(crate) fn start(
        context: &Context<'_>,
        row: &MechanismRow,
        parameter: &Parameter,
        key: &Key,
        purpose: Purpose,
    ) -> Outcome<Self> {
        let direction = if purpose == Purpose::Encrypt { Direction::Encrypt } else { Direction::Decrypt };
        let encryption = match row.family {
            Family::Cipher(cipher, mode) => {
                let stream = stream(cipher, mode, parameter, key, direction)?;
                return Ok(Cipher::Block { stream, cipher, key: key.value.clone(), direction });
            }
            Family::RsaPkcs(None) => {
                no_parameter(parameter)?;
                RsaEncryption::Pkcs
            }
            Family::RsaOaep => RsaEncryption::oaep(context, parameter)?,
            _ => return Err(ReturnValue::MECHANISM_INVALID),
        };
        RsaCipher::new(encryption, key, direction).map(Cipher::Rsa)
    }

    pub(crate) fn update(&mut self, data: &[u8]) -> Outcome<Zeroizing<Vec<u8>>> {
        match self {
            Cipher::Block { stream, .. } => Ok(stream.update(data)),
            Cipher::Rsa(_) => Err(ReturnValue::MECHANISM_INVALID),
        }
    }

    pub(crate) fn finish(self, env: &mut CallEnv) -> Outcome<Zeroizing<Vec<u8>>> {
        self.whole(&[], env)
    }

    /// The last part, or all of it.
    pub(crate) fn whole(self, data: &[u8], env: &mut CallEnv) -> Outcome<Zeroizing<Vec<u8>>> {
        match self {
            Cipher::Block { stream, direction, .. } => stream.complete(data).map_err(|fault| refusal(fault, direction)),
            Cipher::Rsa(rsa) => rsa.run(data, env),
        }
    }

    pub(crate) fn export(&self) -> Zeroizing<Vec<u8>> {
        match self {
            Cipher::Block { stream, .. } => stream.export(),
            Cipher::Rsa(_) => Zeroizing::default(),
        }
    }

    pub(crate) fn restore(&mut self, progress: &[u8]) -> Option<()> {
        if let Cipher::Block { stream, cipher, key, .. } = self {
            *stream = CipherStream::import(CipherKey::new(*cipher, key)?, progress)?;
        }
        Some(())
    }
}

/// Encrypts or decrypts a whole message with a secret key, whatever it may be used for otherwise.
pub(crate) fn run(
    (cipher, mode): (BlockCipher, Mode),
    parameter: &Parameter,
    key: &Key,
    direction: Direction,
    data: &[u8],
) -> Outcome<Zeroizing<Vec<u8>>> {
    let stream = stream(cipher, mode, parameter, key, direction)?;
    stream.complete(data).map_err(|fault| refusal(fault, direction))
}

fn stream(
    cipher: BlockCipher,
    mode: Mode,
    parameter: &Parameter,
    key: &Key,
    direction: Direction,
) -> Outcome<CipherStream> {
    let iv = match (mode, parameter) {
        (Mode::Ecb, parameter) => {
            no_parameter(parameter)?;
            &[][..]
        }
        (_, Parameter::Bytes(iv)) => iv,
        _ => return Err(ReturnValue::MECHANISM_PARAM_INVALID),
    };
    require_cipher_key(key, cipher)?;
    let schedule = CipherKey::new(cipher, &key.value).ok_or(ReturnValue::KEY_SIZE_RANGE)?;
    CipherStream::start(schedule, direction, mode, iv).ok_or(ReturnValue::MECHANISM_PARAM_INVALID)
}

/// Refuses a key that is none of this cipher.
pub(crate) fn require_cipher_key(key: &Key, cipher: BlockCipher) -> Outcome<()> {
    let fits = match cipher {
        BlockCipher::Aes => key.key_type == KeyType::AES,
        BlockCipher::TripleDes => [KeyType::DES2, KeyType::DES3].contains(&key.key_type),
    };
    if fits && key.class == ObjectClass::SECRET_KEY { Ok(()) } else { Err(ReturnValue::KEY_TYPE_INCONSISTENT) }
}

fn refusal(fault: CipherFault, direction: Direction) -> ReturnValue {
    match (fault, direction) {
        (CipherFault::Length, Direction::Encrypt) => ReturnValue::DATA_LEN_RANGE,
        (CipherFault::Length, Direction::Decrypt) => ReturnValue::ENCRYPTED_DATA_LEN_RANGE,
        (CipherFault::Padding, _) => ReturnValue::ENCRYPTED_DATA_INVALID,
    }
}
