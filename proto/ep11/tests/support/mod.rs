//! Readers for the files in `fixtures`.

pub(crate) mod conversation;
pub(crate) mod sigkey;
