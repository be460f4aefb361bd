-- Secrets that Muster must be able to read again, sealed (docs/adr/0026). Nothing here is readable without the vault key,
-- which is in no database.

-- What secrets are sealed with, itself wrapped by a vault key. A reference table: it belongs to the installation. The one
-- with the greatest number seals, all of them open.
CREATE TABLE data_key (
    id        uuid   NOT NULL PRIMARY KEY,
    number    bigint NOT NULL UNIQUE CHECK (number > 0),
    -- The key id of the vault key that wraps it.
    vault_key text   COLLATE "C" NOT NULL,
    wrapped   bytea  NOT NULL,
    created   bigint NOT NULL
);

CREATE TABLE secret (
    -- The nil uuid: of the installation.
    tenant   uuid   NOT NULL,
    id       uuid   NOT NULL,
    -- What it is for, and so what its owner is.
    kind     text   COLLATE "C" NOT NULL,
    owner    uuid   NOT NULL,
    field    text   COLLATE "C" NOT NULL,
    version  bigint NOT NULL CHECK (version > 0),
    data_key uuid   NOT NULL,
    blob     bytea  NOT NULL,
    created  bigint NOT NULL,
    changed  bigint NOT NULL,
    PRIMARY KEY (tenant, id),
    UNIQUE (tenant, kind, owner, field)
);
