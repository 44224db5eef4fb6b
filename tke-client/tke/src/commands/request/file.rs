//! Request files on disk.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use clap::{Arg, ArgMatches, value_parser};
use hpcs_workstation::RequestFile;

use crate::{Failure, texts};

/// The argument that names request files.
pub(super) fn argument() -> Arg {
    Arg::new(FILE).value_name("FILE").required(true).value_parser(value_parser!(PathBuf)).help("Request file")
}

/// The files that were named.
pub(super) fn named(flags: &ArgMatches) -> Vec<PathBuf> {
    flags.get_many::<PathBuf>(FILE).into_iter().flatten().cloned().collect()
}

/// Reads and checks a request.
///
/// # Errors
/// A refusal that names the file.
pub(super) fn read(path: &Path) -> Result<RequestFile, Failure> {
    let text = fs::read_to_string(path).map_err(|fault| unusable(path, &fault))?;
    RequestFile::from_json(&text).map_err(|fault| Failure::from(fault).with_line(&path.display().to_string()))
}

/// Writes a new file; one that exists is never overwritten.
///
/// # Errors
/// A refusal that names the file.
pub(super) fn create(path: &Path, request: &RequestFile) -> Result<(), Failure> {
    let written = OpenOptions::new().write(true).create_new(true).open(path);
    let written = written.and_then(|mut file| file.write_all(request.to_json().as_bytes()));
    written.map_err(|fault| unusable(path, &fault))
}

/// Replaces a file as a whole: a fault leaves the old content.
///
/// # Errors
/// A refusal that names the file.
pub(super) fn replace(path: &Path, request: &RequestFile) -> Result<(), Failure> {
    let mut name = path.as_os_str().to_owned();
    name.push(".tmp");
    let temporary = PathBuf::from(name);
    let written = fs::write(&temporary, request.to_json()).and_then(|()| fs::rename(&temporary, path));
    written.map_err(|fault| unusable(path, &fault))
}

fn unusable(path: &Path, fault: &io::Error) -> Failure {
    Failure::new(texts::request_file_unusable(path, fault))
}

const FILE: &str = "file";
