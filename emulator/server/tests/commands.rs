//! Commands against a running emulator.
#![allow(clippy::unwrap_used, clippy::panic)]

mod support;

use std::ffi::OsString;

use clap::Parser;
use hpcs_emulator::cli::{self, Cli, Surroundings};
use hpcs_emulator::{Log, shell};
use hpcs_grpc::emulator::v1::{InspectCryptoUnitRequest, ListCryptoUnitsRequest, SubmitRequest};
use support::{MANAGER, READER, Server, ZEROIZE};

/// What a command left behind.
struct Done {
    status: u8,
    out: String,
    err: String,
}

async fn run(arguments: &[&str], variables: &[(&str, &str)], interrupted: bool) -> Done {
    run_with(arguments, variables, interrupted, "").await
}

async fn run_with(arguments: &[&str], variables: &[(&str, &str)], interrupted: bool, input: &str) -> Done {
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let surroundings = Surroundings {
        stdin: &mut input.as_bytes(),
        stdout: &mut out,
        stderr: &mut err,
        read_hidden: &mut || Err(std::io::Error::other("no terminal")),
        variables: variables.iter().map(|(name, value)| (OsString::from(name), OsString::from(value))).collect(),
        log: Log::silent(),
        interrupted: Box::new(move || {
            Box::pin(async move {
                if !interrupted {
                    std::future::pending::<()>().await;
                }
            })
        }),
        world: shell::world,
    };
    let status = cli::run(Cli::try_parse_from([&["hpcs-emulator"], arguments].concat()).unwrap(), surroundings).await;
    Done { status, out: String::from_utf8(out).unwrap(), err: String::from_utf8(err).unwrap() }
}

async fn one_event(server: &Server) {
    let request = SubmitRequest { instance: server.instance(), unit: server.unit(), payload: ZEROIZE.into() };
    server.crypto_units().submit(request).await.unwrap_err();
}

#[tokio::test]
async fn the_address_is_the_first_line_of_standard_output_unless_events_are_there() {
    let Done { status, out, err } = run(&["--port", "0"], &[], true).await;
    assert_eq!((status, out.lines().count()), (0, 1));
    assert!(out.starts_with("http://127.0.0.1:"), "{out}");
    assert!(err.starts_with("No command was given"), "{err}");
    for said in ["[us-south].[AZ1-CS7].[01].[13]", "hpcs-emulator-manager-key", "203.0.113.10"] {
        assert!(err.contains(said), "{err}");
    }
    let Done { status, out, err } = run(&["serve", "--port", "0", "--events", "-"], &[], true).await;
    assert_eq!((status, out.as_str()), (0, ""));
    assert!(err.starts_with("http://127.0.0.1:"), "{err}");
}

#[tokio::test]
async fn a_configured_api_key_is_not_shown() {
    let directory = tempfile::TempDir::new().unwrap();
    let path = directory.path().join("e.toml");
    std::fs::write(&path, "port = 0\n[[api_key]]\nkey = 'very-secret'\niam_id = 'IBMid-1'").unwrap();
    let Done { status, out, err } = run(&["serve", "--config", path.to_str().unwrap()], &[], true).await;
    assert_eq!(status, 0, "{err}");
    assert!(!out.contains("very-secret") && !err.contains("very-secret"));
    assert!(err.contains("API keys: 1 from the configuration."), "{err}");
}

#[tokio::test]
async fn a_wrong_configuration_is_wrong_usage() {
    let Done { status, err, .. } = run(&["serve"], &[("HPCS_EMULATOR_PROT", "1")], true).await;
    assert_eq!(status, 2);
    assert!(err.contains("did you mean HPCS_EMULATOR_PORT?"), "{err}");
    let Done { status, err, .. } = run(&["serve", "--config", "/no/such.toml"], &[], true).await;
    assert_eq!(status, 2);
    assert!(err.contains("/no/such.toml"), "{err}");
}

#[tokio::test]
async fn a_token_is_printed_for_a_known_key_only() {
    let server = Server::start().await;
    let url = server.emulator.url();
    let Done { status, out, .. } = run(&["token", "--server", &url], &[], false).await;
    assert_eq!((status, out.matches('.').count()), (0, 2));
    let variables = [("HPCS_EMULATOR_SERVER", url.as_str()), ("HPCS_EMULATOR_API_KEY", "guess")];
    let Done { status, out, err } = run(&["token"], &variables, false).await;
    assert_eq!((status, out.as_str(), err.as_str()), (1, "", "hpcs-emulator: --api-key: no such API key\n"));
}

