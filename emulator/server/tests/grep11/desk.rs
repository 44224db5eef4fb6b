//! An emulator whose crypto units have a master key, a client of it, and its log.

use std::collections::BTreeMap;
use std::io::Write;

use bytes::Bytes;
use hpcs_audit::validate::{Options, validate_line};
use hpcs_emulator::{Config, World};
use hpcs_ep11::pkcs11::{AttributeType, MechanismType, ReturnValue};
use hpcs_grpc::emulator::v1::ReadEventsRequest;
use hpcs_grpc::grep11::attribute_value::OneAttr;
use hpcs_grpc::grep11::crypto_client::CryptoClient;
use hpcs_grpc::grep11::mechanism::Parameter;
use hpcs_grpc::grep11::{
    AttributeValue, GenerateKeyPairRequest, GenerateKeyPairResponse, GenerateKeyRequest, Grep11Error, KeyBlob,
    Mechanism,
};
use prost::Message;
use serde_json::Value;
use tonic::transport::Channel;
use tonic::{Code, Request, Status};

use crate::support::{MANAGER, READER, Server};

/// Reads logs and may do nothing else.
pub(crate) const AUDITOR: &str = "auditor-key";
/// A manager of another account.
pub(crate) const FOREIGNER: &str = "foreigner-key";

pub(crate) const INSTANCE: &str = "6f0b1c52-3d84-4e17-a95b-70c2de481f36";

/// Master keys.
pub(crate) const FIRST: &str = "3c1d7e0a94b25f6688d3e1c07ba94f52d06e3b8817c5a2f49de07163b8542c9f";
pub(crate) const SECOND: &str = "58b6cb97953fa9b9a71e62206e93abf32f9b1deb90a4d5daf7dd8b09c009c709";

/// The result of a call: the answer, or the status.
macro_rules! call {
    ($desk:expr, $method:ident, $message:expr) => {
        $desk.client().$method($desk.request($message)).await.map(tonic::Response::into_inner)
    };
}

/// The answer of a call that succeeds.
macro_rules! ask {
    ($desk:expr, $method:ident, $message:expr) => {
        call!($desk, $method, $message).unwrap_or_else(|status| panic!("{status}"))
    };
}

/// The return value of a call that does not.
macro_rules! refused {
    ($desk:expr, $method:ident, $message:expr) => {
        $crate::desk::return_value(&call!($desk, $method, $message).err().unwrap())
    };
}

pub(crate) struct Desk {
    pub(crate) server: Server,
    pub(crate) token: String,
}

impl Desk {
    /// One instance whose one operational unit has a current master key and another one committed.
    pub(crate) async fn open() -> Self {
        Desk::with(&[instance(INSTANCE, &[unit(FIRST, Some(SECOND))])]).await
    }

    pub(crate) async fn with(instances: &[String]) -> Self {
        Desk::configured(instances, Config::default()).await
    }

    pub(crate) async fn configured(instances: &[String], config: Config) -> Self {
        Desk::in_world(World::reproducible(7), instances, config).await
    }

    pub(crate) async fn in_world(world: World, instances: &[String], config: Config) -> Self {
        let mut file = tempfile::Builder::new().suffix(".yaml").tempfile().unwrap();
        write!(file, "version: 1\ninstances:\n{}{IDENTITIES}", instances.concat()).unwrap();
        let config = Config { seed_file: Some(file.path().to_owned()), ..config };
        let server = Server::in_world(world, config).await;
        let token = server.token(MANAGER).await;
        Desk { server, token }
    }

    /// The same desk for the bearer of another API key.
    pub(crate) async fn of(&self, api_key: &str) -> String {
        self.server.token(api_key).await
    }

    pub(crate) fn client(&self) -> CryptoClient<Channel> {
        CryptoClient::new(self.server.channel.clone()).max_decoding_message_size(usize::MAX)
    }

    pub(crate) fn request<T>(&self, message: T) -> Request<T> {
        signed(&self.token, message)
    }

