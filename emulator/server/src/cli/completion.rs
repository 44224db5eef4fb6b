//! `completion`: a script that completes commands and flags.

use clap::{Args, CommandFactory};
use clap_complete::Shell;

use super::{Cli, Failure, Surroundings};

/// Flags of `completion`.
#[derive(Args)]
#[command(after_help = "\
Example:
  hpcs-emulator completion bash > ~/.local/share/bash-completion/completions/hpcs-emulator")]
pub(super) struct CompletionArgs {
    /// The shell
    shell: Shell,
}

/// Prints the script.
pub(super) fn run(arguments: &CompletionArgs, here: &mut Surroundings<'_>) -> Result<u8, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut Cli::command(), "hpcs-emulator", &mut script);
    here.stdout.write_all(&script)?;
    here.stdout.flush()?;
    Ok(0)
}