#[tokio::test]
async fn events_are_waited_for_and_given_up_on() {
    let server = Server::start().await;
    one_event(&server).await;
    let url = server.emulator.url();
    let Done { status, out, .. } = run(&["events", "--server", &url, "--wait", "1"], &[], false).await;
    assert_eq!((status, out.lines().count()), (0, 1));
    let late = ["events", "--server", &url, "--wait", "2", "--timeout", "0"];
    let Done { status, err, .. } = run(&late, &[], false).await;
    assert_eq!(status, 3);
    assert!(err.starts_with("hpcs-emulator: the time is over: "), "{err}");
    let second = ["events", "--server", &url, "--instance", &server.instance(), "--from", "2"];
    let Done { status, out, .. } = run(&second, &[], false).await;
    assert_eq!((status, out.as_str()), (0, ""));
}

/// The address of something that takes connections and never answers.
async fn mute() -> (tokio::net::TcpListener, String) {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    (listener, url)
}

#[tokio::test]
async fn the_timeout_of_events_covers_signing_in() {
    let (_listener, url) = mute().await;
    let Done { status, err, .. } =
        run(&["events", "--server", &url, "--wait", "2", "--timeout", "0"], &[], false).await;
    assert_eq!((status, err.as_str()), (3, "hpcs-emulator: the time is over: 0 of 2 events came\n"));
}

#[tokio::test(start_paused = true)]
async fn a_server_that_never_answers_is_given_up_on() {
    let (_listener, url) = mute().await;
    let Done { status, err, .. } = run(&["token", "--server", &url], &[], false).await;
    assert_eq!(status, 1);
    assert!(err.contains(&url), "{err}");
}

#[tokio::test]
async fn an_interrupted_demo_is_no_success() {
    let Done { status, .. } = run(&["demo", "--seed", "7"], &[], true).await;
    assert_eq!(status, 130);
}

#[tokio::test]
async fn what_the_emulator_emits_is_what_validate_accepts() {
    let server = Server::start().await;
    one_event(&server).await;
    let directory = tempfile::TempDir::new().unwrap();
    let path = directory.path().join("events.ndjson");
    let printed = run(&["events", "--server", &server.emulator.url()], &[], false).await.out;
    std::fs::write(&path, printed).unwrap();
    let Done { status, out, err } = run(&["validate", path.to_str().unwrap()], &[], false).await;
    assert_eq!((status, out.as_str(), err.as_str()), (0, "", "1 event, 0 deviations\n"));
}

#[tokio::test]
async fn the_catalogue_is_complete_as_text_and_as_json() {
    let Done { status, out, .. } = run(&["catalog"], &[], false).await;
    assert_eq!((status, out.lines().count()), (0, 169));
    let Done { out, .. } = run(&["catalog", "--json"], &[], false).await;
    let entries: Vec<serde_json::Value> = serde_json::from_str(&out).unwrap();
    let emitted: Vec<_> = entries.iter().filter(|entry| entry["status"] == "implemented").collect();
    // Nine of Trusted Key Entry, nine of EP11 keystores, and the use of EP11.
    assert_eq!((entries.len(), emitted.len()), (169, 19));
}

/// A command to this server.
async fn to(server: &Server, arguments: &[&str]) -> Done {
    run(arguments, &[("HPCS_EMULATOR_SERVER", &server.emulator.url())], false).await
}

/// What a command to this server prints; it has to succeed.
async fn printed(server: &Server, arguments: &[&str]) -> String {
    let Done { status, out, err } = to(server, arguments).await;
    assert_eq!((status, err.as_str()), (0, ""), "{arguments:?}");
    out
}

#[tokio::test]
async fn events_are_told_with_positions_that_reading_goes_on_from() {
    let server = Server::start().await;
    for _ in 0..3 {
        one_event(&server).await;
    }
    let all = printed(&server, &["events"]).await;
    let positioned = printed(&server, &["events", "--with-position"]).await;
    let lines: Vec<serde_json::Value> = positioned.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), 3);
    for (line, event) in positioned.lines().zip(all.lines()) {
        assert!(line.ends_with(&format!(",\"event\":{event}}}")), "{line}");
    }
    assert_eq!((&lines[1]["instance"], &lines[1]["sequence"]), (&server.instance().into(), &2.into()));
    let position = lines[1]["position"].as_str().unwrap();
    let rest = printed(&server, &["events", "--after", position]).await;
    assert_eq!(rest.lines().collect::<Vec<_>>(), all.lines().skip(2).collect::<Vec<_>>());
}

