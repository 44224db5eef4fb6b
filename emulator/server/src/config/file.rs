//! The configuration file.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::path::Path;

use hpcs_audit::Style;
use hpcs_names::AccountId;
use hpcs_service::{ApiKey, ApiKeyDigest, Identity, Knobs, Role};
use serde::Deserialize;
use toml::{Table, Value};

use super::section::{Document, Section};
use super::{
    ApiKeyConfig, ConfigError, Declared, InstanceConfig, ListingName, Settings, StoreSettings, TlsSettings, defaults,
};

/// What a file says.
#[derive(Default)]
pub(super) struct FileConfig {
    pub(super) settings: Settings,
    pub(super) style: Table,
    pub(super) knobs: Table,
    pub(super) instances: Vec<InstanceConfig>,
    pub(super) api_keys: Vec<ApiKeyConfig>,
}

/// Reads a file.
pub(super) fn read(path: &Path, text: &str) -> Result<FileConfig, ConfigError> {
    let document = Document::parse(path, text)?;
    let mut root = document.root();
    let mut file = FileConfig::default();
    let address: Option<SocketAddr> = root.parse("listen")?;
    let port = root.take("port")?;
    let mut events = root.table("events")?;
    let mut rotation = root.table("rotation")?;
    let mut grep11 = root.table("grep11")?;
    file.settings = Settings {
        private: root.take("private")?,
        seed: root.take("seed")?,
        events: events.take("to")?,
        events_max_bytes: events.take("max_bytes")?,
        events_keep: events.take("keep")?,
        seed_file: root.take("seed_file")?,
        store: store(&mut root)?,
        connections: root.take("connections")?,
        tls: tls(&mut root)?,
        tke_listing: tke_listing(&mut root)?,
        rewrap_time: rotation.parse("rewrap_time")?,
        grep11_local: grep11.take("local")?,
        requests_per_second: grep11.take("requests_per_second")?,
        ..Settings::default()
    }
    .listening(address, port);
    file.style = knobs::<Style>(&mut events, STYLE)?;
    file.knobs = knobs::<Knobs>(&mut events, KNOBS)?;
    events.finish()?;
    rotation.finish()?;
    grep11.finish()?;
    for (number, section) in (0..).zip(root.tables("instance")?) {
        file.instances.push(instance(path, number, section)?);
    }
    let mut known = BTreeSet::new();
    for section in root.tables("api_key")? {
        file.api_keys.push(api_key(section, &mut known)?);
    }
    root.finish()?;
    check_distinct(&document, &file.instances)?;
    Ok(file)
}

fn store(root: &mut Section<'_>) -> Result<StoreSettings, ConfigError> {
    let mut store = root.table("store")?;
    let settings = StoreSettings {
        data_dir: root.take("data_dir")?,
        url: store.parse("url")?,
        key_file: store.take("key_file")?,
        replica: store.parse("replica")?,
        keep_events: store.take("keep_events")?,
        keep_age: store.parse("keep_age")?,
        keep_bytes: store.take("keep_bytes")?,
        hash_chain: store.take("hash_chain")?,
        commit_deadline: store.parse("commit_deadline")?,
        audit_mode: store.parse("audit_mode")?,
    };
    store.finish()?;
    Ok(settings)
}

fn tls(root: &mut Section<'_>) -> Result<TlsSettings, ConfigError> {
    let mut tls = root.table("tls")?;
    let settings = TlsSettings { mode: tls.parse("mode")?, directory: tls.take("directory")? };
    tls.finish()?;
    Ok(settings)
}

fn tke_listing(root: &mut Section<'_>) -> Result<Option<ListingName>, ConfigError> {
    let mut tke = root.table("tke")?;
    let listing = tke.parse("listing")?;
    tke.finish()?;
    Ok(listing)
}

