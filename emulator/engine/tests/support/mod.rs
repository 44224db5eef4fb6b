//! An engine with one instance, and commands to give it.
#![allow(dead_code, unreachable_pub, clippy::unwrap_used, clippy::panic)]

pub mod calls;
pub mod hooked;
mod rotating;

use std::sync::Arc;

use bytes::Bytes;
use hpcs_audit::EventTime;
use hpcs_engine::{Answer, AuditMode, Beginning, DeclaredInstance, Engine, Parts, Prepared, ServiceStore};
use hpcs_ep11::{
    AdminBlock, AdminCertificate, AdminFunction, AdminRequest, AttributeList, Cprb, FunctionWord, HtpRequest,
    P521KeyPair, Permissions, SigningKey, TransactionCounter, development_root,
};
use hpcs_hsm::{Admitted, CommandRow, UnitStatus};
use hpcs_names::{CryptoUnitId, InstanceId};
use hpcs_service::{
    ApiKey, Identity, Instance, InstanceSpec, Knobs, NewInstance, NewSpec, Operation, Origin, Plan, Record, RecordKey,
    Refusal, Role, Seed, ServiceRoot, UnitIds, Who, instance_records, lay_out,
};
use hpcs_store::{ControlledClock, EventFilter, LogOptions, MemoryStore, StoredEvent, VirtualClock};

pub const ACCOUNT: &str = "4e1a9f0c7b2d4a5e8f3c6b1d9e0a7c52";

/// An engine with the default instance; commands go to its first operational unit.
pub struct Bench {
    pub engine: Engine,
    pub instance: InstanceId,
    pub unit: CryptoUnitId,
    pub token: String,
}

/// The two administrators of every test, from fixed scalars.
pub fn administrators() -> [SigningKey; 2] {
    [11, 12].map(|scalar| SigningKey::P521(P521KeyPair::from_scalar(&[scalar]).unwrap()))
}

pub fn admitted(function: AdminFunction, input: Vec<u8>, counter: u128) -> Admitted {
    Admitted::assume(CommandRow::find(function).unwrap(), input, TransactionCounter(counter))
}

/// The attribute list that the published client sends to an operational unit.
pub fn attributes(signature: u32, revocation: u32) -> Vec<u8> {
    let permissions = Permissions::FACTORY.sdk_operational();
    AttributeList(vec![
        (AttributeList::SIGNATURE_THRESHOLD, signature),
        (AttributeList::REVOCATION_THRESHOLD, revocation),
        (AttributeList::PERMISSIONS, permissions.0),
        (AttributeList::MODE, 0),
    ])
    .encode()
}

/// The instance that every test finds, number 0.
pub fn spec(number: u32) -> InstanceSpec {
    InstanceSpec {
        number,
        id: None,
        region: "us-south".parse().unwrap(),
        plan: Plan::Standard,
        account: ACCOUNT.parse().unwrap(),
        profile: None,
        operational: 2,
        recovery: true,
        failover: 0,
    }
}

/// An instance that is smaller, and so made faster.
pub fn small(number: u32) -> InstanceSpec {
    InstanceSpec { operational: 1, recovery: false, ..spec(number) }
}

/// The default instance and its records.
pub fn laid_out() -> (Instance, Vec<(RecordKey, Record)>) {
    let root = ServiceRoot::of(&Seed::from_number(SEED));
    let (instance, units) = lay_out(&spec(0), UnitIds::OfNumber, START, &root, &development_root()).unwrap();
    (instance.clone(), instance_records(instance, units))
}

/// Where time starts.
pub const START: EventTime = EventTime::from_unix_millis(1_767_225_600_000);

const SEED: u64 = 7;

/// What a bench is made of, where it matters.
pub struct Making {
    pub knobs: Knobs,
    pub audit_mode: AuditMode,
    pub instances: Vec<InstanceSpec>,
    pub log: LogOptions,
    pub seed: u64,
}

