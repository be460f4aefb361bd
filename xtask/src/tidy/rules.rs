//! `xtask/tidy.toml`: what each crate may use.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;

use crate::checkout;
use crate::failure::{Explain, Outcome};

pub(super) const PLACE: &str = "xtask/tidy.toml";

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Rules {
    /// How many crates of ours may stand on top of one another.
    pub(super) longest_chain: usize,
    /// No crate may have so many hundredths of all lines; none given, any may.
    pub(super) biggest_share: Option<usize>,
    /// Half of all files must be shorter than that; none given, they may be as long as they are.
    pub(super) median_length: Option<usize>,
    /// Names for groups of outside crates that some of ours must never use.
    pub(super) families: BTreeMap<String, Vec<String>>,
    pub(super) crates: BTreeMap<String, CrateRule>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CrateRule {
    /// Crates of this workspace that it may use. Dev-dependencies are free.
    pub(super) ours: Vec<String>,
    /// Families that it must never use: no entry in `outside` makes them lawful.
    #[serde(default)]
    pub(super) never: Vec<String>,
    /// Crates from outside that it uses.
    pub(super) outside: Vec<String>,
}

impl Rules {
    /// The forbidden family that the outside crate belongs to, if any.
    pub(super) fn forbidden_family<'a>(&self, rule: &'a CrateRule, outside: &str) -> Option<&'a str> {
        rule.never
            .iter()
            .find(|family| self.families.get(*family).is_some_and(|members| members.iter().any(|one| one == outside)))
            .map(String::as_str)
    }
}

pub(super) fn read(root: &Path) -> Outcome<Rules> {
    let text = checkout::read_file(&root.join(PLACE))?;
    toml::from_str(&text).explain(|| format!("{PLACE} is not as it should be"))
}
