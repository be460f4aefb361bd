//! Which part of a filter SQL can answer. The evaluator in `scim` is the truth; what is built here either agrees with
//! it (`is_exact`) or lets through too much, which is then evaluated. It never lets through too little.

mod comparison;
mod pushed;

use scim::filter::CompiledFilter;

use crate::{Value, View};
use comparison::push_comparison;
use pushed::{Candidates, Pushed, Rank};

/// Beyond that many values a filter is evaluated row by row: SQLite limits the size of one statement. Each part of a
/// statement binds a value or is dropped (see [`Pushed::nothing`] and [`Pushed::everything`]), so that this bounds a UNION
/// too, of which SQLite takes 500 parts.
const MOST_VALUES: usize = 200;
/// The same for the queries in it, of which nested conditions need several a value.
const MOST_SELECTS: usize = 2_000;
/// `?1` is the tenant and `?2` the type, in every statement. In the scope of a connection `?3` is its id.
const FIRST_VALUE: usize = 3;

/// How to find the resources that a filter may match. Texts have placeholders for every value.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// A SELECT of ids (as `id`) from an index. Where it is there, nothing else is looked at.
    pub candidates: Option<String>,
    /// A condition on the narrow row `r`.
    pub condition: Option<String>,
    /// Whether what comes through are the filter's matches and nothing else.
    pub is_exact: bool,
    /// Whether the candidates are few unless very many have the same value: those of equality on a key or an id, and the
    /// groups of a member where none has to be evaluated. A range of keys or the members of a group may be everybody.
    pub is_few: bool,
    /// The placeholder of the only owner whose resources are seen.
    owner: Option<String>,
    /// The values of the placeholders from `?3` on.
    pub values: Vec<Value>,
}

impl Plan {
    /// For a list without a filter.
    pub fn everything(view: View) -> Self {
        Self { is_exact: true, ..Self::nothing_known(view) }
    }

    /// Everything that is seen must be looked at.
    fn nothing_known(view: View) -> Self {
        let Values { all, owner } = Values::of(view);
        Self { owner, values: all, ..Self::default() }
    }

    pub fn of(filter: &CompiledFilter, view: View) -> Self {
        let mut values = Values::of(view);
        let Some(pushed) = push(filter, Scope::Resource, &mut values) else { return Self::nothing_known(view) };
        let Pushed { candidates, condition, is_exact } = pushed;
        let is_few = candidates.as_ref().is_some_and(|candidates| match candidates.rank {
            Rank::None | Rank::Id | Rank::Key => true,
            Rank::GroupsOfMember => is_exact,
            Rank::MembersOfGroup | Rank::RangeOfKeys => false,
        });
        let candidates = candidates.map(|candidates| candidates.select);
        let Values { all, owner } = values;
        let plan = Self { candidates, condition, is_exact, is_few, owner, values: all };
        let is_small = plan.values.len() <= MOST_VALUES && plan.select().matches("SELECT").count() <= MOST_SELECTS;
        if is_small { plan } else { Self::nothing_known(view) }
    }

    /// The SELECT of the ids that come through, without order.
    pub fn select(&self) -> String {
        self.selecting("r.id")
    }

    /// The same of other columns of the narrow row. A further condition may be appended.
    pub fn selecting(&self, columns: &str) -> String {
        let condition = self.condition.as_ref().map(|condition| format!(" AND ({condition})")).unwrap_or_default();
        if let Some(candidates) = &self.candidates {
            let owner = self.owner.as_ref().map(|owner| format!(" AND r.brought_by IS NOT DISTINCT FROM {owner}"));
            let owner = owner.unwrap_or_default();
            // CROSS JOIN: SQLite keeps this order of tables, so the index leads. IS NOT DISTINCT FROM: PostgreSQL, before it
            // knows its tables, would use an index that begins with such a column, and pass over all of its entries.
            return format!(
                "SELECT {columns} FROM ({candidates}) AS candidate \
                 CROSS JOIN resource AS r ON r.tenant = ?1 AND r.id = candidate.id \
                 WHERE r.type IS NOT DISTINCT FROM ?2{owner}{condition}"
            );
        }
        let owner = self.owner.as_ref().map(|owner| format!(" AND r.brought_by = {owner}")).unwrap_or_default();
        // SQLite would rather walk over the whole tenant than look a row up for each entry of the index.
        let index = if self.owner.is_some() { " INDEXED BY resource_by_owner" } else { "" };
        format!("SELECT {columns} FROM resource AS r{index} WHERE r.tenant = ?1 AND r.type = ?2{owner}{condition}")
    }
}