    /// The log of an instance, as lines; each is one of the catalogue's without a deviation.
    pub(crate) async fn lines_of(&self, instance: &str) -> Vec<Bytes> {
        let request = ReadEventsRequest { instances: vec![instance.to_owned()], ..ReadEventsRequest::default() };
        let mut events = self.server.read_events(request).await.unwrap();
        let mut lines = Vec::new();
        while let Some(event) = events.message().await.unwrap() {
            let report = validate_line(&event.json, &Options::default());
            assert!(report.clean(), "{:?}\n{:#?}", event.json, report.deviations);
            lines.push(event.json);
        }
        lines
    }

    pub(crate) async fn events_of(&self, instance: &str) -> Vec<Value> {
        self.lines_of(instance).await.iter().map(|line| serde_json::from_slice(line).unwrap()).collect()
    }

    pub(crate) async fn events(&self) -> Vec<Value> {
        self.events_of(INSTANCE).await
    }

    pub(crate) async fn last_event(&self) -> Value {
        self.events().await.pop().unwrap()
    }

    /// An AES-256 key for everything.
    pub(crate) async fn aes(&self) -> KeyBlob {
        let usages = [AttributeType::WRAP, AttributeType::UNWRAP, AttributeType::DERIVE, AttributeType::EXTRACTABLE];
        let template = usages.map(|usage| (usage, yes()));
        self.secret(MechanismType::AES_KEY_GEN, 32, template).await
    }

    pub(crate) async fn secret(
        &self,
        mechanism: MechanismType,
        length: i64,
        template: impl IntoIterator<Item = (AttributeType, AttributeValue)>,
    ) -> KeyBlob {
        let template = attributes(template.into_iter().chain([(AttributeType::VALUE_LEN, integer(length))]));
        let request = GenerateKeyRequest { mech: plain(mechanism), template };
        ask!(self, generate_key, request).key.unwrap()
    }

    /// A pair on P-256.
    pub(crate) async fn pair(&self) -> GenerateKeyPairResponse {
        ask!(self, generate_key_pair, pair_on(P256))
    }
}

pub(crate) fn signed<T>(token: &str, message: T) -> Request<T> {
    let mut request = Request::new(message);
    request.metadata_mut().insert("authorization", format!("Bearer {token}").parse().unwrap());
    request
}

/// What the details of a status say, and that they say it as clients read it: one detail of the one type, which repeats
/// code and text.
pub(crate) fn detail(status: &Status) -> Grep11Error {
    let details = RpcStatus::decode(status.details()).unwrap();
    assert_eq!((details.code, details.message.as_str()), (status.code() as i32, status.message()));
    let [any] = &details.details[..] else { panic!("{} details", details.details.len()) };
    assert_eq!(any.type_url, "type.googleapis.com/grep11.Grep11Error");
    let error = Grep11Error::decode(&any.value[..]).unwrap();
    assert_eq!(error.detail, status.message());
    error
}

/// The return value of a refusal by a crypto unit.
pub(crate) fn return_value(status: &Status) -> ReturnValue {
    assert_eq!(status.code(), Code::Unknown, "{status}");
    ReturnValue(detail(status).code.try_into().unwrap())
}

/// `google.rpc.Status`.
#[derive(Clone, PartialEq, Message)]
struct RpcStatus {
    #[prost(int32, tag = "1")]
    code: i32,
    #[prost(string, tag = "2")]
    message: String,
    #[prost(message, repeated, tag = "3")]
    details: Vec<Any>,
}

/// `google.protobuf.Any`.
#[derive(Clone, PartialEq, Message)]
struct Any {
    #[prost(string, tag = "1")]
    type_url: String,
    #[prost(bytes = "vec", tag = "2")]
    value: Vec<u8>,
}

/// A mechanism without a parameter.
pub(crate) fn plain(kind: MechanismType) -> Option<Mechanism> {
    Some(Mechanism { mechanism: kind.0, parameter: None })
}

pub(crate) fn with(kind: MechanismType, parameter: Parameter) -> Option<Mechanism> {
    Some(Mechanism { mechanism: kind.0, parameter: Some(parameter) })
}

