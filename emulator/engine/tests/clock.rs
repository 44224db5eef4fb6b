//! Tokens, API keys and events go by the emulator's clock.
#![allow(clippy::unwrap_used, clippy::panic)]

mod support;

use hpcs_audit::EventTime;
use hpcs_engine::{Answer, Beginning};
use hpcs_service::{
    ApiKey, AuthFault, Authentication, ClockMode, ClockReport, ClockSetting, Identity, Operation, Origin, Refusal, Who,
};
use support::{ACCOUNT, Bench, START, identity, small};

async fn set(bench: &Bench, setting: ClockSetting) -> ClockReport {
    match bench.execute(Operation::SetClock(setting)).await {
        Ok(Answer::Clock(report)) => report,
        Ok(_) => panic!("another answer"),
        Err(refusal) => panic!("{refusal}"),
    }
}

async fn read(bench: &Bench) -> ClockReport {
    match bench.execute(Operation::ReadClock).await {
        Ok(Answer::Clock(report)) => report,
        _ => panic!("no clock"),
    }
}

fn mode(mode: ClockMode) -> ClockSetting {
    ClockSetting { mode: Some(mode), ..ClockSetting::default() }
}

fn shift(millis: i64) -> ClockSetting {
    ClockSetting { shift: Some(millis), ..ClockSetting::default() }
}

const HOUR: i64 = 3_600_000;

#[tokio::test]
async fn events_carry_the_time_that_was_set() {
    let bench = Bench::of(vec![small(0)]).await;
    let instance = bench.instances().await.remove(0);
    let time = EventTime::from_unix_millis(START.unix_millis() + 1_000_000);
    let frozen = set(&bench, ClockSetting { time: Some(time), ..mode(ClockMode::Frozen) }).await;
    assert_eq!((frozen.now, frozen.mode), (time, ClockMode::Frozen));
    bench.leave_events(&instance, 2).await;
    set(&bench, ClockSetting { step: Some(250), ..mode(ClockMode::Stepped) }).await;
    bench.leave_events(&instance, 3).await;
    let times: Vec<_> = bench.events_of(instance.id).await.iter().map(|event| event.time).collect();
    let after = |millis| EventTime::from_unix_millis(time.unix_millis() + millis);
    assert_eq!(times, [time, time, time, after(250), after(500)]);
    assert_eq!(read(&bench).await, ClockReport { now: after(750), mode: ClockMode::Stepped, rate: 1.0, step: 250 });
}

#[tokio::test]
async fn a_clock_that_was_set_back_does_not_turn_a_log_back() {
    let bench = Bench::of(vec![small(0)]).await;
    let instance = bench.instances().await.remove(0);
    bench.leave_events(&instance, 1).await;
    set(&bench, shift(-24 * HOUR)).await;
    bench.leave_events(&instance, 1).await;
    let times: Vec<_> = bench.events_of(instance.id).await.iter().map(|event| event.time).collect();
    assert!(times[0] <= times[1] && read(&bench).await.now < times[0]);
}

#[tokio::test]
async fn time_runs_faster_by_the_rate() {
    let bench = Bench::of(vec![small(0)]).await;
    let instance = bench.instances().await.remove(0);
    let report = set(&bench, ClockSetting { rate: Some(60.0), ..mode(ClockMode::Run) }).await;
    assert_eq!(report.rate, 60.0);
    // The clock below moves by 10 ms with each operation.
    bench.leave_events(&instance, 1).await;
    assert_eq!(read(&bench).await.now.unix_millis(), report.now.unix_millis() + 600);
    let refusal = bench.execute(Operation::SetClock(ClockSetting { rate: Some(0.0), ..ClockSetting::default() })).await;
    assert!(matches!(refusal.err(), Some(Refusal::InvalidArgument { field: "rate", .. })));
}

#[tokio::test]
async fn a_token_ends_by_the_emulators_clock_and_a_clock_set_back_revives_it() {
    let bench = Bench::of(vec![small(0)]).await;
    let who = bench.who();
    let later = Operation::SetClock(shift(HOUR));
    bench.engine.execute(who, later).await.unwrap();
    let expired = bench.who().authentication;
    assert!(matches!(expired, Authentication::Rejected { why: AuthFault::Expired, .. }));
    bench.engine.clock().change(hpcs_store::ClockChange { shift: -HOUR, ..hpcs_store::ClockChange::default() });
    assert!(matches!(bench.who().authentication, Authentication::Known(_)));
}

#[tokio::test]
async fn an_api_key_ends_by_the_emulators_clock_and_so_do_its_tokens() {
    let bench = Bench::of(vec![small(0)]).await;
    let key = || ApiKey::new("a key for an hour".to_owned());
    let end = EventTime::from_unix_millis(START.unix_millis() + 600_000);
    let expiring = Identity { expires_at: Some(end), ..identity(ACCOUNT) };
    let beginning = Beginning { instances: Vec::new(), api_keys: vec![(key().digest(), expiring)] };
    bench.engine.prepare(beginning).await.unwrap();
    let issue = || {
        let nobody = Who { authentication: bench.engine.authenticate(None), origin: Origin::default() };
        bench.engine.execute(nobody, Operation::IssueToken { api_key: key() })
    };
    let Ok(Answer::Token { token, expires_in, .. }) = issue().await else { panic!("no token") };
    assert!(expires_in <= 600, "{expires_in}");
    assert!(matches!(bench.engine.authenticate(Some(&token)), Authentication::Known(_)));
    set(&bench, shift(600_000)).await;
    let refusal = issue().await.err().unwrap();
    assert_eq!((refusal.clone(), refusal.status().1), (Refusal::ApiKeyExpired, 401));
    let old = bench.engine.authenticate(Some(&token));
    assert!(matches!(old, Authentication::Rejected { why: AuthFault::Expired, .. }));
}
