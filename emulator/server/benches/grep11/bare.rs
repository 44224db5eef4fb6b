//! The service that the emulator is held against: tonic's generated server, the same cryptography, and nothing else.
//!
//! A key travels in the clear where the emulator has its blob, and is parsed once a call by the same functions.

use std::net::TcpListener;

use chacha20::ChaCha20Rng;
use hpcs_crypto::block::{BlockCipher, CipherKey, CipherStream, Direction, Mode};
use hpcs_crypto::ec::{self, PrivateKey};
use hpcs_crypto::hash::Hash;
use hpcs_crypto::rsa::RsaPrivateKey;
use hpcs_ep11::pkcs11::MechanismType;
use hpcs_grpc::grep11::crypto_server::{Crypto, CryptoServer};
use hpcs_grpc::grep11::mechanism::Parameter;
use hpcs_grpc::grep11::{self as wire, KeyBlob};
use rand_core::SeedableRng;
use ring::rand::{SecureRandom, SystemRandom};
use tonic::transport::server::TcpIncoming;
use tonic::{Request, Response, Status};

/// Serves until the process is ended.
pub fn main() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    println!("http://{}", listener.local_addr().unwrap());
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    runtime.block_on(async {
        let incoming = TcpIncoming::from(tokio::net::TcpListener::from_std(listener).unwrap()).with_nodelay(Some(true));
        let server = tonic::transport::Server::builder().add_service(CryptoServer::new(Bare(SystemRandom::new())));
        server.serve_with_incoming(incoming).await.unwrap();
    });
}

struct Bare(SystemRandom);

impl Bare {
    fn generate_random(&self, asked: wire::GenerateRandomRequest) -> Option<wire::GenerateRandomResponse> {
        let mut bytes = vec![0; asked.len as usize];
        self.0.fill(&mut bytes).ok()?;
        Some(wire::GenerateRandomResponse { rnd: bytes.into() })
    }

    fn digest_single(&self, asked: wire::DigestSingleRequest) -> Option<wire::DigestSingleResponse> {
        let (MechanismType::SHA256, _) = mechanism(asked.mech)? else { return None };
        Some(wire::DigestSingleResponse { digest: Hash::Sha256.digest(&asked.data).into() })
    }

    fn encrypt_single(&self, asked: wire::EncryptSingleRequest) -> Option<wire::EncryptSingleResponse> {
        let (MechanismType::AES_CBC, Some(Parameter::ParameterB(iv))) = mechanism(asked.mech)? else { return None };
        let key = CipherKey::new(BlockCipher::Aes, &key(asked.key)?)?;
        let stream = CipherStream::start(key, Direction::Encrypt, Mode::Cbc, &iv)?;
        let mut ciphered = stream.complete(&asked.plain).ok()?;
        Some(wire::EncryptSingleResponse { ciphered: std::mem::take(&mut *ciphered).into() })
    }

    fn sign_single(&self, asked: wire::SignSingleRequest) -> Option<wire::SignSingleResponse> {
        let key = key(asked.priv_key)?;
        let signature = match mechanism(asked.mech)?.0 {
            MechanismType::ECDSA => {
                let mut seed = [0; 32];
                self.0.fill(&mut seed).ok()?;
                ec::ecdsa::sign(&PrivateKey::from_pkcs8_der(&key)?, &asked.data, &mut ChaCha20Rng::from_seed(seed))?
            }
            MechanismType::RSA_PKCS => RsaPrivateKey::from_pkcs8_der(&key).ok()?.sign_pkcs1_raw(&asked.data).ok()?,
            _ => return None,
        };
        Some(wire::SignSingleResponse { signature: signature.into() })
    }
}

fn mechanism(mechanism: Option<wire::Mechanism>) -> Option<(MechanismType, Option<Parameter>)> {
    mechanism.map(|mechanism| (MechanismType(mechanism.mechanism), mechanism.parameter))
}

