//! The program `hpcs-emulator`: the process around [`hpcs_emulator::cli::run`].

use std::process::ExitCode;

fn main() -> ExitCode {
    hpcs_emulator::shell::main()
}
