//! Lists of groups that have very many members end a page early, and lose nothing by it (RFC 7644 section 3.4.2.4).

use std::sync::Arc;

use muster_model::{Clock, MemberReference, Provider, ResourceId, TypeName};
use muster_store::batch::MembershipChange;
use muster_store::keys::{keys_of, label_of};
use muster_store::{Batch, Directory, MembershipDelta, NewDocument, ResourcePage, UnknownMembers, Write};
use muster_testkit::{TestClient, TestHub, TestResponse};
use scim::schema::group_resource_schema;
use scim::{Document, Leniency};
use serde_json::{Value, json};

struct Teams {
    client: TestClient,
    hub: TestHub,
    directory: Arc<dyn Directory>,
}

impl Teams {
    async fn start() -> Self {
        let hub = TestHub::start().await;
        let client = hub.connect("okta", Provider::Okta).await;
        let tenant = hub.app.store().find_tenant_by_name("default").await.unwrap().unwrap();
        let directory = hub.app.store().directory(tenant.id, muster_store::Scope::Tenant);
        Self { client, hub, directory }
    }

    async fn add(&self, resource_type: &str, names: Vec<Document>, members: Option<&[ResourceId]>) -> Vec<ResourceId> {
        let rng = muster_model::fake::SeededRng::new(names.len() as u64 + members.map_or(0, <[_]>::len) as u64);
        let (mut ids, mut writes) = (Vec::new(), Vec::new());
        for document in names {
            self.hub.clock.advance(std::time::Duration::from_millis(1));
            let id = ResourceId::new(&*self.hub.clock, &rng);
            ids.push(id);
            let members = members.map(|members| MembershipDelta {
                change: MembershipChange::Adjust {
                    leave: Vec::new(),
                    join: members.iter().copied().map(MemberReference::Id).collect(),
                },
                unknown: UnknownMembers::Refuse,
            });
            let keys = keys_of(&group_resource_schema(), &document, &Leniency::TOLERANT);
            let content = NewDocument { label: label_of(&document), keys, document, difference: None };
            let resource_type = TypeName::new(resource_type);
            let owner = Some(self.client.connection);
            writes.push(Write::Create { id, resource_type, owner, content, members });
        }
        let batch = Batch {
            writes,
            connection: None,
            request: None,
            at: self.hub.clock.now(),
            guard: muster_store::Guard::default(),
        };
        self.directory.commit(batch).await.unwrap();
        ids
    }

    async fn search(&self, more: Value) -> TestResponse {
        let mut request = json!({
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"],
            "filter": "displayName sw \"team\"",
            "sortBy": "displayName",
            "count": 10,
        });
        request.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        self.client.post("/.search", &request).await
    }
}

fn named(name: &str, value: &str) -> Document {
    Document::from_iter([(name.to_owned(), Value::from(value))])
}

fn shown(page: &TestResponse) -> Vec<String> {
    let resources = page.body["Resources"].as_array().cloned().unwrap_or_default();
    resources.iter().map(|group| group["displayName"].as_str().unwrap_or_default().to_owned()).collect()
}

/// Rows: 7644-3.4.2.4-04
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_merged_page_ends_early_and_the_next_goes_on_there() {
    let teams = Teams::start().await;
    let half = usize::try_from(ResourcePage::MOST_ROWS / 2).unwrap() + 1;
    let people = (0..half).map(|number| named("userName", &format!("user{number}"))).collect();
    let people = teams.add("User", people, None).await;
    for (name, members) in
        [("team a", &people[..1]), ("team b", &people), ("team c", &people), ("team d", &people[..1])]
    {
        teams.add("Group", vec![named("displayName", name)], Some(members)).await;
    }

    let first = teams.search(json!({})).await;
    assert_eq!(first.status, http::StatusCode::OK, "{}", first.body);
    assert_eq!((shown(&first), &first.body["totalResults"]), (vec!["team a".into(), "team b".into()], &json!(4)));
    assert_eq!(first.body["itemsPerPage"], 2);
    let second = teams.search(json!({"startIndex": 3})).await;
    assert_eq!(shown(&second), ["team c", "team d"]);
    assert_eq!(second.body["Resources"][0]["members"].as_array().unwrap().len(), half);

    let first = teams.search(json!({"cursor": ""})).await;
    assert_eq!(shown(&first), ["team a", "team b"]);
    let second = teams.search(json!({"cursor": first.text("nextCursor")})).await;
    assert_eq!(shown(&second), ["team c", "team d"]);
    assert_eq!(second.text("nextCursor"), "");
    let back = teams.search(json!({"cursor": second.text("previousCursor")})).await;
    assert_eq!(shown(&back), ["team a", "team b"]);
}
