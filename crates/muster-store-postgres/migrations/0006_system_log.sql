-- Who did what (docs/adr/0033). Entries are written with what they tell of and never changed.
CREATE TABLE system_log (
    -- Begins with the moment, so that a span of time is a span of ids.
    id           uuid   NOT NULL PRIMARY KEY,
    at           bigint NOT NULL,
    -- NULL: of the installation as a whole. No reference: the log outlives what it tells of.
    of_tenant    uuid,
    actor        text   COLLATE "C" NOT NULL,
    action       text   COLLATE "C" NOT NULL,
    -- The id of what it was done to.
    target       text   COLLATE "C" NOT NULL,
    -- What differs, as JSON objects.
    state_before text   COLLATE "C",
    state_after  text   COLLATE "C"
);
CREATE INDEX system_log_of_tenant ON system_log (of_tenant, id);
