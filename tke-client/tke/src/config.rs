//! Settings of one run, resolved from global flags and the environment.

use std::ffi::{OsStr, OsString};
use std::net::IpAddr;
use std::path::PathBuf;

use clap::{Arg, ArgAction, ArgMatches, value_parser};
use zeroize::Zeroizing;

use crate::input::read_text;
use crate::shell::Environment;
use crate::{Failure, texts};

/// The settings of one run: complete and checked, whatever the command.
pub(crate) struct Config {
    /// The value of `CLOUDTKEFILES`, when it is set.
    pub(crate) files: Option<OsString>,
    pub(crate) server: ServerAddress,
    pub(crate) password_file: Option<PathBuf>,
    pub(crate) quiet: bool,
    /// The value of `TKE_SIGNSERV_URL`, when it is set: the signing service that then holds the signature keys.
    pub(crate) signing_service: Option<String>,
    credential: CredentialSource,
}

/// How a command proves who the caller is. Never printed.
pub(crate) enum Credential {
    /// An access token, used as it is.
    Token(Zeroizing<String>),
    /// An API key, exchanged for an access token first.
    ApiKey(Zeroizing<String>),
}

enum CredentialSource {
    KeyFile(PathBuf),
    Known(Credential),
    Default,
}

impl Config {
    /// Flags win over the environment, from which credentials are taken out.
    ///
    /// # Errors
    /// [`Failure::Refused`] for a server address of another form and for a variable that is not text.
    pub(crate) fn resolve(flags: &ArgMatches, environment: &mut Environment) -> Result<Self, Failure> {
        let (token, key) =
            (environment.take_credential("TKE_TOKEN")?, environment.take_credential("IBMCLOUD_API_KEY")?);
        let address = match flags.get_one::<String>(SERVER) {
            Some(address) => address,
            None => environment.text("TKE_PRIVATE_ADDR")?.unwrap_or(DEFAULT_SERVER),
        };
        let credential = match flags.get_one::<PathBuf>(API_KEY_FILE) {
            Some(path) => CredentialSource::KeyFile(path.clone()),
            None => match (token, key) {
                (Some(token), _) => CredentialSource::Known(Credential::Token(token)),
                (None, Some(key)) => CredentialSource::Known(Credential::ApiKey(key)),
                (None, None) => CredentialSource::Default,
            },
        };
        let password_file = flags.get_one::<PathBuf>(PASSWORD_FILE).cloned();
        Ok(Config {
            files: environment.raw("CLOUDTKEFILES").map(OsStr::to_owned),
            server: ServerAddress::parse(address)?,
            password_file: password_file.or_else(|| environment.raw("TKE_PASSWORD_FILE").map(PathBuf::from)),
            quiet: flags.get_flag(QUIET),
            signing_service: environment.text("TKE_SIGNSERV_URL")?.map(str::to_owned),
            credential,
        })
    }

    /// The credential for the server. The emulator's documented key is used when none is given and the server runs on
    /// this machine; it is never sent anywhere else.
    ///
    /// # Errors
    /// [`Failure::Refused`] when the key file cannot be read, is too large or is empty, and when there is no credential
    /// for a server on another machine.
    pub(crate) fn credential(&self) -> Result<Credential, Failure> {
        match &self.credential {
            CredentialSource::KeyFile(path) => {
                let text = read_text(path).map_err(|fault| Failure::new(texts::api_key_file_unreadable(&fault)))?;
                match text.trim() {
                    "" => Err(Failure::new(texts::api_key_file_empty(path))),
                    key => Ok(Credential::ApiKey(Zeroizing::new(key.to_owned()))),
                }
            }
            CredentialSource::Known(Credential::Token(token)) => Ok(Credential::Token(token.clone())),
            CredentialSource::Known(Credential::ApiKey(key)) => Ok(Credential::ApiKey(key.clone())),
            CredentialSource::Default if self.server.is_loopback() => {
                Ok(Credential::ApiKey(Zeroizing::new(DEFAULT_API_KEY.to_owned())))
            }
            CredentialSource::Default => Err(Failure::new(texts::no_credential(self.server.as_str()))),
        }
    }
}

/// The address of the service, with its scheme and port: `http://127.0.0.1:9876`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ServerAddress(String);

