//! `cryptounit-cp-sig-other`: enables control point 67, Schnorr and other signatures that are neither ECDSA nor EdDSA.

use super::cryptounit_cp::change;
use super::{Command, Run, no_arguments};
use crate::targets::Targets;

pub(super) const COMMAND: Command = Command {
    name: "cryptounit-cp-sig-other",
    aliases: &[],
    summary: "Enable Schnorr and other signatures in the selected crypto units",
    details: "As many administrators sign as the signature threshold says, or one when the crypto units allow it. Not \
              possible in imprint mode. cryptounit-compare shows the control point.",
    prompts: &[],
    arguments: no_arguments,
    run: Run::Session(|session, _| {
        Box::pin(async move {
            let targets = Targets::selected(session).await?;
            change(session, &targets, 67, true).await
        })
    }),
};
