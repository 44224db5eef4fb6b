//! `cryptounit-cp-btc`, `cryptounit-cp-eddsa`, `cryptounit-cp-sig-other`: each enables the control point of one family of
//! algorithms.

use super::cryptounit_cp::change;
use super::{Command, Run, no_arguments};
use crate::targets::Targets;

/// BIP32 and bitcoin functions.
pub(super) const BITCOIN: Command =
    enable::<66>("cryptounit-cp-btc", "Enable BIP32 and bitcoin functions in the selected crypto units");

/// Ed25519 and Ed448.
pub(super) const EDDSA: Command =
    enable::<55>("cryptounit-cp-eddsa", "Enable Ed25519 and Ed448 in the selected crypto units");

/// Signatures that are neither ECDSA nor EdDSA.
pub(super) const OTHER_SIGNATURES: Command =
    enable::<67>("cryptounit-cp-sig-other", "Enable Schnorr and other signatures in the selected crypto units");

/// The command that enables control point `NUMBER`.
const fn enable<const NUMBER: u8>(name: &'static str, summary: &'static str) -> Command {
    Command {
        name,
        aliases: &[],
        summary,
        details: "As many administrators sign as the signature threshold says, or one when the crypto units allow it. \
                  Not possible in imprint mode. cryptounit-compare shows the control point.",
        prompts: &[],
        arguments: no_arguments,
        run: Run::Session(|session, _| {
            Box::pin(async move {
                let targets = Targets::selected(session).await?;
                change(session, &targets, NUMBER, true).await
            })
        }),
    }
}
