//! Judgements on JSON values by the attribute's definition, shared by filters, PATCH and normalisation.

use std::cmp::Ordering;

use jiff::civil::{Date, Time};
use jiff::tz::Offset;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Number, Value};

use crate::fold::fold;
use crate::schema::{Attribute, AttributeType};

/// Whether `pr` holds (RFC 7644 section 3.4.2.2, table 3). `false` and `0` are values; null, `""`, and lists and
/// objects without anything present inside are not.
pub fn is_present(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Bool(_) | Value::Number(_) => true,
        Value::String(text) => !text.is_empty(),
        Value::Array(elements) => elements.iter().any(is_present),
        Value::Object(members) => members.values().any(is_present),
    }
}

/// Whether the value is the same as no value at all: null or an empty list (RFC 7643 section 2.5). Unlike for
/// [`is_present`], `""` is a value that a client assigned.
pub fn is_unassigned(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(elements) => elements.is_empty(),
        _ => false,
    }
}

/// Whether two values are the same to SCIM: strings by `caseExact`, numbers by size, dateTimes by instant, complex
/// values by what is assigned in them. This is the equality of `eq`, so spellings may differ; whether a *change of
/// spelling* is a change is for the caller to say.
///
/// Lists are equal when their elements are, in order: RFC 7643 section 2.4 gives order no meaning, but clients see it.
pub fn equal(definition: &Attribute, left: &Value, right: &Value) -> bool {
    match (left, right) {
        _ if is_unassigned(left) || is_unassigned(right) => is_unassigned(left) && is_unassigned(right),
        (Value::Array(left), Value::Array(right)) => {
            left.len() == right.len() && left.iter().zip(right).all(|(left, right)| equal(definition, left, right))
        }
        (Value::Object(left), Value::Object(right)) => {
            let agrees = |name: &String, value: &Value, other: &serde_json::Map<String, Value>| {
                let other = other.get(name).unwrap_or(&Value::Null);
                match definition.sub_attribute(name) {
                    Some(sub_attribute) => equal(sub_attribute, value, other),
                    None => value == other || (is_unassigned(value) && is_unassigned(other)),
                }
            };
            left.iter().all(|(name, value)| agrees(name, value, right))
                && right.iter().all(|(name, value)| left.contains_key(name) || is_unassigned(value))
        }
        (Value::Number(left), Value::Number(right)) => compare_numbers(left, right) == Ordering::Equal,
        (Value::String(left), Value::String(right)) => equal_texts(definition, left, right),
        _ => left == right,
    }
}

fn equal_texts(definition: &Attribute, left: &str, right: &str) -> bool {
    if left == right {
        return true;
    }
    match definition.attribute_type {
        AttributeType::DateTime => match (parse_date_time(left), parse_date_time(right)) {
            (Some(left), Some(right)) => left == right,
            _ => false,
        },
        _ if definition.case_exact => false,
        _ if left.is_ascii() && right.is_ascii() => left.eq_ignore_ascii_case(right),
        _ => fold(left) == fold(right),
    }
}

/// Orders two JSON numbers by size, without loss for whole numbers of 64 bits.
pub fn compare_numbers(left: &Number, right: &Number) -> Ordering {
    match (whole(left), whole(right)) {
        (Some(left), Some(right)) => left.cmp(&right),
        (Some(left), None) => compare_whole_with_double(left, double(right)),
        (None, Some(right)) => compare_whole_with_double(right, double(left)).reverse(),
        (None, None) => double(left).total_cmp(&double(right)),
    }
}

fn whole(number: &Number) -> Option<i128> {
    number.as_i64().map(i128::from).or_else(|| number.as_u64().map(i128::from))
}

/// A JSON number is never infinite or not a number. Adding zero turns `-0.0`, which is not less than `0.0`, into it.
fn double(number: &Number) -> f64 {
    number.as_f64().unwrap_or_default() + 0.0
}

