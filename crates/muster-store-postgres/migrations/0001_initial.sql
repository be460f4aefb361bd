-- The first schema. Its shape can be sharded by tenant: every key and every unique constraint of a tenant table begins with
-- the tenant, there are no foreign keys, triggers, sequences or identities on one. Ids are `uuid`, times are microseconds
-- since 1970, every integer is a bigint, and texts are compared byte by byte, as the SQLite driver compares them.

-- ── Reference tables: looked up across tenants, small, never written by a SCIM request ──

CREATE TABLE tenant (
    id              uuid   NOT NULL PRIMARY KEY,
    name            text   COLLATE "C" NOT NULL UNIQUE,
    created         bigint NOT NULL,
    -- Stands here, so that the look-up of every request sees a change of the tenant's schemas.
    schema_revision bigint NOT NULL DEFAULT 0 CHECK (schema_revision >= 0)
);

CREATE TABLE connection (
    tenant            uuid   NOT NULL REFERENCES tenant (id),
    id                uuid   NOT NULL PRIMARY KEY,
    name              text   COLLATE "C" NOT NULL,
    provider          text   COLLATE "C" NOT NULL,
    created           bigint NOT NULL,
    -- What the connection wants otherwise than its profile says, as a JSON object of knobs; NULL: nothing.
    profile_overrides text   COLLATE "C",
    UNIQUE (tenant, name)
);

CREATE TABLE credential (
    tenant     uuid   NOT NULL REFERENCES tenant (id),
    id         uuid   NOT NULL PRIMARY KEY,
    connection uuid   NOT NULL REFERENCES connection (id),
    -- SHA-256 of the token. The token itself is nowhere.
    digest     bytea  NOT NULL UNIQUE CHECK (length(digest) = 32),
    last_four  text   COLLATE "C" NOT NULL,
    created    bigint NOT NULL,
    expires    bigint
);
CREATE INDEX credential_of_connection ON credential (connection);

-- Random keys that all processes of this installation share, one a purpose (docs/adr/0013).
CREATE TABLE installation_key (
    purpose text  COLLATE "C" NOT NULL PRIMARY KEY,
    value   bytea NOT NULL CHECK (length(value) = 32)
);

-- Who does a piece of background work, and until when. `fence` grows with each new holder, so that one who lost the lease
-- without noticing can be refused.
CREATE TABLE lease (
    name    text   COLLATE "C" NOT NULL PRIMARY KEY,
    owner   uuid   NOT NULL,
    "until" bigint NOT NULL,
    fence   bigint NOT NULL
);

-- ── Tenant tables ──

-- What writers of one tenant wait for one another by: a transaction locks the row of that name until it ends.
CREATE TABLE tenant_lock (
    tenant uuid NOT NULL,
    name   text COLLATE "C" NOT NULL,
    PRIMARY KEY (tenant, name)
);

-- Apart from the credential, because it is written by requests.
CREATE TABLE credential_use (
    tenant     uuid   NOT NULL,
    credential uuid   NOT NULL,
    last_used  bigint NOT NULL,
    PRIMARY KEY (tenant, credential)
) WITH (fillfactor = 70);

-- How often messages of a connection had to be repaired, by kind. Apart from the connection, because requests write it.
CREATE TABLE repair_count (
    tenant     uuid   NOT NULL,
    connection uuid   NOT NULL,
    kind       text   COLLATE "C" NOT NULL,
    count      bigint NOT NULL CHECK (count > 0),
    last_seen  bigint NOT NULL,
    PRIMARY KEY (tenant, connection, kind)
) WITH (fillfactor = 70);

