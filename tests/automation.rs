//! Recovery units, failover units and control points with `tke`: the documented dialogues, their events, their refusals.
#![allow(clippy::unwrap_used, clippy::panic)]

mod fleet;
mod support;
#[path = "../tke-client/tke/tests/workstation/mod.rs"]
mod workstation;

use fleet::*;
use hpcs_ep11::{AdminFunction, AttributeList, Permissions};
use hpcs_grpc::emulator::v1 as api;
use hpcs_workstation::UnitClient;
use support::{Server, key};

const INSTANCE: &str = "SERVICE INSTANCE: ";

#[test]
fn six_units_are_initialised_and_leave_the_documented_events() {
    let server = Server::start();
    let mut desk = desk(&server);
    desk.run("cryptounit-add", "1 2 3 4\n").success();
    let id = server.client().instance.to_string();
    let enabled = desk.run("failover-enable", "2\ny\n").success();
    let (dialogue, listing) = enabled.split_once("\n\nAPI endpoint:").unwrap();
    assert_eq!(dialogue, FAILOVER_DIALOGUE.replace("<id>", &id));
    assert!(listing.contains(&format!("\n{INSTANCE}{id}\n")), "{listing}");
    for row in
        ["4                 true       RECOVERY", "5                 false      FAILOVER", "6                 false"]
    {
        assert!(listing.contains(row), "{listing}");
    }
    let note = "\nUse 'ibmcloud tke cryptounit-compare' to check how crypto units are configured.\n\
                You should initialize your failover crypto units now to be prepared for a failover event.\n";
    assert!(listing.ends_with(note), "{listing}");
    assert_eq!(server.events(), []);

    let administrators = "admin1\npw-admin1\npw-admin1\nadmin2\npw-admin2\npw-admin2\n";
    let printed = desk.run("auto-init", &format!("\n2\n2\n2\n{administrators}")).success();
    assert_eq!(printed, INITIALISED);
    let all = [1, 2, 3, 4, 5, 6];
    let mut expected = on(&all, &[ADD, ADD, THRESHOLDS]);
    expected.extend(each(&[1, 2, 4, 5, 6], &[LOAD, COMMIT, ACTIVATE]));
    assert_eq!(server.events(), expected);
    assert!(are_the_same(&mut desk));

    desk.run("sigkey-sel", &format!("1 2\n{BOTH}")).success();
    let message = desk.run("auto-init -y", "").failure();
    assert!(
        message.starts_with("All crypto units in the service instance must be in imprint mode.\nUse the"),
        "{message}"
    );
    let rotated = desk.run("auto-mk-rotate --delay 0", BOTH).success();
    assert_eq!(rotated.rsplit_once("> \n").unwrap().1, ROTATED);
    let mut expected = on(&[1, 2, 4, 5, 6], &[LOAD]);
    expected.extend(on(&all, &[COMMIT, ACTIVATE]));
    assert_eq!(server.events()[33..], expected);
    assert!(are_the_same(&mut desk));
}

const FAILOVER_DIALOGUE: &str = "\
You currently have 0 failover crypto unit(s) for the selected instance <id>
Since you have 2 operational crypto units for this instance, you can have up to 2 failover crypto units
Enter the total number of failover crypto units you would like (max 2):
> 2

You will now have 2 failover crypto units. This will affect your billing. For more information, see https://cloud.ibm.com/docs/hs-crypto?topic=hs-crypto-faq-pricing

Would you like to continue? [y/n]:
> y
Instance <id> targeting backup region us-east
2 failover crypto units have been assigned.
Getting crypto unit info... this may take a moment";

const INITIALISED: &str = "\
Press enter to continue or Ctrl-c to exit.
>\u{20}

ENTER SIGNATURE THRESHOLD VALUES

Enter the number of signatures to be required on commands sent to the service instance.  This must be a number between 1 and 8.  To enforce dual control, this must be at least 2:
> 2

Enter the number of signatures to be required on commands to remove an administrator.  This must be a number between 1 and 8.  To enforce dual control, this must be at least 2:
> 2

