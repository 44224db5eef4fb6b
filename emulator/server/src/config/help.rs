//! The settings as `serve --help` lists them, from the tables that read them.

use super::environment::{TABLE_KNOB, knob_variable, variable};
use super::file::{KNOBS, STYLE};

/// Every setting: its key in the file and its variable.
pub(crate) fn settings_help() -> String {
    let mut text = String::from("All settings, as keys of the file and as variables:\n");
    let mut row = |key: &str, variable: &str| {
        text.push_str(&format!("  {key:<34}  {variable}\n"));
    };
    for (key, name) in PLAIN {
        row(key, &variable(name));
    }
    for knob in STYLE.iter().chain(KNOBS) {
        let variable = if *knob == TABLE_KNOB { FILE_ONLY.to_owned() } else { variable(&knob_variable(knob)) };
        row(&format!("[events] {knob}"), &variable);
    }
    for (table, keys) in TABLES {
        for key in *keys {
            row(&format!("[[{table}]] {key}"), FILE_ONLY);
        }
    }
    text.push_str(END);
    text
}

const PLAIN: &[(&str, &str)] = &[
    ("listen", "LISTEN"),
    ("port", "PORT"),
    ("private", "PRIVATE"),
    ("connections", "CONNECTIONS"),
    ("seed", "SEED"),
    ("seed_file", "SEED_FILE"),
    ("data_dir", "DATA_DIR"),
    ("[store] url", "STORE"),
    ("[store] key_file", "STORE_KEY_FILE"),
    ("[store] replica", "STORE_REPLICA"),
    ("[store] keep_events", "STORE_KEEP_EVENTS"),
    ("[store] keep_age", "STORE_KEEP_AGE"),
    ("[store] keep_bytes", "STORE_KEEP_BYTES"),
    ("[store] hash_chain", "STORE_HASH_CHAIN"),
    ("[store] commit_deadline", "STORE_COMMIT_DEADLINE"),
    ("[store] audit_mode", "STORE_AUDIT_MODE"),
    ("[tls] mode", "TLS"),
    ("[tls] directory", "TLS_DIRECTORY"),
    ("[tke] listing", "TKE_LISTING"),
    ("[grep11] local", "GREP11_LOCAL"),
    ("[grep11] requests_per_second", "GREP11_REQUESTS_PER_SECOND"),
    ("[events] to", "EVENTS"),
    ("[events] max_bytes", "EVENTS_MAX_BYTES"),
    ("[events] keep", "EVENTS_KEEP"),
    ("[rotation] rewrap_time", "ROTATION_REWRAP_TIME"),
];

/// Tables that can be repeated.
const TABLES: &[(&str, &[&str])] = &[
    ("instance", &["id", "region", "plan", "account", "profile", "operational", "recovery", "failover"]),
    ("api_key", &["key", "iam_id", "name", "account", "account_name", "roles"]),
];

const FILE_ONLY: &str = "file only";

const END: &str = "
The variable HPCS_EMULATOR_CONFIG names the file. HPCS_EMULATOR_SERVER and
HPCS_EMULATOR_API_KEY are for the commands that talk to a running emulator.";

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::config::environment::known;
    use crate::config::{Config, ConfigError, Environment, Settings};

    #[test]
    fn every_variable_is_listed() {
        let help = settings_help();
        let listed: Vec<_> = help.split_whitespace().collect();
        for name in known() {
            assert!(listed.contains(&variable(&name).as_str()), "{name}\n{help}");
        }
    }

    #[test]
    fn every_listed_variable_exists() {
        let known: Vec<_> = known().collect();
        for (setting, name) in PLAIN {
            assert!(known.iter().any(|known| known == name), "{setting}: {name}");
        }
    }

    #[test]
    fn every_listed_key_exists() {
        for line in settings_help().lines().skip(1).take_while(|line| !line.is_empty()) {
            let words: Vec<_> = line.split_whitespace().collect();
            let (table, key) = if words[0].starts_with('[') { (words[0], words[1]) } else { ("", words[0]) };
            // No setting takes a list of lists. An API key has two members that cannot be left out.
            let mut text = format!("{table}\n{key} = [[]]\n");
            for (needed, value) in [("key", "'k'"), ("iam_id", "'IBMid-1'")] {
                if table == "[[api_key]]" && key != needed {
                    text += &format!("{needed} = {value}\n");
                }
            }
            let file = Some((Path::new("e.toml"), text.as_str()));
            match Config::resolve(Settings::default(), &Environment::default(), file) {
                Err(ConfigError::Value { key: named, .. }) => assert!(named.ends_with(key), "{named}: {line}"),
                other => panic!("{line}: {:?}", other.err()),
            }
        }
    }
}
