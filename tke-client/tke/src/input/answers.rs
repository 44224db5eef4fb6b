//! Asks, and takes the answer from wherever it was given.

use std::collections::BTreeMap;
use std::io::{self, BufRead};

use hpcs_workstation::{Password, read_line};
use zeroize::Zeroizing;

use crate::console::Console;
use crate::input::{AnswerFlag, KeyOwner, PasswordFile};
use crate::shell::HiddenInput;
use crate::{Failure, texts};

/// The answers of one run.
///
/// Prompts are shown wherever the answer comes from, and answers other than secrets are repeated after the prompt
/// symbol unless the terminal shows them already. So a transcript reads the same for a person and for a script.
pub(crate) struct Answers<'a> {
    given: BTreeMap<AnswerFlag, String>,
    passwords: PasswordFile,
    stdin: &'a mut dyn BufRead,
    terminal: bool,
    hidden: &'a mut dyn HiddenInput,
}

impl<'a> Answers<'a> {
    /// `terminal` says whether `stdin` is one; secrets are then read from `hidden`.
    pub(crate) fn new(
        given: BTreeMap<AnswerFlag, String>,
        passwords: PasswordFile,
        stdin: &'a mut dyn BufRead,
        terminal: bool,
        hidden: &'a mut dyn HiddenInput,
    ) -> Self {
        Answers { given, passwords, stdin, terminal, hidden }
    }

    /// Asks once. A flag's answer is used up, so that a prompt that comes again is answered by standard input.
    ///
    /// # Errors
    /// [`Failure::Input`] when standard input cannot be read, a refusal when it ended.
    pub(crate) fn ask(&mut self, console: &mut Console<'_>, prompt: &str, flag: AnswerFlag) -> Result<String, Failure> {
        console.prompt(prompt);
        if let Some(given) = self.given.remove(&flag) {
            let answer = given.trim();
            console.say(answer);
            return Ok(answer.to_owned());
        }
        let answer = self.read_line(console, prompt)?;
        if !self.terminal {
            console.say(&answer);
        }
        Ok(answer.trim().to_owned())
    }

    /// What a flag or a variable says that answers no prompt.
    pub(crate) fn unasked(&mut self, flag: AnswerFlag) -> Option<String> {
        self.given.remove(&flag)
    }

    /// Asks a yes-or-no question. Anything but `y` and `yes` is a no.
    ///
    /// # Errors
    /// As [`Answers::ask`].
    pub(crate) fn confirm(&mut self, console: &mut Console<'_>, question: &str) -> Result<bool, Failure> {
        console.say(question);
        let answer = self.ask(console, texts::ANSWER_YES_NO, AnswerFlag::Yes)?;
        Ok(matches!(answer.to_ascii_lowercase().as_str(), "y" | "yes"))
    }

    /// Asks for the password of a key.
    ///
    /// # Errors
    /// As [`Answers::ask`], and [`Failure::Interrupted`] when the user pressed Ctrl-C.
    pub(crate) fn password(
        &mut self,
        console: &mut Console<'_>,
        prompt: &str,
        owner: KeyOwner<'_>,
    ) -> Result<Password, Failure> {
        let known = self.passwords.take(owner);
        let mut password = match known {
            Some(password) => {
                console.prompt(prompt);
                console.say("");
                password
            }
            None => self.secret(console, prompt)?,
        };
        Ok(Password::new(std::mem::take(&mut *password)))
    }

    /// Asks twice for the password of a new key.
    ///
    /// # Errors
    /// As [`Answers::password`], and refusals for an empty password and for two that differ.
    pub(crate) fn new_password(
        &mut self,
        console: &mut Console<'_>,
        prompt: &str,
        owner: KeyOwner<'_>,
    ) -> Result<Password, Failure> {
        let first = self.password(console, prompt, owner)?;
        let second = self.password(console, texts::CONFIRM_PASSWORD, owner)?;
        if !first.matches(&second) {
            return Err(Failure::new(texts::PASSWORDS_DIFFER));
        }
        if first.is_empty() {
            return Err(Failure::new(texts::PASSWORD_EMPTY));
        }
        Ok(first)
    }

    /// Asks for a secret that no file holds. It is never shown.
    ///
    /// # Errors
    /// As [`Answers::password`].
    pub(crate) fn secret(&mut self, console: &mut Console<'_>, prompt: &str) -> Result<Zeroizing<String>, Failure> {
        console.prompt(prompt);
        if !self.terminal {
            let line = self.read_line(console, prompt)?;
            console.say("");
            return Ok(line);
        }
        let typed = self.hidden.read_hidden();
        console.say("");
        typed.map_err(|fault| match fault.kind() {
            io::ErrorKind::Interrupted => Failure::Interrupted,
            io::ErrorKind::UnexpectedEof => Failure::new(texts::no_more_input(prompt)),
            _ => Failure::Input(fault),
        })
    }

