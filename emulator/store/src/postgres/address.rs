//! Where the database is, and how refusals name it.

use std::time::Duration;

use tokio_postgres::Config;
use tokio_postgres::config::{Host, SslMode, TargetSessionAttrs};

use crate::Unavailable;

/// A database, as a `postgres://` URL names it.
pub(super) struct Address {
    config: Config,
    name: String,
}

impl Address {
    /// Reads a URL. A connection is given up, and one whose peer is silent is closed, after `deadline`.
    ///
    /// # Errors
    /// [`Unavailable`] for what is not a URL of PostgreSQL. The text repeats nothing of it: of a password with an unescaped
    /// character, any part can be taken for something else.
    pub(super) fn parse(url: &str, deadline: Duration) -> Result<Self, Unavailable> {
        let mut config: Config = Some(url)
            .filter(|url| url.starts_with("postgres://") || url.starts_with("postgresql://"))
            .and_then(|url| url.parse().ok())
            .filter(|config| !has_torn_password(config))
            .ok_or_else(|| Unavailable(SHAPE.to_owned()))?;
        let name = name(&config);
        if config.get_ssl_mode() == SslMode::Require {
            return Err(Unavailable(format!(
                "{name}: sslmode=require is not possible, this program does no TLS to it"
            )));
        }
        if config.get_application_name().is_none() {
            config.application_name("hpcs-emulator");
        }
        config
            .connect_timeout(deadline)
            .tcp_user_timeout(deadline)
            .keepalives_idle(KEEPALIVE)
            .keepalives_interval(KEEPALIVE)
            .keepalives_retries(3)
            // Of several hosts, the one that is not a standby.
            .target_session_attrs(TargetSessionAttrs::ReadWrite);
        Ok(Address { config, name })
    }

    /// What a connection is made with.
    pub(super) fn config(&self) -> &Config {
        &self.config
    }

    /// `PostgreSQL postgres://user@host/database`, without the password.
    pub(super) fn name(&self) -> &str {
        &self.name
    }
}

/// Whether what follows an unescaped `@` of the password was taken for a host.
fn has_torn_password(config: &Config) -> bool {
    config.get_hosts().iter().any(|host| matches!(host, Host::Tcp(host) if host.contains('@')))
}

fn name(config: &Config) -> String {
    let user = config.get_user().map(|user| format!("{user}@")).unwrap_or_default();
    let database = config.get_dbname().unwrap_or_default();
    let port = |at: usize| {
        let ports = config.get_ports();
        ports.get(at).or(ports.first()).map(|port| format!(":{port}")).unwrap_or_default()
    };
    let mut hosts = Vec::new();
    let mut sockets = String::new();
    for (at, host) in config.get_hosts().iter().enumerate() {
        match host {
            Host::Tcp(host) if host.contains(':') => hosts.push(format!("[{host}]{}", port(at))),
            Host::Tcp(host) => hosts.push(format!("{host}{}", port(at))),
            Host::Unix(path) => sockets = format!("?host={}", path.display()),
        }
    }
    format!("PostgreSQL postgres://{user}{}/{database}{sockets}", hosts.join(","))
}

const SHAPE: &str = "the address of PostgreSQL does not read postgres://user:password@host:port/database, with special \
                     characters percent-encoded";

/// How soon a silent connection is asked whether it still lives.
const KEEPALIVE: Duration = Duration::from_secs(5);

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(url: &str) -> Result<Address, Unavailable> {
        Address::parse(url, Duration::from_secs(1))
    }

    #[test]
    fn the_name_has_everything_but_the_password() {
        for (url, name) in [
            ("postgres://ann:secret@db.example:5433/hpcs", "PostgreSQL postgres://ann@db.example:5433/hpcs"),
            ("postgresql://ann:secret@a,b/hpcs?connect_timeout=3", "PostgreSQL postgres://ann@a:5432,b:5432/hpcs"),
            ("postgres://ann:secret@/hpcs?host=/run/pg", "PostgreSQL postgres://ann@/hpcs?host=/run/pg"),
            ("postgres://ann@[::1]/hpcs", "PostgreSQL postgres://ann@[::1]:5432/hpcs"),
            ("postgres://a/hpcs?password=secret", "PostgreSQL postgres://a:5432/hpcs"),
        ] {
            assert_eq!(parse(url).map(|address| address.name().to_owned()), Ok(name.to_owned()), "{url}");
        }
    }

    #[test]
    fn a_password_with_unescaped_characters_is_not_shown() {
        for url in ["postgres://ann:s?ecret@a/hpcs", "postgres://ann:s/ecret@a/hpcs", "postgres://ann:s:ecret@a/hpcs"] {
            let text = parse(url).map_or_else(|refusal| refusal.0, |address| address.name().to_owned());
            assert!(!text.contains("ecret") && text.contains("postgres://"), "{url}: {text}");
        }
    }

    #[test]
    fn what_is_not_an_address_is_not_repeated() {
        for url in ["postgres://ann:s@ecret@a/hpcs", "postgres://ann:secret@a/hpcs?secret=1", "password=secret", ""] {
            assert_eq!(parse(url).err(), Some(Unavailable(SHAPE.to_owned())), "{url}");
        }
    }

    #[test]
    fn tls_that_is_asked_for_is_not_silently_left_out() {
        let refusal = parse("postgres://ann:secret@a/hpcs?sslmode=require").err().unwrap_or(Unavailable(String::new()));
        assert!(refusal.0.contains("sslmode=require") && !refusal.0.contains("secret"));
    }
}
