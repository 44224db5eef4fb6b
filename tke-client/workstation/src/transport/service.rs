//! The calls.

use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use hpcs_grpc::emulator::v1 as wire;
use hpcs_grpc::emulator::v1::crypto_units_client::CryptoUnitsClient;
use hpcs_grpc::emulator::v1::identity_client::IdentityClient;
use hpcs_grpc::emulator::v1::instances_client::InstancesClient;
use hpcs_names::{AccountId, CryptoUnitId, InstanceId, Region};
use tonic::transport::{Channel, Endpoint};
use tonic::{Request, Response, Status};

use super::{CryptoUnitInfo, CryptoUnitKind, ServiceCall, ServiceError, Token};
use crate::tls::with_tls;

/// A connection to the service, with or without an access token. Copies share the connection.
#[derive(Clone)]
pub struct Service {
    channel: Channel,
    address: Arc<str>,
    patience: Duration,
    token: Option<Token>,
}

/// A service instance of the caller's account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InstanceInfo {
    /// Its id.
    pub id: InstanceId,
    /// Its cloud resource name.
    pub crn: String,
    /// Its region.
    pub region: Region,
    /// `standard` or `hpcs-hourly-uko`.
    pub plan: String,
    /// The account it belongs to.
    pub account: AccountId,
}

/// An access token and how long it lives.
pub struct IssuedToken {
    /// The token.
    pub token: Token,
    /// Its lifetime from now on.
    pub expires_in: Duration,
}

/// What the service knows about the caller.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WhoAmI {
    /// For example `IBMid-270000EXM1`.
    pub id: String,
    /// The user's name.
    pub name: String,
    /// The account's id.
    pub account: String,
    /// The account's name.
    pub account_name: String,
    /// The roles that the token carries.
    pub roles: Vec<String>,
    /// When the token ends, in seconds since the Unix epoch.
    pub expires_at: u64,
}

impl Service {
    /// The service at `address`: `http://host:port`, `https://host:port` or `host:port`, which is the first. The first
    /// call connects; over https with the root certificates of this machine.
    ///
    /// Must be called inside a Tokio runtime.
    ///
    /// # Errors
    /// [`ServiceError::BadAddress`], [`ServiceError::NoRoots`].
    pub fn connect(address: &str) -> Result<Self, ServiceError> {
        Self::patient(address, CALL_TIMEOUT)
    }

    /// The service at `address`, whose answers are waited for no longer than `patience`.
    fn patient(address: &str, patience: Duration) -> Result<Self, ServiceError> {
        let url = if address.contains("://") { address.to_owned() } else { format!("http://{address}") };
        let endpoint =
            Endpoint::from_shared(url.clone()).map_err(|_| ServiceError::BadAddress { address: address.to_owned() })?;
        let endpoint = with_tls(endpoint)?
            .connect_timeout(CONNECT_TIMEOUT)
            .tcp_keepalive(Some(KEEP_ALIVE))
            .http2_keep_alive_interval(KEEP_ALIVE)
            .keep_alive_timeout(CONNECT_TIMEOUT);
        Ok(Self { channel: endpoint.connect_lazy(), address: url.into(), patience, token: None })
    }

    /// The same service, called with `token` from now on.
    #[must_use]
    pub fn with_token(self, token: Token) -> Self {
        Self { token: Some(token), ..self }
    }

    /// Exchanges an API key for an access token.
    ///
    /// # Errors
    /// Any [`ServiceError`]; an unknown key is refused with 401.
    pub async fn issue_token(&self, api_key: &str) -> Result<IssuedToken, ServiceError> {
        let request = wire::IssueTokenRequest { api_key: api_key.to_owned() };
        let mut client = IdentityClient::new(self.channel.clone());
        let answer = self.answer(ServiceCall::IssueToken, client.issue_token(request)).await?;
        let expires_in = Duration::from_secs(u64::from(answer.expires_in));
        Ok(IssuedToken { token: Token::new(answer.access_token)?, expires_in })
    }

    /// What the service knows about the owner of the token.
    ///
    /// # Errors
    /// Any [`ServiceError`].
    pub async fn who_am_i(&self) -> Result<WhoAmI, ServiceError> {
        let request = self.request(wire::WhoAmIRequest {})?;
        let mut client = IdentityClient::new(self.channel.clone());
        let answer = self.answer(ServiceCall::WhoAmI, client.who_am_i(request)).await?;
        let wire::WhoAmIResponse { id, name, account, account_name, roles, expires_at } = answer;
        Ok(WhoAmI { id, name, account, account_name, roles, expires_at })
    }

