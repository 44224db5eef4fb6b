//! The identity of an event.

use hpcs_names::{InstanceId, Uuid};
use sha2::{Digest, Sha256};

/// The UUID of an event, which is what its instance and its place in that instance's log say it is.
///
/// It depends on nothing else: two events with equal bytes have different ids, and rendering an event again, in another
/// style, keeps its id.
pub fn event_id(instance: InstanceId, sequence: u64) -> Uuid {
    let digest =
        Sha256::new_with_prefix(b"hpcs event").chain_update(instance.0.as_bytes()).chain_update(sequence.to_be_bytes());
    Uuid::from_digest(&digest.finalize().into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_depends_on_instance_and_sequence_only() {
        let first: InstanceId = "7f3c2b1a-5d4e-4f6a-9b8c-0d1e2f3a4b5c".parse().unwrap();
        let second: InstanceId = "0b6d4c9e-81f2-4a37-b5d0-92c7e1f4a683".parse().unwrap();
        assert_eq!(event_id(first, 1), event_id(first, 1));
        assert_ne!(event_id(first, 1), event_id(first, 2));
        assert_ne!(event_id(first, 1), event_id(second, 1));
    }

    #[test]
    fn ids_stay_the_same_from_release_to_release() {
        let instance: InstanceId = "7f3c2b1a-5d4e-4f6a-9b8c-0d1e2f3a4b5c".parse().unwrap();
        assert_eq!(event_id(instance, 1).to_string(), "22cb0a3d-7902-4008-a489-c5ac747c9d8d");
    }
}
