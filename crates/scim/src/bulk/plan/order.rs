//! Orders in which nothing comes before what it needs.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap, HashSet};

/// Kahn's algorithm over nodes that each need others first; among those that may come next, the one with the lowest
/// rank. What lies on a circle is left out.
pub(super) fn in_order(ranks: &[usize], needed: &[HashSet<usize>]) -> Vec<usize> {
    let rank = |node: usize| ranks.get(node).copied().unwrap_or(usize::MAX);
    let mut waits_for: Vec<usize> = needed.iter().map(HashSet::len).collect();
    let mut waiting: Vec<Vec<usize>> = vec![Vec::new(); needed.len()];
    let mut ready = BinaryHeap::new();
    for (node, needs) in needed.iter().enumerate() {
        if needs.is_empty() {
            ready.push(Reverse((rank(node), node)));
        }
        for need in needs {
            if let Some(waiting) = waiting.get_mut(*need) {
                waiting.push(node);
            }
        }
    }
    let mut order = Vec::with_capacity(needed.len());
    while let Some(Reverse((_, node))) = ready.pop() {
        order.push(node);
        for next in waiting.get(node).into_iter().flatten() {
            let Some(count) = waits_for.get_mut(*next) else { continue };
            *count = count.saturating_sub(1);
            if *count == 0 {
                ready.push(Reverse((rank(*next), *next)));
            }
        }
    }
    order
}

/// The creations of one circle so that no group stands before its members. Memberships alone are no circle: such
/// creations were refused before.
pub(super) fn members_first(component: &[usize], memberships: &[Vec<usize>]) -> Vec<usize> {
    let place_of: HashMap<usize, usize> = component.iter().enumerate().map(|(place, node)| (*node, place)).collect();
    let members = |node: &usize| memberships.get(*node).into_iter().flatten();
    let needed: Vec<HashSet<usize>> = component
        .iter()
        .map(|node| members(node).filter_map(|member| place_of.get(member)).copied().collect())
        .collect();
    let order = in_order(component, &needed);
    order.into_iter().filter_map(|place| component.get(place)).copied().collect()
}
