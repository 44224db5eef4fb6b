//! Prompts that a flag or an environment variable can answer.

use std::collections::BTreeMap;

use clap::{Arg, ArgAction, ArgMatches};

use crate::shell::Environment;
use crate::{Failure, texts};

/// A prompt that a flag of the command, or the variable `TKE_<FLAG>`, can answer. Passwords and key part values are not
/// among them: other users of a machine can see arguments.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum AnswerFlag {
    Admin,
    Description,
    Key,
    Keynum,
    Name,
    Revocation,
    Signature,
    Units,
    Yes,
}

impl AnswerFlag {
    const ALL: [AnswerFlag; 9] = [
        AnswerFlag::Admin,
        AnswerFlag::Description,
        AnswerFlag::Key,
        AnswerFlag::Keynum,
        AnswerFlag::Name,
        AnswerFlag::Revocation,
        AnswerFlag::Signature,
        AnswerFlag::Units,
        AnswerFlag::Yes,
    ];

    /// The flag without its dashes.
    pub(crate) fn name(self) -> &'static str {
        match self {
            AnswerFlag::Admin => "admin",
            AnswerFlag::Description => "description",
            AnswerFlag::Key => "key",
            AnswerFlag::Keynum => "keynum",
            AnswerFlag::Name => "name",
            AnswerFlag::Revocation => "revocation",
            AnswerFlag::Signature => "signature",
            AnswerFlag::Units => "units",
            AnswerFlag::Yes => "yes",
        }
    }

    /// The flag as a command takes it.
    pub(crate) fn argument(self) -> Arg {
        let (value, help) = match self {
            AnswerFlag::Admin => ("ADMIN_NUM", "Number of the administrator in the list"),
            AnswerFlag::Description => ("TEXT", "Description of the key part"),
            AnswerFlag::Key => ("NAME", "Signature key identifier at the signing service"),
            AnswerFlag::Keynum => ("KEYNUM", "KEYNUM value, or several in one argument, separated by spaces"),
            AnswerFlag::Name => ("NAME", "Administrator name"),
            AnswerFlag::Revocation => ("NUMBER", "New revocation signature threshold"),
            AnswerFlag::Signature => ("NUMBER", "New signature threshold"),
            AnswerFlag::Units => ("CRYPTO_UNIT_NUM", "CRYPTO UNIT NUM values in one argument, separated by spaces"),
            AnswerFlag::Yes => ("", "Answer y to the question whether to continue"),
        };
        let argument = Arg::new(self.name()).long(self.name()).help(format!("{help} [variable {}]", self.variable()));
        match self {
            AnswerFlag::Yes => argument.short('y').action(ArgAction::SetTrue),
            _ => argument.value_name(value),
        }
    }

    /// The answers that flags and variables give to prompts. Flags win. `flags` are those of the command itself, and may
    /// lack any.
    ///
    /// # Errors
    /// A refusal that names the variable whose value is not text, or is neither a yes nor a no where one is wanted.
    pub(crate) fn given(
        flags: &ArgMatches,
        environment: &Environment,
    ) -> Result<BTreeMap<AnswerFlag, String>, Failure> {
        let typed = |prompt: AnswerFlag| match prompt {
            AnswerFlag::Yes => {
                let set = flags.try_get_one::<bool>(prompt.name()).ok().flatten();
                set.is_some_and(|set| *set).then(|| "y".to_owned())
            }
            _ => flags.try_get_one::<String>(prompt.name()).ok().flatten().cloned(),
        };
        let mut given = BTreeMap::new();
        for prompt in AnswerFlag::ALL {
            let answer = match typed(prompt) {
                Some(answer) => Some(answer),
                None => prompt.variable_answer(environment)?,
            };
            given.extend(answer.map(|answer| (prompt, answer)));
        }
        Ok(given)
    }

    fn variable_answer(self, environment: &Environment) -> Result<Option<String>, Failure> {
        let variable = self.variable();
        let Some(value) = environment.text(&variable)? else { return Ok(None) };
        match (self, value.trim().to_ascii_lowercase().as_str()) {
            (AnswerFlag::Yes, "y" | "yes" | "1" | "true") => Ok(Some("y".to_owned())),
            (AnswerFlag::Yes, "n" | "no" | "0" | "false") => Ok(Some("n".to_owned())),
            // A script that means yes must not be taken to say no.
            (AnswerFlag::Yes, _) => Err(Failure::new(texts::neither_yes_nor_no(&variable, value))),
            _ => Ok(Some(value.to_owned())),
        }
    }

    fn variable(self) -> String {
        format!("TKE_{}", self.name().to_uppercase())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_win_and_variables_fill_in() {
        let parser = clap::Command::new("tke").args([AnswerFlag::Keynum.argument(), AnswerFlag::Yes.argument()]);
        let flags = parser.get_matches_from(["tke", "--keynum", "1 2"]);
        let variables = [("TKE_KEYNUM", "9"), ("TKE_NAME", "admin1")].map(|(name, value)| (name.into(), value.into()));
        let given = AnswerFlag::given(&flags, &Environment::new(variables)).unwrap();
        let expected = [(AnswerFlag::Keynum, "1 2".to_owned()), (AnswerFlag::Name, "admin1".to_owned())];
        assert_eq!(given, BTreeMap::from(expected));
    }

    #[test]
    fn the_variable_for_yes_takes_the_usual_words_and_refuses_others() {
        let given = |value: &str| {
            let flags = clap::Command::new("tke").arg(AnswerFlag::Yes.argument()).get_matches_from(["tke"]);
            let given = AnswerFlag::given(&flags, &Environment::new([("TKE_YES".into(), value.into())]))?;
            Ok::<_, Failure>(given.get(&AnswerFlag::Yes).cloned())
        };
        for (words, answer) in [(["y", "YES", "1", "true"], "y"), (["n", "No", "0", "False"], "n")] {
            for word in words {
                assert_eq!(given(word).unwrap().as_deref(), Some(answer), "{word}");
            }
        }
        assert_eq!(given("").unwrap(), None);
        for word in ["2", "maybe", "yep"] {
            let failure = given(word).unwrap_err().to_string();
            assert!(failure.contains("TKE_YES") && failure.contains(word), "{failure}");
        }
    }

    #[test]
    fn passwords_have_no_flag() {
        assert!(AnswerFlag::ALL.iter().all(|flag| !flag.name().contains("pass")));
    }
}
