//! `mk-add`: creates a master key part.

use clap::{Arg, ArgAction, ArgMatches};
use hpcs_ep11::KeyPart;
use hpcs_workstation::key_part_from_hex;

use super::{Command, Run};
use crate::input::{AnswerFlag, KeyOwner};
use crate::session::Session;
use crate::{Failure, texts};

pub(super) const COMMAND: Command = Command {
    name: "mk-add",
    aliases: &[],
    summary: "Create a file containing an EP11 master key part",
    details: "With --random the value is made here; with --value it is asked for, as 64 hexadecimal digits that a \
              terminal does not show. The password encrypts the file; nobody can restore a lost one.",
    prompts: &[AnswerFlag::Description],
    arguments: |parser| {
        let flag = |id, help| Arg::new(id).long(id).action(ArgAction::SetTrue).help(help);
        parser.args([flag(RANDOM, "Make a random value"), flag(VALUE, "Ask for the value").conflicts_with(RANDOM)])
    },
    run: Run::Session(|session, flags| Box::pin(async { run(session, flags) })),
};

fn run(session: &mut Session<'_>, flags: &ArgMatches) -> Result<(), Failure> {
    let part = match (flags.get_flag(RANDOM), flags.get_flag(VALUE)) {
        (true, _) => KeyPart::random(&mut *session.rng),
        (_, true) => key_part_from_hex(&session.answers.secret(&mut session.console, texts::KEY_PART_VALUE)?)?,
        _ => return Err(Failure::new(texts::RANDOM_OR_VALUE)),
    };
    let description = session.ask(texts::KEY_PART_DESCRIPTION, AnswerFlag::Description)?;
    let owner = KeyOwner::KeyPart { keynum: None, description: &description };
    let password = session.answers.new_password(&mut session.console, texts::KEY_PART_PASSWORD, owner)?;
    session.files.add_key_part(&description, &part, &password, &mut *session.rng)?;
    session.console.ok(&texts::KEY_PART_CREATED);
    session.console.say("");
    session.show_key_parts()?;
    Ok(())
}

const RANDOM: &str = "random";
const VALUE: &str = "value";
