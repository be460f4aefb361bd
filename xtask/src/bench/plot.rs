//! A small box plot as SVG: from the 5th to the 95th percentile, with the middle half as a box.

use std::fmt::Write;

use super::statistics::Times;

const WIDTH: f64 = 720.0;
const ROW: f64 = 44.0;
const TOP: f64 = 44.0;
const LEFT: f64 = 150.0;
const RIGHT: f64 = 90.0;
const BOTTOM: f64 = 40.0;
/// Readable on a light and on a dark page.
const INK: &str = "#7d8590";
const FILL: &str = "#4493f8";

pub(super) struct Row {
    pub(super) label: String,
    pub(super) times: Times,
}

pub(super) fn draw(title: &str, rows: &[Row]) -> String {
    let longest = rows.iter().map(|row| row.times.percentile_micros(95)).fold(1.0, f64::max);
    let step = tick_step(longest);
    let end = (longest / step).ceil() * step;
    let across = |micros: f64| LEFT + micros / end * (WIDTH - LEFT - RIGHT);
    let mut body = String::new();
    let mut top = TOP;
    for row in rows {
        body.push_str(&draw_row(row, top, &across));
        top += ROW;
    }
    let mut axis = String::new();
    let mut tick = 0.0;
    while tick <= end + step / 2.0 {
        let x = across(tick);
        let _ = writeln!(
            axis,
            "<line x1='{x:.1}' x2='{x:.1}' y1='{TOP}' y2='{top}' stroke='{INK}' stroke-opacity='0.3'/>\
             <text x='{x:.1}' y='{:.0}' text-anchor='middle'>{tick:.0} µs</text>",
            top + 18.0
        );
        tick += step;
    }
    let height = top + BOTTOM;
    format!(
        "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {WIDTH} {height}' font-family='sans-serif' \
         font-size='13' fill='{INK}' role='img' aria-label='{title}'>\n\
         <text x='8' y='22' font-size='15'>{title}</text>\n{axis}{body}</svg>\n"
    )
}

fn draw_row(row: &Row, top: f64, across: &dyn Fn(f64) -> f64) -> String {
    let at = |percent| across(row.times.percentile_micros(percent));
    let (low, first, median, third, high) = (at(5), at(25), at(50), at(75), at(95));
    let middle = top + ROW / 2.0;
    format!(
        "<text x='8' y='{:.1}'>{}</text>\n\
         <line x1='{low:.1}' x2='{high:.1}' y1='{middle}' y2='{middle}' stroke='{INK}'/>\n\
         <rect x='{first:.1}' y='{:.1}' width='{:.1}' height='20' fill='{FILL}' fill-opacity='0.35' stroke='{FILL}'/>\n\
         <line x1='{median:.1}' x2='{median:.1}' y1='{:.1}' y2='{:.1}' stroke='{FILL}' stroke-width='3'/>\n\
         <text x='{:.1}' y='{:.1}'>{:.0} µs</text>\n",
        middle + 4.0,
        row.label,
        middle - 10.0,
        (third - first).max(1.0),
        middle - 10.0,
        middle + 10.0,
        WIDTH - RIGHT + 14.0,
        middle + 4.0,
        row.times.median_micros()
    )
}

/// One, two or five times a power of ten, so that there are at most six ticks.
fn tick_step(longest: f64) -> f64 {
    let mut step = 1.0;
    for factor in [2.0, 2.5, 2.0].into_iter().cycle() {
        if longest / step <= 5.0 {
            break;
        }
        step *= factor;
    }
    step
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn ticks_are_round_and_few() {
        for (longest, step) in [(4.0, 1.0), (9.0, 2.0), (400.0, 100.0), (1234.0, 500.0)] {
            assert!((tick_step(longest) - step).abs() < 0.01, "{longest}: {}", tick_step(longest));
        }
    }

    #[test]
    fn every_row_has_its_label_and_its_median() {
        let times = Times::new(vec![Duration::from_micros(321); 3]);
        let drawing = draw("Title", &[Row { label: "10 members".to_owned(), times }]);
        assert!(drawing.contains("10 members") && drawing.contains("321 µs"));
        assert_eq!(drawing.matches("<rect").count(), 1);
        assert!(drawing.trim_end().ends_with("</svg>"));
    }
}
