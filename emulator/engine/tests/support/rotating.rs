//! An instance in the middle of a change of its master key, and the end of that.

use hpcs_engine::Answer;
use hpcs_ep11::AdminFunction;
use hpcs_service::{Instance, NewInstance, NewSpec, Operation, Plan};

use super::{Bench, admitted};

const UNIT: &str = r#"{
    "administrators": [{"name": "admin1", "private_key": "SCALAR"}],
    "signature_threshold": 1,
    "revocation_signature_threshold": 1,
    "current_master_key": {"key": "1111111111111111111111111111111111111111111111111111111111111111"},
    "new_master_key": {"key": "2222222222222222222222222222222222222222222222222222222222222222", "committed": true}
}"#;

impl Bench {
    /// Makes an instance whose two operational units hold a current master key and another one that is committed.
    pub async fn rotating(&self, recovery: bool) -> Instance {
        let unit = UNIT.replace("SCALAR", &format!("{:0>132}", "09"));
        let document = serde_json::from_str(&format!(r#"{{"units":[{unit},{unit}]}}"#)).unwrap();
        let region = "us-south".parse().unwrap();
        let spec = NewSpec { profile: None, region, plan: Plan::Standard, operational: 2, recovery, failover: 0 };
        let new = NewInstance { id: None, spec, document: Some(Box::new(document)) };
        match self.execute(Operation::CreateInstance(Box::new(new))).await.unwrap() {
            Answer::Instance(instance) => instance,
            _ => panic!("another answer"),
        }
    }

    /// Makes the committed master key the current one in every unit.
    pub async fn activate(&self, instance: &Instance) {
        for card in &instance.units {
            let inspect = Operation::InspectCryptoUnit { instance: instance.id, unit: card.id };
            let Answer::CryptoUnit(report) = self.execute(inspect).await.unwrap() else { panic!("no unit") };
            let pattern = report.status.new_pattern.unwrap();
            let command = admitted(AdminFunction::FINALIZE_WK, pattern.0.to_vec(), 100);
            self.execute(Operation::admitted(instance.id, card.id, command)).await.unwrap();
        }
    }
}
