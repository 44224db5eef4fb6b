//! Export files out of and into an emulator.

use std::fmt::Display;
use std::time::Duration;

use bytes::Bytes;
use futures_util::{Stream, StreamExt, stream};
use hpcs_engine::Export;
use hpcs_grpc::emulator::v1::{ExportedPiece, ImportInstanceRequest};
use hpcs_service::Refusal;
use prost::Message;

use super::message::Messages;
use super::registry::decoded;
use super::reply;
use crate::surface::budget::Held;
use crate::surface::calls::MAX_MESSAGE;
use crate::surface::stream::streamed;

/// The file as a stream of messages.
pub(super) fn exported(mut export: Export) -> tonic::body::Body {
    streamed(move |pieces| async move {
        let trailers = loop {
            match export.next().await {
                Ok(Some(content)) => {
                    pieces.data(reply::framed(&ExportedPiece { content }.encode_to_vec())).await?;
                }
                Ok(None) => break reply::success(),
                Err(refusal) => break reply::failure(&refusal),
            }
        };
        pieces.trailers(trailers).await
    })
}

/// The file that starts with `content` and goes on in further messages.
pub(super) fn file<B>(
    content: Bytes,
    messages: Messages<B>,
    patience: Duration,
    held: Held,
) -> impl Stream<Item = Result<Bytes, Refusal>> + Send
where
    B: http_body::Body<Data = Bytes> + Send + Unpin,
    B::Error: Display + Send,
{
    let others = stream::try_unfold((messages, held), move |(mut messages, mut held)| async move {
        // The message before has gone on; what has arrived after it is still here.
        held.keep(messages.waiting());
        let message = messages.next(MAX_MESSAGE, patience, &mut held).await.map_err(|broken| broken.refusal)?;
        let Some(message) = message else { return Ok(None) };
        let ImportInstanceRequest { content, .. } = decoded(&message)?;
        Ok(Some((content, (messages, held))))
    });
    stream::iter([Ok(content)]).chain(others)
}
