//! Help texts, made from the table of commands.

use crate::cli::{self, PROGRAM};
use crate::commands;

/// What the program is.
pub(crate) const ABOUT: &str = "Manages the crypto units of Hyper Protect Crypto Services instances";

/// What the help of one command ends with.
pub(crate) const SEE_OVERVIEW: &str = "'tke help' explains global options, environment and answers.";

/// How the help of one command is laid out.
pub(crate) const TEMPLATE: &str =
    "NAME:\n   {name}\n\nDESCRIPTION:\n{about}\n\nUSAGE:\n   {usage}\n\n{all-args}{after-help}";

/// The help of the whole program.
pub(crate) fn overview() -> String {
    let names = commands::TABLE.iter().map(|command| {
        let names = std::iter::once(command.name).chain(command.aliases.iter().copied());
        (names.collect::<Vec<_>>().join(", "), command.summary)
    });
    let names: Vec<(String, &str)> = names.collect();
    let width = names.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
    let list: String = names.iter().map(|(name, summary)| format!("   {name:width$}   {summary}\n")).collect();
    format!(
        "NAME:\n   {PROGRAM} - {ABOUT}\n\n\
         USAGE:\n   {PROGRAM} command [arguments...] [command options]\n\n\
         COMMANDS:\n{list}\n{OPTIONS}"
    )
}

/// The help of one command, or of one of its subcommands.
pub(crate) fn of_command(path: &[&str]) -> Option<String> {
    let mut parser = cli::parser();
    parser.build();
    let mut command = &mut parser;
    for name in path {
        command = command.find_subcommand_mut(name)?;
    }
    Some(command.render_long_help().to_string())
}

const OPTIONS: &str = "\
GLOBAL OPTIONS:
   --server ADDRESS       http://host:port, https://host:port or host:port (default: http://127.0.0.1:9876)
   --api-key-file FILE    File that holds the API key
   --password-file FILE   File that holds passwords
   -q, --quiet            Leave out informational text
   -h, --help             Show help
   -V, --version          Show the version

ENVIRONMENT:
   CLOUDTKEFILES          Directory of key files and the selection. Every command but help needs it
   TKE_PRIVATE_ADDR       Server, as --server
   TKE_TOKEN              Access token
   IBMCLOUD_API_KEY       API key, exchanged for an access token. Without token and key, a server on this
                          machine gets the documented key of the emulator, hpcs-emulator-manager-key
   TKE_PASSWORD_FILE      As --password-file
   TKE_SIGNSERV_URL       Signing service. While it is set, the keys that the file SIGNSERVKEYS names sign there, and
                          key files are not read
   SSL_CERT_FILE          File with the root certificates for https, in place of those of the system
   TKE_<FLAG>             Answer to a prompt, as the flag of the same name: TKE_UNITS, TKE_KEYNUM.
                          TKE_YES takes y, yes, 1, true, n, no, 0 or false

ANSWERS:
   A prompt is answered by its flag, else by its variable, else by a line of standard input. Passwords come from
   the password file, else from standard input; a terminal does not show them.
   In the password file a line LABEL=PASSWORD answers every prompt for one key. The label is the name of a
   signature key, the description of a key part, or a KEYNUM; sigkey:1 and mk:1 tell signature key 1 from key
   part 1, and token:NAME is the token of a key of the signing service. A line without '=' answers the next
   prompt that no label fits, once. Start such a line with '=' when the password contains '=' or starts with '#'.
   Empty lines and lines that start with '#' are skipped.

EXIT STATUS:
   0 success, also after answering no; 1 FAILED; 2 arguments that make no sense; 130 interrupted
";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_command_is_listed_and_has_help() {
        let overview = overview();
        for command in commands::TABLE {
            assert!(overview.contains(&format!("\n   {}", command.name)), "{}", command.name);
            let help = of_command(&[command.name]).unwrap();
            assert!(help.contains(command.summary), "{help}");
            for prompt in command.prompts {
                assert!(help.contains(&format!("--{}", prompt.name())), "{help}");
            }
        }
    }

    #[test]
    fn lines_fit_a_wide_terminal() {
        let over = |text: &str| text.lines().map(str::len).max().unwrap_or(0);
        assert!(over(&overview()) <= 120);
    }
}
