//! What became of each sending.

use muster_model::{Delivery, DeliveryAttempt, DeliveryId, DeliveryState, TenantId, WebhookEndpointId};
use muster_store::{AttemptOutcome, StoreError};

use super::{endpoint, lock, sending};
use crate::columns::{clamped, timestamp};
use crate::{Row, Session, damaged, values};

/// Without effect when the delivery is not there any more.
pub async fn record_attempt<S: Session>(
    session: &S,
    tenant: TenantId,
    delivery: &Delivery,
    outcome: &AttemptOutcome,
) -> Result<(), StoreError> {
    lock(session, tenant).await?;
    let AttemptOutcome { attempt, state, tries, due, health, disabled } = outcome;
    let ended = (*state != DeliveryState::Pending).then_some(attempt.at);
    let updated = session
        .execute(
            "UPDATE webhook_delivery SET state = ?4, attempts = ?5, tries = ?6, due = ?7, ended = ?8
             WHERE tenant = ?1 AND endpoint = ?2 AND id = ?3 AND state = 'pending'",
            values![
                tenant,
                delivery.endpoint,
                delivery.id,
                state.as_str(),
                i64::from(attempt.number),
                i64::from(*tries),
                *due,
                ended,
            ],
        )
        .await?;
    if updated == 0 {
        return Ok(());
    }
    insert(session, tenant, delivery, attempt).await?;
    if ended.is_some() {
        sending::release_next(session, tenant, delivery.endpoint, delivery.resource, attempt.at).await?;
    }
    endpoint::note_health(session, tenant, delivery.endpoint, health).await?;
    if let Some(disabled) = disabled {
        endpoint::disable(session, tenant, delivery.endpoint, disabled).await?;
    }
    Ok(())
}

async fn insert<S: Session>(
    session: &S,
    tenant: TenantId,
    delivery: &Delivery,
    attempt: &DeliveryAttempt,
) -> Result<(), StoreError> {
    session
        .send(
            "INSERT INTO webhook_attempt
                 (tenant, endpoint, delivery, number, at, milliseconds, status, failure, answer)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) ON CONFLICT DO NOTHING",
            values![
                tenant,
                delivery.endpoint,
                delivery.id,
                i64::from(attempt.number),
                attempt.at,
                clamped(attempt.milliseconds),
                attempt.status.map(i64::from),
                attempt.failure.as_deref(),
                attempt.answer.as_deref(),
            ],
        )
        .await
}

pub async fn list_attempts<S: Session>(
    session: &S,
    tenant: TenantId,
    endpoint: WebhookEndpointId,
    delivery: DeliveryId,
) -> Result<Vec<DeliveryAttempt>, StoreError> {
    let sql = "SELECT number, at, milliseconds, status, failure, answer FROM webhook_attempt
               WHERE tenant = ?1 AND endpoint = ?2 AND delivery = ?3 ORDER BY number";
    let rows = session.rows(sql, values![tenant, endpoint, delivery]).await?;
    rows.into_iter().map(attempt_from).collect()
}

fn attempt_from(mut row: Row) -> Result<DeliveryAttempt, StoreError> {
    let damage = || damaged("attempt of a webhook delivery");
    let status = row.take::<Option<i64>>(3)?.map(u16::try_from).transpose();
    Ok(DeliveryAttempt {
        number: u32::try_from(row.take::<i64>(0)?).map_err(|_| damage())?,
        at: timestamp(row.take(1)?)?,
        milliseconds: u64::try_from(row.take::<i64>(2)?).map_err(|_| damage())?,
        status: status.map_err(|_| damage())?,
        failure: row.take(4)?,
        answer: row.take(5)?,
    })
}
