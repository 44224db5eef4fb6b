//! `cryptounit-add`: adds crypto units to the selected ones.

use super::{Command, Run, no_arguments};
use crate::input::AnswerFlag;
use crate::inventory::Inventory;
use crate::session::Session;
use crate::{Failure, texts};

pub(super) const COMMAND: Command = Command {
    name: "cryptounit-add",
    aliases: &[],
    summary: "Add crypto units to the set of selected crypto units",
    details: "Numbers are those of the list. Adding a selected crypto unit changes nothing. An unknown number is \
              refused and nothing is changed.",
    prompts: &[AnswerFlag::Units],
    arguments: no_arguments,
    run: Run::Session(|session, _| Box::pin(choose(session, texts::UNITS_TO_ADD, true))),
};

/// The dialogue of `cryptounit-add` and `cryptounit-rm`.
pub(super) async fn choose(session: &mut Session<'_>, prompt: &str, selected: bool) -> Result<(), Failure> {
    let mut inventory = Inventory::read(session).await?;
    inventory.show_header(session).await?;
    inventory.show_units(session);
    if inventory.units.is_empty() {
        return Ok(());
    }
    session.console.say("");
    let numbers = session.ask(prompt, AnswerFlag::Units)?;
    inventory.set_selected(&numbers, selected)?;
    session.files.save_domains(&inventory.units)?;
    session.console.ok(&[]);
    inventory.show_units(session);
    Ok(())
}
