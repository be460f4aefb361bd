//! Which crate of ours may use which: arrows point to the quieter crate, and no tower grows too high.

use std::collections::{BTreeMap, BTreeSet};

use super::Problem;
use super::rules::{self, Rules};
use super::workspace::Crate;

pub(super) fn check(rules: &Rules, crates: &[Crate]) -> Vec<Problem> {
    let mut problems = check_entries(rules, crates);
    for one in crates {
        problems.extend(check_arrows(rules, one));
        problems.extend(check_language(one));
    }
    problems.extend(check_longest_chain(rules, crates));
    problems
}

/// Every crate has its entry and every entry its crate.
fn check_entries(rules: &Rules, crates: &[Crate]) -> Vec<Problem> {
    let names: BTreeSet<&str> = crates.iter().map(|one| one.name.as_str()).collect();
    let unknown = crates.iter().filter(|one| !rules.crates.contains_key(&one.name)).map(|one| {
        let message = format!("this crate is new: enter in {} as [crates.{}] what it may use", rules::PLACE, one.name);
        Problem::new(one.name.clone(), message)
    });
    let stale = rules
        .crates
        .keys()
        .filter(|name| !names.contains(name.as_str()))
        .map(|name| Problem::new(rules::PLACE, format!("there is no crate `{name}`: take its entry out")));
    unknown.chain(stale).collect()
}

fn check_arrows(rules: &Rules, one: &Crate) -> Vec<Problem> {
    let Some(rule) = rules.crates.get(&one.name) else { return Vec::new() };
    one.product_dependencies()
        .filter(|dependency| dependency.is_ours() && !rule.ours.contains(&dependency.name))
        .map(|dependency| {
            let allowed = if rule.ours.is_empty() { "none of ours".to_owned() } else { rule.ours.join(", ") };
            let message = format!(
                "the arrow {} -> {} is forbidden; it may use {allowed} ({})",
                one.name,
                dependency.name,
                rules::PLACE
            );
            Problem::new(one.name.clone(), message)
        })
        .collect()
}

/// The language crates know nothing of the product, in their tests either: else they could not be used without it.
fn check_language(one: &Crate) -> Vec<Problem> {
    let is_language = |name: &str| name == "scim" || name.starts_with("scim-");
    if !is_language(&one.name) {
        return Vec::new();
    }
    one.dependencies
        .iter()
        .filter(|dependency| dependency.is_for_tests() && dependency.is_ours() && !is_language(&dependency.name))
        .map(|dependency| {
            let message = format!(
                "the dev-dependency {} -> {} is forbidden; the language crates know nothing of the product",
                one.name, dependency.name
            );
            Problem::new(one.name.clone(), message)
        })
        .collect()
}

fn check_longest_chain(rules: &Rules, crates: &[Crate]) -> Option<Problem> {
    let chain = longest_chain(crates);
    (chain.len() > rules.longest_chain).then(|| {
        let message = format!(
            "the longest chain of crates has {} links, {} are allowed: {}",
            chain.len(),
            rules.longest_chain,
            chain.join(" -> ")
        );
        Problem::new("workspace", message)
    })
}

/// The longest way down from any crate. Cargo refuses circles itself; here a circle merely ends the way.
pub(super) fn longest_chain(crates: &[Crate]) -> Vec<String> {
    let arrows: BTreeMap<&str, Vec<&str>> = crates
        .iter()
        .map(|one| {
            let below = one.product_dependencies().filter(|dependency| dependency.is_ours());
            (one.name.as_str(), below.map(|dependency| dependency.name.as_str()).collect())
        })
        .collect();
    let mut known = BTreeMap::new();
    let mut longest = Vec::new();
    for name in arrows.keys() {
        let chain = chain_from(name, &arrows, &mut known, &mut BTreeSet::new());
        if chain.len() > longest.len() {
            longest = chain;
        }
    }
    longest.into_iter().map(str::to_owned).collect()
}

fn chain_from<'a>(
    name: &'a str,
    arrows: &BTreeMap<&'a str, Vec<&'a str>>,
    known: &mut BTreeMap<&'a str, Vec<&'a str>>,
    above: &mut BTreeSet<&'a str>,
) -> Vec<&'a str> {
    if let Some(chain) = known.get(name) {
        return chain.clone();
    }
    if !above.insert(name) {
        return Vec::new();
    }
    let below = arrows.get(name).into_iter().flatten();
    let deepest = below.map(|next| chain_from(next, arrows, known, above)).max_by_key(Vec::len).unwrap_or_default();
    above.remove(name);
    let chain: Vec<&str> = std::iter::once(name).chain(deepest).collect();
    known.insert(name, chain.clone());
    chain
}
