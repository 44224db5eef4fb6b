//! The emulator as a program of this package, so that its tests find it: the same code as `hpcs-emulator`.

use std::process::ExitCode;

fn main() -> ExitCode {
    hpcs_emulator::shell::main()
}
