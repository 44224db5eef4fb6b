//! `request`: a command on one crypto unit that several workstations sign.
//!
//! ```text
//! create    reads the crypto unit's counter, fixes the bytes to be signed, writes a request file without signatures
//! show      says in words what the file asks for, who signed, and whether the crypto unit would still take it
//! sign      adds the signature of one key of this workstation
//! submit    sends the request with all its signatures; copies that were signed side by side are merged
//! ```
//!
//! The plug-in has no such command: its administrators sign at one workstation.

mod create;
mod file;
mod show;
mod sign;
mod state;
mod submit;

use clap::ArgMatches;

use super::{Command, Run};
use crate::Failure;
use crate::session::Session;

pub(super) const COMMAND: Command = Command {
    name: "request",
    aliases: &[],
    summary: "Let administrators at several workstations sign one command",
    details: "A request file holds one command for one crypto unit, and the signatures so far. It holds no secret. \
              Create it at one workstation, carry it to the others to be signed, and submit it from any of them. It is \
              good until the crypto unit takes another command. 'tke help request create' lists the commands. \
              Loading a master key is not among them: its key parts are encrypted to an importer key of the crypto \
              unit and signed one by one, by one administrator, with cryptounit-mk-load.",
    prompts: &[],
    arguments: |parser| {
        parser
            .subcommand_required(true)
            .arg_required_else_help(true)
            .subcommand(create::parser())
            .subcommand(show::parser())
            .subcommand(sign::parser())
            .subcommand(submit::parser())
    },
    run: Run::Session(|session, flags| Box::pin(run(session, flags))),
};

async fn run(session: &mut Session<'_>, flags: &ArgMatches) -> Result<(), Failure> {
    match flags.subcommand() {
        Some((create::NAME, flags)) => create::run(session, flags).await,
        Some((show::NAME, flags)) => show::run(session, flags).await,
        Some((sign::NAME, flags)) => sign::run(session, flags).await,
        Some((submit::NAME, flags)) => submit::run(session, flags).await,
        // The grammar requires one of them.
        _ => Ok(()),
    }
}
