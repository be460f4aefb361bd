//! Which part of a filter SQLite can answer. The evaluator in `scim` is the truth; what is built here either agrees with
//! it (`is_exact`) or lets through too much, which is then evaluated. It never lets through too little.

use jiff::Timestamp;
use muster_model::ResourceId;
use muster_store::keys::is_keyed;
use rusqlite::types::Value;
use scim::filter::{CompareOperator, Comparison, CompiledFilter, TypedValue};
use scim::schema::ResolvedPath;

use crate::columns::IdColumn;

/// Beyond that many values a filter is evaluated row by row: SQLite limits the size of one statement.
const MOST_VALUES: usize = 200;
/// `?1` is the tenant and `?2` the type, in every statement.
const FIRST_VALUE: usize = 3;

/// How to find the resources that a filter may match. Texts have placeholders for every value.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Plan {
    /// A SELECT of ids (as `id`) from an index. Where it is there, nothing else is looked at.
    pub(crate) candidates: Option<String>,
    /// A condition on the narrow row `r`.
    pub(crate) condition: Option<String>,
    /// Whether what comes through are the filter's matches and nothing else.
    pub(crate) is_exact: bool,
    /// The values of the placeholders from `?3` on.
    pub(crate) values: Vec<Value>,
}

impl Plan {
    /// For a list without a filter.
    pub(crate) fn everything() -> Self {
        Self { is_exact: true, ..Self::default() }
    }

    pub(crate) fn of(filter: &CompiledFilter) -> Self {
        let mut values = Values::default();
        match push(filter, Scope::Resource, &mut values) {
            Some(pushed) if values.0.len() <= MOST_VALUES => Self {
                candidates: pushed.candidates.map(|candidates| candidates.select),
                condition: pushed.condition,
                is_exact: pushed.is_exact,
                values: values.0,
            },
            _ => Self::default(),
        }
    }

    /// Whether every resource of the type is looked at.
    pub(crate) fn scans(&self) -> bool {
        self.candidates.is_none() && (self.condition.is_some() || !self.is_exact)
    }

    /// The SELECT of the ids that come through, without order.
    pub(crate) fn select(&self) -> String {
        let condition = self.condition.as_ref().map(|condition| format!(" AND ({condition})")).unwrap_or_default();
        match &self.candidates {
            // CROSS JOIN: SQLite keeps this order of tables, so the index leads.
            Some(candidates) => format!(
                "SELECT r.id FROM ({candidates}) AS candidate \
                 CROSS JOIN resource AS r ON r.tenant = ?1 AND r.id = candidate.id WHERE r.type = ?2{condition}"
            ),
            None => format!("SELECT r.id FROM resource AS r WHERE r.tenant = ?1 AND r.type = ?2{condition}"),
        }
    }
}

#[derive(Default)]
struct Values(Vec<Value>);

impl Values {
    fn bind(&mut self, value: impl Into<Value>) -> String {
        self.0.push(value.into());
        format!("?{}", self.0.len() + FIRST_VALUE - 1)
    }
}

/// Whether a condition speaks of the whole resource or of one element of a list.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Scope {
    Resource,
    Element,
}

struct Candidates {
    select: String,
    /// The fewer are to be expected, the lower.
    rank: u32,
}

/// At least one of `candidates` and `condition` is there; both must hold.
struct Pushed {
    candidates: Option<Candidates>,
    condition: Option<String>,
    is_exact: bool,
}

impl Pushed {
    fn candidates(select: String, rank: u32) -> Self {
        Self { candidates: Some(Candidates { select, rank }), condition: None, is_exact: true }
    }

    fn condition(condition: String) -> Self {
        Self { candidates: None, condition: Some(condition), is_exact: true }
    }

    /// The whole as a condition. It is never NULL, so that NOT can be put before it.
    fn into_condition(self) -> String {
        let chosen = self.candidates.map(|candidates| format!("r.id IN (SELECT id FROM ({}))", candidates.select));
        match (chosen, self.condition) {
            (Some(chosen), Some(condition)) => format!("{chosen} AND ({condition})"),
            (Some(only), None) | (None, Some(only)) => only,
            (None, None) => "TRUE".to_owned(),
        }
    }
}

/// `None`: nothing is known, every resource may match.
fn push(filter: &CompiledFilter, scope: Scope, values: &mut Values) -> Option<Pushed> {
    let before = values.0.len();
    let pushed = push_unguarded(filter, scope, values);
    if pushed.is_none() {
        // What was bound for a text that is not used must not be bound.
        values.0.truncate(before);
    }
    pushed
}

fn push_unguarded(filter: &CompiledFilter, scope: Scope, values: &mut Values) -> Option<Pushed> {
    match filter {
        // An attribute that the type does not have is never, or always, as asked.
        CompiledFilter::Or(parts) if parts.is_empty() => Some(nothing()),
        CompiledFilter::And(parts) if parts.is_empty() && scope == Scope::Resource => {
            Some(Pushed::condition("TRUE".to_owned()))
        }
        CompiledFilter::And(parts) => push_all(parts, scope, values),
        CompiledFilter::Or(parts) => push_any(parts, scope, values),
        CompiledFilter::Not(inner) => negated(push(inner, scope, values)?, scope),
        CompiledFilter::Compare(comparison) => push_comparison(comparison, scope, values),
        CompiledFilter::Elements { filter, .. } => push(filter, Scope::Element, values),
        CompiledFilter::Present(_) => None,
    }
}

