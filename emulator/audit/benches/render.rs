//! The cost of one event: built from its parts and rendered, against the least that serde can do for equal bytes.
//!
//! The yardstick is `serde_json::to_vec` of a struct whose texts are all made already. The last line of the output is
//! the ratio of the two; `cargo bench -p hpcs-audit` runs it.

#![allow(clippy::expect_used, reason = "a benchmark may stop by panicking")]

use std::hint::black_box;
use std::time::Instant;

use criterion::{Criterion, criterion_group, criterion_main};
use hpcs_audit::catalogue::tke;
use hpcs_audit::event::{Credential, EventDraft, Fields, Host, Initiator, InitiatorKind, RequestData, Target};
use hpcs_audit::{EventTime, Reason, Stamp, Style};
use hpcs_names::{Crn, ServiceName};
use serde::{Deserialize, Serialize};

#[allow(clippy::print_stdout, reason = "the ratio is what the benchmark is for")]
fn render(criterion: &mut Criterion) {
    let (parts, stamp, style) =
        (Parts::new(), Stamp { time: EventTime::from_unix_millis(0), sequence: 1 }, Style::default());
    let line = parts.draft().render(&stamp, &style);
    let ready: Ready = serde_json::from_slice(&line).expect("an event");
    assert_eq!(serde_json::to_vec(&ready).expect("an event"), line, "both write the same bytes");

    let event = measure(criterion, "event built and rendered", || parts.draft().render(&stamp, &style));
    let ready = measure(criterion, "ready-made struct to_vec", || serde_json::to_vec(&ready));
    println!("{} bytes; built and rendered / ready-made: {:.2}", line.len(), event / ready);
}

/// The fastest sample of `work`, in nanoseconds.
#[allow(clippy::disallowed_methods, reason = "a benchmark measures real time")]
fn measure<T>(criterion: &mut Criterion, name: &str, work: impl Fn() -> T) -> f64 {
    let mut fastest = f64::INFINITY;
    criterion.bench_function(name, |bencher| {
        bencher.iter_custom(|rounds| {
            let start = Instant::now();
            for _ in 0..rounds {
                black_box(work());
            }
            let elapsed = start.elapsed();
            fastest = fastest.min(elapsed.as_nanos() as f64 / rounds as f64);
            elapsed
        });
    });
    fastest
}

/// What an operation has at hand when it makes its event.
struct Parts {
    instance: Crn,
    unit: Crn,
    caller: Initiator,
    location: String,
    uri: String,
    admins: [String; 2],
}

impl Parts {
    fn new() -> Self {
        let instance = Crn::instance(
            ServiceName::HsCrypto,
            &"us-east".parse().expect("a region"),
            &"4e1a9f0c7b2d4a5e8f3c6b1d9e0a7c52".parse().expect("an account"),
            "7f3c2b1a-5d4e-4f6a-9b8c-0d1e2f3a4b5c".parse().expect("an instance"),
        );
        Parts {
            unit: instance.resource("tke-cryptounit", "3d9a6c14-2f7b-4e83-8a51-c60e9b72d4f8".parse().expect("a unit")),
            instance,
            caller: Initiator {
                id: "IBMid-270000EXM1".to_owned(),
                name: "ceremony.admin@example.com".to_owned(),
                kind: InitiatorKind::User,
                credential: Credential::Token,
                authn: None,
                host: Host {
                    address: Some([203, 0, 113, 24].into()),
                    private: false,
                    agent: Some("tke-plugin/1.3.1".to_owned()),
                },
            },
            location: "[us-east].[AZ2-CSSTAG2].[03].[22]".to_owned(),
            uri: "/v1/tke/7f3c2b1a-5d4e-4f6a-9b8c-0d1e2f3a4b5c/hsms/3d9a6c14-2f7b-4e83-8a51-c60e9b72d4f8".to_owned(),
            admins: ["8".repeat(64), "e".repeat(64)],
        }
    }

    fn draft(&self) -> EventDraft {
        EventDraft {
            action: tke::ADMIN_ADD,
            initiator: self.caller.clone(),
            target: Target { id: self.unit.clone(), name: self.location.clone(), alias: None },
            reason: Reason::OK,
            request_data: RequestData {
                request_uri: Some(self.uri.clone()),
                fields: Fields::new().with("location", &*self.location).with("adminId", &*self.admins[1]),
            },
            response_data: Fields::new().with("adminIds", self.admins.to_vec()),
            key_destroyed: false,
            correlation_id: None,
            source: self.instance.clone(),
        }
    }
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Ready {
    event_time: String,
    outcome: String,
    message: String,
    action: String,
    initiator: ReadyInitiator,
    target: ReadyTarget,
    observer: ReadyObserver,
    reason: ReadyReason,
    severity: String,
    request_data: ReadyRequest,
    response_data: ReadyResponse,
    data_event: bool,
    save_service_copy: bool,
    #[serde(rename = "logSourceCRN")]
    log_source_crn: String,
}

#[derive(Serialize, Deserialize)]
struct ReadyInitiator {
    id: String,
    name: String,
    #[serde(rename = "typeURI")]
    type_uri: String,
    credential: ReadyCredential,
    host: ReadyHost,
}

#[derive(Serialize, Deserialize)]
struct ReadyCredential {
    r#type: String,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct ReadyHost {
    address: String,
    address_type: String,
    agent: String,
}

#[derive(Serialize, Deserialize)]
struct ReadyTarget {
    id: String,
    name: String,
    #[serde(rename = "typeURI")]
    type_uri: String,
}

#[derive(Serialize, Deserialize)]
struct ReadyObserver {
    name: String,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct ReadyReason {
    reason_code: u16,
    reason_type: String,
}

#[derive(Serialize, Deserialize)]
struct ReadyRequest {
    #[serde(rename = "requestURI")]
    request_uri: String,
    #[serde(rename = "instanceID")]
    instance_id: String,
    location: String,
    #[serde(rename = "adminId")]
    admin_id: String,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct ReadyResponse {
    admin_ids: Vec<String>,
}

criterion_group!(benches, render);
criterion_main!(benches);
