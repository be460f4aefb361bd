//! Which crates from outside each of ours uses: an allow-list, so that every new one is a decision that a reviewer sees.

use super::Problem;
use super::rules::{self, CrateRule, Rules};
use super::workspace::Crate;

pub(super) fn check(rules: &Rules, crates: &[Crate]) -> Vec<Problem> {
    let mut problems = check_families(rules);
    for one in crates {
        if let Some(rule) = rules.crates.get(&one.name) {
            problems.extend(check_crate(rules, rule, one));
        }
    }
    problems
}

fn check_families(rules: &Rules) -> Vec<Problem> {
    rules
        .crates
        .iter()
        .flat_map(|(name, rule)| rule.never.iter().map(move |family| (name, family)))
        .filter(|(_, family)| !rules.families.contains_key(*family))
        .map(|(name, family)| {
            Problem::new(rules::PLACE, format!("[crates.{name}] names the unknown family `{family}`"))
        })
        .collect()
}

fn check_crate(rules: &Rules, rule: &CrateRule, one: &Crate) -> Vec<Problem> {
    let mut problems = Vec::new();
    let mut used = Vec::new();
    for dependency in one.product_dependencies().filter(|dependency| !dependency.is_ours()) {
        let outside = dependency.name.as_str();
        used.push(outside);
        if let Some(family) = rules.forbidden_family(rule, outside) {
            let message =
                format!("{} -> {outside} is forbidden: this crate must never use the family `{family}`", one.name);
            problems.push(Problem::new(one.name.clone(), message));
        } else if !rule.outside.iter().any(|allowed| allowed == outside) {
            let message = format!(
                "{} -> {outside} is new: enter it in {} under [crates.{}] if it is worth having",
                one.name,
                rules::PLACE,
                one.name
            );
            problems.push(Problem::new(one.name.clone(), message));
        }
    }
    for stale in rule.outside.iter().filter(|allowed| !used.contains(&allowed.as_str())) {
        let message = format!("[crates.{}] allows `{stale}`, which is not used: take it out", one.name);
        problems.push(Problem::new(rules::PLACE, message));
    }
    problems
}
