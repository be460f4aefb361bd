//! What the operations cost, as a picture: a line for each operation, a dot for each size of directory, and a mark where the
//! goal is. The scale is logarithmic, because a list costs a hundred times what a person does.

use std::fmt::Write;

use super::dataset::Database;
use super::result::Entry;
use crate::wording;

const WIDTH: f64 = 860.0;
const LEFT: f64 = 330.0;
const RIGHT: f64 = 30.0;
const TOP: f64 = 70.0;
const ROW: f64 = 22.0;
/// Readable on a light and on a dark page.
const INK: &str = "#7d8590";
const SQLITE: &str = "#4493f8";
const POSTGRESQL: &str = "#d29922";

pub(super) fn draw(entries: &[Entry]) -> String {
    let mut operations: Vec<&str> = Vec::new();
    for entry in entries {
        if !operations.contains(&entry.operation.as_str()) {
            operations.push(&entry.operation);
        }
    }
    let most = entries.iter().map(|entry| entry.times_hello).fold(10.0, f64::max);
    let decades = most.log10().ceil();
    let across = |ratio: f64| LEFT + ratio.max(1.0).log10() / decades * (WIDTH - LEFT - RIGHT);
    #[expect(clippy::cast_precision_loss, reason = "some tens of lines")]
    let bottom = TOP + operations.len() as f64 * ROW;
    let mut body = String::new();
    let mut tick = 1.0;
    while tick <= 10_f64.powf(decades) * 1.01 {
        let x = across(tick);
        let _ = writeln!(
            body,
            "<line x1='{x:.1}' x2='{x:.1}' y1='{TOP}' y2='{bottom}' stroke='{INK}' stroke-opacity='0.3'/>\
             <text x='{x:.1}' y='{:.0}' text-anchor='middle'>{tick:.0}×</text>",
            TOP - 8.0
        );
        tick *= 10.0;
    }
    let mut y = TOP + ROW / 2.0;
    for operation in operations {
        let _ = writeln!(body, "<text x='8' y='{:.1}'>{}</text>", y + 4.0, escaped(operation));
        for entry in entries.iter().filter(|entry| entry.operation == operation) {
            body.push_str(&mark(entry, across(entry.times_hello), y));
            if let Some(goal) = entry.goal {
                let x = across(goal);
                let shift = shift(entry.database);
                let _ = writeln!(
                    body,
                    "<line x1='{x:.1}' x2='{x:.1}' y1='{:.1}' y2='{:.1}' stroke='{}' stroke-width='2'/>",
                    y + shift - 5.0,
                    y + shift + 5.0,
                    colour(entry.database)
                );
            }
        }
        y += ROW;
    }
    let legend = "dots: sizes of directories, larger for more people; upright lines: goals";
    format!(
        "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {WIDTH} {:.0}' font-family='sans-serif' font-size='12' \
         fill='{INK}' role='img' aria-label='Processor time of each operation as a multiple of a bare server'>\n\
         <text x='8' y='20' font-size='15'>Processor time as a multiple of a bare server</text>\n\
         <circle cx='14' cy='36' r='4' fill='{SQLITE}'/><text x='24' y='40'>SQLite</text>\
         <circle cx='84' cy='36' r='4' fill='{POSTGRESQL}'/><text x='94' y='40'>PostgreSQL</text>\
         <text x='180' y='40'>{legend}</text>\n{body}</svg>\n",
        bottom + 12.0
    )
}

fn mark(entry: &Entry, x: f64, y: f64) -> String {
    #[expect(clippy::cast_precision_loss, reason = "at most some millions of people")]
    let radius = 0.5 + (entry.people.max(10) as f64).log10() * 0.7;
    format!(
        "<circle cx='{x:.1}' cy='{:.1}' r='{radius:.1}' fill='{}' fill-opacity='0.6'><title>{}, {} people: {:.1}×</title></circle>\n",
        y + shift(entry.database),
        colour(entry.database),
        entry.database.shown(),
        wording::count(entry.people),
        entry.times_hello
    )
}

fn colour(database: Database) -> &'static str {
    match database {
        Database::Sqlite => SQLITE,
        Database::Postgresql => POSTGRESQL,
    }
}

fn shift(database: Database) -> f64 {
    match database {
        Database::Sqlite => -4.0,
        Database::Postgresql => 4.0,
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('\'', "&apos;")
}

#[cfg(test)]
mod tests {
    use super::super::statistics::Spread;
    use super::*;

    #[test]
    fn every_entry_has_its_dot_and_its_goal() {
        let entry = |database, people, goal| Entry {
            operation: "GET by id".to_owned(),
            database,
            people,
            times_hello: 20.0,
            swing: 0.05,
            micros: Spread::default(),
            median_time: 0.0,
            p99_time: 0.0,
            goal,
        };
        let drawing = draw(&[entry(Database::Sqlite, 1_000, Some(4.0)), entry(Database::Postgresql, 1_000, None)]);
        assert_eq!(drawing.matches("<title>").count(), 2);
        assert_eq!(drawing.matches("stroke-width='2'").count(), 1);
        assert!(drawing.trim_end().ends_with("</svg>"));
    }
}
