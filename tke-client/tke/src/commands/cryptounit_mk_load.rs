//! `cryptounit-mk-load`: loads the new master key register from two or three key parts.

use std::collections::BTreeSet;

use hpcs_ep11::{KeyPart, VerificationPattern};
use hpcs_workstation::{KeyPartEntry, SignedOperation, combined_pattern};

use super::{Command, Run, no_arguments};
use crate::input::{AnswerFlag, KeyOwner};
use crate::session::{Session, with_keynum};
use crate::signing::Signers;
use crate::targets::{self, Targets};
use crate::views::RegisterStatus;
use crate::{Failure, texts};

pub(super) const COMMAND: Command = Command {
    name: "cryptounit-mk-load",
    aliases: &[],
    summary: "Load the new master key register of the selected crypto units",
    details: "Takes two or three key parts of this workstation, whose exclusive or is the master key. Each crypto unit \
              makes an importer key, and the parts are encrypted to it before they leave the workstation. One \
              administrator signs.",
    prompts: &[AnswerFlag::Keynum],
    arguments: no_arguments,
    run: Run::Session(|session, _| Box::pin(run(session))),
};

async fn run(session: &mut Session<'_>) -> Result<(), Failure> {
    let targets = Targets::selected(session).await?;
    session.console.say("");
    let entries = session.show_key_parts()?;
    if entries.is_empty() {
        return Ok(());
    }
    session.console.say("");
    let typed = session.ask(texts::KEY_PARTS_TO_LOAD, AnswerFlag::Keynum)?;
    let chosen = choose(&entries, &typed)?;
    let signers = Signers::collect(session, SignedOperation::SingleSignature, &targets).await?;
    let mut parts = Vec::new();
    for entry in chosen {
        parts.push(open(session, entry)?);
    }
    let parts: Vec<&KeyPart> = parts.iter().collect();
    // Refuses copies of one part, too, before anything is sent.
    let pattern = combined_pattern(&parts)?;
    refuse_current_key(&targets, &pattern).await?;
    let rng = &mut *session.rng;
    targets
        .each(async |index, unit| {
            unit.client.load_master_key(&parts, signers.single(index)?, &mut *rng).await?;
            Ok(())
        })
        .await?;
    session.console.ok(&[texts::LOADED]);
    targets.show_new_registers(session).await
}

/// Two or three different key parts, in the order typed.
fn choose<'e>(entries: &'e [KeyPartEntry], typed: &str) -> Result<Vec<&'e KeyPartEntry>, Failure> {
    let refused = || Failure::new(texts::KEY_PARTS_COUNT);
    let words = typed.split_whitespace();
    let chosen: Vec<_> = words
        .map(|word| with_keynum(entries, word, |entry| entry.keynum).map_err(|_| refused()))
        .collect::<Result<_, _>>()?;
    let different: BTreeSet<u32> = chosen.iter().map(|entry| entry.keynum).collect();
    if (2..=3).contains(&chosen.len()) && different.len() == chosen.len() { Ok(chosen) } else { Err(refused()) }
}

fn open(session: &mut Session<'_>, entry: &KeyPartEntry) -> Result<KeyPart, Failure> {
    let owner = KeyOwner::KeyPart { keynum: Some(entry.keynum), description: &entry.description };
    let prompt = texts::key_file_password(entry.keynum);
    let password = session.answers.password(&mut session.console, &prompt, owner)?;
    Ok(session.files.open_key_part(entry.keynum, &password)?)
}

/// The new master key must differ from the current one of every target.
async fn refuse_current_key(targets: &Targets, pattern: &VerificationPattern) -> Result<(), Failure> {
    for target in targets.iter() {
        let current = targets::current_register(&target.client.domain_info().await?);
        if current.status == RegisterStatus::Valid && current.pattern.matches(pattern) {
            return Err(Failure::new(texts::SAME_MASTER_KEY));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_or_three_different_parts_are_chosen_in_the_order_typed() {
        let entry = |keynum| KeyPartEntry {
            keynum,
            description: format!("part {keynum}"),
            verification_pattern: hpcs_ep11::VerificationPattern([0; 32]),
            path: std::path::PathBuf::new(),
        };
        let entries: Vec<_> = (1..=4).map(entry).collect();
        let numbers = |typed| {
            let chosen = choose(&entries, typed).ok()?;
            Some(chosen.iter().map(|entry| entry.keynum).collect::<Vec<_>>())
        };
        assert_eq!(numbers("3 1"), Some(vec![3, 1]));
        assert_eq!(numbers(" 1  2 4 "), Some(vec![1, 2, 4]));
        for typed in ["", "1", "1 1", "1 2 3 4", "1 9", "1 x", "1,2"] {
            assert_eq!(numbers(typed), None, "{typed:?}");
        }
    }
}