/// AES in CBC mode with padding, with this initialisation vector.
pub(crate) fn cbc_pad(iv: u8) -> Option<Mechanism> {
    with(MechanismType::AES_CBC_PAD, Parameter::ParameterB(Bytes::from(vec![iv; 16])))
}

pub(crate) fn yes() -> AttributeValue {
    AttributeValue { one_attr: Some(OneAttr::AttributeTf(true)) }
}

pub(crate) fn integer(number: i64) -> AttributeValue {
    AttributeValue { one_attr: Some(OneAttr::AttributeI(number)) }
}

pub(crate) fn octets(bytes: &[u8]) -> AttributeValue {
    AttributeValue { one_attr: Some(OneAttr::AttributeB(Bytes::copy_from_slice(bytes))) }
}

pub(crate) fn attributes(
    attributes: impl IntoIterator<Item = (AttributeType, AttributeValue)>,
) -> BTreeMap<u64, AttributeValue> {
    attributes.into_iter().map(|(attribute, value)| (attribute.0, value)).collect()
}

/// A key of the newer generation of messages.
pub(crate) fn newer(bytes: &[u8]) -> Option<KeyBlob> {
    Some(KeyBlob { key_blobs: vec![Bytes::copy_from_slice(bytes)], ..KeyBlob::default() })
}

/// The bytes of a key.
pub(crate) fn bytes_of(key: &KeyBlob) -> Bytes {
    let [bytes] = &key.key_blobs[..] else { panic!("{} blobs", key.key_blobs.len()) };
    bytes.clone()
}

/// The object identifier of P-256.
pub(crate) const P256: &[u8] = &[0x06, 0x08, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x03, 0x01, 0x07];

pub(crate) fn pair_on(curve: &[u8]) -> GenerateKeyPairRequest {
    GenerateKeyPairRequest {
        mech: plain(MechanismType::EC_KEY_PAIR_GEN),
        priv_key_template: attributes([(AttributeType::SIGN, yes())]),
        pub_key_template: attributes([(AttributeType::EC_PARAMS, octets(curve)), (AttributeType::VERIFY, yes())]),
    }
}

/// An instance of a seed file with these operational units.
pub(crate) fn instance(id: &str, units: &[String]) -> String {
    let count = units.len();
    format!("  - id: {id}\n    region: us-south\n    operational: {count}\n    units:\n{}", units.concat())
}

/// A unit of a seed file with a current master key, and another one that is committed.
pub(crate) fn unit(current: &str, committed: Option<&str>) -> String {
    let next = committed.map(|key| format!("        new_master_key: {{ key: \"{key}\", committed: true }}\n"));
    format!("{UNIT}        current_master_key: {{ key: \"{current}\" }}\n{}", next.unwrap_or_default())
}

const UNIT: &str = "      - administrators:
          - name: admin
            private_key: \"009fee5a3bd10d4cd897d5a0d6edcfe38e61bb3dc6d1c92839eee1c628180f236edbd2751c2679928303b88ae7f739fded503ad7d6723838c758aa6ed028aa0df125\"
        signature_threshold: 1
        revocation_signature_threshold: 1
";

const IDENTITIES: &str = "\
api_keys:
  - key: hpcs-emulator-manager-key
    iam_id: IBMid-270000EXM1
    name: manager@example.com
    roles: [Manager, EventReader, EmulatorOperator]
  - key: hpcs-emulator-reader-key
    iam_id: IBMid-550000EXM2
    name: reader@example.com
    roles: [Reader, EventReader]
  - key: auditor-key
    iam_id: IBMid-550000EXM3
    name: auditor@example.com
    roles: [EventReader]
  - key: foreigner-key
    iam_id: IBMid-550000EXM4
    name: foreigner@example.com
    account: 0123456789abcdef0123456789abcdef
    roles: [Manager]
";

/// The API key of a caller who may not generate keys.
pub(crate) const WITHOUT_GENERATION: &str = READER;
