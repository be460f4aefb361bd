//! The settings of the request log, as people write them.

/// Identity providers repeat what failed for days, and people look for the cause later still.
const FEWEST_DAYS: u32 = 7;
const MOST_DAYS: u32 = 3_650;
/// Less would be gone before anybody has looked.
const LEAST_MIB: u64 = 16;
const MOST_MIB: u64 = 1 << 20;

pub(crate) fn parse_days(text: &str) -> Result<u32, String> {
    match text.parse() {
        Ok(days) if (FEWEST_DAYS..=MOST_DAYS).contains(&days) => Ok(days),
        _ => Err(format!("write a whole number of days from {FEWEST_DAYS} to {MOST_DAYS}")),
    }
}

pub(crate) fn parse_mib(text: &str) -> Result<u64, String> {
    match text.parse() {
        Ok(mib) if (LEAST_MIB..=MOST_MIB).contains(&mib) => Ok(mib),
        _ => Err(format!("write a whole number of MiB from {LEAST_MIB} to {MOST_MIB}, without a unit")),
    }
}

pub(crate) fn parse_switch(text: &str) -> Result<bool, String> {
    match text {
        "on" => Ok(true),
        "off" => Ok(false),
        _ => Err("write on or off".to_owned()),
    }
}

pub(crate) const fn print_switch(is_on: bool) -> &'static str {
    if is_on { "on" } else { "off" }
}

/// Names of SCIM attributes (RFC 7644 section 3.10), with commas between them.
pub(crate) fn parse_attributes(text: &str) -> Result<Vec<String>, String> {
    let names = text.split(',').map(str::trim).filter(|name| !name.is_empty());
    names
        .map(|name| {
            let is_notation = name.starts_with(|letter: char| letter.is_ascii_alphabetic())
                && name.bytes().all(|letter| letter.is_ascii_alphanumeric() || b"._:$-".contains(&letter));
            if is_notation {
                Ok(name.to_owned())
            } else {
                Err("write names of SCIM attributes, for example emails.value or name.familyName".to_owned())
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_read_and_wrong_ones_refused() {
        assert_eq!((parse_days("7"), parse_days("30")), (Ok(7), Ok(30)));
        for wrong in ["6", "0", "-1", "30d", "", "99999"] {
            assert!(parse_days(wrong).is_err(), "{wrong}");
        }
        assert_eq!(parse_mib("1024"), Ok(1024));
        for wrong in ["15", "1GiB", "1048577"] {
            assert!(parse_mib(wrong).is_err(), "{wrong}");
        }
        assert_eq!((parse_switch("on"), parse_switch("off")), (Ok(true), Ok(false)));
        assert!(parse_switch("true").is_err());
        let names = parse_attributes("emails.value, userName,,urn:x:2.0:User:a");
        assert_eq!(names.unwrap(), ["emails.value", "userName", "urn:x:2.0:User:a"]);
        assert_eq!(parse_attributes(""), Ok(Vec::new()));
        for wrong in ["emails[type eq \"work\"]", "a b", ".value", "1a"] {
            assert!(parse_attributes(wrong).is_err(), "{wrong}");
        }
    }
}
