-- What a tenant adds to the built-in schemas and resource types (docs/adr/0015). Small, and written by people only. The
-- revision stands with the tenant, so that the look-up of every request sees a change.
ALTER TABLE tenant ADD COLUMN schema_revision INTEGER NOT NULL DEFAULT 0 CHECK (schema_revision >= 0);

CREATE TABLE schema_entry (
    tenant   BLOB NOT NULL REFERENCES tenant (id),
    -- schema, resource_type, extension or pack.
    kind     TEXT NOT NULL,
    name     TEXT NOT NULL,
    document TEXT NOT NULL,
    added    INTEGER NOT NULL,
    PRIMARY KEY (tenant, kind, name)
) STRICT, WITHOUT ROWID;
