//! Access tokens over HTTP, as IAM gives them out.
#![allow(clippy::unwrap_used, clippy::panic)]

mod support;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hyper::Method;
use serde_json::{Value, json};
use support::http::{Answer, full, nothing};
use support::{MANAGER, Server};

const GRANT: &str = "grant_type=urn:ibm:params:oauth:grant-type:apikey";

async fn token(server: &Server, path: &str, content: &str) -> Answer {
    let client = server.stranger();
    let request = client.request(Method::POST, path).header("content-type", "application/x-www-form-urlencoded");
    client.send(request.body(full(content)).unwrap()).await
}

fn claims(token: &str) -> Value {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(token.split('.').nth(1).unwrap()).unwrap()).unwrap()
}

#[tokio::test]
async fn an_api_key_becomes_a_token_wherever_its_parameters_stand() {
    let server = Server::start().await;
    let plain = format!("{GRANT}&apikey={MANAGER}");
    let escaped = plain.replace(':', "%3A");
    for (path, content) in [
        ("/identity/token".to_owned(), plain.clone()),
        ("/identity/token".to_owned(), escaped.clone()),
        (format!("/identity/token?{plain}"), String::new()),
        (format!("/identity/token?{escaped}"), String::new()),
        ("/oidc/token".to_owned(), format!("{plain}&response_type=cloud_iam&uaa_client_id=cf")),
    ] {
        let answer = token(&server, &path, &content).await;
        assert_eq!(answer.status, 200, "{path} {answer:?}");
        let content = answer.json();
        assert_eq!(
            (&content["token_type"], &content["scope"], &content["expires_in"]),
            (&json!("Bearer"), &json!("ibm openid"), &json!(3600))
        );
        assert_eq!(content["refresh_token"], "not_supported");
        let access = content["access_token"].as_str().unwrap();
        let claims = claims(access);
        assert_eq!((&claims["exp"], &claims["iam_id"]), (&content["expiration"], &json!("IBMid-270000EXM1")));
        assert_eq!(claims["iss"], "https://iam.cloud.ibm.com/identity");
        let client = support::http::Client::new(server.emulator.address(), Some(access.to_owned()));
        assert_eq!(client.get(&format!("/v1/tke/{}/hsms", server.instance())).await.status, 200);
    }
}

#[tokio::test]
async fn what_is_wrong_is_told_in_the_form_of_iam() {
    let server = Server::start().await;
    for (content, code, message) in [
        (format!("{GRANT}&apikey=nobodys"), "BXNIM0415E", "Provided API key could not be found."),
        (GRANT.to_owned(), "BXNIM0109E", "apikey: it is missing or empty"),
        (String::new(), "BXNIM0109E", "grant_type: it is missing or empty"),
        (format!("{GRANT}&{GRANT}&apikey=x"), "BXNIM0109E", "grant_type: it is there more than once"),
        (
            "grant_type=password&username=u&password=p".to_owned(),
            "BXNIM0109E",
            "grant_type: 'password' is not granted here; there is urn:ibm:params:oauth:grant-type:apikey",
        ),
    ] {
        let answer = token(&server, "/identity/token", &content).await;
        let error = answer.json();
        assert_eq!((answer.status, &error["errorCode"], &error["errorMessage"]), (400, &json!(code), &json!(message)));
        assert!(error["context"].as_object().unwrap().values().all(Value::is_string));
        assert!(!answer.headers.contains_key("www-authenticate"));
    }
    let large = format!("{GRANT}&apikey={}", "x".repeat(1 << 20));
    assert_eq!(token(&server, "/identity/token", &large).await.status, 400);
    let wrong_method = server.stranger().get("/identity/token").await;
    assert_eq!((wrong_method.status, wrong_method.header("allow")), (405, "POST"));
    assert!(server.events().await.is_empty());
}

#[tokio::test]
async fn the_published_key_is_that_of_the_tokens() {
    let server = Server::start().await;
    let keys = server.stranger().get("/identity/keys").await;
    assert_eq!(keys.status, 200);
    let key = &keys.json()["keys"][0];
    assert_eq!((&key["kty"], &key["crv"], &key["alg"]), (&json!("EC"), &json!("P-256"), &json!("ES256")));
    assert_eq!(key.get("use"), None);
    let token = server.token(MANAGER).await;
    let header: Value =
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(token.split('.').next().unwrap()).unwrap()).unwrap();
    assert_eq!(header["kid"], key["kid"]);

    // Verified by another implementation than the one that signs.
    let coordinate = |name: &str| URL_SAFE_NO_PAD.decode(key[name].as_str().unwrap()).unwrap();
    let point = [vec![4], coordinate("x"), coordinate("y")].concat();
    let (signed, signature) = token.rsplit_once('.').unwrap();
    let verifier = ring::signature::UnparsedPublicKey::new(&ring::signature::ECDSA_P256_SHA256_FIXED, point);
    assert!(verifier.verify(signed.as_bytes(), &URL_SAFE_NO_PAD.decode(signature).unwrap()).is_ok());
    let head = server.stranger();
    let head = head.send(head.request(Method::HEAD, "/identity/keys").body(nothing()).unwrap()).await;
    assert_eq!((head.status, head.content.len()), (200, 0));
}

#[tokio::test]
async fn tokens_end_by_the_emulators_clock() {
    let server = Server::start().await;
    let client = server.http(MANAGER).await;
    let path = format!("/v1/tke/{}/hsms", server.instance());
    assert_eq!(client.get(&path).await.status, 200);
    let shifted = client.put("/_emulator/clock", r#"{"shift":"+61m"}"#).await;
    assert_eq!(shifted.status, 200, "{shifted:?}");
    let expired = client.get(&path).await;
    assert_eq!(expired.status, 401);
    assert!(expired.json()["resources"][0]["errorMsg"].as_str().unwrap().contains("expired"));
    assert_eq!(server.http(MANAGER).await.get(&path).await.status, 200);
}
