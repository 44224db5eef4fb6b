//! The world around a command, handed in so that tests can play it.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::io::{self, BufRead, Write};

use rand_core::CryptoRng;
use zeroize::{Zeroize, Zeroizing};

use crate::{Failure, texts};

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

/// The environment variables that commands read: a copy, taken once. Credentials in it are cleared when it is dropped.
#[derive(Default)]
pub struct Environment {
    variables: BTreeMap<String, OsString>,
    /// Apart from the others: they leave once, and are never copied.
    credentials: BTreeMap<String, Zeroizing<Vec<u8>>>,
}

impl Environment {
    /// Keeps the variables this program knows: those that start with `TKE_`, `CLOUDTKEFILES` and `IBMCLOUD_API_KEY`.
    pub fn new(variables: impl IntoIterator<Item = (OsString, OsString)>) -> Self {
        let known = |name: &str| name.starts_with("TKE_") || matches!(name, "CLOUDTKEFILES" | "IBMCLOUD_API_KEY");
        let named = variables.into_iter().filter_map(|(name, value)| Some((name.into_string().ok()?, value)));
        let mut environment = Environment::default();
        for (name, value) in named.filter(|(name, _)| known(name)) {
            if CREDENTIALS.contains(&name.as_str()) {
                environment.credentials.insert(name, Zeroizing::new(value.into_encoded_bytes()));
            } else {
                environment.variables.insert(name, value);
            }
        }
        environment
    }

    /// The value of a variable as the system gave it. An empty value counts as not set.
    pub(crate) fn raw(&self, name: &str) -> Option<&OsStr> {
        self.variables.get(name).map(OsString::as_os_str).filter(|value| !value.is_empty())
    }

    /// The value of a variable that is text.
    ///
    /// # Errors
    /// A refusal that names the variable when it is set to something else.
    pub(crate) fn text(&self, name: &str) -> Result<Option<&str>, Failure> {
        let value = self.raw(name).map(|value| value.to_str().ok_or_else(|| Failure::new(texts::not_text(name))));
        value.transpose()
    }

    /// Takes out an access token or API key. An empty value counts as not set.
    ///
    /// # Errors
    /// A refusal that names the variable when it is not text.
    pub(crate) fn take_credential(&mut self, name: &str) -> Result<Option<Zeroizing<String>>, Failure> {
        let value = self.credentials.remove(name).filter(|value| !value.is_empty());
        let text = value.map(|mut bytes| {
            String::from_utf8(std::mem::take(&mut *bytes)).map(Zeroizing::new).map_err(|fault| {
                fault.into_bytes().zeroize();
                Failure::new(texts::not_text(name))
            })
        });
        text.transpose()
    }
}

/// The variables that hold credentials.
const CREDENTIALS: [&str; 2] = ["TKE_TOKEN", "IBMCLOUD_API_KEY"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_credential_is_taken_out_once() {
        let mut environment = Environment::new([("TKE_TOKEN".into(), "t".into())]);
        assert_eq!(environment.raw("TKE_TOKEN"), None);
        assert_eq!(environment.take_credential("TKE_TOKEN").unwrap().as_deref().map(String::as_str), Some("t"));
        assert!(environment.take_credential("TKE_TOKEN").unwrap().is_none());
    }

    #[test]
    fn an_empty_variable_is_not_set() {
        let mut environment = Environment::new(["TKE_TOKEN", "TKE_NAME"].map(|name| (name.into(), OsString::new())));
        assert!(environment.take_credential("TKE_TOKEN").unwrap().is_none());
        assert!(environment.text("TKE_NAME").unwrap().is_none());
    }

    #[cfg(unix)]
    #[test]
    fn a_value_that_is_not_text_is_refused_by_the_name_of_its_variable() {
        use std::os::unix::ffi::OsStringExt;

        let broken = || OsString::from_vec(vec![0xFF]);
        let mut environment = Environment::new(["TKE_TOKEN", "TKE_NAME"].map(|name| (name.into(), broken())));
        assert!(environment.text("TKE_NAME").unwrap_err().to_string().contains("TKE_NAME"));
        assert!(environment.take_credential("TKE_TOKEN").unwrap_err().to_string().contains("TKE_TOKEN"));
        assert_eq!(environment.raw("TKE_NAME"), Some(broken().as_os_str()));
    }
}
