//! The statements of a move, made from the description of the tables.

use super::tables::{Shape, Table};
use super::{Dialect, Statement};
use crate::Value;
use crate::columns::NOBODY;

/// So many rows are written with one statement; what is left over goes one by one, so that there are two texts a table.
const ROWS_A_STATEMENT: usize = 40;

/// The next rows behind a key, or the first ones. The values are the key, if there is one, and how many rows.
pub(super) fn select(dialect: Dialect, table: &Table, is_behind_a_key: bool) -> String {
    let from = match (table.shape, dialect) {
        (Shape::Plain, _) => format!("\"{}\" AS t", table.name),
        (Shape::Resource, Dialect::Sqlite) => "resource AS t CROSS JOIN resource_document AS d \
             ON d.number = t.document_number AND d.tenant = t.tenant"
            .to_owned(),
        (Shape::Resource, Dialect::Postgresql) => {
            "resource AS t JOIN resource_document AS d ON d.tenant = t.tenant AND d.id = t.id".to_owned()
        }
        (Shape::Counts, _) => format!("({}) AS t", counted(dialect, table)),
    };
    let column = |name: &&str| match (table.shape, *name) {
        (Shape::Resource, "document") => "d.document".to_owned(),
        (_, name) => format!("t.\"{name}\""),
    };
    let listed = |names: &[&str]| names.iter().map(column).collect::<Vec<_>>().join(", ");
    let (columns, key) = (listed(table.columns), listed(table.key_columns()));
    let (condition, limit) = if is_behind_a_key {
        (format!("WHERE ({key}) > ({})", places(1, table.key)), table.key + 1)
    } else {
        (String::new(), 1)
    };
    format!("SELECT {columns} FROM {from} {condition} ORDER BY {key} LIMIT ?{limit}")
}

/// What is counted, where it is not zero.
fn counted(dialect: Dialect, table: &Table) -> &'static str {
    match (dialect, table.name) {
        (Dialect::Sqlite, "resource_count") => "SELECT tenant, type, count FROM resource_count WHERE count <> 0",
        (Dialect::Sqlite, _) => "SELECT tenant, brought_by, type, count FROM resource_count_of_owner WHERE count <> 0",
        (Dialect::Postgresql, "resource_count") => {
            "SELECT tenant, type, sum(count)::bigint AS count FROM resource_count_of_owner
             GROUP BY tenant, type HAVING sum(count) <> 0"
        }
        (Dialect::Postgresql, _) => {
            "SELECT tenant, brought_by, type, sum(count)::bigint AS count FROM resource_count_of_owner
             GROUP BY tenant, brought_by, type HAVING sum(count) <> 0"
        }
    }
}

/// The greatest key that is there.
pub(super) fn select_last_key(table: &Table) -> String {
    let quoted = |suffix: &str| {
        table.key_columns().iter().map(|name| format!("\"{name}\"{suffix}")).collect::<Vec<_>>().join(", ")
    };
    format!("SELECT {} FROM \"{}\" ORDER BY {} LIMIT 1", quoted(""), table.name, quoted(" DESC"))
}

pub(super) fn select_count(table: &Table) -> String {
    format!("SELECT count(*) FROM \"{}\"", table.name)
}

/// Writes rows whose columns stand in the order of the description.
pub(super) fn insert(dialect: Dialect, table: &Table, rows: Vec<Vec<Value>>) -> Vec<Statement> {
    match (table.shape, dialect) {
        (Shape::Resource, Dialect::Sqlite) => rows.into_iter().flat_map(|row| insert_numbered(table, row)).collect(),
        (Shape::Resource, Dialect::Postgresql) => {
            let (narrow, documents) = rows.into_iter().map(split_document).unzip();
            let mut statements = insert_plain(table.name, &narrow_columns(table), narrow);
            statements.extend(insert_plain("resource_document", &["tenant", "id", "document"], documents));
            statements
        }
        (Shape::Plain | Shape::Counts, _) => insert_plain(table.name, table.columns, rows),
    }
}

fn narrow_columns(table: &Table) -> Vec<&'static str> {
    table.columns.iter().copied().filter(|name| *name != "document").collect()
}

/// The document stands last.
fn split_document(mut row: Vec<Value>) -> (Vec<Value>, Vec<Value>) {
    let document = row.pop().unwrap_or(Value::Null);
    let mut wide: Vec<Value> = row.iter().take(2).cloned().collect();
    wide.push(document);
    (row, wide)
}

