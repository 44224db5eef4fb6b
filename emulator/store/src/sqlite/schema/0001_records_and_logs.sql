CREATE TABLE records (
    id      INTEGER PRIMARY KEY,
    name    TEXT NOT NULL UNIQUE,
    version INTEGER NOT NULL,
    slot    INTEGER NOT NULL UNIQUE,
    length  INTEGER NOT NULL
) STRICT;

-- Values, filled up with zeros to one of some sizes. A row is never removed and never changes its size: SQLite then
-- writes it in place, and what was there is gone. Rows that could move would leave copies behind.
CREATE TABLE slots (
    slot  INTEGER PRIMARY KEY,
    value BLOB NOT NULL
) STRICT;

-- Slots that no record uses, all zeros.
CREATE TABLE spare_slots (
    slot INTEGER PRIMARY KEY,
    size INTEGER NOT NULL
) STRICT;
CREATE INDEX spare_slots_by_size ON spare_slots (size);

-- The head of each log. A dropped log has no instance any more; it stays until its events are gone.
CREATE TABLE logs (
    number          INTEGER PRIMARY KEY,
    instance        BLOB UNIQUE,
    anchor_sequence INTEGER NOT NULL,
    anchor_time     INTEGER NOT NULL,
    anchor_digest   BLOB,
    last_sequence   INTEGER NOT NULL,
    last_time       INTEGER NOT NULL,
    last_digest     BLOB,
    bytes           INTEGER NOT NULL
) STRICT;

-- What readers filter by. There are few, and none is ever removed.
CREATE TABLE kinds (
    kind     INTEGER PRIMARY KEY,
    action   TEXT NOT NULL,
    outcome  INTEGER NOT NULL,
    severity INTEGER NOT NULL,
    UNIQUE (action, outcome, severity)
) STRICT;

-- The id is the number of the log times 2 to the 40, plus the sequence: each log lies together and in order.
CREATE TABLE events (
    id     INTEGER PRIMARY KEY,
    kind   INTEGER NOT NULL,
    time   INTEGER NOT NULL,
    digest BLOB,
    line   BLOB NOT NULL
) STRICT;

-- The operations from `first` to `number` were committed, and the highest version of a record then was `version`.
-- Without a session it is forgotten whether they were.
CREATE TABLE outcomes (
    number  INTEGER PRIMARY KEY,
    first   INTEGER NOT NULL,
    session INTEGER,
    version INTEGER NOT NULL
) STRICT;
