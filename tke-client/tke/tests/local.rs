//! The dialogues of the commands that work on files only.

mod workstation;

use workstation::Workstation;

/// The row of a signature key as tables show it.
fn row(workstation: &Workstation, keynum: u32, name: &str) -> String {
    let ski = workstation.member(&format!("{keynum}.sigkey"), "ski");
    format!("{keynum}        {name}        {}...   \n", &ski[..30])
}

const KEY_TITLES: &str = "KEYNUM   DESCRIPTION   SUBJECT KEY IDENTIFIER   \n";

#[test]
fn sigkey_add_is_the_published_dialogue() {
    let mut station = Workstation::new();
    let out = station.run("sigkey-add", "admin1\nsecret\nsecret\n").success();
    let expected = format!(
        "\n\nEnter an administrator name to be associated with the signature key:\n> admin1\n\
         Enter a password to protect the signature key:\n> \n\
         Re-enter the password to confirm:\n> \n\
         OK\nA signature key was created.\nThe available signature keys on this workstation are:\n\n\
         {KEY_TITLES}{}\nNo KEYNUM are selected as current signature keys.\n",
        row(&station, 1, "admin1")
    );
    assert_eq!(out, expected);
}

#[test]
fn sigkey_sel_checks_passwords_and_replaces_the_selection() {
    let mut station = Workstation::new();
    station.add_signature_key("admin1");
    station.add_signature_key("admin2");
    let out = station.run("sigkey-sel", "1 2\npw-admin1\npw-admin2\n").success();
    let expected = format!(
        "\n{KEY_TITLES}{}{}\nNo KEYNUM are selected as current signature keys.\n\n\
         Enter the KEYNUM values to select as current signature keys, separated by spaces:\n> 1 2\n\
         Enter the password for KEYNUM 1:\n> \nEnter the password for KEYNUM 2:\n> \n\
         OK\nKEYNUM 1, 2 have been made the current signature keys.\n",
        row(&station, 1, "admin1"),
        row(&station, 2, "admin2")
    );
    assert_eq!(out, expected);
    station.run("sigkey-sel", "2\npw-admin2\n").success();
    assert!(station.run("sigkeys", "").success().ends_with("\nKEYNUM 2 is selected as the current signature key.\n"));
    station.run("sigkey-sel", "\n").success();
    assert!(station.run("sigkeys", "").success().ends_with("\nNo KEYNUM are selected as current signature keys.\n"));
}

#[test]
fn a_wrong_password_leaves_the_selection() {
    let mut station = Workstation::new();
    station.add_signature_key("admin1");
    station.add_signature_key("admin2");
    station.run("sigkey-sel", "1\npw-admin1\n").success();
    let failure = station.run("sigkey-sel", "1 2\npw-admin1\nwrong\n").failure();
    assert_eq!(failure, "Invalid password.");
    assert!(station.run("sigkeys", "").success().contains("KEYNUM 1 is selected"));
}

#[test]
fn sigkey_rm_asks_and_takes_the_key_out_of_the_selection() {
    let mut station = Workstation::new();
    station.add_signature_key("admin1");
    station.run("sigkey-sel", "1\npw-admin1\n").success();
    let kept = station.run("sigkey-rm", "1\nn\n").success();
    assert!(kept.ends_with(
        "Enter the KEYNUM of the signature key you wish to remove:\n> 1\n\
         Are you sure you want to remove the signature key?\nAnswer [y/N]:\n> n\n"
    ));
    assert!(station.path().join("1.sigkey").exists());
    let removed = station.run("sigkey-rm --keynum 1 --yes", "").success();
    assert!(removed.ends_with("> y\nOK\nThe signature key was removed.\n"), "{removed}");
    let left = station.run("sigkeys", "").success();
    assert!(left.starts_with("No files containing a signature key were found.\n\n"));
    station.add_signature_key("other");
    assert!(station.run("sigkeys", "").success().contains("No KEYNUM are selected"));
}

/// The value and its pattern: SHA-256 over 01 and the 32 bytes 00..1f.
const VALUE: &str = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
const PATTERN: [&str; 2] = ["491176b0f443c65a7c7d72df47d6cbc0", "d04e111fb5a619f60d3e77677ab6f919"];

#[test]
fn mk_add_value_lists_the_pattern_and_never_shows_the_value() {
    let mut station = Workstation::new();
    let out = station.run("mk-add --value", &format!("{VALUE}\nFirst key\nsecret\nsecret\n")).success();
    let [first, second] = PATTERN;
    let expected = format!(
        "Enter the key part value:\n> \n\
         Enter a description for the key part:\n> First key\n\
         Enter a password to protect the key part:\n> \n\
         Re-enter the password to confirm:\n> \n\
         OK\nA key part was created.\nThe available EP11 master key parts on this workstation are:\n\n\
         KEYNUM   DESCRIPTION   VERIFICATION PATTERN   \n\
         1        First key     {first}   \n                       {second}   \n"
    );
    assert_eq!(out, expected);
    assert!(station.run("mks", "").success().contains(first));
}

#[test]
fn random_key_parts_differ() {
    let mut station = Workstation::new();
    for name in ["one", "two"] {
        station.run("mk-add --random", &format!("{name}\npw\npw\n")).success();
    }
    assert_ne!(station.member("1.mkpart", "vp"), station.member("2.mkpart", "vp"));
}

#[test]
fn mk_rm_asks_first() {
    let mut station = Workstation::new();
    station.run("mk-add --random", "one\npw\npw\n").success();
    station.run("mk-rm", "1\n\n").success();
    assert!(station.path().join("1.mkpart").exists());
    let out = station.run("mk-rm", "1\ny\n").success();
    assert!(out.contains("Enter the KEYNUM of the master key part you wish to remove:\n> 1\n"));
    assert!(out.ends_with("OK\nThe master key part was removed.\n"));
    assert_eq!(station.run("mks", "").success(), "No files containing an EP11 master key part were found.\n");
}

#[test]
fn answers_come_from_flags_variables_and_the_password_file() {
    let mut station = Workstation::new().with("TKE_DESCRIPTION", "from a variable");
    let passwords = station.path().join("passwords");
    std::fs::write(&passwords, "admin1=a=b\nmk:1=unused\nfrom a variable=c\n").unwrap();
    let passwords = passwords.display().to_string();
    station.run_with(&["sigkey-add", "--name", "admin1", "--password-file", &passwords], "").success();
    station.run_with(&["mk-add", "--random", "--password-file", &passwords], "").success();
    assert_eq!(station.member("1.mkpart", "description"), "from a variable");
    station.run("sigkey-sel", "1\na=b\n").success();
}

#[test]
fn quiet_keeps_tables_and_prompts() {
    let mut station = Workstation::new();
    let out = station.run("sigkey-add -q", "admin1\npw\npw\n").success();
    assert!(!out.contains("OK\n") && out.contains(KEY_TITLES) && out.contains("Re-enter"), "{out}");
}
