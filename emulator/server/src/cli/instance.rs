//! `instance`: lists, creates, resets and deletes instances of a running emulator.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use hpcs_grpc::emulator::v1::instances_client::InstancesClient;
use hpcs_grpc::emulator::v1::{
    CreateInstanceRequest, DeleteInstanceRequest, Instance, ListInstancesRequest, ResetInstanceRequest,
};
use hpcs_hsm::Profile;
use hpcs_names::{InstanceId, Region};
use hpcs_service::Plan;
use serde::{Deserialize, Serialize};
use tonic::transport::Channel;

use super::client::{Client, ClientArgs};
use super::{Failure, Surroundings};
use crate::seed_file;

/// Flags of `instance`.
#[derive(Args)]
#[command(after_help = "\
Examples:
  hpcs-emulator instance list
  ID=$(hpcs-emulator instance create --region eu-de --operational 3)
  hpcs-emulator instance create --profile CEX8
  hpcs-emulator instance create --document instance.yaml
  hpcs-emulator instance reset \"$ID\"
  hpcs-emulator instance delete \"$ID\" --purge

The cloud has no such calls, so none of them leaves an event; the API key needs the role EmulatorOperator.
A document has the form of one instance in a seed file (docs/seed-file.md), in YAML or JSON.")]
pub(super) struct InstanceArgs {
    #[command(subcommand)]
    action: Action,
    #[command(flatten)]
    client: ClientArgs,
}

#[derive(Subcommand)]
enum Action {
    /// List the instances of the account
    List {
        /// Print a JSON array
        #[arg(long)]
        json: bool,
    },
    /// Create an instance and print its id
    Create(Box<Create>),
    /// Put all crypto units back to how they were delivered, or to what a document says; the event log goes on
    Reset {
        /// The instance
        #[arg(value_name = "ID")]
        instance: InstanceId,
        #[command(flatten)]
        document: DocumentArgs,
    },
    /// Delete an instance; its event log stays readable
    Delete {
        /// The instance
        #[arg(value_name = "ID")]
        instance: InstanceId,
        /// Drop the event log too
        #[arg(long)]
        purge: bool,
    },
}

#[derive(Args)]
struct Create {
    /// Its id; one that was deleted comes back with its event log [default: a new one]
    #[arg(long)]
    id: Option<InstanceId>,
    /// Its region [default: us-south]
    #[arg(long)]
    region: Option<Region>,
    /// Its plan: standard, hpcs-hourly-uko [default: standard]
    #[arg(long)]
    plan: Option<Plan>,
    /// Generation of its crypto modules: CEX5, CEX6, CEX7, CEX8 [default: that of the region]
    #[arg(long)]
    profile: Option<Profile>,
    /// Operational crypto units, 1 to 6 [default: 2]
    #[arg(long, value_name = "NUMBER")]
    operational: Option<u32>,
    /// Whether it has its two recovery crypto units: true, false [default: true]
    #[arg(long, value_name = "BOOL")]
    recovery: Option<bool>,
    /// Failover crypto units, 0, or 2 up to the number of operational ones [default: 0]
    #[arg(long, value_name = "NUMBER")]
    failover: Option<u32>,
    #[command(flatten)]
    document: DocumentArgs,
}

#[derive(Args)]
struct DocumentArgs {
    /// What its crypto units hold: administrators, thresholds, keys; flags must not say otherwise; - is stdin
    #[arg(long, value_name = "FILE")]
    document: Option<PathBuf>,
}

/// Carries out one of the commands.
pub(super) async fn run(arguments: InstanceArgs, here: &mut Surroundings<'_>) -> Result<u8, Failure> {
    let InstanceArgs { action, client } = arguments;
    match action {
        Action::List { json } => list(client, json, here).await?,
        Action::Create(create) => {
            let Create { id, region, plan, profile, operational, recovery, failover, document } = *create;
            let request = CreateInstanceRequest {
                id: id.map(|id| id.to_string()).unwrap_or_default(),
                region: region.map(|region| region.to_string()).unwrap_or_default(),
                plan: plan.map(|plan| plan.as_str().to_owned()).unwrap_or_default(),
                operational,
                recovery,
                failover,
                document: document.read(here)?,
                profile: profile.map(|profile| profile.as_str().to_owned()).unwrap_or_default(),
            };
            contradiction(&request)?;
            let (client, mut instances) = connect(client, here).await?;
            let created = instances.create(client.request(request).await?).await;
            let created = created.map_err(|status| client.failed(&status))?.into_inner();
            writeln!(here.stdout, "{}", created.id)?;
        }
        Action::Reset { instance, document } => {
            let request = ResetInstanceRequest { instance: instance.to_string(), document: document.read(here)? };
            let (client, mut instances) = connect(client, here).await?;
            let reset = instances.reset(client.request(request).await?).await;
            reset.map_err(|status| client.failed(&status))?;
        }
        Action::Delete { instance, purge } => {
            let (client, mut instances) = connect(client, here).await?;
            let request = DeleteInstanceRequest { instance: instance.to_string(), purge };
            let deleted = instances.delete(client.request(request).await?).await;
            deleted.map_err(|status| client.failed(&status))?;
        }
    }
    here.stdout.flush()?;
    Ok(0)
}

