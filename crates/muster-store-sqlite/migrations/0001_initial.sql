-- The first schema. Every table begins with the tenant and every key of a tenant table begins with it, so that the same
-- shape can be sharded by tenant on PostgreSQL. Ids are 16-byte UUIDs, times are microseconds since 1970.

-- ── Reference tables: looked up across tenants, small, never written by a SCIM request ──

CREATE TABLE tenant (
    id      BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    name    TEXT NOT NULL UNIQUE,
    created INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE connection (
    tenant   BLOB NOT NULL REFERENCES tenant (id),
    id       BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    name     TEXT NOT NULL,
    provider TEXT NOT NULL,
    created  INTEGER NOT NULL,
    UNIQUE (tenant, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE credential (
    tenant     BLOB NOT NULL REFERENCES tenant (id),
    id         BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    connection BLOB NOT NULL REFERENCES connection (id),
    -- SHA-256 of the token. The token itself is nowhere.
    digest     BLOB NOT NULL UNIQUE CHECK (length(digest) = 32),
    last_four  TEXT NOT NULL,
    created    INTEGER NOT NULL,
    expires    INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX credential_of_connection ON credential (connection);

-- ── Tenant tables ──
-- From here on there are no foreign keys between rows that one driver function writes together: each would cost a
-- look-up per row, and `muster doctor` checks the same facts.

-- Apart from the credential, because it is written by requests.
CREATE TABLE credential_use (
    tenant     BLOB NOT NULL,
    credential BLOB NOT NULL,
    last_used  INTEGER NOT NULL,
    PRIMARY KEY (tenant, credential)
) STRICT, WITHOUT ROWID;

-- The narrow part of a resource: what a version bump, a membership or a condition on a time touches. WITHOUT ROWID, so
-- that reading by id is one descent, and about 100 bytes a row, so that a page holds some forty of them.
CREATE TABLE resource (
    tenant          BLOB NOT NULL,
    id              BLOB NOT NULL CHECK (length(id) = 16),
    type            TEXT NOT NULL,
    version         INTEGER NOT NULL CHECK (version > 0),
    created         INTEGER NOT NULL,
    last_modified   INTEGER NOT NULL,
    document_number INTEGER NOT NULL,
    -- The connection that brought it. It stays when that connection is deleted; who reads it joins with `connection`,
    -- so that deleting a connection costs the same whatever it brought.
    brought_by      BLOB,
    -- What members' lists call it.
    label           TEXT,
    PRIMARY KEY (tenant, id)
) STRICT, WITHOUT ROWID;
-- Lists of one type in order of id, without touching the rows of another type.
CREATE INDEX resource_by_type ON resource (tenant, type, id);

-- The wide part. A rowid table: rows of 1 KB and more make a WITHOUT ROWID tree deep and slow, and the number (kept in
-- `resource`) spares an index on the id.
CREATE TABLE resource_document (
    tenant   BLOB NOT NULL,
    number   INTEGER PRIMARY KEY,
    document TEXT NOT NULL
) STRICT;

-- What totalResults of an unfiltered list reads.
CREATE TABLE resource_count (
    tenant BLOB NOT NULL REFERENCES tenant (id),
    type   TEXT NOT NULL,
    count  INTEGER NOT NULL CHECK (count >= 0),
    PRIMARY KEY (tenant, type)
) STRICT, WITHOUT ROWID;

-- The look-up index. Values are folded where the attribute is not caseExact.
CREATE TABLE resource_key (
    tenant       BLOB NOT NULL,
    type         TEXT NOT NULL,
    attribute    TEXT NOT NULL,
    value        TEXT NOT NULL,
    id           BLOB NOT NULL,
    -- NULL: several resources may have the value. Empty: unique in the tenant. 16 bytes: unique among the resources of
    -- that connection (all zero: of no connection).
    unique_scope BLOB,
    PRIMARY KEY (tenant, type, attribute, value, id)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX resource_key_unique ON resource_key (tenant, type, attribute, unique_scope, value)
    WHERE unique_scope IS NOT NULL;
-- Has all columns, so that SQLite does not think the primary key's prefix (the whole tenant) cheaper.
CREATE INDEX resource_key_of_resource ON resource_key (tenant, id, unique_scope);

-- One row a membership. The order of joining is the group's version that the join made, and the place within it: no
-- counter and no third index is needed for it.
CREATE TABLE membership (
    tenant         BLOB NOT NULL,
    group_id       BLOB NOT NULL,
    member_id      BLOB NOT NULL,
    joined_version INTEGER NOT NULL,
    joined_place   INTEGER NOT NULL,
    PRIMARY KEY (tenant, group_id, member_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX membership_of_member ON membership (tenant, member_id, group_id);

-- Members that a client named and nobody knows.
CREATE TABLE pending_member (
    tenant   BLOB NOT NULL,
    group_id BLOB NOT NULL,
    place    INTEGER NOT NULL,
    value    TEXT NOT NULL,
    PRIMARY KEY (tenant, group_id, place),
    UNIQUE (tenant, group_id, value)
) STRICT, WITHOUT ROWID;

-- The last number given to an entry of the tenant's change log (docs/adr/0002). Kept apart from the log, so that
-- numbers are never given twice, whatever is removed from the log.
CREATE TABLE change_sequence (
    tenant BLOB NOT NULL PRIMARY KEY,
    last   INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE change (
    tenant     BLOB NOT NULL,
    sequence   INTEGER NOT NULL,
    kind       TEXT NOT NULL,
    type       TEXT NOT NULL,
    resource   BLOB NOT NULL,
    version    INTEGER NOT NULL,
    -- Ids, 16 bytes each, one after another; NULL for none.
    joined     BLOB,
    "left"     BLOB,
    connection BLOB,
    at         INTEGER NOT NULL,
    PRIMARY KEY (tenant, sequence)
) STRICT, WITHOUT ROWID;
