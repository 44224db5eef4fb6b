//! An instance comes in, by whichever protocol.

use std::pin::pin;

use bytes::Bytes;
use futures_util::{Stream, StreamExt};
use hpcs_names::AccountId;
use hpcs_service::{Instance, Refusal};
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use zeroize::Zeroizing;

use super::calls::Calls;

/// Takes in the file whose pieces `source` gives, if its instance is this account's.
///
/// The work is done in a task of its own. A client that leaves takes its source along: the file then ends too early, and
/// nothing of it stays.
///
/// # Errors
/// What is wrong with the file, or the store's refusals.
pub(crate) async fn import(
    calls: &Calls,
    source: impl Stream<Item = Result<Bytes, Refusal>> + Send,
    passphrase: Option<Zeroizing<String>>,
    account: AccountId,
) -> Result<Instance, Refusal> {
    let (sender, receiver) = mpsc::channel(1);
    let engine = calls.engine.clone();
    let work = calls
        .carry_out(async move { Ok(engine.import(ReceiverStream::new(receiver), passphrase, Some(account)).await?) });
    let feeding = async move {
        let mut source = pin!(source);
        // The work may end before the file does.
        while let Some(piece) = tokio::select! { piece = source.next() => piece, () = sender.closed() => None } {
            if sender.send(piece).await.is_err() {
                return;
            }
        }
    };
    let (imported, ()) = tokio::join!(work, feeding);
    imported
}
