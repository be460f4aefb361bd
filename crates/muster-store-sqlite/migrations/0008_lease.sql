-- Who does a piece of background work, and until when (docs/adr/0021). `fence` grows with each new holder, so that one who
-- lost the lease without noticing can be refused. 16 zero bytes: nobody has it.
CREATE TABLE lease (
    name    TEXT NOT NULL PRIMARY KEY,
    owner   BLOB NOT NULL CHECK (length(owner) = 16),
    "until" INTEGER NOT NULL,
    fence   INTEGER NOT NULL CHECK (fence > 0)
) STRICT, WITHOUT ROWID;
