//! Settings that every source can give.

use std::net::{IpAddr, SocketAddr};
use std::num::{NonZeroU32, NonZeroUsize};
use std::path::PathBuf;

use super::{ConfigError, EventsTo, ListingName, RewrapTime, Rotation, StoreSettings, TlsSettings, defaults};

/// What one source says, as far as it says something.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    /// Address without port.
    pub ip: Option<IpAddr>,
    /// Port.
    pub port: Option<u16>,
    /// Whether callers count as coming from the private network.
    pub private: Option<bool>,
    /// The number of a reproducible run.
    pub seed: Option<u64>,
    /// A file, or `-` for standard output.
    pub events: Option<PathBuf>,
    /// Greatest size of the event file in bytes.
    pub events_max_bytes: Option<u64>,
    /// Renamed event files that are kept.
    pub events_keep: Option<u32>,
    /// What is there from the beginning.
    pub seed_file: Option<PathBuf>,
    /// Where state and events are kept.
    pub store: StoreSettings,
    /// Connections that are open at once.
    pub connections: Option<NonZeroUsize>,
    /// TLS on the listener.
    pub tls: TlsSettings,
    /// Who may list crypto units.
    pub tke_listing: Option<ListingName>,
    /// How long a rotation wraps key storage anew, by the emulator's clock.
    pub rewrap_time: Option<RewrapTime>,
    /// Whether cryptographic calls without TLS need no token.
    pub grep11_local: Option<bool>,
    /// How many cryptographic calls a crypto unit takes a second.
    pub requests_per_second: Option<NonZeroU32>,
}

impl Settings {
    /// These settings with an address and a port; within one source the port of its own counts.
    #[must_use]
    pub fn listening(self, address: Option<SocketAddr>, port: Option<u16>) -> Self {
        Settings {
            ip: address.map(|address| address.ip()),
            port: port.or(address.map(|address| address.port())),
            ..self
        }
    }

    /// These settings, and where they say nothing those of a weaker source.
    #[must_use]
    pub fn or(self, weaker: Self) -> Self {
        Settings {
            ip: self.ip.or(weaker.ip),
            port: self.port.or(weaker.port),
            private: self.private.or(weaker.private),
            seed: self.seed.or(weaker.seed),
            events: self.events.or(weaker.events),
            events_max_bytes: self.events_max_bytes.or(weaker.events_max_bytes),
            events_keep: self.events_keep.or(weaker.events_keep),
            seed_file: self.seed_file.or(weaker.seed_file),
            store: self.store.or(weaker.store),
            connections: self.connections.or(weaker.connections),
            tls: self.tls.or(weaker.tls),
            tke_listing: self.tke_listing.or(weaker.tke_listing),
            rewrap_time: self.rewrap_time.or(weaker.rewrap_time),
            grep11_local: self.grep11_local.or(weaker.grep11_local),
            requests_per_second: self.requests_per_second.or(weaker.requests_per_second),
        }
    }

    pub(super) fn address(&self) -> SocketAddr {
        SocketAddr::new(self.ip.unwrap_or(defaults::IP), self.port.unwrap_or(defaults::PORT))
    }

    pub(super) fn events_to(&self) -> Result<EventsTo, ConfigError> {
        Ok(match &self.events {
            None if self.events_max_bytes.is_some() || self.events_keep.is_some() => {
                return Err(ConfigError::Contradiction {
                    keys: "events.keep or events.max_bytes without events.to",
                    why: "they are about the event file; add --events FILE, or drop --events-keep and --events-max-bytes",
                });
            }
            None => EventsTo::Log,
            Some(path) if path.as_os_str() == "-" => EventsTo::Stdout,
            Some(path) => EventsTo::File(Rotation {
                path: path.clone(),
                max_bytes: self.events_max_bytes.unwrap_or(defaults::MAX_BYTES),
                keep: self.events_keep.unwrap_or(defaults::KEEP),
            }),
        })
    }
}
