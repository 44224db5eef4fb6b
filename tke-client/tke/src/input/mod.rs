//! Where the answers to prompts come from: flags, environment, a password file, standard input.

mod answers;
mod flag;
mod passwords;

pub(crate) use answers::Answers;
pub(crate) use flag::AnswerFlag;
pub(crate) use passwords::{KeyOwner, PasswordFile};