fn compare_whole_with_double(left: i128, right: f64) -> Ordering {
    let floor = right.floor();
    #[expect(
        clippy::cast_possible_truncation,
        reason = "the value is whole; beyond 128 bits the cast saturates, which any number of 64 bits is within"
    )]
    let right_floor = floor as i128;
    left.cmp(&right_floor).then(if right > floor { Ordering::Less } else { Ordering::Equal })
}

/// Reads an `xsd:dateTime` (RFC 7643 section 2.3.5): `2011-05-13T04:42:34.123+02:00`. Without a zone it is taken as
/// UTC; digits beyond nanoseconds are dropped; `24:00:00` is the next midnight.
pub fn parse_date_time(text: &str) -> Option<Timestamp> {
    let (date, rest) = text.split_once('T')?;
    let (is_before_year_0, date) = match date.strip_prefix('-') {
        Some(date) => (true, date),
        None => (false, date),
    };
    let mut fields = date.split('-');
    let year = fixed_digits(fields.next()?, 4)?;
    let (month, day) = (fixed_digits(fields.next()?, 2)?, fixed_digits(fields.next()?, 2)?);
    if fields.next().is_some() {
        return None;
    }
    let date = Date::new(
        if is_before_year_0 { year.checked_neg()? } else { year },
        i8::try_from(month).ok()?,
        i8::try_from(day).ok()?,
    )
    .ok()?;
    let zone_at = rest.find(['Z', '+', '-']).unwrap_or(rest.len());
    let (time, zone) = rest.split_at_checked(zone_at)?;
    let (time, is_next_day) = parse_time(time)?;
    let timestamp = parse_zone(zone)?.to_timestamp(date.to_datetime(time)).ok()?;
    if is_next_day { timestamp.checked_add(SignedDuration::from_hours(24)).ok() } else { Some(timestamp) }
}

/// `hh:mm:ss` with an optional fraction, and whether it was `24:00:00`.
fn parse_time(text: &str) -> Option<(Time, bool)> {
    let (clock, fraction) = match text.split_once('.') {
        Some((clock, fraction)) => (clock, Some(fraction)),
        None => (text, None),
    };
    let mut fields = clock.split(':');
    let mut field = || i8::try_from(fixed_digits(fields.next()?, 2)?).ok();
    let (hour, minute, second) = (field()?, field()?, field()?);
    if fields.next().is_some() {
        return None;
    }
    let nanosecond = fraction.map_or(Some(0), parse_fraction)?;
    if hour == 24 {
        return (minute == 0 && second == 0 && nanosecond == 0).then_some((Time::midnight(), true));
    }
    Some((Time::new(hour, minute, second, nanosecond).ok()?, false))
}

fn parse_fraction(digits: &str) -> Option<i32> {
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let known = digits.get(..9).unwrap_or(digits);
    format!("{known:0<9}").parse().ok()
}

/// `Z`, `+hh:mm`, `-hh:mm` up to 14 hours, or nothing.
fn parse_zone(text: &str) -> Option<Offset> {
    let (sign, clock) = match text.split_at_checked(1) {
        None | Some(("Z", "")) => return Some(Offset::UTC),
        Some(("+", clock)) => (1, clock),
        Some(("-", clock)) => (-1, clock),
        Some(_) => return None,
    };
    let (hours, minutes) = clock.split_once(':')?;
    let (hours, minutes) = (i32::from(fixed_digits(hours, 2)?), i32::from(fixed_digits(minutes, 2)?));
    let total = hours.checked_mul(60)?.checked_add(minutes)?;
    if minutes > 59 || total > 14 * 60 {
        return None;
    }
    Offset::from_seconds(total.checked_mul(60)?.checked_mul(sign)?).ok()
}

/// Exactly `count` digits.
fn fixed_digits(text: &str, count: usize) -> Option<i16> {
    let fits = text.len() == count && text.bytes().all(|byte| byte.is_ascii_digit());
    if fits { text.parse().ok() } else { None }
}

#[cfg(test)]
mod tests;
