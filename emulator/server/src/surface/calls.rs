//! What every call needs, whichever protocol it came by: its sender, room for its message, and a task that carries it out.

use std::sync::Arc;
use std::time::Duration;

use hpcs_engine::{Answer, Engine};
use hpcs_service::{AuthFault, Authentication, Operation, Origin, Refusal, Who};
use http::{HeaderMap, header};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::around::Around;
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
        let agent = text(headers, header::USER_AGENT).map(|agent| cut(agent, LONGEST_AGENT));
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

    /// Carries the operation out in a task that outlives the client's interest. It holds the operation's message, and so
    /// the message's share of the budget.
    pub(crate) async fn execute(&self, operation: Operation, who: Who, held: Held) -> Result<Answer, Refusal> {
        let (engine, around) = (self.engine.clone(), self.around.clone());
        let call = async move {
            let (operation, afterwards) = around.before(operation, &engine).await;
            let answer = engine.execute(who, operation).await;
            drop(held);
            if answer.is_ok() {
                around.after(afterwards, &engine).await;
            }
            answer
        };
        self.carry_out(call).await
    }

    /// Does the work to its end, whether anybody waits for it or not.
    pub(crate) async fn carry_out<T, F>(&self, work: F) -> Result<T, Refusal>
    where
        T: Send + 'static,
        F: Future<Output = Result<T, Refusal>> + Send + 'static,
    {
        self.tasks.spawn(work).await.unwrap_or(Err(Refusal::Internal))
    }

    /// Waits for calls whose clients have left.
    pub(crate) async fn finish(&self) {
        self.tasks.close();
        self.tasks.wait().await;
    }
}

/// The correlation id that the client chose, unless it is empty or too long to be one.
fn correlation(headers: &HeaderMap) -> Option<String> {
    let found = CORRELATION_HEADERS.iter().find_map(|name| headers.get(*name))?.to_str().ok()?;
    (1..=LONGEST_CORRELATION).contains(&found.len()).then(|| found.to_owned())
}

/// A header as text; what is not UTF-8 is shown as such.
fn text(headers: &HeaderMap, name: header::HeaderName) -> Option<String> {
    headers.get(name).map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned())
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
const CORRELATION_HEADERS: [&str; 2] = ["x-correlation-id", "correlation-id"];

/// Characters of a correlation id.
const LONGEST_CORRELATION: usize = 128;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_cut_before_the_character_that_does_not_fit() {
        assert_eq!(cut("tonic/0.14".to_owned(), 512), "tonic/0.14");
        assert_eq!(cut("abc".to_owned(), 3), "abc");
        assert_eq!(cut("ab\u{e9}".to_owned(), 3), "ab");
        assert_eq!(cut("\u{1f511}".repeat(1000), 513).len(), 512);
    }
}
