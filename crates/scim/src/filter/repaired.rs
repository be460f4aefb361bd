//! Which liberties a filter took. Reading it says only whether it could be read.

use super::Filter;
use crate::{Leniency, Repair, Repairs, ResourceSchema};

/// What had to be repaired so that the filter could be read, for a filter that was read under this leniency. A switch
/// was needed when the filter cannot be read without it; that costs reading it again for each switch that is on, which
/// is little beside the query.
pub fn repairs_of(text: &str, schema: &ResourceSchema, leniency: &Leniency) -> Repairs {
    let narrower = [
        (leniency.bare_words, Leniency { bare_words: false, ..*leniency }, Repair::BareWordRead),
        (leniency.boolean_strings, Leniency { boolean_strings: false, ..*leniency }, Repair::BooleanFromTextInFilter),
    ];
    narrower
        .into_iter()
        .filter(|(is_on, narrower, _)| *is_on && !can_be_read(text, schema, narrower))
        .map(|(_, _, repair)| repair)
        .chain(bare_names(text, schema, leniency))
        .collect()
}

/// Attributes of extensions that the filter names without the extension's URN, each once.
fn bare_names(text: &str, schema: &ResourceSchema, leniency: &Leniency) -> Repairs {
    let mut repairs = Repairs::new();
    let Some(filter) = Filter::parse(text, leniency).ok().filter(|_| leniency.bare_extension_names) else {
        return repairs;
    };
    for condition in filter.conditions() {
        if let Filter::Compare { path, .. } | Filter::Present(path) | Filter::Elements { path, .. } = condition
            && path.urn.is_none()
            && let Ok(found) = schema.resolve_attribute_leniently(path, leniency)
            && found.extension.is_some()
        {
            let repair = Repair::BareExtensionName { attribute: found.notation() };
            if !repairs.contains(&repair) {
                repairs.push(repair);
            }
        }
    }
    repairs
}

fn can_be_read(text: &str, schema: &ResourceSchema, leniency: &Leniency) -> bool {
    Filter::parse(text, leniency).and_then(|filter| filter.compile_or_absent(schema, leniency)).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::user_resource_schema;

    #[test]
    fn each_liberty_is_named_and_only_when_it_was_taken() {
        let attribute = format!("{}:manager", crate::schema::ENTERPRISE_USER);
        let bare = Repair::BareExtensionName { attribute };
        for (text, expected) in [
            (r#"userName eq "a""#, vec![]),
            ("externalId eq jyoung", vec![Repair::BareWordRead]),
            ("externalId eq 701984", vec![Repair::BareWordRead]),
            (r#"roles[primary eq "True"]"#, vec![Repair::BooleanFromTextInFilter]),
            (r#"id eq "X" and manager eq "Y""#, vec![bare.clone()]),
            (r#"manager pr or not (manager eq "Y")"#, vec![bare]),
            (r#"userName eq a and active eq "true""#, vec![Repair::BareWordRead, Repair::BooleanFromTextInFilter]),
        ] {
            assert_eq!(repairs_of(text, &user_resource_schema(), &Leniency::TOLERANT), expected, "{text}");
            assert_eq!(repairs_of(text, &user_resource_schema(), &Leniency::STRICT), [], "{text}");
        }
    }
}
