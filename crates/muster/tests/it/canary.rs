//! What must never be in a log line or a metric is sent through every path, at the most talkative level.

use serde_json::json;

use crate::process::{Server, run_json};
use crate::web;

/// Marks everything that is secret or personal.
const CANARY: &str = "canary7f3";

/// Sends the canary wherever a client can put something; returns what must not be seen beside it.
fn sing(server: &Server, base: &str, token: &str) {
    let (url, path) = web::split(base);
    let user = |name: &str| {
        json!({
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User",
                        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"],
            "userName": format!("{CANARY}-{name}@example.com"),
            "externalId": format!("{CANARY}-external-{name}"),
            "displayName": format!("{CANARY} display"),
            "password": format!("{CANARY}-Passw0rd"),
            "name": {"familyName": format!("{CANARY} family"), "givenName": format!("{CANARY} given")},
            "emails": [{"value": format!("{CANARY}@example.org"), "type": "work", "primary": true}],
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": {"employeeNumber": CANARY},
        })
        .to_string()
    };
    let created = web::scim(base, token, "POST", "/Users", &user("a"));
    assert_eq!(created.status, 201, "{}", created.body);
    let id = created.json()["id"].as_str().unwrap().to_owned();
    let no_schemas = json!({"schemas": [], "op": CANARY}).to_string();
    let patching = |operation: serde_json::Value| {
        json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": [operation]}).to_string()
    };
    let filters = [
        format!("/Users?filter=userName%20eq%20%22{CANARY}%22"),
        format!("/Users?filter=userName%20like%20%22{CANARY}%22"),
        format!("/Users?filter=name.familyName%20co%20%22{CANARY}%22&attributes={CANARY}"),
        format!("/Users?startIndex={CANARY}&count={CANARY}"),
        format!("/Users?filter={CANARY}%20eq%201"),
        format!("/Users/{CANARY}%40example.com"),
        format!("/{CANARY}/Users"),
        format!("/Schemas/{CANARY}"),
    ];
    for rest in &filters {
        web::scim(base, token, "GET", rest, "");
    }
    for (method, rest, body) in [
        ("POST", "/Users".to_owned(), user("a")),
        ("POST", "/Users".to_owned(), format!("{{\"userName\": \"{CANARY}")),
        ("POST", "/Users".to_owned(), format!("{{\"{CANARY}\": {CANARY}}}")),
        ("POST", "/Users".to_owned(), json!({"schemas": [CANARY], "userName": CANARY, "active": CANARY}).to_string()),
        ("POST", "/Users".to_owned(), CANARY.repeat(1000)),
        ("PUT", format!("/Users/{id}"), user("b")),
        ("PUT", format!("/Users/{id}"), json!({"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": [CANARY]}).to_string()),
        ("PATCH", format!("/Users/{id}"), patching(json!({"op": "replace", "path": "displayName", "value": CANARY}))),
        ("PATCH", format!("/Users/{id}"), patching(json!({"op": "replace", "path": CANARY, "value": CANARY}))),
        ("PATCH", format!("/Users/{id}"), patching(json!({"op": "remove", "path": format!("emails[value eq \"{CANARY}x\"]")}))),
        ("PATCH", format!("/Users/{id}"), no_schemas.clone()),
        ("POST", "/Users/.search".to_owned(), json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"], "filter": format!("userName co \"{CANARY}\"")}).to_string()),
        ("POST", "/.search".to_owned(), json!({"filter": CANARY}).to_string()),
        ("POST", "/Bulk".to_owned(), no_schemas),
        ("POST", "/Groups".to_owned(), json!({"schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"], "displayName": CANARY, "members": [{"value": id}, {"value": CANARY}]}).to_string()),
        ("DELETE", format!("/Users/{id}"), String::new()),
    ] {
        let response = web::scim(base, token, method, &rest, &body);
        assert!(response.status < 500 || response.status == 501, "{method} {rest}: {}", response.body);
    }
    let wrong_token = format!("Bearer msc_{CANARY}");
    let other_end = if token.ends_with('x') { 'y' } else { 'x' };
    let near_token = format!("Bearer {}{other_end}", &token[..token.len() - 1]);
    for authorization in [wrong_token.as_str(), near_token.as_str(), "Basic Y2FuYXJ5N2YzOmNhbmFyeTdmMw=="] {
        let headers = [
            ("Authorization", authorization),
            ("Cookie", CANARY),
            ("X-Request-Id", "canary7f3@example.com"),
            ("X-Forwarded-For", CANARY),
            ("User-Agent", CANARY),
            ("If-Match", CANARY),
            ("Content-Type", CANARY),
        ];
        assert_eq!(web::request(url, "GET", &format!("{path}/Users"), &headers, "").status, 401);
    }
    for authorization in [wrong_token.as_str(), &format!("Bearer {token}")] {
        let headers = [("authorization", authorization), ("cookie", CANARY), (CANARY, CANARY)];
        web::get_by_http_2(url, &format!("/{CANARY}?{CANARY}"), &headers);
        web::get_by_http_2(url, &format!("{path}/Users"), &headers);
    }
    let token_in_query = format!("{path}/Users?access_token={token}");
    web::request(url, "GET", &token_in_query, &[], "");
    web::request(url, CANARY, &format!("/{CANARY}?{CANARY}"), &[(CANARY, CANARY)], CANARY);
    web::get(&server.url, &format!("/healthz?{CANARY}"));
}

/// Rows: 7643-9.3-01, 7644-7.5.1-01, 7644-7.5.2-02
#[test]
fn no_secret_and_nothing_personal_reaches_a_log_line_or_a_metric() {
    for form in ["human", "json"] {
        let folder = tempfile::tempdir().unwrap();
        let mut server = Server::start(
            folder.path(),
            &["--log", "trace", "--log-format", form, "--max-body-bytes", "4KiB", "--trusted-proxy", "127.0.0.1"],
        );
        let created = run_json(folder.path(), &["connection", "create", "--name", "a", "--json"]);
        let (base, token) = (created["scim_base_url"].as_str().unwrap(), created["token"].as_str().unwrap());
        sing(&server, base, token);
        let metrics = web::get(&server.url, "/metrics").body;
        server.terminate();
        let key = std::fs::read_to_string(folder.path().join("muster-data/vault.key")).unwrap();
        let key = key.split_whitespace().nth(2).unwrap();
        let seen = [server.log(), server.printed(), metrics].concat();
        for (number, line) in seen.lines().enumerate() {
            assert!(!line.to_lowercase().contains(CANARY), "{form}, line {number}: {line}");
            assert!(!line.contains("Y2FuYXJ5N2YzOmNhbmFyeTdmMw"), "{form}, line {number}: {line}");
            // Neither the token nor a piece of it.
            assert!(!line.contains(&token[4..20]) && !line.contains(key), "{form}, line {number}: {line}");
        }
        // The test would pass on an empty log too.
        assert!(seen.matches("answered").count() > 25, "{seen}");
        assert!(seen.contains("/directory/resources/scim/v2.0/{connection}/Users/{id}"), "{seen}");
        assert!(seen.contains(created["id"].as_str().unwrap()), "{seen}");
    }
}
