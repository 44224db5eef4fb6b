//! `request show`: what a request asks for, in words.

use clap::{ArgMatches, Command as Clap};
use hpcs_workstation::{Administrator, RequestFile};

use super::{file, state};
use crate::Failure;
use crate::printable::printable;
use crate::session::Session;
use crate::texts;

pub(super) const NAME: &str = "show";

pub(super) fn parser() -> Clap {
    Clap::new(NAME)
        .about("Say in words what a request asks for and who signed it")
        .long_about(
            "Say in words what a request asks for and who signed it. The words are made from the bytes that are \
             signed. When the server can be reached, also says whether the crypto unit would still take the request.",
        )
        .arg(file::argument())
}

pub(super) async fn run(session: &mut Session<'_>, flags: &ArgMatches) -> Result<(), Failure> {
    for path in file::named(flags) {
        let request = file::read(&path)?;
        whole(session, &request).await;
    }
    Ok(())
}

/// Prints the request and whether the crypto unit would still take it.
pub(super) async fn whole(session: &mut Session<'_>, request: &RequestFile) {
    let state = state::of(session, request).await;
    describe(session, request, &state.administrators);
    session.console.say("");
    for line in &state.sentences {
        session.console.say(line);
    }
}

/// Prints the request itself. Signers that are among the `administrators` of the crypto unit go by the names there: a name
/// in the request file is not signed.
pub(super) fn describe(session: &mut Session<'_>, request: &RequestFile, administrators: &[Administrator]) {
    let console = &mut session.console;
    console.say(&format!("REQUEST: {}", printable(&request.explanation().title)));
    for line in &request.explanation().lines {
        console.say(&format!("   {}", printable(line)));
    }
    for (name, value) in [
        ("Service instance:", request.instance().to_string()),
        ("Crypto unit:", request.unit().to_string()),
        ("Location:", request.location().to_string()),
        ("SHA-256:", request.digest()),
    ] {
        console.say(&format!("{name:18}{value}"));
    }
    if request.signatures().is_empty() {
        console.say(texts::NOT_SIGNED);
        return;
    }
    console.say(texts::SIGNED_BY);
    for signature in request.signatures() {
        let known = administrators.iter().find(|administrator| administrator.ski == signature.ski);
        console.say(&match known {
            Some(administrator) => texts::known_signer(&administrator.name, signature.ski),
            None => texts::claimed_signer(&signature.name, signature.ski),
        });
    }
}
