//! A limit of calls a second.

use std::num::NonZeroU32;

use hpcs_emulator::Config;
use hpcs_ep11::pkcs11::ReturnValue;
use hpcs_grpc::grep11::GenerateRandomRequest;
use hpcs_service::Knobs;
use tonic::Code;

use crate::desk::{Desk, FIRST, INSTANCE, detail, instance, unit};

/// The clock of the test moves by 10 ms with each commit, so a second passes with every hundred calls.
#[tokio::test]
async fn a_unit_takes_so_many_calls_a_second_and_what_it_does_not_take_leaves_its_event() {
    let knobs = Knobs { requests_per_second: NonZeroU32::new(10), ..Knobs::default() };
    let config = Config { knobs, ..Config::default() };
    let desk = Desk::configured(&[instance(INSTANCE, &[unit(FIRST, None)])], config).await;
    let mut refused = 0;
    for _ in 0..40 {
        match call!(desk, generate_random, GenerateRandomRequest { len: 8 }) {
            Ok(answer) => assert_eq!(answer.rnd.len(), 8),
            Err(status) => {
                let error = detail(&status);
                assert_eq!(status.code(), Code::ResourceExhausted);
                assert_eq!((error.code, error.retry), (ReturnValue::IBM_TRANSPORT_LIMIT.0.into(), true));
                refused += 1;
            }
        }
    }
    let reasons: Vec<_> = desk.events().await.iter().map(|event| event["reason"]["reasonCode"].clone()).collect();
    assert_eq!(reasons.iter().filter(|reason| **reason == 429).count(), refused);
    // Ten at once, and one more with every tenth event after them.
    assert_eq!((reasons.len(), refused), (40, 27));
}