/// Takes the knobs of `T` out of a section, each tried by itself so that a fault has its key.
fn knobs<T: for<'de> Deserialize<'de>>(
    section: &mut Section<'_>,
    names: &[&'static str],
) -> Result<Table, ConfigError> {
    let mut table = Table::new();
    for name in names {
        let Some(value) = section.take_value(name) else { continue };
        try_knob::<T>(name, &value).map_err(|why| section.wrong(name, why))?;
        table.insert((*name).to_owned(), value);
    }
    Ok(table)
}

/// Whether `T` takes this value under this name.
pub(super) fn try_knob<T: for<'de> Deserialize<'de>>(name: &str, value: &Value) -> Result<(), String> {
    let single: Table = [(name.to_owned(), value.clone())].into_iter().collect();
    match single.try_into::<T>() {
        Ok(_) => Ok(()),
        Err(error) => Err(error.message().trim_end().to_owned()),
    }
}

fn instance(path: &Path, number: u32, mut section: Section<'_>) -> Result<InstanceConfig, ConfigError> {
    let declared = Declared::File { path: path.to_owned(), line: section.line() };
    let mut spec = defaults::instance(number);
    spec.id = section.parse("id")?;
    if let Some(region) = section.parse("region")? {
        spec.region = region;
    }
    if let Some(plan) = section.parse("plan")? {
        spec.plan = plan;
    }
    if let Some(account) = section.parse("account")? {
        spec.account = account;
    }
    spec.profile = section.parse("profile")?;
    spec.operational = section.take("operational")?.unwrap_or(spec.operational);
    spec.recovery = section.take("recovery")?.unwrap_or(spec.recovery);
    spec.failover = section.take("failover")?.unwrap_or(spec.failover);
    section.finish()?;
    Ok(InstanceConfig { spec, declared })
}

/// Ids that are not set derive from the instance's number and are distinct.
fn check_distinct(document: &Document<'_>, instances: &[InstanceConfig]) -> Result<(), ConfigError> {
    let mut known = BTreeSet::new();
    for instance in instances {
        if let (Some(id), Declared::File { line, .. }) = (instance.spec.id, &instance.declared)
            && !known.insert(id)
        {
            return Err(document.wrong_at(*line, "instance.id", "another instance has the same id"));
        }
    }
    Ok(())
}

fn api_key(mut section: Section<'_>, known: &mut BTreeSet<ApiKeyDigest>) -> Result<ApiKeyConfig, ConfigError> {
    let key: String = section.take("key")?.ok_or_else(|| section.missing("key"))?;
    if key.is_empty() {
        return Err(section.wrong("key", "an API key is not empty"));
    }
    let key = ApiKey::new(key);
    if !known.insert(key.digest()) {
        return Err(section.wrong("key", "another identity has the same API key"));
    }
    let iam_id: String = section.take("iam_id")?.ok_or_else(|| section.missing("iam_id"))?;
    if !IAM_ID_FORMS.iter().any(|start| iam_id.strip_prefix(start).is_some_and(|rest| !rest.is_empty())) {
        let why = format!("an IAM id starts with {}", IAM_ID_FORMS.join(", "));
        return Err(section.wrong("iam_id", why));
    }
    let name = section.take("name")?.unwrap_or_else(|| iam_id.clone());
    let account: Option<AccountId> = section.parse("account")?;
    let account = account.unwrap_or_else(|| defaults::instance(0).account);
    let account_name = section.take("account_name")?.unwrap_or_else(|| defaults::ACCOUNT_NAME.to_owned());
    let roles = match section.take::<Vec<String>>("roles")? {
        Some(names) => names
            .iter()
            .map(|name| name.parse())
            .collect::<Result<Vec<Role>, String>>()
            .map_err(|why| section.wrong("roles", why))?,
        None => defaults::MANAGER_ROLES.to_vec(),
    };
    section.finish()?;
    Ok(ApiKeyConfig {
        key,
        identity: Identity { iam_id, name, account, account_name, roles, expires_at: None },
        is_default: false,
    })
}

/// How IAM ids start: users, service IDs, trusted profiles.
pub(crate) const IAM_ID_FORMS: &[&str] = &["IBMid-", "iam-ServiceId-", "iam-Profile-"];

/// The members of [`Style`].
pub(super) const STYLE: &[&str] = &[
    "event_time_style",
    "instance_id_key",
    "html_escape",
    "private_host",
    "severity_combine",
    "unlisted_failure_severity",
    "kp_500_severity",
    "data_event_overrides",
    "legacy_action_names",
    "uko_correlation_id",
    "observer_name",
    "event_id",
    "loopback_as",
];

/// The members of [`Knobs`].
pub(super) const KNOBS: &[&str] = &["tke_gen_wk_event"];

#[cfg(test)]
mod tests {
    use super::*;

    fn expected_by<T: for<'de> Deserialize<'de>>() -> String {
        try_knob::<T>("no_such_knob", &Value::Boolean(true)).unwrap_err()
    }

    #[test]
    fn every_knob_of_the_crates_below_is_known_here() {
        for (names, message) in [(STYLE, expected_by::<Style>()), (KNOBS, expected_by::<Knobs>())] {
            // "unknown field `no_such_knob`, expected one of `a`, `b`"
            let known: BTreeSet<_> = message.split('`').skip(3).step_by(2).collect();
            assert_eq!(known, names.iter().copied().collect(), "{message}");
        }
    }
}
