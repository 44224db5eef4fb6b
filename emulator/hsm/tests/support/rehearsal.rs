//! Turns the model's commands into signed bytes for a real unit, and real units into the model's states.

use std::collections::HashMap;
use std::sync::Mutex;

use hpcs_ep11::{
    AdminFunction, ControlPoints, ImporterKeyType, KphCertificate, P521KeyPair, Permissions, PublicKey, SigningKey,
    SubjectKeyId,
};
use hpcs_hsm::{NewRegister, Unit, UnitState};

use super::message::{Message, spoilt};
use super::model::{Command, New, Signers, State};
use super::{FOREIGN, OPERATIONAL, RECOVERY, attributes, certificate, key, key_parts, keys, pairs, rng};

/// Administrators with their keys. Signatures and sealed parts are kept: units of one depth get the same messages.
pub(crate) struct Rehearsal {
    administrators: Vec<SigningKey>,
    foreign: SigningKey,
    certificates: Vec<Vec<u8>>,
    holder: PublicKey,
    signer_infos: Kept<(u8, Vec<u8>)>,
    sealed: Kept<(SubjectKeyId, u8)>,
}

/// Bytes made before, by what they were made of.
type Kept<K> = Mutex<HashMap<K, Vec<u8>>>;

impl Rehearsal {
    pub(crate) fn new() -> Self {
        Rehearsal {
            administrators: keys(4),
            foreign: key(FOREIGN),
            certificates: (1..=4).map(certificate).collect(),
            holder: PublicKey::P521(P521KeyPair::generate(&mut rng(50)).public()),
            signer_infos: Mutex::default(),
            sealed: Mutex::default(),
        }
    }

    /// The complete request: this command to `unit`, signed by these.
    pub(crate) fn request(&self, unit: &Unit, command: Command, signers: Signers) -> Vec<u8> {
        let message = Message::command(unit, function(command), self.input(unit, command, signers));
        match command {
            Command::Import => message.unsigned(),
            _ => self.sign(&message, signers),
        }
    }

    fn input(&self, unit: &Unit, command: Command, signers: Signers) -> Vec<u8> {
        let installed = unit.administrators().len();
        match command {
            Command::AddAdministrator => self.certificates[installed.min(3)].clone(),
            Command::RemoveAdministrator => {
                self.administrators[installed.saturating_sub(1)].public().subject_key_id().0.to_vec()
            }
            Command::SetRestricted => attributes(3, 2, OPERATIONAL),
            Command::SetPermissive => attributes(3, 2, RECOVERY),
            Command::SetThresholdZero => pairs(&[(1, 0)]),
            Command::SetThresholdFive => pairs(&[(1, 5), (2, 2)]),
            Command::GenerateImporter => (ImporterKeyType::P521 as u32).to_be_bytes().to_vec(),
            Command::ExportCurrent | Command::ExportNew => {
                let PublicKey::P521(holder) = &self.holder else { panic!("the holder's key is on P-521") };
                key_parts::export_to(&KphCertificate::encode_sdk(holder))
            }
            Command::Import => self.sign(&self.part(unit), signers),
            Command::ImportSignedOutside => self.sign(&self.part(unit), Signers::One),
            Command::Commit | Command::SetImmediate => pattern(unit).to_vec(),
            Command::CommitWrongPattern | Command::SetImmediateWrongPattern => {
                let mut wrong = pattern(unit);
                wrong[27] ^= 1;
                wrong.to_vec()
            }
            Command::SetControlPoints => ControlPoints::DEFAULT.0.to_vec(),
            Command::AddControlPoints | Command::DeleteControlPoints => ControlPoints::of(&[66]).0.to_vec(),
            Command::Random | Command::Zeroize | Command::ClearCurrent | Command::ClearNew => Vec::new(),
        }
    }

