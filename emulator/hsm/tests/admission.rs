//! Which faults a unit finds in a command, and which of two it names: real bytes, one table for the outer command
//! (administration protocol, 5.0) and one for the key parts of an import (5.12).

#![allow(clippy::unwrap_used, clippy::panic, reason = "a fixture that cannot be made is a failed test")]

mod support;

use hpcs_ep11::{
    AdminCertificate, AdminFunction, AdminResponse, FunctionWord, ImporterKeyType, Permissions, RecipientInfo,
    RsaKeyPair, SigningKey, TransactionCounter, VerificationPattern,
};
use hpcs_hsm::{Request, Unit};
use support::key_parts::{import, import_of, importer, inner, seal};
use support::message::{Message, accept, answer, refuse, send, sequence, spoilt, verified};
use support::{
    Code, FOREIGN, OPERATIONAL, administered, assume, attributes, certificate, key, keys, pairs, rng, secured,
    shared_factory, snapshot, with_importer,
};

/// A command that can be spoilt in several places at once.
#[derive(Clone)]
struct Draft {
    unit: Unit,
    message: Message,
    /// Replaces the encoded block.
    block: Option<Vec<u8>>,
    signatures: Vec<Signature>,
}

#[derive(Clone, Copy, PartialEq)]
enum Signature {
    By(u8),
    WrongBy(u8),
    Garbage,
}

impl Signature {
    fn over(self, block: &[u8]) -> Vec<u8> {
        match self {
            Signature::By(number) => key(number).signer_info(block),
            Signature::WrongBy(number) => spoilt(key(number).signer_info(block)),
            Signature::Garbage => vec![0x30, 0x03, 0x02, 0x01, 0x03],
        }
    }
}

/// A fault: its name, the code of its refusal, and how to make it without undoing others.
struct Fault<D> {
    name: &'static str,
    code: Code,
    spoil: fn(&mut D),
}

const fn fault<D>(name: &'static str, code: u32, reason: u32, spoil: fn(&mut D)) -> Fault<D> {
    Fault { name, code: (code, if reason == 0 { None } else { Some(reason) }), spoil }
}

/// The checks on a command in their order. Rows with equal codes stand for one check.
const COMMAND_FAULTS: &[Fault<Draft>] = &[
    fault("outer function", 7, 0, |draft| draft.message.word.function = 0x28),
    fault("block of four fields", 7, 0, |draft| draft.block = Some(sequence(&[&[0; 4], &[0; 8], &[], &[]]))),
    fault("function of five bytes", 84, 11, |draft| draft.message.function.push(0)),
    fault("unknown function", 84, 11, |draft| draft.message.function[2] = 0x77),
    fault("unsupported function", 84, 0, |draft| draft.message.function[3] = 0x1E),
    fault("outer domain", 3, 0, |draft| draft.message.outer_domain[3] = 4),
    fault("size of domain", 3, 13, |draft| draft.message.domain.push(0)),
    fault("domain index", 3, 12, |draft| draft.message.domain[3] = 4),
    fault("domain instance", 3, 14, |draft| draft.message.domain[7] = 2),
    fault("size of module", 32, 15, |draft| draft.message.module.truncate(15)),
    fault("serial number", 32, 17, |draft| draft.message.module[0] ^= 1),
    fault("module instance", 32, 16, |draft| draft.message.module[8] ^= 1),
    fault("size of counter", 163, 18, |draft| draft.message.counter.insert(0, 0)),
    fault("stale counter", 163, 19, |draft| draft.message.counter[15] -= 1),
    fault("mode", 179, 34, |draft| draft.unit = imprint_twin()),
    fault("malformed signature", 193, 0, |draft| draft.signatures.push(Signature::Garbage)),
    fault("nine signatures", 193, 87, |draft| draft.signatures.extend([Signature::By(1); 9])),
    fault("unknown signer", 257, 33, |draft| draft.signatures.push(Signature::By(FOREIGN))),
    fault("wrong signature", 192, 22, |draft| draft.signatures.push(Signature::WrongBy(2))),
    fault("too few signatures", 208, 21, |draft| draft.signatures.retain(|by| *by != Signature::By(1))),
    fault("own rules", 7, 55, |draft| draft.message.input[3] = 9),
];

