-- Events out (docs/adr/0028), and the addresses that they are sent to (docs/adr/0029).

-- What an entry says beside its ids, as a JSON object: names of attributes that differ, whether access was taken or given
-- back, and the id of the request. NULL: nothing, as in entries of former releases.
ALTER TABLE change_pending ADD COLUMN notes text COLLATE "C";
ALTER TABLE change ADD COLUMN notes text COLLATE "C";

CREATE TABLE webhook_endpoint (
    tenant         uuid NOT NULL,
    id             uuid NOT NULL,
    url            text COLLATE "C" NOT NULL,
    -- Names of event types as a JSON array; empty: all.
    event_types    text COLLATE "C" NOT NULL,
    -- thin or full.
    payload        text COLLATE "C" NOT NULL,
    -- active, or why it is disabled.
    state          text COLLATE "C" NOT NULL,
    disabled_since bigint,
    created        bigint NOT NULL,
    -- Deliveries were made of the change log up to this entry.
    scheduled      bigint NOT NULL,
    -- How the receiver has answered since it last accepted a message.
    failures       bigint NOT NULL,
    failing_since  bigint,
    rests_until    bigint,
    PRIMARY KEY (tenant, id)
);

-- The keys that messages are signed with.
CREATE TABLE webhook_key (
    tenant   uuid NOT NULL,
    endpoint uuid NOT NULL,
    version  bigint NOT NULL CHECK (version > 0),
    -- The name of the endpoint's secret (table secret) that is the key.
    secret   uuid NOT NULL,
    created  bigint NOT NULL,
    retires  bigint,
    PRIMARY KEY (tenant, endpoint, version)
);

-- One event on its way to one endpoint.
CREATE TABLE webhook_delivery (
    tenant     uuid NOT NULL,
    endpoint   uuid NOT NULL,
    id         uuid NOT NULL,
    event      uuid NOT NULL,
    event_type text COLLATE "C" NOT NULL,
    -- The event as JSON, without the resource.
    body       text COLLATE "C" NOT NULL,
    -- The entry of the change log, 0 for none, and the event's place in it.
    sequence   bigint NOT NULL,
    place      bigint NOT NULL,
    resource   uuid NOT NULL,
    at         bigint NOT NULL,
    state      text COLLATE "C" NOT NULL,
    attempts   bigint NOT NULL,
    -- Of the attempts those that count for the schedule.
    tries      bigint NOT NULL,
    -- NULL while an earlier delivery of the same resource is pending, and when this one is not.
    due        bigint,
    ended      bigint,
    PRIMARY KEY (tenant, endpoint, id)
);
CREATE INDEX webhook_delivery_due ON webhook_delivery (tenant, endpoint, due) WHERE due IS NOT NULL;
CREATE INDEX webhook_delivery_in_order ON webhook_delivery (tenant, endpoint, resource, sequence, place)
    WHERE state = 'pending';
CREATE INDEX webhook_delivery_ended ON webhook_delivery (tenant, ended) WHERE ended IS NOT NULL;

CREATE TABLE webhook_attempt (
    tenant       uuid NOT NULL,
    endpoint     uuid NOT NULL,
    delivery     uuid NOT NULL,
    number       bigint NOT NULL CHECK (number > 0),
    at           bigint NOT NULL,
    milliseconds bigint NOT NULL,
    status       bigint,
    failure      text COLLATE "C",
    answer       text COLLATE "C",
    PRIMARY KEY (tenant, endpoint, delivery, number)
);