fn key(key: Option<KeyBlob>) -> Option<bytes::Bytes> {
    key?.key_blobs.into_iter().next()
}

macro_rules! service {
    (
        answers { $($name:ident($request:ident) -> $response:ident;)* }
        refuses { $($other:ident($ask:ident) -> $answer:ident;)* }
    ) => {
        #[tonic::async_trait]
        impl Crypto for Bare {
            $(async fn $name(&self, asked: Request<wire::$request>) -> Result<Response<wire::$response>, Status> {
                let answer = Bare::$name(self, asked.into_inner());
                answer.map(Response::new).ok_or_else(|| Status::invalid_argument("no question of this benchmark"))
            })*
            $(async fn $other(&self, _: Request<wire::$ask>) -> Result<Response<wire::$answer>, Status> {
                Err(Status::unimplemented("no call of this benchmark"))
            })*
        }
    };
}

service! {
    answers {
        generate_random(GenerateRandomRequest) -> GenerateRandomResponse;
        digest_single(DigestSingleRequest) -> DigestSingleResponse;
        encrypt_single(EncryptSingleRequest) -> EncryptSingleResponse;
        sign_single(SignSingleRequest) -> SignSingleResponse;
    }
    refuses {
        digest_init(DigestInitRequest) -> DigestInitResponse;
        digest(DigestRequest) -> DigestResponse;
        digest_update(DigestUpdateRequest) -> DigestUpdateResponse;
        digest_key(DigestKeyRequest) -> DigestKeyResponse;
        digest_final(DigestFinalRequest) -> DigestFinalResponse;
        encrypt_init(EncryptInitRequest) -> EncryptInitResponse;
        decrypt_init(DecryptInitRequest) -> DecryptInitResponse;
        encrypt_update(EncryptUpdateRequest) -> EncryptUpdateResponse;
        decrypt_update(DecryptUpdateRequest) -> DecryptUpdateResponse;
        encrypt(EncryptRequest) -> EncryptResponse;
        decrypt(DecryptRequest) -> DecryptResponse;
        encrypt_final(EncryptFinalRequest) -> EncryptFinalResponse;
        decrypt_final(DecryptFinalRequest) -> DecryptFinalResponse;
        decrypt_single(DecryptSingleRequest) -> DecryptSingleResponse;
        sign_init(SignInitRequest) -> SignInitResponse;
        verify_init(VerifyInitRequest) -> VerifyInitResponse;
        sign_update(SignUpdateRequest) -> SignUpdateResponse;
        verify_update(VerifyUpdateRequest) -> VerifyUpdateResponse;
        sign_final(SignFinalRequest) -> SignFinalResponse;
        verify_final(VerifyFinalRequest) -> VerifyFinalResponse;
        sign(SignRequest) -> SignResponse;
        verify(VerifyRequest) -> VerifyResponse;
        verify_single(VerifySingleRequest) -> VerifySingleResponse;
        reencrypt_single(ReencryptSingleRequest) -> ReencryptSingleResponse;
        generate_key(GenerateKeyRequest) -> GenerateKeyResponse;
        generate_key_pair(GenerateKeyPairRequest) -> GenerateKeyPairResponse;
        wrap_key(WrapKeyRequest) -> WrapKeyResponse;
        unwrap_key(UnwrapKeyRequest) -> UnwrapKeyResponse;
        derive_key(DeriveKeyRequest) -> DeriveKeyResponse;
        get_mechanism_list(GetMechanismListRequest) -> GetMechanismListResponse;
        get_mechanism_info(GetMechanismInfoRequest) -> GetMechanismInfoResponse;
        get_attribute_value(GetAttributeValueRequest) -> GetAttributeValueResponse;
        set_attribute_value(SetAttributeValueRequest) -> SetAttributeValueResponse;
        login(LoginRequest) -> LoginResponse;
        logout(LogoutRequest) -> LogoutResponse;
        rewrap_key_blob(RewrapKeyBlobRequest) -> RewrapKeyBlobResponse;
    }
}