impl ServerAddress {
    /// Reads `http://host:port`, `https://host:port` or `host:port`, which is the first. With a scheme the port may be
    /// left out: 80 and 443.
    pub(crate) fn parse(text: &str) -> Result<Self, Failure> {
        let fault = || Failure::new(texts::bad_server_address(text));
        let (scheme, authority, default_port) = match text.split_once("://") {
            Some(("http", rest)) => ("http", rest.trim_end_matches('/'), Some("80")),
            Some((SECURE, rest)) => (SECURE, rest.trim_end_matches('/'), Some("443")),
            Some(_) => return Err(fault()),
            None => ("http", text, None),
        };
        // The colons of an address in brackets are not the one before the port.
        let (host, port) = match authority.rsplit_once(':').filter(|(_, port)| !port.ends_with(']')) {
            Some(parts) => parts,
            None => (authority, default_port.ok_or_else(fault)?),
        };
        let bare = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
        let host_fits = match bare {
            Some(address) => address.parse::<IpAddr>().is_ok(),
            None => !host.is_empty() && host.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._".contains(&byte)),
        };
        if host_fits && port.parse::<u16>().is_ok_and(|port| port != 0) {
            Ok(ServerAddress(format!("{scheme}://{host}:{port}")))
        } else {
            Err(fault())
        }
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether what is sent is encrypted on its way.
    pub(crate) fn is_encrypted(&self) -> bool {
        self.0.split_once("://").is_some_and(|(scheme, _)| scheme == SECURE)
    }

    /// Whether the server runs on this machine.
    pub(crate) fn is_loopback(&self) -> bool {
        let authority = self.0.split_once("://").map_or(self.0.as_str(), |(_, authority)| authority);
        let host = authority.rsplit_once(':').map_or(authority, |(host, _)| host);
        let host = host.trim_start_matches('[').trim_end_matches(']');
        host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
    }
}

/// The flags that every command takes. The overview explains them, so help for one command leaves them out.
pub(crate) fn global_flags() -> [Arg; 4] {
    let flag = |id: &'static str| Arg::new(id).long(id).global(true).hide(true);
    let path = value_parser!(PathBuf);
    [
        flag(SERVER).value_name("ADDRESS"),
        flag(API_KEY_FILE).value_name("FILE").value_parser(path.clone()),
        flag(PASSWORD_FILE).value_name("FILE").value_parser(path),
        flag(QUIET).short('q').action(ArgAction::SetTrue),
    ]
}

const SERVER: &str = "server";
const API_KEY_FILE: &str = "api-key-file";
const PASSWORD_FILE: &str = "password-file";
const QUIET: &str = "quiet";

const SECURE: &str = "https";

const DEFAULT_SERVER: &str = "http://127.0.0.1:9876";

/// The API key that the emulator documents for its default identity. Not a secret.
const DEFAULT_API_KEY: &str = "hpcs-emulator-manager-key";

#[cfg(test)]
mod tests {
    use super::*;

    fn resolve(arguments: &[&str], variables: &[(&str, &str)]) -> Result<Config, Failure> {
        let flags = clap::Command::new("tke").args(global_flags()).get_matches_from([&["tke"], arguments].concat());
        let variables = variables.iter().map(|(name, value)| (name.into(), value.into()));
        Config::resolve(&flags, &mut Environment::new(variables))
    }

    #[test]
    fn addresses_are_accepted_with_and_without_scheme() {
        for text in ["127.0.0.1:9876", "http://127.0.0.1:9876", "http://127.0.0.1:9876/"] {
            assert_eq!(ServerAddress::parse(text).unwrap().as_str(), "http://127.0.0.1:9876");
        }
        for text in
            ["", "host", "host:0", "host:99999", "ftp://host:1", "a b:1", "[::2:1", "http://:1", "https://", "[::1]"]
        {
            assert!(ServerAddress::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn the_documented_form_is_https_on_its_usual_port() {
        let documented = ServerAddress::parse("https://tke.private.us-south.hs-crypto.cloud.ibm.com").unwrap();
        assert_eq!(documented.as_str(), "https://tke.private.us-south.hs-crypto.cloud.ibm.com:443");
        assert!(documented.is_encrypted() && !documented.is_loopback());
        for (text, address) in [
            ("https://[::1]/", "https://[::1]:443"),
            ("https://[::1]:9876", "https://[::1]:9876"),
            ("http://host", "http://host:80"),
        ] {
            let parsed = ServerAddress::parse(text).unwrap();
            assert_eq!((parsed.as_str(), parsed.is_encrypted()), (address, text.starts_with("https")));
        }
    }

    #[test]
    fn only_addresses_of_this_machine_are_loopback() {
        for (text, expected) in [
            ("127.0.0.1:1", true),
            ("localhost:1", true),
            ("[::1]:1", true),
            ("10.0.0.1:1", false),
            ("localhost.example.com:1", false),
        ] {
            assert_eq!(ServerAddress::parse(text).unwrap().is_loopback(), expected, "{text}");
        }
    }

    #[test]
    fn flags_win_over_variables() {
        let config = resolve(&["--server", "a:1"], &[("TKE_PRIVATE_ADDR", "http://b:2")]).unwrap();
        assert_eq!(config.server.as_str(), "http://a:1");
        let config = resolve(&[], &[("TKE_PRIVATE_ADDR", "http://b:2")]).unwrap();
        assert_eq!(config.server.as_str(), "http://b:2");
    }

    #[test]
    fn the_documented_key_is_never_sent_to_another_machine() {
        assert!(
            matches!(resolve(&[], &[]).unwrap().credential(), Ok(Credential::ApiKey(key)) if *key == DEFAULT_API_KEY)
        );
        assert!(resolve(&["--server", "10.0.0.1:1"], &[]).unwrap().credential().is_err());
    }

    #[test]
    fn a_token_wins_over_an_api_key() {
        let variables = [("TKE_TOKEN", "t"), ("IBMCLOUD_API_KEY", "k")];
        assert!(
            matches!(resolve(&[], &variables).unwrap().credential(), Ok(Credential::Token(token)) if *token == "t")
        );
        assert!(
            matches!(resolve(&[], &variables[1..]).unwrap().credential(), Ok(Credential::ApiKey(key)) if *key == "k")
        );
    }
}
