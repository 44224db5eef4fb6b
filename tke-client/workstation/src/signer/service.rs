//! The client of a signing service: `GET <url>/keys/<name>` and `POST <url>/sign/<name>`.
//!
//! As the published SDK does with the keys that it is given, a key is tried before it is used: it signs [`PROOF`]. The
//! signature must verify with the public key that the service names. Part of the specification: TKE administration
//! protocol 1.6 and 12.4 step 0, TKE workflows 3.3.

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hpcs_ep11::{Fault, P521PublicKey};
use http_body_util::Full;
use hyper::body::Bytes;
use hyper::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HOST, HeaderValue};
use hyper::{Method, Request, StatusCode};
use serde_json::{Value, json};
use zeroize::Zeroizing;

use super::url::{BaseUrl, Trouble};
use super::{MemberFault, Signer, SigningServiceCall, SigningServiceError};
use crate::{texts, tls};

/// A signing service. Copies are the same service.
#[derive(Clone)]
pub struct SigningService {
    url: Arc<BaseUrl>,
}

/// A key that a signing service keeps, with the token that it is used with.
pub(super) struct ServiceKey {
    service: SigningService,
    name: String,
    token: Zeroizing<String>,
    pub(super) public: P521PublicKey,
}

impl SigningService {
    /// The service at `url`, the value of `TKE_SIGNSERV_URL`: `http://host:port` or `https://host:port`, perhaps with a
    /// path. For https the root certificates of this machine are read; nothing is sent.
    ///
    /// # Errors
    /// [`SigningServiceError::BadUrl`], [`SigningServiceError::NoRoots`].
    pub fn at(url: &str) -> Result<Self, SigningServiceError> {
        Ok(Self { url: Arc::new(BaseUrl::parse(url)?) })
    }

    /// The URL as it was given.
    #[must_use]
    pub fn url(&self) -> &str {
        self.url.as_str()
    }

    /// Whether tokens leave this machine without encryption.
    #[must_use]
    pub fn is_exposed(&self) -> bool {
        self.url.is_exposed()
    }

    /// The key called `name`, after it has signed once and named its public key. `token` is sent as it is.
    ///
    /// # Errors
    /// Any [`SigningServiceError`].
    pub async fn signer(&self, name: &str, token: Zeroizing<String>) -> Result<Signer, SigningServiceError> {
        check_key_name(name)?;
        let proof = self.signature(name, &token, &PROOF).await?;
        let public = self.public_key(name, &token).await?;
        if !public.verify(&PROOF, &proof) {
            return Err(SigningServiceError::BadSignature);
        }
        Ok(ServiceKey { service: self.clone(), name: name.to_owned(), token, public }.into())
    }

    async fn public_key(&self, name: &str, token: &str) -> Result<P521PublicKey, SigningServiceError> {
        let call = SigningServiceCall::PublicKey;
        let key = self.call(call, name, token, Bytes::new()).await?;
        P521PublicKey::from_coordinates(&key).map_err(|error| match error.fault {
            Fault::WrongSize { .. } | Fault::OutOfRange => SigningServiceError::UnsupportedKey,
            _ => SigningServiceError::Member { call, fault: MemberFault::NotTwoIntegers },
        })
    }

    async fn signature(&self, name: &str, token: &str, message: &[u8]) -> Result<Vec<u8>, SigningServiceError> {
        self.call(SigningServiceCall::Sign, name, token, sign_body(message).into()).await
    }

    /// Sends a call and gives the decoded member of its answer.
    async fn call(
        &self,
        call: SigningServiceCall,
        name: &str,
        token: &str,
        body: Bytes,
    ) -> Result<Vec<u8>, SigningServiceError> {
        let (method, path) = match call {
            SigningServiceCall::PublicKey => (Method::GET, self.url.path("keys", name)),
            SigningServiceCall::Sign => (Method::POST, self.url.path("sign", name)),
        };
        let mut authorization = HeaderValue::from_str(token).map_err(|_| SigningServiceError::BadToken)?;
        authorization.set_sensitive(true);
        let json = HeaderValue::from_static("application/json");
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header(HOST, self.url.authority())
            .header(AUTHORIZATION, authorization)
            .header(CONTENT_TYPE, &json)
            .header(ACCEPT, &json)
            .body(Full::new(body))
            .map_err(|_| SigningServiceError::BadUrl { url: self.url().to_owned() })?;
        let (status, body) = self.url.exchange(request).await.map_err(|trouble| failed(call, &trouble))?;
        if status.is_success() { member(call, &body) } else { Err(refused(call, status, &body)) }
    }
}

