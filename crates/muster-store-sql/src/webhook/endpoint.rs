//! The endpoints themselves.

use jiff::Timestamp;
use muster_model::{
    DisabledReason, Sequence, TenantId, WebhookEndpoint, WebhookEndpointId, WebhookHealth, WebhookPayload,
    WebhookSettings, WebhookState,
};
use muster_store::{Missed, StoreError};

use super::{key, lock, sending};
use crate::columns::{clamped, timestamp};
use crate::{Row, Session, damaged, defect, values};

const ACTIVE: &str = "active";

/// In the order of [`endpoint_from`].
macro_rules! endpoint_columns {
    () => {
        "id, url, event_types, payload, state, disabled_since, created, scheduled, failures, failing_since, rests_until"
    };
}

pub async fn create<S: Session>(session: &S, new: &WebhookEndpoint) -> Result<(), StoreError> {
    let (state, since) = state_columns(&new.state);
    session
        .send(
            "INSERT INTO webhook_endpoint
                 (tenant, id, url, event_types, payload, state, disabled_since, created, scheduled, failures, failing_since,
                  rests_until)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
            values![
                new.tenant,
                new.id,
                &new.settings.url,
                types_text(&new.settings)?,
                new.settings.payload.as_str(),
                state,
                since,
                new.created,
                clamped(new.scheduled.0),
                clamped(new.health.failures),
                new.health.failing_since,
                new.health.rests_until,
            ],
        )
        .await?;
    key::insert(session, new.tenant, new.id, &new.keys).await
}

pub async fn find<S: Session>(
    session: &S,
    tenant: TenantId,
    id: WebhookEndpointId,
) -> Result<Option<WebhookEndpoint>, StoreError> {
    let sql = concat!("SELECT ", endpoint_columns!(), " FROM webhook_endpoint WHERE tenant = ?1 AND id = ?2");
    let Some(row) = session.row(sql, values![tenant, id]).await? else { return Ok(None) };
    let keys = key::list(session, tenant, id).await?;
    Ok(Some(WebhookEndpoint { keys, ..endpoint_from(tenant, row)? }))
}

pub async fn list<S: Session>(session: &S, tenant: TenantId) -> Result<Vec<WebhookEndpoint>, StoreError> {
    let sql = concat!("SELECT ", endpoint_columns!(), " FROM webhook_endpoint WHERE tenant = ?1 ORDER BY id");
    let mut endpoints = Vec::new();
    for row in session.rows(sql, values![tenant]).await? {
        let endpoint = endpoint_from(tenant, row)?;
        let keys = key::list(session, tenant, endpoint.id).await?;
        endpoints.push(WebhookEndpoint { keys, ..endpoint });
    }
    Ok(endpoints)
}

pub async fn change_settings<S: Session>(
    session: &S,
    tenant: TenantId,
    id: WebhookEndpointId,
    settings: &WebhookSettings,
) -> Result<bool, StoreError> {
    let sql = "UPDATE webhook_endpoint SET url = ?3, event_types = ?4, payload = ?5 WHERE tenant = ?1 AND id = ?2";
    let values = values![tenant, id, &settings.url, types_text(settings)?, settings.payload.as_str()];
    Ok(session.execute(sql, values).await? > 0)
}

/// Parks what is pending.
pub async fn disable<S: Session>(
    session: &S,
    tenant: TenantId,
    id: WebhookEndpointId,
    state: &WebhookState,
) -> Result<bool, StoreError> {
    lock(session, tenant).await?;
    let (state, since) = state_columns(state);
    let sql = "UPDATE webhook_endpoint SET state = ?3, disabled_since = ?4 WHERE tenant = ?1 AND id = ?2";
    if session.execute(sql, values![tenant, id, state, since]).await? == 0 {
        return Ok(false);
    }
    let sql = "UPDATE webhook_delivery SET state = 'parked', due = NULL
               WHERE tenant = ?1 AND endpoint = ?2 AND state = 'pending'";
    session.send(sql, values![tenant, id]).await?;
    Ok(true)
}

pub async fn enable<S: Session>(
    session: &S,
    tenant: TenantId,
    id: WebhookEndpointId,
    missed: Missed,
    at: Timestamp,
) -> Result<bool, StoreError> {
    lock(session, tenant).await?;
    let sql = "UPDATE webhook_endpoint
               SET state = 'active', disabled_since = NULL, failures = 0, failing_since = NULL, rests_until = NULL
               WHERE tenant = ?1 AND id = ?2";
    if session.execute(sql, values![tenant, id]).await? == 0 {
        return Ok(false);
    }
    match missed {
        Missed::Deliver => {
            let sql = "UPDATE webhook_delivery SET state = 'pending', tries = 0
                       WHERE tenant = ?1 AND endpoint = ?2 AND state = 'parked'";
            session.send(sql, values![tenant, id]).await?;
            sending::release_first(session, tenant, id, at).await?;
        }
        Missed::SkipTo(sequence) => {
            let sql = "UPDATE webhook_delivery SET state = 'failed', ended = ?3
                       WHERE tenant = ?1 AND endpoint = ?2 AND state = 'parked'";
            session.send(sql, values![tenant, id, at]).await?;
            let sql = "UPDATE webhook_endpoint SET scheduled = ?3
                       WHERE tenant = ?1 AND id = ?2 AND scheduled < ?3";
            session.send(sql, values![tenant, id, clamped(sequence.0)]).await?;
        }
    }
    Ok(true)
}

