//! Addresses in filters. `$ref` and `meta.location` are made when a resource is shown, from the address by which the
//! server is called, so no stored document has them. What a filter asks of them is asked of the id in them instead
//! (RFC 7643 section 2.4: addresses of one resource are equal whatever version segment they carry).

use scim::filter::{CompareOperator, Comparison, CompiledFilter, TypedValue};
use scim::schema::ResolvedPath;
use scim::{Error, ResourceSchema, Result};

/// The filter with every condition on a made address turned into one on the id.
pub(crate) fn on_ids(filter: CompiledFilter, schema: &ResourceSchema) -> Result<CompiledFilter> {
    let each = |filters: Vec<CompiledFilter>| -> Result<Vec<CompiledFilter>> {
        filters.into_iter().map(|filter| on_ids(filter, schema)).collect()
    };
    Ok(match filter {
        CompiledFilter::And(filters) => CompiledFilter::And(each(filters)?),
        CompiledFilter::Or(filters) => CompiledFilter::Or(each(filters)?),
        CompiledFilter::Not(inner) => CompiledFilter::Not(Box::new(on_ids(*inner, schema)?)),
        CompiledFilter::Elements { path, filter } => {
            CompiledFilter::Elements { path, filter: Box::new(on_ids(*filter, schema)?) }
        }
        CompiledFilter::Present(path) => CompiledFilter::Present(id_path(&path, schema).unwrap_or(path)),
        CompiledFilter::Compare(comparison) => match id_path(&comparison.path, schema) {
            None => CompiledFilter::Compare(comparison),
            Some(path) => CompiledFilter::Compare(on_id(comparison, path)?),
        },
    })
}

/// The id in place of a made address; `None` for every other path.
fn id_path(path: &ResolvedPath, schema: &ResourceSchema) -> Option<ResolvedPath> {
    if path.extension.is_some() {
        return None;
    }
    let sub = path.sub_attribute.as_ref()?;
    match (path.attribute.name.as_str(), sub.name.as_str()) {
        ("members" | "groups", "$ref") => {
            let value = path.attribute.sub_attribute("value")?.clone();
            Some(ResolvedPath { sub_attribute: Some(value), ..path.clone() })
        }
        ("meta", "location") => {
            let attribute = schema.attribute("id")?.clone();
            Some(ResolvedPath { extension: None, attribute, sub_attribute: None })
        }
        _ => None,
    }
}

fn on_id(comparison: Comparison, path: ResolvedPath) -> Result<Comparison> {
    let notation = comparison.path.notation();
    let is_equality = matches!(comparison.operator, CompareOperator::Equal | CompareOperator::NotEqual);
    let value = match comparison.value {
        TypedValue::Exact(address) | TypedValue::Folded(address) if is_equality => {
            TypedValue::Exact(address.trim_end_matches('/').rsplit('/').next().unwrap_or_default().to_owned())
        }
        TypedValue::Null if is_equality => TypedValue::Null,
        _ => {
            return Err(Error::invalid_filter(format!(
                "\"{notation}\" can only be compared with eq and ne; compare \"{}\" instead",
                path.notation()
            )));
        }
    };
    Ok(Comparison { path, operator: comparison.operator, value })
}

#[cfg(test)]
mod tests {
    use scim::Leniency;
    use scim::filter::Filter;
    use scim::schema::{group_resource_schema, user_resource_schema};

    use super::*;

    fn rewritten(text: &str, schema: &ResourceSchema) -> Result<CompiledFilter> {
        on_ids(Filter::parse(text, &Leniency::STRICT)?.compile(schema, &Leniency::STRICT)?, schema)
    }

    #[test]
    fn addresses_become_ids() {
        let (group, user) = (group_resource_schema(), user_resource_schema());
        for (address, id) in [
            ("members.$ref eq \"https://x.test/scim/v2/con_1/Users/7\"", "members.value eq \"7\""),
            ("members[$ref eq \"Users/7\" and type eq \"User\"]", "members[value eq \"7\" and type eq \"User\"]"),
            ("not (members.$ref pr)", "not (members.value pr)"),
            ("meta.location ne \"https://x.test/Groups/9/\"", "id ne \"9\""),
        ] {
            assert_eq!(rewritten(address, &group), rewritten(id, &group), "{address}");
        }
        assert_eq!(rewritten("groups.$ref pr", &user), rewritten("groups.value pr", &user));
        assert!(rewritten("meta.location co \"x\"", &user).is_err());
        assert_eq!(rewritten("photos.value eq \"x\"", &user), rewritten("photos.value eq \"x\"", &user));
    }
}
