//! A secret in clear, for as long as somebody works with it.

use zeroize::Zeroizing;

/// Bytes that cannot be printed, compared, copied or serialized by accident, and are wiped from memory when dropped.
pub struct SecretValue(Zeroizing<Vec<u8>>);

impl SecretValue {
    pub fn new(bytes: Vec<u8>) -> Self {
        Self(Zeroizing::new(bytes))
    }

    pub(crate) fn from_opened(bytes: Zeroizing<Vec<u8>>) -> Self {
        Self(bytes)
    }

    /// The secret itself. Call this only where it is used, never to keep or to show it.
    pub fn expose(&self) -> &[u8] {
        &self.0
    }
}

impl From<String> for SecretValue {
    fn from(text: String) -> Self {
        Self::new(text.into_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whether a type has a trait: the inherent constant wins where its bound is met.
    macro_rules! has {
        ($type:ty: $bound:path) => {{
            #[allow(dead_code, reason = "found by name where the bound is not met")]
            trait Absent {
                const IS: bool = false;
            }
            impl<T> Absent for T {}
            #[allow(dead_code, reason = "only its name is used")]
            struct Asked<T>(std::marker::PhantomData<T>);
            #[allow(dead_code, reason = "found by name where the bound is met")]
            impl<T: $bound> Asked<T> {
                const IS: bool = true;
            }
            Asked::<$type>::IS
        }};
    }

    #[test]
    fn a_secret_is_not_printed_copied_or_compared_by_accident() {
        assert!(has!(String: std::fmt::Debug) && has!(String: Clone), "the question itself works");
        assert!(!has!(SecretValue: std::fmt::Debug) && !has!(SecretValue: std::fmt::Display));
        assert!(!has!(SecretValue: Clone) && !has!(SecretValue: PartialEq));
        assert!(!has!(crate::DataKey: std::fmt::Debug) && !has!(crate::DataKey: Clone));
        assert!(!has!(crate::VaultKey: std::fmt::Debug) && !has!(crate::VaultKey: Clone));
    }

    #[test]
    fn what_was_put_in_is_exposed() {
        assert_eq!(SecretValue::from("ü".to_owned()).expose(), "ü".as_bytes());
    }
}
