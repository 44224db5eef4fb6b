//! An instance whose units have a master key, callers with one role each, and clients of its two interfaces.

use bytes::Bytes;
use hpcs_emulator::Config;
use hpcs_ep11::pkcs11::{AttributeType, MechanismType, ReturnValue};
use hpcs_grpc::grep11::attribute_value::OneAttr;
use hpcs_grpc::grep11::crypto_client::CryptoClient;
use hpcs_grpc::grep11::{AttributeValue, GenerateKeyRequest, Grep11Error, KeyBlob, Mechanism};
use hpcs_grpc::keystore::v1 as wire;
use hpcs_grpc::keystore::v1::keystore_client::KeystoreClient;
use prost::Message;
use serde_json::Value;
use tempfile::TempDir;
use tonic::transport::Channel;
use tonic::{Code, Status};

use super::Server;

pub const INSTANCE: &str = "3b1f7a52-6c0d-4e8b-9a47-d2f05c81e6b4";

/// Roles that the API key `key-<role>` has.
pub const ROLES: [&str; 7] =
    ["Reader", "ReaderPlus", "Writer", "Manager", "CryptoOperator", "KeyOperator", "KeystoreOperator"];

/// The API key of someone who may do everything and read events.
pub const EVERYTHING: &str = "key-of-everything";

/// A server with such an instance; the directory holds its seed file.
pub struct Bench {
    pub server: Server,
    _directory: TempDir,
}

impl Bench {
    pub async fn start() -> Self {
        Bench::with(Config::default()).await
    }

    pub async fn with(config: Config) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("seed.yaml");
        std::fs::write(&path, seed()).unwrap();
        let server = Server::with(Config { seed_file: Some(path), ..config }).await;
        Bench { server, _directory: directory }
    }

    pub async fn caller(&self, api_key: &str) -> Caller {
        Caller {
            keystore: KeystoreClient::new(self.server.channel.clone()),
            crypto: CryptoClient::new(self.server.channel.clone()),
            bearer: format!("Bearer {}", self.server.token(api_key).await),
        }
    }

    /// The events of keystores so far: action, outcome, name of the target.
    pub async fn events(&self) -> Vec<Value> {
        let mut events = self.server.read_events_as(EVERYTHING).await;
        events.retain(|event| event["action"] != "hs-crypto.ep11.use");
        events
    }
}

/// Someone with a token.
pub struct Caller {
    pub keystore: KeystoreClient<Channel>,
    pub crypto: CryptoClient<Channel>,
    bearer: String,
}

impl Caller {
    pub fn request<T>(&self, message: T) -> tonic::Request<T> {
        let mut request = tonic::Request::new(message);
        request.metadata_mut().insert("authorization", self.bearer.parse().unwrap());
        request
    }

    /// A fresh AES key with these attributes beside its length.
    pub async fn aes(&mut self, attributes: &[(AttributeType, AttributeValue)]) -> KeyBlob {
        let length = (AttributeType::VALUE_LEN, integer(32));
        let template = attributes.iter().cloned().chain([length]).map(|(number, value)| (number.0, value)).collect();
        let mech = Some(Mechanism { mechanism: MechanismType::AES_KEY_GEN.0, parameter: None });
        let request = self.request(GenerateKeyRequest { mech, template });
        self.crypto.generate_key(request).await.unwrap().into_inner().key.unwrap()
    }

    pub async fn create(&mut self, request: wire::CreateKeystoreRequest) -> Result<wire::KeystoreInfo, Status> {
        let request = self.request(request);
        Ok(self.keystore.create_keystore(request).await?.into_inner().keystore.unwrap())
    }

    /// A private keystore without a password.
    pub async fn private(&mut self) -> Vec<u8> {
        self.create(private()).await.unwrap().keystore_id
    }

    pub async fn store(&mut self, request: wire::StoreNewKeyRequest) -> Result<wire::StoredKey, Status> {
        let request = self.request(request);
        Ok(self.keystore.store_new_key(request).await?.into_inner().key.unwrap())
    }

    pub async fn update(&mut self, request: wire::UpdateKeyRequest) -> Result<wire::StoredKey, Status> {
        let request = self.request(request);
        Ok(self.keystore.update_key(request).await?.into_inner().key.unwrap())
    }

