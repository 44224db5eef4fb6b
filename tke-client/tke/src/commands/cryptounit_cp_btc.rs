//! `cryptounit-cp-btc`: enables control point 66, BIP32 and bitcoin functions.

use super::cryptounit_cp::change;
use super::{Command, Run, no_arguments};
use crate::targets::Targets;

pub(super) const COMMAND: Command = Command {
    name: "cryptounit-cp-btc",
    aliases: &[],
    summary: "Enable BIP32 and bitcoin functions in the selected crypto units",
    details: "As many administrators sign as the signature threshold says, or one when the crypto units allow it. Not \
              possible in imprint mode. cryptounit-compare shows the control point.",
    prompts: &[],
    arguments: no_arguments,
    run: Run::Session(|session, _| {
        Box::pin(async move {
            let targets = Targets::selected(session).await?;
            change(session, &targets, 66, true).await
        })
    }),
};
