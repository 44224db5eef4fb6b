//! Where the database is, and how refusals name it.

use std::time::Duration;

use tokio::time::timeout;
use tokio_postgres::config::{Host, SslMode, TargetSessionAttrs};
use tokio_postgres::tls::NoTlsStream;
use tokio_postgres::{Client, Config, Connection, NoTls, Socket};

use super::failure::Failure;
use crate::Unavailable;

/// A database, as a `postgres://` URL names it.
pub(super) struct Address {
    /// One for each host, in the order of the URL.
    hosts: Vec<Config>,
    /// How long a host may take to be reached and to let us in.
    patience: Duration,
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
            .filter(|config| !has_torn_password(config) && has_room_for_its_hosts(config))
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
            // Of several hosts, the one that is not a standby.
            .target_session_attrs(TargetSessionAttrs::ReadWrite);
        let count = config.get_hosts().len().max(config.get_hostaddrs().len());
        // Without any, the first attempt says so.
        let hosts = (0..count.max(1)).map(|at| alone(&config, at)).collect();
        Ok(Address { hosts, patience: deadline * PATIENCE, name })
    }

    /// Connects to the first host that lets us in. One that is silent does not keep us from the next.
    ///
    /// # Errors
    /// [`Failure`] of the last host.
    pub(super) async fn connect(&self) -> Result<(Client, Connection<Socket, NoTlsStream>), Failure> {
        let mut last = Failure::late();
        for host in &self.hosts {
            match timeout(self.patience, host.connect(NoTls)).await {
                Ok(Ok(connected)) => return Ok(connected),
                Ok(Err(error)) => last = error.into(),
                Err(_) => last = Failure::late(),
            }
        }
        Err(last)
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

/// Whether each host has its port, or all have the same one.
fn has_room_for_its_hosts(config: &Config) -> bool {
    let (hosts, addresses, ports) = (config.get_hosts().len(), config.get_hostaddrs().len(), config.get_ports().len());
    (hosts == 0 || addresses == 0 || hosts == addresses) && (ports <= 1 || ports == hosts.max(addresses))
}

/// The same, for one of its hosts.
fn alone(config: &Config, at: usize) -> Config {
    let mut one = Config::new();
    if let Some(user) = config.get_user() {
        one.user(user);
    }
    if let Some(password) = config.get_password() {
        one.password(password);
    }
    if let Some(database) = config.get_dbname() {
        one.dbname(database);
    }
    if let Some(options) = config.get_options() {
        one.options(options);
    }
    if let Some(application) = config.get_application_name() {
        one.application_name(application);
    }
    match config.get_hosts().get(at) {
        Some(Host::Tcp(host)) => {
            one.host(host);
        }
        Some(Host::Unix(path)) => {
            one.host_path(path);
        }
        None => {}
    }
    if let Some(address) = config.get_hostaddrs().get(at) {
        one.hostaddr(*address);
    }
    if let Some(port) = config.get_ports().get(at).or(config.get_ports().first()) {
        one.port(*port);
    }
    if let Some(limit) = config.get_connect_timeout() {
        one.connect_timeout(*limit);
    }
    if let Some(limit) = config.get_tcp_user_timeout() {
        one.tcp_user_timeout(*limit);
    }
    one.ssl_mode(config.get_ssl_mode())
        .keepalives(config.get_keepalives())
        .keepalives_idle(KEEPALIVE)
        .keepalives_interval(KEEPALIVE)
        .keepalives_retries(3)
        .target_session_attrs(config.get_target_session_attrs())
        .channel_binding(config.get_channel_binding())
        .load_balance_hosts(config.get_load_balance_hosts());
    one
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

/// Deadlines for one host: a name may stand for two addresses, and letting us in takes a few round trips.
const PATIENCE: u32 = 3;

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
    fn each_host_is_tried_by_itself_with_everything_that_was_said() {
        let address = parse("postgres://ann:secret@a:5433,b/hpcs?application_name=x&host=/run/pg&port=5434").unwrap();
        let host = |host: &Config| (host.get_hosts().to_vec(), host.get_ports().to_vec());
        let hosts: Vec<_> = address.hosts.iter().map(host).collect();
        let tcp = |name: &str| vec![Host::Tcp(name.to_owned())];
        let expected =
            [(tcp("a"), vec![5433]), (tcp("b"), vec![5432]), (vec![Host::Unix("/run/pg".into())], vec![5434])];
        assert_eq!(hosts, expected);
        for host in &address.hosts {
            assert_eq!((host.get_user(), host.get_password()), (Some("ann"), Some(&b"secret"[..])));
            assert_eq!((host.get_dbname(), host.get_application_name()), (Some("hpcs"), Some("x")));
            assert_eq!(host.get_target_session_attrs(), TargetSessionAttrs::ReadWrite);
        }
    }

    #[test]
    fn more_ports_than_hosts_are_refused() {
        assert!(parse("postgres://ann@a:1,b:2/hpcs?port=3").is_err());
    }

    #[test]
    fn tls_that_is_asked_for_is_not_silently_left_out() {
        let refusal = parse("postgres://ann:secret@a/hpcs?sslmode=require").err().unwrap_or(Unavailable(String::new()));
        assert!(refusal.0.contains("sslmode=require") && !refusal.0.contains("secret"));
    }
}