ENTER NUMBER OF ADMINISTRATORS TO INSTALL

You can install up to eight administrators in a crypto unit.  To set a signature threshold value of 2 and a revocation signature threshold of 2, you must install at least 2 administrators.

Enter the number of administrators you want to install:
> 2

Enter an administrator name to be associated with the signature key:
> admin1
Enter a password to protect the signature key:
>\u{20}
Re-enter the password to confirm:
>\u{20}

Enter an administrator name to be associated with the signature key:
> admin2
Enter a password to protect the signature key:
>\u{20}
Re-enter the password to confirm:
>\u{20}

Installing 1 of 2 administrators....
Installing 2 of 2 administrators....
Setting signature thresholds....
Generating a random master key value....
Transferring the master key value to 1 of 5 crypto units....
Transferring the master key value to 2 of 5 crypto units....
Transferring the master key value to 3 of 5 crypto units....
Transferring the master key value to 4 of 5 crypto units....
Transferring the master key value to 5 of 5 crypto units....
OK
The selected service instance has been initialized.
To see what administrators are installed and what signature threshold and master key register values are set, use the 'ibmcloud tke cryptounit-compare' command.
";

const ROTATED: &str = "\
Generating a random master key value....
Transferring the master key value to 1 of 5 crypto units....
Transferring the master key value to 2 of 5 crypto units....
Transferring the master key value to 3 of 5 crypto units....
Transferring the master key value to 4 of 5 crypto units....
Transferring the master key value to 5 of 5 crypto units....
Committing the master key value....
Delaying 0 seconds to allow server to discover new master key values
Master key rotation started.
KMS CRK rewrap successful, waiting on cryptounit-mk-setimm.
Master key rotation successful.
";

#[test]
fn existing_keys_become_administrators_and_none_are_made() {
    let server = Server::start();
    let mut desk = desk_of_two(&server);
    let printed = desk.run("auto-init", "\n1\n1\n1\n2\npw-admin2\n").success();
    let (_, found) = printed.split_once("SELECT EXISTING SIGNATURE KEY FILES TO USE\n\n").unwrap();
    assert!(
        found.starts_with("The following signature key files were found on this workstation:\n\nKEYNUM   "),
        "{found}"
    );
    let asked = "You asked to install one administrator and selected one existing signature key to use.  No new signature \
                 key files will be created.\n";
    assert!(found.contains(asked), "{found}");
    assert!(printed.contains("Transferring the master key value to 3 of 3 crypto units....\n"), "{printed}");
    let admins = desk.run("cryptounit-admins", "").success();
    assert!(admins.contains("admin2") && !admins.contains("admin1"), "{admins}");
    assert_eq!(server.events().len(), 4 + 4 + 3 * 3);
}

#[test]
fn what_cannot_be_initialised_is_refused_before_anything_is_sent() {
    let server = Server::start();
    let mut desk = desk_of_two(&server);
    std::fs::copy(desk.path().join("1.sigkey"), desk.path().join("3.sigkey")).unwrap();
    for (input, message) in [
        (
            "\n2\n2\n1\n9\n2\n1 3\n",
            "Signature keys are not unique.  The same signature key is specified for more than one",
        ),
        ("\n1\n1\n1\n1 2\n", "No more than one existing signature key can be selected to install one administrator."),
        ("\n1\n1\n1\n7\n", "Invalid KEYNUM: 7"),
        ("\n1\n1\n1\n1\nwrong\n", "Invalid password."),
        ("\n0\n9\nx\n1\n1\n", "The input ended before this prompt was answered:\nEnter the number of administrators"),
    ] {
        let outcome = desk.run("auto-init", input);
        let said = outcome.failure();
        assert!(said.starts_with(message), "{said}");
    }
    // The variable says no where the enter key is waited for.
    let mut hesitant = desk.with("TKE_YES", "no");
    assert_eq!(hesitant.run("auto-init", "").success(), "Press enter to continue or Ctrl-c to exit.\n> n\n");
    assert_eq!(server.events(), []);
}

