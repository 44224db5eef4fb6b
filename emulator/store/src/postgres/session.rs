//! One connection, set up for the work.

use std::future::poll_fn;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::AbortHandle;
use tokio::time::timeout;
use tokio_postgres::tls::NoTlsStream;
use tokio_postgres::{AsyncMessage, Client, Connection, Notification, Socket};

use super::address::Address;
use super::failure::Failure;
use super::statements::Statements;

/// Called with every notification that comes in over a connection.
pub(super) type OnNotification = Arc<dyn Fn(Notification) + Send + Sync>;

/// A connection and its prepared statements.
pub(super) struct Session {
    pub(super) client: Client,
    pub(super) statements: Statements,
    /// The server process at the other end; notifications name it.
    pub(super) process: i32,
    driver: AbortHandle,
    /// Why the connection is not used any more.
    ended: watch::Sender<Option<String>>,
}

impl Session {
    /// Connects, sets limits to everything that could wait, and prepares all statements.
    pub(super) async fn open(
        address: &Address,
        deadline: Duration,
        listens: Option<OnNotification>,
    ) -> Result<Self, Failure> {
        let (client, connection) = address.connect().await?;
        // It takes a few round trips.
        let ready = timeout(deadline * 2, Session::set_up(client, connection, deadline, listens)).await;
        ready.unwrap_or_else(|_| Err(Failure::late()))
    }

    async fn set_up(
        client: Client,
        connection: Connection<Socket, NoTlsStream>,
        deadline: Duration,
        listens: Option<OnNotification>,
    ) -> Result<Self, Failure> {
        let ended = watch::Sender::new(None);
        let listening = listens.is_some();
        let driver = tokio::spawn(drive(connection, listens, ended.clone())).abort_handle();
        // Aborts the driver when anything below fails.
        let mut session = Unready(Some(driver));
        client.batch_execute(&limits(deadline)).await?;
        let statements = Statements::prepare(&client).await?;
        let process = client.query_one("SELECT pg_backend_pid()", &[]).await?.try_get(0)?;
        if listening {
            client.batch_execute("LISTEN hpcs_events; LISTEN hpcs_records").await?;
        }
        let driver = session.0.take().ok_or_else(Failure::late)?;
        Ok(Session { client, statements, process, driver, ended })
    }

    /// Gives the connection up: nobody gets it any more. What is under way on it goes on to its end.
    pub(super) fn retire(&self, cause: &Failure) {
        self.ended.send_if_modified(|ended| {
            let first = ended.is_none();
            ended.get_or_insert_with(|| cause.text().to_owned());
            first
        });
    }

    /// Waits until the connection is lost or given up, and tells why.
    pub(super) async fn ended(&self) -> String {
        let mut ended = self.ended.subscribe();
        match ended.wait_for(Option::is_some).await {
            Ok(cause) => cause.clone().unwrap_or_default(),
            Err(_) => String::new(),
        }
    }

    /// Whether the connection is lost or given up.
    pub(super) fn is_over(&self) -> bool {
        self.ended.borrow().is_some() || self.client.is_closed()
    }
}

/// A connection that is given up may have a peer that does not answer; it is not waited for.
impl Drop for Session {
    fn drop(&mut self) {
        if self.is_over() {
            self.driver.abort();
        }
    }
}

struct Unready(Option<AbortHandle>);

impl Drop for Unready {
    fn drop(&mut self) {
        if let Some(driver) = self.0.take() {
            driver.abort();
        }
    }
}

/// Moves bytes until the connection ends.
async fn drive(
    mut connection: Connection<Socket, NoTlsStream>,
    listens: Option<OnNotification>,
    ended: watch::Sender<Option<String>>,
) {
    let cause = loop {
        match poll_fn(|context| connection.poll_message(context)).await {
            Some(Ok(AsyncMessage::Notification(notification))) => {
                if let Some(listens) = &listens {
                    listens(notification);
                }
            }
            Some(Ok(_)) => {}
            Some(Err(error)) => break Failure::from(error).text().to_owned(),
            None => break "the connection was closed".to_owned(),
        }
    };
    ended.send_modify(|ended| {
        ended.get_or_insert(cause);
    });
}

/// Limits on the server's side. What a client that vanished has locked must come free by itself.
fn limits(deadline: Duration) -> String {
    let deadline = deadline.as_millis().max(1);
    let idle = deadline * 4;
    let silent = deadline.div_ceil(1000);
    format!(
        "SELECT set_config('synchronous_commit', 'on', false)
         WHERE current_setting('synchronous_commit') NOT IN ('on', 'remote_apply');
         SET statement_timeout = {deadline};
         SET lock_timeout = {deadline};
         SET idle_in_transaction_session_timeout = {idle};
         SET tcp_keepalives_idle = {silent};
         SET tcp_keepalives_interval = {silent};
         SET tcp_keepalives_count = 3;
         SET tcp_user_timeout = {idle};
         SET client_min_messages = warning;"
    )
}
