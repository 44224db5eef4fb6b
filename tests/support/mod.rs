//! An emulator to test against, and a raw client for it.
#![allow(dead_code, unreachable_pub, reason = "each test program uses its part")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a fault here is a failed test")]

use hpcs_audit::EventTime;
use hpcs_audit::validate::{Options, validate_line};
use hpcs_emulator::{Config, Emulator, Log, World};
use hpcs_ep11::{P521KeyPair, SigningKey};
use hpcs_grpc::emulator::v1 as api;
use hpcs_grpc::emulator::v1::clock_client::ClockClient;
use hpcs_grpc::emulator::v1::crypto_units_client::CryptoUnitsClient;
use hpcs_grpc::emulator::v1::events_client::EventsClient;
use hpcs_grpc::emulator::v1::instances_client::InstancesClient;
use hpcs_names::{CryptoUnitId, InstanceId};
use hpcs_service::{Identity, Role, Seed, ServiceRoot, TokenAuthority};
use hpcs_workstation::{Service, Signer, UnitClient, trusted_roots};
use serde_json::Value;
use tokio::runtime::Runtime;
use tonic::transport::{Channel, Endpoint};

pub const MANAGER_KEY: &str = "hpcs-emulator-manager-key";
const SEED: u64 = 7;

/// An emulator on a port of its own, with seed 7, on threads of its own.
pub struct Server {
    emulator: Option<Emulator>,
    runtime: Runtime,
    pub address: String,
}

impl Server {
    pub fn start() -> Self {
        Server::configured(Config::default())
    }

    /// A server with this configuration, apart from the address.
    pub fn configured(config: Config) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        let config = Config { listen: "127.0.0.1:0".parse().unwrap(), ..config };
        let start = Emulator::start(config, World::reproducible(SEED), Log::silent());
        let emulator = runtime.block_on(start).unwrap();
        let address = emulator.url();
        Server { emulator: Some(emulator), runtime, address }
    }

    /// Runs a future on the server's runtime.
    pub fn run<T>(&self, work: impl Future<Output = T>) -> T {
        self.runtime.block_on(work)
    }

    /// A client signed in with the manager's key.
    pub fn client(&self) -> Client {
        self.run(Client::connect(&self.address, MANAGER_KEY))
    }

    /// All events so far, as lines; each is one of the catalogue's without a deviation.
    pub fn event_lines(&self) -> Vec<String> {
        let client = self.client();
        let lines = self.run(client.event_lines());
        for line in &lines {
            let report = validate_line(line.as_bytes(), &Options::default());
            assert!(report.clean(), "{line}\n{:#?}", report.deviations);
        }
        lines
    }

    /// Lets this much time pass.
    pub fn pass(&self, millis: i64) {
        let client = self.client();
        let setting = api::SetClockRequest { shift_millis: millis, ..Default::default() };
        self.run(ClockClient::new(client.channel.clone()).set(client.request(setting))).unwrap();
    }

    /// All events so far as (action without its prefix, location, outcome); those of cryptographic calls as (URI,
    /// instance, outcome).
    pub fn events(&self) -> Vec<(String, String, String)> {
        self.event_lines().iter().map(|line| digest(&serde_json::from_str(line).unwrap())).collect()
    }

    /// The last event.
    pub fn last_event(&self) -> Value {
        serde_json::from_str(self.event_lines().last().unwrap()).unwrap()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(emulator) = self.emulator.take() {
            self.runtime.block_on(emulator.shutdown()).unwrap();
        }
    }
}

fn digest(event: &Value) -> (String, String, String) {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let action = text(&event["action"]);
    let short = match action.strip_prefix("hs-crypto.tke-cryptounit") {
        Some(short) => short.to_owned(),
        None => text(&event["requestData"]["requestURI"]),
    };
    (short, text(&event["target"]["name"]), text(&event["outcome"]))
}