-- The narrow part of a resource: what a version bump, a membership or a condition on a time touches. No index has a
-- column that a version bump changes, and each page keeps some room, so that an update stays in its page and leaves the
-- indexes alone (HOT).
CREATE TABLE resource (
    tenant        uuid   NOT NULL,
    id            uuid   NOT NULL,
    version       bigint NOT NULL CHECK (version > 0),
    created       bigint NOT NULL,
    last_modified bigint NOT NULL,
    -- The connection that brought it. It stays when that connection is deleted; who reads it joins with `connection`,
    -- so that deleting a connection costs the same whatever it brought.
    brought_by    uuid,
    type          text   COLLATE "C" NOT NULL,
    -- What members' lists call it.
    label         text   COLLATE "C",
    PRIMARY KEY (tenant, id)
) WITH (fillfactor = 80);
-- Lists of one type, or of one owner's resources of one type, in order of id, without touching anybody else's rows.
CREATE INDEX resource_by_type ON resource (tenant, type, id);
CREATE INDEX resource_by_owner ON resource (tenant, brought_by, type, id);

-- The wide part, so that a version bump without a new document does not write it again.
CREATE TABLE resource_document (
    tenant   uuid NOT NULL,
    id       uuid NOT NULL,
    document text COLLATE "C" NOT NULL,
    PRIMARY KEY (tenant, id)
) WITH (fillfactor = 80);

-- What totalResults of an unfiltered list sums up. The nil uuid: brought by no connection. A write adds to the slot of its
-- server process, so that writers do not wait for one another; a slot alone may be below zero.
CREATE TABLE resource_count_of_owner (
    tenant     uuid   NOT NULL,
    brought_by uuid   NOT NULL,
    type       text   COLLATE "C" NOT NULL,
    slot       bigint NOT NULL,
    count      bigint NOT NULL,
    PRIMARY KEY (tenant, brought_by, type, slot)
) WITH (fillfactor = 50);

-- The look-up index. Values are folded where the attribute is not caseExact.
CREATE TABLE resource_key (
    tenant       uuid NOT NULL,
    type         text COLLATE "C" NOT NULL,
    attribute    text COLLATE "C" NOT NULL,
    value        text COLLATE "C" NOT NULL,
    id           uuid NOT NULL,
    -- NULL: several resources may have the value. Empty: unique in the tenant. 16 bytes: unique among the resources of
    -- that connection (all zero: of no connection).
    unique_scope bytea,
    PRIMARY KEY (tenant, type, attribute, value, id)
);
CREATE UNIQUE INDEX resource_key_unique ON resource_key (tenant, type, attribute, unique_scope, value)
    WHERE unique_scope IS NOT NULL;
CREATE INDEX resource_key_of_resource ON resource_key (tenant, id);

-- One row a membership. The order of joining is the group's version that the join made, and the place within it.
CREATE TABLE membership (
    tenant         uuid   NOT NULL,
    group_id       uuid   NOT NULL,
    member_id      uuid   NOT NULL,
    joined_version bigint NOT NULL,
    joined_place   bigint NOT NULL,
    PRIMARY KEY (tenant, group_id, member_id)
);
CREATE INDEX membership_of_member ON membership (tenant, member_id, group_id);

-- Members that a client named and nobody knows.
CREATE TABLE pending_member (
    tenant   uuid   NOT NULL,
    group_id uuid   NOT NULL,
    place    bigint NOT NULL,
    value    text   COLLATE "C" NOT NULL,
    PRIMARY KEY (tenant, group_id, place),
    UNIQUE (tenant, group_id, value)
);

-- ── The change log (docs/adr/0002) ──

-- What writers note. It has no number yet: numbers are given to what is visible, so that what is committed late gets a
-- later one, and no writer waits for another.
CREATE TABLE change_pending (
    tenant     uuid    NOT NULL,
    resource   uuid    NOT NULL,
    version    bigint  NOT NULL,
    -- A deletion has the version of the resource's last change, and comes after it.
    is_last    boolean NOT NULL,
    -- When it was noted, by the database's clock, plus the place in its batch.
    noted      bigint  NOT NULL,
    kind       text    COLLATE "C" NOT NULL,
    type       text    COLLATE "C" NOT NULL,
    -- Ids, 16 bytes each, one after another; NULL for none.
    joined     bytea,
    "left"     bytea,
    connection uuid,
    at         bigint  NOT NULL,
    PRIMARY KEY (tenant, resource, version, is_last)
);
CREATE INDEX change_pending_in_order ON change_pending (tenant, noted);

