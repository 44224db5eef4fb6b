//! A data directory: what a restart keeps, what is refused, and what the commands around a store do.
#![allow(clippy::unwrap_used, clippy::panic)]

mod support;

use std::ffi::OsString;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use clap::Parser;
use hpcs_emulator::cli::{self, Cli, Surroundings};
use hpcs_emulator::config::{EventsTo, Rotation, Settings, StoreConfig, StorePlace};
use hpcs_emulator::{Config, Emulator, Log, shell};
use hpcs_engine::{AuditMode, FeedStart};
use hpcs_ep11::{P521KeyPair, SigningKey};
use hpcs_service::document::moment_text;
use hpcs_service::{Authentication, EventScope, Instance, Operation, Origin, Refusal, Who};
use hpcs_store::{EventFilter, StoredEvent};
use hpcs_workstation::{Service, Signer, Token, UnitClient, trusted_roots};
use support::{MANAGER, READER};
use tempfile::TempDir;

/// A directory with room for a store and for what lies beside it.
struct Place(TempDir);

impl Place {
    fn new() -> Self {
        Place(TempDir::new().unwrap())
    }

    fn data(&self) -> PathBuf {
        self.0.path().join("data")
    }

    fn file(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// The default configuration over this directory.
    fn config(&self) -> Config {
        let place = StorePlace::Directory { path: self.data(), key_file: None };
        let store = StoreConfig { place, ..StoreConfig::default() };
        Config { listen: "127.0.0.1:0".parse().unwrap(), store, ..Config::default() }
    }

    async fn start(&self) -> Emulator {
        start(self.config()).await.unwrap()
    }

    async fn refusal(&self) -> String {
        start(self.config()).await.err().unwrap()
    }
}

/// In the world of the machine: nothing is the same after a restart that was not kept.
async fn start(config: Config) -> Result<Emulator, String> {
    start_with(config, Log::silent()).await
}

async fn start_with(config: Config, log: Log) -> Result<Emulator, String> {
    Emulator::start(config, shell::world(None).unwrap(), log).await.map_err(|error| error.to_string())
}

/// A file's configuration over this one.
fn described(text: &str) -> Config {
    let environment = hpcs_emulator::config::Environment::default();
    Config::resolve(Settings::default(), &environment, Some((Path::new("e.toml"), text))).unwrap()
}

/// A command without a token: it is refused and is an event.
async fn event(emulator: &Emulator) -> Refusal {
    let instance = &emulator.instances()[0];
    let payload = bytes::Bytes::from_static(support::ZEROIZE.as_bytes());
    let operation = Operation::submit(instance.id, instance.units[0].id, payload);
    let who = Who { authentication: emulator.engine().authenticate(None), origin: Origin::default() };
    emulator.engine().execute(who, operation).await.err().unwrap()
}

async fn events(emulator: &Emulator, count: usize) {
    for _ in 0..count {
        assert!(matches!(event(emulator).await, Refusal::Unauthenticated(_)));
    }
}

/// The whole log of the first instance.
async fn log(emulator: &Emulator) -> Vec<StoredEvent> {
    let engine = emulator.engine();
    let Instance { id, account, .. } = emulator.instances()[0].clone();
    let scope = EventScope::Instances { account, instances: vec![id] };
    let mut feed = engine.feed(scope, FeedStart::Beginning, EventFilter::default()).await.unwrap();
    let mut all = Vec::new();
    loop {
        let batch = feed.next(100).await.unwrap();
        all.extend(batch.events);
        if batch.caught_up {
            return all;
        }
    }
}

async fn sequences(emulator: &Emulator) -> Vec<u64> {
    log(emulator).await.into_iter().map(|event| event.sequence).collect()
}

async fn unit(emulator: &Emulator, token: Token) -> UnitClient {
    let service = Service::connect(&emulator.url()).unwrap().with_token(token);
    let instance = service.instances().await.unwrap()[0].id;
    let listed = service.crypto_units(instance).await.unwrap();
    UnitClient::connect(&service, instance, &listed[0], &trusted_roots()).await.unwrap()
}

async fn sign_in(emulator: &Emulator, api_key: &str) -> Result<Token, String> {
    let service = Service::connect(&emulator.url()).unwrap();
    service.issue_token(api_key).await.map(|issued| issued.token).map_err(|error| error.to_string())
}

struct Done {
    status: u8,
    out: String,
    err: String,
}

/// Runs a command; whoever asks the terminal for something gets `typed`.
async fn command(arguments: &[&str], typed: &str) -> Done {
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let surroundings = Surroundings {
        stdin: &mut &b""[..],
        stdout: &mut out,
        stderr: &mut err,
        read_hidden: &mut || Ok(zeroize::Zeroizing::new(typed.to_owned())),
        variables: Vec::<(OsString, OsString)>::new(),
        log: Log::silent(),
        interrupted: Box::new(|| Box::pin(std::future::pending())),
        world: shell::world,
    };
    let status = cli::run(Cli::try_parse_from([&["hpcs-emulator"], arguments].concat()).unwrap(), surroundings).await;
    Done { status, out: String::from_utf8(out).unwrap(), err: String::from_utf8(err).unwrap() }
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// A log to look into once everyone who has it is gone.
#[derive(Clone, Default)]
struct Told(Arc<Mutex<Vec<u8>>>);

impl Write for Told {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Told {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

#[tokio::test]
async fn a_restart_keeps_units_tokens_and_the_sequence() {
    let place = Place::new();
    let emulator = place.start().await;
    let bearer = sign_in(&emulator, MANAGER).await.unwrap().expose().to_owned();
    let alice = Signer::from(SigningKey::P521(P521KeyPair::from_scalar(&[51]).unwrap()));
    let before = unit(&emulator, Token::new(bearer.clone()).unwrap()).await;
    before.add_administrator("alice", &alice, &[]).await.unwrap();
    events(&emulator, 1).await;
    let written = log(&emulator).await;
    emulator.shutdown().await.unwrap();

    let emulator = place.start().await;
    let Authentication::Known(caller) = emulator.engine().authenticate(Some(&bearer)) else { panic!("not known") };
    assert_eq!(caller.claims().iam_id, "IBMid-270000EXM1");
    let after = unit(&emulator, Token::new(bearer).unwrap()).await;
    assert_eq!(after.info().serial, before.info().serial);
    assert_eq!(after.administrators().await.unwrap().len(), 1);
    events(&emulator, 1).await;
    let read = log(&emulator).await;
    assert_eq!(read[..2], written[..]);
    assert_eq!(read.iter().map(|event| event.sequence).collect::<Vec<_>>(), [1, 2, 3]);
    emulator.shutdown().await.unwrap();
}

#[tokio::test]
async fn the_start_tells_which_store_and_what_is_in_it() {
    let place = Place::new();
    let emulator = place.start().await;
    events(&emulator, 3).await;
    emulator.shutdown().await.unwrap();
    let mut config = place.config();
    config.api_keys.truncate(1);
    let emulator = start(config).await.unwrap();
    let store = format!("Store: SQLite file {}, 1 instance, 3 events", place.data().join("emulator.db").display());
    let keys = "API keys of the configuration: 1 do not count any more, 0 are new.".to_owned();
    assert_eq!(emulator.notices(), [store, keys]);
    emulator.shutdown().await.unwrap();
    let in_memory = Config { listen: "127.0.0.1:0".parse().unwrap(), ..Config::default() };
    let emulator = start(in_memory).await.unwrap();
    assert!(emulator.notices().is_empty());
    emulator.shutdown().await.unwrap();
}

#[tokio::test]
async fn an_api_key_that_is_not_configured_any_more_does_not_count_any_more() {
    let place = Place::new();
    let emulator = place.start().await;
    sign_in(&emulator, READER).await.unwrap();
    emulator.shutdown().await.unwrap();
    let mut config = place.config();
    config.api_keys.truncate(1);
    let emulator = start(config).await.unwrap();
    sign_in(&emulator, MANAGER).await.unwrap();
    assert!(sign_in(&emulator, READER).await.is_err());
    emulator.shutdown().await.unwrap();
}

#[tokio::test]
async fn a_data_directory_is_used_once_at_a_time() {
    let place = Place::new();
    let emulator = place.start().await;
    let refusal = place.refusal().await;
    assert!(refusal.contains(text(&place.data())) && refusal.contains("in use by another emulator"), "{refusal}");
    emulator.shutdown().await.unwrap();
    place.start().await.shutdown().await.unwrap();
}

#[tokio::test]
async fn a_data_directory_that_cannot_be_made_is_named() {
    let place = Place::new();
    fs::write(place.data(), "a file").unwrap();
    let refusal = place.refusal().await;
    assert!(refusal.contains(text(&place.data())), "{refusal}");
    let mut config = place.config();
    let below = place.data().join("below");
    config.store.place = StorePlace::Directory { path: below.clone(), key_file: None };
    let refusal = start(config).await.err().unwrap();
    assert!(refusal.contains(text(&below)), "{refusal}");
}

#[cfg(unix)]
#[tokio::test]
async fn a_read_only_data_directory_is_named() {
    use std::os::unix::fs::PermissionsExt as _;

    let place = Place::new();
    fs::create_dir(place.data()).unwrap();
    fs::set_permissions(place.data(), fs::Permissions::from_mode(0o500)).unwrap();
    if fs::write(place.data().join("probe"), "").is_ok() {
        eprintln!("skipped: this user, root perhaps, may write into a read-only directory");
        return;
    }
    let refusal = place.refusal().await;
    assert!(refusal.contains(text(&place.data())), "{refusal}");
}

#[tokio::test]
async fn without_its_key_or_with_another_one_a_store_is_not_opened() {
    let place = Place::new();
    place.start().await.shutdown().await.unwrap();
    let key = place.data().join("store.key");
    let kept = fs::read_to_string(&key).unwrap();
    assert_eq!((kept.len(), kept.ends_with('\n')), (65, true));

    fs::remove_file(&key).unwrap();
    let refusal = place.refusal().await;
    assert!(refusal.contains("store.key: it is gone"), "{refusal}");

    let other = Place::new();
    other.start().await.shutdown().await.unwrap();
    fs::copy(other.data().join("store.key"), &key).unwrap();
    let refusal = place.refusal().await;
    assert!(refusal.contains("the store key is another one"), "{refusal}");

    fs::write(&key, &kept).unwrap();
    place.start().await.shutdown().await.unwrap();
}

#[tokio::test]
async fn a_key_can_be_handed_in() {
    let place = Place::new();
    let key = place.file("key");
    fs::write(&key, "5a".repeat(32)).unwrap();
    #[cfg(unix)]
    fs::set_permissions(&key, std::os::unix::fs::PermissionsExt::from_mode(0o400)).unwrap();
    for _ in 0..2 {
        let mut config = place.config();
        config.store.place = StorePlace::Directory { path: place.data(), key_file: Some(key.clone()) };
        start(config).await.unwrap().shutdown().await.unwrap();
    }
    assert!(!place.data().join("store.key").exists());
}

#[tokio::test]
async fn a_configuration_that_contradicts_the_store_is_refused() {
    let place = Place::new();
    place.start().await.shutdown().await.unwrap();
    let config = Config { store: place.config().store, ..described("port = 0\n[[instance]]\nregion = 'eu-de'") };
    let refusal = start(config).await.err().unwrap();
    for said in ["e.toml:2: instance: region:", "eu-de", "us-south"] {
        assert!(refusal.contains(said), "{refusal}");
    }
    // It let go of the store.
    place.start().await.shutdown().await.unwrap();
}

#[tokio::test]
async fn the_event_file_goes_on_where_it_ended() {
    let place = Place::new();
    let path = place.file("events.ndjson");
    for run in 1..=3 {
        let events_to = EventsTo::File(Rotation { path: path.clone(), max_bytes: 1 << 20, keep: 1 });
        let emulator = start(Config { events: events_to, ..place.config() }).await.unwrap();
        events(&emulator, 2).await;
        let expected = log(&emulator).await;
        emulator.shutdown().await.unwrap();
        let written = fs::read(&path).unwrap();
        let lines: Vec<&[u8]> = written.split_inclusive(|byte| *byte == b'\n').map(|line| line.trim_ascii()).collect();
        assert_eq!(lines.len(), 2 * run);
        assert_eq!(lines, expected.iter().map(|event| &event.line[..]).collect::<Vec<_>>());
    }
    // A file of another name has no position yet.
    let other = place.file("others.ndjson");
    let events_to = EventsTo::File(Rotation { path: other.clone(), max_bytes: 1 << 20, keep: 1 });
    start(Config { events: events_to, ..place.config() }).await.unwrap().shutdown().await.unwrap();
    assert_eq!(fs::read(&other).unwrap(), fs::read(&path).unwrap());
}

#[tokio::test]
async fn retention_and_the_hash_chain_reach_the_store() {
    let place = Place::new();
    let with = |keep: Option<u64>, chained| {
        let mut config = place.config();
        config.store.retention.events = keep;
        config.store.hash_chain = chained;
        config
    };
    let emulator = start(with(None, true)).await.unwrap();
    events(&emulator, 40).await;
    assert!(log(&emulator).await.iter().all(|event| event.digest.is_some()));
    emulator.shutdown().await.unwrap();
    let emulator = start(with(Some(16), true)).await.unwrap();
    events(&emulator, 2).await;
    let kept = sequences(&emulator).await;
    assert!((16..=17).contains(&kept.len()) && kept.last() == Some(&42), "{kept:?}");
    emulator.shutdown().await.unwrap();
    let Done { status, out, err } = command(&["store", "check", "--data-dir", text(&place.data())], "").await;
    assert_eq!(status, 0, "{out}{err}");
}

#[tokio::test]
async fn check_finds_nothing_in_a_store_that_is_whole_and_every_change_of_an_event() {
    let place = Place::new();
    let mut config = place.config();
    config.store.hash_chain = true;
    let emulator = start(config).await.unwrap();
    events(&emulator, 5).await;
    emulator.shutdown().await.unwrap();
    let data = place.data();
    let check = ["store", "check", "--data-dir", text(&data)];
    let Done { status, out, .. } = command(&check, "").await;
    assert!(status == 0 && out.starts_with("0 findings in ") && out.contains("5 events"), "{out}");

    let database = rusqlite::Connection::open(data.join("emulator.db")).unwrap();
    let change = "UPDATE events SET line = CAST(replace(CAST(line AS TEXT), 'failure', 'success') AS BLOB) WHERE id = \
                  (SELECT id FROM events ORDER BY id LIMIT 1 OFFSET 2)";
    assert_eq!(database.execute(change, []).unwrap(), 1);
    drop(database);
    let Done { status, out, .. } = command(&check, "").await;
    assert_eq!(status, 1);
    assert!(out.contains("event 3 "), "{out}");
}

#[tokio::test]
async fn check_finds_a_unit_that_is_missing() {
    let place = Place::new();
    place.start().await.shutdown().await.unwrap();
    let database = rusqlite::Connection::open(place.data().join("emulator.db")).unwrap();
    let gone = "DELETE FROM records WHERE id = (SELECT min(id) FROM records WHERE name LIKE 'unit/%')";
    assert_eq!(database.execute(gone, []).unwrap(), 1);
    drop(database);
    let Done { status, out, .. } = command(&["store", "check", "--data-dir", text(&place.data())], "").await;
    assert_eq!((status, out.matches(": there is no record").count()), (1, 1), "{out}");
}

#[tokio::test]
async fn info_tells_instances_and_logs() {
    let place = Place::new();
    let emulator = place.start().await;
    events(&emulator, 3).await;
    let id = emulator.instances()[0].id.to_string();
    emulator.shutdown().await.unwrap();
    let Done { status, out, err } = command(&["store", "info", "--data-dir", text(&place.data())], "").await;
    assert_eq!(status, 0, "{err}");
    for said in ["emulator.db", "schema version", &id, "us-south", "3 events, 1 to 3"] {
        assert!(out.contains(said), "{said}: {out}");
    }
}

#[tokio::test]
async fn commands_about_a_store_want_one_that_is_there() {
    let place = Place::new();
    for arguments in [&["store", "check"][..], &["store", "info"], &["export"]] {
        let Done { status, err, .. } = command(arguments, "").await;
        assert!(status == 2 && err.contains("--data-dir"), "{err}");
        let data = place.data();
        let named = [arguments, &["--data-dir", text(&data)]].concat();
        let Done { status, err, .. } = command(&named, "").await;
        assert!(status == 2 && err.contains("holds no store"), "{err}");
    }
    assert!(!place.data().exists());
}

#[tokio::test]
async fn an_exported_instance_goes_on_elsewhere_with_the_next_sequence_number() {
    let place = Place::new();
    let emulator = place.start().await;
    events(&emulator, 3).await;
    let written = log(&emulator).await;
    emulator.shutdown().await.unwrap();
    let Done { status, out, err } = command(&["export", "--data-dir", text(&place.data())], "pass").await;
    assert_eq!(status, 0, "{err}");
    assert!(err.contains("Re-enter"), "{err}");
    let file = place.file("instance.ndjson");
    fs::write(&file, &out).unwrap();

    let other = Place::new();
    let data = other.data();
    let import = ["import", "--data-dir", text(&data), text(&file)];
    let Done { status, err, .. } = command(&import, "wrong").await;
    assert!(status == 2 && err.contains("the passphrase does not fit"), "{err}");
    let Done { status, err, .. } = command(&import, "pass").await;
    assert!(status == 0 && err.contains("imported with 3 events; the next one is 4"), "{err}");
    let Done { status, err, .. } = command(&import, "pass").await;
    assert!(status == 1 && err.contains("is here already"), "{err}");

    let emulator = other.start().await;
    events(&emulator, 1).await;
    let read = log(&emulator).await;
    assert_eq!((&read[..3], read[3].sequence), (&written[..], 4));
    emulator.shutdown().await.unwrap();
}

#[tokio::test]
async fn secrets_leave_in_the_clear_only_when_asked_for_in_so_many_words() {
    let place = Place::new();
    place.start().await.shutdown().await.unwrap();
    let data = place.data();
    let passphrase = place.file("passphrase");
    fs::write(&passphrase, "pass\n").unwrap();
    let sealed = command(&["export", "--data-dir", text(&data), "--passphrase-file", text(&passphrase)], "").await;
    assert!(sealed.status == 0 && sealed.out.contains("\"kdf\":\"pbkdf2-hmac-sha256\""), "{}", sealed.err);
    let clear = command(&["export", "--data-dir", text(&data), "--secrets-in-the-clear"], "").await;
    assert!(clear.status == 0 && clear.out.contains("\"sealed\":null"), "{}", clear.err);
    let both = ["hpcs-emulator", "export", "--secrets-in-the-clear", "--passphrase-file", "x"];
    assert!(Cli::try_parse_from(both).is_err());
}

#[tokio::test]
async fn a_store_that_refuses_is_told_once_and_so_is_its_recovery() {
    let place = Place::new();
    let told = Told::default();
    let emulator = start_with(place.config(), Log::new(told.clone())).await.unwrap();
    let other = rusqlite::Connection::open(place.data().join("emulator.db")).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    for _ in 0..2 {
        let refusal = event(&emulator).await;
        assert!(matches!(&refusal, Refusal::StoreUnavailable(why) if why.contains("emulator.db")), "{refusal}");
    }
    other.execute_batch("ROLLBACK").unwrap();
    assert!(matches!(event(&emulator).await, Refusal::Unauthenticated(_)));
    assert_eq!(sequences(&emulator).await, [1]);
    emulator.shutdown().await.unwrap();
    let told = told.text();
    assert_eq!(told.matches("THE STORE REFUSES WORK: SQLite file ").count(), 1, "{told}");
    assert!(told.contains("the store works again; 2 calls were refused meanwhile"), "{told}");
}

#[tokio::test]
async fn with_fail_open_what_changes_nothing_is_answered_and_the_lost_event_is_told() {
    let place = Place::new();
    let told = Told::default();
    let mut config = place.config();
    config.store.audit_mode = AuditMode::FailOpen;
    let emulator = start_with(config, Log::new(told.clone())).await.unwrap();
    let other = rusqlite::Connection::open(place.data().join("emulator.db")).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    assert!(matches!(event(&emulator).await, Refusal::Unauthenticated(_)));
    other.execute_batch("ROLLBACK").unwrap();
    while !told.text().contains("EVENTS ARE LOST: 1 more, 1 in all") {
        tokio::task::yield_now().await;
    }
    assert!(sequences(&emulator).await.is_empty());
    emulator.shutdown().await.unwrap();
}

#[tokio::test]
async fn a_seed_file_is_a_beginning_and_not_a_rule() {
    let place = Place::new();
    let seed = place.file("seed.yaml");
    let yaml = "version: 1\nstart: 2026-03-01T08:00:00Z\ninstances:\n  - region: eu-de\napi_keys:\n  - key: my-key\n    \
                iam_id: IBMid-270000EXM9\n    roles: [Manager]\n";
    fs::write(&seed, yaml).unwrap();
    let config = || Config { seed_file: Some(seed.clone()), ..place.config() };
    let day = |emulator: &Emulator| moment_text(emulator.engine().clock().state().now).split_at(10).0.to_owned();

    let emulator = start(config()).await.unwrap();
    assert_eq!((emulator.instances().len(), emulator.instances()[0].region.as_str()), (1, "eu-de"));
    assert_eq!(day(&emulator), "2026-03-01");
    sign_in(&emulator, "my-key").await.unwrap();
    assert!(sign_in(&emulator, MANAGER).await.is_err());
    emulator.shutdown().await.unwrap();

    // The store goes on at its own time.
    let emulator = start(config()).await.unwrap();
    assert_ne!(day(&emulator), "2026-03-01");
    sign_in(&emulator, "my-key").await.unwrap();
    emulator.shutdown().await.unwrap();

    fs::write(&seed, yaml.replace("eu-de", "mars")).unwrap();
    let fault = start(Config { seed_file: Some(seed.clone()), ..Config::default() }).await.err().unwrap();
    assert!(fault.starts_with(&format!("{}:4:", seed.display())), "{fault}");
}

#[tokio::test]
async fn events_do_not_go_into_a_file_of_something_else() {
    let place = Place::new();
    place.start().await.shutdown().await.unwrap();
    let (data, notes) = (place.data(), place.file("notes.txt"));
    fs::write(&notes, "one line").unwrap();
    let database = data.join("emulator.db");
    let before = fs::read(&database).unwrap();
    for (events, why) in [(&database, "a file of the store"), (&notes, "something else than events")] {
        let serve = ["serve", "--port", "0", "--data-dir", text(&data), "--events", text(events)];
        let Done { status, err, .. } = command(&serve, "").await;
        assert!(status == 2 && err.contains(why) && err.contains(text(events)), "{err}");
    }
    assert_eq!((fs::read(&database).unwrap(), fs::read_to_string(&notes).unwrap()), (before, "one line".to_owned()));
}

#[tokio::test]
async fn a_purge_is_answered_when_the_events_are_in_the_file() {
    let place = Place::new();
    let path = place.file("events.ndjson");
    let events_to = EventsTo::File(Rotation { path: path.clone(), max_bytes: 1 << 20, keep: 1 });
    let emulator = start(Config { events: events_to, ..place.config() }).await.unwrap();
    events(&emulator, 30).await;
    let id = emulator.instances()[0].id.to_string();
    let delete = ["instance", "delete", &id, "--purge", "--server", &emulator.url()];
    let Done { status, err, .. } = command(&delete, "").await;
    assert_eq!(status, 0, "{err}");
    assert_eq!(fs::read_to_string(&path).unwrap().lines().count(), 30);
    emulator.shutdown().await.unwrap();
}

#[tokio::test]
async fn a_command_repeats_what_the_emulator_says_of_its_store() {
    let place = Place::new();
    let emulator = place.start().await;
    let other = rusqlite::Connection::open(place.data().join("emulator.db")).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let Done { status, err, .. } = command(&["instance", "create", "--server", &emulator.url()], "").await;
    assert!(status == 1 && err.contains("emulator.db") && !err.contains("there is no emulator"), "{err}");
    other.execute_batch("ROLLBACK").unwrap();
    let url = emulator.url();
    emulator.shutdown().await.unwrap();
    let Done { status, err, .. } = command(&["instance", "list", "--server", &url], "").await;
    assert!(status == 1 && err.contains("there is no emulator at"), "{err}");
}

#[tokio::test]
async fn a_clock_behind_the_events_is_told() {
    let place = Place::new();
    let told = Told::default();
    let emulator = start_with(place.config(), Log::new(told.clone())).await.unwrap();
    events(&emulator, 1).await;
    let set = ["clock", "set", "2020-01-01T00:00:00Z", "--server", &emulator.url()];
    assert_eq!(command(&set, "").await.status, 0);
    emulator.shutdown().await.unwrap();
    assert!(told.text().contains("Clock: it is 2020-01-01T00:00:"), "{}", told.text());

    let reproducible = shell::world(Some(7)).unwrap();
    let emulator = Emulator::start(place.config(), reproducible, Log::silent()).await.unwrap();
    let notices = emulator.notices().join("\n");
    assert!(notices.contains("Clock: it is 2026-01-01T00:00:00"), "{notices}");
    emulator.shutdown().await.unwrap();
    let emulator = start(Place::new().config()).await.unwrap();
    assert_eq!(emulator.notices().len(), 1);
    emulator.shutdown().await.unwrap();
}

/// Closed by its reader.
struct Closed;

impl Write for Closed {
    fn write(&mut self, _: &[u8]) -> io::Result<usize> {
        Err(io::ErrorKind::BrokenPipe.into())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn a_check_that_nobody_reads_keeps_its_verdict() {
    let place = Place::new();
    place.start().await.shutdown().await.unwrap();
    let check = || async {
        let data = place.data();
        let surroundings = Surroundings {
            stdin: &mut &b""[..],
            stdout: &mut Closed,
            stderr: &mut io::sink(),
            read_hidden: &mut || Err(io::Error::other("no terminal")),
            variables: Vec::new(),
            log: Log::silent(),
            interrupted: Box::new(|| Box::pin(std::future::pending())),
            world: shell::world,
        };
        let arguments = ["hpcs-emulator", "store", "check", "--data-dir", text(&data)];
        cli::run(Cli::try_parse_from(arguments).unwrap(), surroundings).await
    };
    assert_eq!(check().await, 0);
    let database = rusqlite::Connection::open(place.data().join("emulator.db")).unwrap();
    database.execute("DELETE FROM records WHERE name LIKE 'unit/%'", []).unwrap();
    drop(database);
    assert_eq!(check().await, 1);
}

#[tokio::test]
async fn info_says_when_the_key_is_another_one() {
    let (place, other) = (Place::new(), Place::new());
    place.start().await.shutdown().await.unwrap();
    other.start().await.shutdown().await.unwrap();
    let (data, key) = (place.data(), other.data().join("store.key"));
    let info = ["store", "info", "--data-dir", text(&data), "--store-key-file", text(&key)];
    let Done { status, out, err } = command(&info, "").await;
    assert!(status == 1 && err.contains("the store key is another one"), "{err}");
    assert!(out.contains("us-south"), "{out}");
}

#[tokio::test]
async fn a_database_that_was_emptied_is_told() {
    let place = Place::new();
    place.start().await.shutdown().await.unwrap();
    fs::write(place.data().join("emulator.db"), "").unwrap();
    let told = Told::default();
    start_with(place.config(), Log::new(told.clone())).await.unwrap().shutdown().await.unwrap();
    assert!(told.text().contains("emulator.db is empty"), "{}", told.text());
}

#[cfg(unix)]
fn fifo(place: &Place, name: &str) -> PathBuf {
    let path = place.file(name);
    assert!(std::process::Command::new("mkfifo").arg(&path).status().unwrap().success());
    path
}

#[cfg(unix)]
#[tokio::test]
async fn a_fifo_without_a_reader_is_told_and_waited_for() {
    let place = Place::new();
    let path = fifo(&place, "events");
    let told = Told::default();
    let (seen, reading) = (told.clone(), path.clone());
    let reader = std::thread::spawn(move || {
        while !seen.text().contains("a FIFO waits for somebody who reads it") {
            std::thread::yield_now();
        }
        fs::read_to_string(reading).unwrap()
    });
    let events_to = EventsTo::File(Rotation { path, max_bytes: 1 << 20, keep: 1 });
    let emulator = start_with(Config { events: events_to, ..place.config() }, Log::new(told)).await.unwrap();
    events(&emulator, 2).await;
    emulator.shutdown().await.unwrap();
    assert_eq!(reader.join().unwrap().lines().count(), 2);
}

#[cfg(unix)]
#[tokio::test]
async fn an_import_reads_its_file_once() {
    let place = Place::new();
    place.start().await.shutdown().await.unwrap();
    let Done { status, out, err } = command(&["export", "--data-dir", text(&place.data())], "pass").await;
    assert_eq!(status, 0, "{err}");
    let (other, path) = (Place::new(), fifo(&place, "instance"));
    let writing = path.clone();
    let writer = std::thread::spawn(move || fs::write(writing, out).unwrap());
    let Done { status, err, .. } = command(&["import", "--data-dir", text(&other.data()), text(&path)], "pass").await;
    assert_eq!(status, 0, "{err}");
    writer.join().unwrap();
}
