//! Bad input: each gets its documented code, changes nothing, and leaves a failure event where the service would.
#![allow(clippy::unwrap_used, clippy::panic)]

mod support;

use chacha20::ChaCha20Rng;
use hpcs_ep11::{
    AdminBlock, AdminFunction, AdminRequest, AdminResponse, AdminResponseBlock, Cprb, DomainIndex, FunctionWord,
    HtpRequest, HtpResponse, KeyPart, ModuleId, SerialNumber, TransactionCounter,
};
use hpcs_workstation::{AttributeReport, Signer, Thresholds, UnitClient};
use rand_core::SeedableRng;
use support::{Client, Server, forge_token, key};

/// A command on the first unit, every layer of which a test can spoil.
struct Craft {
    report: AttributeReport,
    module_index: u32,
    cprb_domain: DomainIndex,
    inner_domain: Vec<u8>,
    module: ModuleId,
    counter: TransactionCounter,
    function: AdminFunction,
    input: Vec<u8>,
}

impl Craft {
    async fn new(unit: &UnitClient, function: AdminFunction, input: Vec<u8>) -> Self {
        let report = unit.attributes().await.unwrap();
        Craft {
            module_index: unit.info().location.module(),
            cprb_domain: report.domain.index,
            inner_domain: report.domain.to_bytes().to_vec(),
            module: report.module,
            counter: report.counter.next(),
            report,
            function,
            input,
        }
    }

    fn htp(&self, signers: &[&Signer]) -> Vec<u8> {
        let block = AdminBlock {
            function: &self.function.to_bytes(),
            domain: &self.inner_domain,
            module: &self.module.to_bytes(),
            counter: &self.counter.to_bytes(),
            input: &self.input,
        }
        .encode();
        let signatures: Vec<u8> = signers.iter().flat_map(|key| signed(key, &block)).collect();
        let request = AdminRequest {
            function: FunctionWord::sdk(FunctionWord::ADMIN),
            domain: &self.report.domain.index.0.to_be_bytes(),
            block: &block,
            signatures: &signatures,
        };
        let cprb = Cprb::new(self.cprb_domain, &request.encode()).encode();
        HtpRequest { module_index: self.module_index, cprb }.encode().into_bytes()
    }
}

/// A SignerInfo by a key that is here, which waits for nobody.
fn signed(signer: &Signer, block: &[u8]) -> Vec<u8> {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(signer.signer_info(block)).unwrap()
}

/// Return code and reason code in an HTP response.
fn codes(htp: &[u8]) -> (u32, u32) {
    let HtpResponse::Cprb(cprb) = HtpResponse::decode(htp).unwrap() else { panic!("an HTP error") };
    let cprb = Cprb::decode(&cprb).unwrap();
    match AdminResponse::decode(cprb.payload).unwrap() {
        AdminResponse::Block { block, .. } => {
            let block = AdminResponseBlock::decode(block).unwrap();
            (block.code.0, block.reason().map_or(0, |reason| reason.0))
        }
        AdminResponse::Failed { code, .. } => (code.0, 0),
    }
}

/// A server whose first unit has left imprint mode under two administrators.
fn secured() -> (Server, Client, UnitClient) {
    let server = Server::start();
    let client = server.client();
    let unit = server.run(async {
        let unit = client.units().await.remove(0);
        for (name, scalar) in [("alice", 31), ("bob", 32)] {
            unit.add_administrator(name, &key(scalar), &[]).await.unwrap();
        }
        let both = [key(31), key(32)];
        unit.set_thresholds(Thresholds { signature: 2, revocation: 2 }, &[&both[0], &both[1]]).await.unwrap();
        unit
    });
    (server, client, unit)
}

/// Submits, expects these codes, an unchanged unit and one more event: a failure with status 400.
fn refused(server: &Server, client: &Client, unit: &UnitClient, htp: Vec<u8>, expected: (u32, u32)) {
    let id = unit.info().id;
    let before = (server.run(client.inspect(id)), server.event_lines().len());
    let answer = server.run(client.submit(id, htp)).unwrap();
    assert_eq!(codes(&answer), expected);
    assert_eq!(server.run(client.inspect(id)), before.0);
    let event = server.last_event();
    assert_eq!(server.event_lines().len(), before.1 + 1);
    assert_eq!((&event["outcome"], &event["reason"]["reasonCode"]), (&"failure".into(), &400.into()), "{event}");
}

#[test]
fn spoiled_commands_are_refused_with_the_documented_codes() {
    let (server, client, unit) = secured();
    let (alice, bob, mallory) = (key(31), key(32), key(33));
    let zeroize = || server.run(Craft::new(&unit, AdminFunction::ZEROIZE, vec![]));
    let commit = || server.run(Craft::new(&unit, AdminFunction::COMMIT_WK, vec![7; 32]));
    let both: &[&Signer] = &[&alice, &bob];
    type Spoil = fn(&mut Craft);
    let spoiled: [(Spoil, (u32, u32)); 6] = [
        (|craft| craft.inner_domain[3] ^= 1, (3, 12)),
        (|craft| craft.inner_domain[7] ^= 1, (3, 14)),
        (|craft| craft.inner_domain.truncate(7), (3, 13)),
        (|craft| craft.module.serial = SerialNumber::from_bytes(*b"93AAZZZZ").unwrap(), (32, 17)),
        (|craft| craft.module.instance.0[0] ^= 1, (32, 16)),
        (|craft| craft.counter = craft.report.counter, (163, 19)),
    ];
    for (spoil, expected) in spoiled {
        let mut craft = zeroize();
        spoil(&mut craft);
        refused(&server, &client, &unit, craft.htp(both), expected);
    }
    refused(&server, &client, &unit, zeroize().htp(&[&mallory]), (257, 33));
    refused(&server, &client, &unit, commit().htp(&[&alice]), (208, 21));
    refused(&server, &client, &unit, commit().htp(&[&alice, &alice]), (208, 21));
    refused(&server, &client, &unit, commit().htp(both), (102, 50));
    let mut flipped = commit().htp(both);
    let last = flipped.len() - 1;
    flipped[last] = if flipped[last] == b'0' { b'1' } else { b'0' };
    refused(&server, &client, &unit, flipped, (192, 22));
}