#[test]
fn each_fault_of_a_command_has_its_code_and_the_earlier_of_two_wins() {
    let good = Draft::good();
    assert!(send(&good.unit, &good.bytes()).is_ok());
    for_all_pairs(COMMAND_FAULTS, &good, |draft| refuse(&draft.unit, &draft.bytes()));
}

#[test]
fn a_refusal_is_signed_by_the_module_unless_no_block_could_be_read() {
    for fault in COMMAND_FAULTS {
        let mut draft = Draft::good();
        (fault.spoil)(&mut draft);
        let payload = answer(&draft.unit, &draft.bytes());
        match AdminResponse::decode(&payload).unwrap() {
            AdminResponse::Failed { domain, code, .. } => {
                assert!(["outer function", "block of four fields", "outer domain"].contains(&fault.name));
                assert_eq!((domain.to_bytes().to_vec(), code.0), (draft.message.outer_domain, fault.code.0));
            }
            AdminResponse::Block { .. } => {
                let reason = fault.code.1.map_or(vec![], |reason| reason.to_be_bytes().to_vec());
                assert_eq!(verified(&draft.unit, &payload), (fault.code.0, reason), "{}", fault.name);
            }
        }
    }
}

#[test]
fn bytes_that_are_no_request_get_the_outer_form() {
    let unit = shared_factory();
    let three = sequence(&[&[0, 1, 0, 0x29], &[0, 0, 0, 3], &[]]);
    for bytes in [&[][..], b"GET / HTTP/1.1", &[0x30, 0x80, 0, 0], &three] {
        let refused = Request::decode(bytes, &unit).err().unwrap();
        assert!(refused.refusal.is_outer());
        let expected = "3012040400010029040400000003040400000007";
        assert_eq!(hex::encode(refused.response.into_payload()), expected);
    }
}

#[test]
fn any_interface_ordinal_is_taken_and_echoed() {
    let unit = shared_factory();
    let mut message = Message::command(&unit, AdminFunction::ZEROIZE, []);
    message.word.ordinal = 6;
    let payload = answer(&unit, &message.unsigned());
    let AdminResponse::Block { function, .. } = AdminResponse::decode(&payload).unwrap() else { panic!("refused") };
    assert_eq!(function, FunctionWord { ordinal: 6, function: FunctionWord::ADMIN });
}

#[test]
fn equal_counters_are_refused_and_larger_ones_taken_over() {
    let unit = administered(shared_factory(), 2);
    let numbered = |counter: u128| {
        Message::command(&unit, AdminFunction::SET_ATTRIBUTES, pairs(&[(1, 0)])).with_counter(counter).unsigned()
    };
    assert_eq!(unit.counter(), TransactionCounter(2));
    for stale in [0, 1, 2] {
        assert_eq!(refuse(&unit, &numbered(stale)), (163, Some(19)), "{stale}");
    }
    for fresh in [3, 1002, u128::MAX] {
        assert_eq!(accept(&unit, &numbered(fresh)).counter(), TransactionCounter(fresh));
    }
}

#[test]
fn a_replayed_command_is_refused() {
    let unit = secured(2, 1, 1, OPERATIONAL);
    let bytes = Message::command(&unit, AdminFunction::ADD_ADMINISTRATOR, certificate(3)).signed([&key(1)]);
    let next = accept(&unit, &bytes);
    assert_eq!(refuse(&next, &bytes), (163, Some(19)));
    let zeroize = Message::command(&next, AdminFunction::ZEROIZE, []).signed([&key(1)]);
    // The counter restarts, but the instance has moved.
    assert_eq!(refuse(&accept(&next, &zeroize), &zeroize), (3, Some(14)));
}

#[test]
fn a_refused_command_leaves_the_counter() {
    let unit = secured(2, 2, 2, OPERATIONAL);
    let before = snapshot(&unit);
    let message = Message::command(&unit, AdminFunction::CLEAR_NEXT_WK, []).with_counter(1000);
    assert_eq!(refuse(&unit, &message.unsigned()), (208, Some(21)));
    assert_eq!(snapshot(&unit), before);
    assert_eq!(accept(&unit, &message.clone().with_counter(4).signed([&key(1)])).counter(), TransactionCounter(4));
}

