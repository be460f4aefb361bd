//! One comparison as a look-up or a condition.

use jiff::Timestamp;
use muster_model::ResourceId;
use muster_store::keys::is_keyed;
use scim::filter::{CompareOperator, Comparison, TypedValue};
use scim::schema::ResolvedPath;

use super::pushed::{Pushed, Rank};
use super::{Scope, Values, negated};
use crate::nesting;

/// `None`: no index knows.
pub(super) fn push_comparison(comparison: &Comparison, scope: Scope, values: &mut Values) -> Option<Pushed> {
    let Comparison { path, operator, value } = comparison;
    if *operator == CompareOperator::NotEqual {
        // `ne` is the negation of `eq` on the whole list.
        let equal = Comparison { operator: CompareOperator::Equal, ..comparison.clone() };
        return negated(push_comparison(&equal, scope, values)?, scope);
    }
    let own = (path.extension.is_none())
        .then(|| (path.attribute.name.as_str(), path.sub_attribute.as_ref().map(|sub| sub.name.as_str())));
    match (own, value) {
        (Some(("meta", Some("created"))), TypedValue::DateTime(time)) => {
            push_time("r.created", *operator, *time, values)
        }
        (Some(("meta", Some("lastModified"))), TypedValue::DateTime(time)) => {
            push_time("r.last_modified", *operator, *time, values)
        }
        (Some(("id", None)), TypedValue::Exact(text)) if *operator == CompareOperator::Equal => {
            Some(push_id(text, Rank::Id, values, |id, _| (format!("SELECT {id} AS id"), format!("r.id = {id}"))))
        }
        // Ids are written in lower case, so folding changes nothing about them.
        (Some(("members", Some("value"))), TypedValue::Exact(text) | TypedValue::Folded(text))
            if *operator == CompareOperator::Equal =>
        {
            Some(push_id(text, Rank::GroupsOfMember, values, groups_of_member))
        }
        (Some(("groups", Some("value"))), TypedValue::Exact(text) | TypedValue::Folded(text))
            if *operator == CompareOperator::Equal =>
        {
            Some(push_id(text, Rank::MembersOfGroup, values, members_of_group))
        }
        _ => push_key(path, *operator, value, values),
    }
}

/// What is no id of ours names nothing.
fn push_id(
    text: &str,
    rank: Rank,
    values: &mut Values,
    say: impl Fn(&str, Option<&str>) -> (String, String),
) -> Pushed {
    match ResourceId::parse(text) {
        Some(id) => {
            let bound = values.bind(id);
            let (select, condition) = say(&bound, values.owner.as_deref());
            Pushed::candidates(select, condition, rank)
        }
        None => Pushed::nothing(),
    }
}

/// The groups of a member. One that is not seen is in none.
fn groups_of_member(member: &str, owner: Option<&str>) -> (String, String) {
    let seen = owner.map_or_else(String::new, |owner| {
        format!(
            " AND EXISTS (SELECT 1 FROM resource AS s WHERE s.tenant = ?1 AND s.id = {member} AND s.brought_by IS NOT DISTINCT FROM {owner})"
        )
    });
    (
        format!("SELECT group_id AS id FROM membership WHERE tenant = ?1 AND member_id = {member}{seen}"),
        format!(
            "EXISTS (SELECT 1 FROM membership AS m \
             WHERE m.tenant = ?1 AND m.group_id = r.id AND m.member_id = {member}{seen}/*pg  OFFSET 0 */)"
        ),
    )
}

fn members_of_group(group: &str, owner: Option<&str>) -> (String, String) {
    (nesting::select_inside(group, owner), nesting::is_inside("r.id", group, owner))
}