#[test]
fn a_threshold_needs_as_many_administrators() {
    let server = Server::start();
    let mut desk = desk(&server);
    let outcome = desk.run("auto-init", "\n3\n1\n2\n9\n");
    assert!(outcome.stdout.matches("The value must be a number between 3 and 8.\n").count() == 2, "{outcome:?}");
}

#[test]
fn an_instance_without_recovery_units_is_not_initialised_automatically() {
    let server = Server::start();
    let client = server.client();
    let new = api::CreateInstanceRequest { region: "eu-es".into(), recovery: Some(false), ..Default::default() };
    let made = server.run(client.instances().create(client.request(new))).unwrap().into_inner().id;
    let number = if made < client.instance.to_string() { 1 } else { 2 };
    let mut desk = desk(&server);
    let outcome = desk.run("auto-init", &format!("{number}\n\n"));
    let table = "More than one service instance is assigned to the current resource group.\n\n\
                 INSTANCE NUM   INSTANCE ID   \n1              ";
    assert!(outcome.stdout.starts_with(table), "{}", outcome.stdout);
    let prompt = format!("\n\nEnter the INSTANCE NUM of the service instance you want to initialize.\n> {number}\n");
    assert!(outcome.stdout.contains(&prompt), "{}", outcome.stdout);
    assert_eq!(outcome.failure(), "The service instance does not contain any recovery crypto units.");
    assert_eq!(desk.run("auto-init", "3\n").failure(), "Invalid INSTANCE NUM: 3");
}

/// D16.
#[test]
fn a_cleared_master_key_comes_back_from_a_recovery_unit() {
    let server = Server::start();
    let mut desk = rec4(&server);
    select(&mut desk, "1 2");
    desk.run("cryptounit-mk-clrcur", "y\npw-admin1\n").success();
    let before = server.events().len();
    let printed = desk.run("auto-mk-recover", &format!("3\n\n{BOTH}")).success();
    let steps = "Transferring the master key value to 1 of 2 crypto units....\n\
                 Transferring the master key value to 2 of 2 crypto units....\nOK\n\nCURRENT MASTER KEY REGISTER\n";
    assert!(printed.contains(steps), "{printed}");
    assert_eq!(server.events()[before..], each(&[1, 2], &[LOAD, COMMIT, ACTIVATE]));
    select(&mut desk, "1 2 3 4");
    assert!(are_the_same(&mut desk));
    // Nothing is left to do, and so nothing is asked and nothing sent.
    let printed = desk.run("auto-recover --source 4", "1 3\n").success();
    assert!(printed.contains("CRYPTO UNIT NUM 1 already holds the master key value.\n"), "{printed}");
    assert_eq!(server.events().len(), before + 6);
}

/// D17 and D18.
#[test]
fn a_zeroized_unit_is_recovered_once_it_is_administered_like_the_others() {
    let server = Server::start();
    let mut desk = rec4(&server);
    select(&mut desk, "1");
    desk.run("cryptounit-zeroize", "y\npw-admin1\n").success();
    let before = server.events().len();
    let refused = |desk: &mut workstation::Workstation| desk.run("auto-mk-recover", "3\n1\n").failure();
    assert_eq!(refused(&mut desk), "One or more crypto units are in imprint mode.");
    for keynum in ["1", "2"] {
        desk.run("cryptounit-admin-add", &format!("{keynum}\npw-admin{keynum}\n")).success();
    }
    desk.run("cryptounit-thrhld-set", "1\n1\npw-admin1\n").success();
    assert_eq!(refused(&mut desk), "Signature thresholds on the crypto units are not set the same.");
    desk.run("cryptounit-thrhld-set", "2\n2\npw-admin1\n").success();
    desk.run("sigkey-sel", "1\npw-admin1\n").success();
    let common = "A common set of administrators large enough to meet the signature threshold value is not selected and \
                  installed in all crypto units.";
    assert_eq!(refused(&mut desk), common);
    desk.run("sigkey-sel", &format!("1 2\n{BOTH}")).success();
    desk.run("auto-mk-recover", &format!("3\n1\n{BOTH}")).success();
    let expected = on(&[1], &[ADD, ADD, THRESHOLDS, THRESHOLDS, LOAD, COMMIT, ACTIVATE]);
    assert_eq!(server.events()[before..], expected);
    select(&mut desk, "1 2 3 4");
    assert!(are_the_same(&mut desk));
}

