//! HTTP: what the cloud serves, the control interface and event logs under `/_emulator/`, and `/healthz`.
//!
//! ```text
//! path, method -> row of the registry -> caller -> body (limits), parameters -> Operation -> engine -> answer or stream
//! ```
//!
//! The same operations as over gRPC, through the same engine, with the same refusals and events. Errors come from the one
//! table of refusals, in the form of the [`Interface`] that the path belongs to; the emulator's own is
//! `{"error": {"status", "code", "message"}}`. `HEAD` is `GET` without content.

mod body;
mod ca;
mod clock;
mod events;
mod format;
mod health;
mod iam;
mod instances;
mod interface;
mod operations;
mod public;
mod query;
mod registry;
mod reply;
mod route;
mod tke;
mod transfer;

use std::fmt::Display;
use std::sync::Arc;

use bytes::Bytes;
use hpcs_engine::Answer;
use hpcs_service::{Authentication, Origin, Refusal, Who};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Response, header, request};
use http_body::Body;
use http_body_util::Full;
use tokio::time::Instant;

use crate::reach::Authority;
use crate::surface::broken::{Broken, HEAD};
use crate::surface::budget::Held;
use crate::surface::calls::{Calls, MAX_MESSAGE};
use crate::surface::event_source::{self, EventSource, Waited};
use crate::surface::event_stream::{self, EventFormat};
use crate::surface::importing;
use crate::surface::timings::Timings;
use body::Incoming;
use format::Format;
use interface::Interface;
use query::Query;
use registry::{Content, Input, Row, Strangers, Then};
use reply::{Fault, JSON, NDJSON};
use route::{Places, Route};

pub(crate) use ca::PATH as CA_PATH;

/// Serves the rows of the registry.
pub(crate) struct HttpSurface {
    calls: Arc<Calls>,
    /// Whom clients have to trust for TLS, where that is served.
    authority: Option<Arc<Authority>>,
    timings: Timings,
}

impl HttpSurface {
    pub(crate) fn new(calls: Arc<Calls>, authority: Option<Arc<Authority>>) -> Self {
        HttpSurface { calls, authority, timings: Timings::default() }
    }

    /// Answers a request.
    pub(crate) async fn call<B>(&self, request: Request<B>, origin: Origin) -> Response<tonic::body::Body>
    where
        B: Body<Data = Bytes> + Send + Unpin + 'static,
        B::Error: Display + Send,
    {
        let (parts, body) = request.into_parts();
        let answered = self.answer(&parts, body, origin).await;
        let response = answered.unwrap_or_else(|fault| Interface::of(parts.uri.path()).fault(&fault, &parts.headers));
        if parts.method == Method::HEAD { without_content(response) } else { response }
    }

    async fn answer<B>(
        &self,
        parts: &request::Parts,
        body: B,
        origin: Origin,
    ) -> Result<Response<tonic::body::Body>, Fault>
    where
        B: Body<Data = Bytes> + Send + Unpin + 'static,
        B::Error: Display + Send,
    {
        let path = parts.uri.path();
        if let Some(answer) = public::answer(self, &parts.method, path).await {
            return answer;
        }
        let (row, places) = match route::find(&parts.method, path) {
            Route::Found(row, places) => (row, places),
            Route::OtherMethods(allowed) => return Err(Fault::NoSuchMethod(allowed)),
            Route::Nowhere => return Err(Fault::NoSuchPath),
        };
        let began = Instant::now();
        let answered = self.serve(row, places, parts, body, origin).await;
        self.timings.add(row.method.as_str(), row.path, began.elapsed());
        answered
    }

    /// Answers a request that has a row.
    async fn serve<B>(
        &self,
        row: &'static Row,
        places: Places,
        parts: &request::Parts,
        body: B,
        origin: Origin,
    ) -> Result<Response<tonic::body::Body>, Fault>
    where
        B: Body<Data = Bytes> + Send + Unpin + 'static,
        B::Error: Display + Send,
    {
        let who = self.calls.who(&parts.headers, origin);
        let (mut held, rest) = (self.calls.held(&who), self.calls.held(&who));
        let mut body = Incoming::new(body);
        let mut input = Input {
            places,
            query: Query::default(),
            uri_query: parts.uri.query().map(str::to_owned),
            headers: parts.headers.clone(),
            body: Bytes::new(),
        };
        let read = self.read(row, &mut input, &who, &mut body, &mut held).await;
        let (operation, then) = match read.and_then(|()| Ok((row.decode)(&input)?)) {
            Ok(decoded) => decoded,
            // Nobody has to be known to hear what is wrong.
            Err(Fault::Refused(refusal)) if row.strangers != Strangers::Welcome => {
                ((row.unreadable)(&input, refusal), Then::Answer)
            }
            Err(fault) => return Err(fault),
        };
        let answer = self.calls.execute(operation, who, held).await?;
        match then {
            Then::Answer => Ok((row.encode)(answer)?),
            Then::Import(passphrase) => {
                let Answer::Granted(account) = answer else { return Err(Refusal::Internal.into()) };
                let file = transfer::file(body, self.calls.patience, rest);
                let imported = importing::import(&self.calls, file, passphrase, account).await?;
                Ok((row.encode)(Answer::Instance(imported))?)
            }
            Then::Read(_, format) | Then::Wait(_, format) if parts.method == Method::HEAD => {
                Ok(reply::of_type(format.framing.content_type(), tonic::body::Body::empty()))
            }
            then => self.send(then, answer).await.map_err(Fault::Refused),
        }
    }

