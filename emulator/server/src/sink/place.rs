//! Which files are no place for events: those that the emulator itself lives on.

use std::fmt;
use std::fs;
use std::path::{self, Component, Path, PathBuf};

use crate::config::{Config, EventsTo, StorePlace};

/// The event file is one that the emulator needs for something else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TakenPlace {
    /// The event file.
    pub path: PathBuf,
    /// What the file is.
    pub what: &'static str,
}

/// Whether events may go where the configuration says.
///
/// # Errors
/// [`TakenPlace`].
pub(crate) fn check(config: &Config) -> Result<(), TakenPlace> {
    let EventsTo::File(rotation) = &config.events else { return Ok(()) };
    let events = settled(&rotation.path);
    let taken = |what| Err(TakenPlace { path: rotation.path.clone(), what });
    let is = |other: &Option<PathBuf>| other.as_ref().is_some_and(|other| settled(other) == events);
    let key_file = match &config.store.place {
        StorePlace::Memory => &None,
        StorePlace::Directory { path, key_file } => {
            if events.parent() == Some(&settled(path))
                && events.file_name().is_some_and(|name| is_own(&name.to_string_lossy()))
            {
                return taken("a file of the store in the data directory");
            }
            key_file
        }
        StorePlace::Postgres { key_file, .. } => &Some(key_file.clone()),
    };
    if is(key_file) {
        return taken("the file of the store key");
    }
    if is(&config.seed_file) {
        return taken("the seed file");
    }
    if is(&config.file) {
        return taken("the configuration file");
    }
    Ok(())
}

/// Whether a file of this name in a data directory is the store's.
fn is_own(name: &str) -> bool {
    name.starts_with("emulator.db") || name == "emulator.lock" || name.starts_with("store.key")
}

/// The one path of a file that has many: absolute, without links as far as it exists.
fn settled(path: &Path) -> PathBuf {
    let absolute = path::absolute(path).unwrap_or_else(|_| path.to_owned());
    for ancestor in absolute.ancestors() {
        if let (Ok(real), Ok(rest)) = (fs::canonicalize(ancestor), absolute.strip_prefix(ancestor)) {
            return rest.components().fold(real, joined);
        }
    }
    absolute
}

fn joined(mut path: PathBuf, component: Component<'_>) -> PathBuf {
    match component {
        Component::ParentDir => {
            path.pop();
        }
        Component::CurDir => {}
        other => path.push(other),
    }
    path
}

impl fmt::Display for TakenPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let TakenPlace { path, what } = self;
        write!(f, "events: {} is {what}; name another file with --events", path.display())
    }
}

impl std::error::Error for TakenPlace {}

#[cfg(test)]
mod tests {
    use tempfile::TempDir;

    use super::*;
    use crate::config::{Rotation, StoreConfig};

    fn config(directory: &Path, events: &str) -> Config {
        let place = StorePlace::Directory { path: directory.join("data"), key_file: Some(directory.join("key")) };
        Config {
            store: StoreConfig { place, ..StoreConfig::default() },
            seed_file: Some(directory.join("seed.yaml")),
            file: Some(directory.join("e.toml")),
            events: EventsTo::File(Rotation { path: directory.join(events), max_bytes: 1, keep: 1 }),
            ..Config::default()
        }
    }

    #[test]
    fn no_file_of_the_emulator_is_a_place_for_events() {
        let directory = TempDir::new().unwrap();
        // As long as the data directory is not there, and afterwards.
        for _ in 0..2 {
            for (events, what) in [
                ("data/emulator.db", "a file of the store"),
                ("data/emulator.db-wal", "a file of the store"),
                ("data/../data/./emulator.lock", "a file of the store"),
                ("data/store.key", "a file of the store"),
                ("key", "the file of the store key"),
                ("seed.yaml", "the seed file"),
                ("data/../e.toml", "the configuration file"),
            ] {
                let taken = check(&config(directory.path(), events)).unwrap_err().to_string();
                assert!(taken.contains(what) && taken.contains(events), "{taken}");
            }
            for events in ["data/events.ndjson", "emulator.db", "data/below/store.key"] {
                assert_eq!(check(&config(directory.path(), events)), Ok(()), "{events}");
            }
            let _ = fs::create_dir(directory.path().join("data"));
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_link_to_the_store_is_the_store() {
        let directory = TempDir::new().unwrap();
        fs::create_dir(directory.path().join("data")).unwrap();
        fs::write(directory.path().join("data/emulator.db"), "x").unwrap();
        std::os::unix::fs::symlink(directory.path().join("data"), directory.path().join("link")).unwrap();
        std::os::unix::fs::symlink(directory.path().join("data/emulator.db"), directory.path().join("log")).unwrap();
        for events in ["link/store.key", "log"] {
            assert!(check(&config(directory.path(), events)).is_err(), "{events}");
        }
    }
}
