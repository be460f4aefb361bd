//! The right to administer the installation, as something one holds.

/// Proof that the caller may administer tenants and connections. Use cases that need it take it as a parameter, so a
/// caller without it cannot even be written.
#[derive(Debug)]
pub struct OperatorAccess {
    _private: (),
}

impl OperatorAccess {
    /// For the command line: whoever may open the data folder and its database already holds everything in it.
    pub fn of_local_administrator() -> Self {
        Self { _private: () }
    }
}
