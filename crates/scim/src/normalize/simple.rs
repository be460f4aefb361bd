//! Checks of simple values against their type (RFC 7643 section 2.3).

use base64::Engine;
use base64::alphabet;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};
use serde_json::Value;

use super::certificate::is_one_sequence;
use super::formats::check_text;
use super::place::Place;
use super::reader::ValueReader;
use crate::schema::AttributeType;
use crate::value::parse_date_time;
use crate::{Error, Repair, Result};

/// RFC 7643 section 2.3.6: padding may be missing.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

/// The value in its attribute's type. The attribute is not complex and the value is neither null nor a list.
pub(super) fn simple_value(reader: &mut ValueReader, place: Place, value: &Value) -> Result<Value> {
    let any_format = reader.leniency.any_format;
    match (place.definition().attribute_type, value) {
        (AttributeType::String, Value::String(text)) => {
            check_text(reader, place, text)?;
            Ok(value.clone())
        }
        (AttributeType::Boolean, Value::Bool(_)) | (AttributeType::Decimal, Value::Number(_)) => Ok(value.clone()),
        (AttributeType::Boolean, Value::String(text)) if reader.leniency.boolean_strings => {
            let boolean = boolean_from_text(text).ok_or_else(|| wrong_type(place, "a boolean (true or false)"))?;
            reader.note(Repair::BooleanFromText { attribute: place.notation(), text: text.clone() });
            Ok(Value::Bool(boolean))
        }
        // A fraction or an exponent makes it no integer (RFC 7643 section 2.3.4); serde_json reads those as floats.
        (AttributeType::Integer, Value::Number(number)) if number.is_i64() || number.is_u64() => Ok(value.clone()),
        (AttributeType::DateTime, Value::String(text)) if any_format || parse_date_time(text).is_some() => {
            Ok(value.clone())
        }
        (AttributeType::Binary, Value::String(text)) => {
            if !any_format {
                check_binary(place, text)?;
            }
            Ok(value.clone())
        }
        (AttributeType::Reference, Value::String(text)) if any_format || is_uri_reference(text) => Ok(value.clone()),
        (attribute_type, _) => Err(wrong_type(place, wanted(attribute_type))),
    }
}

/// Base64 (RFC 7643 section 2.3.6), and one certificate in DER where it is to be a certificate (section 4.1.2).
fn check_binary(place: Place, text: &str) -> Result<()> {
    let bytes = BASE64.decode(text).map_err(|_| wrong_type(place, wanted(AttributeType::Binary)))?;
    if place.notation() == "x509Certificates.value" && !is_one_sequence(&bytes) {
        return Err(wrong_type(place, "one certificate in DER, as base64 text"));
    }
    Ok(())
}

fn boolean_from_text(text: &str) -> Option<bool> {
    if text.eq_ignore_ascii_case("true") {
        Some(true)
    } else if text.eq_ignore_ascii_case("false") {
        Some(false)
    } else {
        None
    }
}

fn wanted(attribute_type: AttributeType) -> &'static str {
    match attribute_type {
        AttributeType::String => "a string",
        AttributeType::Boolean => "a boolean (true or false)",
        AttributeType::Decimal => "a number",
        AttributeType::Integer => "an integer, without fraction or exponent",
        AttributeType::DateTime => "a date and time such as 2026-01-31T12:00:00Z",
        AttributeType::Reference => "a URI",
        AttributeType::Binary => "base64 text",
        AttributeType::Complex => "an object",
    }
}

pub(super) fn wrong_type(place: Place, wanted: &str) -> Error {
    Error::invalid_value(format!("{place} must be {wanted}"))
}

/// Whether the text is made of what a URI or relative reference is made of (RFC 3986 section 2).
fn is_uri_reference(text: &str) -> bool {
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        let allowed = match byte {
            b'%' => {
                let digits = (bytes.next(), bytes.next());
                matches!(digits, (Some(high), Some(low)) if high.is_ascii_hexdigit() && low.is_ascii_hexdigit())
            }
            b'-' | b'.' | b'_' | b'~' | b':' | b'/' | b'?' | b'#' | b'[' | b']' | b'@' | b'!' | b'$' | b'&' | b'\''
            | b'(' | b')' | b'*' | b'+' | b',' | b';' | b'=' => true,
            other => other.is_ascii_alphanumeric(),
        };
        if !allowed {
            return false;
        }
    }
    !text.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_uris_absolute_or_relative() {
        for text in ["https://example.com/Users/1?a=b#c", "../Users/26118915", "urn:x:y", "a%20b"] {
            assert!(is_uri_reference(text), "{text}");
        }
        for text in ["", "not a uri ", "a%2", "a%zzb", "<x>", "ü"] {
            assert!(!is_uri_reference(text), "{text}");
        }
    }

    #[test]
    fn base64_may_lack_its_padding() {
        assert!(BASE64.decode("YQ==").is_ok());
        assert!(BASE64.decode("YQ").is_ok());
        assert!(BASE64.decode("%%%").is_err());
    }
}
