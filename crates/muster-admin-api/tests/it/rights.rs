//! Which permission each operation needs. What the document has and the table has not, fails.

use muster_model::{Permission, Permissions, Reach};
use serde_json::{Value, json};

use crate::house::House;

/// `None`: being somebody is enough.
const NEEDED: &[(&str, Option<Permission>)] = &[
    ("list_tenants", Some(Permission::ReadTenants)),
    ("create_tenant", Some(Permission::ChangeTenants)),
    ("show_tenant", Some(Permission::ReadTenants)),
    ("change_tenant", Some(Permission::ChangeTenants)),
    ("list_connections", Some(Permission::ReadConnections)),
    ("create_connection", Some(Permission::CreateConnections)),
    ("show_connection", Some(Permission::ReadConnections)),
    ("change_connection", Some(Permission::ChangeConnections)),
    ("delete_connection", Some(Permission::DeleteConnections)),
    ("suspend_connection", Some(Permission::ChangeConnections)),
    ("resume_connection", Some(Permission::ChangeConnections)),
    ("list_credentials", Some(Permission::ReadCredentials)),
    ("issue_credential", Some(Permission::ChangeCredentials)),
    ("revoke_credential", Some(Permission::ChangeCredentials)),
    ("suspend_credential", Some(Permission::ChangeCredentials)),
    ("resume_credential", Some(Permission::ChangeCredentials)),
    ("start_rotation", Some(Permission::ChangeCredentials)),
    ("complete_rotation", Some(Permission::ChangeCredentials)),
    ("cancel_rotation", Some(Permission::ChangeCredentials)),
    ("list_conflicts", Some(Permission::ReadConflicts)),
    ("show_conflict", Some(Permission::ReadConflicts)),
    ("adopt_conflict", Some(Permission::DecideConflicts)),
    ("ignore_conflict", Some(Permission::DecideConflicts)),
    ("release_resources", Some(Permission::DecideConflicts)),
    ("list_held_changes", Some(Permission::ReadHeldChanges)),
    ("show_held_change", Some(Permission::ReadHeldChanges)),
    ("release_held_change", Some(Permission::DecideHeldChanges)),
    ("discard_held_change", Some(Permission::DecideHeldChanges)),
    ("release_held_changes", Some(Permission::DecideHeldChanges)),
    ("discard_held_changes", Some(Permission::DecideHeldChanges)),
    ("reset_guard", Some(Permission::DecideHeldChanges)),
    ("list_requests", Some(Permission::ReadRequests)),
    ("show_request", Some(Permission::ReadRequests)),
    ("list_events", Some(Permission::ReadEvents)),
    ("take_snapshot", Some(Permission::ReadEvents)),
    ("list_webhooks", Some(Permission::ReadWebhooks)),
    ("create_webhook", Some(Permission::ChangeWebhooks)),
    ("show_webhook", Some(Permission::ReadWebhooks)),
    ("change_webhook", Some(Permission::ChangeWebhooks)),
    ("delete_webhook", Some(Permission::ChangeWebhooks)),
    ("enable_webhook", Some(Permission::ChangeWebhooks)),
    ("disable_webhook", Some(Permission::ChangeWebhooks)),
    ("start_key_rotation", Some(Permission::ChangeWebhooks)),
    ("complete_key_rotation", Some(Permission::ChangeWebhooks)),
    ("list_deliveries", Some(Permission::ReadWebhooks)),
    ("show_delivery", Some(Permission::ReadWebhooks)),
    ("resend_delivery", Some(Permission::ChangeWebhooks)),
    ("recover_deliveries", Some(Permission::ChangeWebhooks)),
    ("test_webhook", Some(Permission::ChangeWebhooks)),
    ("list_system_log", Some(Permission::ReadSystemLog)),
    ("list_api_tokens", Some(Permission::ReadTokens)),
    ("issue_api_token", Some(Permission::ChangeTokens)),
    ("revoke_api_token", Some(Permission::ChangeTokens)),
    ("show_own_token", None),
];

