//! What Microsoft's SCIM Validator asks, in its order, with both ways in which Entra writes.

use http::header::CONTENT_TYPE;
use http::{Method, StatusCode};
use muster_model::Provider;
use muster_testkit::{TestClient, TestHub};
use serde_json::{Map, Value, json};

const CORE: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

/// Each attribute that the tool fills, by its path, with a random word where the standard would have something sensible.
const VERBOSE: [(&str, &str); 36] = [
    ("displayName", "AQXUVTVXKZOT"),
    ("title", "QZGPFPXSHFKY"),
    ("preferredLanguage", "nb-NO"),
    ("userType", "LWYBGCJXRTBU"),
    ("nickName", "YTIQMJIXXFPE"),
    ("locale", "CQUEFYDGLQJO"),
    ("timezone", "Africa/Casablanca"),
    ("profileUrl", "VPPSXZYMGHQM"),
    ("name.givenName", "Maynard"),
    ("name.familyName", "Adriel"),
    ("name.formatted", "Rosella"),
    ("name.middleName", "Elfrieda"),
    ("name.honorificPrefix", "Leta"),
    ("name.honorificSuffix", "Lauretta"),
    ("emails[type eq \"work\"].value", "ella@pfannerstill.example"),
    ("addresses[type eq \"work\"].formatted", "LUCYJVQWZRBP"),
    ("addresses[type eq \"work\"].streetAddress", "11497 Gerhold Vista"),
    ("addresses[type eq \"work\"].locality", "TPFEJRKZMKGD"),
    ("addresses[type eq \"work\"].region", "PYYZKHYXQIXC"),
    ("addresses[type eq \"work\"].postalCode", "ka95 9pq"),
    ("addresses[type eq \"work\"].country", "Anguilla"),
    ("phoneNumbers[type eq \"work\"].value", "0-318-485-6541"),
    ("phoneNumbers[type eq \"mobile\"].value", "0-318-485-6541"),
    ("phoneNumbers[type eq \"fax\"].value", "0-318-485-6541"),
    ("phoneNumbers[type eq \"home\"].value", "0-318-485-6542"),
    ("phoneNumbers[type eq \"other\"].value", "0-318-485-6543"),
    ("phoneNumbers[type eq \"pager\"].value", "0-318-485-6544"),
    ("roles[primary eq \"True\"].display", "LQLJSSAFSTCA"),
    ("roles[primary eq \"True\"].value", "JOZBEBZQIVOF"),
    ("roles[primary eq \"True\"].type", "ODWPHWPCTJIF"),
    ("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:employeeNumber", "SGNOSJGAQKUL"),
    ("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department", "JHDOQCTCMIKH"),
    ("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:costCenter", "SRBOIGPBDASR"),
    ("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:organization", "SAFKDCQNFJXV"),
    ("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:division", "TOUEWSYJHQZI"),
    ("externalId", "84d1b4e5-6d41-4f5d-a4e1-d9cbbc2c5d02"),
];

async fn entra(hub: &TestHub, provider: Provider) -> TestClient {
    hub.connect("entra", provider).await.with_header(CONTENT_TYPE, "application/scim+json; charset=utf-8")
}

fn person(name: &str) -> Value {
    json!({
        "userName": name, "active": true, "displayName": "BVPXGLHVAEMW", "profileUrl": "KBHVMJLLVEIB",
        "emails": [{ "type": "work", "value": "a@b.example", "primary": true }],
        "roles": [{ "primary": "True", "display": "WTYVTTBZWHBV", "value": "QYVBEWGBHQGI", "type": "ITNBQSLPCUEA" }],
        (ENTERPRISE): { "employeeNumber": "1", "department": "d" },
        "schemas": [CORE, ENTERPRISE],
    })
}

/// What a path of [`VERBOSE`] leads to in the shown resource.
fn value_at<'a>(shown: &'a Value, path: &str) -> Option<&'a Value> {
    let (holder, path) = match path.strip_prefix(ENTERPRISE) {
        Some(rest) => (shown.get(ENTERPRISE)?, rest.strip_prefix(':')?),
        None => (shown, path),
    };
    let Some((list, rest)) = path.split_once('[') else {
        return path.split('.').try_fold(holder, |value, name| value.get(name));
    };
    let (filter, sub) = rest.split_once("].")?;
    let (name, wanted) = filter.split_once(" eq ")?;
    let wanted = if name == "primary" { json!(true) } else { json!(wanted.trim_matches('"')) };
    holder.get(list)?.as_array()?.iter().find(|element| element.get(name) == Some(&wanted))?.get(sub)
}