#[test]
fn eight_signatures_are_read_and_nine_are_not() {
    let unit = secured(8, 8, 1, OPERATIONAL);
    let message = Message::command(&unit, AdminFunction::REMOVE_ADMINISTRATOR, [0; 32]);
    assert_eq!(refuse(&unit, &message.signed(&keys(8))), (32, Some(32)));
    assert_eq!(refuse(&unit, &message.signed(keys(8).iter().chain([&key(1)]))), (193, Some(87)));
}

#[test]
fn second_signature_by_same_administrator_does_not_count() {
    let unit = secured(3, 2, 2, OPERATIONAL);
    let message = Message::command(&unit, AdminFunction::ADD_ADMINISTRATOR, certificate(4));
    assert_eq!(refuse(&unit, &message.signed([&key(1), &key(1)])), (208, Some(21)));
    assert!(send(&unit, &message.signed([&key(1), &key(1), &key(3)])).is_ok());
}

#[test]
fn rsa_and_p521_administrators_sign_together() {
    let rsa = SigningKey::Rsa(RsaKeyPair::generate_2048(&mut rng(60)));
    let unit = administered(shared_factory(), 1);
    let rsa_certificate = AdminCertificate::build("administrator of old", &rsa).unwrap();
    let unit = assume(&unit, AdminFunction::ADD_ADMINISTRATOR, &rsa_certificate);
    let message = Message::command(&unit, AdminFunction::SET_ATTRIBUTES, attributes(2, 2, OPERATIONAL));
    let unit = accept(&unit, &message.signed([&rsa, &key(1)]));
    let message = Message::command(&unit, AdminFunction::ADD_ADMINISTRATOR, certificate(2));
    let block = message.block();
    let wrong = [key(1).signer_info(&block), spoilt(rsa.signer_info(&block))].concat();
    assert_eq!(refuse(&unit, &message.with_signatures(&wrong)), (192, Some(22)));
    assert_eq!(accept(&unit, &message.signed([&key(1), &rsa])).administrators().len(), 3);
}

#[test]
fn a_signature_covers_the_bytes_as_sent() {
    let unit = secured(1, 1, 1, OPERATIONAL);
    let message = Message::command(&unit, AdminFunction::ADD_ADMINISTRATOR, certificate(2));
    // The same fields with other length forms: another block, so another signature.
    let long: Vec<_> = [&message.function, &message.domain, &message.module, &message.counter, &message.input].into();
    let long = sequence(&long.iter().map(|field| &field[..]).collect::<Vec<_>>());
    let over = |signed: &[u8]| {
        let signatures = key(1).signer_info(signed);
        sequence(&[&message.word.to_bytes(), &message.outer_domain, &long, &signatures])
    };
    assert_eq!(refuse(&unit, &over(&message.block())), (192, Some(22)));
    assert!(send(&unit, &over(&long)).is_ok());
}

#[test]
fn a_signature_that_imprint_mode_does_not_need_must_still_be_right() {
    let unit = administered(shared_factory(), 1);
    let message = Message::command(&unit, AdminFunction::ADD_ADMINISTRATOR, certificate(2));
    let with = |signature: Signature| message.with_signatures(&signature.over(&message.block()));
    assert_eq!(refuse(&unit, &with(Signature::WrongBy(1))), (192, Some(22)));
    assert_eq!(refuse(&unit, &with(Signature::By(FOREIGN))), (257, Some(33)));
    assert_eq!(refuse(&unit, &with(Signature::Garbage)), (193, None));
    assert!(send(&unit, &with(Signature::By(1))).is_ok());
}