impl Default for Making {
    fn default() -> Self {
        Making {
            knobs: Knobs::default(),
            audit_mode: AuditMode::FailClosed,
            instances: vec![spec(0)],
            log: LogOptions::default(),
            seed: SEED,
        }
    }
}

/// The API key of every bench.
pub fn api_key() -> ApiKey {
    ApiKey::new("a key".to_owned())
}

pub fn declared(instances: Vec<InstanceSpec>) -> Vec<DeclaredInstance> {
    let declared = |(at, spec)| DeclaredInstance { declared: format!("instance {at}"), spec, document: None };
    instances.into_iter().enumerate().map(declared).collect()
}

impl Bench {
    pub async fn new() -> Self {
        Bench::over(|store| store).await
    }

    /// Where random master keys leave events.
    pub async fn with(knobs: Knobs) -> Self {
        Bench::made_of(|store| store, Making { knobs, ..Making::default() }).await
    }

    /// Of these instances; commands go to the first.
    pub async fn of(instances: Vec<InstanceSpec>) -> Self {
        Bench::made_of(|store| store, Making { instances, ..Making::default() }).await
    }

    /// Over a store that wraps the memory store.
    pub async fn over(wrap: impl FnOnce(ServiceStore) -> ServiceStore) -> Self {
        Bench::made_of(wrap, Making::default()).await
    }

    pub async fn made_of(wrap: impl FnOnce(ServiceStore) -> ServiceStore, making: Making) -> Self {
        let clock = Arc::new(ControlledClock::new(Arc::new(VirtualClock::new(START, 10))));
        let store = wrap(Arc::new(MemoryStore::new(clock.clone(), making.log.clone())));
        Bench::on(store, clock, making).await
    }

    /// An engine on this store, which others may use too.
    pub async fn on(store: ServiceStore, clock: Arc<ControlledClock>, making: Making) -> Self {
        let Making { knobs, audit_mode, instances, log: _, seed } = making;
        let parts = Parts { store, clock, seed: Seed::from_number(seed), knobs, audit_mode };
        let engine = Engine::open(parts).await.unwrap();
        let api_keys = vec![(api_key().digest(), identity(ACCOUNT))];
        let beginning = Beginning { instances: declared(instances), api_keys };
        let Prepared { instances, .. } = engine.prepare(beginning).await.unwrap();
        let nobody = Who { authentication: engine.authenticate(None), origin: Origin::default() };
        let issue = Operation::IssueToken { api_key: api_key() };
        let Ok(Answer::Token { token, .. }) = engine.execute(nobody, issue).await else { panic!("no token") };
        let (instance, unit) = match instances.first() {
            Some(instance) => (instance.id, instance.units[0].id),
            None => (
                "00000000-0000-4000-8000-000000000000".parse().unwrap(),
                "00000000-0000-4000-8000-000000000000".parse().unwrap(),
            ),
        };
        Bench { engine, instance, unit, token }
    }

    pub fn who(&self) -> Who {
        Who { authentication: self.engine.authenticate(Some(&self.token)), origin: Origin::default() }
    }

    /// Someone with these roles in another account.
    pub fn who_of_account(&self, account: &str, roles: Vec<Role>) -> Who {
        let authority = hpcs_service::TokenAuthority::new(&ServiceRoot::of(&Seed::from_number(SEED)));
        let identity = Identity { roles, ..identity(account) };
        let (token, _) = authority.issue(&identity, EventTime::from_unix_millis(1_767_225_600_000));
        Who { authentication: self.engine.authenticate(Some(&token)), origin: Origin::default() }
    }

    pub async fn execute(&self, operation: Operation) -> Result<Answer, Refusal> {
        self.engine.execute(self.who(), operation).await
    }

    pub async fn submit(&self, command: Admitted) -> Result<Answer, Refusal> {
        self.execute(Operation::admitted(self.instance, self.unit, command)).await
    }

