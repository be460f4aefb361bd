//! Texts that look a little like filters, made from any bytes.

use scim::{Leniency, filter::Filter};

const SCRAPS: [&str; 48] = [
    " ",
    " ",
    " ",
    "(",
    ")",
    "[",
    "]",
    "].",
    ".",
    ":",
    "\"",
    "'",
    "\\",
    "and",
    " or ",
    " and ",
    "not",
    "not (",
    " pr",
    " eq ",
    " ne ",
    " co ",
    " gt ",
    " le ",
    "userName",
    "emails",
    "emails[",
    "type",
    "value",
    "primary",
    "active",
    "meta.lastModified",
    "manager",
    "members",
    "password",
    "schemas",
    "urn:ietf:params:scim:schemas:core:2.0:User:",
    "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User",
    "\"work\"",
    "\"2011-05-13T04:42:34Z\"",
    "true",
    "False",
    "null",
    "0",
    "-1.5e3",
    "18446744073709551616",
    "\"\\u00e9\"",
    "\u{fc}",
];

/// Random bytes seldom make a filter, so half of the inputs are strings of the grammar's own scraps.
pub(crate) fn text_from(input: &[u8]) -> String {
    match input.split_first() {
        Some((first, rest)) if first % 2 == 0 => {
            rest.iter().filter_map(|byte| SCRAPS.get(usize::from(*byte) % SCRAPS.len())).copied().collect()
        }
        Some((_, rest)) => String::from_utf8_lossy(rest).into_owned(),
        None => String::new(),
    }
}

/// The scraps do make filters that are understood; otherwise the fuzz targets would prove little.
#[test]
fn scraps_make_filters() {
    let wanted = ["emails[", "type", " eq ", "\"work\"", "]", " and ", "active", " pr"];
    let places = wanted.map(|wanted| SCRAPS.iter().position(|scrap| *scrap == wanted).unwrap());
    let input: Vec<u8> = std::iter::once(0).chain(places).map(|place| u8::try_from(place).unwrap()).collect();
    let text = text_from(&input);
    assert_eq!(text, r#"emails[type eq "work"] and active pr"#);
    assert!(Filter::parse(&text, &Leniency::STRICT).is_ok());
}