#[tokio::test]
async fn events_are_chosen_by_number_time_and_instance() {
    let server = Server::start().await;
    for _ in 0..3 {
        one_event(&server).await;
    }
    let all = printed(&server, &["events"]).await;
    let all: Vec<&str> = all.lines().collect();
    assert_eq!(printed(&server, &["events", "--last", "2"]).await.lines().collect::<Vec<_>>(), all[1..]);
    assert_eq!(printed(&server, &["events", "--since", "2027-01-01T00:00:00Z"]).await, "");
    assert_eq!(printed(&server, &["events", "--until", "2026-01-01T00:00:00Z"]).await, "");
    assert_eq!(printed(&server, &["events", "--until", "2027-01-01T00:00:00Z"]).await.lines().count(), 3);
    let other = printed(&server, &["instance", "create", "--region", "eu-de"]).await;
    let (first, other) = (server.instance(), other.trim_end());
    assert_eq!(printed(&server, &["events", "--instance", other]).await, "");
    let both = ["events", "--instance", other, "--instance", &first, "--last", "1"];
    assert_eq!(printed(&server, &both).await.lines().count(), 1);
}

#[tokio::test]
async fn an_instance_is_created_listed_reset_and_deleted() {
    let server = Server::start().await;
    let id = "0c9d4b7e-51a2-4f86-8e3d-b6a7f2c81d05";
    let create = ["instance", "create", "--id", id, "--region", "eu-de", "--recovery", "false", "--operational", "3"];
    assert_eq!(printed(&server, &create).await, format!("{id}\n"));
    let Done { status, err, .. } = to(&server, &create).await;
    assert!(status == 1 && err.contains("is here already"), "{err}");
    let listed = printed(&server, &["instance", "list"]).await;
    assert_eq!(listed.lines().count(), 2);
    assert!(listed.lines().any(|line| line.starts_with(&format!("{id}  eu-de     standard "))), "{listed}");
    let json = printed(&server, &["instance", "list", "--json"]).await;
    let json: Vec<serde_json::Value> = serde_json::from_str(&json).unwrap();
    assert!(json.iter().any(|instance| instance["id"] == id && instance["region"] == "eu-de"), "{json:?}");
    let newer = printed(&server, &["instance", "create", "--profile", "CEX8"]).await;
    assert_eq!(printed(&server, &["instance", "delete", newer.trim_end()]).await, "");
    let wrong = Cli::try_parse_from(["hpcs-emulator", "instance", "create", "--profile", "CEX9"]).err().unwrap();
    assert!(wrong.to_string().contains("choose CEX5, CEX6, CEX7 or CEX8"), "{wrong}");
    assert_eq!(printed(&server, &["instance", "reset", id]).await, "");
    assert_eq!(printed(&server, &["instance", "delete", id]).await, "");
    let Done { status, .. } = to(&server, &["instance", "delete", id]).await;
    assert_eq!(status, 1);
    assert_eq!(printed(&server, &["instance", "list"]).await.lines().count(), 1);
}

