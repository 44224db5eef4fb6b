//! The last half of a master key rotation: key storage is rewrapped, then the committed master key is set.
//!
//! Each message is printed when its step is done, because what to do after an interruption depends on the last one seen.
//! Part of the specification: TKE workflows 2.6, 4.4.

use std::time::Duration;

use hpcs_names::InstanceId;
use hpcs_workstation::{RotationState, RotationStatus, Service};

use crate::session::Session;
use crate::signing::Signers;
use crate::targets::Targets;
use crate::{Failure, texts};

/// Has the key storage of the instance rewrapped, then sets the committed master key in `targets`, one after the other.
///
/// # Errors
/// When the service refuses or the rotation fails, and the failure of the first unit that fails.
pub(crate) async fn finish(
    session: &mut Session<'_>,
    service: &Service,
    instance: InstanceId,
    targets: &Targets,
    signers: &Signers,
) -> Result<(), Failure> {
    let started = service.start_rotation(instance).await?;
    session.console.say(texts::ROTATION_STARTED);
    rewrapped(service, instance, started).await?;
    session.console.say(texts::REWRAP_SUCCESSFUL);
    targets
        .each(async |index, unit| {
            let pattern = unit.client.domain_info().await?.next;
            Ok(unit.client.set_immediate(pattern, signers.single(index)?).await?)
        })
        .await?;
    session.console.say(texts::ROTATION_SUCCESSFUL);
    Ok(())
}

/// Waits until key storage is rewrapped.
async fn rewrapped(service: &Service, instance: InstanceId, mut state: RotationState) -> Result<(), Failure> {
    loop {
        match state.status {
            RotationStatus::Waiting | RotationStatus::Done => return Ok(()),
            RotationStatus::Failed | RotationStatus::None => {
                return Err(Failure::new(texts::rotation_failed(&state.message)));
            }
            RotationStatus::Running => tokio::time::sleep(POLL).await,
        }
        state = service.rotation(instance).await?;
    }
}

/// Between two questions how the rotation stands.
const POLL: Duration = Duration::from_secs(1);
