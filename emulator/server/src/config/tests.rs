use std::ffi::OsString;
use std::num::NonZeroU32;
use std::time::Duration;

use hpcs_engine::AuditMode;
use hpcs_hsm::Profile;
use hpcs_service::{Plan, RandomKeyEvent, Role};
use hpcs_store::Retention;

use super::*;

fn environment(variables: &[(&str, &str)]) -> Result<Environment, ConfigError> {
    Environment::new(variables.iter().map(|(name, value)| (OsString::from(name), OsString::from(value))))
}

fn resolve(flags: Settings, variables: &[(&str, &str)], file: &str) -> Result<Config, String> {
    let resolved = environment(variables)
        .and_then(|environment| Config::resolve(flags, &environment, Some((Path::new("e.toml"), file))));
    resolved.map_err(|error| error.to_string())
}

fn file(text: &str) -> Result<Config, String> {
    resolve(Settings::default(), &[], text)
}

fn fault(text: &str) -> String {
    match file(text) {
        Ok(_) => panic!("accepted: {text}"),
        Err(fault) => fault,
    }
}

#[test]
fn nothing_said_is_the_default() {
    let config = Config::resolve(Settings::default(), &Environment::default(), None).unwrap();
    assert_eq!(config.listen.to_string(), "127.0.0.1:9876");
    assert_eq!((config.private, config.seed, &config.events), (false, None, &EventsTo::Log));
    assert_eq!(config.style, Style::default());
    let [instance] = &config.instances[..] else { panic!("not one instance") };
    assert_eq!(
        (instance.spec.region.as_str(), instance.spec.operational, instance.spec.recovery),
        ("us-south", 2, true)
    );
    let keys: Vec<_> = config.api_keys.iter().map(|entry| (entry.key.digest(), &entry.identity.roles[..])).collect();
    let digest = |key: &str| ApiKey::new(key.to_owned()).digest();
    let administers = &[Role::Manager, Role::CryptoUnitAdministrator, Role::EventReader, Role::EmulatorOperator][..];
    let reads = &[Role::Reader, Role::EventReader][..];
    assert_eq!(keys, [(digest(DEFAULT_API_KEY), administers), (digest(DEFAULT_READER_KEY), reads)]);
}

#[test]
fn flags_beat_variables_and_variables_beat_the_file() {
    let text = "listen = '10.0.0.1:1'\nseed = 1\n[events]\nto = 'file'\nmax_bytes = 10\nkeep = 1\nevent_id = true\n";
    let variables = [
        ("HPCS_EMULATOR_PORT", "2"),
        ("HPCS_EMULATOR_SEED", "2"),
        ("HPCS_EMULATOR_EVENTS_KEEP", "2"),
        ("HPCS_EMULATOR_EVENTS_EVENT_ID", "false"),
        ("HPCS_EMULATOR_EVENTS_LOOPBACK_AS", "::2"),
        ("HPCS_EMULATOR_EVENTS", ""),
        ("PATH", "/bin"),
    ];
    let flags = Settings { seed: Some(3), ..Settings::default() };
    let config = resolve(flags, &variables, text).unwrap();
    assert_eq!(config.listen.to_string(), "10.0.0.1:2");
    assert_eq!(config.seed, Some(3));
    assert_eq!(config.events, EventsTo::File(Rotation { path: "file".into(), max_bytes: 10, keep: 2 }));
    assert_eq!((config.style.event_id, config.style.loopback_as), (false, "::2".parse().unwrap()));
}

#[test]
fn the_store_is_put_together_from_every_source() {
    let text = "data_dir = 'a'\nseed_file = 'seed.yaml'\n[store]\nkeep_events = 10\nkeep_age = '30d'\n\
                keep_bytes = 1000\nhash_chain = false\ncommit_deadline = '2s'\naudit_mode = 'fail_open'";
    let variables = [
        ("HPCS_EMULATOR_DATA_DIR", "b"),
        ("HPCS_EMULATOR_STORE_KEEP_EVENTS", "20"),
        ("HPCS_EMULATOR_STORE_HASH_CHAIN", "true"),
        ("HPCS_EMULATOR_STORE_AUDIT_MODE", "fail_closed"),
    ];
    let store = StoreSettings { data_dir: Some("c".into()), ..StoreSettings::default() };
    let config = resolve(Settings { store, ..Settings::default() }, &variables, text).unwrap();
    let month = Duration::from_secs(30 * 86_400);
    assert_eq!(
        config.store,
        StoreConfig {
            place: StorePlace::Directory { path: "c".into(), key_file: None },
            retention: Retention { events: Some(20), age: Some(month), bytes: Some(1000) },
            hash_chain: true,
            commit_deadline: Some(Duration::from_secs(2)),
            replica: None,
            audit_mode: AuditMode::FailClosed,
        }
    );
    assert_eq!(config.seed_file, Some("seed.yaml".into()));
}

