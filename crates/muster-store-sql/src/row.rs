//! A row of an answer.

use muster_store::StoreError;

use crate::columns::IdBytes;
use crate::{Value, damaged};

/// Columns in the order of the statement.
#[derive(Debug)]
pub struct Row(Vec<Value>);

impl Row {
    pub fn new(columns: Vec<Value>) -> Self {
        Self(columns)
    }

    /// All columns.
    pub fn into_values(self) -> Vec<Value> {
        self.0
    }

    /// Takes the column out, so that a long text is not copied; each can be taken once. Fails when there is something else
    /// in it than this code ever wrote.
    pub fn take<T: FromValue>(&mut self, place: usize) -> Result<T, StoreError> {
        let value = self.0.get_mut(place).map(|column| std::mem::replace(column, Value::Null));
        value.and_then(T::from_value).ok_or_else(|| damaged("column"))
    }
}

/// What a column can be read as.
pub trait FromValue: Sized {
    /// `None`: it is something else.
    fn from_value(value: Value) -> Option<Self>;
}

impl FromValue for i64 {
    fn from_value(value: Value) -> Option<Self> {
        if let Value::Integer(number) = value { Some(number) } else { None }
    }
}

impl FromValue for bool {
    /// SQLite says 0 and 1.
    fn from_value(value: Value) -> Option<Self> {
        match value {
            Value::Boolean(truth) => Some(truth),
            Value::Integer(number) => Some(number != 0),
            _ => None,
        }
    }
}

impl FromValue for String {
    fn from_value(value: Value) -> Option<Self> {
        if let Value::Text(text) = value { Some(text) } else { None }
    }
}

impl FromValue for Vec<u8> {
    fn from_value(value: Value) -> Option<Self> {
        if let Value::Bytes(bytes) = value { Some(bytes) } else { None }
    }
}

impl FromValue for IdBytes {
    fn from_value(value: Value) -> Option<Self> {
        match value {
            Value::Id(bytes) => Some(bytes),
            Value::Bytes(bytes) => bytes.try_into().ok(),
            _ => None,
        }
    }
}

impl<T: FromValue> FromValue for Option<T> {
    fn from_value(value: Value) -> Option<Self> {
        match value {
            Value::Null => Some(None),
            value => T::from_value(value).map(Some),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_is_read_as_what_it_is_and_nothing_else() {
        let mut row =
            Row::new(vec![Value::Text("a".to_owned()), Value::Null, Value::Bytes(vec![7; 16]), Value::Integer(1)]);
        assert_eq!(row.take::<Option<String>>(0).unwrap().as_deref(), Some("a"));
        assert_eq!(row.take::<Option<i64>>(1).unwrap(), None);
        assert_eq!(row.take::<IdBytes>(2).unwrap(), [7; 16]);
        assert!(row.take::<bool>(3).unwrap());
        assert!(Row::new(vec![Value::Integer(1)]).take::<String>(0).is_err());
        assert!(Row::new(vec![Value::Bytes(vec![1; 15])]).take::<IdBytes>(0).is_err());
        assert!(row.take::<i64>(4).is_err());
    }
}
