//! Every statement that the store uses, prepared once a connection.

use tokio_postgres::{Client, Error, Statement};

macro_rules! statements {
    ($($(#[$doc:meta])* $name:ident: $text:literal;)*) => {
        /// The prepared statements of a connection.
        pub(super) struct Statements {
            $($(#[$doc])* pub(super) $name: Statement,)*
        }

        impl Statements {
            /// Prepares all of them in one round trip.
            pub(super) async fn prepare(client: &Client) -> Result<Self, Error> {
                let ($($name,)*) = tokio::try_join!($(client.prepare($text),)*)?;
                Ok(Statements { $($name,)* })
            }
        }
    };
}

statements! {
    /// For this transaction: how long it waits for a lock.
    patience: "SELECT set_config('lock_timeout', $1, true)";
    /// Keys and whether exclusively, in the one order.
    lock: "SELECT CASE WHEN exclusive THEN pg_advisory_xact_lock(key) ELSE pg_advisory_xact_lock_shared(key) END
           FROM unnest($1::bigint[], $2::boolean[]) AS wanted (key, exclusive)";
    versions: "SELECT name, version FROM hpcs_records WHERE name = ANY ($1)";
    logs: "SELECT instance, log, anchor_sequence, anchor_time, anchor_digest, last_sequence, last_time, last_digest, bytes
           FROM hpcs_logs WHERE instance = ANY ($1)";
    /// The oldest events of a log after a sequence.
    oldest: "SELECT sequence, time, digest, octet_length(line)::bigint FROM hpcs_events
             WHERE log = $1 AND sequence > $2 ORDER BY sequence LIMIT $3";
    cut: "DELETE FROM hpcs_events WHERE log = $1 AND sequence <= $2";
    put_records: "INSERT INTO hpcs_records (name, version, value)
                  SELECT name, nextval('hpcs_versions'), value FROM unnest($1::text[], $2::bytea[]) AS new (name, value)
                  ON CONFLICT (name) DO UPDATE SET version = excluded.version, value = excluded.value
                  RETURNING name, version";
    delete_records: "DELETE FROM hpcs_records WHERE name = ANY ($1)";
    drop_logs: "WITH dropped AS (DELETE FROM hpcs_logs WHERE instance = ANY ($1) RETURNING log)
                INSERT INTO hpcs_dropped_logs (log) SELECT log FROM dropped";
    put_logs: "INSERT INTO hpcs_logs (instance, anchor_sequence, anchor_time, anchor_digest,
                                      last_sequence, last_time, last_digest, bytes)
               SELECT * FROM unnest($1::text[], $2::bigint[], $3::bigint[], $4::bytea[],
                                    $5::bigint[], $6::bigint[], $7::bytea[], $8::bigint[])
               ON CONFLICT (instance) DO UPDATE SET
                   anchor_sequence = excluded.anchor_sequence, anchor_time = excluded.anchor_time,
                   anchor_digest = excluded.anchor_digest, last_sequence = excluded.last_sequence,
                   last_time = excluded.last_time, last_digest = excluded.last_digest, bytes = excluded.bytes";
    /// After `put_logs`, which makes the logs of new instances.
    put_events: "INSERT INTO hpcs_events (log, sequence, time, action, outcome, severity, line, digest)
                 SELECT log, sequence, time, action, outcome, severity, line, digest
                 FROM unnest($1::text[], $2::bigint[], $3::bigint[], $4::text[], $5::text[], $6::text[],
                             $7::bytea[], $8::bytea[])
                      AS new (instance, sequence, time, action, outcome, severity, line, digest)
                 JOIN hpcs_logs USING (instance)";
    last_number: "SELECT coalesce(max(number), 0) FROM hpcs_operations WHERE session = $1";
    /// The row of the opening itself, before any of its transactions.
    put_session: "INSERT INTO hpcs_operations (session, number) VALUES ($1, 0) ON CONFLICT DO NOTHING";
    put_operation: "INSERT INTO hpcs_operations (session, number) VALUES ($1, $2)";
    /// The newest row of each session stays: what is missing behind it was not pruned.
    prune_operations: "DELETE FROM hpcs_operations AS old
                       WHERE position <= (SELECT max(position) FROM hpcs_operations) - $1::bigint
                         AND EXISTS (SELECT 1 FROM hpcs_operations AS newer
                                     WHERE newer.session = old.session AND newer.number > old.number)";
    notify: "SELECT pg_notify(channel, payload) FROM unnest($1::text[], $2::text[]) AS new (channel, payload)";
    /// Some events of logs that were dropped.
    sweep_events: "DELETE FROM hpcs_events USING (
                       SELECT log, sequence FROM hpcs_events
                       WHERE log = (SELECT log FROM hpcs_dropped_logs ORDER BY log LIMIT 1)
                       LIMIT $1 FOR UPDATE SKIP LOCKED
                   ) AS old
                   WHERE hpcs_events.log = old.log AND hpcs_events.sequence = old.sequence";
    /// Dropped logs of which no event is left.
    sweep_logs: "DELETE FROM hpcs_dropped_logs AS dropped
                 WHERE NOT EXISTS (SELECT 1 FROM hpcs_events WHERE hpcs_events.log = dropped.log)";
    is_unswept: "SELECT EXISTS (SELECT 1 FROM hpcs_dropped_logs)";
    /// Names with the versions that are known; values come only where they are others.
    load: "SELECT name, version, CASE WHEN version = known THEN NULL ELSE value END
           FROM unnest($1::text[], $2::bigint[]) AS wanted (name, known) JOIN hpcs_records USING (name)";
    time_of: "SELECT time FROM hpcs_events WHERE log = $1 AND sequence = $2";
    forward: "SELECT sequence, time, action, outcome, severity, line, digest FROM hpcs_events
              WHERE log = $1 AND sequence >= $2 AND sequence < $3
                AND ($4::text[] IS NULL OR action = ANY ($4)) AND ($5::text[] IS NULL OR outcome = ANY ($5))
                AND ($6::text[] IS NULL OR severity = ANY ($6)) AND time >= $7 AND time < $8
              ORDER BY sequence LIMIT $9";
    backward: "SELECT sequence, time, action, outcome, severity, line, digest FROM hpcs_events
               WHERE log = $1 AND sequence >= $2 AND sequence < $3
                 AND ($4::text[] IS NULL OR action = ANY ($4)) AND ($5::text[] IS NULL OR outcome = ANY ($5))
                 AND ($6::text[] IS NULL OR severity = ANY ($6)) AND time >= $7 AND time < $8
               ORDER BY sequence DESC LIMIT $9";
    is_under_way: "SELECT NOT pg_try_advisory_xact_lock_shared($1)";
    /// Whether the operation's row is there, and whether one that is missing was never there: rows of a session are pruned
    /// in their order, and none at all before there are more than the limit.
    has_operation: "SELECT EXISTS (SELECT 1 FROM hpcs_operations WHERE session = $1 AND number = $2),
                           EXISTS (SELECT 1 FROM hpcs_operations WHERE session = $1 AND number < $2)
                           OR (SELECT coalesce(max(position), 0) FROM hpcs_operations) <= $3::bigint";
}
