-- Records: the current value of each. The value is sealed by the program; no secret is readable here.
CREATE SEQUENCE hpcs_versions;
CREATE TABLE hpcs_records (
    name text COLLATE "C" PRIMARY KEY,
    version bigint NOT NULL,
    value bytea NOT NULL
);

-- One row a log: what was cut away, how far it has come, and the bytes of the lines that are there.
CREATE TABLE hpcs_logs (
    instance text COLLATE "C" PRIMARY KEY,
    log bigint NOT NULL UNIQUE GENERATED ALWAYS AS IDENTITY,
    anchor_sequence bigint NOT NULL,
    anchor_time bigint NOT NULL,
    anchor_digest bytea,
    last_sequence bigint NOT NULL,
    last_time bigint NOT NULL,
    last_digest bytea,
    bytes bigint NOT NULL
);

-- Times are milliseconds since 1970. Events belong to a log, not to an instance: a log that is dropped goes at once, and
-- its events go in batches afterwards.
CREATE TABLE hpcs_events (
    log bigint NOT NULL,
    sequence bigint NOT NULL,
    time bigint NOT NULL,
    action text NOT NULL,
    outcome text NOT NULL,
    severity text NOT NULL,
    line bytea NOT NULL,
    digest bytea,
    PRIMARY KEY (log, sequence)
);
CREATE TABLE hpcs_dropped_logs (
    log bigint PRIMARY KEY
);

-- One row a transaction, so that an outcome that got lost can be looked up.
CREATE TABLE hpcs_operations (
    position bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    session bigint NOT NULL,
    number bigint NOT NULL,
    UNIQUE (session, number)
);
