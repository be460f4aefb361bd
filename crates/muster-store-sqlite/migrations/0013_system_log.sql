-- Who did what (docs/adr/0033). Entries are written with what they tell of and never changed.
CREATE TABLE system_log (
    -- Begins with the moment, so that a span of time is a span of ids.
    id           BLOB    NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    at           INTEGER NOT NULL,
    -- NULL: of the installation as a whole. No reference: the log outlives what it tells of.
    of_tenant    BLOB CHECK (length(of_tenant) = 16),
    actor        TEXT    NOT NULL,
    action       TEXT    NOT NULL,
    -- The id of what it was done to.
    target       TEXT    NOT NULL,
    -- What differs, as JSON objects.
    state_before TEXT,
    state_after  TEXT
) STRICT, WITHOUT ROWID;
CREATE INDEX system_log_of_tenant ON system_log (of_tenant, id);
