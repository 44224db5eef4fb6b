//! Where the answers to prompts come from: flags, environment, a password file, standard input.

mod answers;
mod flag;
mod passwords;
mod text_file;

pub(crate) use answers::Answers;
pub(crate) use flag::AnswerFlag;
pub(crate) use passwords::{KeyOwner, PasswordFile};
pub(crate) use text_file::read_text;
