//! What a part of a filter has become: candidates from an index, a condition, or one of the two that decide by
//! themselves.

pub(super) struct Candidates {
    pub(super) select: String,
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

/// The candidates that nobody is.
const NOTHING: &str = "SELECT NULL/*pg ::uuid */ AS id WHERE FALSE";
/// The condition that everybody fulfils.
const EVERYTHING: &str = "TRUE";

/// At least one of `candidates` and `condition` is there; both must hold.
pub(super) struct Pushed {
    pub(super) candidates: Option<Candidates>,
    pub(super) condition: Option<String>,
    pub(super) is_exact: bool,
}

impl Pushed {
    pub(super) fn candidates(select: String, rank: Rank) -> Self {
        Self { candidates: Some(Candidates { select, rank }), condition: None, is_exact: true }
    }

    pub(super) fn condition(condition: String) -> Self {
        Self { candidates: None, condition: Some(condition), is_exact: true }
    }

    pub(super) fn nothing() -> Self {
        Self::candidates(NOTHING.to_owned(), Rank::None)
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

    /// The whole as a condition. It is never NULL, so that NOT can be put before it.
    pub(super) fn into_condition(self) -> String {
        let chosen =
            self.candidates.map(|candidates| format!("r.id IN (SELECT id FROM ({}) AS chosen)", candidates.select));
        match (chosen, self.condition) {
            (Some(chosen), Some(condition)) => format!("{chosen} AND ({condition})"),
            (Some(only), None) | (None, Some(only)) => only,
            (None, None) => EVERYTHING.to_owned(),
        }
    }
}
