use super::placement::{TABLES, statements};

/// What a person may run by hand, and what `muster migrate --distribute` runs. A change of it is a change of every cluster.
#[test]
fn the_statements_are_those_of_the_golden_file() {
    let golden = include_str!("distribution.sql");
    assert_eq!(format!("{};\n", statements().join(";\n")), golden);
}

#[test]
fn no_table_is_named_twice() {
    let mut names: Vec<_> = TABLES.iter().map(|table| table.name).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), TABLES.len());
}
