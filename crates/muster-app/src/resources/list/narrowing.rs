//! What a filter says of one type, when the type is known (RFC 7644 section 3.4.2.1: `meta.resourceType` narrows a query
//! over all types). So a query for groups does not look at every person.

use scim::filter::CompiledFilter;
use scim::schema::ResolvedPath;
use scim::{Document, ResourceSchema};
use serde_json::json;

/// What is left of a filter.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Narrowed {
    /// Every resource of the type matches.
    Everything,
    /// None does.
    Nothing,
    Filter(CompiledFilter),
}

impl Narrowed {
    /// As a query has it: without a filter where everything matches, which is the cheapest question of all.
    pub(super) fn into_filter(self) -> Option<CompiledFilter> {
        match self {
            Self::Everything => None,
            Self::Nothing => Some(never()),
            Self::Filter(filter) => Some(filter),
        }
    }
}

/// The filter with every condition on `meta.resourceType` decided.
pub(super) fn narrowed(filter: CompiledFilter, schema: &ResourceSchema) -> Narrowed {
    let mut known = Document::new();
    known.insert("meta".to_owned(), json!({ "resourceType": schema.resource_type().name }));
    match decided(filter, &known) {
        filter if is_never(&filter) => Narrowed::Nothing,
        filter if is_always(&filter) => Narrowed::Everything,
        filter => Narrowed::Filter(filter),
    }
}

/// Recursion is bounded: the parser limits how deep a filter can be.
fn decided(filter: CompiledFilter, known: &Document) -> CompiledFilter {
    match filter {
        CompiledFilter::And(parts) => {
            let parts: Vec<_> = parts.into_iter().map(|part| decided(part, known)).collect();
            if parts.iter().any(is_never) {
                return never();
            }
            CompiledFilter::And(parts.into_iter().filter(|part| !is_always(part)).collect())
        }
        CompiledFilter::Or(parts) => {
            let parts: Vec<_> = parts.into_iter().map(|part| decided(part, known)).collect();
            if parts.iter().any(is_always) {
                return always();
            }
            CompiledFilter::Or(parts.into_iter().filter(|part| !is_never(part)).collect())
        }
        CompiledFilter::Not(inner) => match decided(*inner, known) {
            inner if is_never(&inner) => always(),
            inner if is_always(&inner) => never(),
            inner => CompiledFilter::Not(Box::new(inner)),
        },
        CompiledFilter::Compare(ref comparison) if is_known(&comparison.path) => verdict(filter.matches(known)),
        CompiledFilter::Present(ref path) if is_known(path) => verdict(filter.matches(known)),
        other => other,
    }
}

fn is_known(path: &ResolvedPath) -> bool {
    path.extension.is_none()
        && path.attribute.name == "meta"
        && path.sub_attribute.as_ref().is_some_and(|sub| sub.name == "resourceType")
}

fn verdict(holds: bool) -> CompiledFilter {
    if holds { always() } else { never() }
}

fn never() -> CompiledFilter {
    CompiledFilter::Or(Vec::new())
}

fn always() -> CompiledFilter {
    CompiledFilter::And(Vec::new())
}

fn is_never(filter: &CompiledFilter) -> bool {
    matches!(filter, CompiledFilter::Or(parts) if parts.is_empty())
}

fn is_always(filter: &CompiledFilter) -> bool {
    matches!(filter, CompiledFilter::And(parts) if parts.is_empty())
}

#[cfg(test)]
mod tests {
    use scim::Leniency;
    use scim::filter::Filter;
    use scim::schema::{group_resource_schema, user_resource_schema};

    use super::*;

    fn of(text: &str, schema: &ResourceSchema) -> Narrowed {
        let leniency = Leniency::TOLERANT;
        narrowed(Filter::parse(text, &leniency).unwrap().compile_or_absent(schema, &leniency).unwrap(), schema)
    }

    #[test]
    fn conditions_on_the_type_are_decided_before_anything_is_read() {
        let (user, group) = (user_resource_schema(), group_resource_schema());
        for (text, of_users, of_groups) in [
            ("meta.resourceType eq \"Group\"", None, Some("")),
            ("meta.resourceType ne \"Group\"", Some(""), None),
            ("meta.resourceType eq User or meta.resourceType eq Group", Some(""), Some("")),
            ("meta.resourceType eq \"User\" and userName pr", Some("userName pr"), None),
            ("not (meta.resourceType eq \"User\" or displayName pr)", None, Some("not (displayName pr)")),
            ("meta.resourceType pr and displayName pr", Some("displayName pr"), Some("displayName pr")),
        ] {
            for (schema, wanted) in [(&user, of_users), (&group, of_groups)] {
                let found = of(text, schema);
                match wanted {
                    None => assert_eq!(found, Narrowed::Nothing, "{text}"),
                    Some("") => assert_eq!(found, Narrowed::Everything, "{text}"),
                    Some(rest) => {
                        // A single condition left over stands alone in its bracket.
                        let leniency = Leniency::TOLERANT;
                        let rest = Filter::parse(rest, &leniency).unwrap().compile(schema, &leniency).unwrap();
                        let person = Document::from_iter([("userName".to_owned(), json!("x"))]);
                        let Narrowed::Filter(found) = found else { panic!("{text}: {found:?}") };
                        assert_eq!(found.matches(&person), rest.matches(&person), "{text}");
                        assert!(!found.mentions("meta"), "{text}");
                    }
                }
            }
        }
    }
}
