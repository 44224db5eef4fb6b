//! The calls.

use std::str::FromStr;
use std::time::Duration;

use hpcs_grpc::emulator::v1 as wire;
use hpcs_grpc::emulator::v1::crypto_units_client::CryptoUnitsClient;
use hpcs_grpc::emulator::v1::identity_client::IdentityClient;
use hpcs_grpc::emulator::v1::instances_client::InstancesClient;
use hpcs_names::{AccountId, CryptoUnitId, InstanceId, Region};
use tonic::transport::{Channel, Endpoint};
use tonic::{Request, Status};

use super::{CryptoUnitInfo, CryptoUnitKind, ServiceCall, ServiceError, Token};

/// A connection to the service, with or without an access token. Copies share the connection.
#[derive(Clone)]
pub struct Service {
    channel: Channel,
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
    /// The service at `address`: `http://host:port` or `host:port`. The first call connects.
    ///
    /// Must be called inside a Tokio runtime.
    ///
    /// # Errors
    /// [`ServiceError::BadAddress`].
    pub fn connect(address: &str) -> Result<Self, ServiceError> {
        let url = if address.contains("://") { address.to_owned() } else { format!("http://{address}") };
        let endpoint =
            Endpoint::from_shared(url).map_err(|_| ServiceError::BadAddress { address: address.to_owned() })?;
        Ok(Self { channel: endpoint.connect_lazy(), token: None })
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
        let answer = IdentityClient::new(self.channel.clone()).issue_token(request).await;
        let answer = answer.map_err(failed(ServiceCall::IssueToken))?.into_inner();
        let expires_in = Duration::from_secs(u64::from(answer.expires_in));
        Ok(IssuedToken { token: Token::new(answer.access_token)?, expires_in })
    }

    /// What the service knows about the owner of the token.
    ///
    /// # Errors
    /// Any [`ServiceError`].
    pub async fn who_am_i(&self) -> Result<WhoAmI, ServiceError> {
        let request = self.request(wire::WhoAmIRequest {})?;
        let answer = IdentityClient::new(self.channel.clone()).who_am_i(request).await;
        let answer = answer.map_err(failed(ServiceCall::WhoAmI))?.into_inner();
        let wire::WhoAmIResponse { id, name, account, account_name, roles, expires_at } = answer;
        Ok(WhoAmI { id, name, account, account_name, roles, expires_at })
    }

    /// The instances of the caller's account, in ascending order of id.
    ///
    /// # Errors
    /// Any [`ServiceError`].
    pub async fn instances(&self) -> Result<Vec<InstanceInfo>, ServiceError> {
        let request = self.request(wire::ListInstancesRequest {})?;
        let answer = InstancesClient::new(self.channel.clone()).list(request).await;
        let answer = answer.map_err(failed(ServiceCall::Instances))?.into_inner();
        answer.instances.into_iter().map(instance_info).collect()
    }

    /// The crypto units of an instance: operational, then recovery, then failover.
    ///
    /// # Errors
    /// Any [`ServiceError`].
    pub async fn crypto_units(&self, instance: InstanceId) -> Result<Vec<CryptoUnitInfo>, ServiceError> {
        let request = self.request(wire::ListCryptoUnitsRequest { instance: instance.to_string() })?;
        let answer = CryptoUnitsClient::new(self.channel.clone()).list(request).await;
        let answer = answer.map_err(failed(ServiceCall::CryptoUnits))?.into_inner();
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
        let answer = CryptoUnitsClient::new(self.channel.clone()).submit(request).await;
        let payload = answer.map_err(failed(ServiceCall::Submit))?.into_inner().payload;
        if payload.is_empty() { Err(ServiceError::NoResponse) } else { Ok(payload) }
    }

    fn request<T>(&self, message: T) -> Result<Request<T>, ServiceError> {
        let mut request = Request::new(message);
        if let Some(token) = &self.token {
            request.metadata_mut().insert("authorization", token.header()?);
        }
        Ok(request)
    }
}

fn failed(call: ServiceCall) -> impl FnOnce(Status) -> ServiceError {
    move |status| ServiceError::from_status(call, status)
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

#[cfg(test)]
mod tests {
    use super::*;

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
