//! No tenant sees or touches what belongs to another, even when it names the other's ids.

use std::sync::Arc;
use std::time::Duration;

use muster_model::{MemberReference, Sequence, Version};

use super::world::{EVERYTHING, Kind, World, change_members, create, delete, hold, join, query, replace, user};
use crate::{CommitError, Store};

pub async fn no_tenant_reaches_another(store: Arc<dyn Store>) {
    let ours = World::new(Arc::clone(&store)).await;
    let theirs = World::new(Arc::clone(&store)).await;
    let (connection, credential) = theirs.add_connection("okta").await;
    let person = theirs.add_user("anna").await;
    let team = theirs.add_group("team", &[person]).await;
    theirs.commit_one(change_members(team, hold(vec![], vec![MemberReference::parse("pending")]))).await.unwrap();
    let before = (
        theirs.find(Kind::User, person).await,
        theirs.find(Kind::Group, team).await,
        theirs.changes().await,
        theirs.pending(team).await,
    );

    assert!(ours.directory.find_resource(&Kind::User.name(), person, EVERYTHING).await.unwrap().is_none());
    assert_eq!(ours.count(Kind::User).await, (0, 0));
    for filter in [
        format!("id eq \"{team}\""),
        format!("members.value eq \"{person}\""),
        "displayName eq \"team\"".to_owned(),
        "displayName sw \"t\"".to_owned(),
        "meta.created gt \"2000-01-01T00:00:00Z\"".to_owned(),
        "displayName co \"ea\"".to_owned(),
    ] {
        let found = ours.directory.list_resources(&query(Kind::Group, Some(&filter))).await.unwrap();
        assert_eq!((found.total, found.resources.len()), (Some(0), 0), "{filter}");
    }
    let groups_filter = format!("groups.value eq \"{team}\"");
    assert_eq!(ours.directory.list_resources(&query(Kind::User, Some(&groups_filter))).await.unwrap().total, Some(0));
    assert_eq!(ours.directory.list_pending_members(team).await.unwrap(), [] as [&str; 0]);
    assert_eq!(ours.directory.list_changes(Sequence::START, 100).await.unwrap(), []);

    for write in [
        replace(Kind::User, person, Version(1), user("taken over")),
        delete(Kind::User, person),
        delete(Kind::Group, team),
        change_members(team, join(&[])),
    ] {
        let refused = ours.commit_one(write).await;
        assert!(matches!(refused, Err(CommitError::NotFound { .. })), "{refused:?}");
    }
    // Their person is nobody here.
    let own_team = ours.add_group("team", &[]).await;
    let refused = ours.commit_one(change_members(own_team, join(&[person]))).await;
    assert!(matches!(refused, Err(CommitError::UnknownMembers { .. })), "{refused:?}");
    // Even a resource of the same id is another one.
    ours.commit_one(create(Kind::User, person, user("anna"))).await.unwrap();
    ours.commit_one(change_members(own_team, join(&[person]))).await.unwrap();
    ours.commit_one(delete(Kind::User, person)).await.unwrap();
    ours.directory.record_credential_use(credential.id, ours.now() + Duration::from_mins(10)).await.unwrap();

    let after = (
        theirs.find(Kind::User, person).await,
        theirs.find(Kind::Group, team).await,
        theirs.changes().await,
        theirs.pending(team).await,
    );
    assert_eq!(before, after);
    assert_eq!(store.list_credentials(connection.id).await.unwrap(), [(credential, None)]);
    assert_eq!(store.inspect().await.unwrap(), [] as [&str; 0]);
}