#[test]
fn keys_are_out_of_reach_in_imprint_mode() {
    let server = Server::start();
    let client = server.client();
    let unit = server.run(client.units()).remove(0);
    let craft = server.run(Craft::new(&unit, AdminFunction::CLEAR_CURRENT_WK, vec![]));
    refused(&server, &client, &unit, craft.htp(&[]), (179, 34));
}

#[test]
fn a_cprb_for_another_domain_is_a_bad_request_with_its_event() {
    let (server, client, unit) = secured();
    let mut craft = server.run(Craft::new(&unit, AdminFunction::ZEROIZE, vec![]));
    craft.cprb_domain = DomainIndex(craft.cprb_domain.0 + 1);
    let status = server.run(client.submit(unit.info().id, craft.htp(&[&key(31)]))).unwrap_err();
    assert_eq!(status.code(), tonic::Code::InvalidArgument);
    assert_eq!(server.last_event()["reason"]["reasonCode"], 400);
}

#[test]
fn what_cannot_be_read_gets_an_http_like_answer_and_no_event() {
    let (server, client, unit) = secured();
    let before = server.event_lines().len();
    for garbage in [&b""[..], b"hello", b"9;PCI request", &[0xff; 300], b"12;PCI request;XPNUM   ;1;        ;zz"] {
        let answer = server.run(client.submit(unit.info().id, garbage.to_vec())).unwrap();
        assert!(matches!(HtpResponse::decode(&answer).unwrap(), HtpResponse::Error(_)));
    }
    assert_eq!(server.event_lines().len(), before);
}

#[test]
fn tokens_that_do_not_count_leave_a_401_with_what_they_claim() {
    let (server, client, unit) = secured();
    let htp = server.run(Craft::new(&unit, AdminFunction::ZEROIZE, vec![])).htp(&[&key(31)]);
    let long_ago = 1_000_000;
    let cases = [
        (None, "unknown"),
        (Some("nonsense".to_owned()), "unknown"),
        (Some(forge_token(8, 1_767_225_600)), "IBMid-270000EXM9"),
        (Some(forge_token(7, long_ago)), "IBMid-270000EXM9"),
    ];
    for (token, initiator) in cases {
        let status = server.run(client.with_token(token).submit(unit.info().id, htp.clone())).unwrap_err();
        assert_eq!(status.code(), tonic::Code::Unauthenticated);
        let event = server.last_event();
        assert_eq!(event["initiator"]["id"], initiator);
        assert_eq!(event["reason"]["reasonCode"], 401);
        assert_eq!(event["action"], "hs-crypto.tke-cryptounit.reset");
    }
    assert!(!server.run(client.inspect(unit.info().id)).imprint_mode);
}

#[test]
fn loading_the_current_key_again_is_refused_and_the_event_names_its_parts() {
    let (server, _, unit) = secured();
    let (alice, bob) = (key(31), key(32));
    let mut rng = ChaCha20Rng::from_seed([9; 32]);
    let parts = [(); 2].map(|()| KeyPart::random(&mut rng));
    let mut load = || server.run(unit.load_master_key(&parts.each_ref(), &alice, &mut rng));
    let pattern = load().unwrap();
    let loaded = server.last_event();
    server.run(async {
        unit.commit(pattern, &[&alice, &bob]).await.unwrap();
        unit.set_immediate(pattern, &alice).await.unwrap();
    });
    let refused = load().err().unwrap();
    assert!(refused.to_string().contains("Return code: 32\n"), "{refused}");
    let event = server.last_event();
    assert_eq!((&event["action"], &event["outcome"]), (&loaded["action"], &"failure".into()));
    assert_eq!(event["requestData"]["masterKeyIds"], loaded["requestData"]["masterKeyIds"]);
    assert_eq!(event.get("responseData"), None);
}

#[test]
fn unknown_names_are_not_found_and_leave_no_event() {
    let (server, client, unit) = secured();
    let before = server.event_lines().len();
    let htp = server.run(Craft::new(&unit, AdminFunction::ZEROIZE, vec![])).htp(&[&key(31)]);
    let elsewhere = "00000000-0000-4000-8000-000000000000".parse().unwrap();
    assert_eq!(server.run(client.submit(elsewhere, htp.clone())).unwrap_err().code(), tonic::Code::NotFound);
    let mut stranger = client.clone();
    stranger.instance = "00000000-0000-4000-8000-000000000000".parse().unwrap();
    assert_eq!(server.run(stranger.submit(unit.info().id, htp)).unwrap_err().code(), tonic::Code::NotFound);
    assert_eq!(server.event_lines().len(), before);
}
