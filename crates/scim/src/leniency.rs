//! Where texts and real clients disagree, a switch decides. A profile sets the switches; this crate never asks who the
//! peer is.

use serde::{Deserialize, Serialize};

/// One switch of [`Leniency`], so that whoever sets switches by name need not know them.
#[derive(Debug)]
pub struct Switch {
    pub name: &'static str,
    /// What it does when it is on, and what happens otherwise: the documentation of the field.
    pub describes: &'static [&'static str],
    pub get: fn(&Leniency) -> bool,
    pub set: fn(&mut Leniency, bool),
}

/// Each switch once: its documentation, its name, what the tolerant and what the strict answer is.
macro_rules! switches {
    ($($(#[doc = $doc:literal])+ $name:ident: $tolerant:literal / $strict:literal,)+) => {
        /// The switches. The default accepts what identity providers really send; [`Leniency::STRICT`] follows the
        /// letter of the RFCs. Each field is phrased so that `true` is the tolerant answer.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(default, deny_unknown_fields, rename_all = "snake_case")]
        pub struct Leniency {
            $($(#[doc = $doc])+ pub $name: bool,)+
        }

        impl Leniency {
            /// What satisfies every identity provider that was seen at once.
            pub const TOLERANT: Self = Self { $($name: $tolerant,)+ };

            /// The letter of the RFCs. Where they leave the choice, the answer is the recommended one of those that
            /// lose no data.
            pub const STRICT: Self = Self { $($name: $strict,)+ };

            /// Every switch, in the order of the fields.
            pub const SWITCHES: &'static [Switch] = &[$(Switch {
                name: stringify!($name),
                describes: &[$($doc),+],
                get: |leniency| leniency.$name,
                set: |leniency, value| leniency.$name = value,
            },)+];
        }
    };
}

// To add a switch: its lines here (documentation, name, tolerant / strict), a test on each side, its value in
// crates/muster-app/profiles/generic.toml (and strict.toml), and a case in crates/muster-scim-server/tests/it/profiles.
switches! {
    /// `"True"` and `"false"` in any case stand for booleans, in bodies and in filters.
    boolean_strings: true / false,
    /// `replace` through `x[type eq "work"].y` that matches nothing creates the element from the `eq` clauses. Otherwise
    /// it is `noTarget` (RFC 7644 section 3.5.2.3).
    create_missing_elements: true / false,
    /// The same for `add`, about which RFC 7644 says nothing.
    add_missing_elements: true / true,
    /// Attributes and schema URNs that the schema does not define are dropped with a note, not refused.
    ignore_unknown_attributes: true / false,
    /// A body whose `schemas` are missing or empty, or do not list the base schema, is taken as one of the endpoint's type.
    missing_schemas: true / false,
    /// A bare word where the filter grammar wants a quoted string is taken as that string: `externalId eq jyoung`.
    bare_words: true / false,
    /// `remove` with a `value` list removes the listed values instead of being refused.
    remove_with_value: true / false,
    /// A simple value where a complex attribute with `value` is wanted is wrapped: `manager: "271"`; a single object
    /// where a list is wanted becomes a list of one, and the reverse. An empty text for a single complex value unassigns
    /// it; for a list it is `invalidValue`.
    wrap_values: true / false,
    /// Member names in bodies and in PATCH values without a path are read as attribute notation: `name.givenName`,
    /// `urn:…:User:department`.
    notation_keys: true / false,
    /// An attribute of an extension may be named without the extension's URN where exactly one extension has it and the
    /// base schema has none of that name: `manager eq "26"`. Otherwise it is an unknown attribute (RFC 7644 section 3.10).
    bare_extension_names: true / false,
    /// An element of a list of references that has a `$ref` and no `value` gets the last segment of its `$ref` as `value`.
    /// Otherwise it is `invalidValue`.
    value_from_reference: true / false,
    /// What is readOnly in a PATCH value without a path is left out, as it is in PUT. Otherwise it is `mutability` (RFC
    /// 7644 section 3.5.2). `id`, `meta` and `schemas` are left out either way.
    ignore_read_only: true / false,
    /// Names that are often misspelt are read as what they mean when the schema has no such name: `prefferedLanguage`,
    /// `city` in an address, `managerId` in `manager`. Otherwise they are unknown attributes.
    known_misspellings: true / false,
    /// A PATCH body that is one operation without the envelope of `schemas` and `Operations` is taken as that operation.
    bare_patch_operation: false / false,
    /// `replace` of a whole complex attribute leaves the sub-attributes as they are that it does not name (RFC 7644
    /// section 3.5.2.3). Otherwise they go, as an interoperability draft of 2026 has it.
    merge_whole_complex: true / true,
    /// The first of several elements marked `primary` in POST or PUT keeps the mark; otherwise it is `invalidValue`.
    several_primaries: true / false,
    /// Strings of type dateTime, reference and binary are stored as sent, whatever their form. Otherwise they have the form
    /// of their type, and a value of `x509Certificates` is one certificate in DER.
    any_format: true / false,
    /// Values that the schema does not list as canonical are stored, such as an e-mail address of type `alias`.
    /// Otherwise they are `invalidValue` (RFC 7643 section 2.3.1 allows both).
    any_canonical_value: true / true,
    /// `country`, `locale`, `preferredLanguage` and `timezone` are stored as sent. Otherwise they must have the form of
    /// an ISO 3166 code, a language tag, a list of language ranges and an IANA zone name (RFC 7643 section 4.1).
    any_locale: true / true,
    /// The `value` of an e-mail address is stored as sent. Otherwise it must have the form `local@domain`.
    any_email: true / true,
    /// A filter on an attribute that is never returned matches nothing. Otherwise it is refused as `sensitive`
    /// (RFC 7644 section 7.5.2). Either way nothing can be learnt of the value.
    hidden_attributes_match_nothing: false / false,
    /// An unknown group member is held as pending; otherwise the request is refused and changes nothing.
    hold_unknown_members: true / false,
    /// A second group of the same `displayName` is allowed; otherwise it is a `uniqueness` conflict. Counts for groups
    /// that are written while it is set, within one connection.
    duplicate_group_names: false / true,
    /// A second resource of the same `externalId` is allowed (RFC 7643 section 3.1); otherwise it is a `uniqueness`
    /// conflict. Counts for resources that are written while it is set, within one connection.
    duplicate_external_ids: true / true,
}

impl Default for Leniency {
    fn default() -> Self {
        Self::TOLERANT
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_switch_is_read_and_set_by_its_own_name() {
        for switch in Leniency::SWITCHES {
            let mut leniency = Leniency::TOLERANT;
            (switch.set)(&mut leniency, !(switch.get)(&Leniency::TOLERANT));
            let changed = serde_json::to_value(leniency).unwrap();
            let before = serde_json::to_value(Leniency::TOLERANT).unwrap();
            let differs: Vec<_> =
                before.as_object().unwrap().iter().filter(|(name, value)| changed[name.as_str()] != **value).collect();
            assert_eq!(differs.len(), 1);
            assert_eq!(differs[0].0, switch.name);
        }
    }

    #[test]
    fn every_switch_says_what_it_does() {
        for switch in Leniency::SWITCHES {
            assert!(switch.describes.concat().trim_end().ends_with('.'), "{}", switch.name);
        }
    }
}
