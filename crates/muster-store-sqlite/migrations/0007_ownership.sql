-- A connection sees what it brought (docs/adr/0017): its lists, its counts, and the conflicts with what it does not see.

-- Lists of one owner's resources of one type in order of id, without touching anybody else's rows.
CREATE INDEX resource_by_owner ON resource (tenant, brought_by, type, id);

-- What totalResults of a connection's unfiltered list reads. 16 zero bytes: brought by no connection. Kept by triggers,
-- so that it stays right also while a process of the former release writes beside this one.
CREATE TABLE resource_count_of_owner (
    tenant     BLOB NOT NULL,
    brought_by BLOB NOT NULL CHECK (length(brought_by) = 16),
    type       TEXT NOT NULL,
    count      INTEGER NOT NULL CHECK (count >= 0),
    PRIMARY KEY (tenant, brought_by, type)
) STRICT, WITHOUT ROWID;
INSERT INTO resource_count_of_owner (tenant, brought_by, type, count)
SELECT tenant, coalesce(brought_by, zeroblob(16)), type, count(*) FROM resource GROUP BY 1, 2, 3;

CREATE TRIGGER resource_counted_in AFTER INSERT ON resource BEGIN
    INSERT INTO resource_count_of_owner (tenant, brought_by, type, count)
    VALUES (NEW.tenant, coalesce(NEW.brought_by, zeroblob(16)), NEW.type, 1)
    ON CONFLICT (tenant, brought_by, type) DO UPDATE SET count = count + 1;
END;
CREATE TRIGGER resource_counted_out AFTER DELETE ON resource BEGIN
    UPDATE resource_count_of_owner SET count = count - 1
    WHERE tenant = OLD.tenant AND brought_by = coalesce(OLD.brought_by, zeroblob(16)) AND type = OLD.type;
END;
CREATE TRIGGER resource_counted_over AFTER UPDATE OF brought_by ON resource BEGIN
    UPDATE resource_count_of_owner SET count = count - 1
    WHERE tenant = OLD.tenant AND brought_by = coalesce(OLD.brought_by, zeroblob(16)) AND type = OLD.type;
    INSERT INTO resource_count_of_owner (tenant, brought_by, type, count)
    VALUES (NEW.tenant, coalesce(NEW.brought_by, zeroblob(16)), NEW.type, 1)
    ON CONFLICT (tenant, brought_by, type) DO UPDATE SET count = count + 1;
END;

-- A connection wanted a unique value that a resource has which it does not see. One row a connection and resource.
CREATE TABLE conflict (
    tenant     BLOB NOT NULL,
    id         BLOB NOT NULL CHECK (length(id) = 16),
    connection BLOB NOT NULL,
    type       TEXT NOT NULL,
    resource   BLOB NOT NULL,
    -- In SCIM notation, never the value.
    attribute  TEXT NOT NULL,
    first_seen INTEGER NOT NULL,
    last_seen  INTEGER NOT NULL,
    count      INTEGER NOT NULL CHECK (count > 0),
    state      TEXT NOT NULL,
    PRIMARY KEY (tenant, id),
    UNIQUE (tenant, resource, connection)
) STRICT, WITHOUT ROWID;
CREATE INDEX conflict_of_connection ON conflict (tenant, connection, state, id);
