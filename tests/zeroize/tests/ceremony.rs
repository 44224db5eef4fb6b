//! After a ceremony and `zeroize`, no key part, master key or password is left in the process, in an event, or in an
//! error text; and no block that held one was freed before it was cleared.

use chacha20::ChaCha20Rng;
use hpcs_emulator::{Config, Emulator, Log, World};
use hpcs_ep11::KeyPart;
use hpcs_grpc::emulator::v1::ReadEventsRequest;
use hpcs_grpc::emulator::v1::events_client::EventsClient;
use hpcs_workstation::{
    Password, Service, Signer, Thresholds, UnitClient, WorkstationFiles, key_part_from_hex, trusted_roots,
};
use hpcs_zeroize_test::{Inspector, found_alive, found_in_freed, register, untracked};
use rand_core::SeedableRng;
use zeroize::Zeroizing;

#[global_allocator]
static ALLOCATOR: Inspector = Inspector;

/// Parts by rule, so that the test itself holds no copy of one: byte `index` of part `part`.
fn part_byte(part: u8, index: usize) -> u8 {
    (index as u8).wrapping_mul(29).wrapping_add(part.wrapping_mul(83)) ^ 0x5c
}

fn part_bytes(part: u8) -> Zeroizing<[u8; 32]> {
    Zeroizing::new(std::array::from_fn(|index| part_byte(part, index)))
}

fn master_key() -> Zeroizing<[u8; 32]> {
    Zeroizing::new(std::array::from_fn(|index| part_byte(1, index) ^ part_byte(2, index) ^ part_byte(3, index)))
}

fn hexadecimal(bytes: &[u8]) -> Zeroizing<String> {
    let mut text = Zeroizing::new(String::with_capacity(64));
    for byte in bytes {
        for digit in [byte >> 4, byte & 15] {
            text.push(char::from(b"0123456789abcdef"[usize::from(digit)]));
        }
    }
    text
}

fn password(owner: u8) -> Password {
    let mut text = String::with_capacity(64);
    for index in 0..40 {
        text.push(char::from(b'a' + part_byte(owner, index) % 26));
    }
    Password::new(text)
}

fn register_password(owner: u8) {
    let bytes: Zeroizing<[u8; 40]> = Zeroizing::new(std::array::from_fn(|index| b'a' + part_byte(owner, index) % 26));
    register(&bytes[..]);
}

#[test]
fn nothing_secret_survives_a_ceremony_and_zeroize() {
    for part in 1..=3 {
        register(&part_bytes(part)[..]);
        register(hexadecimal(&part_bytes(part)[..]).as_bytes());
    }
    register(&master_key()[..]);
    register(hexadecimal(&master_key()[..]).as_bytes());
    register_password(11);
    register_password(12);

    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let config = Config { listen: "127.0.0.1:0".parse().unwrap(), ..Config::default() };
    let emulator = runtime.block_on(Emulator::start(config, World::reproducible(7), Log::silent())).unwrap();
    let events = runtime.block_on(ceremony(&emulator));
    assert_eq!(untracked(), 0);
    assert_eq!(found_alive(), 0, "living blocks hold a secret after zeroize");
    assert_eq!(found_in_freed(), 0, "blocks were freed with a secret in them");
    for part in 1..=3 {
        assert!(!events.contains(hexadecimal(&part_bytes(part)[..]).as_str()));
    }
    assert!(!events.contains(hexadecimal(&master_key()[..]).as_str()));
    assert!(events.contains("master-key-register.activate"));
    runtime.block_on(emulator.shutdown()).unwrap();
    assert_eq!(found_in_freed(), 0, "blocks were freed with a secret in them at shutdown");
}

async fn ceremony(emulator: &Emulator) -> String {
    let directory = tempfile::tempdir().unwrap();
    let mut rng = ChaCha20Rng::seed_from_u64(3);
    let files = WorkstationFiles::open(Some(directory.path().as_os_str())).unwrap();
    files.add_signature_key("alice", &password(11), &mut rng).unwrap();
    for part in 1..=3 {
        let part = key_part_from_hex(&hexadecimal(&part_bytes(part)[..])).unwrap();
        files.add_key_part("part", &part, &password(12), &mut rng).unwrap();
    }
    let alice = Signer::from(files.open_signature_key(1, &password(11)).unwrap());
    assert!(files.open_key_part(1, &password(11)).is_err());
    let parts: Vec<KeyPart> = (1..=3).map(|keynum| files.open_key_part(keynum, &password(12)).unwrap()).collect();

    let service = Service::connect(&emulator.url()).unwrap();
    let token = service.issue_token("hpcs-emulator-manager-key").await.unwrap().token;
    let bearer = format!("Bearer {}", token.expose());
    let service = service.with_token(token);
    let instance = service.instances().await.unwrap()[0].id;
    let listed = service.crypto_units(instance).await.unwrap();
    let unit = UnitClient::connect(&service, instance, &listed[0], &trusted_roots()).await.unwrap();
    unit.add_administrator("alice", &alice, &[]).await.unwrap();
    unit.set_thresholds(Thresholds { signature: 1, revocation: 1 }, &[&alice]).await.unwrap();
    let references: Vec<&KeyPart> = parts.iter().collect();
    let pattern = unit.load_master_key(&references, &alice, &mut rng).await.unwrap();
    unit.commit(pattern, &[&alice]).await.unwrap();
    unit.set_immediate(pattern, &alice).await.unwrap();
    let repeated = unit.load_master_key(&references, &alice, &mut rng).await.err().unwrap().to_string();
    drop(parts);
    assert!(found_alive() > 0, "the current master key register holds the key");
    unit.zeroize(&[&alice]).await.unwrap();
    repeated + &events(&emulator.url(), &bearer).await
}

async fn events(address: &str, bearer: &str) -> String {
    let mut client = EventsClient::connect(address.to_owned()).await.unwrap();
    let mut request = tonic::Request::new(ReadEventsRequest::default());
    request.metadata_mut().insert("authorization", bearer.parse().unwrap());
    let mut stream = client.read(request).await.unwrap().into_inner();
    let mut text = String::new();
    while let Some(event) = stream.message().await.unwrap() {
        text.push_str(std::str::from_utf8(&event.json).unwrap());
    }
    text
}
