//! A stacked bar for each area, as SVG.

use std::fmt::Write as _;

use super::super::area::Area;
use super::super::finding::Severity;
use super::Report;

const LABELS: usize = 250;
const BARS: usize = 520;
const NUMBERS: usize = 60;
const ROW: usize = 26;
const BAR: usize = 16;

pub(super) const fn colour(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "#c92a2a",
        Severity::Warning => "#e8890c",
        Severity::Note => "#3b7dd8",
        Severity::Skipped => "#c3c8d0",
        Severity::Passed => "#2f9e58",
    }
}

/// Bars are drawn to one scale, so that an area with many checks looks like one.
pub(super) fn render(report: &Report) -> String {
    let rows: Vec<(Area, [usize; 5])> = Area::ALL.iter().map(|area| (*area, report.counts_of(*area))).collect();
    let rows: Vec<_> = rows.into_iter().filter(|(_, counts)| counts.iter().sum::<usize>() > 0).collect();
    let most = rows.iter().map(|(_, counts)| counts.iter().sum::<usize>()).max().unwrap_or(1).max(1);
    let (width, height) = (LABELS + BARS + NUMBERS, rows.len() * ROW + 6);
    let mut svg = format!(
        "<svg viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\" role=\"img\" \
         aria-label=\"Findings by area\">\n"
    );
    for (row, (area, counts)) in rows.iter().enumerate() {
        let top = row * ROW + 4;
        let _ = writeln!(
            svg,
            "<text x=\"{}\" y=\"{}\" text-anchor=\"end\">{}</text>",
            LABELS - 12,
            top + 13,
            super::html::escaped(area.title())
        );
        let mut left = LABELS;
        for (severity, count) in Severity::ALL.into_iter().zip(counts).filter(|(_, count)| **count > 0) {
            // The last piece must not be lost to rounding.
            let piece = (count * BARS / most).max(3);
            let _ = writeln!(
                svg,
                "<rect x=\"{left}\" y=\"{top}\" width=\"{piece}\" height=\"{BAR}\" fill=\"{}\"><title>{}: {count} \
                 {}</title></rect>",
                colour(severity),
                super::html::escaped(area.title()),
                severity.word()
            );
            left += piece;
        }
        let sum: usize = counts.iter().sum();
        let _ = writeln!(svg, "<text class=\"number\" x=\"{}\" y=\"{}\">{sum}</text>", left + 8, top + 13);
    }
    svg.push_str("</svg>\n");
    svg
}