async fn list(client: ClientArgs, json: bool, here: &mut Surroundings<'_>) -> Result<(), Failure> {
    let (client, mut instances) = connect(client, here).await?;
    let answer = instances.list(client.request(ListInstancesRequest {}).await?).await;
    let instances = answer.map_err(|status| client.failed(&status))?.into_inner().instances;
    if json {
        let instances: Vec<_> = instances.iter().map(Shown::of).collect();
        serde_json::to_writer_pretty(&mut *here.stdout, &instances).map_err(std::io::Error::from)?;
        writeln!(here.stdout)?;
        return Ok(());
    }
    for Instance { id, region, plan, account, created, .. } in instances {
        writeln!(here.stdout, "{id}  {region:8}  {plan:15}  account {account}  created {created}")?;
    }
    Ok(())
}

async fn connect(client: ClientArgs, here: &Surroundings<'_>) -> Result<(Client, InstancesClient<Channel>), Failure> {
    let client = Client::connect(client, &here.environment()?).await?;
    let instances = InstancesClient::new(client.channel.clone());
    Ok((client, instances))
}

/// Refuses flags that say otherwise than the document; the emulator would prefer them without a word.
fn contradiction(request: &CreateInstanceRequest) -> Result<(), Failure> {
    #[derive(Default, Deserialize)]
    #[serde(default)]
    struct Said {
        id: Option<String>,
        region: Option<String>,
        plan: Option<String>,
        profile: Option<String>,
        operational: Option<u32>,
        recovery: Option<bool>,
        failover: Option<u32>,
    }
    // What is wrong with the document itself the emulator says.
    let said: Said = serde_json::from_slice(&request.document).unwrap_or_default();
    let number = |asked: Option<u32>| asked.map(|number| number.to_string());
    let text = |asked: &String| (!asked.is_empty()).then(|| asked.clone());
    for (flag, asked, said) in [
        ("--id", text(&request.id), said.id),
        ("--region", text(&request.region), said.region),
        ("--plan", text(&request.plan), said.plan),
        ("--profile", text(&request.profile), said.profile),
        ("--operational", number(request.operational), number(said.operational)),
        ("--recovery", request.recovery.map(|is| is.to_string()), said.recovery.map(|is| is.to_string())),
        ("--failover", number(request.failover), number(said.failover)),
    ] {
        if let (Some(asked), Some(said)) = (asked, said)
            && asked != said
        {
            return Err(Failure::usage(format_args!("{flag}: the document says {said}; leave one of them out")));
        }
    }
    Ok(())
}

impl DocumentArgs {
    /// The document as requests carry it; empty when there is none.
    fn read(self, here: &mut Surroundings<'_>) -> Result<Vec<u8>, Failure> {
        let Some(path) = self.document else { return Ok(Vec::new()) };
        let text = if path.as_os_str() == "-" {
            seed_file::read_text(&path, &mut *here.stdin)
        } else {
            seed_file::open(&path)
        };
        Ok(seed_file::document_as_json(&path, &text?)?)
    }
}

/// An instance as JSON.
#[derive(Serialize)]
struct Shown<'a> {
    id: &'a str,
    crn: &'a str,
    region: &'a str,
    plan: &'a str,
    account: &'a str,
    created: &'a str,
}

impl<'a> Shown<'a> {
    fn of(instance: &'a Instance) -> Self {
        let Instance { id, crn, region, plan, account, created } = instance;
        Shown { id, crn, region, plan, account, created }
    }
}
