//! The world around a command, handed in so that tests can play it.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::io::{self, BufRead, Write};

use rand_core::CryptoRng;
use zeroize::Zeroizing;

/// Everything a command takes from outside, apart from its arguments, its files and its server.
pub struct Shell<'a> {
    /// Answers, one a line, when no flag or variable gives them.
    pub stdin: &'a mut dyn BufRead,
    /// Results and prompts.
    pub stdout: &'a mut dyn Write,
    /// Failures and warnings.
    pub stderr: &'a mut dyn Write,
    /// Which of the three is a terminal.
    pub terminal: Terminal,
    /// Reads passwords when standard input is a terminal.
    pub passwords: &'a mut dyn HiddenInput,
    /// Makes keys, salts and nonces.
    pub rng: &'a mut dyn CryptoRng,
    /// The environment variables.
    pub environment: Environment,
}

/// Which of the standard streams are terminals.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Terminal {
    /// Passwords are read without echo, and answers are not repeated since the terminal shows them.
    pub stdin: bool,
    /// Colours in results.
    pub stdout: bool,
    /// Colours in failures.
    pub stderr: bool,
}

/// A terminal that can be read without echo.
pub trait HiddenInput {
    /// One line as typed, without its end.
    ///
    /// # Errors
    /// [`io::ErrorKind::Interrupted`] when the user pressed Ctrl-C, [`io::ErrorKind::UnexpectedEof`] at the end of the
    /// input.
    fn read_hidden(&mut self) -> io::Result<Zeroizing<String>>;
}

/// The environment variables that commands read: a copy, taken once.
#[derive(Clone, Default)]
pub struct Environment(BTreeMap<String, OsString>);

impl Environment {
    /// Keeps the variables this program knows: those that start with `TKE_`, `CLOUDTKEFILES` and `IBMCLOUD_API_KEY`.
    pub fn new(variables: impl IntoIterator<Item = (OsString, OsString)>) -> Self {
        let known = |name: &str| name.starts_with("TKE_") || matches!(name, "CLOUDTKEFILES" | "IBMCLOUD_API_KEY");
        let named = variables.into_iter().filter_map(|(name, value)| Some((name.into_string().ok()?, value)));
        Environment(named.filter(|(name, _)| known(name)).collect())
    }

    /// The value of a variable as the system gave it. An empty value counts as not set.
    pub(crate) fn raw(&self, name: &str) -> Option<&OsStr> {
        self.0.get(name).map(OsString::as_os_str).filter(|value| !value.is_empty())
    }

    /// The value of a variable that is text.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.raw(name).and_then(OsStr::to_str)
    }
}
