//! What is left on the disk of a crypto unit that was zeroized: nothing secret, and nothing that was sealed.
//!
//! The test knows every secret it brings, in each form it could be written in, and reads what is sealed out of the
//! database before the end of the unit. Then it looks into every file, free pages and all.
#![allow(clippy::unwrap_used, clippy::panic)]

use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chacha20::ChaCha20Rng;
use hpcs_emulator::config::{EventsTo, Rotation, StoreConfig, StorePlace};
use hpcs_emulator::{Config, Emulator, Log, World};
use hpcs_ep11::{KeyPart, P521KeyPair, SigningKey};
use hpcs_workstation::{Service, Signer, Thresholds, UnitClient, key_part_from_hex, trusted_roots};
use rand_core::SeedableRng;
use serde_json::Value;

/// Two parts by rule.
fn part_bytes(part: u8) -> [u8; 32] {
    std::array::from_fn(|index| (index as u8).wrapping_mul(29).wrapping_add(part.wrapping_mul(83)) ^ 0x5c)
}

/// Something that must not be found, by a name for the failure.
struct Needle {
    name: String,
    bytes: Vec<u8>,
}

/// A secret in every form in which someone could have written it.
fn every_form(name: &str, secret: &[u8]) -> Vec<Needle> {
    let needle = |form: &str, bytes: Vec<u8>| Needle { name: format!("{name}, {form}"), bytes };
    let mut forms = vec![
        needle("raw", secret.to_vec()),
        needle("hexadecimal", hex::encode(secret).into_bytes()),
        needle("upper-case hexadecimal", hex::encode_upper(secret).into_bytes()),
    ];
    // Where the secret is part of something larger, the first and the last characters depend on what is around it.
    for skipped in 0..3 {
        let whole = secret[skipped..].chunks_exact(3).flatten().copied().collect::<Vec<u8>>();
        forms.push(needle(&format!("base64 from byte {skipped} on"), STANDARD.encode(whole).into_bytes()));
    }
    forms
}

/// The names of the needles that are in some file below `directory`.
fn found(directory: &Path, needles: &[Needle]) -> Vec<String> {
    let files: Vec<Vec<u8>> =
        std::fs::read_dir(directory).unwrap().map(|entry| std::fs::read(entry.unwrap().path()).unwrap()).collect();
    let is_somewhere = |needle: &&Needle| {
        files.iter().any(|file| file.windows(needle.bytes.len()).any(|window| window == needle.bytes))
    };
    needles.iter().filter(is_somewhere).map(|needle| needle.name.clone()).collect()
}

/// Everything that is sealed in the record of this unit, as it stands in the database.
fn sealed(directory: &Path, unit: &str) -> Vec<Needle> {
    let flags = rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY;
    let database = rusqlite::Connection::open_with_flags(directory.join("emulator.db"), flags).unwrap();
    let value: Vec<u8> = database
        .query_row(
            "SELECT substr(value, 1, length) FROM records JOIN slots USING (slot) WHERE name = ?1",
            [format!("unit/{unit}")],
            |row| row.get(0),
        )
        .unwrap();
    let value: Value = serde_json::from_slice(&value).unwrap();
    let mut texts = vec![value["data_key"].as_str().unwrap().to_owned()];
    collect_sealed(&value, &mut texts);
    assert!(texts.len() > 3, "the data key, the module's key, the importer key, the master key");
    texts.into_iter().map(|text| Needle { name: format!("sealed: {text}"), bytes: text.into_bytes() }).collect()
}

fn collect_sealed(value: &Value, texts: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                match member {
                    Value::String(text) if name == "sealed" => texts.push(text.clone()),
                    other => collect_sealed(other, texts),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| collect_sealed(item, texts)),
        _ => {}
    }
}

#[test]
fn a_secret_in_the_middle_of_base64_has_one_of_the_forms() {
    for before in 0..4 {
        for after in 0..3 {
            let larger = [&vec![7; before][..], &part_bytes(1), &vec![9; after]].concat();
            let text = STANDARD.encode(larger).into_bytes();
            let forms = every_form("the part", &part_bytes(1));
            let is_there = |form: &&Needle| text.windows(form.bytes.len()).any(|window| window == form.bytes);
            assert_eq!(forms.iter().filter(is_there).count(), 1, "{before} bytes before, {after} behind");
        }
    }
}