    /// What is sent once an operation is allowed.
    async fn send(&self, then: Then, answer: Answer) -> Result<Response<tonic::body::Body>, Refusal> {
        match (then, answer) {
            (Then::Read(reading, format), Answer::EventsOf(scope)) => {
                let source = EventSource::open(&self.calls, scope, reading).await?;
                Ok(reply::of_type(format.framing.content_type(), event_stream::body(source, format)))
            }
            (Then::Wait(waiting, format), Answer::EventsOf(scope)) => {
                Ok(waited(&event_source::wait(&self.calls, scope, waiting).await?, format))
            }
            (Then::Export(instance, secrets), Answer::Granted(account)) => {
                let export = self.calls.engine.export(instance, Some(&account), secrets).await?;
                Ok(reply::of_type(NDJSON, transfer::exported(export)))
            }
            _ => Err(Refusal::Internal),
        }
    }

    /// Takes the request apart. Of a sender that nobody knows no more is read than the row needs: what is refused anyway
    /// needs no content.
    async fn read<B>(
        &self,
        row: &'static Row,
        input: &mut Input,
        who: &Who,
        body: &mut Incoming<B>,
        held: &mut Held,
    ) -> Result<(), Fault>
    where
        B: Body<Data = Bytes> + Unpin,
        B::Error: Display,
    {
        let limit = match (&who.authentication, row.strangers) {
            (Authentication::Known(_), _) => MAX_MESSAGE,
            (Authentication::Rejected { .. }, Strangers::Noted | Strangers::Welcome) => HEAD,
            (Authentication::Rejected { why, .. }, Strangers::Unheard) => {
                return Err(Refusal::Unauthenticated(*why).into());
            }
        };
        match row.content {
            Content::None | Content::Bytes => {}
            Content::Json => check_content_type(&input.headers, JSON)?,
            Content::Lines => check_content_type(&input.headers, NDJSON)?,
        }
        if matches!(row.content, Content::Json | Content::Bytes) {
            match body.whole(limit, self.calls.patience, held).await {
                Ok(whole) => input.body = whole,
                Err(Broken { head, refusal }) => {
                    input.body = head;
                    return Err(refusal.into());
                }
            }
        }
        if let Some(known) = row.query {
            input.query = Query::parse(input.uri_query.as_deref(), known)?;
        }
        Ok(())
    }
}

/// What is said to be something else is not looked at; what is said to be nothing is taken for what it should be.
fn check_content_type(headers: &HeaderMap, expected: &'static str) -> Result<(), Fault> {
    let Some(value) = headers.get(header::CONTENT_TYPE) else { return Ok(()) };
    let essence = value.to_str().unwrap_or_default().split(';').next().unwrap_or_default().trim();
    if essence.eq_ignore_ascii_case(expected) { Ok(()) } else { Err(Fault::WrongContentType(expected)) }
}

fn waited(waited: &Waited, format: Format) -> Response<tonic::body::Body> {
    let content = Full::new(format.batch(&waited.batch));
    let mut response = reply::of_type(format.framing.content_type(), tonic::body::Body::new(content));
    let complete = HeaderValue::from_static(if waited.complete { "true" } else { "false" });
    response.headers_mut().insert(COMPLETE, complete);
    response
}

/// The head of a response, as it would be with its content.
fn without_content(response: Response<tonic::body::Body>) -> Response<tonic::body::Body> {
    let (mut parts, body) = response.into_parts();
    if let Some(length) = body.size_hint().exact().filter(|length| *length > 0) {
        parts.headers.insert(header::CONTENT_LENGTH, HeaderValue::from(length));
    }
    Response::from_parts(parts, tonic::body::Body::empty())
}

/// Whether as many events came as were waited for.
const COMPLETE: HeaderName = HeaderName::from_static("hpcs-complete");
