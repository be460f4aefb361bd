use std::sync::Arc;

use muster_model::{ConnectionId, TenantId};
use muster_store::{Scope, StoreError};
use muster_store_sql::{Session, Value, View, connection};
use uuid::Uuid;

use crate::session::PostgresSession;
use crate::trial::database;

#[tokio::test]
async fn a_deleted_connection_leaves_no_lock_behind() {
    let (pool, _kept) = database().await;
    let tenant = TenantId::from_uuid(Uuid::from_u128(1));
    let made = ConnectionId::from_uuid(Uuid::from_u128(2));
    let view = View { tenant, scope: Scope::Tenant };
    let prepare = |session: Arc<PostgresSession>| async move {
        let ids = [Value::from(tenant), Value::from(made)];
        session.execute("INSERT INTO tenant (id, name, created) VALUES (?1, 'test', 0)", &ids[..1]).await?;
        let sql = "INSERT INTO connection (tenant, id, name, provider, created) VALUES (?1, ?2, 'a', 'okta', 0)";
        session.execute(sql, &ids).await?;
        // As the guard says it.
        session.lock(view, &format!("guard {made}")).await?;
        session.lock(view, "nesting").await
    };
    pool.write(prepare).await.unwrap();
    assert!(pool.write(|session| async move { connection::delete(&*session, made).await }).await.unwrap());
    let left = |session: Arc<PostgresSession>| async move {
        let rows = session.rows("SELECT name FROM tenant_lock", &[]).await?;
        rows.into_iter().map(|mut row| row.take::<String>(0)).collect::<Result<Vec<_>, StoreError>>()
    };
    assert_eq!(pool.look(left).await.unwrap(), ["nesting"]);
}
