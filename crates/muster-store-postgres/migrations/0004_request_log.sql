-- What identity providers asked (docs/adr/0027). Nothing depends on it, and it outlives the connection.
CREATE TABLE request_log (
    tenant         uuid   NOT NULL,
    -- Begins with the moment of the answer, so that a span of time is a span of ids.
    id             uuid   NOT NULL,
    connection     uuid   NOT NULL,
    -- NULL: the caller did not prove who he is.
    credential     uuid,
    at             bigint NOT NULL,
    -- Microseconds.
    duration       bigint NOT NULL,
    method         text   COLLATE "C" NOT NULL,
    version        text   COLLATE "C" NOT NULL,
    type           text   COLLATE "C",
    resource       uuid,
    -- 0: never answered.
    status         bigint NOT NULL,
    code           text   COLLATE "C",
    request        text   COLLATE "C",
    -- What the row weighs.
    bytes          bigint NOT NULL,
    path           text   COLLATE "C" NOT NULL,
    address        text   COLLATE "C",
    agent          text   COLLATE "C",
    detail         text   COLLATE "C",
    -- A JSON object of kinds and counts.
    repairs        text   COLLATE "C",
    changes        bigint NOT NULL,
    -- A JSON list of moments in the change log.
    changed_at     text   COLLATE "C",
    request_bytes  bigint,
    request_note   text   COLLATE "C",
    response_bytes bigint,
    response_note  text   COLLATE "C",
    request_body   text   COLLATE "C",
    response_body  text   COLLATE "C",
    PRIMARY KEY (tenant, id)
);

-- How much of it there is of each day since 1970, so that its size is known without looking at it.
CREATE TABLE request_log_volume (
    tenant  uuid   NOT NULL,
    day     bigint NOT NULL,
    entries bigint NOT NULL,
    bytes   bigint NOT NULL,
    PRIMARY KEY (tenant, day)
) WITH (fillfactor = 50);