#[test]
fn the_authority_is_kept_beside_the_data_unless_something_else_is_said() {
    let tls = |text: &str| file(text).unwrap().tls;
    assert_eq!(tls(""), TlsConfig { mode: TlsMode::Auto, directory: None });
    assert_eq!(tls("data_dir = 'd'"), TlsConfig { mode: TlsMode::Auto, directory: Some("d".into()) });
    let said = tls("data_dir = 'd'\n[tls]\nmode = 'required'\ndirectory = 'e'");
    assert_eq!(said, TlsConfig { mode: TlsMode::Required, directory: Some("e".into()) });
    let variable = [("HPCS_EMULATOR_TLS", "off")];
    assert_eq!(resolve(Settings::default(), &variable, "").unwrap().tls.mode, TlsMode::Off);
    assert!(fault("[tls]\nmode = 'on'").starts_with("e.toml:2: tls.mode: it is none of auto, required, off"));
    assert!(fault("connections = 0").starts_with("e.toml:1: connections: "));
    let managers = file("[tke]\nlisting = 'managers'").unwrap().knobs.tke_listing;
    assert_eq!(managers, hpcs_service::ListingRoles::Managers);
    assert!(fault("[tke]\nlisting = 'all'").starts_with("e.toml:2: tke.listing: it is neither"));
}

#[test]
fn the_rewrap_time_is_nothing_unless_said() {
    let text = "[rotation]\nrewrap_time = '90m'";
    let of = |variables: &[(&str, &str)], text: &str| {
        resolve(Settings::default(), variables, text).map(|config| config.knobs.rewrap_time)
    };
    assert_eq!(of(&[], ""), Ok(Duration::ZERO));
    assert_eq!(of(&[], text), Ok(Duration::from_secs(5400)));
    assert_eq!(of(&[("HPCS_EMULATOR_ROTATION_REWRAP_TIME", "0s")], text), Ok(Duration::ZERO));
    assert!(fault("[rotation]\nrewrap_time = '1w'").starts_with("e.toml:2: rotation.rewrap_time: "));
    assert!(fault("[rotation]\nrewraptime = '1s'").contains("rewrap_time"));
}

#[test]
fn what_cryptographic_calls_need_and_how_many_there_may_be_is_set_in_the_file_and_in_the_environment() {
    let text = "[grep11]\nlocal = true\nrequests_per_second = 500";
    let of = |variables: &[(&str, &str)], text: &str| {
        let knobs = resolve(Settings::default(), variables, text)?.knobs;
        Ok::<_, String>((knobs.local_client.is_some(), knobs.requests_per_second.map(NonZeroU32::get)))
    };
    let variables = [("HPCS_EMULATOR_GREP11_LOCAL", "false"), ("HPCS_EMULATOR_GREP11_REQUESTS_PER_SECOND", "7")];
    assert_eq!(of(&[], ""), Ok((false, None)));
    assert_eq!(of(&[], text), Ok((true, Some(500))));
    assert_eq!(of(&variables, text), Ok((false, Some(7))));
    assert!(fault("[grep11]\nrequests_per_second = 0").contains("grep11.requests_per_second"));
}

#[test]
fn settings_without_what_they_are_about_are_refused_by_name() {
    for (text, names) in [
        ("[events]\nkeep = 3", "events.keep or events.max_bytes without events.to: "),
        ("[events]\nmax_bytes = 3", "events.keep or events.max_bytes without events.to: "),
        ("[store]\ncommit_deadline = '2s'", "store.commit_deadline without data_dir or store.url: "),
        ("[store]\nreplica = 'a'", "store.replica without store.url: "),
        ("data_dir = 'd'\n[store]\nreplica = 'a'", "store.replica without store.url: "),
    ] {
        assert!(fault(text).starts_with(names), "{}", fault(text));
    }
    let flags = Settings { events_keep: Some(1), ..Settings::default() };
    assert!(resolve(flags, &[], "").err().unwrap().contains("--events-keep"));
}

