//! A look at everything that is stored, in bounded memory.

use std::pin::pin;

use futures_util::TryStreamExt;
use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, Row};

use super::PostgresStore;
use super::failure::Failure;
use super::rows::{self, LogRow};
use crate::{Anchor, Checked, Codec, Finding, LogState, Unavailable};

impl<K, R> PostgresStore<K, R>
where
    K: Send + Sync + 'static,
    R: Send + Sync + 'static,
{
    /// Reads everything as of one moment: every record decodes, every log is gapless from its anchor to its head, its
    /// times never run back and its digests build on each other. Findings are handed to `report` as they are made.
    ///
    /// It has a connection of its own; others go on working meanwhile.
    ///
    /// # Errors
    /// [`Unavailable`] when the database cannot be read. What is wrong in it is a finding.
    pub async fn check(&self, report: &mut (dyn FnMut(Finding) + Send)) -> Result<Checked, Unavailable> {
        self.check_all(report).await.map_err(|failure| self.shared.refusal(&failure))
    }

    async fn check_all(&self, report: &mut (dyn FnMut(Finding) + Send)) -> Result<Checked, Failure> {
        let (client, connection) = self.address.connect().await?;
        // It ends when the client is gone.
        tokio::spawn(connection);
        client
            .batch_execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL statement_timeout = 0")
            .await?;
        let mut check = Check { client: &client, report, seen: Checked::default() };
        check.records(&*self.codec).await?;
        check.logs().await?;
        check.orphans().await?;
        Ok(check.seen)
    }
}

struct Check<'a> {
    client: &'a Client,
    report: &'a mut (dyn FnMut(Finding) + Send),
    seen: Checked,
}

impl Check<'_> {
    fn found(&mut self, finding: Finding) {
        self.seen.findings += 1;
        (self.report)(finding);
    }

    async fn records<K, R>(&mut self, codec: &dyn Codec<K, R>) -> Result<(), Failure> {
        let newest: i64 = self.client.query_one(NEWEST_VERSION, &[]).await?.try_get(0)?;
        let rows = self.client.query_raw::<_, &(dyn ToSql + Sync), _>(RECORDS, []).await?;
        let mut rows = pin!(rows);
        while let Some(row) = rows.try_next().await? {
            self.seen.records += 1;
            let (name, version, value): (String, i64, &[u8]) = (row.try_get(0)?, row.try_get(1)?, row.try_get(2)?);
            let decoded = codec.decode(&name, value);
            if !(1..=newest).contains(&version) {
                let what = format!("version {version} was never given out");
                self.found(Finding::Record { name: name.clone(), what });
            }
            if let Err(error) = decoded {
                self.found(Finding::Record { name, what: error.to_string() });
            }
        }
        Ok(())
    }

    async fn logs(&mut self) -> Result<(), Failure> {
        for row in self.client.query(LOGS, &[]).await? {
            self.seen.logs += 1;
            match LogRow::read(&row) {
                Ok(log) => self.log(&log).await?,
                Err(failure) => self.found(Finding::Log { instance: None, what: failure.text().to_owned() }),
            }
        }
        Ok(())
    }

    /// Follows one log from its anchor to its end.
    async fn log(&mut self, log: &LogRow) -> Result<(), Failure> {
        let end = log.state;
        let mut state = LogState::after(end.anchor);
        let rows = self.client.query_raw(EVENTS, [&log.log as &(dyn ToSql + Sync)]).await?;
        let mut rows = pin!(rows);
        while let Some(row) = rows.try_next().await? {
            self.seen.events += 1;
            self.event(&mut state, log, &row);
        }
        let what = if state.last != end.last {
            let (found, said) = (state.last.sequence, end.last.sequence);
            match found == said {
                true => format!("its head has another time or digest than event {found}, the last one"),
                false => format!("it ends with event {found}, its head says {said}"),
            }
        } else if state.bytes != end.bytes {
            format!("its lines have {} bytes, its head says {}", state.bytes, end.bytes)
        } else {
            return Ok(());
        };
        self.found(Finding::Log { instance: Some(log.instance), what });
        Ok(())
    }

    fn event(&mut self, state: &mut LogState, log: &LogRow, row: &Row) {
        let instance = log.instance;
        let event = match rows::event(instance, row) {
            Ok(event) => event,
            Err(failure) => {
                return self.found(Finding::Log { instance: Some(instance), what: failure.text().to_owned() });
            }
        };
        self.seen.chained += u64::from(event.digest.is_some());
        if let Err(broken) = state.follow(&event) {
            self.found(Finding::Event { instance, broken });
            // Each fault is told once: what follows is held against what is there.
            state.last = Anchor { sequence: event.sequence, time: event.time, digest: event.digest };
            state.bytes += event.line.len() as u64;
        }
    }

    /// Events whose log is neither there nor being deleted.
    async fn orphans(&mut self) -> Result<(), Failure> {
        for row in self.client.query(ORPHANS, &[]).await? {
            self.found(Finding::Orphans { number: row.try_get(0)? });
        }
        Ok(())
    }
}

/// Sequences are not part of a snapshot: this is at least as new as everything that is seen.
const NEWEST_VERSION: &str = "SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM hpcs_versions";

const RECORDS: &str = "SELECT name, version, value FROM hpcs_records ORDER BY name";

const LOGS: &str = "SELECT instance, log, anchor_sequence, anchor_time, anchor_digest, last_sequence, last_time,
                           last_digest, bytes
                    FROM hpcs_logs ORDER BY instance";

const EVENTS: &str = "SELECT sequence, time, action, outcome, severity, line, digest FROM hpcs_events
                      WHERE log = $1 ORDER BY sequence";

/// The numbers of missing logs, found by going from each to the next along the index.
const ORPHANS: &str = "WITH RECURSIVE found (log) AS (
                           (SELECT log FROM hpcs_events ORDER BY log LIMIT 1)
                           UNION ALL
                           SELECT (SELECT log FROM hpcs_events AS next WHERE next.log > found.log ORDER BY log LIMIT 1)
                           FROM found WHERE found.log IS NOT NULL
                       )
                       SELECT log FROM found WHERE log IS NOT NULL
                       EXCEPT SELECT log FROM hpcs_logs EXCEPT SELECT log FROM hpcs_dropped_logs
                       ORDER BY log";
