//! Durations and sizes as people write them: `30s`, `2m`, `10MiB`.

use std::time::Duration;

/// Reads `500ms`, `30s`, `2m` or `1h`. A bare number is refused: seconds and milliseconds are confused too easily.
pub fn parse_duration(text: &str) -> Result<Duration, String> {
    let problem = || "write a whole number with a unit, for example 500ms, 30s or 2m".to_owned();
    let (number, unit) = split(text).ok_or_else(problem)?;
    let milliseconds_per_unit = match unit {
        "ms" => 1,
        "s" => 1_000,
        "m" | "min" => 60_000,
        "h" => 3_600_000,
        _ => return Err(problem()),
    };
    let milliseconds = number.checked_mul(milliseconds_per_unit).ok_or_else(|| "this is too long".to_owned())?;
    if milliseconds > 24 * 3_600_000 {
        return Err("this is longer than a day".to_owned());
    }
    Ok(Duration::from_millis(milliseconds))
}

/// Writes a duration so that [`parse_duration`] reads it back.
pub fn print_duration(duration: Duration) -> String {
    let milliseconds = duration.as_millis();
    if milliseconds.is_multiple_of(1000) { format!("{}s", milliseconds / 1000) } else { format!("{milliseconds}ms") }
}

/// Reads a number of bytes, with or without a unit: `1048576`, `512KiB`, `10MiB`, `10MB`.
pub fn parse_bytes(text: &str) -> Result<usize, String> {
    let problem = || "write a whole number of bytes, or one with a unit, for example 10MiB".to_owned();
    let (number, unit) = split(text).ok_or_else(problem)?;
    let bytes_per_unit = match unit {
        "" | "B" => 1,
        "kB" | "KB" => 1_000,
        "KiB" => 1 << 10,
        "MB" => 1_000_000,
        "MiB" => 1 << 20,
        "GB" => 1_000_000_000,
        "GiB" => 1 << 30,
        _ => return Err(problem()),
    };
    number
        .checked_mul(bytes_per_unit)
        .and_then(|bytes| usize::try_from(bytes).ok())
        .ok_or_else(|| "this is too large".to_owned())
}

fn split(text: &str) -> Option<(u64, &str)> {
    let text = text.trim();
    let end = text.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at_checked(end)?;
    Some((number.parse().ok()?, unit.trim_start()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_need_a_unit() {
        assert_eq!(parse_duration("30s"), Ok(Duration::from_secs(30)));
        assert_eq!(parse_duration("500 ms"), Ok(Duration::from_millis(500)));
        assert_eq!(parse_duration("2m"), Ok(Duration::from_mins(2)));
        for wrong in
            ["30", "", "s", "-1s", "1.5s", "30 parsecs", "99999999999999999999s", "18446744073709551615h", "25h"]
        {
            assert!(parse_duration(wrong).is_err(), "{wrong}");
        }
        for text in ["30s", "1500ms", "0s"] {
            assert_eq!(print_duration(parse_duration(text).unwrap()), text);
        }
    }

    #[test]
    fn sizes_may_have_a_unit() {
        assert_eq!(parse_bytes("1048576"), Ok(1_048_576));
        assert_eq!(parse_bytes("10MiB"), Ok(10 << 20));
        assert_eq!(parse_bytes("10 MB"), Ok(10_000_000));
        for wrong in ["", "MiB", "ten", "10mib", "-1", "18446744073709551615GiB"] {
            assert!(parse_bytes(wrong).is_err(), "{wrong}");
        }
    }
}
