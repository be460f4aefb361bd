//! Values on their way to PostgreSQL and back, in its binary format.

use std::error::Error;

use bytes::{BufMut, BytesMut};
use muster_store_sql::Value;
use tokio_postgres::types::{FromSql, IsNull, ToSql, Type, to_sql_checked};
use uuid::Uuid;

use crate::text::{shown, stored};

type Fault = Box<dyn Error + Sync + Send>;

/// A value of a statement. Lists are what only this driver's own statements take.
#[derive(Clone, Debug)]
pub(crate) enum Parameter {
    One(Value),
    Ids(Vec<Uuid>),
    Integers(Vec<i64>),
    Booleans(Vec<bool>),
    Texts(Vec<&'static str>),
    Names(Vec<String>),
    ByteStrings(Vec<Option<Vec<u8>>>),
    Notes(Vec<Option<String>>),
}

impl Parameter {
    /// The type under which the value is announced where no statement was prepared that knows it. Of a NULL the server finds
    /// out by itself.
    pub(crate) fn announced_type(&self) -> Type {
        match self {
            Self::One(Value::Null) => Type::UNKNOWN,
            Self::One(Value::Boolean(_)) => Type::BOOL,
            Self::One(Value::Integer(_)) => Type::INT8,
            Self::One(Value::Text(_)) => Type::TEXT,
            Self::One(Value::Bytes(_)) => Type::BYTEA,
            Self::One(Value::Id(_)) => Type::UUID,
            Self::Ids(_) => Type::UUID_ARRAY,
            Self::Integers(_) => Type::INT8_ARRAY,
            Self::Booleans(_) => Type::BOOL_ARRAY,
            Self::Texts(_) | Self::Names(_) | Self::Notes(_) => Type::TEXT_ARRAY,
            Self::ByteStrings(_) => Type::BYTEA_ARRAY,
        }
    }
}

impl From<&Value> for Parameter {
    fn from(value: &Value) -> Self {
        Self::One(value.clone())
    }
}

impl ToSql for Parameter {
    fn to_sql(&self, wanted: &Type, out: &mut BytesMut) -> Result<IsNull, Fault> {
        match self {
            Self::One(value) => write(value, wanted, out),
            Self::Ids(ids) => ids.to_sql(wanted, out),
            Self::Integers(numbers) => numbers.to_sql(wanted, out),
            Self::Booleans(truths) => truths.to_sql(wanted, out),
            Self::Texts(texts) => texts.to_sql(wanted, out),
            Self::Names(names) => names.to_sql(wanted, out),
            Self::ByteStrings(strings) => strings.to_sql(wanted, out),
            Self::Notes(notes) => notes.to_sql(wanted, out),
        }
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}

/// By the type that the statement wants: an id is a `uuid` or, where a column takes other bytes too, a `bytea`.
fn write(value: &Value, wanted: &Type, out: &mut BytesMut) -> Result<IsNull, Fault> {
    match (value, wanted) {
        (Value::Null, _) => return Ok(IsNull::Yes),
        (Value::Id(bytes), &Type::UUID | &Type::BYTEA) => out.put_slice(bytes),
        (Value::Bytes(bytes), &Type::BYTEA) => out.put_slice(bytes),
        (Value::Bytes(bytes), &Type::UUID) if bytes.len() == 16 => out.put_slice(bytes),
        (Value::Integer(number), &Type::INT8) => out.put_i64(*number),
        (Value::Integer(number), &Type::INT4) => out.put_i32(i32::try_from(*number)?),
        (Value::Boolean(truth), &Type::INT8) => out.put_i64(i64::from(*truth)),
        (Value::Boolean(truth), &Type::BOOL) => out.put_u8(u8::from(*truth)),
        (Value::Integer(number), &Type::BOOL) => out.put_u8(u8::from(*number != 0)),
        (Value::Text(text), &Type::TEXT | &Type::VARCHAR | &Type::UNKNOWN) => out.put_slice(stored(text).as_bytes()),
        // The value itself stays out of the message.
        _ => return Err(format!("a statement takes a {wanted} where another kind of value was given").into()),
    }
    Ok(IsNull::No)
}

/// A column of an answer.
pub(crate) struct Column(pub(crate) Value);

impl<'a> FromSql<'a> for Column {
    fn from_sql(kind: &Type, raw: &'a [u8]) -> Result<Self, Fault> {
        Ok(Self(match *kind {
            Type::INT8 => Value::Integer(i64::from_sql(kind, raw)?),
            Type::INT4 => Value::Integer(i64::from(i32::from_sql(kind, raw)?)),
            Type::BOOL => Value::Boolean(bool::from_sql(kind, raw)?),
            Type::UUID => Value::Id(*Uuid::from_sql(kind, raw)?.as_bytes()),
            Type::BYTEA => Value::Bytes(raw.to_vec()),
            Type::TEXT | Type::VARCHAR | Type::NAME | Type::UNKNOWN => {
                Value::Text(shown(std::str::from_utf8(raw).map_err(|_| "a text is not UTF-8")?))
            }
            _ => return Err(format!("a statement answers with a {kind}, which nothing here reads").into()),
        }))
    }

    fn from_sql_null(_: &Type) -> Result<Self, Fault> {
        Ok(Self(Value::Null))
    }

    fn accepts(_: &Type) -> bool {
        true
    }
}
