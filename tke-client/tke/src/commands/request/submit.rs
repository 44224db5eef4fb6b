//! `request submit`: sends a signed request.

use clap::{ArgMatches, Command as Clap};

use super::{file, show, state};
use crate::input::AnswerFlag;
use crate::session::Session;
use crate::{Failure, texts};

pub(super) const NAME: &str = "submit";

pub(super) fn parser() -> Clap {
    Clap::new(NAME)
        .about("Send a request with its signatures to the crypto unit")
        .long_about(
            "Send a request with its signatures to the crypto unit. Several files must be copies of one request; their \
             signatures are put together. The crypto unit decides whether they are enough.",
        )
        .arg(file::argument().num_args(1..))
        .arg(AnswerFlag::Yes.argument())
}

pub(super) async fn run(session: &mut Session<'_>, flags: &ArgMatches) -> Result<(), Failure> {
    let mut requests = file::named(flags).into_iter().map(|path| file::read(&path));
    let Some(request) = requests.next() else { return Ok(()) };
    let mut request = request?;
    for copy in requests {
        request.merge(&copy?)?;
    }
    show::whole(session, &request).await;
    session.console.say("");
    let unit = state::client(session, &request).await?;
    if !session.confirm(texts::SEND_REQUEST)? {
        return Ok(());
    }
    unit.send(request.command(), &request.signer_infos()).await?;
    session.console.ok(&[texts::REQUEST_SENT]);
    Ok(())
}