fn assert_verbose(shown: &Value) {
    for (path, value) in VERBOSE {
        assert_eq!(value_at(shown, path), Some(&json!(value)), "{path}: {shown}");
    }
}

fn by_name(name: &str) -> String {
    format!("/Users?filter=userName+eq+%22{}%22", name.replace('@', "%40"))
}

#[tokio::test]
async fn people() {
    for provider in [Provider::Entra, Provider::EntraFlag] {
        let hub = TestHub::start().await;
        let client = entra(&hub, provider).await;
        let unknown = client.get(&by_name("7b9c84dc-b4ba-4a60-8c32-bb5b9b49ed4a")).await;
        assert_eq!((unknown.status, &unknown.body["totalResults"]), (StatusCode::OK, &json!(0)));

        let created = client.post("/Users", &person("verla@x.example")).await;
        assert_eq!(created.status, StatusCode::CREATED, "{:?}", created.body);
        assert_eq!(created.body["roles"][0]["primary"], true);
        for sent in ["displayName", "profileUrl", "emails", "userName", ENTERPRISE] {
            assert_eq!(created.body[sent], person("verla@x.example")[sent], "{sent}");
        }
        assert_eq!(client.post("/Users", &person("verla@x.example")).await.status, StatusCode::CONFLICT);
        for (name, hits) in [("verla@x.example", 1), ("nobody@x.example", 0), ("VERLA@x.EXAMPLE", 1)] {
            let found = client.get(&by_name(name)).await;
            assert_eq!((found.status, &found.body["totalResults"]), (StatusCode::OK, &json!(hits)), "{name}");
        }
        let path = format!("/Users/{}", created.id());

        let all_in_one: Vec<Value> =
            VERBOSE.iter().map(|(path, value)| json!({ "op": "replace", "path": path, "value": value })).collect();
        assert_eq!(client.patch(&path, json!(all_in_one)).await.status, StatusCode::OK);
        assert_verbose(&client.get(&path).await.body);

        // The same without paths; what is in a list has no such form.
        let flat: Map<String, Value> = VERBOSE
            .iter()
            .filter(|(path, _)| !path.contains('['))
            .map(|(path, value)| ((*path).to_owned(), json!(value)))
            .collect();
        let other = client.post("/Users", &json!({ "schemas": [CORE], "userName": "flat@x.example" })).await;
        let other = format!("/Users/{}", other.id());
        let patched = client.patch(&other, json!([{ "op": "replace", "value": flat }])).await;
        assert_eq!(patched.status, StatusCode::OK, "{:?}", patched.body);
        for (name, value) in &flat {
            assert_eq!(value_at(&patched.body, name), Some(value), "{name}");
        }

        let renamed =
            client.patch(&path, json!([{ "op": "Replace", "path": "userName", "value": "new@x.example" }])).await;
        assert_eq!((renamed.status, renamed.text("userName")), (StatusCode::OK, "new@x.example".to_owned()));
        let disabled = client.patch(&path, json!([{ "op": "Replace", "path": "active", "value": "False" }])).await;
        assert_eq!((disabled.status, &disabled.body["active"]), (StatusCode::OK, &json!(false)));

        let bare = client.post("/Users", &json!({ "schemas": [CORE], "userName": "bare@x.example" })).await;
        let added: Vec<Value> =
            VERBOSE.iter().map(|(path, value)| json!({ "op": "add", "path": path, "value": value })).collect();
        let bare = format!("/Users/{}", bare.id());
        assert_eq!(client.patch(&bare, json!(added)).await.status, StatusCode::OK);
        assert_verbose(&client.get(&bare).await.body);

        let manager = format!("{ENTERPRISE}:manager");
        for (op, value) in [("Add", "271"), ("Replace", "272")] {
            let set = client.patch(&path, json!([{ "op": op, "path": manager, "value": value }])).await;
            assert_eq!(set.body[ENTERPRISE]["manager"]["value"], value, "{:?}", set.body);
        }
        let removed =
            client.patch(&path, json!([{ "op": "Replace", "path": manager, "value": { "value": "" } }])).await;
        assert!(removed.body[ENTERPRISE].get("manager").is_none(), "{:?}", removed.body);

        assert_eq!(client.delete(&path).await.status, StatusCode::NO_CONTENT);
        assert_eq!(client.get(&path).await.status, StatusCode::NOT_FOUND);
        assert_eq!(client.delete(&path).await.status, StatusCode::NOT_FOUND, "deleted twice");
        assert_eq!(client.delete("/Users/5171a35d82074e068ce2").await.status, StatusCode::NOT_FOUND);
    }
}