impl ServiceKey {
    /// A signature over `message`, which the service hashes.
    pub(super) async fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SigningServiceError> {
        let signature = self.service.signature(&self.name, &self.token, message).await?;
        if self.public.verify(message, &signature) { Ok(signature) } else { Err(SigningServiceError::BadSignature) }
    }
}

/// Whether this can be the name of a key: it stands in a URL as it is, so only unreserved characters of RFC 3986 can.
///
/// # Errors
/// [`SigningServiceError::BadName`].
pub fn check_key_name(name: &str) -> Result<(), SigningServiceError> {
    let unreserved = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    let fits = !name.is_empty() && name.len() <= MAX_NAME && name.bytes().all(unreserved);
    // Clients and servers take these two for steps in a path.
    let step = matches!(name, "." | "..");
    if fits && !step { Ok(()) } else { Err(SigningServiceError::BadName { name: name.to_owned() }) }
}

/// The body of a signing call, byte for byte the published SDK's.
fn sign_body(message: &[u8]) -> String {
    format!("{{\"hash_algorithm\":\"sha2-512\",\"input\":{}}}", json!(STANDARD.encode(message)))
}

fn member(call: SigningServiceCall, body: &[u8]) -> Result<Vec<u8>, SigningServiceError> {
    let unreadable = |message: String| SigningServiceError::Failed { call, message, untrusted: false };
    if body.is_empty() {
        return Err(unreadable(texts::EMPTY_BODY.to_owned()));
    }
    let fault = |fault| SigningServiceError::Member { call, fault };
    match serde_json::from_slice(body).map_err(|error| unreadable(error.to_string()))? {
        Value::Object(members) => match members.get(call.member()) {
            None | Some(Value::Null) => Err(fault(MemberFault::Missing)),
            Some(Value::String(text)) => STANDARD.decode(text).map_err(|_| fault(MemberFault::NotBase64)),
            Some(_) => Err(fault(MemberFault::WrongType)),
        },
        _ => Err(unreadable(texts::NOT_AN_OBJECT.to_owned())),
    }
}

fn refused(call: SigningServiceCall, status: StatusCode, body: &[u8]) -> SigningServiceError {
    let shown = body.get(..MAX_SHOWN).unwrap_or(body);
    let message = String::from_utf8_lossy(shown).trim().to_owned();
    SigningServiceError::Refused { call, status: status.as_u16(), message }
}