/// A raw client: the generated one, with a token.
#[derive(Clone)]
pub struct Client {
    pub channel: Channel,
    token: Option<String>,
    pub service: Service,
    pub instance: InstanceId,
}

impl Client {
    pub async fn connect(address: &str, api_key: &str) -> Self {
        let service = Service::connect(address).unwrap();
        let token = service.issue_token(api_key).await.unwrap().token;
        let text = token.expose().to_owned();
        let service = service.with_token(token);
        let instance = service.instances().await.unwrap()[0].id;
        let channel = Endpoint::from_shared(address.to_owned()).unwrap().connect().await.unwrap();
        Client { channel, token: Some(text), service, instance }
    }

    /// The same client with this token instead.
    pub fn with_token(&self, token: Option<String>) -> Self {
        Client { token, ..self.clone() }
    }

    pub fn request<T>(&self, message: T) -> tonic::Request<T> {
        let mut request = tonic::Request::new(message);
        if let Some(token) = &self.token {
            request.metadata_mut().insert("authorization", format!("Bearer {token}").parse().unwrap());
        }
        request
    }

    pub fn crypto_units(&self) -> CryptoUnitsClient<Channel> {
        CryptoUnitsClient::new(self.channel.clone()).max_encoding_message_size(usize::MAX)
    }

    pub fn instances(&self) -> InstancesClient<Channel> {
        InstancesClient::new(self.channel.clone())
    }

    /// Submits an HTP string.
    pub async fn submit(&self, unit: CryptoUnitId, htp: Vec<u8>) -> Result<Vec<u8>, tonic::Status> {
        let message =
            api::SubmitRequest { instance: self.instance.to_string(), unit: unit.to_string(), payload: htp.into() };
        Ok(self.crypto_units().submit(self.request(message)).await?.into_inner().payload)
    }

    /// The state of a unit, read past the administration protocol.
    pub async fn inspect(&self, unit: CryptoUnitId) -> api::CryptoUnitState {
        let message = api::InspectCryptoUnitRequest { instance: self.instance.to_string(), unit: unit.to_string() };
        self.crypto_units().inspect(self.request(message)).await.unwrap().into_inner()
    }

    /// Connections to the crypto units, in listing order.
    pub async fn units(&self) -> Vec<UnitClient> {
        let listed = self.service.crypto_units(self.instance).await.unwrap();
        let listed: Vec<_> = listed.into_iter().map(|unit| (self.instance, unit)).collect();
        UnitClient::connect_all(&self.service, &listed, &trusted_roots()).await.unwrap()
    }

    async fn event_lines(&self) -> Vec<String> {
        let mut events = EventsClient::new(self.channel.clone())
            .read(self.request(api::ReadEventsRequest::default()))
            .await
            .unwrap()
            .into_inner();
        let mut lines = Vec::new();
        while let Some(event) = events.message().await.unwrap() {
            assert_eq!(event.sequence, lines.len() as u64 + 1);
            lines.push(String::from_utf8(event.json.into()).unwrap());
        }
        lines
    }
}

/// A token that the server issued long ago, or that somebody else with this seed issued.
pub fn forge_token(seed: u64, issued_at_seconds: u64) -> String {
    let identity = Identity {
        iam_id: "IBMid-270000EXM9".into(),
        name: "mallory@example.com".into(),
        account: "4e1a9f0c7b2d4a5e8f3c6b1d9e0a7c52".parse().unwrap(),
        account_name: "Emulator account".into(),
        roles: vec![Role::Manager],
        expires_at: None,
    };
    let authority = TokenAuthority::new(&ServiceRoot::of(&Seed::from_number(seed)));
    authority.issue(&identity, EventTime::from_unix_millis(issued_at_seconds * 1000)).0
}

/// An administrator's key from a small scalar.
pub fn key(scalar: u8) -> Signer {
    SigningKey::P521(P521KeyPair::from_scalar(&[scalar]).unwrap()).into()
}