/// D29.
#[test]
fn failover_units_are_initialised_from_a_recovery_unit() {
    let server = Server::start();
    let mut desk = fail6(&server);
    let before = server.events().len();
    select(&mut desk, "5 6");
    for keynum in ["1", "2"] {
        desk.run("cryptounit-admin-add", &format!("{keynum}\npw-admin{keynum}\n")).success();
    }
    desk.run("cryptounit-thrhld-set", &format!("2\n2\n{BOTH}")).success();
    desk.run("auto-mk-recover", &format!("4\n\n{BOTH}")).success();
    let mut expected = on(&[5, 6], &[ADD, ADD, THRESHOLDS]);
    expected.extend(each(&[5, 6], &[LOAD, COMMIT, ACTIVATE]));
    assert_eq!(server.events()[before..], expected);
    desk.run("cryptounit-add", "1 2 3 4\n").success();
    assert!(are_the_same(&mut desk));
}

/// D50, and D32: what a recovery unit holds may be another one's or another instance's.
#[test]
fn a_master_key_goes_to_another_instance_after_a_warning() {
    let server = Server::start();
    let mut desk = rec4(&server);
    let client = server.client();
    let id = "ffffffff-2f7b-4e83-8a51-c60e9b72d4f8";
    let new = api::CreateInstanceRequest { id: id.into(), ..Default::default() };
    server.run(client.instances().create(client.request(new))).unwrap();
    desk.run("auto-init --instance 2 --signature 2 --revocation 2 --admins 2 -y", &format!("1 2\n{BOTH}")).success();
    let printed = desk.run("auto-mk-recover", "3\n5 7\nn\n").success();
    let warning = "Warning!  CRYPTO UNIT NUM 5 holds another master key value.  Any key storage protected by it becomes \
                   unusable.\n";
    assert!(printed.contains(warning) && printed.ends_with("Answer [y/N]:\n> n\n"), "{printed}");
    desk.run("auto-mk-recover", &format!("3\n5 7\ny\n{BOTH}")).success();
    desk.run("auto-mk-recover", &format!("7\n6 8\ny\n{BOTH}")).success();
    desk.run("cryptounit-add", "1 2 3 4 5 6 7 8\n").success();
    assert!(are_the_same(&mut desk));
    let message = desk.run("failover-enable", "").failure();
    assert_eq!(message, "All crypto units in a single service instance must be selected.");
}

#[test]
fn without_a_master_key_in_a_recovery_unit_there_is_nothing_to_recover_from() {
    let server = Server::start();
    let mut desk = init2(&server);
    let message = desk.run("auto-mk-recover", "").failure();
    assert_eq!(message, "No recovery crypto unit in the current resource group holds a master key value.");
}

/// Units before the failing one are changed, those after it are not, and nothing is undone.
#[test]
fn a_recovery_that_fails_in_the_middle_says_where_it_stopped() {
    let server = Server::start();
    let mut desk = rec4(&server);
    let second = &units(&server)[1];
    // Unit 2 takes no master key of one part any more; its administrators said so.
    server.run(async {
        let permissions = second.attributes().await.unwrap().permissions.minus(Permissions::WK_1PART);
        let list = AttributeList(vec![(AttributeList::PERMISSIONS, permissions.0)]);
        let (one, two) = signers(&desk);
        let command = second.prepare(AdminFunction::SET_ATTRIBUTES, list.encode()).await.unwrap();
        second.send_signed(&command, &[&one, &two]).await.unwrap();
    });
    desk.run("cryptounit-rm", "3\n").success();
    desk.run("cryptounit-mk-clrcur", "y\npw-admin1\n").success();
    let before = server.events().len();
    let message = desk.run("auto-mk-recover", &format!("3\n\n{BOTH}")).failure();
    assert!(message.contains("Return code: 80\nReason code: 81\n"), "{message}");
    let stopped = "\nThe command stopped at CRYPTO UNIT NUM 2.  Crypto units after it were not changed.";
    assert!(message.ends_with(stopped), "{message}");
    let mut expected = on(&[1], &[LOAD, COMMIT, ACTIVATE]);
    expected.push(event(LOAD, 2, "failure"));
    assert_eq!(server.events()[before..], expected);
    let registers = desk.run("cryptounit-mk", "").success();
    let (_, current) = registers.split_once("CURRENT MASTER KEY REGISTER").unwrap();
    assert!(current.contains("1                 Valid") && current.contains("4*                Empty"), "{current}");
}

