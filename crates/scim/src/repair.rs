//! What was changed in a message before it could be understood, so that nothing is corrected in silence.

use std::fmt;

/// One correction of a client's message. Carries attribute names, never values; the text of a boolean is none that says
/// anything about a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Repair {
    /// Text such as `"False"` was read as a boolean; `text` is one of the spellings of true and false.
    BooleanFromText { attribute: String, text: String },
    /// A member that no schema defines was left out.
    UnknownAttributeDropped { attribute: String },
    /// A schema URN that the resource type does not declare was left out of `schemas`.
    UnknownSchemaDropped { urn: String },
    /// A simple value or a single object was wrapped, or a list of one unwrapped, to fit the schema.
    ValueWrapped { attribute: String },
    /// Element made from the `eq` clauses of a value path that matched nothing.
    ElementCreated { attribute: String },
    /// The mark `primary` was taken from all but one element.
    PrimaryCleared { attribute: String },
    /// The body had no `schemas`, or they did not list what is wanted there.
    SchemasAssumed,
    /// `remove` with a value list was read as "remove these".
    RemoveByValue { attribute: String },
    /// A member name was read as attribute notation: `name.givenName`.
    NotationRead { attribute: String },
    /// An attribute of an extension was named without the extension's URN.
    BareExtensionName { attribute: String },
    /// Elements that are the same one but say different things were merged into one.
    ElementsMerged { attribute: String },
    /// The `value` of a reference was taken from its `$ref`.
    ValueFromReference { attribute: String },
    /// A readOnly attribute in a PATCH value without a path was left out.
    ReadOnlyDropped { attribute: String },
    /// A misspelt name was read as the attribute that it means.
    NameCorrected { sent: String, attribute: String },
    /// A PATCH without its envelope was read as one operation.
    EnvelopeAssumed,
    /// A word without quotes in a filter was read as text.
    BareWordRead,
    /// Text such as `"True"` in a filter was read as a boolean.
    BooleanFromTextInFilter,
}

/// Where repairs are collected while a message is read.
pub type Repairs = Vec<Repair>;

impl Repair {
    /// Every code, for whoever counts by kind.
    pub const CODES: [&'static str; 17] = [
        "classic_boolean",
        "unknown_attribute",
        "unknown_schema",
        "wrapped_value",
        "created_element",
        "second_primary",
        "missing_schemas",
        "removal_by_value",
        "notation_key",
        "bare_extension_name",
        "repeated_element",
        "value_from_reference",
        "read_only_attribute",
        "misspelt_name",
        "bare_operation",
        "bare_word",
        "classic_boolean_filter",
    ];

    /// The kind of the repair: a stable word for counters and logs. With spaces for underscores it is the plain name of
    /// the habit that was met.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::BooleanFromText { .. } => "classic_boolean",
            Self::UnknownAttributeDropped { .. } => "unknown_attribute",
            Self::UnknownSchemaDropped { .. } => "unknown_schema",
            Self::ValueWrapped { .. } => "wrapped_value",
            Self::ElementCreated { .. } => "created_element",
            Self::PrimaryCleared { .. } => "second_primary",
            Self::SchemasAssumed => "missing_schemas",
            Self::RemoveByValue { .. } => "removal_by_value",
            Self::NotationRead { .. } => "notation_key",
            Self::BareExtensionName { .. } => "bare_extension_name",
            Self::ElementsMerged { .. } => "repeated_element",
            Self::ValueFromReference { .. } => "value_from_reference",
            Self::ReadOnlyDropped { .. } => "read_only_attribute",
            Self::NameCorrected { .. } => "misspelt_name",
            Self::EnvelopeAssumed => "bare_operation",
            Self::BareWordRead => "bare_word",
            Self::BooleanFromTextInFilter => "classic_boolean_filter",
        }
    }
}

/// What was done, in plain words and without a value. A name that no schema knows is not shown either: it is whatever
/// the client sent, and may be a value in the wrong place.
impl fmt::Display for Repair {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::BooleanFromText { attribute, text } => {
                write!(formatter, "\"{text}\" read as {} in {attribute}", text.to_ascii_lowercase())
            }
            Self::UnknownAttributeDropped { .. } => {
                formatter.write_str("an attribute left out, because no schema defines it")
            }
            Self::UnknownSchemaDropped { .. } => {
                formatter.write_str("a schema left out, because the resource type does not declare it")
            }
            Self::ValueWrapped { attribute } => {
                write!(formatter, "value of {attribute} brought into its schema's shape")
            }
            Self::ElementCreated { attribute } => {
                write!(formatter, "element of {attribute} created, because the filter of the path matched none")
            }
            Self::PrimaryCleared { attribute } => {
                write!(formatter, "several primary elements in {attribute}, of which the first was taken")
            }
            Self::SchemasAssumed => formatter.write_str("schemas missing, taken from the address"),
            Self::RemoveByValue { attribute } => {
                write!(formatter, "remove with a value list read as removal of these from {attribute}")
            }
            Self::NotationRead { attribute } => write!(formatter, "member name read as the path {attribute}"),
            Self::BareExtensionName { attribute } => write!(formatter, "name without its schema read as {attribute}"),
            Self::ElementsMerged { attribute } => {
                write!(formatter, "elements of {attribute} merged, because they name the same thing")
            }
            Self::ValueFromReference { attribute } => write!(formatter, "value in {attribute} taken from its $ref"),
            Self::ReadOnlyDropped { attribute } => write!(formatter, "{attribute} left out, because it is readOnly"),
            Self::NameCorrected { sent, attribute } => write!(formatter, "{sent} read as {attribute}"),
            Self::EnvelopeAssumed => formatter.write_str("operation without its envelope read as a PATCH"),
            Self::BareWordRead => formatter.write_str("word without quotes in the filter read as text"),
            Self::BooleanFromTextInFilter => {
                formatter.write_str("quoted true or false in the filter read as a boolean")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_is_listed_and_lower_case() {
        let name = || "emails".to_owned();
        let all = [
            Repair::BooleanFromText { attribute: name(), text: "False".to_owned() },
            Repair::UnknownAttributeDropped { attribute: name() },
            Repair::UnknownSchemaDropped { urn: name() },
            Repair::ValueWrapped { attribute: name() },
            Repair::ElementCreated { attribute: name() },
            Repair::PrimaryCleared { attribute: name() },
            Repair::SchemasAssumed,
            Repair::RemoveByValue { attribute: name() },
            Repair::NotationRead { attribute: name() },
            Repair::BareExtensionName { attribute: name() },
            Repair::ElementsMerged { attribute: name() },
            Repair::ValueFromReference { attribute: name() },
            Repair::ReadOnlyDropped { attribute: name() },
            Repair::NameCorrected { sent: name(), attribute: name() },
            Repair::EnvelopeAssumed,
            Repair::BareWordRead,
            Repair::BooleanFromTextInFilter,
        ];
        assert_eq!(all.each_ref().map(Repair::code), Repair::CODES);
        for code in Repair::CODES {
            assert!(code.bytes().all(|byte| byte == b'_' || byte.is_ascii_lowercase()), "{code}");
        }
    }

    #[test]
    fn a_repair_is_told_in_plain_words() {
        let repair = Repair::BooleanFromText { attribute: "active".to_owned(), text: "False".to_owned() };
        assert_eq!(repair.to_string(), "\"False\" read as false in active");
        let unknown = Repair::UnknownAttributeDropped { attribute: "jane@example.com".to_owned() };
        assert_eq!(unknown.to_string(), "an attribute left out, because no schema defines it");
    }
}
