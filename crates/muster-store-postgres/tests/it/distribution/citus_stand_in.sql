-- A stand-in for Citus, because its package is not to be had wherever these tests run. It spreads nothing. It has the names
-- that Muster asks for, remembers what was declared, and refuses what Citus refuses by the rules of its documentation:
-- a distribution column that the primary key or a unique index lacks, foreign keys to tables that are elsewhere, triggers, a
-- table declared twice, a neighbour that is not spread or has a column of another type.
SET allow_system_table_mods = on;

INSERT INTO pg_extension (oid, extname, extowner, extnamespace, extrelocatable, extversion)
SELECT max(oid::bigint) + 1, 'citus', 10, 'pg_catalog'::regnamespace, false, 'stand-in' FROM pg_extension;

CREATE TABLE pg_catalog.pg_dist_partition (
    logicalrelid regclass NOT NULL PRIMARY KEY,
    partmethod   "char"   NOT NULL,
    partkey      text,
    colocationid integer  NOT NULL,
    repmodel     "char"   NOT NULL
);

-- Citus keeps the column as a tree of its parser; here it is the name itself.
CREATE FUNCTION pg_catalog.column_to_column_name(regclass, text) RETURNS text
    LANGUAGE sql STRICT AS 'SELECT $2';

-- A local table that was noted because of a foreign key (neighbours: 0) may still be declared.
CREATE FUNCTION pg_catalog.refuse_what_is_declared(declared regclass) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM pg_dist_partition WHERE logicalrelid = declared AND colocationid = 0;
    IF EXISTS (SELECT 1 FROM pg_dist_partition WHERE logicalrelid = declared) THEN
        RAISE EXCEPTION 'table % is already distributed', declared;
    END IF;
    IF EXISTS (SELECT 1 FROM pg_trigger WHERE tgrelid = declared AND NOT tgisinternal) THEN
        RAISE EXCEPTION 'table % has triggers', declared;
    END IF;
END $$;

CREATE FUNCTION pg_catalog.create_reference_table(table_name regclass) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    wrong text;
BEGIN
    PERFORM refuse_what_is_declared(table_name);
    -- It may refer to what has a copy on each of its servers.
    SELECT conname INTO wrong FROM pg_constraint AS c
    WHERE c.contype = 'f' AND c.conrelid = table_name AND c.confrelid <> table_name
        AND NOT EXISTS (SELECT 1 FROM pg_dist_partition AS p WHERE p.logicalrelid = c.confrelid AND p.repmodel = 't');
    IF FOUND THEN
        RAISE EXCEPTION 'foreign key % of a reference table leads to a table that is none', wrong;
    END IF;
    INSERT INTO pg_dist_partition VALUES (table_name, 'n', NULL, 1, 't');
    -- Local tables that refer to it, directly or over others, are noted.
    WITH RECURSIVE referring (id) AS (
        SELECT table_name::oid
        UNION SELECT c.conrelid FROM pg_constraint AS c JOIN referring AS r ON c.confrelid = r.id WHERE c.contype = 'f'
    )
    INSERT INTO pg_dist_partition SELECT id, 'n', NULL, 0, 's' FROM referring ON CONFLICT DO NOTHING;
END $$;

CREATE FUNCTION pg_catalog.create_distributed_table(
    table_name regclass, distribution_column text, distribution_type text DEFAULT 'hash', colocate_with text DEFAULT 'default'
) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    key       pg_attribute;
    neighbour pg_dist_partition;
    place     integer;
    wrong     text;
BEGIN
    PERFORM refuse_what_is_declared(table_name);
    SELECT * INTO key FROM pg_attribute WHERE attrelid = table_name AND attname = distribution_column AND NOT attisdropped;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'column % of % does not exist', distribution_column, table_name;
    END IF;
    SELECT indexrelid::regclass::text INTO wrong FROM pg_index
    WHERE indrelid = table_name AND (indisunique OR indisexclusion) AND NOT key.attnum = ANY (indkey::smallint[]);
    IF FOUND THEN
        RAISE EXCEPTION 'cannot create constraint on %: % lacks the distribution column', table_name, wrong;
    END IF;
    IF colocate_with IN ('none', 'default') THEN
        SELECT coalesce(max(colocationid), 1) + 1 INTO place FROM pg_dist_partition;
    ELSE
        SELECT * INTO neighbour FROM pg_dist_partition
        WHERE logicalrelid = colocate_with::regclass AND partmethod = 'h';
        IF NOT FOUND THEN
            RAISE EXCEPTION 'relation % is not distributed', colocate_with;
        END IF;
        IF key.atttypid <> (SELECT atttypid FROM pg_attribute
                            WHERE attrelid = neighbour.logicalrelid AND attname = neighbour.partkey) THEN
            RAISE EXCEPTION 'cannot colocate tables % and %: the types differ', neighbour.logicalrelid, table_name;
        END IF;
        place := neighbour.colocationid;
    END IF;
    -- A foreign key leads to a copy on the same server, or to rows of the same value of the column.
    SELECT conname INTO wrong FROM pg_constraint AS c
    WHERE c.contype = 'f' AND c.conrelid = table_name AND NOT EXISTS (
        SELECT 1 FROM pg_dist_partition AS p
        WHERE p.logicalrelid = c.confrelid AND (p.repmodel = 't' OR p.colocationid = place AND EXISTS (
            SELECT 1 FROM unnest(c.conkey, c.confkey) AS pair (mine, other)
            JOIN pg_attribute AS a ON a.attrelid = c.confrelid AND a.attnum = pair.other
            WHERE pair.mine = key.attnum AND a.attname = p.partkey)));
    IF FOUND THEN
        RAISE EXCEPTION 'foreign key % leads to rows that may be on another server', wrong;
    END IF;
    SELECT conname INTO wrong FROM pg_constraint WHERE contype = 'f' AND confrelid = table_name AND conrelid <> table_name;
    IF FOUND THEN
        RAISE EXCEPTION 'foreign key % leads from a table that is not spread beside this one', wrong;
    END IF;
    INSERT INTO pg_dist_partition VALUES (table_name, 'h', distribution_column, place, 's');
END $$;
