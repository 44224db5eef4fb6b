//! An emulator on a free port, and clients that are generated from the interface.
#![allow(dead_code, unreachable_pub)]

pub mod http;
pub mod keystore;
pub mod raw;

use hpcs_emulator::config::{DEFAULT_API_KEY, DEFAULT_READER_KEY};
use hpcs_emulator::{Config, Emulator, Log, World};
use hpcs_grpc::emulator::v1::crypto_units_client::CryptoUnitsClient;
use hpcs_grpc::emulator::v1::events_client::EventsClient;
use hpcs_grpc::emulator::v1::identity_client::IdentityClient;
use hpcs_grpc::emulator::v1::{Event, IssueTokenRequest, ReadEventsRequest, SubmitRequest};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tonic::transport::{Channel, Endpoint};
use tonic::{Request, Streaming};

pub const MANAGER: &str = DEFAULT_API_KEY;
pub const READER: &str = DEFAULT_READER_KEY;

/// An emulator and a connection to it.
pub struct Server {
    pub emulator: Emulator,
    pub channel: Channel,
}

impl Server {
    pub async fn start() -> Self {
        Server::with(Config::default()).await
    }

    pub async fn with(config: Config) -> Self {
        Server::in_world(World::reproducible(7), config).await
    }

    pub async fn in_world(world: World, config: Config) -> Self {
        let config = Config { listen: "127.0.0.1:0".parse().unwrap(), ..config };
        let emulator = Emulator::start(config, world, Log::silent()).await.unwrap();
        let channel = Endpoint::from_shared(emulator.url()).unwrap().connect_lazy();
        Server { emulator, channel }
    }

    pub fn instance(&self) -> String {
        self.emulator.instances()[0].id.to_string()
    }

    pub fn unit(&self) -> String {
        self.emulator.instances()[0].units[0].id.to_string()
    }

    pub async fn token(&self, api_key: &str) -> String {
        let request = IssueTokenRequest { api_key: api_key.to_owned() };
        IdentityClient::new(self.channel.clone()).issue_token(request).await.unwrap().into_inner().access_token
    }

    /// The message with the token of this API key.
    pub async fn signed<T>(&self, api_key: &str, message: T) -> Request<T> {
        let mut request = Request::new(message);
        let bearer = format!("Bearer {}", self.token(api_key).await);
        request.metadata_mut().insert("authorization", bearer.parse().unwrap());
        request
    }

    pub fn crypto_units(&self) -> CryptoUnitsClient<Channel> {
        CryptoUnitsClient::new(self.channel.clone())
    }

    pub async fn read_events(&self, request: ReadEventsRequest) -> Result<Streaming<Event>, tonic::Status> {
        let request = self.signed(READER, request).await;
        EventsClient::new(self.channel.clone()).read(request).await.map(tonic::Response::into_inner)
    }

    /// A client of plain HTTP with the token of this API key.
    pub async fn http(&self, api_key: &str) -> http::Client {
        http::Client::new(self.emulator.address(), Some(self.token(api_key).await))
    }

    /// A client of plain HTTP that nobody knows.
    pub fn stranger(&self) -> http::Client {
        http::Client::new(self.emulator.address(), None)
    }

    /// A command to a crypto unit without a token: refused, and one event more.
    pub async fn one_event_of(&self, instance: &str, unit: &str) {
        let request = SubmitRequest { instance: instance.to_owned(), unit: unit.to_owned(), payload: ZEROIZE.into() };
        self.crypto_units().submit(request).await.unwrap_err();
    }

    /// One event more in the log of the first instance.
    pub async fn one_event(&self) {
        self.one_event_of(&self.instance(), &self.unit()).await;
    }

    /// All events so far.
    pub async fn events(&self) -> Vec<serde_json::Value> {
        self.read_events_as(READER).await
    }

    /// The same, read by someone else.
    pub async fn read_events_as(&self, api_key: &str) -> Vec<serde_json::Value> {
        let request = self.signed(api_key, ReadEventsRequest::default()).await;
        let mut events = EventsClient::new(self.channel.clone()).read(request).await.unwrap().into_inner();
        let mut lines = Vec::new();
        while let Some(event) = events.message().await.unwrap() {
            assert_eq!(event.sequence, lines.len() as u64 + 1);
            lines.push(serde_json::from_slice(&event.json).unwrap());
        }
        lines
    }

    /// Sends these bytes and gives back all that is answered until the emulator closes the connection.
    pub async fn raw(&self, bytes: &[u8]) -> Vec<u8> {
        let mut stream = TcpStream::connect(self.emulator.address()).await.unwrap();
        stream.write_all(bytes).await.unwrap();
        let mut answer = Vec::new();
        // The peer may reset a connection that it does not like.
        let _ = stream.read_to_end(&mut answer).await;
        answer
    }
}

/// An HTP request string for the domain and module of no unit in particular: zeroize.
pub const ZEROIZE: &str = "245;PCI request;XPNUM   ;1;        ;00200400008054340000000000000003000000000000000000000000\
                           0000004A304804040001002904040000000304383036040400000010040800000003000000010410393341414243\
                           3031001122334455667704100000000000000000000000000000000104000400";
