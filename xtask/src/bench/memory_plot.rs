//! Resident memory over time, as a picture.

use std::fmt::Write;

const WIDTH: f64 = 720.0;
const HEIGHT: f64 = 260.0;
const LEFT: f64 = 60.0;
const RIGHT: f64 = 20.0;
const TOP: f64 = 40.0;
const BOTTOM: f64 = 40.0;
/// Readable on a light and on a dark page.
const INK: &str = "#7d8590";
const LINE: &str = "#4493f8";
const GOAL: f64 = 120.0;
const TICKS: u32 = 6;

/// `watched` in mebibytes, at equal distances over so many minutes.
pub(super) fn draw(watched: &[f64], minutes: u64) -> String {
    let most = watched.iter().copied().fold(GOAL, f64::max) * 1.05;
    let up = |value: f64| TOP + (1.0 - value / most) * (HEIGHT - TOP - BOTTOM);
    #[expect(clippy::cast_precision_loss, reason = "some thousand looks")]
    let across = |place: usize| LEFT + place as f64 / (watched.len().max(2) - 1) as f64 * (WIDTH - LEFT - RIGHT);
    let mut body = String::new();
    for tick in 0..=TICKS {
        let share = f64::from(tick) / f64::from(TICKS);
        let (value, x) = (most * share, LEFT + share * (WIDTH - LEFT - RIGHT));
        let y = up(value);
        #[expect(clippy::cast_precision_loss, reason = "some minutes")]
        let minute = minutes as f64 * share;
        let _ = writeln!(
            body,
            "<line x1='{LEFT}' x2='{:.1}' y1='{y:.1}' y2='{y:.1}' stroke='{INK}' stroke-opacity='0.3'/>\
             <text x='{:.1}' y='{:.1}' text-anchor='end'>{value:.0}</text>\
             <text x='{x:.1}' y='{:.1}' text-anchor='middle'>{minute:.0} min</text>",
            WIDTH - RIGHT,
            LEFT - 6.0,
            y + 4.0,
            HEIGHT - 14.0
        );
    }
    let points: Vec<String> =
        watched.iter().enumerate().map(|(place, value)| format!("{:.1},{:.1}", across(place), up(*value))).collect();
    let goal = up(GOAL);
    format!(
        "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {WIDTH} {HEIGHT}' font-family='sans-serif' font-size='12' \
         fill='{INK}' role='img' aria-label='Resident memory over time'>\n\
         <text x='8' y='20' font-size='15'>Resident memory in MiB, 16 connections at once; dashed: the goal</text>\n{body}\
         <line x1='{LEFT}' x2='{:.1}' y1='{goal:.1}' y2='{goal:.1}' stroke='{INK}' stroke-dasharray='4 4'/>\n\
         <polyline fill='none' stroke='{LINE}' stroke-width='2' points='{}'/>\n</svg>\n",
        WIDTH - RIGHT,
        points.join(" ")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_look_is_a_point_inside_the_picture() {
        let picture = draw(&[50.0, 150.0, 75.0], 60);
        let points = picture.split("points='").nth(1).and_then(|rest| rest.split('\'').next()).unwrap();
        let inside = points.split(' ').filter_map(|point| point.split_once(',')).filter(|(x, y)| {
            (LEFT..=WIDTH).contains(&x.parse().unwrap()) && (TOP..=HEIGHT).contains(&y.parse().unwrap())
        });
        assert_eq!(inside.count(), 3);
    }
}