#[test]
fn leaving_imprint_mode_checks_thresholds_before_signatures() {
    let unit = administered(shared_factory(), 2);
    let set = |signature, revocation| {
        Message::command(&unit, AdminFunction::SET_ATTRIBUTES, attributes(signature, revocation, OPERATIONAL))
    };
    assert_eq!(refuse(&unit, &set(3, 1).unsigned()), (209, Some(57)));
    assert_eq!(refuse(&unit, &set(1, 3).unsigned()), (209, Some(58)));
    assert_eq!(refuse(&unit, &set(3, 1).with_signatures(&[0xFF])), (209, Some(57)));
    assert_eq!(refuse(&unit, &set(2, 1).unsigned()), (208, Some(21)));
    assert_eq!(refuse(&unit, &set(2, 1).signed([&key(1)])), (208, Some(21)));
    assert!(send(&unit, &set(2, 1).signed(&keys(2))).is_ok());
    // Elsewhere signatures come first, and the current threshold counts.
    let unit = secured(2, 2, 1, OPERATIONAL);
    let lower = Message::command(&unit, AdminFunction::SET_ATTRIBUTES, attributes(1, 1, OPERATIONAL));
    assert_eq!(refuse(&unit, &lower.signed([&key(1)])), (208, Some(21)));
    let raise = Message::command(&unit, AdminFunction::SET_ATTRIBUTES, attributes(3, 1, OPERATIONAL));
    assert_eq!(refuse(&unit, &raise.signed([&key(1)])), (208, Some(21)));
    assert_eq!(refuse(&unit, &raise.signed(&keys(2))), (209, Some(57)));
}

/// An import of two parts of which the second can be spoilt.
#[derive(Clone)]
struct ImportDraft {
    unit: Unit,
    word: Vec<u8>,
    cut_envelope: bool,
    inner: Message,
    block: Option<Vec<u8>>,
    sealed: Vec<u8>,
    info: Sealed,
    /// The first part, which stays right.
    first: Vec<u8>,
    signatures: Vec<Signature>,
}

/// The pieces of a RecipientInfo that can be wrong.
#[derive(Clone)]
struct Sealed {
    malformed: bool,
    ephemeral: Vec<u8>,
    wrapped: Vec<u8>,
}

/// The checks of an import in their order. The size of the inner function word shows while the envelope is read, so
/// it stands before the envelope here.
const IMPORT_FAULTS: &[Fault<ImportDraft>] = &[
    fault("no importer key", 102, 1, |draft| draft.unit = import_twin(OPERATIONAL, false)),
    fault("import forbidden", 80, 80, |draft| {
        draft.unit = import_twin(OPERATIONAL.minus(Permissions::WK_IMPORT), true)
    }),
    fault("size of inner function word", 32, 65, |draft| draft.word.push(0)),
    fault("inner envelope of three", 32, 3, |draft| draft.cut_envelope = true),
    fault("inner function word", 32, 6, |draft| draft.word[3] = 0x28),
    fault("no inner block", 32, 8, |draft| draft.block = Some(vec![])),
    fault("cut inner block", 32, 10, |draft| draft.block = Some(draft.inner.block()[..40].to_vec())),
    fault("inner block of four fields", 32, 5, |draft| {
        draft.block = Some(sequence(&[&[0, 0, 0, 0x0C], &[], &[], &[]]))
    }),
    fault("inner block is no import", 32, 11, |draft| draft.inner.function[3] = 0x0D),
    fault("inner domain", 32, 7, |draft| draft.inner.outer_domain[3] = 4),
    fault("inner block's domain", 32, 7, |draft| draft.inner.domain[3] = 4),
    fault("inner domain instance", 32, 20, |draft| draft.inner.domain[7] = 9),
    fault("inner module", 32, 17, |draft| draft.inner.module[0] ^= 1),
    fault("inner counter", 163, 19, |draft| draft.inner.counter[15] += 1),
    fault("no inner signature", 32, 9, |draft| draft.signatures.clear()),
    fault("malformed inner signature", 193, 0, |draft| draft.signatures.push(Signature::Garbage)),
    fault("nine inner signatures", 193, 87, |draft| draft.signatures.extend([Signature::By(1); 9])),
    fault("unknown inner signer", 257, 33, |draft| draft.signatures.push(Signature::By(FOREIGN))),
    fault("wrong inner signature", 192, 22, |draft| draft.signatures.push(Signature::WrongBy(2))),
    fault("malformed RecipientInfo", 32, 23, |draft| draft.info.malformed = true),
    fault("encrypted part of 39 bytes", 32, 24, |draft| draft.info.wrapped.truncate(39)),
    fault("ephemeral point off the curve", 32, 25, |draft| draft.info.ephemeral[132] ^= 1),
    fault("encrypted part for another key", 32, 27, |draft| draft.info.wrapped[0] ^= 1),
];

