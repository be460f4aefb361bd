-- The guard against mass deprovisioning (docs/adr/0016).

-- How much a connection took away, in steps of fifteen minutes. Rows leave when their time is over.
CREATE TABLE guard_window (
    tenant     BLOB NOT NULL,
    connection BLOB NOT NULL,
    -- A resource type; empty for memberships.
    type       TEXT NOT NULL,
    -- The number of the step since 1970.
    step       INTEGER NOT NULL,
    -- What counts.
    count      INTEGER NOT NULL CHECK (count >= 0),
    -- What is no longer in the directory; a deactivated person still is.
    removed    INTEGER NOT NULL CHECK (removed >= 0),
    -- How much the directory was found to hold, with what was removed from it in the window; 0: nobody looked.
    size       INTEGER NOT NULL CHECK (size >= 0),
    PRIMARY KEY (tenant, connection, type, step)
) STRICT, WITHOUT ROWID;

-- What was asked for and is held. Each member who is to leave a group has a row of his own, so that asking twice makes no
-- second one and each can be taken back. Rows of one request for one resource share `held`.
CREATE TABLE held_operation (
    tenant     BLOB NOT NULL,
    resource   BLOB NOT NULL,
    kind       TEXT NOT NULL,
    -- Empty unless a member is to leave.
    member     BLOB NOT NULL,
    connection BLOB NOT NULL,
    held       BLOB NOT NULL CHECK (length(held) = 16),
    type       TEXT NOT NULL,
    at         INTEGER NOT NULL,
    request    TEXT,
    PRIMARY KEY (tenant, resource, kind, member, connection)
) STRICT, WITHOUT ROWID;
CREATE INDEX held_operation_of_connection ON held_operation (tenant, connection, held);
