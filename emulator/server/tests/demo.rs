//! `hpcs-emulator demo`, as a user runs it.
#![allow(clippy::unwrap_used, clippy::panic)]

use std::io::Write;
use std::process::{Command, Output, Stdio};

fn emulator(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_hpcs-emulator"));
    command.args(arguments).env_clear();
    command
}

fn demo(arguments: &[&str]) -> Output {
    let output = emulator(&[&["demo"], arguments].concat()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    output
}

#[test]
fn the_same_seed_gives_the_same_bytes_and_another_seed_others() {
    let [first, second] = [(); 2].map(|()| demo(&["--seed", "7"]).stdout);
    assert_eq!(first, second);
    assert_ne!(first, demo(&["--seed", "8"]).stdout);
}

#[test]
fn a_data_directory_changes_no_event_and_its_store_goes_on_elsewhere() {
    let place = tempfile::TempDir::new().unwrap();
    let (data, other) = (place.path().join("data"), place.path().join("other"));
    let kept = demo(&["--seed", "7", "--data-dir", data.to_str().unwrap()]).stdout;
    assert_eq!(kept, demo(&["--seed", "7"]).stdout);

    let again = emulator(&["demo", "--data-dir", data.to_str().unwrap()]).output().unwrap();
    assert_eq!(again.status.code(), Some(2), "{}", String::from_utf8_lossy(&again.stderr));

    let export =
        emulator(&["export", "--secrets-in-the-clear", "--data-dir", data.to_str().unwrap()]).output().unwrap();
    assert!(export.status.success(), "{}", String::from_utf8_lossy(&export.stderr));
    let file = place.path().join("instance.ndjson");
    std::fs::write(&file, &export.stdout).unwrap();
    // The events stand in the file as they were printed, between its first and its last line.
    let lines: Vec<serde_json::Value> = export
        .stdout
        .split_inclusive(|byte| *byte == b'\n')
        .map(|line| serde_json::from_slice(line).unwrap())
        .collect();
    let events: String =
        lines[1..lines.len() - 1].iter().map(|line| format!("{}\n", line["line"].as_str().unwrap())).collect();
    assert_eq!(events.as_bytes(), kept);
    let import = emulator(&["import", "--data-dir", other.to_str().unwrap(), file.to_str().unwrap()]).output().unwrap();
    let told = String::from_utf8(import.stderr).unwrap();
    assert!(import.status.success() && told.contains("imported with 17 events; the next one is 18"), "{told}");
    let check = emulator(&["store", "check", "--data-dir", other.to_str().unwrap()]).output().unwrap();
    assert!(String::from_utf8(check.stdout).unwrap().starts_with("0 findings in "));
}

#[test]
fn twelve_events_then_two_loads_and_three_refusals_and_nothing_else_on_stdout() {
    let output = demo(&["--seed", "7"]);
    let events: Vec<serde_json::Value> = output
        .stdout
        .split_inclusive(|byte| *byte == b'\n')
        .map(|line| serde_json::from_slice(line).unwrap())
        .collect();
    let of = |event: &serde_json::Value| {
        let action = event["action"].as_str().unwrap().strip_prefix("hs-crypto.tke-cryptounit").unwrap().to_owned();
        let reason = event["reason"]["reasonForFailure"].as_str().unwrap_or_default().to_owned();
        (action, reason)
    };
    let told: Vec<_> = events.iter().map(of).collect();
    let ceremony = [
        "-admin.add",
        "-admin.add",
        "-threshold.set",
        "-master-key-register.add",
        "-master-key-register.commit",
        "-master-key-register.activate",
        "-master-key-register.add",
    ];
    let succeeded: Vec<_> = ceremony.iter().flat_map(|action| [*action; 2]).collect();
    assert_eq!(told[..14].iter().map(|(action, _)| action.as_str()).collect::<Vec<_>>(), succeeded);
    let commit = "-master-key-register.commit";
    let refused = [
        (commit, "Not enough signatures were provided on the command."),
        (commit, "Invalid transaction counter."),
        (commit, "Commit failed.  The supplied verification pattern of the new master key does not match"),
    ];
    assert_eq!(told.len(), 14 + refused.len());
    for ((action, reason), (expected, text)) in told[14..].iter().zip(refused) {
        assert!(action == expected && reason.starts_with(text), "{action}: {reason}");
    }
    let story = String::from_utf8(output.stderr).unwrap();
    for codes in ["Return code: 208\n  | Reason code: 21", "163\n  | Reason code: 19", "101\n  | Reason code: 48"] {
        assert!(story.contains(codes), "{story}");
    }
}

#[test]
fn the_validator_finds_no_deviation_in_the_demo_and_one_in_a_spoiled_line() {
    let events = demo(&["--seed", "7"]).stdout;
    let (clean, _) = validate(&events);
    assert_eq!(clean, Some(0));
    let spoiled = String::from_utf8(events).unwrap().replacen(r#""severity":"critical""#, r#""severity":"normal""#, 1);
    let (status, report) = validate(spoiled.as_bytes());
    assert_eq!(status, Some(1));
    assert!(report.contains("severity"), "{report}");
}

fn validate(lines: &[u8]) -> (Option<i32>, String) {
    let mut validator = emulator(&["validate", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    validator.stdin.take().unwrap().write_all(lines).unwrap();
    let output = validator.wait_with_output().unwrap();
    (output.status.code(), String::from_utf8(output.stdout).unwrap())
}