#[test]
fn each_fault_of_an_import_has_its_code_and_the_earlier_of_two_wins() {
    let good = ImportDraft::good();
    assert!(send(&good.unit, &good.bytes()).is_ok());
    for_all_pairs(IMPORT_FAULTS, &good, |draft| refuse(&draft.unit, &draft.bytes()));
}

#[test]
fn one_part_is_taken_with_the_permission_only() {
    let unit = import_twin(OPERATIONAL, true);
    assert!(send(&unit, &import(&unit, &[[1; 32]], &key(1)).unsigned()).is_ok());
    let unit = import_twin(OPERATIONAL.minus(Permissions::WK_1PART), true);
    assert_eq!(refuse(&unit, &import(&unit, &[[1; 32]], &key(1)).unsigned()), (80, Some(81)));
    assert!(send(&unit, &import(&unit, &[[1; 32], [2; 32]], &key(1)).unsigned()).is_ok());
}

#[test]
fn up_to_twenty_parts_are_combined() {
    let unit = import_twin(OPERATIONAL, true);
    let parts: Vec<_> = (1..=21).map(|number| [number; 32]).collect();
    assert_eq!(refuse(&unit, &import_of(&unit, &[]).unsigned()), (32, Some(2)));
    assert_eq!(refuse(&unit, &import_of(&unit, &[b"part".to_vec()]).unsigned()), (32, Some(3)));
    assert_eq!(refuse(&unit, &import(&unit, &parts, &key(1)).unsigned()), (32, Some(75)));
    let next = accept(&unit, &import(&unit, &parts[..20], &key(1)).unsigned());
    // 1 ^ 2 ^ ... ^ 20 = 20.
    let same = accept(&unit, &import(&unit, &[[20; 32]], &key(2)).unsigned());
    assert_eq!(next.new_pattern(), same.new_pattern());
    assert_eq!(next.registers().new.pending().unwrap().part_patterns.len(), 20);
}

/// Parts 00..1f and ff * 32; the patterns are those of the audit event's published example.
#[test]
fn the_key_is_the_xor_of_its_parts_and_patterns_identify_each() {
    let unit = import_twin(OPERATIONAL, true);
    let counted: [u8; 32] = std::array::from_fn(|index| index as u8);
    let (next, output) = send(&unit, &import(&unit, &[counted, [0xFF; 32]], &key(1)).unsigned()).unwrap();
    let registers = next.registers();
    let pending = registers.new.pending().unwrap();
    let patterns: Vec<_> = pending.part_patterns.iter().map(VerificationPattern::to_string).collect();
    assert_eq!(
        patterns,
        [
            "491176b0f443c65a7c7d72df47d6cbc0d04e111fb5a619f60d3e77677ab6f919",
            "29fb7cd3be48a8d76bb031f0abce26caa9e092c000cd16bb101d30f63c4c1bc1"
        ]
    );
    let pattern = pending.key.pattern().to_string();
    assert_eq!(pattern, "4c529932945f79d0f00ca52f4f78a80450dd0802211433fa3fa4396c4df9c5f3");
    // This module reports patterns with a zeroed tail.
    assert_eq!(hex::encode(output), format!("{}00000000", &pattern[..56]));
    assert!(!registers.new.is_committed());
}

#[test]
fn signers_of_inner_and_outer_requests_are_counted_apart() {
    let unit = import_twin(OPERATIONAL, true);
    let part = inner(&unit, seal([3; 32], &importer(&unit)));
    let outer_only = import_of(&unit, &[part.unsigned()]);
    assert_eq!(refuse(&unit, &outer_only.signed(&keys(2))), (32, Some(9)));
    let message = import_of(&unit, &[part.signed([&key(2)])]);
    assert!(send(&unit, &message.unsigned()).is_ok());
    assert_eq!(refuse(&unit, &message.signed([&key(FOREIGN)])), (257, Some(33)));
}

