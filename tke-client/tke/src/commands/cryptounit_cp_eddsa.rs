//! `cryptounit-cp-eddsa`: enables control point 55, Ed25519 and Ed448.

use super::cryptounit_cp::change;
use super::{Command, Run, no_arguments};
use crate::targets::Targets;

pub(super) const COMMAND: Command = Command {
    name: "cryptounit-cp-eddsa",
    aliases: &[],
    summary: "Enable Ed25519 and Ed448 in the selected crypto units",
    details: "As many administrators sign as the signature threshold says, or one when the crypto units allow it. Not \
              possible in imprint mode. cryptounit-compare shows the control point.",
    prompts: &[],
    arguments: no_arguments,
    run: Run::Session(|session, _| {
        Box::pin(async move {
            let targets = Targets::selected(session).await?;
            change(session, &targets, 55, true).await
        })
    }),
};