    /// The instances of the caller's account, in ascending order of id.
    ///
    /// # Errors
    /// Any [`ServiceError`].
    pub async fn instances(&self) -> Result<Vec<InstanceInfo>, ServiceError> {
        let request = self.request(wire::ListInstancesRequest {})?;
        let mut client = InstancesClient::new(self.channel.clone());
        let answer = self.answer(ServiceCall::Instances, client.list(request)).await?;
        answer.instances.into_iter().map(instance_info).collect()
    }

    /// The crypto units of an instance: operational, then recovery, then failover.
    ///
    /// # Errors
    /// Any [`ServiceError`].
    pub async fn crypto_units(&self, instance: InstanceId) -> Result<Vec<CryptoUnitInfo>, ServiceError> {
        let request = self.request(wire::ListCryptoUnitsRequest { instance: instance.to_string() })?;
        let mut client = CryptoUnitsClient::new(self.channel.clone());
        let answer = self.answer(ServiceCall::CryptoUnits, client.list(request)).await?;
        answer.units.into_iter().map(unit_info).collect()
    }

    /// Hands the HTP request `htp` to a crypto unit and brings its HTP response.
    ///
    /// # Errors
    /// Any [`ServiceError`]. A refusal by the crypto unit is not one: it is in the response.
    pub async fn submit(&self, instance: InstanceId, unit: CryptoUnitId, htp: &[u8]) -> Result<Vec<u8>, ServiceError> {
        let request = self.request(wire::SubmitRequest {
            instance: instance.to_string(),
            unit: unit.to_string(),
            payload: htp.to_vec().into(),
        })?;
        let mut client = CryptoUnitsClient::new(self.channel.clone());
        let answer = self.answer(ServiceCall::Submit, client.submit(request)).await?;
        let payload = answer.payload;
        if payload.is_empty() { Err(ServiceError::NoResponse) } else { Ok(payload) }
    }

    /// Waits for an answer, but not for ever.
    async fn answer<T>(
        &self,
        call: ServiceCall,
        answer: impl Future<Output = Result<Response<T>, Status>>,
    ) -> Result<T, ServiceError> {
        match tokio::time::timeout(self.patience, answer).await {
            Ok(Ok(answer)) => Ok(answer.into_inner()),
            Ok(Err(status)) => Err(ServiceError::from_status(call, &self.address, status)),
            Err(_) => Err(ServiceError::TimedOut { call, address: self.address.to_string() }),
        }
    }

    fn request<T>(&self, message: T) -> Result<Request<T>, ServiceError> {
        let mut request = Request::new(message);
        if let Some(token) = &self.token {
            request.metadata_mut().insert("authorization", token.header()?);
        }
        Ok(request)
    }
}

fn instance_info(instance: wire::Instance) -> Result<InstanceInfo, ServiceError> {
    Ok(InstanceInfo {
        id: member(ServiceCall::Instances, "id", &instance.id)?,
        crn: instance.crn,
        region: member(ServiceCall::Instances, "region", &instance.region)?,
        plan: instance.plan,
        account: member(ServiceCall::Instances, "account", &instance.account)?,
    })
}

fn unit_info(unit: wire::CryptoUnit) -> Result<CryptoUnitInfo, ServiceError> {
    let call = ServiceCall::CryptoUnits;
    let kind = match unit.kind() {
        wire::CryptoUnitKind::Operational => CryptoUnitKind::Operational,
        wire::CryptoUnitKind::Recovery => CryptoUnitKind::Recovery,
        wire::CryptoUnitKind::Failover => CryptoUnitKind::Failover,
        wire::CryptoUnitKind::Unspecified => {
            return Err(ServiceError::Malformed { call, field: "type", missing: unit.kind == 0 });
        }
    };
    Ok(CryptoUnitInfo {
        id: member(call, "hsm_id", &unit.id)?,
        kind,
        location: member(call, "location", &unit.location)?,
        serial: member(call, "serial_number", &unit.serial_number)?,
    })
}

fn member<T: FromStr>(call: ServiceCall, field: &'static str, text: &str) -> Result<T, ServiceError> {
    text.parse().map_err(|_| ServiceError::Malformed { call, field, missing: text.is_empty() })
}

/// How long to wait for a connection, and for the answer to a keep-alive.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// How long to wait for an answer, connecting included.
const CALL_TIMEOUT: Duration = Duration::from_secs(60);
/// Between two keep-alives.
const KEEP_ALIVE: Duration = Duration::from_secs(20);

