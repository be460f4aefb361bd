//! What a cursor belongs to: the caller and the question. A cursor of one cannot be opened for another.

use muster_model::{ConnectionId, CredentialId, TenantId};
use scim::filter::Filter;
use scim::message::SearchRequest;
use scim::path::AttributePath;
use serde::Serialize;

use crate::{AppError, ScimCaller};

/// The question that a cursor belongs to (RFC 9865 section 2: the same endpoint and the same parameters), and the
/// credential with which it was asked: whoever gets hold of a cursor has no use of it, and a credential that is replaced
/// takes its cursors along (section 5.2).
pub(crate) struct Binding(Vec<u8>);

#[derive(Serialize)]
struct Question<'a> {
    tenant: TenantId,
    connection: ConnectionId,
    credential: CredentialId,
    /// `None`: all types.
    resource_type: Option<&'a str>,
    filter: Option<String>,
    sort_by: Option<String>,
    sort_order: Option<String>,
    attributes: Vec<String>,
    excluded_attributes: Vec<String>,
}

impl Binding {
    pub(crate) fn of(
        caller: &ScimCaller,
        resource_type: Option<&str>,
        search: &SearchRequest,
        filter: Option<&Filter>,
    ) -> Result<Self, AppError> {
        let lower = |names: &[String]| names.iter().map(|name| name.to_ascii_lowercase()).collect();
        let question = Question {
            tenant: caller.connection().tenant,
            connection: caller.connection().id,
            credential: caller.credential(),
            resource_type,
            // As printed, not as sent: spaces and the case of names carry no meaning, and the RFC's own example changes
            // the latter between two pages.
            filter: filter.map(|filter| with_lower_names(filter).to_string()),
            sort_by: search.sort_by.as_ref().map(|name| name.trim_ascii().to_ascii_lowercase()),
            sort_order: search.sort_order.as_ref().map(|order| order.to_ascii_lowercase()),
            attributes: lower(&search.attributes),
            excluded_attributes: lower(&search.excluded_attributes),
        };
        serde_json::to_vec(&question).map(Self).map_err(|error| AppError::Internal(Box::new(error)))
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

/// Attribute names match in any letter case (RFC 7643 section 2.1). Recursion is bounded: the parser limits how deep a
/// filter can be.
fn with_lower_names(filter: &Filter) -> Filter {
    let lower = |path: &AttributePath| AttributePath {
        urn: path.urn.as_ref().map(|urn| urn.to_ascii_lowercase()),
        attribute: path.attribute.to_ascii_lowercase(),
        sub_attribute: path.sub_attribute.as_ref().map(|name| name.to_ascii_lowercase()),
    };
    let boxed = |filter: &Filter| Box::new(with_lower_names(filter));
    match filter {
        Filter::And(left, right) => Filter::And(boxed(left), boxed(right)),
        Filter::Or(left, right) => Filter::Or(boxed(left), boxed(right)),
        Filter::Not(inner) => Filter::Not(boxed(inner)),
        Filter::Compare { path, operator, value } => {
            Filter::Compare { path: lower(path), operator: *operator, value: value.clone() }
        }
        Filter::Present(path) => Filter::Present(lower(path)),
        Filter::Elements { path, filter } => Filter::Elements { path: lower(path), filter: boxed(filter) },
    }
}

#[cfg(test)]
mod tests {
    use scim::Leniency;

    use super::*;

    #[test]
    fn a_filter_is_the_same_in_any_spelling_of_its_names_and_not_of_its_values() {
        let printed = |text: &str| with_lower_names(&Filter::parse(text, &Leniency::TOLERANT).unwrap()).to_string();
        let first = printed("userName sw \"J\" and not (EMAILS[Type eq \"work\"] or Name.familyName pr)");
        assert_eq!(first, printed("username SW  \"J\" and not(emails[type EQ \"work\"] or name.familyname PR)"));
        assert_ne!(printed("userName eq \"a\""), printed("userName eq \"A\""));
        assert_ne!(printed("userName eq \"a\""), printed("userName ne \"a\""));
    }
}
