//! An answer and its signature, before and after the signature was verified.

use hpcs_ep11::{
    AdminDomain, AdminFunction, AdminResponseBlock, DomainIndex, DomainInstance, ModuleId, P521PublicKey, SerialNumber,
    TransactionCounter, verify_response,
};

use super::{PreparedCommand, UnitError};

/// An answer as it arrived. Nothing in it is believed yet.
pub(super) struct SignedAnswer {
    /// The xcpAdminRspBlk, as received.
    pub(super) block: Vec<u8>,
    /// The module's SignerInfo, perhaps followed by another.
    pub(super) signatures: Vec<u8>,
}

/// What an answer must say to be the answer to a question, and no older one that was kept and is played again.
pub(super) struct Expected {
    /// The function asked for.
    pub(super) function: AdminFunction,
    /// The domain asked.
    pub(super) domain: DomainIndex,
    /// The module asked.
    pub(super) module: ExpectedModule,
    /// The unit's latest moment seen before the question was asked. Answers from before it are stale.
    pub(super) not_before: Moment,
    /// Where the unit must stand when it carried out a command. `None` for queries.
    pub(super) success: Option<Success>,
}

/// What is known about the module that answers.
#[derive(Clone, Copy)]
pub(super) enum ExpectedModule {
    /// Its serial number, from the service's list: the first question to a module.
    Serial(SerialNumber),
    /// All of its identifier, from its own signed answer.
    Identified(ModuleId),
}

/// A moment in the life of a unit: zeroize begins a new instance, commands raise the counter. Later ones are greater.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Moment {
    /// The domain instance.
    pub(super) instance: DomainInstance,
    /// The transaction counter.
    pub(super) counter: TransactionCounter,
}

/// What the answer to a command that took effect says. No earlier answer says the same.
#[derive(Clone, Copy)]
pub(super) struct Success {
    domain: AdminDomain,
    module: ModuleId,
    counter: TransactionCounter,
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
        self.module.check(block.module)?;
        // Answers about the module name no domain.
        if self.function == AdminFunction::QUERY_DEVICE_CERTIFICATE {
            return Ok(());
        }
        if block.domain.index != self.domain {
            return Err(UnitError::Foreign { field: "domain" });
        }
        if Moment::of(block) < self.not_before {
            return Err(UnitError::Foreign { field: "counter" });
        }
        match &self.success {
            // A refusal carries the unit's present instance and counter, which need not be the command's.
            Some(success) if block.code.is_ok() => success.check(block),
            _ => Ok(()),
        }
    }
}

impl ExpectedModule {
    fn check(self, found: ModuleId) -> Result<(), UnitError> {
        let serial = match self {
            Self::Serial(serial) => serial,
            Self::Identified(module) => module.serial,
        };
        match self {
            _ if serial != found.serial => Err(UnitError::SerialMismatch),
            Self::Identified(module) if module != found => Err(UnitError::Foreign { field: "module" }),
            _ => Ok(()),
        }
    }
}

impl Moment {
    /// Before everything that a unit answers.
    pub(super) const START: Self = Self { instance: DomainInstance::NONE, counter: TransactionCounter::ZERO };

    fn of(block: &AdminResponseBlock<'_>) -> Self {
        Self { instance: block.domain.instance, counter: block.counter }
    }
}

impl Success {
    /// What the unit says after `command`: zeroize begins the next instance at 0.
    pub(super) fn of(command: &PreparedCommand) -> Self {
        let PreparedCommand { function, domain, module, counter, .. } = *command;
        if function == AdminFunction::ZEROIZE {
            let domain = AdminDomain { instance: domain.instance.next(), ..domain };
            Self { domain, module, counter: TransactionCounter::ZERO }
        } else {
            Self { domain, module, counter }
        }
    }

    fn check(&self, block: &AdminResponseBlock<'_>) -> Result<(), UnitError> {
        let fields = [
            ("domain", block.domain == self.domain),
            ("module", block.module == self.module),
            ("counter", block.counter == self.counter),
        ];
        match fields.into_iter().find(|(_, same)| !same) {
            Some((field, _)) => Err(UnitError::Foreign { field }),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use hpcs_ep11::{ModuleInstance, P521KeyPair, ReasonCode, ReturnCode, sign_response};

    use super::*;
    use crate::AttributeReport;
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
            module: ExpectedModule::Identified(report().module),
            not_before: Moment { instance: report().domain.instance, counter: report().counter },
            success: None,
        }
    }