struct Values {
    all: Vec<Value>,
    /// As in [`Plan::owner`].
    owner: Option<String>,
}

impl Values {
    fn of(view: View) -> Self {
        let mut values = Self { all: Vec::new(), owner: None };
        values.owner = view.owner().map(|owner| values.bind(owner));
        values
    }

    fn bind(&mut self, value: impl Into<Value>) -> String {
        self.all.push(value.into());
        format!("?{}", self.all.len() + FIRST_VALUE - 1)
    }
}

/// Whether a condition speaks of the whole resource or of one element of a list.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Scope {
    Resource,
    Element,
}

/// `None`: nothing is known, every resource may match.
fn push(filter: &CompiledFilter, scope: Scope, values: &mut Values) -> Option<Pushed> {
    let before = values.all.len();
    let pushed = push_unguarded(filter, scope, values);
    if pushed.as_ref().is_none_or(|pushed| pushed.is_nothing() || pushed.is_everything()) {
        // What was bound for a text that is not used must not be bound.
        values.all.truncate(before);
    }
    pushed
}

fn push_unguarded(filter: &CompiledFilter, scope: Scope, values: &mut Values) -> Option<Pushed> {
    match filter {
        // An attribute that the type does not have is never, or always, as asked.
        CompiledFilter::Or(parts) if parts.is_empty() => Some(Pushed::nothing()),
        CompiledFilter::And(parts) if parts.is_empty() && scope == Scope::Resource => Some(Pushed::everything()),
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
    if !pushed.is_exact || scope == Scope::Element {
        None
    } else if pushed.is_nothing() {
        Some(Pushed::everything())
    } else if pushed.is_everything() {
        Some(Pushed::nothing())
    } else {
        Some(Pushed::condition(format!("NOT ({})", pushed.into_condition())))
    }
}

fn push_all(parts: &[CompiledFilter], scope: Scope, values: &mut Values) -> Option<Pushed> {
    let pushed: Vec<Option<Pushed>> = parts.iter().map(|part| push(part, scope, values)).collect();
    // Two conditions on one element are more than two conditions on a list.
    let is_exact = pushed.iter().all(|part| part.as_ref().is_some_and(|part| part.is_exact))
        && (scope == Scope::Resource || parts.len() == 1);
    let mut known: Vec<Pushed> = pushed.into_iter().flatten().collect();
    if known.iter().any(Pushed::is_nothing) {
        return Some(Pushed::nothing());
    }
    let known_before = known.len();
    known.retain(|part| !part.is_everything());
    if known.is_empty() && known_before > 0 && is_exact {
        return Some(Pushed::everything());
    }
    let best = known
        .iter()
        .enumerate()
        .filter_map(|(place, part)| part.candidates.as_ref().map(|candidates| (candidates.rank, place)))
        .min();
    let leading = best.map(|(_, place)| known.remove(place));
    let (candidates, condition) = leading.map_or((None, None), |leading| (leading.candidates, leading.condition));
    // Where nothing leads, everybody is asked.
    let further = if candidates.is_some() { Pushed::into_further_condition } else { Pushed::into_condition };
    let conditions: Vec<String> = condition.into_iter().chain(known.into_iter().map(further)).collect();
    if candidates.is_none() && conditions.is_empty() {
        return None;
    }
    Some(Pushed { candidates, condition: combined(&conditions, "AND"), is_exact })
}

fn push_any(parts: &[CompiledFilter], scope: Scope, values: &mut Values) -> Option<Pushed> {
    let mut known: Vec<Pushed> = parts.iter().map(|part| push(part, scope, values)).collect::<Option<_>>()?;
    if known.iter().any(Pushed::is_everything) {
        return Some(Pushed::everything());
    }
    known.retain(|part| !part.is_nothing());
    if known.is_empty() {
        return Some(Pushed::nothing());
    }
    let is_exact = known.iter().all(|part| part.is_exact);
    let candidates = known.iter().map(|part| part.candidates.as_ref()).collect::<Option<Vec<_>>>();
    let candidates = candidates.filter(|all| !all.is_empty()).map(|all| Candidates {
        rank: all.iter().map(|one| one.rank).fold(Rank::None, Rank::max),
        select: all
            .iter()
            .map(|one| format!("SELECT id FROM ({}) AS one", one.select))
            .collect::<Vec<_>>()
            .join(" UNION "),
        condition: format!("({})", all.iter().map(|one| one.condition.as_str()).collect::<Vec<_>>().join(" OR ")),
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
