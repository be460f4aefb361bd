//! Which nodes of a graph lie on a common circle. Without recursion, because the graph comes from a client.

/// The strongly connected components in the order of their first node; each lists its nodes in ascending order.
/// `edges[n]` are the nodes that `n` points at.
pub(super) fn components(edges: &[Vec<usize>]) -> Vec<Vec<usize>> {
    let mut backwards = vec![Vec::new(); edges.len()];
    for (from, targets) in edges.iter().enumerate() {
        for target in targets {
            if let Some(sources) = backwards.get_mut(*target) {
                sources.push(from);
            }
        }
    }
    // Kosaraju: in the reverse order of leaving, whoever is reached backwards is of the same component.
    let mut seen = vec![false; edges.len()];
    let mut left = Vec::with_capacity(edges.len());
    for start in 0..edges.len() {
        visit(edges, start, &mut seen, &mut left);
    }
    let mut seen = vec![false; edges.len()];
    let mut components = Vec::new();
    for start in left.into_iter().rev() {
        let mut component = Vec::new();
        visit(&backwards, start, &mut seen, &mut component);
        if !component.is_empty() {
            component.sort_unstable();
            components.push(component);
        }
    }
    components.sort_unstable();
    components
}

/// Depth first from `start` over nodes that were not seen; each is appended to `left` when it is left.
fn visit(edges: &[Vec<usize>], start: usize, seen: &mut [bool], left: &mut Vec<usize>) {
    let mut path: Vec<(usize, usize)> = Vec::new();
    if enter(start, seen) {
        path.push((start, 0));
    }
    while let Some((node, next)) = path.last_mut() {
        if let Some(target) = edges.get(*node).and_then(|targets| targets.get(*next)) {
            *next += 1;
            if enter(*target, seen) {
                path.push((*target, 0));
            }
        } else {
            left.push(*node);
            path.pop();
        }
    }
}

fn enter(node: usize, seen: &mut [bool]) -> bool {
    seen.get_mut(node).is_some_and(|seen| !std::mem::replace(seen, true))
}

/// Whether a component is a circle: several nodes, or one that points at itself.
pub(super) fn is_circle(component: &[usize], edges: &[Vec<usize>]) -> bool {
    match component {
        [only] => edges.get(*only).is_some_and(|targets| targets.contains(only)),
        several => !several.is_empty(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn circles_are_found_and_everything_else_stands_alone() {
        let edges = vec![vec![1], vec![2, 5], vec![0], vec![3], vec![0], vec![]];
        let found = components(&edges);
        assert_eq!(found, [vec![0, 1, 2], vec![3], vec![4], vec![5]]);
        let circles: Vec<bool> = found.iter().map(|component| is_circle(component, &edges)).collect();
        assert_eq!(circles, [true, true, false, false]);
    }

    #[test]
    fn a_long_chain_does_not_grow_the_stack() {
        let edges: Vec<Vec<usize>> = (0..200_000).map(|node| vec![(node + 1) % 200_000]).collect();
        assert_eq!(components(&edges).len(), 1);
    }
}
