//! The calls that are compared: the same question to both services.

use bytes::{BufMut, Bytes, BytesMut};
use hpcs_crypto::ec::{Curve, PrivateKey, ecdsa};
use hpcs_crypto::rsa::RsaPrivateKey;
use hpcs_ep11::pkcs11::{AttributeType, KeyType, MechanismType, ObjectClass};
use hpcs_grpc::emulator::v1::IssueTokenRequest;
use hpcs_grpc::emulator::v1::identity_client::IdentityClient;
use hpcs_grpc::grep11::crypto_client::CryptoClient;
use hpcs_grpc::grep11::mechanism::Parameter;
use hpcs_grpc::grep11::{self as wire, KeyBlob};
use prost::Message;
use tonic::service::interceptor::InterceptedService;
use tonic::transport::{Channel, Endpoint};
use tonic::{Request, Status};

use crate::keys::{TransportKey, clear, mechanism, rng};
use crate::load::Call;

pub const NAMES: [&str; 5] = [P256, AES, RANDOM, DIGEST, RSA];

const P256: &str = "SignSingle P-256";
const AES: &str = "EncryptSingle AES-256-CBC 1 KiB";
const RANDOM: &str = "GenerateRandom 32 B";
const DIGEST: &str = "DigestSingle SHA-256 1 KiB";
const RSA: &str = "SignSingle RSA-2048";

/// A client of the emulator with a token.
pub type Emulator = CryptoClient<InterceptedService<Channel, Token>>;

/// One question, as each of the services is asked it.
pub struct Question {
    pub ours: Call,
    pub theirs: Call,
}

#[derive(Clone)]
pub struct Token(String);

impl tonic::service::Interceptor for Token {
    fn call(&mut self, mut request: Request<()>) -> Result<Request<()>, Status> {
        let bearer = format!("Bearer {}", self.0).parse();
        request.metadata_mut().insert("authorization", bearer.map_err(|_| Status::internal("no token"))?);
        Ok(request)
    }
}

/// Prepares the question of this name, and makes sure that both services answer it.
pub async fn ask(name: &str, emulator: &str, bare: &str) -> Question {
    let bare = Endpoint::from_shared(bare.to_owned()).unwrap().connect().await.unwrap();
    let channel = Endpoint::from_shared(emulator.to_owned()).unwrap().connect().await.unwrap();
    let request = IssueTokenRequest { api_key: "ceremony-manager-key".to_owned() };
    let issued = IdentityClient::new(channel.clone()).issue_token(request).await.unwrap().into_inner();
    let token = Token(issued.access_token);
    let clients = Both {
        ours: CryptoClient::with_interceptor(channel, token.clone()),
        theirs: CryptoClient::new(bare),
        token: token.0,
    };
    match name {
        P256 => clients.sign_p256().await,
        AES => clients.encrypt_aes().await,
        RANDOM => clients.random().await,
        DIGEST => clients.digest().await,
        _ => clients.sign_rsa().await,
    }
}

struct Both {
    ours: Emulator,
    theirs: CryptoClient<Channel>,
    token: String,
}

impl Both {
    async fn random(mut self) -> Question {
        let asked = wire::GenerateRandomRequest { len: 32 };
        let ours = self.ours.generate_random(asked).await.unwrap().into_inner().rnd;
        let theirs = self.theirs.generate_random(asked).await.unwrap().into_inner().rnd;
        assert_eq!((ours.len(), theirs.len()), (32, 32));
        self.question("GenerateRandom", &asked, &asked)
    }

    async fn digest(mut self) -> Question {
        let asked = wire::DigestSingleRequest { mech: Some(mechanism(MechanismType::SHA256, None)), data: KIB };
        let ours = self.ours.digest_single(asked.clone()).await.unwrap().into_inner().digest;
        assert_eq!(ours, self.theirs.digest_single(asked.clone()).await.unwrap().into_inner().digest);
        self.question("DigestSingle", &asked, &asked)
    }

    async fn encrypt_aes(mut self) -> Question {
        let value = [9; 32];
        let blob = self.import(&value, (ObjectClass::SECRET_KEY, KeyType::AES), AttributeType::ENCRYPT).await;
        let iv = Parameter::ParameterB(Bytes::from_static(&[3; 16]));
        let asked = |key: KeyBlob| wire::EncryptSingleRequest {
            mech: Some(mechanism(MechanismType::AES_CBC, Some(iv.clone()))),
            plain: KIB,
            key: Some(key),
            ..Default::default()
        };
        let (asked, of_bare) = (asked(blob.clone()), asked(clear(&blob, &value)));
        let ours = self.ours.encrypt_single(asked.clone()).await.unwrap().into_inner().ciphered;
        assert_eq!(ours, self.theirs.encrypt_single(of_bare.clone()).await.unwrap().into_inner().ciphered);
        self.question("EncryptSingle", &asked, &of_bare)
    }

    async fn sign_p256(self) -> Question {
        let key = PrivateKey::generate(Curve::P256, &mut rng());
        let holds = |signature: &[u8]| ecdsa::verify(&key.public(), &DIGEST_TO_SIGN, signature).is_ok();
        self.sign(&key.to_pkcs8_der(), KeyType::EC, MechanismType::ECDSA, holds).await
    }

    async fn sign_rsa(self) -> Question {
        let key = RsaPrivateKey::generate(2048, 65537, &mut rng()).unwrap();
        let holds = |signature: &[u8]| key.public().verify_pkcs1_raw(&DIGEST_TO_SIGN, signature);
        self.sign(&key.to_pkcs8_der(), KeyType::RSA, MechanismType::RSA_PKCS, holds).await
    }

    async fn sign(
        mut self,
        value: &[u8],
        key_type: KeyType,
        kind: MechanismType,
        holds: impl Fn(&[u8]) -> bool,
    ) -> Question {
        let blob = self.import(value, (ObjectClass::PRIVATE_KEY, key_type), AttributeType::SIGN).await;
        let asked = |key: KeyBlob| wire::SignSingleRequest {
            priv_key: Some(key),
            mech: Some(mechanism(kind, None)),
            data: Bytes::from_static(&DIGEST_TO_SIGN),
            ..Default::default()
        };
        let (asked, of_bare) = (asked(blob.clone()), asked(clear(&blob, value)));
        assert!(holds(&self.ours.sign_single(asked.clone()).await.unwrap().into_inner().signature));
        assert!(holds(&self.theirs.sign_single(of_bare.clone()).await.unwrap().into_inner().signature));
        self.question("SignSingle", &asked, &of_bare)
    }

    async fn import(&mut self, value: &[u8], kind: (ObjectClass, KeyType), usage: AttributeType) -> KeyBlob {
        let transport = TransportKey::agree(&mut self.ours).await;
        transport.import(&mut self.ours, value, kind, usage).await
    }

    fn question(self, method: &'static str, ours: &impl Message, theirs: &impl Message) -> Question {
        Question {
            ours: Call { method, body: framed(ours), token: self.token.clone() },
            theirs: Call { method, body: framed(theirs), token: self.token },
        }
    }
}

/// A message with its prefix.
fn framed(message: &impl Message) -> Bytes {
    let mut body = BytesMut::new();
    body.put_u8(0);
    body.put_u32(u32::try_from(message.encoded_len()).unwrap());
    message.encode(&mut body).unwrap();
    body.freeze()
}

const KIB: Bytes = Bytes::from_static(&[0x5a; 1024]);

/// A digest of 32 bytes.
static DIGEST_TO_SIGN: [u8; 32] = [0xd1; 32];
