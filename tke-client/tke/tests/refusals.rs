//! Bad input: each has its message and its exit status, and changes nothing.

mod workstation;

use std::net::TcpListener;

use workstation::Workstation;

#[test]
fn every_command_needs_its_directory() {
    let mut station = Workstation::new().with("CLOUDTKEFILES", "");
    for command in ["sigkeys", "mks", "cryptounits", "cryptounit-zeroize"] {
        assert_eq!(
            station.run(command, "").failure(),
            "The CLOUDTKEFILES environment variable is not defined on this workstation.\n\n\
             Set the CLOUDTKEFILES environment variable to indicate the subdirectory to hold files used by the Cloud \
             TKE plug-in."
        );
    }
}

#[test]
fn a_directory_that_does_not_exist_is_named() {
    let mut station = Workstation::new().with("CLOUDTKEFILES", "/no/such/directory");
    assert_eq!(
        station.run("sigkeys", "").failure(),
        "Error accessing the subdirectory defined by the CLOUDTKEFILES environment variable.\n\n\
         Check that the subdirectory exists and is specified correctly by the environment variable.\n\n\
         CLOUDTKEFILES=/no/such/directory"
    );
}

#[test]
fn passwords_that_differ_create_no_key() {
    let mut station = Workstation::new();
    assert_eq!(station.run("sigkey-add", "admin1\none\ntwo\n").failure(), "The passwords do not match.");
    assert_eq!(std::fs::read_dir(station.path()).unwrap().count(), 0);
}

#[test]
fn a_name_of_31_characters_is_too_long() {
    let mut station = Workstation::new();
    let name = "x".repeat(31);
    assert_eq!(
        station.run("sigkey-add", &format!("{name}\npw\npw\n")).failure(),
        "An administrator name is too long.  Names must be 30 characters or less."
    );
    assert_eq!(std::fs::read_dir(station.path()).unwrap().count(), 0);
}

#[test]
fn numbers_that_nothing_has_are_refused() {
    let mut station = Workstation::new();
    station.add_signature_key("admin1");
    for typed in ["2", "0", "-1", "x", "1 2", "99999999999"] {
        let failure = station.run_with(&["sigkey-rm", &format!("--keynum={typed}"), "-y"], "").failure();
        assert_eq!(failure, format!("Invalid KEYNUM: {typed}"));
    }
    assert_eq!(station.run("sigkey-sel", "1 7\n").failure(), "Invalid KEYNUM: 7");
    assert!(station.path().join("1.sigkey").exists());
}

#[test]
fn key_part_values_have_64_digits() {
    let mut station = Workstation::new();
    for value in ["", "00", &"g".repeat(64), &"0".repeat(65)] {
        let failure = station.run("mk-add --value", &format!("{value}\none\npw\npw\n")).failure();
        assert_eq!(failure, "The key part value must be 64 hexadecimal digits.");
    }
}

#[test]
fn a_changed_identifier_is_noticed_when_the_key_is_opened() {
    let mut station = Workstation::new();
    station.add_signature_key("admin1");
    let ski = station.member("1.sigkey", "ski");
    station.damage("1.sigkey", &ski, &"ab".repeat(32));
    assert_eq!(
        station.run("sigkey-sel", "1\npw-admin1\n").failure(),
        "Miscompare on saved and calculated Subject Key Identifier."
    );
}

#[test]
fn a_damaged_file_is_named_and_does_not_hide_the_others() {
    let mut station = Workstation::new();
    station.add_signature_key("admin1");
    station.add_signature_key("admin2");
    std::fs::write(station.path().join("1.sigkey"), "{").unwrap();
    let outcome = station.run("sigkeys", "");
    assert_eq!(outcome.status, 0);
    assert!(outcome.stdout.contains("admin2") && outcome.stderr.contains("1.sigkey"), "{outcome:?}");
}

#[test]
fn the_end_of_the_input_is_a_failure_that_names_the_prompt() {
    let mut station = Workstation::new();
    let failure = station.run("sigkey-add", "admin1\n").failure();
    assert!(failure.ends_with("Enter a password to protect the signature key:"), "{failure}");
}

#[test]
fn secrets_appear_nowhere() {
    let mut station = Workstation::new();
    let value = "f".repeat(64);
    let outcomes = [
        station.run("sigkey-add", "admin1\nhunter2\nhunter2\n"),
        station.run("sigkey-sel", "1\nhunter2\n"),
        station.run("sigkey-sel", "1\nhunter2x\n"),
        station.run("mk-add --value", &format!("{value}\none\nhunter2\nhunter2\n")),
        station.run("mk-add --value", &format!("{value}f\none\nhunter2\nhunter2\n")),
    ];
    for outcome in outcomes {
        let printed = outcome.stdout + &outcome.stderr;
        assert!(!printed.contains("hunter2") && !printed.contains(&value), "{printed}");
    }
}

#[test]
fn arguments_that_make_no_sense_have_status_2() {
    let mut station = Workstation::new();
    for arguments in [
        "cryptounit",
        "sigkey-add --password x",
        "mk-add --random --value",
        "sigkeys extra",
        "completion cobol",
        "request",
        "request create thrhld-set --unit 1 --signature 9 --revocation 1 --out f",
    ] {
        let outcome = station.run(arguments, "");
        assert_eq!((outcome.status, outcome.stdout.as_str()), (2, ""), "{arguments}");
        assert!(!outcome.stderr.is_empty());
    }
    assert_eq!(
        station.run("mk-add", "").failure(),
        "Incorrect usage.  Specify either --random or --value.",
        "the plug-in reports this one itself"
    );
}

