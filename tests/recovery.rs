//! A master key made in a recovery unit, carried to an operational unit.
#![allow(clippy::unwrap_used, clippy::panic)]

mod support;

use hpcs_workstation::{MasterKeyRegister, Thresholds, UnitClient, UnitError};
use support::{Server, key};

#[test]
fn a_random_key_goes_from_the_recovery_unit_to_an_operational_one() {
    let server = Server::start();
    let client = server.client();
    let (alice, bob) = (key(21), key(22));
    server.run(async {
        let units = client.units().await;
        let (target, source) = (&units[0], &units[2]);
        for unit in [target, source] {
            unit.add_administrator("alice", &alice, &[]).await.unwrap();
            unit.add_administrator("bob", &bob, &[]).await.unwrap();
            unit.set_thresholds(Thresholds { signature: 2, revocation: 1 }, &[&alice, &bob]).await.unwrap();
        }
        let pattern = source.random_master_key(&alice).await.unwrap();
        assert!(matches_current(source, pattern).await);
        let carried =
            source.transfer_master_key(target, MasterKeyRegister::Current, &[&alice, &bob], &alice).await.unwrap();
        assert!(carried.matches(&pattern));
        target.commit(pattern, &[&alice, &bob]).await.unwrap();
        target.set_immediate(pattern, &bob).await.unwrap();
        assert!(matches_current(target, pattern).await);

        let refused = target.random_master_key(&alice).await.err().unwrap();
        assert!(matches!(refused, UnitError::Refused { .. }), "{refused}");
        assert!(refused.to_string().contains("Return code: 80\nReason code: 52\n"), "{refused}");
    });
    let actions: Vec<_> = server.events().into_iter().map(|(action, _, _)| action).collect();
    let expected = [
        "-admin.add",
        "-admin.add",
        "-threshold.set",
        "-admin.add",
        "-admin.add",
        "-threshold.set",
        "-master-key-register.add",
        "-master-key-register.commit",
        "-master-key-register.activate",
    ];
    assert_eq!(actions, expected);
}

async fn matches_current(unit: &UnitClient, pattern: hpcs_ep11::VerificationPattern) -> bool {
    unit.domain_info().await.unwrap().current.matches(&pattern)
}