#[tokio::test]
async fn an_instance_is_created_as_a_document_says() {
    let server = Server::start().await;
    let document = "
region: eu-de
recovery: false
units:
  - administrators:
      - name: admin1
        private_key: \"009fee5a3bd10d4cd897d5a0d6edcfe38e61bb3dc6d1c92839eee1c628180f236edbd2751c2679928303b88ae7f739fded503\
ad7d6723838c758aa6ed028aa0df125\"
    signature_threshold: 1
    revocation_signature_threshold: 1
";
    let variables = [("HPCS_EMULATOR_SERVER", server.emulator.url())];
    let variables: Vec<_> = variables.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let create = ["instance", "create", "--document", "-"];
    let Done { status, out, err } = run_with(&create, &variables, false, document).await;
    assert_eq!(status, 0, "{err}");
    let instance = out.trim_end().to_owned();
    let units = server.signed(MANAGER, ListCryptoUnitsRequest { instance: instance.clone() }).await;
    let units = server.crypto_units().list(units).await.unwrap().into_inner().units;
    let mut imprint = Vec::new();
    for unit in units {
        let request = InspectCryptoUnitRequest { instance: instance.clone(), unit: unit.id };
        let state = server.crypto_units().inspect(server.signed(MANAGER, request).await).await.unwrap().into_inner();
        imprint.push((state.imprint_mode, state.administrators.len()));
    }
    assert_eq!(imprint, [(false, 1), (true, 0)]);
    let contradiction = [&create[..], &["--region", "us-south"]].concat();
    let Done { status, err, .. } = run_with(&contradiction, &variables, false, document).await;
    assert!(status == 2 && err.contains("--region: the document says eu-de"), "{err}");
    let agreement = [&create[..], &["--region", "eu-de"]].concat();
    assert_eq!(run_with(&agreement, &variables, false, document).await.status, 0);
    let other = format!("profile: CEX7\n{document}");
    let contradiction = [&create[..], &["--profile", "CEX8"]].concat();
    let Done { status, err, .. } = run_with(&contradiction, &variables, false, &other).await;
    assert!(status == 2 && err.contains("--profile: the document says CEX7"), "{err}");
    let wrong = document.replace("threshold: 1\n    rev", "treshold: 1\n    rev");
    let Done { status, err, .. } = run_with(&create, &variables, false, &wrong).await;
    assert_eq!(status, 2);
    assert!(err.contains("-:8:5: units[0].signature_treshold: there is no such key; did you mean"), "{err}");
}

#[tokio::test]
async fn who_only_reads_neither_makes_instances_nor_sets_the_clock() {
    let server = Server::start().await;
    for command in [&["instance", "create"][..], &["clock", "freeze"], &["operation", "5f3c0a9be2d41786-12"]] {
        let Done { status, out, err } = to(&server, &[command, &["--api-key", READER]].concat()).await;
        assert_eq!((status, out.as_str()), (1, ""), "{command:?}");
        assert!(err.contains("EmulatorOperator"), "{err}");
    }
}

#[tokio::test]
async fn the_clock_is_shown_set_shifted_and_stepped() {
    let server = Server::start().await;
    let frozen = printed(&server, &["clock", "freeze", "--at", "2026-03-01T00:00:00Z"]).await;
    assert_eq!(frozen, "2026-03-01T00:00:00.000Z  stands still\n");
    assert_eq!(printed(&server, &["clock"]).await, frozen);
    assert!(printed(&server, &["clock", "shift", "+31d"]).await.starts_with("2026-04-01T00:00:00.000Z  "));
    assert!(printed(&server, &["clock", "shift", "-2h"]).await.starts_with("2026-03-31T22:00:00.000Z  "));
    assert!(
        printed(&server, &["clock", "set", "2026-05-01T00:00:00Z"]).await.starts_with("2026-05-01T00:00:00.000Z  ")
    );
    let stepped = printed(&server, &["clock", "step", "10ms"]).await;
    assert!(stepped.ends_with("  stands still but for 10 ms with each committed operation\n"), "{stepped}");
    let json = printed(&server, &["clock", "show", "--json"]).await;
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!((&json["mode"], &json["step_millis"]), (&"stepped".into(), &10.into()));
    let fast = printed(&server, &["clock", "rate", "60"]).await;
    assert!(fast.ends_with("  runs, 60 seconds in each real second\n"), "{fast}");
}

#[test]
fn times_and_periods_are_checked_before_anything_is_sent() {
    for (arguments, text) in [
        (&["clock", "freeze", "--at", "noon"][..], "2026-01-01T00:00:00Z"),
        (&["clock", "shift", "1"], "such as 900ms, 45s, 90m, 12h or 30d"),
        (&["clock", "rate", "0"], "a rate is a number above 0"),
        (&["events", "--since", "-1h"], "--since"),
        (&["events", "--from", "2"], "--instance"),
        (&["events", "--last", "1001"], "1..=1000"),
        (&["events", "--severity", "bad"], "--severity"),
        (&["events", "--outcome", "bad"], "--outcome"),
        (&["events", "--after", "nonsense"], "not a position"),
        (&["events", "--instance", "first"], "--instance"),
        (&["instance", "create", "--plan", "free"], "plans are standard"),
        (&["instance", "reset", "first"], "<ID>"),
        (&["operation", "yesterday"], "<ID>"),
    ] {
        let error = Cli::try_parse_from([&["hpcs-emulator"], arguments].concat()).err().unwrap().to_string();
        assert!(error.contains(text), "{arguments:?}: {error}");
    }
}

