//! Where texts and real clients disagree, a switch decides. A profile sets the switches; this crate never asks who the
//! peer is.

use serde::{Deserialize, Serialize};

/// The switches. The default accepts what identity providers really send; [`Leniency::STRICT`] follows the letter of
/// the RFCs. Each field is phrased so that `true` is the tolerant answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "snake_case")]
pub struct Leniency {
    /// `"True"` and `"false"` in any case stand for booleans, in bodies and in filters.
    pub boolean_strings: bool,
    /// `replace` or `add` through `x[type eq "work"].y` that matches nothing creates the element from the `eq` clauses
    /// (RFC 7644 section 3.5.2.3 says `noTarget` for `replace`).
    pub create_missing_elements: bool,
    /// Attributes and schema URNs that the schema does not define are dropped with a [`crate::Repair`], not refused.
    pub ignore_unknown_attributes: bool,
    /// A body without `schemas` is taken as one of the endpoint's type.
    pub missing_schemas: bool,
    /// A bare word where the filter grammar wants a quoted string is taken as that string: `externalId eq jyoung`.
    pub bare_words: bool,
    /// `remove` with a `value` list removes the listed values instead of being refused.
    pub remove_with_value: bool,
    /// A simple value where a complex attribute with `value` is wanted is wrapped: `manager: "271"`; a single object
    /// where a list is wanted becomes a list of one, and the reverse. An empty text in such a place unassigns.
    pub wrap_values: bool,
    /// Member names in bodies and in PATCH values without a path are read as attribute notation: `name.givenName`,
    /// `urn:…:User:department`.
    pub notation_keys: bool,
    /// The first of several elements marked `primary` in POST or PUT keeps the mark; otherwise it is `invalidValue`.
    pub several_primaries: bool,
    /// Strings of type dateTime, reference and binary are stored as sent, whatever their form.
    pub any_format: bool,
    /// An unknown group member is held as pending; otherwise the request is refused and changes nothing.
    pub hold_unknown_members: bool,
    /// A second group of the same `displayName` is allowed; otherwise it is a `uniqueness` conflict.
    pub duplicate_group_names: bool,
}

impl Leniency {
    /// What satisfies every identity provider that was seen at once.
    pub const TOLERANT: Self = Self {
        boolean_strings: true,
        create_missing_elements: true,
        ignore_unknown_attributes: true,
        missing_schemas: true,
        bare_words: true,
        remove_with_value: true,
        wrap_values: true,
        notation_keys: true,
        several_primaries: true,
        any_format: true,
        hold_unknown_members: true,
        duplicate_group_names: false,
    };

    /// The letter of the RFCs.
    pub const STRICT: Self = Self {
        boolean_strings: false,
        create_missing_elements: false,
        ignore_unknown_attributes: false,
        missing_schemas: false,
        bare_words: false,
        remove_with_value: false,
        wrap_values: false,
        notation_keys: false,
        several_primaries: false,
        any_format: false,
        hold_unknown_members: false,
        duplicate_group_names: true,
    };
}

impl Default for Leniency {
    fn default() -> Self {
        Self::TOLERANT
    }
}
