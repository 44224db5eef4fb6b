//! A process of the emulator, and a connection to it.

use std::process::Stdio;
use std::time::Duration;

use hpcs_grpc::emulator::v1::InspectCryptoUnitRequest;
use hpcs_grpc::emulator::v1::crypto_units_client::CryptoUnitsClient;
use hpcs_grpc::emulator::v1::{CryptoUnitState, Event, ReadEventsRequest, events_client::EventsClient};
use hpcs_names::{CryptoUnitId, InstanceId};
use hpcs_workstation::{CryptoUnitInfo, Service};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};
use tokio::time::timeout;
use tonic::transport::{Channel, Endpoint};

use crate::{Failure, PATIENCE, Plan};

/// A process that serves.
pub(crate) struct Replica {
    process: Process,
    pub(crate) service: Service,
    pub(crate) channel: Channel,
    token: String,
}

/// Looks at what the emulators left, as an operator would: gaps, digests, records that cannot be read.
pub(crate) async fn check(plan: &Plan) -> Result<(), Failure> {
    let mut command = Command::new(&plan.program);
    let output = command.args(["store", "check"]).args(&plan.store).env_clear().output().await?;
    if output.status.success() {
        return Ok(());
    }
    let told = [output.stdout, output.stderr].concat();
    Err(format!("store check: {}", String::from_utf8_lossy(&told)).into())
}

/// A process that may not serve yet.
pub(crate) struct Process(Child);

impl Process {
    /// Kills the process when it has started, or when this time is over.
    pub(crate) async fn die_starting(mut self, longest: Duration) -> Result<(), Failure> {
        if let Some(stdout) = self.0.stdout.take() {
            // Whichever comes first, and whatever the line is.
            let _ = timeout(longest, BufReader::new(stdout).lines().next_line()).await;
        }
        self.kill().await
    }

    pub(crate) async fn kill(&mut self) -> Result<(), Failure> {
        // On Unix this is SIGKILL.
        Ok(self.0.kill().await?)
    }
}

impl Replica {
    /// Starts a process; it says nothing yet.
    pub(crate) fn spawn(plan: &Plan) -> Result<Process, Failure> {
        let child = Command::new(&plan.program)
            .args(["serve", "--port", "0"])
            .args(&plan.store)
            .env_clear()
            .env("HPCS_EMULATOR_STORE_HASH_CHAIN", "true")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()?;
        Ok(Process(child))
    }

    /// Starts a process, and connects when it serves.
    pub(crate) async fn start(plan: &Plan) -> Result<Self, Failure> {
        let mut process = Replica::spawn(plan)?;
        let stdout = process.0.stdout.take().ok_or("no standard output")?;
        let mut lines = BufReader::new(stdout).lines();
        let line = timeout(PATIENCE, lines.next_line()).await.map_err(|_| "the emulator does not get ready")?;
        let address = match line? {
            Some(address) => address,
            None => return Err(format!("the emulator did not start: {}", process.complaint().await).into()),
        };
        // What the emulator tells its operator is not looked at, but it must not fill the pipe.
        if let Some(stderr) = process.0.stderr.take() {
            tokio::spawn(async move {
                let mut lines = BufReader::new(stderr).lines();
                while let Ok(Some(_)) = lines.next_line().await {}
            });
        }
        let service = Service::connect(&address)?;
        let token = service.issue_token(API_KEY).await?.token;
        let text = token.expose().to_owned();
        let channel = Endpoint::from_shared(address)?.connect_lazy();
        Ok(Replica { process, service: service.with_token(token), channel, token: text })
    }

    /// The first instance and its crypto units.
    pub(crate) async fn units(&self) -> Result<(InstanceId, Vec<CryptoUnitInfo>), Failure> {
        let instance = self.service.instances().await?.first().ok_or("no instance")?.id;
        Ok((instance, self.service.crypto_units(instance).await?))
    }

    /// The state of a unit, read past the administration protocol.
    pub(crate) async fn inspect(&self, instance: InstanceId, unit: CryptoUnitId) -> Result<CryptoUnitState, Failure> {
        let message = InspectCryptoUnitRequest { instance: instance.to_string(), unit: unit.to_string() };
        let mut client = CryptoUnitsClient::new(self.channel.clone());
        Ok(client.inspect(self.signed(message)?).await?.into_inner())
    }

    /// All events from this sequence number on.
    pub(crate) async fn events(&self, instance: InstanceId, from: u64) -> Result<Vec<Event>, Failure> {
        let message = ReadEventsRequest { instances: vec![instance.to_string()], from, ..ReadEventsRequest::default() };
        let mut stream = EventsClient::new(self.channel.clone()).read(self.signed(message)?).await?.into_inner();
        let mut events = Vec::new();
        while let Some(event) = stream.message().await? {
            events.push(event);
        }
        Ok(events)
    }

    pub(crate) async fn kill(&mut self) -> Result<(), Failure> {
        self.process.kill().await
    }

    /// Ends the process as an operator would.
    pub(crate) async fn stop(mut self) -> Result<(), Failure> {
        let id = self.process.0.id().ok_or("the process has ended by itself")?;
        Command::new("kill").arg(id.to_string()).status().await?;
        let status = self.process.0.wait().await?;
        if status.success() { Ok(()) } else { Err(format!("the emulator ended with {status}").into()) }
    }

    fn signed<T>(&self, message: T) -> Result<tonic::Request<T>, Failure> {
        let mut request = tonic::Request::new(message);
        request.metadata_mut().insert("authorization", format!("Bearer {}", self.token).parse()?);
        Ok(request)
    }
}

impl Process {
    /// The last words of a process that ended.
    async fn complaint(&mut self) -> String {
        let Some(stderr) = self.0.stderr.take() else { return String::new() };
        let mut lines = BufReader::new(stderr).lines();
        let mut text = Vec::new();
        while let Ok(Some(line)) = lines.next_line().await {
            text.push(line);
        }
        text.join("; ")
    }
}

const API_KEY: &str = "hpcs-emulator-manager-key";
