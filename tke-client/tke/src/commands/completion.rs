//! `completion`: completion scripts for shells.

use clap::{Arg, ArgMatches, value_parser};
use clap_complete::{Shell, generate};

use super::{Command, Run};
use crate::Failure;
use crate::cli::{self, PROGRAM};
use crate::console::Console;

pub(super) const COMMAND: Command = Command {
    name: "completion",
    aliases: &[],
    summary: "Print a completion script for a shell",
    details: "For example: tke completion bash > /etc/bash_completion.d/tke",
    prompts: &[],
    arguments: |parser| parser.arg(Arg::new(SHELL).required(true).value_parser(value_parser!(Shell))),
    run: Run::Plain(run),
};

fn run(console: &mut Console<'_>, flags: &ArgMatches) -> Result<(), Failure> {
    if let Some(shell) = flags.get_one::<Shell>(SHELL) {
        let mut script = Vec::new();
        generate(*shell, &mut cli::parser(), PROGRAM, &mut script);
        console.write(&String::from_utf8_lossy(&script));
    }
    Ok(())
}

const SHELL: &str = "shell";