#[tokio::test]
async fn an_operation_that_nobody_knows_did_not_happen_and_nonsense_is_refused() {
    let server = Server::start().await;
    assert_eq!(printed(&server, &["operation", "5f3c0a9be2d41786-12"]).await, "not-committed\n");
}

#[tokio::test]
async fn a_seed_file_is_checked_without_starting_anything() {
    let check = ["seed-file", "check", "-"];
    let Done { status, out, err } = run_with(&check, &[], false, "version: 1\ninstances: [{}]").await;
    assert_eq!((status, out.as_str(), err.as_str()), (0, "", "-: no fault; 1 instance, 0 API keys\n"));
    let Done { status, err, .. } = run_with(&check, &[], false, "version: 1\nstart: now").await;
    assert_eq!(status, 2);
    assert!(err.starts_with("hpcs-emulator: -:2:8: start: not a time"), "{err}");
    let Done { status, out, .. } = run(&["seed-file", "schema"], &[], false).await;
    assert_eq!((status, out.as_str()), (0, hpcs_emulator::seed_file::SCHEMA));
}

#[tokio::test]
async fn completion_covers_the_commands_for_a_running_emulator() {
    let script = run(&["completion", "bash"], &[], false).await.out;
    for word in [
        "instance",
        "clock",
        "freeze",
        "operation",
        "seed-file",
        "--with-position",
        "--purge",
        "--document",
        "--profile",
        "root",
    ] {
        assert!(script.contains(word), "{word}");
    }
}

#[tokio::test]
async fn an_instance_moves_with_its_events_from_one_running_emulator_into_another() {
    let (from, into) = (Server::start().await, Server::start().await);
    one_event(&from).await;
    let directory = tempfile::TempDir::new().unwrap();
    let (file, secret) = (directory.path().join("instance.ndjson"), directory.path().join("secret"));
    let (file, secret) = (file.to_str().unwrap(), secret.to_str().unwrap());
    std::fs::write(secret, "open sesame\n").unwrap();
    let (from_url, into_url) = (from.emulator.url(), into.emulator.url());
    let variables = [("HPCS_EMULATOR_SERVER", from_url.as_str()), ("HPCS_EMULATOR_DATA_DIR", "data")];
    let export = ["export", "--passphrase-file", secret];
    let Done { status, err, .. } = run(&export, &variables, false).await;
    assert!(status == 2 && err.contains("--server URL or --data-dir DIR"), "{err}");
    let Done { status, out, err } = run(&export, &variables[..1], false).await;
    assert_eq!((status, err.as_str()), (0, ""));
    std::fs::write(file, &out).unwrap();
    let import = ["import", "--server", &into_url, "--passphrase-file", secret, file];
    let Done { status, err, .. } = run(&import, &[], false).await;
    assert!(status == 1 && err.contains("is here already"), "{err}");
    let id = from.instance();
    printed(&into, &["instance", "delete", &id, "--purge"]).await;
    let Done { status, err, .. } = run(&["import", "--url", &into_url, file], &[], false).await;
    assert!(status == 2 && err.contains("--passphrase-file"), "{err}");
    let Done { status, err, .. } = run(&import, &[], false).await;
    assert_eq!((status, err), (0, format!("Instance {id} was imported.\n")));
    assert_eq!(printed(&into, &["events"]).await, printed(&from, &["events"]).await);
}

