//! What every call needs, whichever protocol it came by: its sender, room for its message, and that it is carried out to
//! its end.

use std::borrow::Cow;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use futures_util::FutureExt;
use hpcs_engine::{Answer, Engine};
use hpcs_service::{AuthFault, Authentication, Operation, Origin, Refusal, Who};
use http::{HeaderMap, HeaderName, header};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::around::Around;
use super::at_once::at_once;
use super::budget::{Budget, Held};

/// The way of all calls into the engine.
pub(crate) struct Calls {
    pub(crate) engine: Engine,
    around: Arc<Around>,
    /// How long a message may take to arrive.
    pub(crate) patience: Duration,
    /// Cancelled when the emulator ends; streams of events then finish.
    pub(crate) closing: CancellationToken,
    /// Bytes of messages of callers with a valid token.
    known: Budget,
    /// Bytes of all other messages: strangers cannot use up the room of those who are known.
    strangers: Budget,
    /// Calls in progress; a client that left is not waited for, its call is.
    tasks: TaskTracker,
}

impl Calls {
    pub(crate) fn new(engine: Engine, around: Around, patience: Duration, closing: CancellationToken) -> Self {
        let (known, strangers) = (Budget::new(KNOWN_BYTES), Budget::new(STRANGER_BYTES));
        Calls { engine, around: Arc::new(around), patience, closing, known, strangers, tasks: TaskTracker::new() }
    }

    /// The sender of a request, by its headers.
    pub(crate) fn who(&self, headers: &HeaderMap, origin: Origin) -> Who {
        let authentication = self.engine.authenticate(text(headers, header::AUTHORIZATION).as_deref());
        let agent = text(headers, header::USER_AGENT).map(|agent| cut(agent.into_owned(), LONGEST_AGENT));
        Who { authentication, origin: Origin { agent, correlation: correlation(headers), ..origin } }
    }

    /// The sender of a cryptographic call. Local clients send neither a token nor anything else (section 2.1 of the GREP11
    /// API).
    pub(crate) fn crypto_caller(&self, headers: &HeaderMap, origin: Origin) -> Who {
        let who = self.who(headers, origin);
        let without_token = matches!(who.authentication, Authentication::Rejected { why: AuthFault::Missing, .. });
        if !without_token || !who.origin.plaintext {
            return who;
        }
        match self.engine.local_client() {
            Some(authentication) => Who { authentication, ..who },
            None => who,
        }
    }

    /// The share of the budget that this caller's messages come out of, empty so far.
    pub(crate) fn held(&self, who: &Who) -> Held {
        match who.authentication {
            Authentication::Known(_) => self.known.held(),
            Authentication::Rejected { .. } => self.strangers.held(),
        }
    }

    /// Carries the operation out to its end, which outlives the client's interest. It holds the operation's message, and so
    /// the message's share of the budget.
    pub(crate) fn execute(
        &self,
        operation: Operation,
        who: Who,
        held: Held,
    ) -> impl Future<Output = Result<Answer, Refusal>> + Send {
        let (engine, around) = (self.engine.clone(), self.around.clone());
        let call = async move {
            let (operation, afterwards) = around.before(operation, &engine).await;
            let answer = engine.answer(who, operation).await;
            drop(held);
            if answer.is_ok() {
                around.after(afterwards, &engine).await;
            }
            answer
        };
        self.carry_out(call)
    }

    /// Does the work to its end, whether anybody waits for it or not.
    ///
    /// It begins at once, and what never has to wait needs no task: so it is with most cryptographic calls where the store
    /// is memory. A task takes over what waits, before the caller could leave.
    ///
    /// # Errors
    /// Those of the work; [`Refusal::Internal`] when it panics.
    pub(crate) fn carry_out<T, F>(&self, work: F) -> impl Future<Output = Result<T, Refusal>> + Send + use<'_, T, F>
    where
        T: Send + 'static,
        F: Future<Output = Result<T, Refusal>> + Send + 'static,
    {
        // On the heap before anybody waits for it: requests would be as large as the largest work otherwise.
        let mut work = Box::pin(AssertUnwindSafe(work).catch_unwind());
        async move {
            let in_progress = self.tasks.token();
            let done = match at_once(work.as_mut()).await {
                Poll::Ready(done) => done,
                Poll::Pending => {
                    let rest = self.tasks.spawn(work);
                    drop(in_progress);
                    rest.await.unwrap_or(Ok(Err(Refusal::Internal)))
                }
            };
            done.unwrap_or(Err(Refusal::Internal))
        }
    }

