//! Lists: pages that go on behind a cursor.

use std::str::FromStr;

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::problem::{Code, Problem};

const USUAL: u8 = 25;
const MOST: u8 = 100;
/// Of an id, such as `ten_`.
const PREFIX_LENGTH: usize = 4;

/// Which page of a list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct PageQuery {
    /// How many entries at most.
    #[param(minimum = 1, maximum = 100, default = 25)]
    limit: Option<u8>,
    /// The `next_cursor` of the page before.
    #[param(pattern = "^[0-9a-f]{32}$")]
    cursor: Option<String>,
}

impl PageQuery {
    pub(crate) fn of(limit: Option<u8>, cursor: Option<String>) -> Self {
        Self { limit, cursor }
    }

    /// After which entry it begins, and how many it has at most. `prefix`: of the ids of the list.
    pub(crate) fn read<Id: FromStr>(&self, prefix: &str) -> Result<(Option<Id>, usize), Problem> {
        let limit = self.limit.unwrap_or(USUAL);
        if !(1..=MOST).contains(&limit) {
            return Err(Problem::new(Code::InvalidRequest, format!("\"limit\" is a number from 1 to {MOST}")));
        }
        let after = self.cursor.as_deref().map(|cursor| opened(prefix, cursor)).transpose()?;
        Ok((after, usize::from(limit)))
    }
}

/// A page of a list.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Page<T> {
    pub(crate) data: Vec<T>,
    /// Whether there are more entries.
    has_more: bool,
    /// Where the next page begins, if there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
}

impl<T> Page<T> {
    /// `last`: the id of the last entry.
    pub(crate) fn new(data: Vec<T>, has_more: bool, last: Option<String>) -> Self {
        let next_cursor = last.filter(|_| has_more).map(|id| id.chars().skip(PREFIX_LENGTH).collect());
        Self { data, has_more, next_cursor }
    }
}

/// A cursor is a place in a list that the caller may read in any case: the id that the page before ended with, without its
/// prefix. It reaches nothing that the caller does not reach without it.
fn opened<Id: FromStr>(prefix: &str, cursor: &str) -> Result<Id, Problem> {
    let id = format!("{prefix}{cursor}").parse();
    id.map_err(|_| Problem::new(Code::InvalidRequest, "\"cursor\" is not the next_cursor of a page"))
}
