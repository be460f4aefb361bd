-- What identity providers asked (docs/adr/0027). Nothing depends on it, and it outlives the connection. With a rowid, unlike
-- its neighbours: rows are wide, are written in the order of time, and are looked through from the newest on.
CREATE TABLE request_log (
    tenant         BLOB NOT NULL,
    -- Begins with the moment of the answer, so that a span of time is a span of ids.
    id             BLOB NOT NULL CHECK (length(id) = 16),
    connection     BLOB NOT NULL,
    -- NULL: the caller did not prove who he is.
    credential     BLOB,
    at             INTEGER NOT NULL,
    -- Microseconds.
    duration       INTEGER NOT NULL,
    method         TEXT NOT NULL,
    version        TEXT NOT NULL,
    type           TEXT,
    resource       BLOB,
    -- 0: never answered.
    status         INTEGER NOT NULL,
    code           TEXT,
    request        TEXT,
    -- What the row weighs.
    bytes          INTEGER NOT NULL,
    path           TEXT NOT NULL,
    address        TEXT,
    agent          TEXT,
    detail         TEXT,
    -- A JSON object of kinds and counts.
    repairs        TEXT,
    changes        INTEGER NOT NULL,
    -- A JSON list of moments in the change log.
    changed_at     TEXT,
    request_bytes  INTEGER,
    request_note   TEXT,
    response_bytes INTEGER,
    response_note  TEXT,
    -- Last, so that looking for something else does not read them.
    request_body   TEXT,
    response_body  TEXT,
    PRIMARY KEY (tenant, id)
) STRICT;

-- How much of it there is of each day since 1970, so that its size is known without looking at it.
CREATE TABLE request_log_volume (
    tenant  BLOB NOT NULL,
    day     INTEGER NOT NULL,
    entries INTEGER NOT NULL,
    bytes   INTEGER NOT NULL,
    PRIMARY KEY (tenant, day)
) STRICT, WITHOUT ROWID;