    /// The inner request of an import. The key differs with the counter, so that it never is the current one.
    fn part(&self, unit: &Unit) -> Message {
        let to = match unit.state() {
            UnitState::Secured(secured) => secured.importer.as_ref().map(|importer| importer.public()),
            UnitState::Imprint(_) => None,
        };
        let (to, number) = (to.as_ref().unwrap_or(&self.holder), unit.counter().0 as u8);
        let sealed = self.sealed.lock().unwrap().get(&(to.subject_key_id(), number)).cloned();
        let sealed = sealed.unwrap_or_else(|| {
            let sealed = key_parts::seal([number; 32], to);
            self.sealed.lock().unwrap().insert((to.subject_key_id(), number), sealed.clone());
            sealed
        });
        key_parts::inner(unit, sealed)
    }

    fn sign(&self, message: &Message, signers: Signers) -> Vec<u8> {
        let block = message.block();
        let mut signer_infos: Vec<_> =
            signers.numbers().iter().map(|number| self.signer_info(*number, &block)).collect();
        if let (Signers::Invalid, Some(first)) = (signers, signer_infos.first_mut()) {
            *first = spoilt(std::mem::take(first));
        }
        message.with_signatures(&signer_infos.concat())
    }

    fn signer_info(&self, number: u8, block: &[u8]) -> Vec<u8> {
        let place = (number, block.to_vec());
        if let Some(known) = self.signer_infos.lock().unwrap().get(&place) {
            return known.clone();
        }
        let key = self.administrators.get(usize::from(number) - 1).unwrap_or(&self.foreign);
        let signer_info = key.signer_info(block);
        self.signer_infos.lock().unwrap().insert(place, signer_info.clone());
        signer_info
    }
}

pub(crate) fn function(command: Command) -> AdminFunction {
    match command {
        Command::AddAdministrator => AdminFunction::ADD_ADMINISTRATOR,
        Command::RemoveAdministrator => AdminFunction::REMOVE_ADMINISTRATOR,
        Command::SetRestricted | Command::SetPermissive | Command::SetThresholdZero | Command::SetThresholdFive => {
            AdminFunction::SET_ATTRIBUTES
        }
        Command::GenerateImporter => AdminFunction::GENERATE_IMPORTER,
        Command::Random => AdminFunction::RANDOM_WK,
        Command::ExportCurrent => AdminFunction::EXPORT_WK,
        Command::ExportNew => AdminFunction::EXPORT_NEXT_WK,
        Command::Import | Command::ImportSignedOutside => AdminFunction::IMPORT_WK,
        Command::Commit | Command::CommitWrongPattern => AdminFunction::COMMIT_WK,
        Command::SetImmediate | Command::SetImmediateWrongPattern => AdminFunction::FINALIZE_WK,
        Command::Zeroize => AdminFunction::ZEROIZE,
        Command::SetControlPoints => AdminFunction::SET_CONTROL_POINTS,
        Command::AddControlPoints => AdminFunction::ADD_CONTROL_POINTS,
        Command::DeleteControlPoints => AdminFunction::DELETE_CONTROL_POINTS,
        Command::ClearCurrent => AdminFunction::CLEAR_CURRENT_WK,
        Command::ClearNew => AdminFunction::CLEAR_NEXT_WK,
    }
}

/// The model's view of a unit.
pub(crate) fn observe(unit: &Unit) -> State {
    let (secured, importer) = match unit.state() {
        UnitState::Imprint(_) => (false, false),
        UnitState::Secured(secured) => (true, secured.importer.is_some()),
    };
    let new = match unit.registers().new {
        NewRegister::Empty => New::Empty,
        NewRegister::Uncommitted(_) => New::Uncommitted,
        NewRegister::Committed(_) => New::Committed,
    };
    let current = unit.current_pattern().is_some();
    let [random, export] =
        [Permissions::WK_RANDOM, Permissions::WK_EXPORT].map(|permission| unit.permissions().contains(permission));
    assert_eq!(random, export, "the model knows both together only");
    State { secured, current, new, importer, permissive: random, administrators: unit.administrators().len() as u8 }
}

/// The pattern of the new register, or any when it is empty.
fn pattern(unit: &Unit) -> [u8; 32] {
    unit.new_pattern().map_or([0x11; 32], |pattern| pattern.0)
}
