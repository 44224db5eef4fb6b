//! JSON in files: writing any value, reading lists that may not be there yet.

use std::io;
use std::path::Path;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::bounded::{MAX_LIST_SIZE, read_limited};
use super::{FieldFault, FilesError};

/// A value as the content of a file: JSON and a newline.
#[expect(clippy::expect_used, reason = "only maps with keys that are not strings fail, and no file has one")]
pub(super) fn to_json(value: &impl Serialize) -> Vec<u8> {
    let mut content = serde_json::to_vec(value).expect("files are made of strings, numbers and lists");
    content.push(b'\n');
    content
}

/// The array in the file at `path`; empty when there is no file.
pub(super) fn read_array<T: DeserializeOwned>(path: &Path) -> Result<Vec<T>, FilesError> {
    let damaged = |_| FilesError::Damaged { path: path.to_owned(), field: "file", fault: FieldFault::Malformed };
    match read_limited(path, MAX_LIST_SIZE) {
        Ok(content) => serde_json::from_slice(&content).map_err(damaged),
        Err(FilesError::Io { error, .. }) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(error),
    }
}
