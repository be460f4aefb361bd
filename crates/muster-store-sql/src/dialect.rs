//! PostgreSQL's wording of a statement that is written as SQLite takes it.

/// What only PostgreSQL is to hear stands in such a comment.
const ONLY_POSTGRESQL: &str = "/*pg ";
const END: &str = " */";

/// Four rules: placeholders `?1` become `$1`; `CROSS JOIN`, which fixes SQLite's order of tables, becomes `JOIN`; `INDEXED BY x`
/// goes; and `/*pg … */` comes out of its comment. None of them may occur inside of a text literal, and none does: values are
/// bound.
pub fn postgresql_text(sql: &str) -> String {
    let uncommented = sql.replace(ONLY_POSTGRESQL, "").replace(END, "");
    let joined = uncommented.replace("CROSS JOIN", "JOIN").replace('?', "$");
    let mut parts = joined.split(" INDEXED BY ");
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let end = part.find(|letter: char| !letter.is_alphanumeric() && letter != '_').unwrap_or(part.len());
        text.push_str(part.get(end..).unwrap_or_default());
    }
    text
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
            ("SELECT sum(n)/*pg ::bigint */ FROM a /*pg FOR UPDATE */", "SELECT sum(n)::bigint FROM a FOR UPDATE"),
        ] {
            assert_eq!(postgresql_text(sqlite), postgresql);
        }
    }
}