    /// Waits for calls whose clients have left.
    pub(crate) async fn finish(&self) {
        self.tasks.close();
        self.tasks.wait().await;
    }
}

/// The correlation id that the client chose, unless it is empty or too long to be one.
fn correlation(headers: &HeaderMap) -> Option<String> {
    let found = CORRELATION_HEADERS.iter().find_map(|name| headers.get(name))?.to_str().ok()?;
    (1..=LONGEST_CORRELATION).contains(&found.len()).then(|| found.to_owned())
}

/// A header as text; what is not UTF-8 is shown as such.
fn text(headers: &HeaderMap, name: header::HeaderName) -> Option<Cow<'_, str>> {
    let bytes = headers.get(name)?.as_bytes();
    // Whether it is text at all is found out much faster than where it is not.
    Some(std::str::from_utf8(bytes).map_or_else(|_| String::from_utf8_lossy(bytes), Cow::Borrowed))
}

/// The text up to the last character that ends within this many bytes.
fn cut(mut text: String, bytes: usize) -> String {
    if text.len() > bytes {
        let end = (0..=bytes).rev().find(|end| text.is_char_boundary(*end)).unwrap_or(0);
        text.truncate(end);
    }
    text
}

/// Largest message that is taken, bytes.
pub(crate) const MAX_MESSAGE: usize = 4 * 1024 * 1024;

/// Bytes of messages in memory at once, of callers with a valid token.
const KNOWN_BYTES: usize = 256 * 1024 * 1024;

/// Bytes of messages in memory at once, of all other callers.
const STRANGER_BYTES: usize = 32 * 1024 * 1024;

/// Bytes of a `user-agent` that events show: the caller chooses the text, and every event keeps it.
const LONGEST_AGENT: usize = 512;

/// Where clients put a correlation id; the first one counts.
const CORRELATION_HEADERS: [HeaderName; 2] =
    [HeaderName::from_static("x-correlation-id"), HeaderName::from_static("correlation-id")];

/// Characters of a correlation id.
const LONGEST_CORRELATION: usize = 128;

#[cfg(test)]
mod tests {
    use tokio::sync::oneshot;

    use super::*;
    use crate::{Config, Emulator, Log, World};

    async fn calls() -> Calls {
        let config = Config { listen: "127.0.0.1:0".parse().unwrap(), ..Config::default() };
        let emulator = Emulator::start(config, World::reproducible(1), Log::silent()).await.unwrap();
        let patience = Duration::from_secs(1);
        Calls::new(emulator.engine().clone(), Around::default(), patience, CancellationToken::new())
    }

    #[tokio::test]
    async fn what_need_not_wait_is_done_at_once() {
        assert_eq!(calls().await.carry_out(async { Ok(7) }).now_or_never(), Some(Ok(7)));
    }

    #[tokio::test]
    async fn what_waits_goes_on_when_its_caller_has_left() {
        let calls = calls().await;
        let (start, started) = oneshot::channel();
        let (done, ended) = oneshot::channel();
        let work = async move {
            let began = started.await.map_err(|_| Refusal::Internal);
            done.send(began.clone()).map_err(|_| Refusal::Internal)?;
            began
        };
        assert!(calls.carry_out(work).now_or_never().is_none());
        start.send(7).unwrap();
        assert_eq!(ended.await.unwrap(), Ok(7));
        calls.finish().await;
    }

    async fn failing() -> Result<(), Refusal> {
        panic!("this work fails")
    }

    #[tokio::test]
    async fn a_panic_is_an_internal_fault_now_and_later() {
        let calls = calls().await;
        assert_eq!(calls.carry_out(failing()).await, Err(Refusal::Internal));
        let later = async {
            tokio::task::yield_now().await;
            failing().await
        };
        assert_eq!(calls.carry_out(later).await, Err(Refusal::Internal));
    }

    #[test]
    fn a_text_is_cut_before_the_character_that_does_not_fit() {
        assert_eq!(cut("tonic/0.14".to_owned(), 512), "tonic/0.14");
        assert_eq!(cut("abc".to_owned(), 3), "abc");
        assert_eq!(cut("ab\u{e9}".to_owned(), 3), "ab");
        assert_eq!(cut("\u{1f511}".repeat(1000), 513).len(), 512);
    }
}