pub async fn delete<S: Session>(session: &S, tenant: TenantId, id: WebhookEndpointId) -> Result<bool, StoreError> {
    lock(session, tenant).await?;
    let sql = "DELETE FROM webhook_endpoint WHERE tenant = ?1 AND id = ?2";
    if session.execute(sql, values![tenant, id]).await? == 0 {
        return Ok(false);
    }
    for sql in [
        "DELETE FROM webhook_attempt WHERE tenant = ?1 AND endpoint = ?2",
        "DELETE FROM webhook_delivery WHERE tenant = ?1 AND endpoint = ?2",
        "DELETE FROM webhook_key WHERE tenant = ?1 AND endpoint = ?2",
    ] {
        session.send(sql, values![tenant, id]).await?;
    }
    Ok(true)
}

/// Asked across tenants, whose endpoints are few; of each the index is asked for one row. PostgreSQL's entries without a number
/// count, too: who reads the log gives them one.
pub async fn work<S: Session>(session: &S, at: Timestamp) -> Result<Vec<(TenantId, WebhookEndpointId)>, StoreError> {
    let sql = "SELECT e.tenant, e.id FROM webhook_endpoint AS e \
               WHERE e.state = 'active' AND (e.rests_until IS NULL OR e.rests_until <= ?1) AND ( \
               EXISTS (SELECT 1 FROM change_sequence AS s WHERE s.tenant = e.tenant AND s.last > e.scheduled) \
               OR EXISTS (SELECT 1 FROM webhook_delivery AS d WHERE d.tenant = e.tenant AND d.endpoint = e.id AND d.due <= ?1) \
               /*pg OR EXISTS (SELECT 1 FROM change_pending AS p WHERE p.tenant = e.tenant) */) \
               ORDER BY e.tenant, e.id";
    let rows = session.rows(sql, values![at]).await?;
    rows.into_iter().map(|mut row| Ok((row.take(0)?, row.take(1)?))).collect()
}

/// What the answers of a receiver say of it.
pub(super) async fn note_health<S: Session>(
    session: &S,
    tenant: TenantId,
    id: WebhookEndpointId,
    health: &WebhookHealth,
) -> Result<(), StoreError> {
    let sql = "UPDATE webhook_endpoint SET failures = ?3, failing_since = ?4, rests_until = ?5
               WHERE tenant = ?1 AND id = ?2";
    let values = values![tenant, id, clamped(health.failures), health.failing_since, health.rests_until];
    session.send(sql, values).await
}

fn types_text(settings: &WebhookSettings) -> Result<String, StoreError> {
    serde_json::to_string(&settings.event_types).map_err(|_| defect("event types cannot be written as JSON"))
}

fn state_columns(state: &WebhookState) -> (&'static str, Option<Timestamp>) {
    match state {
        WebhookState::Active => (ACTIVE, None),
        WebhookState::Disabled { reason, since } => (reason.as_str(), Some(*since)),
    }
}

fn state_from(state: &str, since: Option<i64>) -> Result<WebhookState, StoreError> {
    if state == ACTIVE {
        return Ok(WebhookState::Active);
    }
    let reason = DisabledReason::ALL.into_iter().find(|reason| reason.as_str() == state);
    let (Some(reason), Some(since)) = (reason, since) else { return Err(damaged("state of a webhook endpoint")) };
    Ok(WebhookState::Disabled { reason, since: timestamp(since)? })
}

/// Without its keys.
fn endpoint_from(tenant: TenantId, mut row: Row) -> Result<WebhookEndpoint, StoreError> {
    let count = |number: i64| u64::try_from(number).map_err(|_| damaged("number of a webhook endpoint"));
    let event_types = serde_json::from_str(&row.take::<String>(2)?);
    let payload: String = row.take(3)?;
    let payload = WebhookPayload::ALL.into_iter().find(|known| known.as_str() == payload);
    Ok(WebhookEndpoint {
        id: row.take(0)?,
        tenant,
        settings: WebhookSettings {
            url: row.take(1)?,
            event_types: event_types.map_err(|_| damaged("list of event types"))?,
            payload: payload.ok_or_else(|| damaged("payload of a webhook endpoint"))?,
        },
        state: state_from(&row.take::<String>(4)?, row.take(5)?)?,
        created: timestamp(row.take(6)?)?,
        keys: Vec::new(),
        scheduled: Sequence(count(row.take(7)?)?),
        health: WebhookHealth {
            failures: count(row.take(8)?)?,
            failing_since: row.take::<Option<i64>>(9)?.map(timestamp).transpose()?,
            rests_until: row.take::<Option<i64>>(10)?.map(timestamp).transpose()?,
        },
    })
}