impl Draft {
    fn good() -> Self {
        let unit = secured(3, 2, 2, OPERATIONAL);
        let input = (ImporterKeyType::P521 as u32).to_be_bytes();
        let message = Message::command(&unit, AdminFunction::GENERATE_IMPORTER, input);
        Draft { unit, message, block: None, signatures: vec![Signature::By(1)] }
    }

    fn bytes(&self) -> Vec<u8> {
        let block = self.block.clone().unwrap_or_else(|| self.message.block());
        let signatures: Vec<u8> = self.signatures.iter().flat_map(|signature| signature.over(&block)).collect();
        sequence(&[&self.message.word.to_bytes(), &self.message.outer_domain, &block, &signatures])
    }
}

impl ImportDraft {
    fn good() -> Self {
        let unit = import_twin(OPERATIONAL, true);
        let sealed = seal([2; 32], &importer(&unit));
        let RecipientInfo::Ecdh { ephemeral, wrapped, .. } = RecipientInfo::decode(&sealed).unwrap() else {
            panic!("sealed for P-521")
        };
        ImportDraft {
            word: FunctionWord::sdk(FunctionWord::ADMIN).to_bytes().to_vec(),
            cut_envelope: false,
            inner: inner(&unit, vec![]),
            block: None,
            info: Sealed { malformed: false, ephemeral: ephemeral.to_vec(), wrapped: wrapped.to_vec() },
            signatures: vec![Signature::By(1)],
            first: inner(&unit, seal([1; 32], &importer(&unit))).signed([&key(1)]),
            sealed,
            unit,
        }
    }

    fn bytes(&self) -> Vec<u8> {
        let mut message = self.inner.clone();
        message.input = self.info.encode(&self.sealed);
        let block = self.block.clone().unwrap_or_else(|| message.block());
        let signatures: Vec<u8> = self.signatures.iter().flat_map(|signature| signature.over(&block)).collect();
        let fields: [&[u8]; 4] = [&self.word, &message.outer_domain, &block, &signatures];
        let second = sequence(&fields[..if self.cut_envelope { 3 } else { 4 }]);
        import_of(&self.unit, &[self.first.clone(), second]).unsigned()
    }
}

impl Sealed {
    /// `good` with these pieces in it.
    fn encode(&self, good: &[u8]) -> Vec<u8> {
        match RecipientInfo::decode(good).unwrap() {
            RecipientInfo::Ecdh { ukm, wrap_algorithm, recipient, .. } if !self.malformed => {
                let (ephemeral, wrapped) = (&self.ephemeral[..], &self.wrapped[..]);
                RecipientInfo::Ecdh { ephemeral, ukm, wrap_algorithm, recipient, wrapped }.encode()
            }
            _ => vec![0x30, 0x00],
        }
    }
}

/// The unit of the good draft as it would be had it not left imprint mode.
fn imprint_twin() -> Unit {
    assume(&administered(shared_factory(), 3), AdminFunction::SET_ATTRIBUTES, &pairs(&[(1, 0)]))
}

/// Units with two administrators that differ in permissions and importer key, not in the counter.
fn import_twin(permissions: Permissions, importer: bool) -> Unit {
    let unit = secured(2, 1, 1, permissions);
    if importer {
        with_importer(&unit, ImporterKeyType::P521)
    } else {
        assume(&unit, AdminFunction::CLEAR_NEXT_WK, &[])
    }
}

/// Tries each fault alone and each two together, the later one made first.
fn for_all_pairs<D: Clone>(faults: &[Fault<D>], good: &D, code_of: impl Fn(&D) -> Code) {
    for (place, first) in faults.iter().enumerate() {
        let mut single = good.clone();
        (first.spoil)(&mut single);
        assert_eq!(code_of(&single), first.code, "{}", first.name);
        for second in &faults[place + 1..] {
            let mut both = good.clone();
            (second.spoil)(&mut both);
            (first.spoil)(&mut both);
            assert_eq!(code_of(&both), first.code, "{} before {}", first.name, second.name);
        }
    }
}
