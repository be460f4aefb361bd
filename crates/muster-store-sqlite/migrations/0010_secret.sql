-- Secrets that Muster must be able to read again, sealed (docs/adr/0026). Nothing here is readable without the vault key,
-- which is in no database.

-- What secrets are sealed with, itself wrapped by a vault key. A reference table: it belongs to the installation. The one
-- with the greatest number seals, all of them open.
CREATE TABLE data_key (
    id        BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    number    INTEGER NOT NULL UNIQUE CHECK (number > 0),
    -- The key id of the vault key that wraps it.
    vault_key TEXT NOT NULL,
    wrapped   BLOB NOT NULL,
    created   INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE secret (
    -- 16 zero bytes: of the installation.
    tenant   BLOB NOT NULL,
    id       BLOB NOT NULL CHECK (length(id) = 16),
    -- What it is for, and so what its owner is.
    kind     TEXT NOT NULL,
    owner    BLOB NOT NULL CHECK (length(owner) = 16),
    field    TEXT NOT NULL,
    version  INTEGER NOT NULL CHECK (version > 0),
    data_key BLOB NOT NULL,
    blob     BLOB NOT NULL,
    created  INTEGER NOT NULL,
    changed  INTEGER NOT NULL,
    PRIMARY KEY (tenant, id),
    UNIQUE (tenant, kind, owner, field)
) STRICT, WITHOUT ROWID;
