//! A request to its answer. Texts and status codes are our own choice: the documents say no more than that any status but
//! 200 to 299 is an error whose body is shown.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hpcs_workstation::Password;
use http::{Method, StatusCode};
use serde::Deserialize;

use super::faults::{FaultKind, Faults};
use super::keys::{KeyDirectory, KeyError};

/// A call, as far as its path says.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Call<'a> {
    /// The public key.
    PublicKey(&'a str),
    /// A signature.
    Sign(&'a str),
}

/// Status and body. A body is JSON when the status is 200, and a text otherwise.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) body: String,
}

impl<'a> Call<'a> {
    /// The call that method and path make.
    pub(super) fn of(method: &Method, path: &'a str) -> Result<Self, Answer> {
        let (call, wanted) = match path.strip_prefix('/').and_then(|path| path.split_once('/')) {
            Some(("keys", name)) => (Self::PublicKey(name), Method::GET),
            Some(("sign", name)) => (Self::Sign(name), Method::POST),
            _ => return Err(Answer::text(StatusCode::NOT_FOUND, "the calls are GET /keys/NAME and POST /sign/NAME")),
        };
        let refused = || Answer::text(StatusCode::METHOD_NOT_ALLOWED, &format!("this call is a {wanted}"));
        if *method == wanted { Ok(call) } else { Err(refused()) }
    }

    /// The name of the key.
    pub(super) fn key(&self) -> &'a str {
        match self {
            Self::PublicKey(name) | Self::Sign(name) => name,
        }
    }

    /// Carries the call out. `authorization` is the header's value, if there is one that is text. Opening a key takes
    /// milliseconds of computing.
    pub(super) fn answer(
        &self,
        keys: &KeyDirectory,
        faults: &Faults,
        authorization: Option<Password>,
        bearer: Option<Password>,
        body: &[u8],
    ) -> Answer {
        if faults.has(self.key(), FaultKind::Unauthorized) {
            return Answer::text(StatusCode::UNAUTHORIZED, "the token is not accepted");
        }
        let Some(authorization) = authorization else {
            return Answer::text(StatusCode::UNAUTHORIZED, "the Authorization header with the token is missing");
        };
        // A token may have been made with the word in front.
        let opened = match bearer.map(|token| keys.open(self.key(), &token)) {
            None | Some(Err(KeyError::WrongToken)) => keys.open(self.key(), &authorization),
            Some(opened) => opened,
        };
        let key = match opened {
            Ok(key) => key,
            Err(error) => return Answer::refusing(&error),
        };
        match self {
            Self::PublicKey(name) if faults.has(name, FaultKind::WrongCurve) => Answer::member("publickey", P256_POINT),
            Self::PublicKey(_) => Answer::member("publickey", &STANDARD.encode(key.public().to_coordinates())),
            Self::Sign(_) => match input(body) {
                Ok(input) => Answer::member("signature", &STANDARD.encode(key.sign(&input))),
                Err(answer) => answer,
            },
        }
    }
}

impl Answer {
    pub(super) fn text(status: StatusCode, text: &str) -> Self {
        Self { status, body: format!("{text}\n") }
    }

    /// `text` is base64.
    fn member(name: &str, text: &str) -> Self {
        Self { status: StatusCode::OK, body: format!("{{\"{name}\":\"{text}\"}}") }
    }

    fn refusing(error: &KeyError) -> Self {
        match error {
            KeyError::Unknown => Self::text(StatusCode::NOT_FOUND, &error.to_string()),
            KeyError::WrongToken => Self::text(StatusCode::UNAUTHORIZED, &error.to_string()),
            // What is wrong with the file is the operator's business: it names a path.
            _ => Self::text(StatusCode::INTERNAL_SERVER_ERROR, "the file of the key cannot be used"),
        }
    }
}

/// The members of a signing call; others are ignored, because clients may send more.
#[derive(Deserialize)]
struct SignRequest {
    hash_algorithm: String,
    input: String,
}

/// The bytes that are hashed and signed.
fn input(body: &[u8]) -> Result<Vec<u8>, Answer> {
    let bad = |text: &str| Answer::text(StatusCode::BAD_REQUEST, text);
    let request: SignRequest = serde_json::from_slice(body)
        .map_err(|_| bad("the body is not a JSON object with the strings hash_algorithm and input"))?;
    if request.hash_algorithm != "sha2-512" {
        return Err(bad("hash_algorithm is not sha2-512, the only one that is supported"));
    }
    STANDARD.decode(&request.input).map_err(|_| bad("input is not base64"))
}

