-- What the management plane changes: connections and credentials that can be suspended, credentials that replace others, and
-- tokens of the management API.

-- Counts the changes of a connection's settings, so that two who change them at once notice each other.
ALTER TABLE connection ADD COLUMN revision INTEGER NOT NULL DEFAULT 1;
-- Since when the connection takes no requests; NULL: it does.
ALTER TABLE connection ADD COLUMN suspended INTEGER;

ALTER TABLE credential ADD COLUMN suspended INTEGER;
-- The credential that this one is to replace, while both are good.
ALTER TABLE credential ADD COLUMN replaces BLOB;

-- A reference table, because a token may be of no tenant. NULL: of the whole environment.
CREATE TABLE api_token (
    id          BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    of_tenant   BLOB REFERENCES tenant (id),
    name        TEXT NOT NULL,
    permissions TEXT NOT NULL,
    -- SHA-256 of the token. The token itself is nowhere.
    digest      BLOB NOT NULL UNIQUE CHECK (length(digest) = 32),
    last_four   TEXT NOT NULL,
    created     INTEGER NOT NULL,
    expires     INTEGER,
    last_used   INTEGER
) STRICT, WITHOUT ROWID;
