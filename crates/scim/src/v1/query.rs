//! Queries of 1.1 (protocol 1.1, sections 3.2.2 and 3.7).

use super::names::path_in_2_0;
use crate::filter::{CompareOperator, CompareValue, Filter};
use crate::message::SearchRequest;
use crate::path::AttributePath;
use crate::{Error, Leniency, Result};

/// The parameters that 1.1 knows. Any other is ignored (section 3.2.2), `excludedAttributes` and `cursor` among them.
const PARAMETERS: [&str; 6] = ["attributes", "filter", "sortBy", "sortOrder", "startIndex", "count"];

/// Reads decoded query parameters into the query that 2.0 would be asked.
pub fn search_request(
    parameters: impl IntoIterator<Item = (String, String)>,
    leniency: &Leniency,
) -> Result<SearchRequest> {
    let known = parameters
        .into_iter()
        .filter(|(name, _)| PARAMETERS.iter().any(|parameter| parameter.eq_ignore_ascii_case(name)));
    let mut request = SearchRequest::from_query(known)?;
    for name in &mut request.attributes {
        *name = name_in_2_0(name);
    }
    if !request.attributes.is_empty() {
        // Section 3.2: a resource always shows its id and meta.
        request.attributes.push("meta".to_owned());
    }
    request.sort_by = request.sort_by.as_deref().map(name_in_2_0);
    request.filter = request.filter.as_deref().map(|text| filter_in_2_0(text, leniency)).transpose()?;
    Ok(request)
}

/// What is no attribute notation is left for the 2.0 rules to judge.
fn name_in_2_0(name: &str) -> String {
    AttributePath::parse(name).map_or_else(|_| name.to_owned(), |path| path_in_2_0(path).to_string())
}

/// Section 3.2.2.1 has fewer operators than RFC 7644, and demands that the others are refused.
fn filter_in_2_0(text: &str, leniency: &Leniency) -> Result<String> {
    let filter = renamed(Filter::parse(text, leniency)?)?;
    // Words without quotes stay without, so that whoever reads the filter anew notes them (`filter::repairs_of`).
    let has_bare_words = Filter::parse(text, &Leniency { bare_words: false, ..*leniency }).is_err();
    Ok(if has_bare_words { format!("{filter:#}") } else { filter.to_string() })
}

fn renamed(filter: Filter) -> Result<Filter> {
    Ok(match filter {
        Filter::And(left, right) => Filter::And(Box::new(renamed(*left)?), Box::new(renamed(*right)?)),
        Filter::Or(left, right) => Filter::Or(Box::new(renamed(*left)?), Box::new(renamed(*right)?)),
        Filter::Present(path) => Filter::Present(path_in_2_0(path)),
        Filter::Compare { operator: operator @ (CompareOperator::NotEqual | CompareOperator::EndsWith), .. } => {
            return Err(not_in_1_1(&format!("The operator \"{}\"", operator.as_str())));
        }
        Filter::Compare { value: CompareValue::Null, .. } => return Err(not_in_1_1("The value null")),
        Filter::Compare { path, operator, value } => Filter::Compare { path: path_in_2_0(path), operator, value },
        Filter::Not(_) => return Err(not_in_1_1("The operator \"not\"")),
        Filter::Elements { .. } => return Err(not_in_1_1("A filter in brackets after an attribute")),
    })
}

fn not_in_1_1(what: &str) -> Error {
    Error::invalid_filter(format!(
        "{what} is not part of SCIM 1.1 filters; they have eq, co, sw, pr, gt, ge, lt, le, and, or, ( )"
    ))
}

#[cfg(test)]
mod tests;
