//! An answer and its signature, before and after the signature was verified.

use hpcs_ep11::{
    AdminDomain, AdminFunction, AdminResponseBlock, DomainIndex, ModuleId, P521PublicKey, SerialNumber,
    TransactionCounter, verify_response,
};

use super::UnitError;

/// An answer as it arrived. Nothing in it is believed yet.
pub(super) struct SignedAnswer {
    /// The xcpAdminRspBlk, as received.
    pub(super) block: Vec<u8>,
    /// The module's SignerInfo, perhaps followed by another.
    pub(super) signatures: Vec<u8>,
}

/// What an answer must say to be the answer to a question.
pub(super) struct Expected {
    /// The function asked for.
    pub(super) function: AdminFunction,
    /// The domain asked.
    pub(super) domain: DomainIndex,
    /// The module asked, once it is known.
    pub(super) serial: Option<SerialNumber>,
}

/// The content of a verified answer that is no refusal.
pub(super) struct Answer {
    pub(super) domain: AdminDomain,
    pub(super) module: ModuleId,
    pub(super) counter: TransactionCounter,
    pub(super) output: Vec<u8>,
}

impl SignedAnswer {
    /// Verifies the signature with the module's key, then reads the answer.
    pub(super) fn open(&self, key: &P521PublicKey, expected: &Expected) -> Result<Answer, UnitError> {
        if !verify_response(&self.block, &self.signatures, key) {
            return Err(UnitError::Signature);
        }
        self.read_unverified(expected)
    }

    /// Reads the answer without looking at the signature: for certificate 0, which brings the key.
    pub(super) fn read_unverified(&self, expected: &Expected) -> Result<Answer, UnitError> {
        let block = AdminResponseBlock::decode(&self.block)?;
        expected.check(&block)?;
        if !block.code.is_ok() {
            return Err(UnitError::Refused { code: block.code, reason: block.reason() });
        }
        let AdminResponseBlock { domain, module, counter, output, .. } = block;
        Ok(Answer { domain, module, counter, output: output.to_vec() })
    }
}

impl Expected {
    fn check(&self, block: &AdminResponseBlock<'_>) -> Result<(), UnitError> {
        if block.function != self.function {
            return Err(UnitError::Foreign { field: "function" });
        }
        // Answers about the module name no domain.
        let about_module = self.function == AdminFunction::QUERY_DEVICE_CERTIFICATE;
        if !about_module && block.domain.index != self.domain {
            return Err(UnitError::Foreign { field: "domain" });
        }
        match self.serial {
            Some(serial) if serial != block.module.serial => Err(UnitError::SerialMismatch),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use hpcs_ep11::{P521KeyPair, ReasonCode, ReturnCode, sign_response};

    use super::*;
    use crate::testing::{key_pair, report};

    fn signed(key: &P521KeyPair, code: ReturnCode, output: &[u8]) -> SignedAnswer {
        let block = AdminResponseBlock {
            function: AdminFunction::QUERY_ATTRIBUTES,
            domain: report().domain,
            module: report().module,
            counter: report().counter,
            code,
            output,
        }
        .encode();
        SignedAnswer { signatures: sign_response(&block, key), block }
    }

    fn expected() -> Expected {
        Expected {
            function: AdminFunction::QUERY_ATTRIBUTES,
            domain: report().domain.index,
            serial: Some(report().module.serial),
        }
    }

    #[test]
    fn a_signed_answer_gives_its_content() {
        let key = key_pair(7);
        let answer = signed(&key, ReturnCode::OK, b"content").open(&key.public(), &expected()).ok().unwrap();
        assert_eq!((answer.output.as_slice(), answer.counter), (&b"content"[..], report().counter));
    }

    #[test]
    fn an_answer_signed_by_another_module_is_not_believed() {
        let answer = signed(&key_pair(7), ReturnCode::OK, b"");
        assert!(matches!(answer.open(&key_pair(8).public(), &expected()), Err(UnitError::Signature)));
    }

    #[test]
    fn one_changed_bit_is_noticed_before_the_answer_is_read() {
        let key = key_pair(7);
        let mut answer = signed(&key, ReturnCode::OK, b"content");
        *answer.block.last_mut().unwrap() ^= 1;
        assert!(matches!(answer.open(&key.public(), &expected()), Err(UnitError::Signature)));
    }

    #[test]
    fn a_refusal_counts_only_when_it_is_signed() {
        let key = key_pair(7);
        let reason = ReasonCode(21).0.to_be_bytes();
        let mut answer = signed(&key, ReturnCode(208), &reason);
        match answer.open(&key.public(), &expected()) {
            Err(UnitError::Refused { code, reason }) => assert_eq!((code.0, reason), (208, Some(ReasonCode(21)))),
            _ => panic!("not a refusal"),
        }
        answer.signatures.clear();
        assert!(matches!(answer.open(&key.public(), &expected()), Err(UnitError::Signature)));
    }

    #[test]
    fn answers_to_other_questions_are_foreign() {
        let key = key_pair(7);
        let answer = signed(&key, ReturnCode::OK, b"");
        let open = |expected: Expected| answer.open(&key.public(), &expected).err().unwrap();
        let other = Expected { function: AdminFunction::QUERY_CONTROL_POINTS, ..expected() };
        assert!(matches!(open(other), UnitError::Foreign { field: "function" }));
        let other = Expected { domain: DomainIndex(99), ..expected() };
        assert!(matches!(open(other), UnitError::Foreign { field: "domain" }));
        let other = Expected { serial: Some("OTHER000".parse().unwrap()), ..expected() };
        assert_eq!(open(other).to_string(), "Serial number mismatch detected");
    }
}
