//! An engine with one instance, and commands to give it.
#![allow(dead_code, unreachable_pub, clippy::unwrap_used, clippy::panic)]

use std::sync::Arc;

use bytes::Bytes;
use hpcs_audit::EventTime;
use hpcs_engine::{Answer, Engine, Parts, ServiceStore};
use hpcs_ep11::{
    AdminBlock, AdminCertificate, AdminFunction, AdminRequest, AttributeList, Cprb, FunctionWord, HtpRequest,
    P521KeyPair, Permissions, SigningKey, TransactionCounter, development_root,
};
use hpcs_hsm::{Admitted, CommandRow, UnitStatus};
use hpcs_names::{CryptoUnitId, InstanceId};
use hpcs_service::{
    ApiKey, Identity, Instance, InstanceSpec, Knobs, Operation, Origin, Plan, Record, RecordKey, Refusal, Role, Seed,
    Who, lay_out,
};
use hpcs_store::{EventQuery, LogOptions, MemoryStore, VirtualClock};

pub const ACCOUNT: &str = "4e1a9f0c7b2d4a5e8f3c6b1d9e0a7c52";

/// An engine with the default instance; commands go to its first operational unit.
pub struct Bench {
    pub engine: Engine,
    pub instance: InstanceId,
    pub unit: CryptoUnitId,
    token: String,
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

/// The default instance and its records.
pub fn laid_out() -> (Instance, Vec<(RecordKey, Record)>) {
    let spec = InstanceSpec {
        number: 0,
        id: None,
        region: "us-south".parse().unwrap(),
        plan: Plan::Standard,
        account: ACCOUNT.parse().unwrap(),
        operational: 2,
        recovery: true,
        failover: 0,
    };
    lay_out(&spec, &Seed::from_number(7), &development_root()).unwrap()
}

impl Bench {
    pub async fn new() -> Self {
        Bench::over(|store| store).await
    }

    /// Where random master keys leave events.
    pub async fn with(knobs: Knobs) -> Self {
        Bench::made_of(|store| store, knobs).await
    }

    /// Over a store that wraps the memory store.
    pub async fn over(wrap: impl FnOnce(ServiceStore) -> ServiceStore) -> Self {
        Bench::made_of(wrap, Knobs::default()).await
    }

    async fn made_of(wrap: impl FnOnce(ServiceStore) -> ServiceStore, knobs: Knobs) -> Self {
        let clock = Arc::new(VirtualClock::new(EventTime::from_unix_millis(1_767_225_600_000), 10));
        let store = wrap(Arc::new(MemoryStore::new(clock.clone(), LogOptions::default())));
        let seed = Seed::from_number(7);
        let (instance, mut records) = laid_out();
        records.push((RecordKey::Directory, Record::Directory(vec![instance.id])));
        let key = "a key".to_owned();
        records.push((RecordKey::ApiKey(ApiKey::new(key.clone()).digest()), Record::ApiKey(identity(ACCOUNT))));
        let engine = Engine::new(Parts { store, clock, seed, knobs });
        engine.create(records).await.unwrap();
        let nobody = Who { authentication: engine.authenticate(None), origin: Origin::default() };
        let issue = Operation::IssueToken { api_key: ApiKey::new(key) };
        let Ok(Answer::Token { token, .. }) = engine.execute(nobody, issue).await else { panic!("no token") };
        Bench { instance: instance.id, unit: instance.units[0].id, engine, token }
    }

    pub fn who(&self) -> Who {
        Who { authentication: self.engine.authenticate(Some(&self.token)), origin: Origin::default() }
    }

    /// Someone with these roles in another account.
    pub fn who_of_account(&self, account: &str, roles: Vec<Role>) -> Who {
        let authority = hpcs_service::TokenAuthority::new(&Seed::from_number(7));
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
        let page = self.engine.events(&EventQuery::all(self.instance, 1, usize::MAX)).await.unwrap();
        assert!(!page.more);
        page.events.iter().map(|event| String::from_utf8(event.line.to_vec()).unwrap()).collect()
    }
}

fn identity(account: &str) -> Identity {
    Identity {
        iam_id: "IBMid-270000EXM1".into(),
        name: "ceremony.admin@example.com".into(),
        account: account.parse().unwrap(),
        account_name: "Example".into(),
        roles: vec![Role::Manager],
    }
}
