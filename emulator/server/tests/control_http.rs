//! The control interface over plain HTTP: instances, export and import, clock, operations, health; and requests that
//! cannot be.
#![allow(clippy::unwrap_used, clippy::panic)]

mod support;

use std::time::Duration;

use hpcs_emulator::config::{Config, Limits, StoreConfig, StorePlace};
use hyper::Method;
use serde_json::json;
use support::http::{Answer, Client, full, nothing};
use support::{MANAGER, READER, Server};

const INSTANCES: &str = "/_emulator/instances";
const CLOCK: &str = "/_emulator/clock";
const ID: &str = "6a1f0c9e-3b7d-4c52-9e08-5d4f2b1a7c63";

async fn import(client: &Client, file: &str, passphrase: Option<&str>) -> Answer {
    let mut request = client.request(Method::POST, &format!("{INSTANCES}/import"));
    if let Some(passphrase) = passphrase {
        request = request.header("hpcs-passphrase", passphrase);
    }
    client.send(request.header("content-type", "application/x-ndjson").body(full(file)).unwrap()).await
}

fn ids(answer: &Answer) -> Vec<String> {
    let listed = answer.json()["instances"].as_array().unwrap().clone();
    listed.iter().map(|instance| instance["id"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn an_instance_is_created_listed_reset_and_deleted() {
    let server = Server::start().await;
    let manager = server.http(MANAGER).await;
    let wrong = manager.post(INSTANCES, &json!({"id": ID, "profile": "CEX9"}).to_string()).await.error();
    assert!(wrong.0 == 400 && wrong.2.contains("profile: is not a generation of crypto modules: CEX5,"), "{wrong:?}");
    let asked = json!({"id": ID, "region": "eu-de", "operational": 3, "profile": "CEX8"});
    let created = manager.post(INSTANCES, &asked.to_string()).await;
    assert_eq!(created.status, 201, "{created:?}");
    let other = json!({"profile": "CEX6"}).to_string();
    let other = manager.post(&format!("{INSTANCES}/{ID}/reset"), &other).await.error();
    assert!(other.0 == 400 && other.2.contains("profile: is not the instance's"), "{other:?}");
    assert_eq!((&created.json()["id"], &created.json()["region"]), (&json!(ID), &json!("eu-de")));
    let again = manager.post(INSTANCES, &json!({"id": ID}).to_string()).await;
    assert_eq!((again.error().0, again.error().1.as_str()), (409, "ALREADY_EXISTS"));

    let mut expected = vec![server.instance(), ID.to_owned()];
    expected.sort();
    assert_eq!(ids(&manager.get(INSTANCES).await), expected);
    let reset = manager.post(&format!("{INSTANCES}/{ID}/reset"), "").await;
    assert_eq!((reset.status, &reset.json()["id"]), (200, &json!(ID)));

    let deleted = manager.delete(&format!("{INSTANCES}/{ID}")).await;
    assert_eq!((deleted.status, deleted.content.len()), (204, 0));
    assert_eq!(ids(&manager.get(INSTANCES).await), [server.instance()]);
    assert_eq!(manager.delete(&format!("{INSTANCES}/{ID}")).await.error().0, 404);
    assert_eq!(manager.post(&format!("{INSTANCES}/{ID}/reset"), "{}").await.error().0, 404);
}

#[tokio::test]
async fn an_empty_body_makes_the_default_instance_under_a_new_id() {
    let server = Server::start().await;
    let created = server.http(MANAGER).await.post(INSTANCES, "").await;
    assert_eq!(created.status, 201, "{created:?}");
    assert_eq!((&created.json()["region"], &created.json()["plan"]), (&json!("us-south"), &json!("standard")));
    assert_ne!(created.json()["id"], server.instance().as_str());
}

#[tokio::test]
async fn an_instance_moves_from_one_emulator_to_another_with_its_log() {
    let server = Server::start().await;
    server.one_event().await;
    server.one_event().await;
    let manager = server.http(MANAGER).await;
    let export = format!("{INSTANCES}/{}/export", server.instance());
    let sealed = manager.post(&export, r#"{"passphrase":"open sesame"}"#).await;
    assert_eq!((sealed.status, sealed.header("content-type")), (200, "application/x-ndjson"));
    let file = String::from_utf8(sealed.content.to_vec()).unwrap();
    assert_eq!(file.lines().count(), 4);

    let exists = import(&manager, &file, Some("open sesame")).await;
    assert_eq!(exists.error().0, 409);
    let lines = manager.get("/_emulator/events").await.content;
    assert_eq!(manager.delete(&format!("{INSTANCES}/{}?purge=true", server.instance())).await.status, 204);
    assert!(manager.get("/_emulator/events").await.content.is_empty());
    for (passphrase, file, why) in [
        (None, file.as_str(), "passphrase"),
        (Some("wrong"), &file, "passphrase"),
        (Some("open sesame"), &file[..file.len() - 10], "line 4"),
        (Some("open sesame"), &file.replace("\"sequence\":2", "\"sequence\":3"), "line 3"),
        (Some("open sesame"), "{}\n", "line 1"),
        (Some("open sesame"), "", "line 1"),
    ] {
        let refused = import(&manager, file, passphrase).await;
        let (status, code, message) = refused.error();
        assert_eq!((status, code.as_str()), (400, "INVALID_ARGUMENT"), "{message}");
        assert!(message.contains(why) && !message.contains("open sesame"), "{message}");
        assert!(ids(&manager.get(INSTANCES).await).is_empty());
    }
    let imported = import(&manager, &file, Some("open sesame")).await;
    assert_eq!((imported.status, &imported.json()["id"]), (201, &json!(server.instance())));
    assert_eq!(manager.get("/_emulator/events").await.content, lines);
    server.one_event().await;
    assert_eq!(manager.get("/_emulator/events").await.lines().len(), 3);
}

#[tokio::test]
async fn what_an_export_says_of_an_instance_makes_it_again() {
    let server = Server::start().await;
    let manager = server.http(MANAGER).await;
    let export = format!("{INSTANCES}/{}/export", server.instance());
    let clear = manager.post(&export, r#"{"secrets":"in-the-clear"}"#).await;
    let head: serde_json::Value = serde_json::from_str(&clear.lines()[0]).unwrap();
    let document = head["instance"].to_string();
    assert_eq!(manager.post(INSTANCES, &document).await.error().0, 409);
    let purged = manager.delete(&format!("{INSTANCES}/{}?purge=true", server.instance())).await;
    assert_eq!(purged.status, 204);
    let created = manager.post(INSTANCES, &document).await;
    assert_eq!((created.status, &created.json()["id"]), (201, &json!(server.instance())), "{created:?}");
    let again = manager.post(&export, r#"{"secrets":"in-the-clear"}"#).await;
    let again: serde_json::Value = serde_json::from_str(&again.lines()[0]).unwrap();
    assert_eq!(again["instance"]["units"], head["instance"]["units"]);
}

#[tokio::test]
async fn secrets_in_the_clear_are_only_written_on_demand() {
    let server = Server::start().await;
    let manager = server.http(MANAGER).await;
    let export = format!("{INSTANCES}/{}/export", server.instance());
    assert_eq!(manager.post(&export, r#"{"secrets":"in-the-clear"}"#).await.status, 200);
    for content in ["", "{}", r#"{"passphrase":""}"#, r#"{"passphrase":"x","secrets":"in-the-clear"}"#] {
        let (status, _, message) = manager.post(&export, content).await.error();
        assert_eq!(status, 400);
        assert!(message.starts_with("passphrase: "), "{message}");
    }
    let (_, _, message) = manager.post(&export, r#"{"passphrase":5027}"#).await.error();
    assert!(!message.contains("5027"), "{message}");
}

#[tokio::test]
async fn the_clock_is_read_and_set() {
    let server = Server::start().await;
    let manager = server.http(MANAGER).await;
    let set = manager.put(CLOCK, r#"{"mode":"frozen","time":"2027-05-01T00:00:00Z"}"#).await;
    assert_eq!(set.status, 200, "{set:?}");
    let frozen = json!("2027-05-01T00:00:00.000Z");
    assert_eq!((&set.json()["mode"], &set.json()["time"]), (&json!("frozen"), &frozen));
    // The token that the manager has is over by now.
    let manager = server.http(MANAGER).await;
    assert_eq!(manager.get(CLOCK).await.json()["time"], frozen);
    let shifted = manager.put(CLOCK, r#"{"shift":"+30m"}"#).await;
    assert_eq!(shifted.json()["time"], "2027-05-01T00:30:00.000Z");
    let stepped = manager.put(CLOCK, r#"{"mode":"stepped","step":"250ms"}"#).await;
    assert_eq!((&stepped.json()["mode"], &stepped.json()["step"]), (&json!("stepped"), &json!("250ms")));
    for (content, field) in [
        (r#"{"time":"tomorrow"}"#, "time: "),
        (r#"{"shift":"soon"}"#, "shift: "),
        (r#"{"step":"0ms"}"#, "step: "),
        (r#"{"mode":"backwards"}"#, "the message cannot be decoded: "),
        (r#"{"speed":2}"#, "the message cannot be decoded: unknown field `speed`"),
    ] {
        let (status, _, message) = manager.put(CLOCK, content).await.error();
        assert_eq!(status, 400, "{content}");
        assert!(message.starts_with(field), "{message}");
    }
}

#[tokio::test]
async fn the_outcome_of_an_operation_is_told() {
    let server = Server::start().await;
    let manager = server.http(MANAGER).await;
    let (status, code, _) = manager.get("/_emulator/operations/nonsense").await.error();
    assert_eq!((status, code.as_str()), (400, "INVALID_ARGUMENT"));
    let told = manager.get("/_emulator/operations/5f3c0a9be2d41786-12").await;
    assert_eq!((told.status, told.json()["outcome"].is_string()), (200, true));
}

#[tokio::test]
async fn a_reader_controls_nothing() {
    let server = Server::start().await;
    let reader = server.http(READER).await;
    let instance = format!("{INSTANCES}/{}", server.instance());
    for answer in [
        reader.post(INSTANCES, "{}").await,
        reader.post(&format!("{instance}/reset"), "{}").await,
        reader.delete(&instance).await,
        reader.post(&format!("{instance}/export"), r#"{"secrets":"in-the-clear"}"#).await,
        import(&reader, "{}\n", None).await,
        reader.get(CLOCK).await,
        reader.put(CLOCK, r#"{"mode":"frozen"}"#).await,
        reader.get("/_emulator/operations/5f3c0a9be2d41786-12").await,
    ] {
        let (status, code, message) = answer.error();
        assert_eq!((status, code.as_str()), (403, "PERMISSION_DENIED"), "{message}");
        assert!(message.contains("EmulatorOperator"), "{message}");
    }
    let stranger = server.stranger();
    for answer in [stranger.get(INSTANCES).await, stranger.post(INSTANCES, "no JSON").await] {
        assert_eq!(answer.error().0, 401);
    }
    assert_eq!(ids(&reader.get(INSTANCES).await), [server.instance()]);
}

#[tokio::test]
async fn paths_methods_and_content_types_are_checked() {
    let server = Server::start().await;
    let manager = server.http(MANAGER).await;
    let missing = manager.get("/_emulator/instanzes").await;
    assert_eq!((missing.error().0, missing.error().1.as_str()), (404, "NOT_FOUND"));
    for (method, path, allowed) in [
        (Method::PATCH, CLOCK, "GET, HEAD, PUT"),
        (Method::PUT, INSTANCES, "GET, HEAD, POST"),
        (Method::GET, "/_emulator/instances/import", "POST"),
        (Method::DELETE, "/healthz", "GET, HEAD"),
    ] {
        let answer = manager.send(manager.request(method, path).body(nothing()).unwrap()).await;
        assert_eq!((answer.error().0, answer.header("allow")), (405, allowed), "{path}");
    }
    for content_type in ["application/x-www-form-urlencoded", "text/plain; charset=utf-8", ""] {
        let request = manager.request(Method::POST, INSTANCES).header("content-type", content_type);
        let answer = manager.send(request.body(full("{}")).unwrap()).await;
        assert_eq!(answer.error().0, 415, "{content_type}");
    }
    let request = manager.request(Method::POST, INSTANCES).header("content-type", "Application/JSON; charset=utf-8");
    assert_eq!(manager.send(request.body(full("{}")).unwrap()).await.status, 201);
    let unknown = manager.get(&format!("{INSTANCES}?sort=id")).await;
    assert_eq!(unknown.error().2, "query: no parameter 'sort'; it takes none");
}

#[tokio::test]
async fn a_body_one_byte_too_large_is_refused() {
    const LIMIT: usize = 4 * 1024 * 1024;
    let server = Server::start().await;
    let manager = server.http(MANAGER).await;
    let content = |length: usize| format!("{{{}}}", " ".repeat(length - 2));
    assert_eq!(manager.post(INSTANCES, &content(LIMIT)).await.status, 201);
    let (status, code, _) = manager.post(INSTANCES, &content(LIMIT + 1)).await.error();
    assert_eq!((status, code.as_str()), (413, "RESOURCE_EXHAUSTED"));
}

#[tokio::test]
async fn half_a_body_is_refused_in_time_and_changes_nothing() {
    let limits = Limits { message: Duration::from_millis(1), ..Limits::default() };
    let server = Server::with(Config { limits, ..Config::default() }).await;
    let token = server.token(MANAGER).await;
    for (path, content_type) in
        [(INSTANCES, "application/json"), ("/_emulator/instances/import", "application/x-ndjson")]
    {
        let head = format!(
            "POST {path} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {token}\r\ncontent-type: {content_type}\r\n\
             content-length: 100\r\nconnection: close\r\n\r\n{{\"id\":"
        );
        let answer = String::from_utf8(server.raw(head.as_bytes()).await).unwrap();
        assert!(answer.starts_with("HTTP/1.1 400 "), "{answer}");
        assert!(answer.contains("did not arrive within"), "{answer}");
    }
    assert_eq!(ids(&server.http(MANAGER).await.get(INSTANCES).await), [server.instance()]);
}

#[tokio::test]
async fn health_is_what_the_store_says_now() {
    let server = Server::start().await;
    let stranger = server.stranger();
    let health = stranger.get("/healthz").await;
    assert_eq!((health.status, &health.json()["status"]), (200, &json!("ok")));
    assert_eq!(health.json()["store"], server.emulator.engine().store_name());
    server.http(MANAGER).await.post(INSTANCES, &json!({"id": ID}).to_string()).await;
    let mut expected = vec![server.instance(), ID.to_owned()];
    expected.sort();
    assert_eq!(stranger.get("/healthz").await.json()["instances"], json!(expected));
    server.http(MANAGER).await.delete(&format!("{INSTANCES}/{ID}")).await;
    assert_eq!(stranger.get("/healthz").await.json()["instances"], json!([server.instance()]));
}

#[tokio::test]
async fn health_is_bad_when_the_store_cannot_be_read() {
    let directory = tempfile::TempDir::new().unwrap();
    let place = StorePlace::Directory { path: directory.path().to_owned(), key_file: None };
    let store = StoreConfig { place, ..StoreConfig::default() };
    let server = Server::with(Config { store, ..Config::default() }).await;
    let stranger = server.stranger();
    assert_eq!(stranger.get("/healthz").await.status, 200);
    server.emulator.engine().close().await.unwrap();
    let health = stranger.get("/healthz").await;
    assert_eq!((health.status, &health.json()["status"]), (503, &json!("unavailable")));
    let error = health.json()["error"].as_str().unwrap().to_owned();
    assert!(error.contains(directory.path().to_str().unwrap()), "{error}");
}
