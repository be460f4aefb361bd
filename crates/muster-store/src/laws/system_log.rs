//! The system log: committed with what it tells of, or not at all.

use std::sync::Arc;

use jiff::Timestamp;
use muster_model::{Action, Actor, Reach, SystemEntry, SystemEntryId};

use super::world::World;
use crate::{Store, SystemLogQuery};

impl World {
    fn entry(&self, action: &'static str, target: &str) -> SystemEntry {
        let id = self.new_id();
        let millisecond = i64::try_from(id.as_uuid().as_u128() >> 80).unwrap();
        SystemEntry {
            id: SystemEntryId::from_uuid(*id.as_uuid()),
            at: Timestamp::from_millisecond(millisecond).unwrap(),
            tenant: Some(self.tenant.id),
            actor: Actor::LocalAdministrator,
            action: Action::of(action),
            target: target.to_owned(),
            before: None,
            after: Some("{\"name\":\"new\"}".to_owned()),
        }
    }

    async fn logged(&self) -> Vec<SystemEntry> {
        let query = SystemLogQuery::newest(Reach::Tenant(self.tenant.id), 100);
        self.store.list_system_entries(&query).await.unwrap()
    }
}

pub async fn a_deed_and_its_entry_are_committed_together(store: Arc<dyn Store>) {
    let world = World::new(Arc::clone(&store)).await;
    let other = World::new(Arc::clone(&store)).await;
    let entry = world.entry("tenant.renamed", "done");
    let name = format!("{} renamed", world.tenant.name);
    store.noting(entry.clone()).rename_tenant(world.tenant.id, &name).await.unwrap();
    assert_eq!(world.logged().await, [entry]);
    // What is refused, and what changes nothing, leaves no entry.
    let refused = world.entry("tenant.renamed", "refused");
    store.noting(refused).rename_tenant(world.tenant.id, &other.tenant.name).await.unwrap_err();
    let nothing = world.entry("connection.deleted", "nothing");
    let nobody = muster_model::ConnectionId::from_uuid(uuid::Uuid::nil());
    assert!(!store.noting(nothing).delete_connection(nobody).await.unwrap());
    assert_eq!(world.logged().await.len(), 1);
    assert_eq!(other.logged().await, []);
}

pub async fn entries_of_the_system_log_are_asked_for_by_what_they_say(store: Arc<dyn Store>) {
    let world = World::new(Arc::clone(&store)).await;
    let mut entries = Vec::new();
    for (number, action) in ["a.done", "b.done", "a.done"].into_iter().enumerate() {
        let mut entry = world.entry(action, &format!("target {number}"));
        entry.before = (number == 1).then(|| "{}".to_owned());
        store.record_system_entry(&entry).await.unwrap();
        entries.insert(0, entry);
    }
    let reach = Reach::Tenant(world.tenant.id);
    let newest = |limit| SystemLogQuery::newest(reach, limit);
    let ask = async |query: SystemLogQuery| store.list_system_entries(&query).await.unwrap();
    assert_eq!(ask(newest(10)).await, entries);
    assert_eq!(ask(newest(2)).await, entries[..2]);
    assert_eq!(ask(SystemLogQuery { before: Some(entries[0].id), ..newest(10) }).await, entries[1..]);
    let action = Some("b.done".to_owned());
    assert_eq!(ask(SystemLogQuery { action, ..newest(10) }).await, entries[1..2]);
    let target = Some("target 2".to_owned());
    assert_eq!(ask(SystemLogQuery { target, ..newest(10) }).await, entries[..1]);
    let actor = Some("muster".to_owned());
    assert_eq!(ask(SystemLogQuery { actor, ..newest(10) }).await, []);
    assert_eq!(ask(SystemLogQuery { since: Some(entries[0].at), ..newest(10) }).await, entries[..1]);
    assert_eq!(ask(SystemLogQuery { until: Some(entries[0].at), ..newest(10) }).await, entries[1..]);
    let everything = ask(SystemLogQuery::newest(Reach::Environment, 1000)).await;
    assert!(entries.iter().all(|entry| everything.contains(entry)));
}