/// One operation of the document.
pub(crate) struct Operation {
    pub(crate) id: String,
    pub(crate) method: String,
    /// With ids of nobody in it.
    pub(crate) path: String,
    pub(crate) template: String,
    /// Whether the query may name a tenant.
    pub(crate) takes_tenant: bool,
}

pub(crate) fn operations() -> Vec<Operation> {
    let document = serde_json::to_value(muster_admin_api::document()).unwrap();
    let mut found = Vec::new();
    for (template, methods) in document["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            let Some(id) = operation["operationId"].as_str() else { continue };
            found.push(Operation {
                id: id.to_owned(),
                method: method.to_uppercase(),
                path: with_ids(template, &"0".repeat(32)),
                template: template.clone(),
                takes_tenant: operation["parameters"]
                    .as_array()
                    .is_some_and(|all| all.iter().any(|one| one["name"] == "tenant_id" && one["in"] == "query")),
            });
        }
    }
    found
}

pub(crate) fn with_ids(template: &str, digits: &str) -> String {
    [
        ("tenant", "ten"),
        ("connection", "con"),
        ("credential", "crd"),
        ("token", "tok"),
        ("conflict", "cfl"),
        ("held", "hld"),
        ("request", "req"),
        ("webhook", "whe"),
        ("delivery", "whd"),
    ]
    .into_iter()
    .fold(template.to_owned(), |path, (name, prefix)| {
        path.replace(&format!("{{{name}_id}}"), &format!("{prefix}_{digits}"))
    })
}

/// A body that the operation takes.
pub(crate) fn body_of(id: &str) -> Value {
    match id {
        "create_tenant" | "change_tenant" => json!({ "name": "new" }),
        "create_connection" => json!({ "name": "new", "provider": "generic" }),
        "create_webhook" => json!({ "url": "https://example.com/hook" }),
        "recover_deliveries" => json!({ "since": "2026-01-01T00:00:00Z" }),
        "release_held_changes" | "discard_held_changes" => json!({ "all": true }),
        "issue_api_token" => json!({ "name": "new", "permissions": ["tenants:read"] }),
        _ => json!({}),
    }
}

#[tokio::test]
async fn each_operation_needs_its_permission_and_no_other() {
    let house = House::new().await;
    let operations = operations();
    assert_eq!(operations.len(), NEEDED.len(), "a row for each operation, and no other");
    for operation in operations {
        let row = NEEDED.iter().find(|(id, _)| *id == operation.id);
        let (_, permission) = row.unwrap_or_else(|| panic!("{} has no row", operation.id));
        let body = body_of(&operation.id);
        let ask = async |permissions: Permissions| {
            let client = house.client(Reach::Environment, permissions).await;
            client.call(&operation.method, &operation.path, Some(&body)).await
        };
        let refused = house.stranger().call(&operation.method, &operation.path, Some(&body)).await;
        assert_eq!((refused.status.as_u16(), refused.problem()), (401, "unauthenticated"), "{}", operation.id);
        let Some(permission) = permission else { continue };
        let others = Permissions::all().iter().filter(|other| other != permission).collect();
        let refused = ask(others).await;
        assert_eq!((refused.status.as_u16(), refused.problem()), (403, "forbidden"), "{}", operation.id);
        assert!(refused.body["detail"].as_str().unwrap().contains(permission.as_str()), "{}", refused.body);
        // What is given to others, one must have: permissions to a token, events to an endpoint.
        let besides = match operation.id.as_str() {
            "issue_api_token" => Some(Permission::ReadTenants),
            "create_webhook" | "change_webhook" => Some(Permission::ReadEvents),
            _ => None,
        };
        if let Some(besides) = besides {
            let without = ask(Permissions::all().iter().filter(|other| *other != besides).collect()).await;
            assert_eq!(without.status.as_u16(), 403, "{}: {}", operation.id, without.body);
        }
        let only = [*permission].into_iter().chain(besides);
        let answered = ask(only.collect()).await;
        assert!(!matches!(answered.status.as_u16(), 400 | 401 | 403 | 500), "{}: {}", operation.id, answered.body);
    }
}
