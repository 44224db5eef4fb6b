//! How events look to a reader over HTTP.

use bytes::{BufMut, Bytes, BytesMut};
use hpcs_service::Refusal;
use hpcs_store::StoredEvent;
use http::{HeaderMap, header};
use tonic::Status;

use super::reply::{self, NDJSON};
use crate::surface::event_source::Batch;
use crate::surface::event_stream::EventFormat;
use crate::surface::stream::{Pieces, ReaderGone};

/// The form of an event and what stands around it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Format {
    pub(super) form: Form,
    pub(super) framing: Framing,
}

/// What is written of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// Its line, byte for byte as it was committed.
    Event,
    /// `{"instance", "sequence", "resume", "event": <the line>}`.
    Envelope,
}

/// How events follow each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Framing {
    /// One line each: newline-delimited JSON.
    Lines,
    /// Server-sent events: `id` is the resume token.
    ServerSent,
}

impl Framing {
    /// As the `accept` header wishes.
    pub(super) fn of(headers: &HeaderMap) -> Self {
        let accepted = headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok());
        let mut kinds = accepted.flat_map(|value| value.split(',')).filter_map(|kind| kind.split(';').next());
        if kinds.any(|kind| kind.trim().eq_ignore_ascii_case(EVENT_STREAM)) {
            Framing::ServerSent
        } else {
            Framing::Lines
        }
    }

    pub(super) fn content_type(self) -> &'static str {
        match self {
            Framing::Lines => NDJSON,
            Framing::ServerSent => EVENT_STREAM,
        }
    }
}

impl std::str::FromStr for Form {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, &'static str> {
        match text {
            "event" => Ok(Form::Event),
            "envelope" => Ok(Form::Envelope),
            _ => Err("a form is event or envelope"),
        }
    }
}

impl EventFormat for Format {
    fn batch(&self, batch: &Batch) -> Bytes {
        let mut bytes = BytesMut::new();
        match self {
            Format { form: Form::Event, framing: Framing::Lines } => {
                for event in &batch.events {
                    bytes.put_slice(&event.line);
                    bytes.put_u8(b'\n');
                }
            }
            Format { form, framing } => {
                for (event, resume) in batch.with_tokens() {
                    framing.put(&mut bytes, &resume, |bytes| form.put(bytes, event, &resume));
                }
            }
        }
        bytes.freeze()
    }

    fn heartbeat(&self) -> Option<Bytes> {
        match self.framing {
            Framing::Lines => None,
            Framing::ServerSent => Some(Bytes::from_static(b":\n\n")),
        }
    }

    /// Lines have no place for an error: they break off. Server-sent events have one.
    async fn end(&self, end: Result<(), Refusal>, pieces: &Pieces) -> Result<(), ReaderGone> {
        match (end, self.framing) {
            (Ok(()), _) => Ok(()),
            (Err(refusal), Framing::Lines) => pieces.broken(Status::unavailable(refusal.to_string())).await,
            (Err(refusal), Framing::ServerSent) => {
                let mut bytes = BytesMut::from(&b"event: error\ndata: "[..]);
                bytes.put_slice(&reply::refusal_text(&refusal));
                bytes.put_slice(b"\n\n");
                pieces.data(bytes.freeze()).await
            }
        }
    }
}

impl Framing {
    fn put(self, bytes: &mut BytesMut, resume: &str, content: impl FnOnce(&mut BytesMut)) {
        match self {
            Framing::Lines => {
                content(bytes);
                bytes.put_u8(b'\n');
            }
            Framing::ServerSent => {
                bytes.put_slice(b"id: ");
                bytes.put_slice(resume.as_bytes());
                bytes.put_slice(b"\nevent: audit\ndata: ");
                content(bytes);
                bytes.put_slice(b"\n\n");
            }
        }
    }
}

impl Form {
    fn put(self, bytes: &mut BytesMut, event: &StoredEvent, resume: &str) {
        let StoredEvent { instance, sequence, line, .. } = event;
        match self {
            Form::Event => bytes.put_slice(line),
            Form::Envelope => {
                let head = format!(r#"{{"instance":"{instance}","sequence":{sequence},"resume":"{resume}","event":"#);
                bytes.put_slice(head.as_bytes());
                bytes.put_slice(line);
                bytes.put_u8(b'}');
            }
        }
    }
}

const EVENT_STREAM: &str = "text/event-stream";

#[cfg(test)]
mod tests {
    use http::HeaderValue;
    use http_body_util::BodyExt;

    use super::*;
    use crate::surface::stream::streamed;

    fn framing(accept: &[&'static str]) -> Framing {
        let mut headers = HeaderMap::new();
        for value in accept {
            headers.append(header::ACCEPT, HeaderValue::from_static(value));
        }
        Framing::of(&headers)
    }

    async fn end_of(framing: Framing, end: Result<(), Refusal>) -> Result<Bytes, Status> {
        let format = Format { form: Form::Event, framing };
        let body = streamed(move |pieces| async move { format.end(end, &pieces).await });
        body.collect().await.map(http_body_util::Collected::to_bytes)
    }

    #[test]
    fn server_sent_events_are_for_those_who_accept_them() {
        for accept in
            [&["text/event-stream"][..], &["text/html, Text/Event-Stream;q=0.5"], &["*/*", "text/event-stream"]]
        {
            assert_eq!(framing(accept), Framing::ServerSent, "{accept:?}");
        }
        for accept in [&[][..], &["*/*"], &["application/x-ndjson"], &["text/event-streams"]] {
            assert_eq!(framing(accept), Framing::Lines, "{accept:?}");
        }
    }

    #[tokio::test]
    async fn a_stream_that_fails_says_so_or_breaks_off() {
        for framing in [Framing::Lines, Framing::ServerSent] {
            assert_eq!(end_of(framing, Ok(())).await.unwrap(), "");
        }
        assert!(end_of(Framing::Lines, Err(Refusal::Busy)).await.is_err());
        let told = end_of(Framing::ServerSent, Err(Refusal::Busy)).await.unwrap();
        let told = std::str::from_utf8(&told).unwrap();
        assert!(told.starts_with("event: error\ndata: {\"error\":{\"status\":409,"), "{told}");
        assert!(told.ends_with("}}\n\n"), "{told}");
    }
}
