//! The passphrase of an export file: from a file, or asked for on the terminal.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use zeroize::Zeroizing;

use super::{Failure, Surroundings};

/// The passphrase for a new file; asked for twice, so that a slip of the finger does not seal it for ever.
pub(super) fn new(file: Option<&Path>, here: &mut Surroundings<'_>) -> Result<Zeroizing<String>, Failure> {
    if let Some(path) = file {
        return read(path);
    }
    let passphrase = ask("Enter a passphrase to protect the secrets in the file:", here)?;
    let again = ask("Re-enter the passphrase to confirm:", here)?;
    if *passphrase != *again {
        return Err(Failure::usage("the passphrases differ"));
    }
    Ok(passphrase)
}

/// The passphrase of a file that is there.
pub(super) fn present(file: Option<&Path>, here: &mut Surroundings<'_>) -> Result<Zeroizing<String>, Failure> {
    match file {
        Some(path) => read(path),
        None => ask("Enter the passphrase that protects the secrets in the file:", here),
    }
}

/// The first line of a file.
fn read(path: &Path) -> Result<Zeroizing<String>, Failure> {
    let unreadable = |error: io::Error| Failure::usage(format_args!("{}: {error}", path.display()));
    // Room for all that is read, so that growing leaves no copy behind.
    let mut text = Zeroizing::new(String::with_capacity(LONGEST + 1));
    File::open(path).and_then(|file| file.take(LONGEST as u64).read_to_string(&mut text)).map_err(unreadable)?;
    let line = Zeroizing::new(text.lines().next().unwrap_or_default().to_owned());
    if line.is_empty() {
        return Err(Failure::usage(format_args!(
            "{}: the first line is the passphrase, and it is empty",
            path.display()
        )));
    }
    Ok(line)
}

fn ask(question: &str, here: &mut Surroundings<'_>) -> Result<Zeroizing<String>, Failure> {
    writeln!(here.stderr, "{question}")?;
    here.stderr.flush()?;
    let passphrase = (here.read_hidden)().map_err(|error| match error.kind() {
        io::ErrorKind::Interrupted => Failure::interrupted(),
        _ => Failure::usage(format_args!(
            "the passphrase cannot be asked for: {error}; --passphrase-file FILE takes it from a file"
        )),
    })?;
    if passphrase.is_empty() { Err(Failure::usage("the passphrase is empty")) } else { Ok(passphrase) }
}

/// More than this is not read.
const LONGEST: usize = 4096;