/// The keys of both administrators.
fn signers(desk: &workstation::Workstation) -> (hpcs_workstation::Signer, hpcs_workstation::Signer) {
    let files = hpcs_workstation::WorkstationFiles::open(Some(desk.path().as_os_str())).unwrap();
    let open = |keynum: u32| {
        let password = hpcs_workstation::Password::new(format!("pw-admin{keynum}"));
        files.open_signature_key(keynum, &password).unwrap().into()
    };
    (open(1), open(2))
}

fn units(server: &Server) -> Vec<UnitClient> {
    let client = server.client();
    server.run(client.units())
}

/// D13.
#[test]
fn control_points_that_differ_are_set_without_an_event() {
    let server = Server::start();
    let mut desk = rec4(&server);
    let before = server.events();
    select(&mut desk, "2");
    for number in ["66", "67"] {
        let printed = desk.run("cryptounit-cp", &format!("{number}\n0\n{BOTH}")).success();
        assert!(printed.ends_with("OK\nThe control point has been reset in the selected crypto units.\n"), "{printed}");
    }
    select(&mut desk, "1 2");
    assert!(!are_the_same(&mut desk));
    let printed = desk.run("cryptounit-cp", "66\n\n").success();
    let shown = "Enter the control point number:\n> 66\nXCP_CPB_BTC: Set\nXCP_CPB_BTC: Not Set\n\
                 Enter 1 to set, 0 to reset, or press enter to leave unchanged:\n> \n";
    assert_eq!(printed, shown);
    for command in ["cryptounit-cp-btc", "cryptounit-cp-sig-other", "cryptounit-cp-eddsa"] {
        let printed = desk.run(command, BOTH).success();
        assert!(printed.ends_with("OK\nThe control point has been set in the selected crypto units.\n"), "{printed}");
    }
    assert!(are_the_same(&mut desk));
    assert_eq!(desk.run("cryptounit-cp", "128\n").failure(), "Invalid control point number: 128");
    assert_eq!(desk.run("cryptounit-cp --number 2", "yes\n").failure(), "Invalid value: yes");
    let printed = desk.run("cryptounit-cp", "4\n\n").success();
    assert!(printed.contains("\n4: Set\n4: Set\n"), "{printed}");
    assert_eq!(server.events(), before);
}

#[test]
fn control_points_wait_for_the_end_of_imprint_mode() {
    let server = Server::start();
    let mut desk = desk(&server);
    desk.run("cryptounit-add", "1\n").success();
    let message = desk.run("cryptounit-cp-btc", "").failure();
    assert!(message.contains("Return code: 179\nReason code: 34\n"), "{message}");
}

