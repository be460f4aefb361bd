//! Every request in which an id can stand, made from lists of routes, methods, conditions and messages.

use http::Method;
use http::header::{HeaderName, IF_MATCH, IF_NONE_MATCH};
use serde_json::{Value, json};

/// Where it is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wire {
    V2,
    Short,
    V1,
}

/// A request; `{id}` is the id that is tried, `{me}` and `{mine}` are a person and a group of the asker.
pub(super) struct Probe {
    pub(super) wire: Wire,
    pub(super) method: Method,
    pub(super) path: String,
    pub(super) headers: Vec<(HeaderName, &'static str)>,
    pub(super) body: Option<String>,
    /// Whether it can change nothing.
    pub(super) reads: bool,
    /// Whether it may change what the asker himself has, so that this must be made anew.
    pub(super) touches_own: bool,
}

const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
const GROUP: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";
const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
const OVERRIDE: HeaderName = HeaderName::from_static("x-http-method-override");

pub(super) fn probes() -> Vec<Probe> {
    let mut all = Vec::new();
    for wire in [Wire::V2, Wire::Short, Wire::V1] {
        for endpoint in if wire == Wire::V2 { &["Users", "Groups", "users"][..] } else { &["Users", "Groups"] } {
            resources(wire, endpoint, &mut all);
        }
        queries(wire, &mut all);
        references(wire, &mut all);
        bulk(wire, &mut all);
    }
    all
}

fn push(all: &mut Vec<Probe>, wire: Wire, method: Method, path: String, body: Option<&Value>) {
    let reads = method == Method::GET || method == Method::HEAD || path.ends_with("/.search");
    let body = body.map(Value::to_string);
    let is_creation = method == Method::POST && !path.contains("{id}");
    let names_own = path.contains("{me}") || path.contains("{mine}");
    let may_create = path != "/Bulk" || body.as_ref().is_some_and(|body| body.contains("\"POST\""));
    let touches_own = !reads && (is_creation && may_create || names_own);
    all.push(Probe { wire, method, path, headers: Vec::new(), body, reads, touches_own });
}

/// `/{endpoint}/{id}` by every method, under every condition.
fn resources(wire: Wire, endpoint: &str, all: &mut Vec<Probe>) {
    let path = format!("/{endpoint}/{{id}}");
    let conditions = [
        None,
        Some((IF_MATCH, "W/\"1\"")),
        Some((IF_MATCH, "W/\"9\"")),
        Some((IF_MATCH, "*")),
        Some((IF_NONE_MATCH, "W/\"1\"")),
        Some((IF_NONE_MATCH, "*")),
    ];
    let methods = [Method::GET, Method::HEAD, Method::POST, Method::PUT, Method::PATCH, Method::DELETE];
    for (method, condition) in methods.iter().flat_map(|method| conditions.iter().map(move |one| (method, one))) {
        for body in bodies(wire, endpoint, method) {
            let mut probe = Vec::new();
            push(&mut probe, wire, method.clone(), path.clone(), body.as_ref());
            let overridden = ["PUT", "PATCH", "DELETE"].into_iter().find(|name| *name == method.as_str());
            if let (Wire::V1, Some(name)) = (wire, overridden) {
                push(&mut probe, wire, Method::POST, path.clone(), body.as_ref());
                probe[1].headers.push((OVERRIDE, name));
            }
            for mut one in probe {
                one.headers.extend(condition.clone());
                all.push(one);
            }
        }
    }
    for query in [
        "?attributes=id",
        "?excludedAttributes=meta",
        "?filter=id+pr",
        "?filter=meta.created+gt+%222000-01-01T00:00:00Z%22",
        "?attributes=groups,members",
        "?cursor",
        "?count=0",
    ] {
        push(all, wire, Method::GET, format!("{path}{query}"), None);
    }
    for suffix in ["/", ".json", "/.search", "?x"] {
        push(all, wire, Method::GET, format!("{path}{suffix}"), None);
    }
}

fn bodies(wire: Wire, endpoint: &str, method: &Method) -> Vec<Option<Value>> {
    let whole = if endpoint == "Groups" {
        json!({ "schemas": [GROUP], "displayName": "probed", "members": [] })
    } else {
        json!({ "schemas": [USER], "userName": "probed" })
    };
    let operations = |operations: Value| json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": operations });
    match (method.as_str(), wire) {
        ("PUT", _) | ("PATCH", Wire::V1) => vec![Some(whole), Some(json!({})), None],
        ("PATCH", _) => vec![
            Some(operations(json!([{ "op": "replace", "path": "displayName", "value": "probed" }]))),
            Some(operations(json!([{ "op": "remove", "path": "members" }]))),
            Some(operations(json!([{ "op": "add", "path": "members", "value": [{ "value": "{me}" }] }]))),
            Some(operations(json!([]))),
        ],
        ("POST", _) => vec![Some(whole)],
        _ => vec![None],
    }
}

const FILTERS: [&str; 17] = [
    "id eq \"{id}\"",
    "not (id ne \"{id}\")",
    "id eq \"{id}\" or id eq \"{me}\"",
    "id sw \"{id}\"",
    "id ge \"{id}\" and id le \"{id}\"",
    "meta.location eq \"https://muster.test/scim/v2/x/Users/{id}\"",
    "groups.value eq \"{id}\"",
    "groups.$ref eq \"https://muster.test/scim/v2/x/Groups/{id}\"",
    "groups[value eq \"{id}\" and type eq \"direct\"]",
    "not (groups.value eq \"{id}\")",
    "members.value eq \"{id}\"",
    "members.$ref eq \"https://muster.test/scim/v2/x/Users/{id}\"",
    "members[value eq \"{id}\" and type eq \"User\"]",
    "members.value eq \"{id}\" or members.value eq \"{me}\"",
    "members.value co \"{id}\"",
    "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value eq \"{id}\"",
    "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager[value eq \"{id}\"]",
];

/// Lists and searches, of one type and of all.
fn queries(wire: Wire, all: &mut Vec<Probe>) {
    let orders = ["", "id", "userName", "meta.lastModified", "title"];
    for (number, filter) in FILTERS.iter().enumerate() {
        for endpoint in ["/Users", "/Groups", "/"] {
            if wire == Wire::Short && endpoint != "/" || wire == Wire::V1 && endpoint == "/" {
                continue;
            }
            // Every filter in every order would be many; each filter in one, and all orders among them.
            for (order, by_cursor) in [("", false), (orders[number % orders.len()], false), ("", true)] {
                let mut query = form_urlencoded::Serializer::new(String::new());
                query.append_pair("filter", filter);
                let mut search = json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"] });
                search["filter"] = json!(filter);
                if !order.is_empty() {
                    query.append_pair("sortBy", order);
                    search["sortBy"] = json!(order);
                }
                if by_cursor {
                    query.append_pair("cursor", "");
                    search["cursor"] = json!("");
                }
                // Ids need no encoding, and the placeholders come back as they were.
                let query = query.finish().replace("%7B", "{").replace("%7D", "}");
                push(all, wire, Method::GET, format!("{endpoint}?{query}"), None);
                if wire != Wire::V1 {
                    let place = endpoint.trim_end_matches('/');
                    push(all, wire, Method::POST, format!("{place}/.search"), Some(&search));
                }
            }
        }
    }
}

/// The asker's own resources naming the id: as member and as manager.
fn references(wire: Wire, all: &mut Vec<Probe>) {
    let member = json!([{ "value": "{id}" }, { "value": "{me}" }]);
    let manager = json!({ "value": "{id}" });
    let group = json!({ "schemas": [GROUP], "displayName": "new", "members": member });
    let user = json!({ "schemas": [USER, ENTERPRISE], "userName": "new", (ENTERPRISE): { "manager": manager } });
    for query in [
        "",
        "?attributes=members,manager,urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.displayName",
    ] {
        push(all, wire, Method::POST, format!("/Groups{query}"), Some(&group));
        push(all, wire, Method::POST, format!("/Users{query}"), Some(&user));
        push(all, wire, Method::PUT, format!("/Groups/{{mine}}{query}"), Some(&group));
        push(all, wire, Method::PUT, format!("/Users/{{me}}{query}"), Some(&user));
        if wire == Wire::V1 {
            let schema = "urn:scim:schemas:core:1.0";
            for members in [member.clone(), json!([{ "value": "{id}", "operation": "delete" }])] {
                let body = json!({ "schemas": [schema], "members": members });
                push(all, wire, Method::PATCH, format!("/Groups/{{mine}}{query}"), Some(&body));
            }
            continue;
        }
        for operation in [
            json!({ "op": "add", "path": "members", "value": member }),
            json!({ "op": "add", "value": { "members": member } }),
            json!({ "op": "replace", "path": "members", "value": member }),
            json!({ "op": "remove", "path": "members[value eq \"{id}\"]" }),
            json!({ "op": "remove", "path": "members", "value": member }),
            json!({ "op": "replace", "path": "members[value eq \"{id}\"].display", "value": "x" }),
            json!({ "op": "replace", "path": "members[$ref eq \"Users/{id}\"].value", "value": "{me}" }),
        ] {
            let body =
                json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": [operation] });
            push(all, wire, Method::PATCH, format!("/Groups/{{mine}}{query}"), Some(&body));
        }
        let path = format!("{ENTERPRISE}:manager");
        let body = json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
            "Operations": [{ "op": "replace", "path": path, "value": manager }] });
        push(all, wire, Method::PATCH, format!("/Users/{{me}}{query}"), Some(&body));
    }
}

