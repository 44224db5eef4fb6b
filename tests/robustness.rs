//! Clients that leave, and clients that fight.
#![allow(clippy::unwrap_used, clippy::panic)]

mod support;

use hpcs_workstation::{UnitClient, UnitError};
use support::{Client, Server, key};

/// State and events tell the same story: one success a reset, and the domain instance counts them.
fn told_alike(server: &Server, client: &Client, unit: &UnitClient) -> u32 {
    let state = server.run(client.inspect(unit.info().id));
    let instance = u32::from_str_radix(&state.domain_instance, 16).unwrap();
    let resets =
        server.events().into_iter().filter(|(action, _, outcome)| action == ".reset" && outcome == "success").count();
    assert_eq!(instance as usize, resets + 1);
    instance
}

/// Calls are cancelled after ever more turns of the scheduler, until some were cancelled too early to commit and some too
/// late to be stopped.
#[test]
fn calls_cancelled_at_any_moment_commit_whole_or_not_at_all() {
    const ENOUGH: usize = 5;
    const CALLS_A_ROUND: usize = 20;
    let server = Server::start();
    let client = server.client();
    let unit = server.run(client.units()).remove(0);
    let (mut cancelled, mut patience) = (0, 0);
    loop {
        for _ in 0..CALLS_A_ROUND {
            server.run(cancelled_zeroize(&unit, patience));
            patience += 100;
            cancelled += 1;
        }
        // One that nobody cancels, so that those before it have been decided.
        server.run(async { unit.clone().zeroize(&[]).await.unwrap() });
        let uncancelled = cancelled / CALLS_A_ROUND;
        let committed = told_alike(&server, &client, &unit) as usize - 1 - uncancelled;
        if committed >= ENOUGH && cancelled - committed >= ENOUGH {
            break;
        }
        assert!(cancelled < 100 * CALLS_A_ROUND, "{committed} of {cancelled} cancelled calls committed");
    }
}

async fn cancelled_zeroize(unit: &UnitClient, patience: usize) {
    let unit = unit.clone();
    let command = unit.prepare_zeroize().await.unwrap();
    let call = tokio::spawn(async move { unit.send(&command, &[]).await });
    for _ in 0..patience {
        tokio::task::yield_now().await;
    }
    call.abort();
    let _ = call.await;
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
                let administrator = key(scalar);
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
