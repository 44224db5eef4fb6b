//! Clients that leave, clients that fight, messages that are too large.
#![allow(clippy::unwrap_used, clippy::panic)]

mod support;

use hpcs_ep11::{AdminFunction, SigningKey};
use hpcs_workstation::{UnitClient, UnitError};
use support::{Client, MANAGER_KEY, Server, key};

/// State and events tell the same story: one success a reset, and the domain instance counts them.
fn told_alike(server: &Server, client: &Client, unit: &UnitClient) -> u32 {
    let state = server.run(client.inspect(unit.info().id));
    let instance = u32::from_str_radix(&state.domain_instance, 16).unwrap();
    let resets =
        server.events().into_iter().filter(|(action, _, outcome)| action == ".reset" && outcome == "success").count();
    assert_eq!(instance as usize, resets + 1);
    instance
}

#[test]
fn calls_cancelled_at_any_moment_commit_whole_or_not_at_all() {
    let server = Server::start();
    let client = server.client();
    let unit = server.run(client.units()).remove(0);
    for patience in 0..60 {
        server.run(async {
            let mine = Client::connect(&server.address, MANAGER_KEY).await;
            let command = unit.prepare_zeroize().await.unwrap();
            let service = mine.service.clone();
            let info = unit.info().clone();
            let instance = mine.instance;
            let call = tokio::spawn(async move {
                let roots = hpcs_workstation::trusted_roots();
                let unit = UnitClient::connect(&service, instance, &info, &roots).await.unwrap();
                unit.send(&command, &[]).await
            });
            for _ in 0..patience * 4 {
                tokio::task::yield_now().await;
            }
            call.abort();
            let _ = call.await;
        });
    }
    // A last one that nobody cancels: everything before it has been decided by now.
    server.run(async { unit.zeroize(&[]).await.unwrap() });
    assert!(told_alike(&server, &client, &unit) >= 2);
}

#[test]
fn a_message_of_four_mebibytes_and_one_is_refused_and_audited() {
    const LIMIT: usize = 4 * 1024 * 1024;
    let server = Server::start();
    let client = server.client();
    let unit = server.run(client.units()).remove(0);
    let mut htp = server.run(async {
        let command = unit.prepare_zeroize().await.unwrap();
        hpcs_ep11::HtpRequest { module_index: unit.info().location.module(), cprb: cprb_of(&command) }.encode()
    });
    let names = 2 * (2 + 36) + 5;
    htp.push_str(&"0".repeat(LIMIT + 1 - names - htp.len()));
    let status = server.run(client.submit(unit.info().id, htp.into_bytes())).unwrap_err();
    assert_eq!(status.code(), tonic::Code::ResourceExhausted, "{status}");
    let event = server.last_event();
    assert_eq!((&event["action"], &event["outcome"]), (&"hs-crypto.tke-cryptounit.reset".into(), &"failure".into()));
    assert_eq!(told_alike(&server, &client, &unit), 1);
}

fn cprb_of(command: &hpcs_workstation::PreparedCommand) -> Vec<u8> {
    let request = hpcs_ep11::AdminRequest {
        function: hpcs_ep11::FunctionWord::sdk(hpcs_ep11::FunctionWord::ADMIN),
        domain: &command.domain.index.0.to_be_bytes(),
        block: &command.block,
        signatures: &[],
    };
    assert_eq!(command.function, AdminFunction::ZEROIZE);
    hpcs_ep11::Cprb::new(command.domain.index, &request.encode()).encode()
}

#[test]
fn two_clients_commanding_one_unit_never_both_win_a_turn() {
    let server = Server::start();
    let client = server.client();
    let unit = server.run(client.units()).remove(0);
    let (won, lost) = server.run(async {
        let fight = |scalar: u8| {
            let unit = unit.clone();
            tokio::spawn(async move {
                let administrator: SigningKey = key(scalar);
                let (mut won, mut lost) = (0, 0);
                for round in 0..20 {
                    let outcome = match round % 2 {
                        0 => unit.add_administrator("fighter", &administrator, &[]).await,
                        _ => {
                            let id = administrator.public().subject_key_id();
                            unit.remove_administrator(id, &[]).await
                        }
                    };
                    match outcome {
                        Ok(()) => won += 1,
                        Err(UnitError::Refused { code, .. }) => {
                            assert!(matches!(code.0, 163 | 256 | 32), "{code:?}");
                            lost += 1;
                        }
                        Err(error) => panic!("{error}"),
                    }
                }
                (won, lost)
            })
        };
        let (one, two) = (fight(41), fight(42));
        let (one, two) = (one.await.unwrap(), two.await.unwrap());
        (one.0 + two.0, one.1 + two.1)
    });
    assert_eq!(won + lost, 40);
    let state = server.run(client.inspect(unit.info().id));
    assert_eq!(u128::from_str_radix(&state.transaction_counter, 16).unwrap(), won as u128);
    let events = server.events();
    let succeeded = events.iter().filter(|(_, _, outcome)| outcome == "success").count();
    assert_eq!((events.len(), succeeded), (40, won));
}
