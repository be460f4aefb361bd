//! Values on their way into a statement and out of a row.

use jiff::Timestamp;

use crate::columns::{IdBytes, microseconds};

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    Null,
    Boolean(bool),
    Integer(i64),
    Text(String),
    Bytes(Vec<u8>),
    /// Sixteen bytes in SQLite, `uuid` in PostgreSQL.
    Id(IdBytes),
}

/// The values of a statement, each by its own conversion.
#[macro_export]
macro_rules! values {
    ($($value:expr),* $(,)?) => { &[$($crate::Value::from($value)),*] };
}

macro_rules! from {
    ($($from:ty => $variant:ident by $conversion:expr;)+) => {$(
        impl From<$from> for Value {
            fn from(value: $from) -> Self {
                Self::$variant($conversion(value))
            }
        }
    )+};
}

from! {
    bool => Boolean by std::convert::identity;
    i64 => Integer by std::convert::identity;
    Timestamp => Integer by microseconds;
    String => Text by std::convert::identity;
    &str => Text by str::to_owned;
    &String => Text by String::clone;
    Vec<u8> => Bytes by std::convert::identity;
    &[u8] => Bytes by <[u8]>::to_vec;
    IdBytes => Id by std::convert::identity;
}

impl<T> From<Option<T>> for Value
where
    Self: From<T>,
{
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Self::from)
    }
}
