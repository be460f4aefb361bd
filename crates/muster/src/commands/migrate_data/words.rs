//! How far a move is and what it has moved, for people and programs.

use std::fmt::Write as _;
use std::time::Duration;

use muster_store_sql::transfer::{Moved, Progress, Step};
use serde_json::{Value, json};

use crate::failure::Failure;
use crate::output;

pub(super) fn progress(progress: Progress) -> String {
    let Progress { step, table, rows, of } = progress;
    let step = match step {
        Step::Copying => "copying",
        Step::Comparing => "comparing",
    };
    if of == 0 { format!("{step} {table}") } else { format!("{step} {table}: {rows} of {of} rows") }
}

pub(super) fn print(moved: &Moved, from: &str, to: &str, time: Duration, json: bool) -> Result<(), Failure> {
    if json {
        let tables: serde_json::Map<String, Value> = moved
            .tables
            .iter()
            .map(|table| (table.name.to_owned(), json!({ "rows": table.rows, "sha256": hexadecimal(&table.digest) })))
            .collect();
        return output::print_json(&json!({
            "from": from,
            "to": to,
            "resumed": moved.is_resumed,
            "copied_rows": moved.copied,
            "tables": tables,
            "seconds": time.as_secs_f64(),
        }));
    }
    let mut text = format!("moved          {from}\ninto           {to}\n\n");
    let rows: Vec<[String; 3]> = moved
        .tables
        .iter()
        .filter(|table| table.rows > 0)
        .map(|table| {
            let digest = hexadecimal(table.digest.get(..8).unwrap_or_default());
            [table.name.to_owned(), table.rows.to_string(), digest]
        })
        .collect();
    text.push_str(&output::table(["TABLE", "ROWS", "DIGEST"], &rows));
    let resumed = if moved.is_resumed { ", going on where an earlier run had ended" } else { "" };
    // Writing to a String cannot fail.
    let _ = write!(
        text,
        "\n{} rows copied in {:.1} s{resumed}. Both sides hold the same, table by table and tenant by tenant.\nThe source is as \
         it was. Servers need the vault key of the source beside the new database.\n",
        moved.copied,
        time.as_secs_f64(),
    );
    output::print(&text)
}

pub(super) fn hexadecimal(digest: &[u8]) -> String {
    digest.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