/// `SEQUENCE { X, Y }` of the base point of P-256, which no P-521 client can take.
const P256_POINT: &str =
    "MEQCIGsX0fLhLEJH+Lzm5WOkQPJ3A32BLeszoPShOUXYmMKWAiBP40Li/hp/m47n60p8D54WK84zV2sxXs7LtkBoN79R9Q==";

#[cfg(test)]
mod tests {
    use chacha20::ChaCha20Rng;
    use rand_core::SeedableRng;

    use super::*;

    struct Desk {
        _directory: tempfile::TempDir,
        keys: KeyDirectory,
    }

    fn desk() -> Desk {
        let directory = tempfile::tempdir().unwrap();
        let keys = KeyDirectory::at(directory.path().to_owned());
        keys.add("first-key", &token("t1"), &mut ChaCha20Rng::seed_from_u64(3)).unwrap();
        Desk { _directory: directory, keys }
    }

    fn token(text: &str) -> Password {
        Password::new(text.to_owned())
    }

    impl Desk {
        fn sign(&self, name: &str, given: Option<&str>, body: &str) -> (u16, String) {
            let bearer = given.and_then(|given| given.strip_prefix("Bearer ")).map(token);
            let answer =
                Call::Sign(name).answer(&self.keys, &Faults::default(), given.map(token), bearer, body.as_bytes());
            (answer.status.as_u16(), answer.body)
        }
    }

    const BODY: &str = r#"{"hash_algorithm":"sha2-512","input":"bWVzc2FnZQ=="}"#;

    #[test]
    fn a_signature_over_the_input_verifies() {
        let desk = desk();
        for given in ["t1", "Bearer t1"] {
            let (status, body) = desk.sign("first-key", Some(given), BODY);
            assert_eq!(status, 200, "{body}");
            let answer: serde_json::Value = serde_json::from_str(&body).unwrap();
            let signature = STANDARD.decode(answer["signature"].as_str().unwrap()).unwrap();
            let key = desk.keys.open("first-key", &token("t1")).unwrap();
            assert!(key.public().verify(b"message", &signature));
        }
    }

    #[test]
    fn every_mistake_has_its_status_and_text() {
        let desk = desk();
        let cases = [
            ("other", Some("t1"), BODY, 404, "there is no key"),
            ("..%2f", Some("t1"), BODY, 404, "there is no key"),
            ("first-key", Some("t2"), BODY, 401, "the token does not open"),
            ("first-key", None, BODY, 401, "the Authorization header"),
            ("first-key", Some("t1"), "", 400, "the body is not"),
            ("first-key", Some("t1"), "{\"hash_algorithm\":\"sha2-512\"}", 400, "the body is not"),
            ("first-key", Some("t1"), r#"{"hash_algorithm":"sha2-256","input":""}"#, 400, "hash_algorithm is not"),
            ("first-key", Some("t1"), r#"{"hash_algorithm":"sha2-512","input":"%"}"#, 400, "input is not base64"),
        ];
        for (name, given, body, expected, text) in cases {
            let (status, body) = desk.sign(name, given, body);
            assert_eq!(status, expected, "{body}");
            assert!(body.starts_with(text), "{body}");
        }
    }

    #[test]
    fn calls_are_told_by_method_and_path() {
        assert_eq!(Call::of(&Method::GET, "/keys/a"), Ok(Call::PublicKey("a")));
        assert_eq!(Call::of(&Method::POST, "/sign/a"), Ok(Call::Sign("a")));
        for (method, path, status) in
            [(Method::GET, "/", 404), (Method::GET, "/keys", 404), (Method::POST, "/keys/a", 405)]
        {
            assert_eq!(Call::of(&method, path).unwrap_err().status.as_u16(), status, "{path}");
        }
    }

    #[test]
    fn the_wrong_curve_is_no_p521_key() {
        let point = STANDARD.decode(P256_POINT).unwrap();
        assert!(hpcs_ep11::P521PublicKey::from_coordinates(&point).is_err());
    }
}
