//! From arguments to a command and its exit status.

use std::ffi::OsString;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{ArgMatches, Command as Clap};
use hpcs_workstation::WorkstationFiles;

use crate::commands::{self, Command, Run};
use crate::config::{self, Config};
use crate::console::{Console, Paint};
use crate::input::{AnswerFlag, Answers, PasswordFile};
use crate::session::Session;
use crate::shell::Shell;
use crate::{Failure, help, texts};

/// Runs one command. `arguments` start with the name of the program, as the system gives them.
///
/// Gives back the exit status: 0 for success, 1 for `FAILED`, 2 for arguments that make no sense, 130 after Ctrl-C. A
/// question answered with no is a success that changes nothing. Needs a tokio runtime; reading standard input blocks.
pub async fn run(arguments: impl IntoIterator<Item = OsString>, shell: Shell<'_>) -> u8 {
    let mut environment = shell.environment;
    let mut console =
        Console::new(shell.stdout, shell.stderr, Paint::on(shell.terminal.stdout), Paint::on(shell.terminal.stderr));
    let matches = match parser().try_get_matches_from(arguments) {
        Ok(matches) => matches,
        Err(fault) => return usage(&mut console, &fault),
    };
    let Some((command, flags)) = matches.subcommand().and_then(|(name, flags)| Some((commands::named(name)?, flags)))
    else {
        console.write(&help::overview());
        return finish(&mut console, Ok(()));
    };
    let run = match command.run {
        Run::Plain(run) => {
            let result = run(&mut console, flags);
            return finish(&mut console, result);
        }
        Run::Session(run) => run,
    };
    let prepared = Config::resolve(flags, &mut environment).and_then(|config| {
        let files = WorkstationFiles::open(config.files.as_deref())?;
        let passwords = config.password_file.as_deref().map(PasswordFile::read).transpose()?.unwrap_or_default();
        let given = AnswerFlag::given(innermost(flags), &environment)?;
        Ok((config, files, passwords, given))
    });
    let (config, files, passwords, given) = match prepared {
        Ok(prepared) => prepared,
        Err(failure) => return finish(&mut console, Err(failure)),
    };
    console.set_quiet(config.quiet);
    let answers = Answers::new(given, passwords, shell.stdin, shell.terminal.stdin, shell.passwords);
    let mut session = Session::new(console, answers, files, shell.rng, config);
    let result = run(&mut session, flags).await;
    finish(&mut session.console, result)
}

/// The grammar of all commands, made from their table.
pub(crate) fn parser() -> Clap {
    let root = Clap::new(PROGRAM)
        .about(help::ABOUT)
        .version(env!("CARGO_PKG_VERSION"))
        .override_help(help::overview())
        .term_width(WIDTH)
        .disable_help_subcommand(true)
        .args(config::global_flags());
    commands::TABLE.iter().fold(root, |root, command| root.subcommand(laid_out(subcommand(command))))
}

/// Gives a command and its subcommands the layout of help texts.
fn laid_out(parser: Clap) -> Clap {
    let name = parser.get_name().to_owned();
    parser
        .display_name(name)
        .help_template(help::TEMPLATE)
        .after_help(help::SEE_OVERVIEW)
        .disable_help_subcommand(true)
        .mut_subcommands(laid_out)
}

fn subcommand(command: &Command) -> Clap {
    let prompts = command.prompts.iter().map(|prompt| prompt.argument());
    let parser = Clap::new(command.name)
        .about(command.summary)
        .long_about(format!("{}.\n\n{}", command.summary, command.details).trim_end().to_owned())
        .visible_aliases(command.aliases.iter().copied())
        .args(prompts);
    (command.arguments)(parser)
}

/// Reports arguments that make no sense, or prints the help or the version that they ask for.
fn usage(console: &mut Console<'_>, fault: &clap::Error) -> u8 {
    if fault.kind() == ErrorKind::InvalidSubcommand {
        console.warn(&unknown_command(fault));
        return USAGE;
    }
    if fault.use_stderr() {
        console.warn(fault.render().to_string().trim_end());
        return USAGE;
    }
    console.write(&fault.render().to_string());
    finish(console, Ok(()))
}

/// Names the most similar command only; the grammar's own message lists every other one.
fn unknown_command(fault: &clap::Error) -> String {
    let typed = match fault.get(ContextKind::InvalidSubcommand) {
        Some(ContextValue::String(typed)) => typed.as_str(),
        _ => "",
    };
    let similar = match fault.get(ContextKind::SuggestedSubcommand) {
        Some(ContextValue::String(one)) => Some(one),
        Some(ContextValue::Strings(several)) => several.last(),
        _ => None,
    };
    texts::unknown_command(typed, similar.map(String::as_str))
}

fn finish(console: &mut Console<'_>, result: Result<(), Failure>) -> u8 {
    match result.and_then(|()| console.finish()) {
        Ok(()) => 0,
        // Whoever pressed Ctrl-C knows.
        Err(Failure::Interrupted) => Failure::Interrupted.exit_status(),
        Err(failure) => {
            console.failed(&failure.to_string());
            failure.exit_status()
        }
    }
}

/// The flags of the subcommand that was named last.
fn innermost(mut flags: &ArgMatches) -> &ArgMatches {
    while let Some((_, inner)) = flags.subcommand() {
        flags = inner;
    }
    flags
}

/// The value of a text argument that the grammar requires.
pub(crate) fn text<'m>(flags: &'m ArgMatches, id: &str) -> &'m str {
    flags.get_one::<String>(id).map_or("", String::as_str)
}

/// The name of the program in its own texts.
pub(crate) const PROGRAM: &str = "tke";

/// Help texts are as wide everywhere, whatever the terminal.
const WIDTH: usize = 100;

const USAGE: u8 = 2;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_grammar_is_consistent() {
        parser().debug_assert();
    }
}
