//! A connection that comes back.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Notify, watch};
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep, timeout_at};

use super::address::Address;
use super::failure::Failure;
use super::session::{OnNotification, Session};

/// Keeps one session open. When it is lost, or given up with [`Session::retire`], the next one is opened, with growing
/// pauses between attempts that fail.
pub(super) struct Link {
    state: watch::Receiver<State>,
    closing: Arc<Notify>,
    keeper: JoinHandle<()>,
}

/// What a link is for.
pub(super) struct Purpose {
    pub(super) address: Arc<Address>,
    pub(super) deadline: Duration,
    /// Whether the link listens, and who hears it.
    pub(super) listens: Option<OnNotification>,
    /// Called whenever a session was opened, before anyone gets it.
    pub(super) opened: Box<dyn Fn(&Session) + Send + Sync>,
}

#[derive(Clone)]
enum State {
    Down(String),
    Up(Arc<Session>),
    Closed,
}

impl Link {
    /// Starts to connect.
    pub(super) fn start(purpose: Purpose) -> Self {
        let (publish, state) = watch::channel(State::Down("not connected yet".to_owned()));
        let closing = Arc::new(Notify::new());
        let closed = closing.clone();
        let keeper = tokio::spawn(async move {
            tokio::select! {
                () = closed.notified() => {}
                () = keep(purpose, &publish) => {}
            }
            publish.send_replace(State::Closed);
        });
        Link { state, closing, keeper }
    }

    /// Lets go of the session. Nobody gets one afterwards.
    pub(super) async fn close(&self) {
        self.closing.notify_one();
        // An error means that the keeper is gone, and its session with it.
        let _ = self.state.clone().wait_for(|state| matches!(state, State::Closed)).await;
    }

    /// The session, as soon as there is one.
    ///
    /// # Errors
    /// [`Failure::Lost`] with the reason why there is none: at the deadline, or at once when the link is closed.
    pub(super) async fn session(&self, deadline: Instant) -> Result<Arc<Session>, Failure> {
        let mut state = self.state.clone();
        let settled = state.wait_for(|state| match state {
            State::Down(_) => false,
            State::Up(session) => !session.is_over(),
            State::Closed => true,
        });
        if let Ok(Ok(state)) = timeout_at(deadline, settled).await
            && let State::Up(session) = &*state
        {
            return Ok(session.clone());
        }
        Err(Failure::Lost(match &*self.state.borrow() {
            State::Down(cause) => cause.clone(),
            State::Up(_) => "the connection was lost".to_owned(),
            State::Closed => CLOSED.to_owned(),
        }))
    }
}

/// The last session closes its connection when nobody uses it any more.
impl Drop for Link {
    fn drop(&mut self) {
        self.keeper.abort();
    }
}

async fn keep(purpose: Purpose, publish: &watch::Sender<State>) {
    let mut pause = SHORTEST_PAUSE;
    loop {
        let opened = Session::open(&purpose.address, purpose.deadline, purpose.listens.clone()).await;
        let cause = match opened {
            Ok(session) => {
                pause = SHORTEST_PAUSE;
                let session = Arc::new(session);
                (purpose.opened)(&session);
                publish.send_replace(State::Up(session.clone()));
                session.ended().await
            }
            Err(failure) => {
                pause = LONGEST_PAUSE.min(pause * 2);
                failure.text().to_owned()
            }
        };
        publish.send_replace(State::Down(cause));
        sleep(pause).await;
    }
}

/// What is said of a store that was closed.
pub(super) const CLOSED: &str = "the store is closed";

/// Between the loss of a connection and the first attempt at the next.
const SHORTEST_PAUSE: Duration = Duration::from_millis(5);

/// Between attempts at a server that does not answer. Shorter than a caller waits.
const LONGEST_PAUSE: Duration = Duration::from_millis(300);