/// One operation of each kind a request, and all of them in one.
fn bulk(wire: Wire, all: &mut Vec<Probe>) {
    let mut operations = Vec::new();
    for endpoint in ["Users", "Groups"] {
        for path in [format!("/{endpoint}/{{id}}"), format!("/{endpoint}/bulkId:{{id}}")] {
            for version in [None, Some("W/\"1\""), Some("W/\"9\"")] {
                for method in [Method::PUT, Method::PATCH, Method::DELETE] {
                    let data = bodies(wire, endpoint, &method).swap_remove(0);
                    let mut operation = json!({ "method": method.as_str(), "path": path });
                    if let Some(data) = data {
                        operation["data"] = data;
                    }
                    if let Some(version) = version {
                        operation["version"] = json!(version);
                    }
                    operations.push(operation);
                }
            }
        }
    }
    for value in ["{id}", "bulkId:{id}"] {
        let members = json!([{ "value": value }]);
        operations.push(json!({ "method": "POST", "path": "/Groups", "bulkId": "g",
            "data": { "schemas": [GROUP], "displayName": format!("new {value}"), "members": members } }));
        operations.push(json!({ "method": "POST", "path": "/Users", "bulkId": "{id}",
            "data": { "schemas": [USER, ENTERPRISE], "userName": format!("new {value}"), (ENTERPRISE): { "manager": { "value": value } } } }));
    }
    let schema = if wire == Wire::V1 {
        "urn:scim:schemas:core:1.0"
    } else {
        "urn:ietf:params:scim:api:messages:2.0:BulkRequest"
    };
    for operation in &operations {
        let body = json!({ "schemas": [schema], "Operations": [operation] });
        push(all, wire, Method::POST, "/Bulk".to_owned(), Some(&body));
    }
    let body = json!({ "schemas": [schema], "failOnErrors": 3, "Operations": operations });
    push(all, wire, Method::POST, "/Bulk".to_owned(), Some(&body));
}
