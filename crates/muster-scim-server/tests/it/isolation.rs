//! What a connection did not bring is to it as if it were not there (docs/adr/0017): every route, every method and every
//! place in a message where an id can stand, tried with ids of others. The answer must be the one to an id that never
//! existed, and nobody else's directory may change.

mod adoption;
mod neighbours;
mod routes;
mod world;

use std::collections::BTreeSet;

use muster_model::Provider;
use routes::{Probe, probes};
use world::{Foreign, World};

/// Nobody ever had it.
const UNKNOWN: &str = "0199b6f0-5c3e-7000-8000-00000000dead";

/// Rows: 7644-6.1-01, 7644-6.2-01
#[tokio::test]
async fn a_foreign_id_is_answered_as_an_unknown_one() {
    for provider in [Provider::Generic, Provider::Strict] {
        let world = World::start(provider, &[]).await;
        let before = world.dump_of_others().await;
        let probes = probes();
        assert!(probes.len() > 500, "only {} probes", probes.len());
        let mut biting = BTreeSet::new();
        for probe in &probes {
            let unknown = world.ask(probe, UNKNOWN).await;
            for Foreign { whose, id } in world.foreign_ids() {
                let foreign = world.ask(probe, id).await;
                assert_eq!(foreign, unknown, "{provider}: {probe} with the id of {whose}");
            }
            if probe.reads && world.ask_with_own_id(probe).await != unknown {
                biting.insert(probe.to_string());
            }
        }
        // Of one's own, they do tell something.
        assert!(biting.len() > 100, "only {} of the probes tell anything at all", biting.len());
        assert_eq!(world.dump_of_others().await, before, "{provider}");
    }
}

/// That the comparison above can fail: a connection that sees the whole tenant is told of its neighbours.
#[tokio::test]
async fn the_probes_find_out_what_is_seen() {
    let world = World::start(Provider::Generic, &["sees_whole_tenant=true"]).await;
    let mut found = 0;
    for probe in probes().iter().filter(|probe| probe.reads) {
        let unknown = world.ask(probe, UNKNOWN).await;
        for Foreign { whose, id } in world.foreign_ids() {
            let is_told = world.ask(probe, id).await != unknown;
            assert!(!is_told || !whose.contains("elsewhere"), "{probe}: another tenant is no part of the whole");
            found += usize::from(is_told);
        }
    }
    assert!(found > 300, "only {found} probes found a neighbour");
}

impl std::fmt::Display for Probe {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { wire, method, path, headers, body, .. } = self;
        write!(formatter, "{wire:?} {method} {path} {headers:?} {}", body.as_deref().unwrap_or_default())
    }
}
