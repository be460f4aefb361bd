//! What this driver's statements need beyond [`muster_store_sql::postgresql_text`].

use muster_store_sql::postgresql_text;

/// The statement as the server takes it.
pub(crate) fn statement_text(sql: &str) -> String {
    nulls_asked_last(&postgresql_text(sql))
}

/// `($3 IS NULL OR a = $3)` becomes `(a = $3 OR $3 IS NULL)`: the server learns the type of `$3` from the comparison, and
/// refuses a statement that mentions it before.
fn nulls_asked_last(sql: &str) -> String {
    const QUESTION: &str = " IS NULL OR ";
    let mut text = String::with_capacity(sql.len());
    let mut rest = sql;
    while let Some(at) = rest.find(QUESTION) {
        let (before, after) = (rest.get(..at).unwrap_or_default(), rest.get(at + QUESTION.len()..).unwrap_or_default());
        let placeholder = before.rfind("($").and_then(|start| before.get(start + 1..));
        let is_placeholder = placeholder.is_some_and(|name| {
            name.strip_prefix('$')
                .is_some_and(|digits| !digits.is_empty() && digits.bytes().all(|digit| digit.is_ascii_digit()))
        });
        if let (Some(name), Some(end)) = (placeholder.filter(|_| is_placeholder), closing(after)) {
            text.push_str(before.strip_suffix(name).unwrap_or(before));
            text.push_str(&nulls_asked_last(after.get(..end).unwrap_or_default()));
            text.push_str(" OR ");
            text.push_str(name);
            text.push_str(" IS NULL");
            rest = after.get(end..).unwrap_or_default();
        } else {
            text.push_str(before);
            text.push_str(QUESTION);
            rest = after;
        }
    }
    text.push_str(rest);
    text
}

/// Where the parenthesis ends that is open at the beginning.
fn closing(text: &str) -> Option<usize> {
    let mut depth = 0_usize;
    for (place, letter) in text.bytes().enumerate() {
        match letter {
            b'(' => depth += 1,
            b')' if depth == 0 => return Some(place),
            b')' => depth -= 1,
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_placeholder_is_compared_before_it_is_asked_for_null() {
        for (sqlite, postgresql) in [
            (
                "SELECT 1 WHERE (?4 IS NULL OR r.brought_by = ?4) AND x",
                "SELECT 1 WHERE (r.brought_by = $4 OR $4 IS NULL) AND x",
            ),
            (
                "(?3 IS NULL OR EXISTS (SELECT 1 WHERE (?12 IS NULL OR a = ?12) AND b = ?3)) z",
                "(EXISTS (SELECT 1 WHERE (a = $12 OR $12 IS NULL) AND b = $3) OR $3 IS NULL) z",
            ),
            ("(a IS NULL OR a = ?1)", "(a IS NULL OR a = $1)"),
            ("(?1 IS NULL OR a = ?1) AND (?2 IS NULL OR b = ?2)", "(a = $1 OR $1 IS NULL) AND (b = $2 OR $2 IS NULL)"),
        ] {
            assert_eq!(statement_text(sqlite), postgresql);
        }
    }
}
