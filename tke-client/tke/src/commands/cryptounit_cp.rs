//! `cryptounit-cp`: shows one control point of the selected crypto units, and changes it.

use hpcs_workstation::SignedOperation;

use super::{Command, Run, no_arguments};
use crate::input::AnswerFlag;
use crate::session::Session;
use crate::signing::Signers;
use crate::targets::Targets;
use crate::views::control_point_name;
use crate::{Failure, texts};

pub(super) const COMMAND: Command = Command {
    name: "cryptounit-cp",
    aliases: &[],
    summary: "Show or change a control point of the selected crypto units",
    details: "Control points have numbers from 0 to 127. As many administrators sign a change as the signature threshold \
              says, or one when the crypto units allow it. Not possible in imprint mode. Crypto units of one service \
              instance must be configured the same.",
    prompts: &[AnswerFlag::Number, AnswerFlag::Change],
    arguments: no_arguments,
    run: Run::Session(|session, _| Box::pin(run(session))),
};

async fn run(session: &mut Session<'_>) -> Result<(), Failure> {
    let targets = Targets::selected(session).await?;
    let typed = session.ask(texts::CONTROL_POINT_NUMBER, AnswerFlag::Number)?;
    let number = typed.parse().ok().filter(|number| *number < NUMBERS);
    let number: u8 = number.ok_or_else(|| Failure::new(texts::invalid_control_point(&typed)))?;
    for unit in targets.iter() {
        let set = unit.client.control_points().await?.get(number);
        session.console.say(&texts::control_point(&control_point_name(number), set));
    }
    let set = match session.ask(texts::CONTROL_POINT_CHANGE, AnswerFlag::Change)?.as_str() {
        "" => return Ok(()),
        "1" => true,
        "0" => false,
        other => return Err(Failure::new(texts::invalid_control_point_change(other))),
    };
    change(session, &targets, number, set).await
}

/// Sets or resets a control point in all targets.
pub(super) async fn change(session: &mut Session<'_>, targets: &Targets, number: u8, set: bool) -> Result<(), Failure> {
    let signers = Signers::collect(session, SignedOperation::ControlPoints, targets).await?;
    targets
        .each(async |index, unit| {
            let signers = signers.of(index);
            if set {
                unit.client.enable_control_points(&[number], &signers).await?;
            } else {
                unit.client.disable_control_points(&[number], &signers).await?;
            }
            Ok(())
        })
        .await?;
    session.console.ok(&[if set { texts::CONTROL_POINT_SET } else { texts::CONTROL_POINT_RESET }]);
    Ok(())
}

/// Numbers start at 0 and end before this one.
const NUMBERS: u8 = 128;