#[cfg(test)]
mod tests {
    use tokio::io::AsyncReadExt;
    use tokio::net::TcpListener;

    use super::*;

    /// A submission to a service at `listener`.
    async fn submit(listener: &TcpListener, patience: Duration) -> ServiceError {
        let address = listener.local_addr().unwrap().to_string();
        let service = Service::patient(&address, patience).unwrap();
        let instance = "7f3c2b1a-5d4e-4f6a-9b8c-0d1e2f3a4b5c".parse().unwrap();
        let unit = "3d9a6c14-2f7b-4e83-8a51-c60e9b72d4f8".parse().unwrap();
        service.submit(instance, unit, b"htp").await.unwrap_err()
    }

    #[tokio::test]
    async fn a_service_that_does_not_answer_is_not_waited_for_for_ever() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let error = submit(&listener, Duration::from_millis(50)).await;
        assert!(matches!(error, ServiceError::TimedOut { call: ServiceCall::Submit, .. }), "{error}");
    }

    #[tokio::test]
    async fn a_service_that_hangs_up_may_have_taken_the_request() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let hang_up = async {
            let (mut stream, _) = listener.accept().await.unwrap();
            // The preface of the connection and perhaps the request.
            stream.read_exact(&mut [0; 24]).await.unwrap();
            drop(stream);
        };
        let (error, ()) = tokio::join!(submit(&listener, CALL_TIMEOUT), hang_up);
        assert!(matches!(error, ServiceError::Lost { call: ServiceCall::Submit, .. }), "{error:?}");
    }

    #[tokio::test]
    async fn a_service_that_is_down_is_named_with_one_cause() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        drop(listener);
        let error = Service::connect(&address.to_string()).unwrap().instances().await.unwrap_err();
        assert!(matches!(error, ServiceError::Unreachable { unknown_host: false, .. }), "{error:?}");
        let text = error.to_string();
        assert!(text.ends_with(&format!("\nThe service cannot be reached: http://{address}")), "{text}");
        assert_eq!(text.to_lowercase().matches("connection refused").count(), 1, "{text}");
        assert_eq!(text.matches("tcp connect error").count(), 1, "{text}");
    }

    #[tokio::test]
    async fn a_host_that_has_no_address_is_told_apart() {
        // A label of more than 63 characters: refused by every resolver without asking anybody.
        let host = format!("http://{}.invalid:9876", "x".repeat(64));
        let error = Service::connect(&host).unwrap().instances().await.unwrap_err();
        assert!(matches!(error, ServiceError::Unreachable { unknown_host: true, .. }), "{error:?}");
    }

    fn listed() -> wire::CryptoUnit {
        wire::CryptoUnit {
            id: "3d9a6c14-2f7b-4e83-8a51-c60e9b72d4f8".to_owned(),
            kind: wire::CryptoUnitKind::Recovery.into(),
            location: "[us-south].[AZ3-CS9].[01].[38]".to_owned(),
            serial_number: "93AABC01".to_owned(),
        }
    }

    #[test]
    fn a_listed_unit_is_parsed_once() {
        let unit = unit_info(listed()).unwrap();
        assert_eq!((unit.kind, unit.location.module(), unit.location.domain()), (CryptoUnitKind::Recovery, 1, 38));
    }

    #[test]
    fn the_first_bad_member_is_named() {
        let cases: [(wire::CryptoUnit, &str); 5] = [
            (wire::CryptoUnit { id: String::new(), ..listed() }, "hsm_id not found"),
            (wire::CryptoUnit { id: "x".to_owned(), ..listed() }, "hsm_id is malformed"),
            (wire::CryptoUnit { location: String::new(), ..listed() }, "location not found"),
            (wire::CryptoUnit { serial_number: "toolong99".to_owned(), ..listed() }, "serial_number is malformed"),
            (wire::CryptoUnit { kind: 9, ..listed() }, "type is malformed"),
        ];
        for (unit, text) in cases {
            let error = unit_info(unit).unwrap_err().to_string();
            assert_eq!(error, format!("Error querying crypto units.\n{text}"));
        }
    }

    #[tokio::test]
    async fn addresses_have_a_scheme_or_get_one() {
        assert!(Service::connect("127.0.0.1:9876").is_ok());
        assert!(Service::connect("http://localhost:9876").is_ok());
        assert!(matches!(Service::connect("http://not an address"), Err(ServiceError::BadAddress { .. })));
    }
}