    /// Sends a command with real signatures of both administrators.
    pub async fn submit_signed(&self, function: AdminFunction, input: Vec<u8>, counter: u128) {
        let unit = self.status().await;
        let block = AdminBlock::encode_command(function, unit.domain, unit.module, TransactionCounter(counter), &input);
        let signatures: Vec<u8> = administrators().iter().flat_map(|key| key.signer_info(&block)).collect();
        let request = AdminRequest {
            function: FunctionWord::sdk(FunctionWord::ADMIN),
            domain: &unit.domain.index.0.to_be_bytes(),
            block: &block,
            signatures: &signatures,
        };
        let cprb = Cprb::new(unit.domain.index, &request.encode()).encode();
        let htp = Bytes::from(HtpRequest { module_index: 1, cprb }.encode());
        self.execute(Operation::submit(self.instance, self.unit, htp)).await.unwrap();
    }

    pub async fn add_administrators(&self) {
        for (counter, (name, key)) in (1..).zip(["one", "two"].into_iter().zip(&administrators())) {
            let certificate = AdminCertificate::build(name, key).unwrap();
            self.submit(admitted(AdminFunction::ADD_ADMINISTRATOR, certificate, counter)).await.unwrap();
        }
    }

    pub async fn status(&self) -> UnitStatus {
        let inspect = Operation::InspectCryptoUnit { instance: self.instance, unit: self.unit };
        match self.execute(inspect).await {
            Ok(Answer::CryptoUnit(report)) => report.status,
            _ => panic!("no such unit"),
        }
    }

    pub async fn events(&self) -> Vec<String> {
        self.events_of(self.instance).await.iter().map(|event| text(&event.line)).collect()
    }

    pub async fn events_of(&self, instance: InstanceId) -> Vec<StoredEvent> {
        self.engine.last_events(instance, EventFilter::default(), usize::MAX).await.unwrap()
    }

    /// Leaves this many events in the log of an instance: commands from someone without a token.
    pub async fn leave_events(&self, instance: &Instance, count: usize) {
        for _ in 0..count {
            let nobody = Who { authentication: self.engine.authenticate(None), origin: Origin::default() };
            let command = admitted(AdminFunction::ZEROIZE, vec![], 1);
            let operation = Operation::admitted(instance.id, instance.units[0].id, command);
            assert!(self.engine.execute(nobody, operation).await.is_err());
        }
    }

    /// The instances of the account, as a listing gives them.
    pub async fn instances(&self) -> Vec<Instance> {
        match self.execute(Operation::ListInstances).await {
            Ok(Answer::Instances(instances)) => instances,
            _ => panic!("no listing"),
        }
    }

    /// Makes an instance with one crypto unit.
    pub async fn create(&self, id: Option<InstanceId>) -> Result<Instance, Refusal> {
        match self.execute(Operation::CreateInstance(Box::new(new_instance(id)))).await? {
            Answer::Instance(instance) => Ok(instance),
            _ => panic!("another answer"),
        }
    }

    pub async fn delete(&self, instance: InstanceId, purge: bool) -> Result<(), Refusal> {
        self.execute(Operation::DeleteInstance { instance, purge }).await.map(|_| ())
    }

    pub async fn reset(&self, instance: InstanceId) -> Result<(), Refusal> {
        self.execute(Operation::ResetInstance { instance, document: None }).await.map(|_| ())
    }
}

/// An instance with one crypto unit, to be made.
pub fn new_instance(id: Option<InstanceId>) -> NewInstance {
    let InstanceSpec { region, plan, profile, operational, recovery, failover, .. } = small(0);
    NewInstance { id, spec: NewSpec { region, plan, profile, operational, recovery, failover }, document: None }
}

pub fn text(line: &[u8]) -> String {
    String::from_utf8(line.to_vec()).unwrap()
}

pub fn identity(account: &str) -> Identity {
    Identity {
        iam_id: "IBMid-270000EXM1".into(),
        name: "ceremony.admin@example.com".into(),
        account: account.parse().unwrap(),
        account_name: "Example".into(),
        roles: vec![Role::Manager, Role::EventReader, Role::EmulatorOperator],
        expires_at: None,
    }
}