#[test]
fn help_and_completion_need_no_directory() {
    let mut station = Workstation::new().with("CLOUDTKEFILES", "");
    let overview = station.run("help", "").success();
    assert_eq!(station.run("", "").success(), overview);
    assert_eq!(station.run("h", "").success(), overview);
    assert_eq!(station.run("--help", "").success(), overview);
    assert!(overview.contains("hpcs-emulator-manager-key"));
    let help = station.run("help cryptounit-mk-load", "").success();
    assert_eq!(station.run("cryptounit-mk-load --help", "").success(), help);
    assert!(help.contains("--keynum"));
    assert!(station.run("help request create", "").success().contains("thrhld-set"));
    assert!(station.run("completion bash", "").success().contains("cryptounit-zeroize"));
    assert!(station.run("help nothing", "").failure().contains("'nothing'"));
}

#[test]
fn a_server_that_is_not_there_is_named() {
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let mut station = Workstation::new().with("TKE_PRIVATE_ADDR", &format!("http://{free}"));
    let failure = station.run("cryptounits", "").failure();
    let (first, rest) = failure.split_once("\nMessage: ").unwrap();
    assert_eq!(first, "Error requesting an access token.");
    let (cause, last) = rest.split_once('\n').unwrap();
    assert!(cause.matches("refused").count() == 1, "{failure}");
    assert_eq!(last, format!("The service cannot be reached: http://{free}"));
}

#[test]
fn a_server_elsewhere_needs_a_credential() {
    let mut station = Workstation::new();
    let failure = station.run("cryptounits --server 192.0.2.1:9876", "").failure();
    assert!(failure.starts_with("No access token or API key is set for http://192.0.2.1:9876."), "{failure}");
    let failure = station.run("cryptounits --server 192.0.2.1:9876 --api-key-file /no/such/file", "").failure();
    assert!(failure.starts_with("The API key file cannot be read.  /no/such/file"), "{failure}");
}

#[test]
fn a_request_file_that_is_none_is_refused_by_name() {
    let mut station = Workstation::new();
    let path = station.path().join("request.json");
    std::fs::write(&path, "{}").unwrap();
    let path = path.display().to_string();
    for command in ["show", "sign", "submit"] {
        assert!(station.run(&format!("request {command} {path}"), "").failure().ends_with(&path), "{command}");
    }
    assert!(station.run("request show /no/such/file", "").failure().contains("/no/such/file"));
}

#[test]
fn what_makes_no_sense_in_a_variable_is_refused_by_name() {
    let mut station = Workstation::new();
    station.add_signature_key("admin1");
    let mut station = station.with("TKE_YES", "perhaps");
    let failure = station.run("sigkey-rm", "1\n").failure();
    assert!(failure.starts_with("The TKE_YES environment variable is 'perhaps'."), "{failure}");
    assert!(station.path().join("1.sigkey").exists());
}

#[test]
fn a_variable_says_yes_or_no() {
    for (value, removed) in [("1", true), ("true", true), ("0", false)] {
        let mut station = Workstation::new();
        station.add_signature_key("admin1");
        let mut station = station.with("TKE_YES", value);
        station.run("sigkey-rm", "1\n").success();
        assert_eq!(!station.path().join("1.sigkey").exists(), removed, "{value}");
    }
}

#[test]
fn files_and_lines_have_a_largest_size() {
    let mut station = Workstation::new();
    let path = station.path().join("large");
    std::fs::write(&path, " ".repeat(64 * 1024 + 1)).unwrap();
    let path = path.display().to_string();
    for arguments in [
        format!("request show {path}"),
        format!("sigkeys --password-file {path}"),
        format!("cryptounits --api-key-file {path}"),
    ] {
        let failure = station.run(&arguments, "").failure();
        assert!(failure.contains(&path) && failure.contains("too large; the limit is 65536 bytes"), "{failure}");
    }
    let failure = station.run("sigkey-add", &"x".repeat(100_000)).failure();
    assert!(failure.contains("The line is too long."), "{failure}");
}

#[test]
fn a_signing_service_leaves_the_key_files_alone() {
    let mut station = Workstation::new();
    station.add_signature_key("admin1");
    let mut station = station.with("TKE_SIGNSERV_URL", "https://signing.example.com:8080");
    for command in ["sigkeys", "sigkey-add", "sigkey-rm", "sigkey-sel"] {
        let out = station.run(command, "").success();
        assert_eq!(out, "A signing service is being used.  No action was performed.\n", "{command}");
    }
}

#[test]
fn a_credential_that_leaves_the_machine_is_announced_once() {
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let mut station = Workstation::new().with("TKE_TOKEN", "secret-token");
    let warning = "Warning!  The access token or API key is sent to ";
    let abroad = station.run(&format!("cryptounits --server 0.0.0.0:{free}"), "").stderr;
    assert_eq!(abroad.matches(warning).count(), 1, "{abroad}");
    assert!(!abroad.contains("secret-token"), "{abroad}");
    let here = station.run(&format!("cryptounits --server 127.0.0.1:{free}"), "").stderr;
    assert!(!here.contains(warning), "{here}");
}
