//! A page whose sections are written by different measurements.

use crate::checkout;
use crate::failure::Outcome;

const PAGE: &str = "docs/benchmarks.md";

/// Replaces one section of the page, or adds it at the end.
pub(super) fn replace(name: &str, section: &str) -> Outcome<()> {
    let page = checkout::root().join(PAGE);
    let present = if page.exists() { checkout::read_file(&page)? } else { "# Benchmarks\n".to_owned() };
    checkout::write_file(&page, &with(&present, name, section))
}

fn with(page: &str, name: &str, section: &str) -> String {
    let begin = format!("<!-- {name}: written by cargo xtask bench -->");
    let end = format!("<!-- {name}: end -->");
    let marked = format!("{begin}\n{section}{end}\n");
    match (page.split_once(&begin), page.split_once(&end)) {
        (Some((before, _)), Some((_, after))) => format!("{before}{marked}{}", after.trim_start_matches('\n')),
        _ => format!("{}\n\n{marked}", page.trim_end()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_keeps_what_stands_around_the_section() {
        let first = with("# Benchmarks\n\nWords.\n", "one", "old\n");
        let second = with(&format!("{first}\nMore words.\n"), "one", "new\n");
        assert!(second.starts_with("# Benchmarks\n\nWords.\n"));
        assert!(second.contains("new\n") && !second.contains("old\n"));
        assert!(second.ends_with("More words.\n"));
        assert_eq!(with(&second, "one", "new\n"), second);
        assert!(with(&second, "two", "other\n").contains("<!-- two: end -->"));
    }
}
