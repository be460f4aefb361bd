//! What the characteristics of an added attribute do (RFC 7643 section 7).

use http::StatusCode;
use muster_model::Provider;
use muster_testkit::TestHub;
use serde_json::json;

use super::{USER, add};

const CARD: &str = "urn:example:scim:2.0:Card";

/// Rows: 7643-7-06, 7643-7-07, 7643-7-08, 7643-7-09, 7643-7-10, 7643-7-11, 7643-7-12, 7643-7-13, 7643-7-14, 7643-7-15
#[tokio::test]
async fn behaviour_follows_the_schema() {
    let hub = TestHub::start().await;
    let client = hub.connect("idp", Provider::Generic).await;
    let card = json!({ "id": CARD, "attributes": [
        { "name": "printed", "mutability": "readOnly" },
        { "name": "issuer", "mutability": "immutable" },
        { "name": "pin", "mutability": "writeOnly" },
        { "name": "label", "returned": "always" },
        { "name": "hint", "returned": "never" },
        { "name": "photo", "returned": "request" },
        { "name": "exact", "caseExact": true },
        { "name": "size", "canonicalValues": ["small", "large"] },
    ] });
    add(&hub, &card, Some("User")).await;
    let body = json!({ "schemas": [USER, CARD], "userName": "anna", CARD: {
        "printed": "no", "issuer": "us", "pin": "1234", "label": "L", "hint": "h", "photo": "p", "exact": "Ab",
        "size": "Huge",
    } });
    let created = client.post("/Users", &body).await;
    assert_eq!(created.status, StatusCode::CREATED, "{:?}", created.body);
    let path = format!("/Users/{}", created.id());
    let read = client.get(&path).await.body[CARD].clone();
    assert_eq!(read, json!({ "issuer": "us", "label": "L", "exact": "Ab", "size": "Huge" }));
    let asked = client.get(&format!("{path}?attributes={CARD}:photo,{CARD}:pin,{CARD}:hint")).await.body;
    assert_eq!(asked[CARD], json!({ "label": "L", "photo": "p" }));
    let excluded = client.get(&format!("{path}?excludedAttributes={CARD}:label,{CARD}:size")).await.body;
    assert_eq!(excluded[CARD], json!({ "issuer": "us", "label": "L", "exact": "Ab" }));
    for (filter, found) in [("exact eq \"ab\"", 0), ("exact eq \"Ab\"", 1), ("size eq \"hUGE\"", 1)] {
        let query: String = form_urlencoded::byte_serialize(format!("{CARD}:{filter}").as_bytes()).collect();
        assert_eq!(client.get(&format!("/Users?filter={query}")).await.body["totalResults"], found, "{filter}");
    }
    for (name, value) in [("issuer", "them"), ("printed", "yes")] {
        let operation = json!([{ "op": "replace", "path": format!("{CARD}:{name}"), "value": value }]);
        let refused = client.patch(&path, operation).await;
        assert_eq!(
            (refused.status, refused.text("scimType")),
            (StatusCode::BAD_REQUEST, "mutability".to_owned()),
            "{name}"
        );
    }
    let mut other = body;
    other[CARD]["issuer"] = json!("them");
    assert_eq!(client.put(&path, &other).await.text("scimType"), "mutability");
}
