//! `mk-rm`: deletes a master key part.

use super::{Command, Run, no_arguments};
use crate::input::AnswerFlag;
use crate::session::{Session, with_keynum};
use crate::{Failure, texts};

pub(super) const COMMAND: Command = Command {
    name: "mk-rm",
    aliases: &[],
    summary: "Delete a file containing an EP11 master key part",
    details: "Master keys that were loaded from the part stay where they are, but cannot be loaded again without it.",
    prompts: &[AnswerFlag::Keynum, AnswerFlag::Yes],
    arguments: no_arguments,
    run: Run::Session(|session, _| Box::pin(async { run(session) })),
};

fn run(session: &mut Session<'_>) -> Result<(), Failure> {
    session.console.say("");
    let parts = session.show_key_parts()?;
    if parts.is_empty() {
        return Ok(());
    }
    session.console.say("");
    let typed = session.ask(texts::KEY_PART_TO_REMOVE, AnswerFlag::Keynum)?;
    let keynum = with_keynum(&parts, &typed, |part| part.keynum)?.keynum;
    if !session.confirm(texts::REMOVE_KEY_PART)? {
        return Ok(());
    }
    session.files.remove_key_part(keynum)?;
    session.console.ok(&[texts::KEY_PART_REMOVED]);
    Ok(())
}
