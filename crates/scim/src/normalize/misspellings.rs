//! Names that identity providers are known to misspell, or to take from another vocabulary (OneLogin's templates,
//! SCIM 1.1's `managerId`).

use super::reader::ValueReader;
use crate::Repair;

/// Where, what is sent, and what it means. `""` is the resource itself.
const MISSPELLINGS: [(&str, &str, &str); 5] = [
    ("", "prefferedLanguage", "preferredLanguage"),
    ("", "preferedLanguage", "preferredLanguage"),
    ("addresses", "city", "locality"),
    ("addresses", "state", "region"),
    ("manager", "managerId", "value"),
];

/// What a name means that the schema does not have. `holder`: the attribute whose sub-attribute is named, or nothing for
/// an attribute of the resource. `is_there`: whether the right name is sent too; then the misspelt one is left alone.
pub(crate) fn meant_by(
    reader: &mut ValueReader,
    holder: &str,
    sent: &str,
    is_there: impl Fn(&str) -> bool,
) -> Option<&'static str> {
    if !reader.leniency.known_misspellings {
        return None;
    }
    let (_, wrong, meant) = MISSPELLINGS
        .into_iter()
        .find(|(of, wrong, _)| of.eq_ignore_ascii_case(holder) && wrong.eq_ignore_ascii_case(sent))?;
    if is_there(meant) {
        return None;
    }
    let attribute = if holder.is_empty() { meant.to_owned() } else { format!("{holder}.{meant}") };
    reader.note(Repair::NameCorrected { sent: wrong.to_owned(), attribute });
    Some(meant)
}
