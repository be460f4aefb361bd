//! Facts go to standard output; whoever closes it early (`muster config | head`) has seen enough.

use std::io::{self, Write};

use serde_json::Value;

use crate::failure::Failure;

/// Prints lines and flushes them.
pub(crate) fn print(text: &str) -> Result<(), Failure> {
    print_to_reader(text).map(drop)
}

/// The same for what has no end; `false`: nobody reads any more.
pub(crate) fn print_to_reader(text: &str) -> Result<bool, Failure> {
    let mut stdout = io::stdout().lock();
    let written = stdout
        .write_all(text.as_bytes())
        .and_then(|()| if text.ends_with('\n') { Ok(()) } else { stdout.write_all(b"\n") });
    match written.and_then(|()| stdout.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(Failure::new("cannot write to standard output").because(error))
        }
        written => Ok(written.is_ok()),
    }
}

/// Tells a person something beside the answer, on standard error. There is nobody to tell when that is closed.
pub(crate) fn note(text: &str) {
    let _ = writeln!(io::stderr(), "{text}");
}

/// Prints one JSON document.
pub(crate) fn print_json(document: &Value) -> Result<(), Failure> {
    print(&format!("{document:#}"))
}

/// Rows under their headings, in columns that are as wide as they have to be.
pub(crate) fn table<const COLUMNS: usize>(headings: [&str; COLUMNS], rows: &[[String; COLUMNS]]) -> String {
    let mut widths = headings.map(|heading| heading.chars().count());
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let line = |cells: [&str; COLUMNS]| {
        let padded = cells.iter().zip(widths).map(|(cell, width)| format!("{cell:width$}"));
        format!("{}\n", padded.collect::<Vec<_>>().join("  ").trim_end())
    };
    let body = rows.iter().map(|row| line(row.each_ref().map(String::as_str)));
    std::iter::once(line(headings)).chain(body).collect()
}

#[cfg(test)]
mod tests {
    use super::table;

    #[test]
    fn columns_line_up() {
        let rows = [["a".to_owned(), "long".to_owned()], ["über".to_owned(), String::new()]];
        assert_eq!(table(["ID", "NAME"], &rows), "ID    NAME\na     long\nüber\n");
    }
}
