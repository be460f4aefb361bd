//! What a table holds, as a number that is the same for the same rows in every database.
//!
//! Rows come in the order of their key. Each value has its kind, its length and its bytes; an id is its sixteen bytes, a
//! truth is 0 or 1, a number eight bytes with the highest first, a text UTF-8.

use muster_store::StoreError;
use sha2::{Digest, Sha256};

use super::copy::count;
use super::portion::Reading;
use super::tables::{Shape, TABLES, Table};
use super::{Difference, House, MovedTable, Progress, Step, TransferError};
use crate::Value;
use crate::columns::IdBytes;

/// What a table holds of one tenant; of the installation where the table is none of tenants.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Part {
    tenant: Option<IdBytes>,
    rows: u64,
    digest: [u8; 32],
}

/// Reads both sides, table by table.
pub(super) async fn compared(
    from: &impl House,
    to: &impl House,
    told: &mut dyn FnMut(Progress),
) -> Result<(Vec<MovedTable>, Vec<Difference>), TransferError> {
    let (mut tables, mut differences) = (Vec::new(), Vec::new());
    for table in &TABLES {
        let of = if table.shape == Shape::Counts { 0 } else { 2 * count(from, table).await? };
        let mut done = 0;
        let mut tell = |rows: u64| {
            done += rows;
            told(Progress { step: Step::Comparing, table: table.name, rows: done, of });
        };
        let source = parts(from, table, &mut tell).await?;
        let target = parts(to, table, &mut tell).await?;
        differences.extend(different(table, &source, &target));
        if table.shape != Shape::Counts {
            tables.push(summed_up(table, &source));
        }
    }
    Ok((tables, differences))
}

/// One digest for a whole table.
pub(super) async fn of_table(house: &impl House, table: &'static Table) -> Result<[u8; 32], StoreError> {
    Ok(summed_up(table, &parts(house, table, &mut |_| {}).await?).digest)
}

fn summed_up(table: &Table, parts: &[Part]) -> MovedTable {
    let mut whole = Sha256::new();
    for part in parts {
        whole.update(part.digest);
    }
    MovedTable { name: table.name, rows: parts.iter().map(|part| part.rows).sum(), digest: whole.finalize().into() }
}

/// Both are in the order of tenants.
fn different(table: &Table, source: &[Part], target: &[Part]) -> Vec<Difference> {
    let is_missing = |part: &&Part, side: &[Part]| {
        let found = side.binary_search_by_key(&part.tenant, |other| other.tenant);
        found.ok().and_then(|place| side.get(place)) != Some(*part)
    };
    let here = source.iter().filter(|part| is_missing(part, target));
    let there = target.iter().filter(|part| is_missing(part, source));
    let mut tenants: Vec<Option<IdBytes>> = here.chain(there).map(|part| part.tenant).collect();
    tenants.sort_unstable();
    tenants.dedup();
    tenants.into_iter().map(|tenant| Difference { table: table.name, tenant }).collect()
}

async fn parts(house: &impl House, table: &'static Table, told: &mut dyn FnMut(u64)) -> Result<Vec<Part>, StoreError> {
    let mut reading = Reading::after(house, table, None);
    let mut parts: Vec<Part> = Vec::new();
    let mut open: Option<(Option<IdBytes>, u64, Sha256)> = None;
    loop {
        let rows = reading.next().await?;
        if rows.is_empty() {
            parts.extend(open.take().map(closed));
            return Ok(parts);
        }
        told(rows.len() as u64);
        for row in &rows {
            let tenant = if table.is_of_tenant() { row.first().and_then(id) } else { None };
            if open.as_ref().is_none_or(|(of, ..)| *of != tenant) {
                parts.extend(open.take().map(closed));
            }
            let (_, count, hash) = open.get_or_insert_with(|| (tenant, 0, Sha256::new()));
            *count += 1;
            for value in row {
                feed(hash, value);
            }
        }
    }
}

fn closed((tenant, rows, hash): (Option<IdBytes>, u64, Sha256)) -> Part {
    Part { tenant, rows, digest: hash.finalize().into() }
}

fn id(value: &Value) -> Option<IdBytes> {
    match value {
        Value::Id(bytes) => Some(*bytes),
        Value::Bytes(bytes) => bytes.as_slice().try_into().ok(),
        _ => None,
    }
}

fn feed(hash: &mut Sha256, value: &Value) {
    let mut add = |kind: u8, bytes: &[u8]| {
        hash.update([kind]);
        hash.update((bytes.len() as u64).to_be_bytes());
        hash.update(bytes);
    };
    match value {
        Value::Null => add(0, &[]),
        Value::Boolean(truth) => add(1, &i64::from(*truth).to_be_bytes()),
        Value::Integer(number) => add(1, &number.to_be_bytes()),
        Value::Text(text) => add(2, text.as_bytes()),
        Value::Bytes(bytes) => add(3, bytes),
        Value::Id(bytes) => add(3, bytes),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn digest(row: &[Value]) -> [u8; 32] {
        let mut hash = Sha256::new();
        for value in row {
            feed(&mut hash, value);
        }
        hash.finalize().into()
    }

    #[test]
    fn the_same_facts_have_one_form_and_others_have_another() {
        let text = |text: &str| Value::Text(text.to_owned());
        assert_eq!(digest(&[Value::Id([7; 16])]), digest(&[Value::Bytes(vec![7; 16])]));
        assert_eq!(digest(&[Value::Boolean(true)]), digest(&[Value::Integer(1)]));
        assert_ne!(digest(&[text("ab"), text("c")]), digest(&[text("a"), text("bc")]));
        assert_ne!(digest(&[Value::Null]), digest(&[text("")]));
        assert_ne!(digest(&[Value::Bytes(vec![1])]), digest(&[text("\u{1}")]));
    }

    #[test]
    fn a_tenant_that_is_only_on_one_side_or_differs_is_named() {
        let part = |tenant: u8, digest: u8| Part { tenant: Some([tenant; 16]), rows: 1, digest: [digest; 32] };
        let table = &TABLES[5];
        let found = different(table, &[part(1, 1), part(2, 2), part(4, 4)], &[part(1, 1), part(2, 9), part(3, 3)]);
        let tenants: Vec<_> = found.iter().map(|difference| difference.tenant.unwrap()[0]).collect();
        assert_eq!(tenants, [2, 3, 4]);
    }
}