/// What does not hold for one element may hold for another, so only whole resources can be negated.
fn negated(pushed: Pushed, scope: Scope) -> Option<Pushed> {
    (pushed.is_exact && scope == Scope::Resource)
        .then(|| Pushed::condition(format!("NOT ({})", pushed.into_condition())))
}

fn push_all(parts: &[CompiledFilter], scope: Scope, values: &mut Values) -> Option<Pushed> {
    let pushed: Vec<Option<Pushed>> = parts.iter().map(|part| push(part, scope, values)).collect();
    // Two conditions on one element are more than two conditions on a list.
    let is_exact = pushed.iter().all(|part| part.as_ref().is_some_and(|part| part.is_exact))
        && (scope == Scope::Resource || parts.len() == 1);
    let mut known: Vec<Pushed> = pushed.into_iter().flatten().collect();
    let best = known
        .iter()
        .enumerate()
        .filter_map(|(place, part)| part.candidates.as_ref().map(|candidates| (candidates.rank, place)))
        .min();
    let leading = best.map(|(_, place)| known.remove(place));
    let (candidates, condition) = leading.map_or((None, None), |leading| (leading.candidates, leading.condition));
    let conditions: Vec<String> = condition.into_iter().chain(known.into_iter().map(Pushed::into_condition)).collect();
    if candidates.is_none() && conditions.is_empty() {
        return None;
    }
    Some(Pushed { candidates, condition: combined(&conditions, "AND"), is_exact })
}

fn push_any(parts: &[CompiledFilter], scope: Scope, values: &mut Values) -> Option<Pushed> {
    let known: Vec<Pushed> = parts.iter().map(|part| push(part, scope, values)).collect::<Option<_>>()?;
    let is_exact = known.iter().all(|part| part.is_exact);
    let candidates = known.iter().map(|part| part.candidates.as_ref()).collect::<Option<Vec<_>>>();
    let candidates = candidates.filter(|all| !all.is_empty()).map(|all| Candidates {
        rank: all.iter().map(|one| one.rank).fold(0, u32::max).saturating_add(1),
        select: all.iter().map(|one| format!("SELECT id FROM ({})", one.select)).collect::<Vec<_>>().join(" UNION "),
    });
    let condition = if candidates.is_some() && known.iter().all(|part| part.condition.is_none()) {
        None
    } else {
        combined(&known.into_iter().map(Pushed::into_condition).collect::<Vec<_>>(), "OR")
    };
    (candidates.is_some() || condition.is_some()).then_some(Pushed { candidates, condition, is_exact })
}

fn combined(conditions: &[String], word: &str) -> Option<String> {
    let bracketed: Vec<String> = conditions.iter().map(|condition| format!("({condition})")).collect();
    (!bracketed.is_empty()).then(|| bracketed.join(&format!(" {word} ")))
}

fn push_comparison(comparison: &Comparison, scope: Scope, values: &mut Values) -> Option<Pushed> {
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
            Some(push_id(text, values, |id| format!("SELECT {id} AS id")))
        }
        // Ids are written in lower case, so folding changes nothing about them.
        (Some(("members", Some("value"))), TypedValue::Exact(text) | TypedValue::Folded(text))
            if *operator == CompareOperator::Equal =>
        {
            Some(push_id(text, values, |id| {
                format!("SELECT group_id AS id FROM membership WHERE tenant = ?1 AND member_id = {id}")
            }))
        }
        (Some(("groups", Some("value"))), TypedValue::Exact(text) | TypedValue::Folded(text))
            if *operator == CompareOperator::Equal =>
        {
            Some(push_id(text, values, |id| {
                format!("SELECT member_id AS id FROM membership WHERE tenant = ?1 AND group_id = {id}")
            }))
        }
        _ => push_key(path, *operator, value, values),
    }
}

/// What is no id of ours names nothing.
fn push_id(text: &str, values: &mut Values, select: impl Fn(&str) -> String) -> Pushed {
    match ResourceId::parse(text) {
        Some(id) => {
            let bound = values.bind(id.bytes().to_vec());
            Pushed::candidates(select(&bound), 2)
        }
        None => nothing(),
    }
}

fn nothing() -> Pushed {
    Pushed::candidates("SELECT NULL AS id WHERE FALSE".to_owned(), 0)
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
            Some(Pushed::candidates(format!("SELECT id {index} {attribute} AND value = {value}"), 1))
        }
        CompareOperator::StartsWith if !text.is_empty() => {
            let attribute = values.bind(notation);
            let from = values.bind(text.clone());
            let below = match end_of_prefix(text) {
                Some(end) => format!(" AND value < {}", values.bind(end)),
                None => String::new(),
            };
            Some(Pushed::candidates(format!("SELECT DISTINCT id {index} {attribute} AND value >= {from}{below}"), 3))
        }
        _ => None,
    }
}

/// The least text that is greater than every text with that prefix. SQLite compares the bytes of UTF-8, which order
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
        (CompareOperator::Equal, false) => return Some(Pushed::condition("FALSE".to_owned())),
        (CompareOperator::GreaterThan, _) | (CompareOperator::GreaterOrEqual, false) => ">",
        (CompareOperator::GreaterOrEqual, true) => ">=",
        (CompareOperator::LessThan, true) => "<",
        (CompareOperator::LessOrEqual, _) | (CompareOperator::LessThan, false) => "<=",
        _ => return None,
    };
    Some(Pushed::condition(format!("{column} {sign} {}", values.bind(floor))))
}

#[cfg(test)]
mod tests;