fn push_key(path: &ResolvedPath, operator: CompareOperator, value: &TypedValue, values: &mut Values) -> Option<Pushed> {
    if !is_keyed(path) {
        return None;
    }
    // The index folds exactly where the schema says so; another spelling of the value could not be found in it.
    let text = match value {
        TypedValue::Exact(text) if path.definition().case_exact => text,
        TypedValue::Folded(text) if !path.definition().case_exact => text,
        _ => return None,
    };
    let notation = path.notation();
    let index = "FROM resource_key WHERE tenant = ?1 AND type = ?2 AND attribute =";
    match operator {
        CompareOperator::Equal => {
            let attribute = values.bind(notation);
            let value = values.bind(text.clone());
            let select = format!("SELECT id {index} {attribute} AND value = {value}");
            let condition = has_key(&attribute, &format!("k.value IS NOT DISTINCT FROM {value}"));
            Some(Pushed::candidates(select, condition, Rank::Key))
        }
        CompareOperator::StartsWith if !text.is_empty() => {
            let attribute = values.bind(notation);
            let from = values.bind(text.clone());
            let end = end_of_prefix(text).map(|end| values.bind(end));
            let range = |value: &str| match &end {
                Some(end) => format!("{value} >= {from} AND {value} < {end}"),
                None => format!("{value} >= {from}"),
            };
            let select = format!("SELECT DISTINCT id {index} {attribute} AND {}", range("value"));
            Some(Pushed::candidates(select, has_key(&attribute, &range("k.value")), Rank::RangeOfKeys))
        }
        _ => None,
    }
}

/// Whether the resource `r` has such an entry. Only the columns that begin its index are compared by `=`, so that PostgreSQL
/// takes that index, whatever it knows of the table; `OFFSET 0` keeps it from making a join of this, whose order it would
/// choose.
fn has_key(attribute: &str, condition: &str) -> String {
    format!(
        "EXISTS (SELECT 1 FROM resource_key AS k INDEXED BY resource_key_of_resource \
         WHERE k.tenant = ?1 AND k.id = r.id AND k.type IS NOT DISTINCT FROM ?2 \
         AND k.attribute IS NOT DISTINCT FROM {attribute} AND {condition}/*pg  OFFSET 0 */)"
    )
}

/// The least text that is greater than every text with that prefix. Columns are compared by the bytes of UTF-8, which order
/// as code points do. `None`: there is none.
fn end_of_prefix(prefix: &str) -> Option<String> {
    let mut end: Vec<char> = prefix.chars().collect();
    while let Some(last) = end.pop() {
        // The range steps over the surrogates, which are no characters.
        if let Some(next) = (last..=char::MAX).nth(1) {
            end.push(next);
            return Some(end.into_iter().collect());
        }
    }
    None
}

/// Times are kept in microseconds; the filter's may have nanoseconds, and then nothing is equal to it.
fn push_time(column: &str, operator: CompareOperator, time: Timestamp, values: &mut Values) -> Option<Pushed> {
    let nanoseconds = time.as_nanosecond();
    let floor = i64::try_from(nanoseconds.div_euclid(1000)).ok()?;
    let is_whole = nanoseconds.rem_euclid(1000) == 0;
    let sign = match (operator, is_whole) {
        (CompareOperator::Equal, true) => "=",
        (CompareOperator::Equal, false) => return Some(Pushed::nothing()),
        (CompareOperator::GreaterThan, _) | (CompareOperator::GreaterOrEqual, false) => ">",
        (CompareOperator::GreaterOrEqual, true) => ">=",
        (CompareOperator::LessThan, true) => "<",
        (CompareOperator::LessOrEqual, _) | (CompareOperator::LessThan, false) => "<=",
        _ => return None,
    };
    Some(Pushed::condition(format!("{column} {sign} {}", values.bind(floor))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_a_prefix_is_just_above_it() {
        assert_eq!(end_of_prefix("ab").as_deref(), Some("ac"));
        assert_eq!(end_of_prefix("a\u{10ffff}").as_deref(), Some("b"));
        assert_eq!(end_of_prefix("\u{d7ff}").as_deref(), Some("\u{e000}"));
        assert_eq!(end_of_prefix("\u{10ffff}"), None);
        assert_eq!(end_of_prefix(""), None);
    }
}
