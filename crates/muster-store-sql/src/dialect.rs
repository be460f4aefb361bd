//! PostgreSQL's wording of a statement that is written as SQLite takes it.

/// What only PostgreSQL is to hear stands in such a comment.
const ONLY_POSTGRESQL: &str = "/*pg ";
const END: &str = " */";

/// Tables whose key is the tenant and an id. PostgreSQL believes of small tables, and of those that it does not know yet, that
/// reading a tenant's rows once costs no more than looking one up, and keeps the plan while the table grows. `OFFSET 0` keeps
/// the look-up as it is written.
const KEYED: [&str; 2] = ["resource", "resource_document"];

/// Five rules: placeholders `?1` become `$1`; `CROSS JOIN`, which fixes SQLite's order of tables, becomes `JOIN`; `INDEXED BY x`
/// goes; `/*pg … */` comes out of its comment; and a row that is joined by its whole key is looked up for each row before it
/// ([`KEYED`]). None of the words may occur inside of a text literal, and none does: values are bound.
pub fn postgresql_text(sql: &str) -> String {
    let uncommented = sql.replace(ONLY_POSTGRESQL, "").replace(END, "");
    let joined = uncommented.replace("CROSS JOIN", "JOIN").replace('?', "$");
    let mut parts = joined.split(" INDEXED BY ");
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let end = part.find(|letter: char| !letter.is_alphanumeric() && letter != '_').unwrap_or(part.len());
        text.push_str(part.get(end..).unwrap_or_default());
    }
    KEYED.iter().fold(text, |text, table| looking_up(table, &text))
}

fn looking_up(table: &str, text: &str) -> String {
    let join = format!("JOIN {table} AS ");
    let mut parts = text.split(&join);
    let mut looking_up = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        match by_key(table, part) {
            Some(look_up) => looking_up.push_str(&look_up),
            None => looking_up.extend([join.as_str(), part]),
        }
    }
    looking_up
}

/// `r ON r.tenant = T AND r.id = I …`, if that is what stands there.
fn by_key(table: &str, text: &str) -> Option<String> {
    let (alias, rest) = word(text)?;
    let rest = rest.trim_start().strip_prefix("ON ")?.strip_prefix(alias)?.strip_prefix(".tenant = ")?;
    let (tenant, rest) = word(rest)?;
    let (id, rest) = word(rest.strip_prefix(" AND ")?.strip_prefix(alias)?.strip_prefix(".id = ")?)?;
    Some(format!(
        "JOIN LATERAL (SELECT * FROM {table} WHERE tenant = {tenant} AND id = {id} OFFSET 0) AS {alias} ON TRUE{rest}"
    ))
}

/// A name, a column or a placeholder, and what comes after it.
fn word(text: &str) -> Option<(&str, &str)> {
    let is_in_word = |letter: char| letter.is_alphanumeric() || matches!(letter, '_' | '.' | '$');
    let end = text.find(|letter| !is_in_word(letter)).unwrap_or(text.len());
    text.split_at_checked(end).filter(|(word, _)| !word.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_statement_is_said_in_the_words_of_postgresql() {
        for (sqlite, postgresql) in [
            ("SELECT 1 FROM a WHERE x = ?1 AND y > ?12", "SELECT 1 FROM a WHERE x = $1 AND y > $12"),
            ("SELECT 1 FROM a CROSS JOIN b ON b.x = a.x", "SELECT 1 FROM a JOIN b ON b.x = a.x"),
            ("SELECT 1 FROM a AS k INDEXED BY a_of_b\n WHERE TRUE", "SELECT 1 FROM a AS k\n WHERE TRUE"),
            ("SELECT 1 FROM (SELECT 2 FROM a INDEXED BY i)", "SELECT 1 FROM (SELECT 2 FROM a)"),
            (
                "SELECT 1 FROM a CROSS JOIN resource AS r\n ON r.tenant = ?1 AND r.id = a.id AND r.x = 1 WHERE TRUE",
                "SELECT 1 FROM a JOIN LATERAL (SELECT * FROM resource WHERE tenant = $1 AND id = a.id OFFSET 0) AS r \
                 ON TRUE AND r.x = 1 WHERE TRUE",
            ),
            (
                "SELECT 1 FROM a LEFT JOIN resource_document AS d ON d.tenant = a.tenant AND d.id = ?2",
                "SELECT 1 FROM a LEFT JOIN LATERAL \
                 (SELECT * FROM resource_document WHERE tenant = a.tenant AND id = $2 OFFSET 0) AS d ON TRUE",
            ),
            (
                "SELECT 1 FROM c CROSS JOIN resource AS r ON r.tenant = c.tenant WHERE r.id = ?1",
                "SELECT 1 FROM c JOIN resource AS r ON r.tenant = c.tenant WHERE r.id = $1",
            ),
            (
                "SELECT 1 FROM a JOIN resource_key AS k ON k.id = a.id",
                "SELECT 1 FROM a JOIN resource_key AS k ON k.id = a.id",
            ),
            ("SELECT sum(n)/*pg ::bigint */ FROM a /*pg FOR UPDATE */", "SELECT sum(n)::bigint FROM a FOR UPDATE"),
        ] {
            assert_eq!(postgresql_text(sqlite), postgresql);
        }
    }
}
