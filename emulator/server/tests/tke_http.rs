//! Trusted Key Entry over HTTP, as the cloud serves it: the same operations and events as over gRPC, and the answers to
//! what cannot be.
#![allow(clippy::unwrap_used, clippy::panic)]

mod support;

use std::time::Duration;

use hpcs_emulator::config::{Config, Limits};
use hpcs_ep11::{
    AdminBlock, AdminDomain, AdminFunction, AdminRequest, Cprb, DomainIndex, DomainInstance, FunctionWord,
};
use hpcs_ep11::{HtpRequest, HtpResponse, ModuleId, TransactionCounter};
use hpcs_grpc::emulator::v1::SubmitRequest;
use hyper::Method;
use serde_json::{Value, json};
use support::http::{Answer, Client, full, nothing};
use support::{MANAGER, READER, Server};

impl Server {
    fn path(&self) -> String {
        format!("/v1/tke/{}/hsms/{}", self.instance(), self.unit())
    }

    /// The HTP request that zeroizes the first unit, which is in imprint mode, at this counter.
    async fn zeroize(&self, counter: u8) -> String {
        let listed = self.http(MANAGER).await.get(&format!("/v1/tke/{}/hsms", self.instance())).await.json();
        let serial = listed["hsms"][0]["serial_number"].as_str().unwrap().to_owned();
        assert_eq!(listed["hsms"][0]["location"], "[us-south].[AZ1-CS7].[01].[13]");
        let query = AdminBlock::query(&AdminFunction::QUERY_ATTRIBUTES.to_bytes(), &[0; 8], &[]).encode();
        let answer = self.http(MANAGER).await.post(&self.path(), &body(&framed(&query))).await;
        let response = answer.json()["response"].as_str().unwrap().to_owned();
        let HtpResponse::Cprb(cprb) = HtpResponse::decode(response.as_bytes()).unwrap() else { panic!("no answer") };
        // The module identifier stands behind the serial number in it.
        let at = cprb.windows(8).position(|window| window == serial.as_bytes()).unwrap();
        let module = ModuleId::from_bytes(cprb[at..at + 16].try_into().unwrap()).unwrap();
        let domain = AdminDomain { index: DomainIndex(13), instance: DomainInstance([0, 0, 0, 1]) };
        let mut bytes = [0; 16];
        bytes[15] = counter;
        let counter = TransactionCounter::from_bytes(bytes);
        framed(&AdminBlock::encode_command(AdminFunction::ZEROIZE, domain, module, counter, &[]))
    }
}

/// A block without signatures in everything that is around it.
fn framed(block: &[u8]) -> String {
    let function = FunctionWord::sdk(FunctionWord::ADMIN);
    let request = AdminRequest { function, domain: &13_u32.to_be_bytes(), block, signatures: &[] }.encode();
    HtpRequest { module_index: 1, cprb: Cprb::new(DomainIndex(13), &request).encode() }.encode()
}

fn body(htp: &str) -> String {
    json!({"request": htp}).to_string()
}

fn error(answer: &Answer) -> (u16, String) {
    let content = answer.json();
    assert_eq!(
        content["metadata"],
        json!({"collectionType": "application/vnd.ibm.hs-crypto.error+json", "collectionTotal": 1})
    );
    (answer.status, content["resources"][0]["errorMsg"].as_str().unwrap().to_owned())
}

async fn post(client: &Client, path: &str, content: &[u8]) -> Answer {
    let content = String::from_utf8_lossy(content).into_owned();
    client.send(client.request(Method::POST, path).body(full(&content)).unwrap()).await
}

