//! `sigkey-sel`: chooses the signature keys that sign later commands.

use super::{Command, Run, no_arguments};
use crate::input::AnswerFlag;
use crate::session::{Session, with_keynum};
use crate::{Failure, texts};

pub(super) const COMMAND: Command = Command {
    name: "sigkey-sel",
    aliases: &[],
    summary: "Select the signature keys that sign commands",
    details: "Replaces the previous selection; no value at all leaves none selected. Passwords are checked and not \
              stored.",
    prompts: &[AnswerFlag::Keynum],
    arguments: no_arguments,
    run: Run::Session(|session, _| Box::pin(async { run(session) })),
};

fn run(session: &mut Session<'_>) -> Result<(), Failure> {
    if session.signing_service_answers() {
        return Ok(());
    }
    session.console.say("");
    let keys = session.show_signature_keys()?;
    if keys.is_empty() {
        return Ok(());
    }
    session.console.say("");
    let typed = session.ask(texts::SIGNATURE_KEYS_TO_SELECT, AnswerFlag::Keynum)?;
    let words = typed.split_whitespace();
    let mut chosen: Vec<_> = words.map(|word| with_keynum(&keys, word, |key| key.keynum)).collect::<Result<_, _>>()?;
    chosen.sort_by_key(|key| key.keynum);
    chosen.dedup_by_key(|key| key.keynum);
    for key in &chosen {
        session.unlock(key, &texts::keynum_password(key.keynum))?;
    }
    let keynums: Vec<u32> = chosen.iter().map(|key| key.keynum).collect();
    session.files.select(&keynums)?;
    session.console.ok(&[&texts::made_signature_keys(&keynums)]);
    Ok(())
}
