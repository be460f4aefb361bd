//! An entry as a row.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;
use muster_model::{BodyNote, KeptBody, RequestEntry, ScimVersion, TenantId, TypeName};
use muster_store::StoreError;

use crate::columns::{clamped, microseconds, timestamp};
use crate::{Row, Session, damaged, values};

/// The status of a call that got no answer.
pub(super) const NEVER_ANSWERED: i64 = 0;

pub(super) async fn insert<S: Session>(
    session: &S,
    tenant: TenantId,
    entry: &RequestEntry,
    bytes: u64,
) -> Result<(), StoreError> {
    let (asked, answered) = (&entry.request_body, &entry.response_body);
    session
        .send(
            "INSERT INTO request_log
                 (tenant, id, connection, credential, at, duration, method, version, type, resource, status, code, request,
                  bytes, path, address, agent, detail, repairs, changes, changed_at, request_bytes, request_note,
                  response_bytes, response_note, request_body, response_body)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22,
                     ?23, ?24, ?25, ?26, ?27)
             ON CONFLICT (tenant, id) DO NOTHING",
            values![
                tenant,
                entry.id,
                entry.connection,
                entry.credential,
                entry.at,
                i64::try_from(entry.duration.as_micros()).unwrap_or(i64::MAX),
                entry.method.as_str(),
                entry.version.as_str(),
                entry.resource_type.as_ref().map(TypeName::as_str),
                entry.resource,
                entry.status.map_or(NEVER_ANSWERED, i64::from),
                entry.code.as_deref(),
                entry.request.as_deref(),
                clamped(bytes),
                entry.path.as_str(),
                entry.address.map(|address| address.to_string()),
                entry.agent.as_deref(),
                entry.detail.as_deref(),
                repairs_column(&entry.repairs),
                clamped(entry.changes),
                moments_column(&entry.changed_at),
                asked.bytes.map(clamped),
                asked.note.map(BodyNote::as_str),
                answered.bytes.map(clamped),
                answered.note.map(BodyNote::as_str),
                asked.text.as_deref(),
                answered.text.as_deref(),
            ],
        )
        .await
}

/// Reads the columns in the order of the statements that list and find.
pub(super) fn entry(mut row: Row) -> Result<RequestEntry, StoreError> {
    let status: i64 = row.take(10)?;
    Ok(RequestEntry {
        id: row.take(0)?,
        connection: row.take(1)?,
        credential: row.take(2)?,
        at: timestamp(row.take(3)?)?,
        duration: Duration::from_micros(u64::try_from(row.take::<i64>(4)?).unwrap_or(0)),
        method: row.take(5)?,
        path: row.take(6)?,
        version: ScimVersion::parse(&row.take::<String>(7)?).ok_or_else(|| damaged("version of SCIM"))?,
        resource_type: row.take::<Option<String>>(8)?.map(TypeName::new),
        resource: row.take(9)?,
        status: if status == NEVER_ANSWERED { None } else { Some(number(status, "status")?) },
        code: row.take(11)?,
        detail: row.take(12)?,
        request: row.take(13)?,
        address: row.take::<Option<String>>(14)?.and_then(|address| address.parse().ok()),
        agent: row.take(15)?,
        repairs: repairs_from(row.take::<Option<String>>(16)?.as_deref())?,
        changes: number(row.take(17)?, "number of changes")?,
        changed_at: moments_from(row.take::<Option<String>>(18)?.as_deref())?,
        request_body: body(&mut row, 19)?,
        response_body: body(&mut row, 22)?,
    })
}

fn body(row: &mut Row, first: usize) -> Result<KeptBody, StoreError> {
    let note = row.take::<Option<String>>(first + 2)?;
    Ok(KeptBody {
        bytes: row.take::<Option<i64>>(first)?.map(|bytes| number(bytes, "size of a body")).transpose()?,
        text: row.take(first + 1)?,
        note: note.map(|note| BodyNote::parse(&note).ok_or_else(|| damaged("note of a body"))).transpose()?,
    })
}

fn number<T: TryFrom<i64>>(column: i64, what: &'static str) -> Result<T, StoreError> {
    T::try_from(column).map_err(|_| damaged(what))
}

fn repairs_column(repairs: &[(String, u64)]) -> Option<String> {
    let counts: BTreeMap<&str, u64> = repairs.iter().map(|(kind, count)| (kind.as_str(), *count)).collect();
    if counts.is_empty() { None } else { serde_json::to_string(&counts).ok() }
}

fn repairs_from(column: Option<&str>) -> Result<Vec<(String, u64)>, StoreError> {
    let Some(column) = column else { return Ok(Vec::new()) };
    let counts: BTreeMap<String, u64> = serde_json::from_str(column).map_err(|_| damaged("list of repairs"))?;
    Ok(counts.into_iter().collect())
}

fn moments_column(moments: &[Timestamp]) -> Option<String> {
    let numbers: Vec<i64> = moments.iter().copied().map(microseconds).collect();
    if numbers.is_empty() { None } else { serde_json::to_string(&numbers).ok() }
}

fn moments_from(column: Option<&str>) -> Result<Vec<Timestamp>, StoreError> {
    let Some(column) = column else { return Ok(Vec::new()) };
    let numbers: Vec<i64> = serde_json::from_str(column).map_err(|_| damaged("list of moments"))?;
    numbers.into_iter().map(timestamp).collect()
}
