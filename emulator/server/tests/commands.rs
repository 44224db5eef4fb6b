//! Commands against a running emulator.
#![allow(clippy::unwrap_used, clippy::panic)]

mod support;

use std::ffi::OsString;

use clap::Parser;
use hpcs_emulator::cli::{self, Cli, Surroundings};
use hpcs_emulator::{Log, shell};
use hpcs_grpc::emulator::v1::SubmitRequest;
use support::{Server, ZEROIZE};

/// What a command left behind.
struct Done {
    status: u8,
    out: String,
    err: String,
}

async fn run(arguments: &[&str], variables: &[(&str, &str)], interrupted: bool) -> Done {
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let surroundings = Surroundings {
        stdin: &mut &b""[..],
        stdout: &mut out,
        stderr: &mut err,
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
    assert_eq!((status, out.as_str(), err.as_str()), (1, "", "hpcs-emulator: api_key: no such API key\n"));
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
    let Done { status, out, .. } = run(&["events", "--server", &url, "--from", "2"], &[], false).await;
    assert_eq!((status, out.as_str()), (0, ""));
    let Done { status, err, .. } = run(&["events", "--server", &url, "--severity", "bad"], &[], false).await;
    assert_eq!(status, 1);
    assert!(err.contains("severities: 'bad'"), "{err}");
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
    assert_eq!((entries.len(), emitted.len()), (169, 9));
}