#[tokio::test]
async fn crypto_units_are_listed_in_three_arrays() {
    let server = Server::start().await;
    let answer = server.http(MANAGER).await.get(&format!("/v1/tke/{}/hsms", server.instance())).await;
    assert_eq!((answer.status, answer.header("content-type")), (200, "application/json"));
    let listed = answer.json();
    let places = |kind: &str| {
        let units = listed[kind].as_array().unwrap().iter();
        units.map(|unit| unit["location"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(places("hsms"), ["[us-south].[AZ1-CS7].[01].[13]", "[us-south].[AZ3-CS9].[01].[39]"]);
    assert_eq!(places("source_hsms"), ["[us-south].[AZ3-CS9].[01].[38]", "[us-east].[AZ3-CS3].[01].[12]"]);
    assert!(places("failover_hsms").is_empty());
    assert_eq!(listed["metadata"][0]["collectionTotal"], 4);
    let unit = &listed["hsms"][0];
    assert_eq!((&unit["state"], &unit["version"]), (&json!("active"), &json!(1)));
    assert_eq!(unit["hsm_id"], server.unit());
}

#[tokio::test]
async fn a_command_leaves_the_same_event_over_http_and_over_grpc() {
    let (over_http, over_grpc) = (Server::start().await, Server::start().await);
    let client = over_http.http(MANAGER).await;
    let (first, again) = (over_http.zeroize(1).await, over_http.zeroize(1).await);
    assert_eq!(first, again);
    for htp in [&first, &again] {
        let answer = client.post(&over_http.path(), &body(htp)).await;
        assert_eq!(answer.status, 200);
        assert!(answer.json().as_object().unwrap().values().all(Value::is_string));
        let request =
            SubmitRequest { instance: over_grpc.instance(), unit: over_grpc.unit(), payload: htp.clone().into() };
        let same = over_grpc.crypto_units().submit(over_grpc.signed(MANAGER, request).await).await.unwrap();
        assert_eq!(answer.json()["response"].as_str().unwrap().as_bytes(), &same.into_inner().payload[..]);
    }
    let without_agent = |events: Vec<Value>| {
        let strip = |mut event: Value| {
            let host = event["initiator"]["host"].as_object_mut().unwrap();
            host.remove("agent");
            event
        };
        events.into_iter().map(strip).collect::<Vec<_>>()
    };
    let (http, grpc) = (over_http.events().await, over_grpc.events().await);
    assert_eq!(http.len(), 2);
    assert_eq!((&http[0]["outcome"], &http[1]["outcome"]), (&json!("success"), &json!("failure")));
    assert_eq!(without_agent(http), without_agent(grpc));
}

#[tokio::test]
async fn who_may_not_is_told_as_the_cloud_tells_it_and_leaves_an_event() {
    let server = Server::start().await;
    let htp = body(&server.zeroize(1).await);
    let path = server.path();
    let (status, text) = error(&server.stranger().post(&path, &htp).await);
    assert_eq!((status, text.as_str()), (401, "no token; send `authorization: Bearer <token>`"));
    assert_eq!(error(&server.http(READER).await.post(&path, &htp).await).0, 403);
    let listing = format!("/v1/tke/{}/hsms", server.instance());
    assert_eq!(error(&server.stranger().get(&listing).await).0, 401);
    assert_eq!(error(&server.http(READER).await.get(&listing).await).0, 403);
    let reasons: Vec<_> =
        server.events().await.iter().map(|event| event["reason"]["reasonCode"].as_u64().unwrap()).collect();
    assert_eq!(reasons, [401, 403]);
}

#[tokio::test]
async fn a_stranger_with_a_large_request_is_refused_by_its_beginning() {
    let server = Server::start().await;
    let htp = server.zeroize(1).await;
    let large = format!(r#"{{"request":"{htp}{}"}}"#, "00".repeat(100_000));
    assert_eq!(error(&server.stranger().post(&server.path(), &large).await).0, 401);
    let [event] = &server.events().await[..] else { panic!("not one event") };
    assert_eq!(event["action"], "hs-crypto.tke-cryptounit.reset");
}

#[tokio::test]
async fn what_names_nothing_that_is_there_is_not_found_and_leaves_no_event() {
    let server = Server::start().await;
    let htp = body(&server.zeroize(1).await);
    let client = server.http(MANAGER).await;
    let other = "6a1f0c9e-3b7d-4c52-9e08-5d4f2b1a7c63";
    for path in [
        format!("/v1/tke/{other}/hsms/{}", server.unit()),
        format!("/v1/tke/{}/hsms/{other}", server.instance()),
        format!("/v1/tke/{}/hsms/x", server.instance()),
        "/v1/tke/x/hsms/y".to_owned(),
        "/v1/tke/x".to_owned(),
    ] {
        assert_eq!(error(&client.post(&path, &htp).await).0, 404, "{path}");
    }
    assert_eq!(error(&client.get(&format!("/v1/tke/{other}/hsms")).await).0, 404);
    let wrong_method = client.delete(&server.path()).await;
    assert_eq!((error(&wrong_method).0, wrong_method.header("allow")), (405, "POST"));
    assert!(server.events().await.is_empty());
}

#[tokio::test]
async fn a_body_that_is_no_request_is_refused_and_its_command_is_in_the_event() {
    let server = Server::start().await;
    let htp = server.zeroize(1).await;
    let client = server.http(MANAGER).await;
    let cut = &htp[..200];
    for (content, why) in [
        (format!(r#"{{"request":"{htp}""#), "cannot be decoded"),
        (format!(r#"{{"request":"{cut}"#), "cannot be decoded"),
        (format!(r#"{{"request":"{htp}","more":1}}"#), "unknown field `more`"),
        (format!(r#"{{"request":"{htp}","request":"{htp}"}}"#), "duplicate field `request`"),
        (format!(r#"["request":"{htp}"]"#), "not a JSON object"),
        (format!("{{\"request\":\"{htp}\u{1}\"}}"), "control character"),
    ] {
        let (status, text) = error(&client.post(&server.path(), &content).await);
        assert_eq!(status, 400, "{content}");
        assert!(text.contains(why), "{text}");
        let events = server.events().await;
        let last = events.last().unwrap();
        assert_eq!(last["action"], "hs-crypto.tke-cryptounit.reset", "{content}");
        assert_eq!((&last["outcome"], &last["reason"]["reasonCode"]), (&json!("failure"), &json!(400)));
    }
    assert_eq!(server.events().await.len(), 6);
    for content in ["", "{}", "null", "7", r#"{"request":7}"#, r#"{"requests":"x"}"#, "\u{fffd}"] {
        assert_eq!(error(&client.post(&server.path(), content).await).0, 400, "{content}");
    }
    assert_eq!(error(&client.post(&format!("{}?x=1", server.path()), &body(&htp)).await).0, 400);
    // Only the last one said what it was about.
    assert_eq!(server.events().await.len(), 7);
    let large = format!(r#"{{"request":"{htp}{}"}}"#, " ".repeat(5 * 1024 * 1024));
    assert_eq!(error(&client.post(&server.path(), &large).await).0, 413);
    assert_eq!(server.events().await.len(), 8);
}

#[tokio::test]
async fn malformed_htp_strings_are_answered_inside_the_protocol() {
    let server = Server::start().await;
    let htp = server.zeroize(1).await;
    let client = server.http(MANAGER).await;
    let framed = |fields: &str| format!("{};{fields}", fields.len() + 1);
    let (_, rest) = htp.split_once(';').unwrap();
    for (htp, codes) in [
        (String::new(), None),
        (framed(&rest.replacen(";1;", ";x;", 1)), Some(("9", "1"))),
        (framed(&rest.replacen(";1;", ";2;", 1)), Some(("9", "2"))),
        (framed(&rest.replacen("0020", "00zz", 1)), Some(("9", "12"))),
        (framed(&rest[..rest.len() - 1]), Some(("9", "13"))),
        (framed(&rest.replacen("PCI request", "PCI reqwest", 1)), None),
        (rest.to_owned(), None),
    ] {
        let answer = client.post(&server.path(), &body(&htp)).await;
        assert_eq!(answer.status, 200, "{htp}");
        let response = answer.json()["response"].as_str().unwrap().to_owned();
        let HtpResponse::Error(error) = HtpResponse::decode(response.as_bytes()).unwrap() else { panic!("{htp}") };
        assert_eq!(response.split(';').nth(1).unwrap().len(), 156);
        if let Some((kind, code)) = codes {
            let block = response.split(';').nth(1).unwrap();
            assert_eq!((block[..2].trim(), block[2..10].trim()), (kind, code), "{error}");
        }
    }
    let other_domain = rest.replacen("0000000D00000000", "0000000E00000000", 1);
    assert_ne!(other_domain, rest);
    assert_eq!(error(&client.post(&server.path(), &body(&framed(&other_domain))).await).0, 400);
}

/// The header of a CPRB says what is in it, byte by byte. Damage is answered inside the protocol, a domain that is not the
/// unit's by the service; reserved bytes and the caller's own are not looked at.
#[tokio::test]
async fn every_damaged_byte_of_a_cprb_header_has_its_answer() {
    let server = Server::start().await;
    let htp = server.zeroize(1).await;
    let client = server.http(MANAGER).await;
    let (before, cprb) = htp.rsplit_once(';').unwrap();
    let mut answers = Vec::new();
    for byte in 0..32 {
        let mut damaged = hex::decode(cprb).unwrap();
        damaged[byte] ^= 0x41;
        let answer = client.post(&server.path(), &body(&format!("{before};{}", hex::encode_upper(damaged)))).await;
        answers.push(match answer.status {
            200 => match HtpResponse::decode(answer.json()["response"].as_str().unwrap().as_bytes()).unwrap() {
                HtpResponse::Error(_) => 'e',
                HtpResponse::Cprb(_) => 'a',
            },
            400 => 'd',
            status => panic!("{byte}: {status}"),
        });
    }
    let answers: String = answers.into_iter().collect();
    // Length, version; reserved; flags; subtype; partition; domain; return code; reserved; payload length.
    assert_eq!(answers, "eeeaaaeeaaaaddddaaaaaaaaaaaaeeee");
}

#[tokio::test]
async fn headers_that_say_nothing_useful_are_refused_as_such() {
    let server = Server::start().await;
    let path = format!("/v1/tke/{}/hsms", server.instance());
    let token = server.token(MANAGER).await;
    let stranger = server.stranger();
    let (signed, signature) = token.rsplit_once('.').unwrap();
    let forged = format!("{signed}.{}", signature.chars().rev().collect::<String>());
    let twice = format!("Bearer {token} {token}");
    for (authorization, status) in [
        (token.as_str(), 200),
        (&format!("bearer {token}"), 200),
        ("Basic YWRtaW46YWRtaW4=", 401),
        ("Bearer", 401),
        ("Bearer ", 401),
        ("Bearer a.b.c", 401),
        (&forged, 401),
        (&twice, 401),
        (&"x".repeat(20_000), 401),
    ] {
        let request = stranger.request(Method::GET, &path).header("authorization", authorization);
        let answer = stranger.send(request.body(nothing()).unwrap()).await;
        assert_eq!(answer.status, status, "{}", &authorization[..authorization.len().min(40)]);
    }
    let large = format!("GET {path} HTTP/1.1\r\nhost: x\r\nx: {}\r\n\r\n", "x".repeat(100_000));
    let answer = server.raw(large.as_bytes()).await;
    assert!(answer.starts_with(b"HTTP/1.1 431"), "{}", String::from_utf8_lossy(&answer));
    for nonsense in ["GET  / HTTP/1.1\r\n\r\n", "\0\0\0\0\r\n\r\n", "GET / HTTP/9.9\r\n\r\n"] {
        let answer = server.raw(nonsense.as_bytes()).await;
        assert!(answer.is_empty() || answer.starts_with(b"HTTP/1.1 400"), "{}", String::from_utf8_lossy(&answer));
    }
    assert_eq!(server.http(MANAGER).await.get(&path).await.status, 200);
}

#[tokio::test]
async fn for_a_token_of_another_account_the_instance_is_not_there_and_its_log_grows_not() {
    let mut config = Config::default();
    let mut stranger = Config::default().api_keys.remove(0);
    stranger.key = hpcs_service::ApiKey::new("elsewhere".to_owned());
    stranger.identity.account = "0123456789abcdef0123456789abcdef".parse().unwrap();
    config.api_keys.push(stranger);
    let server = Server::with(config).await;
    let htp = body(&server.zeroize(1).await);
    let client = server.http("elsewhere").await;
    assert_eq!(error(&client.post(&server.path(), &htp).await).0, 404);
    assert_eq!(error(&client.get(&format!("/v1/tke/{}/hsms", server.instance())).await).0, 404);
    assert!(server.events().await.is_empty());
}

#[tokio::test]
async fn listing_can_be_for_managers_only() {
    let mut config = Config::default();
    config.knobs.tke_listing = hpcs_service::ListingRoles::Managers;
    let mut administrator = Config::default().api_keys.remove(0);
    administrator.key = hpcs_service::ApiKey::new("administrator".to_owned());
    administrator.identity.roles = vec![hpcs_service::Role::CryptoUnitAdministrator];
    config.api_keys.push(administrator);
    let server = Server::with(config).await;
    let htp = body(&server.zeroize(1).await);
    let client = server.http("administrator").await;
    assert_eq!(error(&client.get(&format!("/v1/tke/{}/hsms", server.instance())).await).0, 403);
    assert_eq!(client.post(&server.path(), &htp).await.status, 200);
}

#[tokio::test]
async fn a_client_that_stalls_within_a_request_is_let_go_and_others_are_served() {
    let limits = Limits { message: Duration::from_millis(100), ..Limits::default() };
    let server = Server::with(Config { limits, ..Config::default() }).await;
    let token = server.token(MANAGER).await;
    let head = format!(
        "POST {} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {token}\r\ncontent-length: 500\r\nconnection: close\r\n\r\n\
         {{\"request\":\"245;PCI",
        server.path()
    );
    let (answer, other) = tokio::join!(server.raw(head.as_bytes()), async {
        server.http(MANAGER).await.get(&format!("/v1/tke/{}/hsms", server.instance())).await
    });
    assert!(answer.starts_with(b"HTTP/1.1 400"), "{}", String::from_utf8_lossy(&answer));
    assert_eq!(other.status, 200);
}

#[tokio::test]
async fn an_endpoint_serves_the_instances_of_its_region() {
    let server = Server::start().await;
    let client = server.http(MANAGER).await;
    let path = format!("/v1/tke/{}/hsms", server.instance());
    for (host, status) in [
        ("tke.us-south.hs-crypto.cloud.ibm.com", 200),
        ("tke.private.us-south.hs-crypto.cloud.ibm.com:443", 200),
        ("tke.us-south.hs-crypto.test.cloud.ibm.com", 200),
        ("tke.eu-de.hs-crypto.cloud.ibm.com", 404),
        ("tke.us-east.hs-crypto.cloud.ibm.com", 404),
        ("emulator.example.com", 200),
    ] {
        let request = client.request(Method::GET, &path).header("host", host).body(nothing()).unwrap();
        let (mut parts, content) = request.into_parts();
        parts.uri = path.parse().unwrap();
        let answer = client.send(hyper::Request::from_parts(parts, content)).await;
        assert_eq!(answer.status, status, "{host}");
    }
}

#[tokio::test]
async fn a_private_endpoint_keeps_the_callers_address_out_of_events() {
    let server = Server::start().await;
    let htp = body(&server.zeroize(1).await);
    let client = server.http(MANAGER).await;
    for host in ["tke.us-south.hs-crypto.cloud.ibm.com", "tke.private.us-south.hs-crypto.cloud.ibm.com"] {
        let request = client.request(Method::POST, &server.path()).header("host", host).body(full(&htp)).unwrap();
        let (mut parts, content) = request.into_parts();
        parts.uri = server.path().parse().unwrap();
        assert_eq!(client.send(hyper::Request::from_parts(parts, content)).await.status, 200);
    }
    let events = server.events().await;
    assert_eq!(events[0]["initiator"]["host"]["address"], "203.0.113.10");
    assert_eq!(events[1]["initiator"]["host"].get("address"), None);
}

#[tokio::test]
async fn a_path_of_nobody_is_answered_in_the_form_of_its_interface() {
    let server = Server::start().await;
    let client = server.http(MANAGER).await;
    assert_eq!(error(&post(&client, "/v1/tke/", b"").await).0, 404);
    assert_eq!(client.get("/identity/nothing").await.json()["errorCode"], "BXNIM0101E");
    assert_eq!(client.get("/nothing").await.error().0, 404);
}
