//! The commands, one file each.
//!
//! A command declares itself in a [`Command`] beside its function: name, help, and which prompts a flag may answer.
//! [`TABLE`] lists them in the order of the help text; the grammar, dispatch, help and completion come from it.

mod auto_init;
mod auto_mk_recover;
mod auto_mk_rotate;
mod completion;
mod cryptounit_add;
mod cryptounit_admin_add;
mod cryptounit_admin_rm;
mod cryptounit_admins;
mod cryptounit_compare;
mod cryptounit_cp;
mod cryptounit_cp_enable;
mod cryptounit_exit_impr;
mod cryptounit_mk;
mod cryptounit_mk_clrcur;
mod cryptounit_mk_clrnew;
mod cryptounit_mk_commit;
mod cryptounit_mk_load;
mod cryptounit_mk_rotate;
mod cryptounit_mk_setimm;
mod cryptounit_rm;
mod cryptounit_thrhld_set;
mod cryptounit_thrhlds;
mod cryptounit_zeroize;
mod cryptounits;
mod failover_enable;
mod help;
mod mk_add;
mod mk_rm;
mod mks;
mod request;
mod sigkey_add;
mod sigkey_rm;
mod sigkey_sel;
mod sigkeys;

use std::pin::Pin;

use clap::ArgMatches;

use crate::Failure;
use crate::console::Console;
use crate::input::AnswerFlag;
use crate::session::Session;

/// A command of the program.
pub(crate) struct Command {
    pub(crate) name: &'static str,
    /// Other spellings.
    pub(crate) aliases: &'static [&'static str],
    /// One line, without a full stop.
    pub(crate) summary: &'static str,
    /// What the help text of the command says besides.
    pub(crate) details: &'static str,
    /// The prompts that a flag or a variable can answer.
    pub(crate) prompts: &'static [AnswerFlag],
    /// Adds arguments that are no answers to prompts.
    pub(crate) arguments: fn(clap::Command) -> clap::Command,
    pub(crate) run: Run,
}

/// What a command does.
pub(crate) enum Run {
    /// Needs neither files nor service.
    Plain(fn(&mut Console<'_>, &ArgMatches) -> Result<(), Failure>),
    /// Needs the workstation's files, and mostly the service.
    Session(for<'s> fn(&'s mut Session<'_>, &'s ArgMatches) -> Running<'s>),
}

/// A command at work.
type Running<'s> = Pin<Box<dyn Future<Output = Result<(), Failure>> + 's>>;

/// All commands in the order of the help text.
pub(crate) const TABLE: &[Command] = &[
    cryptounits::COMMAND,
    cryptounit_add::COMMAND,
    cryptounit_rm::COMMAND,
    cryptounit_compare::COMMAND,
    cryptounit_admins::COMMAND,
    cryptounit_admin_add::COMMAND,
    cryptounit_admin_rm::COMMAND,
    cryptounit_thrhlds::COMMAND,
    cryptounit_thrhld_set::COMMAND,
    cryptounit_exit_impr::COMMAND,
    cryptounit_mk::COMMAND,
    cryptounit_mk_load::COMMAND,
    cryptounit_mk_commit::COMMAND,
    cryptounit_mk_setimm::COMMAND,
    cryptounit_mk_rotate::COMMAND,
    cryptounit_mk_clrnew::COMMAND,
    cryptounit_mk_clrcur::COMMAND,
    cryptounit_zeroize::COMMAND,
    cryptounit_cp::COMMAND,
    cryptounit_cp_enable::BITCOIN,
    cryptounit_cp_enable::EDDSA,
    cryptounit_cp_enable::OTHER_SIGNATURES,
    auto_init::COMMAND,
    auto_mk_rotate::COMMAND,
    auto_mk_recover::COMMAND,
    failover_enable::COMMAND,
    mks::COMMAND,
    mk_add::COMMAND,
    mk_rm::COMMAND,
    sigkeys::COMMAND,
    sigkey_add::COMMAND,
    sigkey_rm::COMMAND,
    sigkey_sel::COMMAND,
    request::COMMAND,
    completion::COMMAND,
    help::COMMAND,
];

/// The command with this name.
pub(crate) fn named(name: &str) -> Option<&'static Command> {
    TABLE.iter().find(|command| command.name == name)
}

/// For commands without arguments of their own.
fn no_arguments(parser: clap::Command) -> clap::Command {
    parser
}