    /// What the answer to a command on the unit of `report` must say.
    fn expected_after(function: AdminFunction) -> Expected {
        let command = PreparedCommand::new(&report(), function, &[]);
        Expected { function, success: Some(Success::of(&command)), ..expected() }
    }

    /// What is said about a signed answer to the command, made from the unit's report after `change`.
    fn answered(
        function: AdminFunction,
        code: ReturnCode,
        change: impl FnOnce(&mut AttributeReport),
    ) -> Result<(), UnitError> {
        let key = key_pair(7);
        let mut now = report();
        change(&mut now);
        let AttributeReport { domain, module, counter, .. } = now;
        let block = AdminResponseBlock { function, domain, module, counter, code, output: &[] }.encode();
        let answer = SignedAnswer { signatures: sign_response(&block, &key), block };
        answer.open(&key.public(), &expected_after(function)).map(drop)
    }

    fn foreign(result: Result<(), UnitError>) -> &'static str {
        match result {
            Err(UnitError::Foreign { field }) => field,
            _ => "taken",
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
        let other = ExpectedModule::Serial("OTHER000".parse().unwrap());
        assert_eq!(open(Expected { module: other, ..expected() }).to_string(), "Serial number mismatch detected");
        let restarted = ModuleId { instance: ModuleInstance(*b"00000002"), ..report().module };
        let other = Expected { module: ExpectedModule::Identified(restarted), ..expected() };
        assert!(matches!(open(other), UnitError::Foreign { field: "module" }));
    }

    #[test]
    fn an_answer_from_before_what_was_seen_is_stale() {
        let key = key_pair(7);
        let answer = signed(&key, ReturnCode::OK, b"");
        let AttributeReport { domain, counter, .. } = report();
        for not_before in [
            Moment { instance: domain.instance, counter: counter.next() },
            Moment { instance: domain.instance.next(), counter: TransactionCounter::ZERO },
        ] {
            let error = answer.open(&key.public(), &Expected { not_before, ..expected() }).err().unwrap();
            assert!(matches!(error, UnitError::Foreign { field: "counter" }));
        }
    }

    #[test]
    fn the_answer_to_an_earlier_command_is_no_success_of_this_one() {
        let commit = |change: fn(&mut AttributeReport)| answered(AdminFunction::COMMIT_WK, ReturnCode::OK, change);
        assert_eq!(foreign(commit(|_| ())), "counter");
        assert_eq!(foreign(commit(|now| now.counter = now.counter.next().next())), "counter");
        assert_eq!(foreign(commit(|now| now.domain.instance = now.domain.instance.next())), "domain");
        assert!(commit(|now| now.counter = now.counter.next()).is_ok());
    }

    #[test]
    fn zeroize_succeeds_with_the_next_instance_at_zero() {
        let zeroize = |change: fn(&mut AttributeReport)| answered(AdminFunction::ZEROIZE, ReturnCode::OK, change);
        assert_eq!(foreign(zeroize(|now| now.counter = now.counter.next())), "domain");
        assert_eq!(foreign(zeroize(|now| now.domain.instance = now.domain.instance.next())), "counter");
        let fresh = zeroize(|now| {
            now.domain.instance = now.domain.instance.next();
            now.counter = TransactionCounter::ZERO;
        });
        assert!(fresh.is_ok());
    }

    #[test]
    fn a_refusal_may_carry_another_instance_but_no_other_module_and_no_earlier_moment() {
        let refused = |change: fn(&mut AttributeReport)| answered(AdminFunction::COMMIT_WK, ReturnCode(3), change);
        let zeroized_meanwhile = refused(|now| now.domain.instance = now.domain.instance.next());
        assert!(matches!(zeroized_meanwhile, Err(UnitError::Refused { .. })));
        assert_eq!(foreign(refused(|now| now.module.instance = ModuleInstance(*b"00000002"))), "module");
        assert_eq!(foreign(refused(|now| now.counter = TransactionCounter::ZERO)), "counter");
    }
}
