//! `cryptounit-rm`: removes crypto units from the selected ones.

use super::cryptounit_add::choose;
use super::{Command, Run, no_arguments};
use crate::input::AnswerFlag;
use crate::texts;

pub(super) const COMMAND: Command = Command {
    name: "cryptounit-rm",
    aliases: &[],
    summary: "Remove crypto units from the set of selected crypto units",
    details: "Numbers are those of the list. The crypto units themselves do not change.",
    prompts: &[AnswerFlag::Units],
    arguments: no_arguments,
    run: Run::Session(|session, _| Box::pin(choose(session, texts::UNITS_TO_REMOVE, false))),
};
