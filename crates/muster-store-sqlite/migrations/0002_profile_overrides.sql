-- What a connection wants otherwise than its profile says, as a JSON object of knobs; NULL: nothing.
ALTER TABLE connection ADD COLUMN profile_overrides TEXT;

-- How often messages of a connection had to be repaired, by kind. Apart from the connection, because requests write it.
CREATE TABLE repair_count (
    tenant     BLOB NOT NULL,
    connection BLOB NOT NULL,
    kind       TEXT NOT NULL,
    count      INTEGER NOT NULL CHECK (count > 0),
    last_seen  INTEGER NOT NULL,
    PRIMARY KEY (tenant, connection, kind)
) STRICT, WITHOUT ROWID;