-- The last number given. Its row is the lock of those who give numbers. Apart from the log, so that numbers are never given
-- twice, whatever is removed from the log.
CREATE TABLE change_sequence (
    tenant uuid   NOT NULL PRIMARY KEY,
    last   bigint NOT NULL
);

CREATE TABLE change (
    tenant     uuid   NOT NULL,
    sequence   bigint NOT NULL,
    kind       text   COLLATE "C" NOT NULL,
    type       text   COLLATE "C" NOT NULL,
    resource   uuid   NOT NULL,
    version    bigint NOT NULL,
    joined     bytea,
    "left"     bytea,
    connection uuid,
    at         bigint NOT NULL,
    PRIMARY KEY (tenant, sequence)
);

-- What a tenant adds to the built-in schemas and resource types (docs/adr/0015). Small, and written by people only.
CREATE TABLE schema_entry (
    tenant   uuid   NOT NULL,
    -- schema, resource_type, extension or pack.
    kind     text   COLLATE "C" NOT NULL,
    name     text   COLLATE "C" NOT NULL,
    document text   COLLATE "C" NOT NULL,
    added    bigint NOT NULL,
    PRIMARY KEY (tenant, kind, name)
);

-- The guard against mass deprovisioning (docs/adr/0016): how much a connection took away, in steps of fifteen minutes.
CREATE TABLE guard_window (
    tenant     uuid   NOT NULL,
    connection uuid   NOT NULL,
    -- A resource type; empty for memberships.
    type       text   COLLATE "C" NOT NULL,
    -- The number of the step since 1970.
    step       bigint NOT NULL,
    -- What counts.
    count      bigint NOT NULL CHECK (count >= 0),
    -- What is no longer in the directory; a deactivated person still is.
    removed    bigint NOT NULL CHECK (removed >= 0),
    -- How much the directory was found to hold, with what was removed from it in the window; 0: nobody looked.
    size       bigint NOT NULL CHECK (size >= 0),
    PRIMARY KEY (tenant, connection, type, step)
) WITH (fillfactor = 70);

-- What was asked for and is held. Each member who is to leave a group has a row of his own.
CREATE TABLE held_operation (
    tenant     uuid   NOT NULL,
    resource   uuid   NOT NULL,
    kind       text   COLLATE "C" NOT NULL,
    -- Empty unless a member is to leave; else his id.
    member     bytea  NOT NULL,
    connection uuid   NOT NULL,
    held       uuid   NOT NULL,
    type       text   COLLATE "C" NOT NULL,
    at         bigint NOT NULL,
    request    text   COLLATE "C",
    PRIMARY KEY (tenant, resource, kind, member, connection)
);
CREATE INDEX held_operation_of_connection ON held_operation (tenant, connection, held);

-- A connection wanted a unique value that a resource has which it does not see. One row a connection and resource.
CREATE TABLE conflict (
    tenant     uuid   NOT NULL,
    id         uuid   NOT NULL,
    connection uuid   NOT NULL,
    type       text   COLLATE "C" NOT NULL,
    resource   uuid   NOT NULL,
    -- In SCIM notation, never the value.
    attribute  text   COLLATE "C" NOT NULL,
    first_seen bigint NOT NULL,
    last_seen  bigint NOT NULL,
    count      bigint NOT NULL CHECK (count > 0),
    state      text   COLLATE "C" NOT NULL,
    PRIMARY KEY (tenant, id),
    UNIQUE (tenant, resource, connection)
);
CREATE INDEX conflict_of_connection ON conflict (tenant, connection, state, id);
