//! Runs that nobody can repeat: those without `--seed`.

use std::collections::HashSet;

use hpcs_emulator::{Config, World};
use hpcs_ep11::pkcs11::{AttributeType, MechanismType};
use hpcs_grpc::grep11::{GenerateKeyRequest, GenerateRandomRequest};
use hpcs_service::Seed;

use crate::desk::{Desk, FIRST, INSTANCE, attributes, instance, integer, plain, unit};

#[tokio::test]
async fn equal_calls_have_nothing_in_common() {
    let world = World { seed: Seed::new([9; 32].into()), ..World::reproducible(7) };
    let instances = [instance(INSTANCE, &[unit(FIRST, None)])];
    let desk = Desk::in_world(world, &instances, Config::default()).await;
    let template = attributes([(AttributeType::VALUE_LEN, integer(32))]);
    let key = GenerateKeyRequest { mech: plain(MechanismType::AES_KEY_GEN), template };
    let mut seen = HashSet::new();
    for _ in 0..3 {
        assert!(seen.insert(ask!(desk, generate_random, GenerateRandomRequest { len: 16 }).rnd));
        let answer = ask!(desk, generate_key, key.clone());
        let record = answer.key.unwrap();
        assert!(seen.insert(answer.check_sum) && seen.insert(record.key_blob_id) && seen.insert(record.tx_id));
    }
    let events = desk.events_of(INSTANCE).await;
    let correlations: HashSet<_> = events.iter().map(|event| event["correlationId"].as_str().unwrap()).collect();
    assert_eq!((events.len(), correlations.len()), (6, 6));
}