#[test]
fn nothing_of_a_zeroized_unit_is_left_in_any_file() {
    let directory = tempfile::tempdir().unwrap();
    let place = StorePlace::Directory { path: directory.path().to_owned(), key_file: None };
    let events = Rotation { path: directory.path().join("events.ndjson"), max_bytes: 1 << 30, keep: 1 };
    let config = Config {
        listen: "127.0.0.1:0".parse().unwrap(),
        store: StoreConfig { place, ..StoreConfig::default() },
        events: EventsTo::File(events),
        ..Config::default()
    };
    let log = Log::new(std::fs::File::create(directory.path().join("emulator.log")).unwrap());
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let emulator = runtime.block_on(Emulator::start(config, World::reproducible(7), log)).unwrap();

    let parts: Vec<KeyPart> =
        [1, 2].iter().map(|part| key_part_from_hex(&hex::encode(part_bytes(*part))).unwrap()).collect();
    let master_key: [u8; 32] = std::array::from_fn(|index| part_bytes(1)[index] ^ part_bytes(2)[index]);
    let mut secrets = every_form("the master key", &master_key);
    secrets.extend(every_form("the first part", &part_bytes(1)));
    secrets.extend(every_form("the second part", &part_bytes(2)));

    runtime.block_on(async {
        let alice = Signer::from(SigningKey::P521(P521KeyPair::from_scalar(&[33]).unwrap()));
        let units = prepared(&emulator, &parts, &alice).await;
        let [first, second] = &units[..] else { panic!("not two units") };
        assert_eq!(found(directory.path(), &secrets), Vec::<String>::new(), "while the unit holds the key");

        let (gone, kept) = (
            sealed(directory.path(), &first.info().id.to_string()),
            sealed(directory.path(), &second.info().id.to_string()),
        );
        assert_eq!(found(directory.path(), &gone).len(), gone.len(), "what is in the database is in its files");
        first.zeroize(&[&alice]).await.unwrap();
        assert_eq!(found(directory.path(), &gone), Vec::<String>::new(), "as soon as zeroize is answered");
        assert_eq!(found(directory.path(), &kept).len(), kept.len(), "the other unit still has its own");

        second.clear_current(&alice).await.unwrap();
        assert_eq!(found(directory.path(), &kept), Vec::<String>::new(), "as soon as the register is cleared");
        emulator.shutdown().await.unwrap();
        assert_eq!(found(directory.path(), &gone), Vec::<String>::new(), "after the end");
        assert_eq!(found(directory.path(), &secrets), Vec::<String>::new(), "after the end");
    });
}

/// The first two units, with one administrator and an active master key of these parts.
async fn prepared(emulator: &Emulator, parts: &[KeyPart], alice: &Signer) -> Vec<UnitClient> {
    let service = Service::connect(&emulator.url()).unwrap();
    let token = service.issue_token("hpcs-emulator-manager-key").await.unwrap().token;
    let service = service.with_token(token);
    let instance = service.instances().await.unwrap()[0].id;
    let listed: Vec<_> =
        service.crypto_units(instance).await.unwrap().into_iter().take(2).map(|unit| (instance, unit)).collect();
    let units = UnitClient::connect_all(&service, &listed, &trusted_roots()).await.unwrap();
    let references: Vec<&KeyPart> = parts.iter().collect();
    for unit in &units {
        unit.add_administrator("alice", alice, &[]).await.unwrap();
        unit.set_thresholds(Thresholds { signature: 1, revocation: 1 }, &[alice]).await.unwrap();
        let mut rng = ChaCha20Rng::seed_from_u64(3);
        let pattern = unit.load_master_key(&references, alice, &mut rng).await.unwrap();
        unit.commit(pattern, &[alice]).await.unwrap();
        unit.set_immediate(pattern, alice).await.unwrap();
    }
    units
}
