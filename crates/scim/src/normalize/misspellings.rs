//! Names that identity providers are known to misspell, or to take from another vocabulary (OneLogin's templates,
//! SCIM 1.1's `managerId`).

use serde_json::{Map, Value};

use super::reader::ValueReader;
use crate::{Leniency, Repair};

/// Where, what is sent, and what it means. `""` is the resource itself.
const MISSPELLINGS: [(&str, &str, &str); 5] = [
    ("", "prefferedLanguage", "preferredLanguage"),
    ("", "preferedLanguage", "preferredLanguage"),
    ("addresses", "city", "locality"),
    ("addresses", "state", "region"),
    ("manager", "managerId", "value"),
];

/// What the misspelt names of one object mean.
pub(crate) struct Misspellings {
    /// What is sent, and what it means. A right name that is sent, too, leaves its misspelling alone.
    known: Vec<(&'static str, &'static str)>,
}

impl Misspellings {
    /// `holder`: the attribute whose value the object is, or nothing for the resource. The object is gone through once
    /// for each name that is known to be misspelt there, however often it is.
    pub(crate) fn in_object(leniency: &Leniency, holder: &str, sent: &Map<String, Value>) -> Self {
        let is_sent = |right: &str| sent.keys().any(|name| name.eq_ignore_ascii_case(right));
        let known = MISSPELLINGS
            .into_iter()
            .filter(|(of, _, right)| leniency.known_misspellings && of.eq_ignore_ascii_case(holder) && !is_sent(right))
            .map(|(_, wrong, right)| (wrong, right))
            .collect();
        Self { known }
    }

    /// What a name means that the schema does not have.
    pub(crate) fn meant_by(&self, sent: &str) -> Option<&'static str> {
        self.find(sent).map(|(_, right)| right)
    }

    /// As [`Self::meant_by`], with a note. `holder` is that of the object.
    pub(super) fn correct(&self, reader: &mut ValueReader, holder: &str, sent: &str) -> Option<&'static str> {
        let (wrong, right) = self.find(sent)?;
        let attribute = if holder.is_empty() { right.to_owned() } else { format!("{holder}.{right}") };
        reader.note(Repair::NameCorrected { sent: wrong.to_owned(), attribute });
        Some(right)
    }

    fn find(&self, sent: &str) -> Option<(&'static str, &'static str)> {
        self.known.iter().copied().find(|(wrong, _)| wrong.eq_ignore_ascii_case(sent))
    }
}
