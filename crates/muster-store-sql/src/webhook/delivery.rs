//! Deliveries: how they are made and read.

use jiff::Timestamp;
use muster_model::{Delivery, DeliveryId, DeliveryState, Sequence, TenantId, WebhookEndpointId};
use muster_store::{DeliveryQuery, StoreError};

use super::{lock, sending};
use crate::columns::{clamped, timestamp};
use crate::{Row, Session, damaged, values};

/// In the order of [`delivery_from`].
macro_rules! delivery_columns {
    () => {
        "id, endpoint, event, event_type, body, sequence, place, resource, at, state, attempts, tries, due, ended"
    };
}

/// `false`: the endpoint stands elsewhere, or is not active.
pub async fn schedule<S: Session>(
    session: &S,
    tenant: TenantId,
    endpoint: WebhookEndpointId,
    (from, to): (Sequence, Sequence),
    deliveries: &[Delivery],
    at: Timestamp,
) -> Result<bool, StoreError> {
    lock(session, tenant).await?;
    let sql = "UPDATE webhook_endpoint SET scheduled = ?4
               WHERE tenant = ?1 AND id = ?2 AND scheduled = ?3 AND state = 'active'";
    if session.execute(sql, values![tenant, endpoint, clamped(from.0), clamped(to.0)]).await? == 0 {
        return Ok(false);
    }
    for delivery in deliveries {
        insert(session, tenant, delivery).await?;
    }
    for delivery in deliveries {
        sending::release_next(session, tenant, endpoint, delivery.resource, at).await?;
    }
    Ok(true)
}

/// `false`: there is no such endpoint.
pub async fn add<S: Session>(session: &S, tenant: TenantId, delivery: &Delivery) -> Result<bool, StoreError> {
    lock(session, tenant).await?;
    let sql = "SELECT EXISTS (SELECT 1 FROM webhook_endpoint WHERE tenant = ?1 AND id = ?2)";
    if !session.is_true(sql, values![tenant, delivery.endpoint]).await? {
        return Ok(false);
    }
    insert(session, tenant, delivery).await?;
    Ok(true)
}

async fn insert<S: Session>(session: &S, tenant: TenantId, new: &Delivery) -> Result<(), StoreError> {
    session
        .send(
            "INSERT INTO webhook_delivery
                 (tenant, endpoint, id, event, event_type, body, sequence, place, resource, at, state, attempts, tries, due,
                  ended)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)",
            values![
                tenant,
                new.endpoint,
                new.id,
                new.event,
                &new.event_type,
                &new.body,
                clamped(new.sequence.0),
                i64::from(new.place),
                new.resource,
                new.at,
                new.state.as_str(),
                i64::from(new.attempts),
                i64::from(new.tries),
                new.due,
                new.ended,
            ],
        )
        .await
}

pub async fn list_due<S: Session>(
    session: &S,
    tenant: TenantId,
    endpoint: WebhookEndpointId,
    at: Timestamp,
    limit: u64,
) -> Result<Vec<Delivery>, StoreError> {
    let sql = concat!(
        "SELECT ",
        delivery_columns!(),
        " FROM webhook_delivery WHERE tenant = ?1 AND endpoint = ?2 AND due <= ?3 ORDER BY due, sequence, place LIMIT ?4"
    );
    let rows = session.rows(sql, values![tenant, endpoint, at, clamped(limit)]).await?;
    rows.into_iter().map(delivery_from).collect()
}

/// The newest first.
pub async fn list_deliveries<S: Session>(
    session: &S,
    tenant: TenantId,
    endpoint: WebhookEndpointId,
    query: DeliveryQuery,
) -> Result<Vec<Delivery>, StoreError> {
    let sql = concat!(
        "SELECT ",
        delivery_columns!(),
        " FROM webhook_delivery WHERE tenant = ?1 AND endpoint = ?2
         AND (?3/*pg ::text */ IS NULL OR state = ?3) AND (?4/*pg ::uuid */ IS NULL OR id < ?4)
         ORDER BY id DESC LIMIT ?5"
    );
    let state = query.state.map(DeliveryState::as_str);
    let rows = session.rows(sql, values![tenant, endpoint, state, query.before, clamped(query.limit)]).await?;
    rows.into_iter().map(delivery_from).collect()
}

pub async fn find_delivery<S: Session>(
    session: &S,
    tenant: TenantId,
    endpoint: WebhookEndpointId,
    id: DeliveryId,
) -> Result<Option<Delivery>, StoreError> {
    let sql = concat!(
        "SELECT ",
        delivery_columns!(),
        " FROM webhook_delivery WHERE tenant = ?1 AND endpoint = ?2 AND id = ?3"
    );
    session.row(sql, values![tenant, endpoint, id]).await?.map(delivery_from).transpose()
}

fn delivery_from(mut row: Row) -> Result<Delivery, StoreError> {
    let damage = || damaged("number of a webhook delivery");
    let small = |number: i64| u32::try_from(number).map_err(|_| damage());
    let time = |time: Option<i64>| time.map(timestamp).transpose();
    let state: String = row.take(9)?;
    let state = DeliveryState::ALL.into_iter().find(|known| known.as_str() == state);
    Ok(Delivery {
        id: row.take(0)?,
        endpoint: row.take(1)?,
        event: row.take(2)?,
        event_type: row.take(3)?,
        body: row.take(4)?,
        sequence: Sequence(u64::try_from(row.take::<i64>(5)?).map_err(|_| damage())?),
        place: small(row.take(6)?)?,
        resource: row.take(7)?,
        at: timestamp(row.take(8)?)?,
        state: state.ok_or_else(|| damaged("state of a webhook delivery"))?,
        attempts: small(row.take(10)?)?,
        tries: small(row.take(11)?)?,
        due: time(row.take(12)?)?,
        ended: time(row.take(13)?)?,
    })
}
