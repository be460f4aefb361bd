//! Checks of texts beyond their type: canonical values, places, languages and mail addresses (RFC 7643 sections 2.3.1
//! and 4.1). Identity providers send free text in all of them, so each check is off unless it is asked for, and what is
//! stored already is never checked.

use super::place::Place;
use super::reader::ValueReader;
use crate::{Error, Leniency, Result, fold};

/// The officially assigned codes of ISO 3166-1 alpha-2.
const COUNTRIES: &str = "AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR \
    BS BT BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET \
    FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ \
    IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML \
    MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS \
    PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL \
    TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW";

/// Refuses a text that the switches ask to refuse. The detail names the place and what is wanted, not the text.
pub(super) fn check_text(reader: &ValueReader, place: Place, text: &str) -> Result<()> {
    let Leniency { any_canonical_value, any_locale, any_email, .. } = *reader.leniency;
    if any_canonical_value && any_locale && any_email {
        return Ok(());
    }
    // An empty text stands for no value in many directories and has no form.
    if text.is_empty() {
        return Ok(());
    }
    let definition = place.definition();
    if !any_canonical_value && !definition.canonical_values.is_empty() {
        let is_listed = definition
            .canonical_values
            .iter()
            .any(|listed| if definition.case_exact { listed == text } else { fold(listed) == fold(text) });
        if !is_listed {
            return Err(refused(place, &format!("one of {}", definition.canonical_values.join(", "))));
        }
    }
    let notation = place.notation();
    if !any_locale {
        let (fits, wanted) = match notation.as_str() {
            "addresses.country" => (is_country(text), "a country code of ISO 3166-1 such as US"),
            "locale" => (is_language_tag(text), "a language tag such as en-US"),
            "preferredLanguage" => (is_language_list(text), "language ranges such as \"da, en-GB;q=0.8\""),
            "timezone" => (is_zone_name(text), "a time zone name such as America/Los_Angeles"),
            _ => (true, ""),
        };
        if !fits {
            return Err(refused(place, wanted));
        }
    }
    if !any_email && notation == "emails.value" && !is_mail_address(text) {
        return Err(refused(place, "a mail address such as local@example.com"));
    }
    Ok(())
}

fn refused(place: Place, wanted: &str) -> Error {
    Error::invalid_value(format!("{place} must be {wanted}"))
}

fn is_country(text: &str) -> bool {
    COUNTRIES.split(' ').any(|code| code == text)
}

/// The form of RFC 5646 section 2.1, with `_` allowed for `-` (RFC 7643 section 4.1.1).
fn is_language_tag(text: &str) -> bool {
    let mut subtags = text.split(['-', '_']);
    let language = subtags.next().unwrap_or_default();
    let is_language = (2..=8).contains(&language.len()) && language.bytes().all(|byte| byte.is_ascii_alphabetic())
        || matches!(language, "x" | "X" | "i" | "I");
    is_language
        && subtags
            .all(|subtag| (1..=8).contains(&subtag.len()) && subtag.bytes().all(|byte| byte.is_ascii_alphanumeric()))
}

/// The form of `Accept-Language` (RFC 9110 section 12.5.4).
fn is_language_list(text: &str) -> bool {
    text.split(',').all(|range| {
        let mut parts = range.split(';').map(str::trim);
        let tag = parts.next().unwrap_or_default();
        let weights = parts.all(|weight| {
            weight
                .strip_prefix("q=")
                .and_then(|number| number.parse::<f32>().ok())
                .is_some_and(|number| (0.0..=1.0).contains(&number))
        });
        weights && (tag == "*" || is_language_tag(tag))
    })
}

/// The form of a name in the IANA time zone database: `UTC`, `Europe/Zurich`, `America/Argentina/Salta`, `Etc/GMT+5`.
fn is_zone_name(text: &str) -> bool {
    let mut parts = text.split('/');
    let has_form = |part: &str| {
        part.starts_with(|first: char| first.is_ascii_alphabetic())
            && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'+'))
    };
    let count = parts.clone().count();
    count <= 3 && parts.all(has_form) && (count > 1 || text.len() <= 9)
}

/// `local@domain` without spaces; more cannot be said without asking the domain (RFC 5321 section 4.1.2).
fn is_mail_address(text: &str) -> bool {
    text.rsplit_once('@').is_some_and(|(local, domain)| {
        !local.is_empty()
            && !domain.is_empty()
            && !domain.starts_with('.')
            && !domain.ends_with('.')
            && !text.chars().any(|character| character.is_whitespace() || character.is_control())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn countries_languages_zones_and_addresses_have_a_form() {
        for (check, good, bad) in [
            (is_country as fn(&str) -> bool, &["US", "CH", "ZW"][..], &["USA", "us", "ZZ", "", "AD AE"][..]),
            (
                is_language_tag,
                &["en", "en-US", "en_US", "zh-Hant-TW", "x-klingon"],
                &["e", "en US", "123", "en--US", ""],
            ),
            (is_language_list, &["en", "da, en-gb;q=0.8, *;q=0"], &["en;q=2", "en,", "q=1", "en;x=1"]),
            (
                is_zone_name,
                &["UTC", "America/Los_Angeles", "America/Argentina/Salta", "Etc/GMT+5"],
                &["", "Pacific Time", "(UTC+01:00)", "America/", "random-words-here", "a/b/c/d"],
            ),
            (is_mail_address, &["a@b", "\"a@b\"@example.com"], &["a", "@b", "a@", "a b@c", "a@b."]),
        ] {
            for text in good {
                assert!(check(text), "{text}");
            }
            for text in bad {
                assert!(!check(text), "{text}");
            }
        }
    }
}