    pub async fn delete(&mut self, request: wire::DeleteKeyRequest) -> Result<(), Status> {
        let request = self.request(request);
        self.keystore.delete_key(request).await.map(|_| ())
    }

    pub async fn list(&mut self, request: wire::ListKeysByIdsRequest) -> Result<wire::ListKeysByIdsResponse, Status> {
        let request = self.request(request);
        self.keystore.list_keys_by_ids(request).await.map(tonic::Response::into_inner)
    }

    pub async fn find(
        &mut self,
        request: wire::ListKeysByAttributesRequest,
    ) -> Result<wire::ListKeysByAttributesResponse, Status> {
        let request = self.request(request);
        self.keystore.list_keys_by_attributes(request).await.map(tonic::Response::into_inner)
    }
}

pub fn private() -> wire::CreateKeystoreRequest {
    wire::CreateKeystoreRequest { r#type: wire::KeystoreType::Private.into(), ..Default::default() }
}

/// The key, to be stored under an id of the service's.
pub fn new_key(keystore: &[u8], key: &KeyBlob) -> wire::StoreNewKeyRequest {
    let key = KeyBlob { key_blob_id: Bytes::new(), ..key.clone() };
    wire::StoreNewKeyRequest { keystore_id: keystore.to_vec(), key: Some(key), ..Default::default() }
}

pub fn integer(number: i64) -> AttributeValue {
    AttributeValue { one_attr: Some(OneAttr::AttributeI(number)) }
}

pub fn truth(value: bool) -> AttributeValue {
    AttributeValue { one_attr: Some(OneAttr::AttributeTf(value)) }
}

pub fn octets(value: &[u8]) -> AttributeValue {
    AttributeValue { one_attr: Some(OneAttr::AttributeB(Bytes::copy_from_slice(value))) }
}

/// The key with this attribute in its record.
pub fn with(mut key: KeyBlob, attribute: AttributeType, value: AttributeValue) -> KeyBlob {
    key.attributes.insert(attribute.0, value);
    key
}

/// The return value in the one detail of a refusal, and whether the call may be tried again.
pub fn refusal(status: &Status) -> (ReturnValue, bool) {
    #[derive(Clone, PartialEq, Message)]
    struct Details {
        #[prost(message, repeated, tag = "3")]
        details: Vec<Any>,
    }
    #[derive(Clone, PartialEq, Message)]
    struct Any {
        #[prost(bytes = "vec", tag = "2")]
        value: Vec<u8>,
    }
    let details = Details::decode(status.details()).unwrap().details;
    assert_eq!(details.len(), 1);
    let error = Grep11Error::decode(&details[0].value[..]).unwrap();
    assert!(status.code() != Code::Unknown || error.detail.contains(", from libep11.so in m_"), "{}", error.detail);
    (ReturnValue(u32::try_from(error.code).unwrap()), error.retry)
}

/// The return value of a call that has to be refused.
pub fn refused<T>(answer: Result<T, Status>) -> ReturnValue {
    match answer {
        Ok(_) => panic!("not refused"),
        Err(status) => refusal(&status).0,
    }
}

fn seed() -> String {
    let units = r#"
        administrators: [{name: admin1, private_key: "SCALAR"}]
        signature_threshold: 1
        revocation_signature_threshold: 1
        current_master_key: {key: "58b6cb97953fa9b9a71e62206e93abf32f9b1deb90a4d5daf7dd8b09c009c709"}
        new_master_key: {key: "2222222222222222222222222222222222222222222222222222222222222222", committed: true}"#
        .replace("SCALAR", &format!("{:0>132}", "09"));
    let key = |(at, role): (usize, &&str)| {
        format!("\n  - {{key: key-{role}, iam_id: IBMid-{at}, name: {role}@example.com, roles: [{role}]}}")
    };
    let keys: String = ROLES.iter().enumerate().map(key).collect();
    format!(
        "version: 1\ninstances:\n  - id: {INSTANCE}\n    region: us-south\n    operational: 2\n    units:\n      - kind: \
         operational{units}\n      - kind: operational{units}\napi_keys:\n  - {{key: {EVERYTHING}, iam_id: IBMid-9, name: \
         all@example.com, roles: [Manager, EventReader, EmulatorOperator, CryptoUnitAdministrator]}}{keys}\n"
    )
}
