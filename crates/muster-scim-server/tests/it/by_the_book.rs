//! What the tests that follow the texts paragraph by paragraph share.

use http::StatusCode;
use muster_model::Provider;
use muster_testkit::{TestClient, TestHub, TestResponse};
use serde_json::{Value, json};

pub(crate) const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
pub(crate) const GROUP: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";
pub(crate) const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

pub(crate) async fn connected(provider: Provider) -> (TestHub, TestClient) {
    let hub = TestHub::start().await;
    let client = hub.connect("idp", provider).await;
    (hub, client)
}

/// A person's body: its schemas, the name, and these members besides.
pub(crate) fn person(name: &str, members: &Value) -> Value {
    let mut body = json!({ "schemas": [USER], "userName": name });
    body.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
    body
}

/// Creates a person, who must be accepted.
pub(crate) async fn created(client: &TestClient, name: &str, members: &Value) -> TestResponse {
    let created = client.post("/Users", &person(name, members)).await;
    assert_eq!(created.status, StatusCode::CREATED, "{members}: {:?}", created.body);
    created
}

/// Asks with a filter, whatever the answer.
pub(crate) async fn asked(client: &TestClient, endpoint: &str, filter: &str) -> TestResponse {
    let query: String = form_urlencoded::Serializer::new(String::new()).append_pair("filter", filter).finish();
    client.get(&format!("{endpoint}?{query}")).await
}

/// The `userName` of the people that a filter finds, sorted.
pub(crate) async fn found(client: &TestClient, filter: &str) -> Vec<String> {
    let answer = asked(client, "/Users", filter).await;
    assert_eq!(answer.status, StatusCode::OK, "{filter}: {:?}", answer.body);
    let resources = answer.body["Resources"].as_array().unwrap();
    let mut names: Vec<String> =
        resources.iter().map(|user| user["userName"].as_str().unwrap_or_default().to_owned()).collect();
    names.sort_unstable();
    names
}

/// Status and `scimType` of a refusal.
pub(crate) fn refusal(answer: &TestResponse) -> (u16, String) {
    (answer.status.as_u16(), answer.text("scimType"))
}

pub(crate) fn refused(status: u16, scim_type: &str) -> (u16, String) {
    (status, scim_type.to_owned())
}
