-- What the management plane changes: connections and credentials that can be suspended, credentials that replace others, and
-- tokens of the management API.

-- Counts the changes of a connection's settings, so that two who change them at once notice each other.
ALTER TABLE connection ADD COLUMN revision bigint NOT NULL DEFAULT 1;
-- Since when the connection takes no requests; NULL: it does.
ALTER TABLE connection ADD COLUMN suspended bigint;

ALTER TABLE credential ADD COLUMN suspended bigint;
-- The credential that this one is to replace, while both are good.
ALTER TABLE credential ADD COLUMN replaces uuid;

-- A reference table, because a token may be of no tenant. NULL: of the whole environment.
CREATE TABLE api_token (
    id          uuid   NOT NULL PRIMARY KEY,
    of_tenant   uuid   REFERENCES tenant (id),
    name        text   COLLATE "C" NOT NULL,
    permissions text   COLLATE "C" NOT NULL,
    -- SHA-256 of the token. The token itself is nowhere.
    digest      bytea  NOT NULL UNIQUE CHECK (length(digest) = 32),
    last_four   text   COLLATE "C" NOT NULL,
    created     bigint NOT NULL,
    expires     bigint,
    last_used   bigint
);