#[test]
fn replicas_that_write_events_need_names() {
    let database = "[store]\nurl = 'postgres://h/d'\nkey_file = 'k'\n";
    let needed = |text: &str| file(text).unwrap().check_replica().map_err(|error| error.to_string());
    let fault = needed(&format!("{database}[events]\nto = '-'")).unwrap_err();
    assert!(fault.starts_with("store.url and events.to without store.replica: ") && fault.contains("--replica"));
    assert_eq!(needed(&format!("{database}replica = 'a'\n[events]\nto = '-'")), Ok(()));
    assert_eq!(needed(database), Ok(()));
    assert_eq!(needed("data_dir = 'd'\n[events]\nto = '-'"), Ok(()));
    let variable = [("HPCS_EMULATOR_STORE_REPLICA", "node-1")];
    let config = resolve(Settings::default(), &variable, database).unwrap();
    assert_eq!(config.store.replica, Some("node-1".parse().unwrap()));
}

#[test]
fn a_wrong_database_url_is_not_repeated() {
    let variable = [("HPCS_EMULATOR_STORE", "mysql://u:secret@h/d")];
    let from_variable = resolve(Settings::default(), &variable, "").err().unwrap();
    assert!(from_variable.starts_with("environment: HPCS_EMULATOR_STORE: it is not the URL"), "{from_variable}");
    let from_file = fault("[store]\nurl = 'mysql://u:secret@h/d'");
    assert!(from_file.starts_with("e.toml:2: store.url: it is not the URL"), "{from_file}");
    assert!(!(from_variable + &from_file).contains("secret"));
}

#[test]
fn a_port_of_a_weaker_source_does_not_change_a_stronger_address() {
    let flags = Settings::default().listening(Some("10.0.0.2:7".parse().unwrap()), None);
    let config = resolve(flags, &[("HPCS_EMULATOR_PORT", "2")], "port = 1").unwrap();
    assert_eq!(config.listen.to_string(), "10.0.0.2:7");
}

#[test]
fn instances_and_api_keys_replace_the_default_ones() {
    let config = file(
        "[events]\nto = '-'\ntke_gen_wk_event = 'add'\n\
         [[instance]]\nregion = 'eu-de'\nplan = 'hpcs-hourly-uko'\nprofile = 'CEX8'\noperational = 3\n\
         [[instance]]\nid = '7f3c2b1a-5d4e-4f6a-9b8c-0d1e2f3a4b5c'\nrecovery = false\nfailover = 2\n\
         [[api_key]]\nkey = 'k'\niam_id = 'iam-ServiceId-1'\nname = 'ci'\nroles = ['Reader', 'Writer']\n",
    )
    .unwrap();
    assert_eq!((config.events, config.knobs.tke_gen_wk_event), (EventsTo::Stdout, RandomKeyEvent::Add));
    let [first, second] = &config.instances[..] else { panic!("not two instances") };
    assert_eq!((first.spec.number, first.spec.plan, first.spec.operational), (0, Plan::UnifiedKeyOrchestrator, 3));
    assert_eq!((second.spec.number, second.spec.recovery, second.spec.failover), (1, false, 2));
    assert_eq!(second.spec.id.unwrap().to_string(), "7f3c2b1a-5d4e-4f6a-9b8c-0d1e2f3a4b5c");
    assert_eq!((first.spec.profile, second.spec.profile), (Some(Profile::Cex8), None));
    assert_eq!(second.declared.to_string(), "e.toml:9: instance");
    let [key] = &config.api_keys[..] else { panic!("not one key") };
    assert_eq!((key.identity.name.as_str(), &key.identity.roles[..]), ("ci", &[Role::Reader, Role::Writer][..]));
}

#[test]
fn unknown_keys_name_file_line_and_what_was_meant() {
    for (text, expected) in [
        ("\nlisten_to = 'x'", "e.toml:2: listen_to: there is no such setting; did you mean listen?"),
        ("colour = 1", "e.toml:1: colour: there is no such setting"),
        (
            "[events]\n\nloopback = 1",
            "e.toml:3: events.loopback: there is no such setting; did you mean events.loopback_as?",
        ),
        ("[event]", "e.toml:1: event: there is no such setting; did you mean events?"),
        (
            "[[instance]]\n[[instance]]\nregoin = 1",
            "e.toml:3: instance.regoin: there is no such setting; did you mean instance.region?",
        ),
        (
            "[[api_key]]\nkey = 'k'\niam_id = 'IBMid-1'\nrole = 'x'",
            "e.toml:4: api_key.role: there is no such setting; did you mean api_key.roles?",
        ),
        ("[store]\nkeyfile = 'k'", "e.toml:2: store.keyfile: there is no such setting; did you mean store.key_file?"),
        ("datadir = 'd'", "e.toml:1: datadir: there is no such setting; did you mean data_dir?"),
    ] {
        assert_eq!(fault(text), expected);
    }
}

