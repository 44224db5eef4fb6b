//! Export files out of and into an emulator.

use std::fmt::Display;
use std::time::Duration;

use bytes::Bytes;
use futures_util::{Stream, stream};
use hpcs_engine::Export;
use hpcs_service::Refusal;
use tonic::Status;

use super::body::Incoming;
use crate::surface::budget::Held;
use crate::surface::stream::streamed;

/// The file as a body. It breaks off when it cannot be completed; its last line tells a reader the same.
pub(super) fn exported(mut export: Export) -> tonic::body::Body {
    streamed(move |pieces| async move {
        loop {
            match export.next().await {
                Ok(Some(content)) => pieces.data(content).await?,
                Ok(None) => return Ok(()),
                Err(refusal) => return pieces.broken(Status::unavailable(refusal.to_string())).await,
            }
        }
    })
}

/// The file that is the body, piece by piece.
pub(super) fn file<B>(
    body: Incoming<B>,
    patience: Duration,
    held: Held,
) -> impl Stream<Item = Result<Bytes, Refusal>> + Send
where
    B: http_body::Body<Data = Bytes> + Send + Unpin,
    B::Error: Display + Send,
{
    stream::try_unfold((body, held), move |(mut body, mut held)| async move {
        let piece = body.piece(patience, &mut held).await?;
        Ok(piece.map(|piece| (piece, (body, held))))
    })
}
