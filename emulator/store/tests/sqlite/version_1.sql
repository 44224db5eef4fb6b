-- A file as version 1 left it: two records, a log that retention has cut, and a few outcomes.
PRAGMA application_id = 1213219667;
PRAGMA user_version = 1;
CREATE TABLE records (
    id      INTEGER PRIMARY KEY,
    name    TEXT NOT NULL UNIQUE,
    version INTEGER NOT NULL,
    slot    INTEGER NOT NULL UNIQUE,
    length  INTEGER NOT NULL
) STRICT;
CREATE TABLE slots (
    slot  INTEGER PRIMARY KEY,
    value BLOB NOT NULL
) STRICT;
CREATE TABLE spare_slots (
    slot INTEGER PRIMARY KEY,
    size INTEGER NOT NULL
) STRICT;
CREATE INDEX spare_slots_by_size ON spare_slots (size);
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
CREATE TABLE kinds (
    kind     INTEGER PRIMARY KEY,
    action   TEXT NOT NULL,
    outcome  INTEGER NOT NULL,
    severity INTEGER NOT NULL,
    UNIQUE (action, outcome, severity)
) STRICT;
CREATE TABLE events (
    id     INTEGER PRIMARY KEY,
    kind   INTEGER NOT NULL,
    time   INTEGER NOT NULL,
    digest BLOB,
    line   BLOB NOT NULL
) STRICT;
CREATE TABLE outcomes (
    number  INTEGER PRIMARY KEY,
    first   INTEGER NOT NULL,
    session INTEGER,
    version INTEGER NOT NULL
) STRICT;
INSERT INTO records VALUES (1, 'a', 3, 1, 2), (2, 'b', 2, 3, 1);
INSERT INTO slots VALUES
    (1, X'34310000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000'),
    (2, zeroblob(64)),
    (3, X'37000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000');
INSERT INTO spare_slots VALUES (2, 64);
INSERT INTO kinds VALUES
    (1, 'hs-crypto.tke-cryptounit.reset', 0, 2),
    (2, 'hs-crypto.tke-cryptounit-admin.add', 1, 2);
INSERT INTO logs VALUES (1, X'7F3C2B1A5D4E4F6A9B8C0D1E2F3A4B5C', 2, 1000, NULL, 5, 1030, NULL, 154);
INSERT INTO events VALUES
    (1099511627779, 1, 1010, NULL, CAST('{"action":"hs-crypto.tke-cryptounit.reset","of":3}' AS BLOB)),
    (1099511627780, 2, 1020, NULL, CAST('{"action":"hs-crypto.tke-cryptounit-admin.add","of":4}' AS BLOB)),
    (1099511627781, 1, 1030, NULL, CAST('{"action":"hs-crypto.tke-cryptounit.reset","of":5}' AS BLOB));
INSERT INTO outcomes VALUES (2, 1, 9, 2), (3, 3, 9, 3), (7, 5, 9, 5);
