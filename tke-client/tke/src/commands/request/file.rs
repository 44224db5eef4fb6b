//! Request files on disk.

use std::path::{Path, PathBuf};

use clap::{Arg, ArgMatches, value_parser};
use hpcs_workstation::{RequestError, RequestFile};

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
    RequestFile::open(path).map_err(|fault| unusable(path, fault))
}

/// Writes a new file; one that exists is never overwritten.
///
/// # Errors
/// A refusal that names the file.
pub(super) fn create(path: &Path, request: &RequestFile) -> Result<(), Failure> {
    request.save_new(path).map_err(|fault| unusable(path, fault))
}

/// Adds the signatures of `request` to the file. Others that were put there since it was read stay.
///
/// # Errors
/// A refusal that names the file, and one when it holds another request by now.
pub(super) fn update(path: &Path, mut request: RequestFile) -> Result<(), Failure> {
    request.merge_and_save(path).map(drop).map_err(|fault| unusable(path, fault))
}

fn unusable(path: &Path, fault: RequestError) -> Failure {
    match fault {
        // It names the file itself.
        RequestError::File { fault } => Failure::new(texts::request_file_unusable(&fault)),
        other => Failure::from(other).with_line(&path.display().to_string()),
    }
}

const FILE: &str = "file";
