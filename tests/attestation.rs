//! Crypto modules of every generation prove themselves to the workstation.
#![allow(clippy::unwrap_used, clippy::panic)]

mod support;
#[path = "../tke-client/tke/tests/workstation/mod.rs"]
mod workstation;

use hpcs_emulator::Config;
use hpcs_ep11::{ChainError, P521KeyPair, TrustedRoot};
use hpcs_grpc::emulator::v1 as api;
use hpcs_grpc::emulator::v1::instances_client::InstancesClient;
use hpcs_hsm::Profile;
use hpcs_service::InstanceSpec;
use hpcs_workstation::{UnitClient, UnitError, trusted_roots};
use serde_json::Value;
use support::Server;
use workstation::Workstation;

/// The default configuration with one instance for each of these generations.
fn of(profiles: &[Profile]) -> Config {
    let mut config = Config::default();
    let [default] = &config.instances[..] else { panic!("one default instance") };
    let instance = |(number, profile): (u32, &Profile)| {
        let mut instance = default.clone();
        instance.spec = InstanceSpec { number, profile: Some(*profile), ..instance.spec };
        instance
    };
    config.instances = (0..).zip(profiles).map(instance).collect();
    config
}

/// Hexadecimal digits of a module's key in the files of a client.
fn digits(profile: Profile) -> usize {
    if profile == Profile::Cex5 { 2 * 159 } else { 2 * 133 }
}

#[test]
fn tke_administers_units_of_every_generation() {
    for profile in Profile::ALL {
        let server = Server::configured(of(&[profile]));
        let mut desk = Workstation::seeded(1).with("TKE_PRIVATE_ADDR", &server.address);
        desk.run("cryptounit-add", "1 2\n").success();
        desk.add_signature_key("admin1");
        desk.run("sigkey-sel", "1\npw-admin1\n").success();
        desk.run("cryptounit-admin-add", "1\npw-admin1\n").success();
        desk.run("cryptounit-thrhld-set", "1\n1\npw-admin1\n").success();
        desk.run("cryptounit-zeroize", "y\npw-admin1\n").success();
        let actions: Vec<_> = server.events().into_iter().map(|(action, _, outcome)| (action, outcome)).collect();
        let expected = ["-admin.add", "-threshold.set", ".reset"]
            .into_iter()
            .flat_map(|action| std::iter::repeat_n((action.to_owned(), "success".to_owned()), 2));
        assert_eq!(actions, expected.collect::<Vec<_>>(), "{profile}");
        for (file, modules) in [("CRYPTOMODULES", 2), ("DOMAINS", 4)] {
            let text = std::fs::read(desk.path().join(file)).unwrap();
            let entries: Vec<Value> = serde_json::from_slice(&text).unwrap();
            assert_eq!(entries.len(), modules, "{file}");
            let known = entries.iter().map(|entry| entry["public_key"].as_str().unwrap());
            let known: Vec<_> = known.filter(|key| *key != "not available").collect();
            assert!(known.len() >= 2 && known.iter().all(|key| key.len() == digits(profile)), "{profile}: {file}");
        }
    }
}

#[test]
fn instances_of_all_generations_stand_side_by_side_and_lead_to_one_root() {
    let server = Server::configured(of(&Profile::ALL));
    let client = server.client();
    let stranger = P521KeyPair::from_scalar(&[9]).unwrap().public();
    let strangers = [TrustedRoot { id: stranger.oa_key_id(), key: stranger }];
    server.run(async {
        let instances = client.service.instances().await.unwrap();
        assert_eq!(instances.len(), 4);
        let mut seen = Vec::new();
        for instance in instances {
            let listed = client.service.crypto_units(instance.id).await.unwrap();
            let listed: Vec<_> = listed.into_iter().map(|unit| (instance.id, unit)).collect();
            let units = UnitClient::connect_all(&client.service, &listed, &trusted_roots()).await.unwrap();
            units[0].clone().zeroize(&[]).await.unwrap();
            seen.push(units[0].module_key_entry().public_key.len());
            let refused =
                UnitClient::connect(&client.service, instance.id, &listed[0].1, &strangers).await.err().unwrap();
            assert!(
                matches!(refused, UnitError::Chain(ChainError::UnknownRoot { .. } | ChainError::NoRoot { .. })),
                "{refused}"
            );
        }
        seen.sort_unstable();
        let mut expected = Profile::ALL.map(digits);
        expected.sort_unstable();
        assert_eq!(seen, expected);
    });
}

#[test]
fn an_instance_is_created_with_modules_of_the_generation_that_was_asked_for() {
    let server = Server::start();
    let client = server.client();
    let mut instances = InstancesClient::new(client.channel.clone());
    let create = |profile: &str| {
        let profile = profile.to_owned();
        client.request(api::CreateInstanceRequest { profile, operational: Some(2), ..Default::default() })
    };
    server.run(async {
        for profile in Profile::ALL {
            let id = instances.create(create(profile.as_str())).await.unwrap().into_inner().id.parse().unwrap();
            let listed = client.service.crypto_units(id).await.unwrap();
            let unit = UnitClient::connect(&client.service, id, &listed[0], &trusted_roots()).await.unwrap();
            assert_eq!(unit.module_key_entry().public_key.len(), digits(profile), "{profile}");
        }
        let refused = instances.create(create("CEX9")).await.unwrap_err();
        assert_eq!(refused.code(), tonic::Code::InvalidArgument);
        let text = "profile: is not a generation of crypto modules: CEX5, CEX6, CEX7 or CEX8";
        assert!(refused.message().contains(text), "{}", refused.message());
    });
}
