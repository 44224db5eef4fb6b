//! What a unit tells: patterns by generation, get_xcp_info, signed answers to queries, certificates.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a fixture that cannot be made is a failed test")]

mod support;

use hpcs_ep11::{
    AdminFunction, DomainIndex, DomainInfo, ImporterKeyType, ModuleInfo, OaGeneration, TrustedRoot,
    VerificationPattern, XcpInfoRequest, XcpInfoResponse, development_root, verify_chain, verify_response,
};
use hpcs_hsm::{Profile, Unit};
use support::key_parts::import;
use support::message::{Message, accept, answer, ask, verified};
use support::{
    DOMAIN, OPERATIONAL, RECOVERY, administered, assume, attributes, factory, key, pairs, refused, secured,
    shared_factory, with_importer,
};

/// A unit whose current key is 00..1f, of this generation, and its one administrator.
fn keyed(profile: Profile) -> Unit {
    let unit =
        assume(&administered(factory(profile), 1), AdminFunction::SET_ATTRIBUTES, &attributes(1, 1, OPERATIONAL));
    let unit = with_importer(&unit, ImporterKeyType::P521);
    let mut unit = accept(&unit, &import(&unit, &[std::array::from_fn(|index| index as u8)], &key(1)).unsigned());
    // The tail does not matter to the comparison.
    let mut pattern = unit.new_pattern().unwrap().0;
    pattern[28..].fill(0x5A);
    for function in [AdminFunction::COMMIT_WK, AdminFunction::FINALIZE_WK] {
        let mut wrong = pattern;
        wrong[27] ^= 1;
        assert_eq!(refused(&unit, function, &wrong), (101, Some(48)));
        unit = assume(&unit, function, &pattern);
    }
    unit
}

#[test]
fn older_generations_keep_the_tail_of_patterns_in_reports() {
    const PATTERN: &str = "491176b0f443c65a7c7d72df47d6cbc0d04e111fb5a619f60d3e7767";
    for (profile, tail) in [
        (Profile::Cex5, "7ab6f919"),
        (Profile::Cex6, "7ab6f919"),
        (Profile::Cex7, "00000000"),
        (Profile::Cex8, "00000000"),
    ] {
        let unit = keyed(profile);
        let reported = format!("{PATTERN}{tail}");
        assert_eq!(unit.domain_info().current.to_string(), reported, "{profile:?}");
        assert_eq!(hex::encode(ask(&unit, AdminFunction::QUERY_CURRENT_WK, &[]).unwrap()), reported);
        assert_eq!(ask(&unit, AdminFunction::QUERY_NEXT_WK, &[]), Err((102, Some(50))));
        let cleared = assume(&unit, AdminFunction::CLEAR_CURRENT_WK, &[]);
        assert_eq!(ask(&cleared, AdminFunction::QUERY_CURRENT_WK, &[]), Err((102, Some(49))));
        assert_eq!(cleared.domain_info().current, VerificationPattern::ZERO);
    }
}

/// Specification, 14.5.
#[test]
fn domain_information_of_a_unit_with_a_current_key() {
    let request = hex::decode("3018040400010026040400000003040400000003040400000000").unwrap();
    let expected = "3064040400010026040400000003040400000000045000000003491176b0f443c65a7c7d72df47d6cbc0d04e111fb5a6"
        .to_owned()
        + "19f60d3e776700000000000000000000000000000000000000000000000000000000000000000000000080000013000000000000"
        + "0001";
    assert_eq!(hex::encode(answer(&keyed(Profile::Cex7), &request)), expected);
}

#[test]
fn flags_of_domain_information_follow_the_state() {
    let flags = |unit: &Unit| {
        let payload = answer(unit, &XcpInfoRequest::new(DOMAIN, XcpInfoRequest::DOMAIN).encode());
        DomainInfo::decode(XcpInfoResponse::decode(&payload).unwrap().payload).unwrap().flags.0
    };
    let unit = shared_factory();
    assert_eq!(flags(&unit), 0x8000_0000);
    assert_eq!(flags(&administered(unit, 1)), 0x8000_0001);
    let unit = assume(&secured(1, 1, 1, RECOVERY), AdminFunction::RANDOM_WK, &[]);
    assert_eq!(flags(&unit), 0x8000_0013);
    let unit = assume(&unit, AdminFunction::RANDOM_WK, &[]);
    assert_eq!(flags(&unit), 0x8000_0017);
    let unit = assume(&unit, AdminFunction::COMMIT_WK, &unit.new_pattern().unwrap().0);
    assert_eq!(flags(&unit), 0x8000_001F);
}

#[test]
fn module_information_names_the_module_and_the_time_of_the_call() {
    let unit = shared_factory();
    let payload = answer(&unit, &XcpInfoRequest::new(DOMAIN, XcpInfoRequest::MODULE).encode());
    let response = XcpInfoResponse::decode(&payload).unwrap();
    assert_eq!(response.payload.len(), 196);
    assert_eq!(response.payload[108..124], unit.module().id().to_bytes());
    // 1772443305.07 seconds after 1970.
    assert_eq!(&response.payload[124..140], b"2026030209214507");
    let info = ModuleInfo::from_bytes(response.payload).unwrap();
    assert_eq!((info.firmware_version, info.domains, info.mode), ([5, 8], 256, 1));
    assert_eq!(info.firmware_id, info.firmware_hash[..4]);
}