#[tokio::test(start_paused = true)]
async fn a_start_that_waits_for_a_database_can_be_interrupted() {
    let (_listener, url) = mute().await;
    let directory = tempfile::TempDir::new().unwrap();
    let key = directory.path().join("key");
    std::fs::write(&key, "ab".repeat(32)).unwrap();
    #[cfg(unix)]
    std::fs::set_permissions(&key, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    let url = format!("{}/d", url.replace("http", "postgres"));
    let serve = ["serve", "--port", "0", "--store", &url, "--store-key-file", key.to_str().unwrap()];
    let Done { status, out, err } = run(&serve, &[], true).await;
    assert_eq!((status, out.as_str()), (130, ""), "{err}");
}

#[tokio::test]
async fn a_key_file_that_cannot_be_read_is_wrong_usage() {
    let directory = tempfile::TempDir::new().unwrap();
    let path = directory.path().to_str().unwrap();
    let data = directory.path().join("data");
    let serve = ["serve", "--port", "0", "--data-dir", data.to_str().unwrap(), "--store-key-file", path];
    let Done { status, err, .. } = run(&serve, &[], true).await;
    assert!(status == 2 && err.contains("it is a directory"), "{err}");
    let serve = ["serve", "--port", "0", "--events", path];
    let Done { status, err, .. } = run(&serve, &[], true).await;
    assert!(status == 2 && err.contains(path), "{err}");
}

#[tokio::test]
async fn a_clock_is_not_set_beyond_the_ends_of_time() {
    let server = Server::start().await;
    for shift in ["+9999999d", "-9999999d"] {
        let Done { status, err, .. } = to(&server, &["clock", "shift", shift]).await;
        assert!(status == 1 && err.contains("between 1970 and 9999"), "{err}");
    }
    assert!(printed(&server, &["clock"]).await.starts_with("2026-"));
}

#[tokio::test]
async fn env_prints_the_lines_that_bring_unchanged_clients_here() {
    let server = Server::start().await;
    let url = server.emulator.url();
    let cache = tempfile::tempdir().unwrap();
    let home = [("XDG_CACHE_HOME", cache.path().to_str().unwrap()), ("SHELL", "/usr/bin/fish")];
    let Done { status, out, err } = run(&["env", "--server", &url, "--shell", "bash"], &home, false).await;
    assert_eq!((status, err.as_str()), (0, ""));
    let lines: Vec<_> = out.lines().collect();
    assert_eq!(lines[0], format!("export HTTPS_PROXY='{url}'"));
    let file = lines[2].strip_prefix("export SSL_CERT_FILE='").unwrap().strip_suffix('\'').unwrap();
    assert!(file.starts_with(cache.path().to_str().unwrap()), "{file}");
    let trusted = server.stranger().get("/_emulator/ca").await.json();
    assert_eq!(std::fs::read_to_string(file).unwrap(), trusted["certificate"].as_str().unwrap());

    let named = cache.path().join("mine/ca.pem");
    let arguments = ["env", "--server", &url, "--ca-file", named.to_str().unwrap()];
    let Done { out, .. } = run(&arguments, &home, false).await;
    assert!(out.contains(&format!("set -gx SSL_CERT_FILE '{}'\n", named.display())), "{out}");
    assert!(named.exists());
    let Done { out, .. } = run(&["env", "--unset", "--shell", "powershell"], &[], false).await;
    assert!(out.starts_with("Remove-Item Env:HTTPS_PROXY -ErrorAction SilentlyContinue\n"), "{out}");
}

#[tokio::test]
async fn env_names_the_file_that_the_emulator_keeps_and_says_when_there_is_none() {
    use hpcs_emulator::config::{Config, TlsConfig, TlsMode};
    let directory = tempfile::tempdir().unwrap();
    let tls = TlsConfig { mode: TlsMode::Auto, directory: Some(directory.path().to_owned()) };
    let server = Server::with(Config { tls, ..Config::default() }).await;
    let Done { out, .. } = run(&["env", "--server", &server.emulator.url()], &[], false).await;
    let kept = std::fs::canonicalize(directory.path().join("ca.pem")).unwrap();
    assert!(out.contains(&format!("export SSL_CERT_FILE='{}'\n", kept.display())), "{out}");

    let tls = TlsConfig { mode: TlsMode::Off, directory: None };
    let off = Server::with(Config { tls, ..Config::default() }).await;
    let Done { status, err, .. } = run(&["env", "--server", &off.emulator.url()], &[], false).await;
    assert_eq!(
        (status, err.as_str()),
        (1, "hpcs-emulator: the emulator serves no TLS; start it with `--tls auto`, which is the default\n")
    );
    let Done { status, err, .. } = run(&["env", "--server", "127.0.0.1:1"], &[], false).await;
    assert_eq!(status, 1);
    assert!(err.contains("there is no emulator at http://127.0.0.1:1"), "{err}");
}