fn failed(call: SigningServiceCall, trouble: &Trouble) -> SigningServiceError {
    let error: &(dyn std::error::Error + 'static) = trouble.as_ref();
    let untrusted = tls::untrusted_certificate(error).is_some();
    SigningServiceError::Failed { call, message: crate::transport::chain(error), untrusted }
}

/// What a key signs to show that it can: 100 zero bytes, as in the published SDK.
const PROOF: [u8; 100] = [0; 100];
/// The longest name of a key, in bytes. Own choice.
const MAX_NAME: usize = 200;
/// How much of the text of a refusal is kept, in bytes.
const MAX_SHOWN: usize = 4096;

#[cfg(test)]
mod tests {
    use hpcs_ep11::{AdminCertificate, P521KeyPair, SelfSignature};
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    use super::*;
    use crate::testing::key_pair;

    /// What a service reads and how it answers, one connection after the other: status and body.
    async fn played(answers: Vec<(u16, String)>) -> (SigningService, tokio::task::JoinHandle<Vec<String>>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let service = SigningService::at(&format!("http://{}/base", listener.local_addr().unwrap())).unwrap();
        let requests = tokio::spawn(async move {
            let mut requests = Vec::new();
            for (status, body) in answers {
                let (mut stream, _) = listener.accept().await.unwrap();
                requests.push(read_request(&mut stream).await);
                let head = format!("HTTP/1.1 {status} X\r\ncontent-length: {}\r\n\r\n", body.len());
                stream.write_all(format!("{head}{body}").as_bytes()).await.unwrap();
            }
            requests
        });
        (service, requests)
    }

    async fn read_request(stream: &mut (impl AsyncReadExt + Unpin)) -> String {
        let mut bytes = Vec::new();
        loop {
            let text = String::from_utf8(bytes.clone()).unwrap();
            if let Some((head, body)) = text.split_once("\r\n\r\n") {
                let size = head.lines().find_map(|line| line.strip_prefix("content-length: "));
                if body.len() == size.map_or(0, |size| size.parse().unwrap()) {
                    return text;
                }
            }
            assert_ne!(stream.read_buf(&mut bytes).await.unwrap(), 0, "the request is not complete: {text}");
        }
    }

    fn signature(key: &P521KeyPair, message: &[u8]) -> (u16, String) {
        (200, json!({ "signature": STANDARD.encode(key.sign(message)) }).to_string())
    }

    fn public(key: &P521KeyPair) -> (u16, String) {
        (200, json!({ "publickey": STANDARD.encode(key.public().to_coordinates()) }).to_string())
    }

    fn token() -> Zeroizing<String> {
        Zeroizing::new("s3cret".to_owned())
    }

    async fn refusal(answers: Vec<(u16, String)>) -> String {
        let (service, _) = played(answers).await;
        service.signer("first-key", token()).await.err().unwrap().to_string()
    }

    #[tokio::test]
    async fn the_two_calls_are_those_of_the_published_sdk() {
        let key = key_pair(2);
        let (service, requests) =
            played(vec![signature(&key, &PROOF), public(&key), signature(&key, b"message")]).await;
        let signer = service.signer("first-key", token()).await.unwrap();
        assert_eq!(signer.public(), hpcs_ep11::PublicKey::P521(key.public()));
        assert_eq!(signer.sign(b"message").await.unwrap(), key.sign(b"message"));
        let requests = requests.await.unwrap();
        let starts = ["POST /base/sign/first-key HTTP/1.1\r\n", "GET /base/keys/first-key HTTP/1.1\r\n"];
        assert!(requests.iter().zip(starts).all(|(request, start)| request.starts_with(start)), "{requests:?}");
        for request in &requests {
            for line in ["authorization: s3cret", "content-type: application/json", "accept: application/json"] {
                assert!(request.lines().any(|header| header == line), "{line}: {request}");
            }
        }
        let body = "\r\n\r\n{\"hash_algorithm\":\"sha2-512\",\"input\":\"bWVzc2FnZQ==\"}";
        assert!(requests[2].ends_with(body), "{}", requests[2]);
        assert!(requests[1].ends_with("\r\n\r\n"), "{}", requests[1]);
    }

    #[tokio::test]
    async fn a_certificate_is_signed_over_a_hash_of_its_hash() {
        let key = key_pair(3);
        let tbs = AdminCertificate::unsigned("admin1", &hpcs_ep11::PublicKey::P521(key.public())).unwrap();
        let hash = <sha2::Sha512 as sha2::Digest>::digest(tbs.tbs());
        let (service, _) = played(vec![signature(&key, &PROOF), public(&key), signature(&key, &hash)]).await;
        let signer = service.signer("first-key", token()).await.unwrap();
        let certificate = AdminCertificate::decode(&signer.certificate("admin1").await.unwrap()).unwrap();
        assert_eq!((certificate.name.as_str(), certificate.self_signature), ("admin1", SelfSignature::DoubleHashed));
    }

    #[tokio::test]
    async fn refusals_and_unusable_answers_have_the_documented_texts() {
        let key = key_pair(2);
        let signed = || signature(&key, &PROOF);
        let first = "Error requesting public part of signature key.\n";
        let second = "Error requesting a signature over supplied data.\n";
        let unsupported = "Invalid public key returned by signing service.  Only P521 EC keys are supported.";
        let coordinates = |x: &[u8]| {
            // SEQUENCE { INTEGER x, INTEGER 1 }
            let mut integer = vec![2, u8::try_from(x.len()).unwrap()];
            integer.extend(x);
            integer.extend([2, 1, 1]);
            let mut der = vec![0x30, u8::try_from(integer.len()).unwrap()];
            der.extend(integer);
            (200, json!({ "publickey": STANDARD.encode(der) }).to_string())
        };
        for (answers, expected) in [
            (vec![(401, "unknown token".to_owned())], format!("{second}Status code: 401\nMessage: unknown token")),
            (vec![(200, "{}".to_owned())], format!("{second}signature not found")),
            (vec![(200, "{\"signature\":7}".to_owned())], format!("{second}signature is not a string")),
            (vec![(200, "{\"signature\":\"%\"}".to_owned())], format!("{second}signature is not base64")),
            (vec![(200, String::new())], format!("{second}Message: empty response body")),
            (vec![signed(), (404, "no key".to_owned())], format!("{first}Status code: 404\nMessage: no key")),
            (vec![signed(), (200, "{\"publickey\":null}".to_owned())], format!("{first}publickey not found")),
            (vec![signed(), (200, "{\"publickey\":[]}".to_owned())], format!("{first}publickey is not a string")),
            (vec![signed(), coordinates(&[1; 67])], unsupported.to_owned()),
            (vec![signed(), coordinates(&[1; 32])], unsupported.to_owned()),
        ] {
            assert_eq!(refusal(answers).await, expected);
        }
    }

    #[tokio::test]
    async fn a_signature_by_another_key_is_refused() {
        let text = refusal(vec![signature(&key_pair(5), &PROOF), public(&key_pair(2))]).await;
        assert!(text.ends_with(texts::FOREIGN_SIGNATURE), "{text}");
    }

    #[tokio::test]
    async fn an_answer_without_an_end_is_not_taken() {
        let text = refusal(vec![(200, " ".repeat(64 * 1024 + 1))]).await;
        assert!(text.contains("length limit exceeded"), "{text}");
    }

    #[tokio::test]
    async fn a_service_that_is_down_fails_the_first_signature() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let service = SigningService::at(&format!("http://{}", listener.local_addr().unwrap())).unwrap();
        drop(listener);
        let text = service.signer("first-key", token()).await.err().unwrap().to_string();
        assert!(text.starts_with("Error requesting a signature over supplied data.\nMessage: "), "{text}");
    }

    #[tokio::test]
    async fn names_and_tokens_that_would_change_the_request_are_refused_before_it_is_sent() {
        let service = SigningService::at("http://127.0.0.1:1").unwrap();
        for name in ["", ".", "..", "a/b", "a?b", "a b", "ä", "a%41"] {
            let error = service.signer(name, token()).await.err().unwrap();
            assert_eq!(error, SigningServiceError::BadName { name: name.to_owned() });
        }
        let split = Zeroizing::new("a\r\nb".to_owned());
        assert_eq!(service.signer("key", split).await.err(), Some(SigningServiceError::BadToken));
    }

    /// A service with a certificate for `localhost` that answers one connection, and the certificate.
    async fn encrypted() -> (std::net::SocketAddr, rcgen::CertifiedKey<rcgen::KeyPair>) {
        use tokio_rustls::TlsAcceptor;
        use tokio_rustls::rustls::ServerConfig;
        use tokio_rustls::rustls::crypto::ring;
        use tokio_rustls::rustls::pki_types::PrivateKeyDer;

        let certified = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        let key = PrivateKeyDer::try_from(certified.signing_key.serialize_der()).unwrap();
        let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certified.cert.der().clone()], key)
            .unwrap();
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move {
            let (stream, _) = listener.accept().await.unwrap();
            let Ok(mut stream) = acceptor.accept(stream).await else { return };
            read_request(&mut stream).await;
            stream.write_all(b"HTTP/1.1 401 X\r\ncontent-length: 2\r\n\r\nno").await.unwrap();
            stream.shutdown().await.unwrap();
        });
        (address, certified)
    }

    async fn over_tls(trusted: bool) -> SigningServiceError {
        use tokio_rustls::rustls::RootCertStore;

        let (address, certified) = encrypted().await;
        let other = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        let root = if trusted { certified.cert } else { other.cert };
        let mut roots = RootCertStore::empty();
        roots.add(root.der().clone()).unwrap();
        let url = format!("https://localhost:{}", address.port());
        let url = BaseUrl::with_tls(&url, || crate::tls::connector_with(roots)).unwrap();
        let service = SigningService { url: Arc::new(url) };
        service.signer("first-key", token()).await.err().unwrap()
    }

    #[tokio::test]
    async fn a_service_with_a_trusted_certificate_is_asked_and_another_is_not() {
        let answered = over_tls(true).await;
        assert!(matches!(answered, SigningServiceError::Refused { status: 401, .. }), "{answered}");
        let refused = over_tls(false).await;
        assert!(matches!(refused, SigningServiceError::Failed { untrusted: true, .. }), "{refused}");
        assert!(refused.to_string().contains("SSL_CERT_FILE"), "{refused}");
    }
}
