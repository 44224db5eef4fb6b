//! Parameters of mechanisms as bytes, for operation states.
//!
//! Only what an operation of several calls can have: nothing, bytes, RSA-OAEP and RSA-PSS.

use bytes::Bytes;

use super::mechanism::{OaepParameter, Parameter, PssParameter};

/// The parameter as bytes. Others than those above never begin an operation, and become none.
pub(super) fn encode(parameter: &Parameter) -> Vec<u8> {
    let mut out = Vec::new();
    match parameter {
        Parameter::Bytes(bytes) => {
            out.push(BYTES);
            out.extend_from_slice(bytes);
        }
        Parameter::Oaep(OaepParameter { hash, mgf, source, label }) => {
            out.push(OAEP);
            [hash, mgf, source].into_iter().for_each(|number| out.extend(number.to_be_bytes()));
            out.extend_from_slice(label);
        }
        Parameter::Pss(PssParameter { hash, mgf, salt_length }) => {
            out.push(PSS);
            [hash, mgf, salt_length].into_iter().for_each(|number| out.extend(number.to_be_bytes()));
        }
        _ => out.push(NONE),
    }
    out
}

/// Reads what [`encode`] wrote; `None` when it is something else.
pub(super) fn decode(bytes: &[u8]) -> Option<Parameter> {
    let (tag, rest) = bytes.split_first()?;
    let numbers = || {
        let (numbers, rest) = rest.split_first_chunk::<24>()?;
        let number = |at: usize| numbers[at..at + 8].iter().fold(0, |number, byte| number << 8 | u64::from(*byte));
        Some(([number(0), number(8), number(16)], rest))
    };
    Some(match *tag {
        NONE if rest.is_empty() => Parameter::None,
        BYTES => Parameter::Bytes(Bytes::copy_from_slice(rest)),
        OAEP => {
            let ([hash, mgf, source], label) = numbers()?;
            Parameter::Oaep(OaepParameter { hash, mgf, source, label: Bytes::copy_from_slice(label) })
        }
        PSS => {
            let ([hash, mgf, salt_length], []) = numbers()? else { return None };
            Parameter::Pss(PssParameter { hash, mgf, salt_length })
        }
        _ => return None,
    })
}

const NONE: u8 = 0;
const BYTES: u8 = 1;
const OAEP: u8 = 2;
const PSS: u8 = 3;