/// SQLite gives the document a number, and the resource says which.
fn insert_numbered(table: &Table, row: Vec<Value>) -> [Statement; 2] {
    let (narrow, wide) = split_document(row);
    let document = wide.into_iter().enumerate().filter(|(place, _)| *place != 1).map(|(_, value)| value).collect();
    let columns = narrow_columns(table);
    let listed = columns.iter().map(|name| format!("\"{name}\"")).collect::<Vec<_>>().join(", ");
    let sql = format!(
        "INSERT INTO resource ({listed}, document_number) VALUES ({}, last_insert_rowid())",
        places(1, columns.len())
    );
    [
        Statement {
            sql: "INSERT INTO resource_document (tenant, document) VALUES (?1, ?2)".to_owned(),
            values: document,
        },
        Statement { sql, values: narrow },
    ]
}

fn insert_plain(table: &str, columns: &[&str], mut rows: Vec<Vec<Value>>) -> Vec<Statement> {
    let listed = columns.iter().map(|name| format!("\"{name}\"")).collect::<Vec<_>>().join(", ");
    let text = |count: usize| {
        let rows: Vec<String> =
            (0..count).map(|row| format!("({})", places(row * columns.len() + 1, columns.len()))).collect();
        format!("INSERT INTO \"{table}\" ({listed}) VALUES {}", rows.join(", "))
    };
    let (many, one) = (text(ROWS_A_STATEMENT), text(1));
    let mut statements = Vec::with_capacity(rows.len() / ROWS_A_STATEMENT + 1);
    let left = rows.split_off(rows.len() - rows.len() % ROWS_A_STATEMENT);
    let mut rows = rows.into_iter();
    loop {
        let values: Vec<Value> = rows.by_ref().take(ROWS_A_STATEMENT).flatten().collect();
        if values.is_empty() {
            break;
        }
        statements.push(Statement { sql: many.clone(), values });
    }
    statements.extend(left.into_iter().map(|values| Statement { sql: one.clone(), values }));
    statements
}

/// `?4, ?5, ?6`
fn places(first: usize, count: usize) -> String {
    (first..first + count).map(|place| format!("?{place}")).collect::<Vec<_>>().join(", ")
}

/// Makes the counts from the resources. SQLite's triggers have kept those of the owners.
pub(super) fn counts(dialect: Dialect) -> Vec<Statement> {
    let statement = |sql: &str, values: &[Value]| Statement { sql: sql.to_owned(), values: values.to_vec() };
    match dialect {
        Dialect::Sqlite => vec![
            statement("DELETE FROM resource_count", &[]),
            statement(
                "INSERT INTO resource_count (tenant, type, count)
                 SELECT tenant, type, count(*) FROM resource GROUP BY tenant, type",
                &[],
            ),
        ],
        Dialect::Postgresql => vec![
            statement("DELETE FROM resource_count_of_owner", &[]),
            statement(
                "INSERT INTO resource_count_of_owner (tenant, brought_by, type, slot, count)
                 SELECT tenant, coalesce(brought_by, ?1), type, 0, count(*) FROM resource GROUP BY 1, 2, 3",
                &[Value::Id(NOBODY)],
            ),
        ],
    }
}

#[cfg(test)]
mod tests {
    use super::super::tables::TABLES;
    use super::*;

    #[test]
    fn the_next_rows_are_those_behind_the_whole_key() {
        let table = TABLES.iter().find(|table| table.name == "credential_use").unwrap();
        assert_eq!(
            select(Dialect::Sqlite, table, true),
            "SELECT t.\"tenant\", t.\"credential\", t.\"last_used\" FROM \"credential_use\" AS t \
             WHERE (t.\"tenant\", t.\"credential\") > (?1, ?2) ORDER BY t.\"tenant\", t.\"credential\" LIMIT ?3"
        );
        assert_eq!(
            select_last_key(table),
            "SELECT \"tenant\", \"credential\" FROM \"credential_use\" \
             ORDER BY \"tenant\" DESC, \"credential\" DESC LIMIT 1"
        );
    }

    #[test]
    fn every_row_is_in_one_statement_whatever_their_number() {
        let table = TABLES.iter().find(|table| table.name == "change_sequence").unwrap();
        for count in [0, 1, 39, 40, 41, 120] {
            let rows = (0..count).map(|number| vec![Value::Id([7; 16]), Value::Integer(number)]).collect();
            let statements = insert(Dialect::Postgresql, table, rows);
            let written: Vec<&Value> =
                statements.iter().flat_map(|statement| &statement.values).skip(1).step_by(2).collect();
            let expected: Vec<Value> = (0..count).map(Value::Integer).collect();
            assert_eq!(written, expected.iter().collect::<Vec<_>>(), "{count}");
        }
    }
}