#[test]
fn wrong_values_name_file_line_and_key() {
    for (text, start) in [
        ("port = 70000", "e.toml:1: port: "),
        ("port = 'x'", "e.toml:1: port: "),
        ("\nlisten = 'localhost'", "e.toml:2: listen: "),
        ("events = 1", "e.toml:1: events: "),
        ("[events]\nprivate_host = 'hide'", "e.toml:2: events.private_host: "),
        ("[events]\ndata_event_overrides = { 'no.action' = true }", "e.toml:2: events.data_event_overrides: "),
        ("[[instance]]\nid = 'x'", "e.toml:2: instance.id: "),
        ("[[instance]]\n\nplan = 'free'", "e.toml:3: instance.plan: "),
        ("[[instance]]\nprofile = 'CEX9'", "e.toml:2: instance.profile: 'CEX9' is not a generation"),
        ("[[api_key]]\niam_id = 'IBMid-1'", "e.toml:1: api_key.key: is missing"),
        ("[[api_key]]\nkey = 'k'\niam_id = 'someone'", "e.toml:3: api_key.iam_id: "),
        (
            "[[api_key]]\nkey = 'k'\niam_id = 'IBMid-1'\nroles = ['Boss']",
            "e.toml:4: api_key.roles: 'Boss' is not a role",
        ),
        ("[[api_key]]\nkey = 'k'\niam_id = 'IBMid-1'\n[[api_key]]\nkey = 'k'", "e.toml:5: api_key.key: another"),
        ("\nlisten = ", "e.toml:2:10: "),
        ("[store]\nkeep_events = 0", "e.toml:2: store.keep_events: "),
        ("[store]\nkeep_age = 30", "e.toml:2: store.keep_age: "),
        ("[store]\nkeep_age = 'soon'", "e.toml:2: store.keep_age: it is not a length of time"),
        ("[store]\ncommit_deadline = '1h'", "e.toml:2: store.commit_deadline: a commit deadline is between"),
        ("[store]\naudit_mode = 'off'", "e.toml:2: store.audit_mode: it is neither"),
    ] {
        assert!(fault(text).starts_with(start), "{}", fault(text));
    }
    let twice = "[[instance]]\nid = '7f3c2b1a-5d4e-4f6a-9b8c-0d1e2f3a4b5c'\n".repeat(2);
    assert_eq!(fault(&twice), "e.toml:3: instance.id: another instance has the same id");
}

#[test]
fn a_refused_api_key_is_not_repeated() {
    let text = "[[api_key]]\nkey = 'secret'\niam_id = 'x'";
    assert!(!fault(text).contains("secret"));
    assert!(!fault("[[api_key]]\nkey = ['secret']").contains("secret"));
    for broken in ["key = 'secret", "key = secret", "key = 'secret' 'x'", "key = \"secret\\q\"", "url = \"secret\nx\""]
    {
        let fault = fault(&format!("[[api_key]]\n{broken}\n"));
        assert!(fault.starts_with("e.toml:") && !fault.contains("secret"), "{fault}");
    }
}

#[test]
fn unknown_and_wrong_variables_are_named_in_full() {
    for (name, value, expected) in [
        (
            "HPCS_EMULATOR_PROT",
            "1",
            "environment: HPCS_EMULATOR_PROT: there is no such setting; did you mean HPCS_EMULATOR_PORT?",
        ),
        ("HPCS_EMULATOR_XYZZY", "1", "environment: HPCS_EMULATOR_XYZZY: there is no such setting"),
        ("HPCS_EMULATOR_PORT", "x", "environment: HPCS_EMULATOR_PORT: 'x': invalid digit found in string"),
    ] {
        assert_eq!(resolve(Settings::default(), &[(name, value)], "").err(), Some(expected.to_owned()));
    }
    let knob = resolve(Settings::default(), &[("HPCS_EMULATOR_EVENTS_PRIVATE_HOST", "hide")], "").err().unwrap();
    assert!(knob.starts_with("environment: HPCS_EMULATOR_EVENTS_PRIVATE_HOST: unknown variant `hide`"), "{knob}");
}
