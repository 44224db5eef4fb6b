//! The URL of a database: a secret as soon as it has a password.

use std::fmt;
use std::str::FromStr;

use zeroize::Zeroizing;

/// The URL of a PostgreSQL database. Shown, it has neither password nor parameters.
#[derive(Clone, PartialEq, Eq)]
pub struct DatabaseUrl(Zeroizing<String>);

impl DatabaseUrl {
    /// All of it, password included: for the connection and nothing else.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl FromStr for DatabaseUrl {
    type Err = DatabaseUrlError;

    fn from_str(text: &str) -> Result<Self, DatabaseUrlError> {
        let rest = SCHEMES.iter().find_map(|scheme| text.strip_prefix(scheme)).ok_or(DatabaseUrlError)?;
        if rest.is_empty() { Err(DatabaseUrlError) } else { Ok(DatabaseUrl(Zeroizing::new(text.to_owned()))) }
    }
}

/// Scheme, user, hosts and database. Where an odd character before the last `@` leaves open what is password, the rest
/// is left out.
impl fmt::Display for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = self.0.as_str();
        let (scheme, rest) = text.split_once("://").unwrap_or(("postgres", ""));
        let (user, rest) = match rest.rsplit_once('@') {
            Some((user, _)) if user.contains(['/', '?', '#']) => return write!(f, "{scheme}://..."),
            Some((user, rest)) => (user.split(':').next().unwrap_or_default(), rest),
            None => ("", rest),
        };
        let place = rest.split(['?', '#']).next().unwrap_or_default();
        let at = if user.is_empty() { "" } else { "@" };
        write!(f, "{scheme}://{user}{at}{place}")
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The text is not the URL of a PostgreSQL database. It is not repeated: it may hold a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DatabaseUrlError;

impl fmt::Display for DatabaseUrlError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "it is not the URL of a PostgreSQL database, such as postgres://user:password@host:5432/database; \
             a store in a SQLite file is asked for with --data-dir, and without both it is in memory",
        )
    }
}

impl std::error::Error for DatabaseUrlError {}

const SCHEMES: [&str; 2] = ["postgres://", "postgresql://"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_never_shown() {
        for (url, shown) in [
            ("postgres://db.example.com/hpcs", "postgres://db.example.com/hpcs"),
            ("postgres://hpcs@db:5433/hpcs", "postgres://hpcs@db:5433/hpcs"),
            ("postgresql://hpcs:secret@db/hpcs?sslmode=disable", "postgresql://hpcs@db/hpcs"),
            ("postgres://hpcs:sec@ret@db/hpcs", "postgres://hpcs@db/hpcs"),
            ("postgres://hpcs:sec/ret?@db/hpcs", "postgres://..."),
            ("postgres://db/hpcs?password=sec@ret", "postgres://..."),
            ("postgres://hpcs:se:cret@a,b:1/hpcs", "postgres://hpcs@a,b:1/hpcs"),
            ("postgres://:secret@db/hpcs", "postgres://db/hpcs"),
            ("postgres:///hpcs?host=/run/postgresql&password=secret", "postgres:///hpcs"),
            ("postgres://db/hpcs#secret", "postgres://db/hpcs"),
        ] {
            let parsed: DatabaseUrl = url.parse().unwrap();
            assert_eq!(parsed.expose(), url);
            assert_eq!((parsed.to_string(), format!("{parsed:?}")), (shown.to_owned(), shown.to_owned()));
        }
    }

    #[test]
    fn what_is_not_a_postgres_url_is_refused_and_not_repeated() {
        for text in ["", "postgres", "postgres://", "mysql://u:secret@h/d", "sqlite:/tmp", "memory"] {
            let error = text.parse::<DatabaseUrl>().unwrap_err();
            assert!(!error.to_string().contains("secret"));
        }
    }
}
