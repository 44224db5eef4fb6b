//! `help`: help for the program or for one command.

use clap::{Arg, ArgMatches};

use super::{Command, Run};
use crate::console::Console;
use crate::{Failure, help, texts};

pub(super) const COMMAND: Command = Command {
    name: "help",
    aliases: &["h"],
    summary: "Show help",
    details: "With the name of a command: help for that command.",
    prompts: &[],
    arguments: |parser| parser.arg(Arg::new(PATH).value_name("COMMAND").num_args(0..)),
    run: Run::Plain(run),
};

fn run(console: &mut Console<'_>, flags: &ArgMatches) -> Result<(), Failure> {
    let path: Vec<&str> = flags.get_many::<String>(PATH).into_iter().flatten().map(String::as_str).collect();
    if path.is_empty() {
        console.write(&help::overview());
        return Ok(());
    }
    let text = help::of_command(&path).ok_or_else(|| Failure::new(texts::unknown_command(&path.join(" "), None)))?;
    console.write(&text);
    Ok(())
}

const PATH: &str = "path";