#[tokio::test]
async fn groups() {
    for provider in [Provider::Entra, Provider::EntraFlag] {
        let hub = TestHub::start().await;
        let client = entra(&hub, provider).await;
        let user = client.post("/Users", &person("member@x.example")).await.id();
        let body = json!({
            "displayName": "BCNPFGPJMWQS", "externalId": "e1",
            "schemas": [
                "urn:ietf:params:scim:schemas:core:2.0:Group",
                "http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group",
            ],
        });
        let created = client.post("/Groups", &body).await;
        assert_eq!(created.status, StatusCode::CREATED, "{:?}", created.body);
        assert_eq!(client.post("/Groups", &body).await.status, StatusCode::CONFLICT);
        let path = format!("/Groups/{}", created.id());
        let shown = client.get(&format!("{path}?excludedAttributes=members")).await;
        assert_eq!((shown.status, shown.text("displayName")), (StatusCode::OK, "BCNPFGPJMWQS".to_owned()));
        for (name, hits) in [("BCNPFGPJMWQS", 1), ("nothing", 0), ("bcnpfgpjmwqs", 1)] {
            let filter = format!("/Groups?excludedAttributes=members&filter=displayName+eq+%22{name}%22");
            assert_eq!(client.get(&filter).await.body["totalResults"], hits, "{name}");
        }

        let done = async |operations: Value| {
            let answer = client.patch(&path, operations).await;
            assert_eq!(answer.status, StatusCode::NO_CONTENT, "{:?}", answer.body);
        };
        let members =
            async || client.get(&path).await.body.get("members").and_then(Value::as_array).map_or(0, Vec::len);
        done(json!([{ "op": "replace", "value": { "externalId": "e2", "displayName": "UXGNAHGNUTGA" } }])).await;
        let renamed = client.get(&path).await;
        assert_eq!((renamed.text("externalId"), renamed.text("displayName")), ("e2".into(), "UXGNAHGNUTGA".into()));
        done(json!([{ "op": "Replace", "path": "members", "value": [{ "$ref": null, "value": user }] }])).await;
        assert_eq!(members().await, 1);
        done(json!([{ "op": "remove", "path": format!("members[value eq \"{user}\"]") }])).await;
        assert_eq!(members().await, 0);
        done(json!([{ "op": "Add", "path": "members", "value": [{ "$ref": null, "value": user }] }])).await;
        done(json!([{ "op": "Remove", "path": "members", "value": [{ "$ref": null, "value": user }] }])).await;
        assert_eq!(members().await, 0);

        // The tool's previews: several operations in one request.
        done(json!([
            { "op": "replace", "path": "displayName", "value": "first" },
            { "op": "replace", "path": "displayName", "value": "second" },
            { "op": "add", "path": "members", "value": [{ "value": user }] },
            { "op": "remove", "path": format!("members[value eq \"{user}\"]") },
        ]))
        .await;
        assert_eq!((client.get(&path).await.text("displayName"), members().await), ("second".to_owned(), 0));
        let both = json!([
            { "op": "replace", "path": "displayName", "value": "third" },
            { "op": "replace", "path": "externalId", "value": "e3" },
        ]);
        done(both).await;
        let checked =
            client.get(&format!("/Groups?filter=id+eq+%22{}%22+and+members+eq+%22{user}%22", created.id())).await;
        assert_eq!((checked.status, &checked.body["totalResults"]), (StatusCode::OK, &json!(0)));

        assert_eq!(client.delete(&path).await.status, StatusCode::NO_CONTENT);
        assert_eq!(client.send(Method::DELETE, &path, None).await.status, StatusCode::NOT_FOUND);
    }
}

/// A person whose account ended stays in Entra's groups for a while; it then takes the id out of a group that has
/// forgotten it.
#[tokio::test]
async fn a_dead_id_leaves_a_group_without_complaint() {
    let hub = TestHub::start().await;
    let client = entra(&hub, Provider::Entra).await;
    let user = client.post("/Users", &person("leaver@x.example")).await.id();
    let group = client.post("/Groups", &json!({ "displayName": "g", "members": [{ "value": user }] })).await.id();
    assert_eq!(client.delete(&format!("/Users/{user}")).await.status, StatusCode::NO_CONTENT);
    let gone = json!([{ "op": "Remove", "path": "members", "value": [{ "$ref": null, "value": user }] }]);
    assert_eq!(client.patch(&format!("/Groups/{group}"), gone).await.status, StatusCode::NO_CONTENT);
}
