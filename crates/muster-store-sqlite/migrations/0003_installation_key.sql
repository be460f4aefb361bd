-- Random keys that all processes of this installation share, one a purpose (docs/adr/0013). A reference table: it belongs
-- to the installation, not to a tenant, and is written once.
CREATE TABLE installation_key (
    purpose TEXT NOT NULL PRIMARY KEY,
    value   BLOB NOT NULL CHECK (length(value) = 32)
) STRICT, WITHOUT ROWID;
