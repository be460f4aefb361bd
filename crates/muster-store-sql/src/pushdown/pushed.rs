//! What a part of a filter has become: candidates from an index, a condition, or one of the two that decide by
//! themselves.

/// What an index tells, said in two ways: the one leads, the other is asked of each resource that something else led to.
pub(super) struct Candidates {
    /// A SELECT of ids (as `id`).
    pub(super) select: String,
    /// The same as a condition on the narrow row `r`, which costs one look into an index.
    pub(super) condition: String,
    pub(super) rank: Rank,
}

/// How many candidates are to be expected; those of a lower rank are looked at first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Rank {
    None,
    Id,
    Key,
    GroupsOfMember,
    MembersOfGroup,
    RangeOfKeys,
}

impl Rank {
    /// Whether the candidates may be everybody.
    pub(super) fn is_wide(self) -> bool {
        self >= Self::MembersOfGroup
    }
}

/// The candidates that nobody is.
const NOTHING: &str = "SELECT NULL/*pg ::uuid */ AS id WHERE FALSE";
/// The same as a condition.
const NOBODY: &str = "FALSE";
/// The condition that everybody fulfils.
const EVERYTHING: &str = "TRUE";

/// At least one of `candidates` and `condition` is there; both must hold.
pub(super) struct Pushed {
    pub(super) candidates: Option<Candidates>,
    pub(super) condition: Option<String>,
    pub(super) is_exact: bool,
}

impl Pushed {
    pub(super) fn candidates(select: String, condition: String, rank: Rank) -> Self {
        Self { candidates: Some(Candidates { select, condition, rank }), condition: None, is_exact: true }
    }

    pub(super) fn condition(condition: String) -> Self {
        Self { candidates: None, condition: Some(condition), is_exact: true }
    }

    pub(super) fn nothing() -> Self {
        Self::candidates(NOTHING.to_owned(), NOBODY.to_owned(), Rank::None)
    }

    pub(super) fn everything() -> Self {
        Self::condition(EVERYTHING.to_owned())
    }

    pub(super) fn is_nothing(&self) -> bool {
        self.candidates.as_ref().is_some_and(|candidates| candidates.rank == Rank::None)
    }

    pub(super) fn is_everything(&self) -> bool {
        self.candidates.is_none() && self.is_exact && self.condition.as_deref() == Some(EVERYTHING)
    }

    /// The whole as a condition that is asked of whom another part of the filter led to.
    pub(super) fn into_further_condition(self) -> String {
        let chosen = self.candidates.map(|candidates| candidates.condition);
        joined(chosen, self.condition)
    }

    /// The whole as a condition that may be asked of everybody. It is never NULL, so that NOT can be put before it.
    ///
    /// Few candidates are gathered once, and each resource is looked for among them. Many are not: PostgreSQL would keep
    /// them as a list, and read it again for each resource.
    pub(super) fn into_condition(self) -> String {
        let chosen = self.candidates.map(|candidates| {
            if candidates.rank.is_wide() {
                candidates.condition
            } else {
                format!("r.id IN (SELECT id FROM ({}) AS chosen)", candidates.select)
            }
        });
        joined(chosen, self.condition)
    }
}

fn joined(chosen: Option<String>, condition: Option<String>) -> String {
    match (chosen, condition) {
        (Some(chosen), Some(condition)) => format!("{chosen} AND ({condition})"),
        (Some(only), None) | (None, Some(only)) => only,
        (None, None) => EVERYTHING.to_owned(),
    }
}
