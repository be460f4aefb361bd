-- Events out (docs/adr/0028), and the addresses that they are sent to (docs/adr/0029).

-- What an entry says beside its ids, as a JSON object: names of attributes that differ, whether access was taken or given
-- back, and the id of the request. NULL: nothing, as in entries of former releases.
ALTER TABLE change ADD COLUMN notes TEXT;

CREATE TABLE webhook_endpoint (
    tenant         BLOB NOT NULL,
    id             BLOB NOT NULL CHECK (length(id) = 16),
    url            TEXT NOT NULL,
    -- Names of event types as a JSON array; empty: all.
    event_types    TEXT NOT NULL,
    -- thin or full.
    payload        TEXT NOT NULL,
    -- active, or why it is disabled.
    state          TEXT NOT NULL,
    disabled_since INTEGER,
    created        INTEGER NOT NULL,
    -- Deliveries were made of the change log up to this entry.
    scheduled      INTEGER NOT NULL,
    -- How the receiver has answered since it last accepted a message.
    failures       INTEGER NOT NULL,
    failing_since  INTEGER,
    rests_until    INTEGER,
    PRIMARY KEY (tenant, id)
) STRICT, WITHOUT ROWID;

-- The keys that messages are signed with.
CREATE TABLE webhook_key (
    tenant   BLOB NOT NULL,
    endpoint BLOB NOT NULL,
    version  INTEGER NOT NULL CHECK (version > 0),
    -- The name of the endpoint's secret (table secret) that is the key.
    secret   BLOB NOT NULL CHECK (length(secret) = 16),
    created  INTEGER NOT NULL,
    retires  INTEGER,
    PRIMARY KEY (tenant, endpoint, version)
) STRICT, WITHOUT ROWID;

-- One event on its way to one endpoint. A rowid table, because its rows are wide.
CREATE TABLE webhook_delivery (
    tenant     BLOB NOT NULL,
    endpoint   BLOB NOT NULL,
    id         BLOB NOT NULL CHECK (length(id) = 16),
    event      BLOB NOT NULL CHECK (length(event) = 16),
    event_type TEXT NOT NULL,
    -- The event as JSON, without the resource.
    body       TEXT NOT NULL,
    -- The entry of the change log, 0 for none, and the event's place in it.
    sequence   INTEGER NOT NULL,
    place      INTEGER NOT NULL,
    resource   BLOB NOT NULL,
    at         INTEGER NOT NULL,
    state      TEXT NOT NULL,
    attempts   INTEGER NOT NULL,
    -- Of the attempts those that count for the schedule.
    tries      INTEGER NOT NULL,
    -- NULL while an earlier delivery of the same resource is pending, and when this one is not.
    due        INTEGER,
    ended      INTEGER,
    PRIMARY KEY (tenant, endpoint, id)
) STRICT;
CREATE INDEX webhook_delivery_due ON webhook_delivery (tenant, endpoint, due) WHERE due IS NOT NULL;
CREATE INDEX webhook_delivery_in_order ON webhook_delivery (tenant, endpoint, resource, sequence, place)
    WHERE state = 'pending';
CREATE INDEX webhook_delivery_ended ON webhook_delivery (tenant, ended) WHERE ended IS NOT NULL;

CREATE TABLE webhook_attempt (
    tenant       BLOB NOT NULL,
    endpoint     BLOB NOT NULL,
    delivery     BLOB NOT NULL,
    number       INTEGER NOT NULL CHECK (number > 0),
    at           INTEGER NOT NULL,
    milliseconds INTEGER NOT NULL,
    status       INTEGER,
    failure      TEXT,
    answer       TEXT,
    PRIMARY KEY (tenant, endpoint, delivery, number)
) STRICT, WITHOUT ROWID;