/// D05.
#[test]
fn thresholds_locked_by_an_old_plug_in_change_no_more_until_zeroized() {
    let server = Server::start();
    let mut desk = desk_of_two(&server);
    select(&mut desk, "1 2");
    for keynum in ["1", "2"] {
        desk.run("cryptounit-admin-add", &format!("{keynum}\npw-admin{keynum}\n")).success();
    }
    let printed = desk.run("cryptounit-exit-impr --legacy-lock", "pw-admin1\n").success();
    assert!(printed.ends_with("OK\nThe selected crypto units have left imprint mode.\n"), "{printed}");
    let message = desk.run("cryptounit-exit-impr", "pw-admin1\n").failure();
    assert!(message.starts_with("One or more crypto units are not in imprint mode.\n"), "{message}");
    let before = server.events().len();
    let message = desk.run("cryptounit-thrhld-set", "2\n2\npw-admin1\n").failure();
    assert!(message.contains("Return code: 209\nReason code: 71\n"), "{message}");
    assert_eq!(server.events()[before..], [event(THRESHOLDS, 1, "failure")]);
    desk.run("cryptounit-zeroize", "y\npw-admin1\n").success();
    desk.run("cryptounit-admin-add", "1\npw-admin1\n").success();
    desk.run("cryptounit-exit-impr", "pw-admin1\n").success();
    desk.run("cryptounit-admin-add", "2\npw-admin2\npw-admin1\n").success();
    desk.run("cryptounit-thrhld-set", "2\n2\npw-admin1\n").success();
}

/// D12.
#[test]
fn loading_in_imprint_mode_is_refused_without_an_event() {
    let server = Server::start();
    let mut desk = desk_of_two(&server);
    select(&mut desk, "1 2");
    for part in ["first", "second"] {
        desk.run("mk-add --random", &format!("{part}\npw\npw\n")).success();
    }
    let message = desk.run("cryptounit-mk-load", "1 2\npw-admin1\npw\npw\n").failure();
    assert!(message.contains("Return code: 179\nReason code: 34\n"), "{message}");
    assert_eq!(server.events(), []);
}

#[test]
fn failover_units_are_offered_where_they_exist_and_only_more_of_them() {
    let server = Server::start();
    let mut desk = desk(&server);
    desk.run("cryptounit-add", "1 2 3\n").success();
    let message = desk.run("failover-enable", "").failure();
    assert_eq!(message, "All crypto units in a single service instance must be selected.");
    desk.run("cryptounit-add", "4\n").success();
    let outcome = desk.run("failover-enable", "1\n3\n2\nn\n");
    assert_eq!((outcome.status, outcome.stdout.matches("The value must be a number").count()), (0, 2), "{outcome:?}");
    desk.run("failover-enable", "2\ny\n").success();
    desk.run("cryptounit-add", "5 6\n").success();
    let message = desk.run("failover-enable", "").failure();
    assert_eq!(message, "The service instance already has as many failover crypto units as operational crypto units.");

    let client = server.client();
    for (region, plan) in [("eu-de", "standard"), ("us-east", "hpcs-hourly-uko")] {
        let id = "ffffffff-2f7b-4e83-8a51-c60e9b72d4f8";
        let new = api::CreateInstanceRequest {
            id: id.into(),
            region: region.into(),
            plan: plan.into(),
            recovery: Some(false),
            ..Default::default()
        };
        server.run(client.instances().create(client.request(new))).unwrap();
        desk.run("cryptounit-rm", "1 2 3 4 5 6\n").success();
        desk.run("cryptounit-add", "7 8\n").success();
        let message = desk.run("failover-enable", "").failure();
        assert!(
            message.starts_with(&format!("Failover crypto units are not offered for the plan {plan} in")),
            "{message}"
        );
        let asked = api::EnableFailoverRequest { instance: id.into(), failover: 2 };
        let refused = server.run(client.instances().enable_failover(client.request(asked))).unwrap_err();
        assert_eq!(refused.code(), tonic::Code::InvalidArgument, "{refused}");
        let gone = api::DeleteInstanceRequest { instance: id.into(), purge: true };
        server.run(client.instances().delete(client.request(gone))).unwrap();
    }
    assert_eq!(server.events(), []);
}

#[test]
fn a_signature_of_somebody_else_does_not_lead_out_of_imprint_mode() {
    let server = Server::start();
    let units = units(&server);
    server.run(async {
        units[0].add_administrator("alice", &key(1), &[]).await.unwrap();
    });
    let mut desk = desk_of_two(&server);
    select(&mut desk, "1");
    let message = desk.run("cryptounit-exit-impr", "").failure();
    assert!(
        message.starts_with("Not enough signature keys are selected to meet the signature threshold value."),
        "{message}"
    );
}
