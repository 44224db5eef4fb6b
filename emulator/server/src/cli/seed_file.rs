//! `seed-file`: checks seed files, prints their schema.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::{Failure, Surroundings};
use crate::seed_file::{self, SCHEMA, SeedFile};

/// Flags of `seed-file`.
#[derive(Args)]
#[command(after_help = "\
Examples:
  hpcs-emulator seed-file check examples/ceremony.yaml
  hpcs-emulator seed-file schema > seed-file.schema.json

A fault is told as FILE:LINE:COLUMN: field: what is wrong. Exit codes of check: 0 no fault, 2 a fault.
`hpcs-emulator serve --seed-file FILE` begins with a file; docs/seed-file.md says what can stand in one.")]
pub(super) struct SeedFileArgs {
    #[command(subcommand)]
    action: Action,
}

#[derive(Subcommand)]
enum Action {
    /// Check a file without starting an emulator
    Check {
        /// The file, YAML; - is stdin
        file: PathBuf,
    },
    /// Print the JSON Schema of seed files
    Schema,
}

/// Checks a file, or prints the schema.
pub(super) fn run(arguments: SeedFileArgs, here: &mut Surroundings<'_>) -> Result<u8, Failure> {
    match arguments.action {
        Action::Schema => here.stdout.write_all(SCHEMA.as_bytes())?,
        Action::Check { file } => {
            let text = if file.as_os_str() == "-" {
                seed_file::read_text(&file, &mut *here.stdin)?
            } else {
                seed_file::open(&file)?
            };
            let now = (here.world)(None)?.clock.now();
            let SeedFile { instances, api_keys, .. } = SeedFile::read(&file, &text, now)?;
            let (instances, api_keys) = (count(instances.len(), "instance"), count(api_keys.len(), "API key"));
            writeln!(here.stderr, "{}: no fault; {instances}, {api_keys}", file.display())?;
        }
    }
    here.stdout.flush()?;
    Ok(0)
}

fn count(number: usize, word: &str) -> String {
    if number == 1 { format!("1 {word}") } else { format!("{number} {word}s") }
}