#[test]
fn information_about_another_domain_or_of_another_kind_is_an_empty_answer() {
    let unit = shared_factory();
    let code_of = |request: XcpInfoRequest| {
        let payload = answer(&unit, &request.encode());
        let response = XcpInfoResponse::decode(&payload).unwrap();
        assert_eq!((response.function, response.domain, response.payload), (request.function, request.domain, &[][..]));
        response.return_code.0
    };
    assert_eq!(code_of(XcpInfoRequest::new(DomainIndex(4), XcpInfoRequest::DOMAIN)), 3);
    for subtype in [0, 2, 4, 5, 6, 8, 10, 16, 99] {
        assert_eq!(code_of(XcpInfoRequest::new(DOMAIN, subtype)), 7, "{subtype}");
    }
}

/// Specification, 14.6.
#[test]
fn the_answer_to_the_query_of_a_new_unit_is_the_published_one() {
    let unit = shared_factory();
    let payload = answer(&unit, &Message::query(&unit, AdminFunction::QUERY_ATTRIBUTES, []).unsigned());
    let block = "306404040001000a040800000003000000010410393341414243303100112233445566770410000000000000000000000000"
        .to_owned()
        + "000000000404000000000428000000010000000000000002000000000000000381ff0011000000040000000000000005000000"
        + "01";
    let text = hex::encode(&payload);
    assert_eq!(&text[8..48], "0404000100290404000000030404000000000466");
    assert_eq!(text[48..][..block.len()], block);
    let signature = &payload[24 + 102..];
    assert_eq!(hex::encode(&signature[..2]), "0481");
    assert!(verify_response(&hex::decode(block).unwrap(), &signature[3..], &unit.module().epoch_key()));
}

#[test]
fn certificates_lead_to_the_development_root_and_the_walk_ends_signed() {
    let root = development_root().public();
    let roots = [TrustedRoot { id: root.oa_key_id(), key: root }];
    for profile in Profile::ALL {
        let unit = factory(profile);
        let layouts = unit.module().certificates().iter().map(|certificate| OaGeneration::of(certificate));
        assert!(layouts.into_iter().all(|layout| layout == profile.oa_generation()), "{profile}");
        let certificate = |index: u32| ask(&unit, AdminFunction::QUERY_DEVICE_CERTIFICATE, &index.to_be_bytes());
        let count = ask(&unit, AdminFunction::QUERY_DEVICE_CERTIFICATE, &[]).unwrap();
        assert_eq!(count, 2_u32.to_be_bytes());
        let chain = [certificate(0).unwrap(), certificate(1).unwrap()];
        assert_eq!(verify_chain(&chain, &roots).unwrap(), unit.module().epoch_key());
        assert_eq!(certificate(2), Err((96, Some(60))));
        assert_eq!(certificate(u32::MAX), Err((96, Some(60))));
        assert_eq!(ask(&unit, AdminFunction::QUERY_DEVICE_CERTIFICATE, &[0; 3]), Err((33, Some(59))));
    }
    // The block that ends the walk, as published: it is about the module, so domain and counter are zero.
    let unit = shared_factory();
    let mut query = Message::query(&unit, AdminFunction::QUERY_DEVICE_CERTIFICATE, 2_u32.to_be_bytes());
    query.domain = vec![0; 8];
    let block =
        "30400404000100030408000000000000000004103933414142433031001122334455667704100000000000000000000000000000"
            .to_owned()
            + "000004040000006004040000003c";
    assert!(hex::encode(answer(&unit, &query.unsigned())).contains(&block));
}

#[test]
fn queries_ignore_module_counter_and_signatures_but_not_the_domain() {
    let unit = secured(1, 1, 1, OPERATIONAL);
    let code_of = |spoil: fn(&mut Message)| {
        let mut query = Message::query(&unit, AdminFunction::QUERY_ATTRIBUTES, []);
        spoil(&mut query);
        let payload = answer(&unit, &query.with_signatures(b"anything"));
        verified(&unit, &payload)
    };
    assert_eq!(code_of(|query| query.module = vec![1]).0, 0);
    assert_eq!(code_of(|query| query.counter = vec![1; 40]).0, 0);
    assert_eq!(code_of(|query| query.domain = vec![0; 8]).0, 0);
    assert_eq!(code_of(|query| query.domain = vec![0, 0, 0, 3, 9, 9, 9, 9]).0, 0);
    let refusal = (3, 12_u32.to_be_bytes().to_vec());
    assert_eq!(code_of(|query| query.domain = vec![0, 0, 0, 4, 0, 0, 0, 0]), refusal);
    assert_eq!(code_of(|query| query.domain = vec![0; 7]), refusal);
}

#[test]
fn card_attributes_are_those_of_a_module_in_use() {
    let expected = pairs(&[(1, 0), (2, 0), (3, 0), (4, 1), (5, 1)]);
    assert_eq!(ask(&shared_factory(), AdminFunction::QUERY_CARD_ATTRIBUTES, &[]).unwrap(), expected);
}