    /// One line of standard input, cleared when it is dropped since it may be a password.
    fn read_line(&mut self, console: &mut Console<'_>, prompt: &str) -> Result<Zeroizing<String>, Failure> {
        read_line(self.stdin)?.ok_or_else(|| {
            console.say("");
            Failure::new(texts::no_more_input(prompt))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::console::Paint;

    /// Answers with this standard input, asked by `ask`; gives back what was printed.
    fn transcript<T>(
        stdin: &str,
        given: &[(AnswerFlag, &str)],
        ask: impl FnOnce(&mut Answers<'_>, &mut Console<'_>) -> T,
    ) -> (String, T) {
        let (mut out, mut err) = (Vec::new(), Vec::new());
        let mut console = Console::new(&mut out, &mut err, Paint::Plain, Paint::Plain);
        let given = given.iter().map(|(flag, text)| (*flag, (*text).to_owned())).collect();
        let (mut stdin, mut no_terminal) = (stdin.as_bytes(), NoTerminal);
        let mut answers = Answers::new(given, PasswordFile::default(), &mut stdin, false, &mut no_terminal);
        let result = ask(&mut answers, &mut console);
        (String::from_utf8(out).unwrap(), result)
    }

    struct NoTerminal;

    impl HiddenInput for NoTerminal {
        fn read_hidden(&mut self) -> io::Result<Zeroizing<String>> {
            Err(io::ErrorKind::Unsupported.into())
        }
    }

    const KEY: KeyOwner<'_> = KeyOwner::SignatureKey { keynum: Some(1), name: "admin1" };

    #[test]
    fn piped_answers_are_shown_and_passwords_are_not() {
        let (printed, answer) = transcript("admin1\nsecret\n", &[], |answers, console| {
            let name = answers.ask(console, "Name:", AnswerFlag::Name).unwrap();
            (name, answers.password(console, "Password:", KEY).unwrap())
        });
        assert_eq!(printed, "Name:\n> admin1\nPassword:\n> \n");
        assert_eq!(answer.0, "admin1");
        assert!(answer.1.matches(&Password::new("secret".to_owned())));
    }

    #[test]
    fn a_flag_answers_a_prompt_once() {
        let (printed, answer) = transcript("2\n", &[(AnswerFlag::Signature, "9")], |answers, console| {
            let mut ask = || answers.ask(console, "Value:", AnswerFlag::Signature).unwrap();
            [ask(), ask()]
        });
        assert_eq!(printed, "Value:\n> 9\nValue:\n> 2\n");
        assert_eq!(answer, ["9", "2"]);
    }

    #[test]
    fn blanks_around_an_answer_do_not_count_wherever_it_comes_from() {
        let (printed, answer) = transcript(" 2 \n", &[(AnswerFlag::Keynum, " 9 ")], |answers, console| {
            let mut ask = || answers.ask(console, "Value:", AnswerFlag::Keynum).unwrap();
            [ask(), ask()]
        });
        assert!(printed.starts_with("Value:\n> 9\n"));
        assert_eq!(answer, ["9", "2"]);
    }

    #[test]
    fn an_endless_line_is_refused_as_an_answer() {
        let line = "x".repeat(5000) + "\n";
        let (_, fault) = transcript(&line, &[], |answers, console| answers.password(console, "Password:", KEY).err());
        assert!(fault.unwrap().to_string().starts_with("The line is too long."));
    }

    #[test]
    fn only_y_continues() {
        for (input, expected) in [("y\n", true), ("YES\n", true), ("n\n", false), ("\n", false), ("yep\n", false)] {
            let (_, answer) = transcript(input, &[], |answers, console| answers.confirm(console, "Sure?").unwrap());
            assert_eq!(answer, expected, "{input:?}");
        }
    }

    #[test]
    fn different_or_empty_new_passwords_are_refused() {
        for (input, expected) in [("a\nb\n", texts::PASSWORDS_DIFFER), ("\n\n", texts::PASSWORD_EMPTY)] {
            let (_, answer) =
                transcript(input, &[], |answers, console| answers.new_password(console, "Password:", KEY).err());
            assert_eq!(answer.unwrap().to_string(), expected);
        }
    }

    #[test]
    fn a_password_keeps_its_blanks_but_not_the_end_of_the_line() {
        let (_, password) =
            transcript(" a b \r\n", &[], |answers, console| answers.password(console, "Password:", KEY).unwrap());
        assert!(password.matches(&Password::new(" a b ".to_owned())));
    }

    #[test]
    fn the_end_of_the_input_names_the_prompt() {
        let (_, fault) = transcript("", &[], |answers, console| answers.ask(console, "Name:", AnswerFlag::Name).err());
        assert!(fault.unwrap().to_string().contains("Name:"));
    }
}
